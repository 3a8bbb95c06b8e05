"""Importers: one module for each kind of file, registered by `lantian.air.formats.importer`."""
