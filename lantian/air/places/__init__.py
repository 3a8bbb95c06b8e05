"""The Django side of the pages about one place: what is asked, figures out of the store, charts, tables, workbook."""
