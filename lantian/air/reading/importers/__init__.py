"""Importers: one module for each kind of file, registered by `lantian.air.reading.formats.importer`."""
