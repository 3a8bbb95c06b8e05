"""From files to checked rows: formats as data, importers by decorator, faults with row, column and remedy. No Django."""
