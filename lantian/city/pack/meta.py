"""pack.toml: what the pack is, where its files come from, and which documents it holds."""

from __future__ import annotations

from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.model import Document, Meta, Provenance
from lantian.city.pack.reading import Table, read_toml, refuse_twice

FORMAT = 1
FILE = "pack.toml"
SLUG = r"[a-z][a-z0-9-]{1,40}"
DOCUMENT_KINDS = ("city-plan", "county-plan", "other")
LANGUAGES = ("zh-hans", "en")
# Of other documents (.docx, .pdf) only the reader of plans knows the text; quotes in them cannot be checked here.
TEXTS = (".txt", ".md", ".html")


def read_meta(files: PackFiles, faults: Faults) -> tuple[Meta, tuple[Document, ...]] | None:
    """Read pack.toml; None when it cannot be read at all."""
    root = read_toml(files, FILE, faults)
    if root is None:
        return None
    provenance = _provenance(root, files)
    documents = _documents(root, files)
    head = root.table("pack")
    if head.integer("format", low=0) != FORMAT and head.has("format"):
        head.fault("bad-value", f"this pack's format is not {FORMAT}.", "See docs/city-pack.md.", "format")
    meta = Meta(
        slug=head.text("slug", pattern=SLUG, hint="Lower-case letters, digits and '-'."),
        version=head.text("version", pattern=r"\d+\.\d+(\.\d+)?", hint='For example "1.0".'),
        name_zh=head.text("name_zh", name=True),
        name_en=head.text("name_en", name=True),
        adcode=head.text(
            "adcode", pattern=r"\d{4}00", hint="Six digits of a prefecture-level city, for example 140100."
        ),
        province_zh=head.text("province_zh", name=True),
        province_en=head.text("province_en", name=True),
        language=head.choice("language", LANGUAGES),
        issuer_marks=head.texts("issuer_marks", ()),
        provenance=provenance,
    )
    head.done()
    root.done()
    return meta, documents


def _provenance(root: Table, files: PackFiles) -> tuple[Provenance, ...]:
    """One [[file]] per file of the folder: nobody may pass on what they do not know the licence of."""
    tables = root.tables("file")
    found = []
    for table in tables:
        name = table.text("name")
        if name and files.safe(name, table.file, table.line("name")) and not files.exists(name):
            table.fault("missing-file", f"the file {name} is missing.", "Add it, or remove this entry.", "name")
        found.append(Provenance(name, table.text("origin"), table.text("licence"), table.text("note", "")))
        table.done()
    refuse_twice([(table, one.file) for table, one in zip(tables, found, strict=True)], "name", "the file")
    declared = {one.file for one in found}
    for name in files.listed():
        if name not in declared:
            hint = f'Add [[file]] with name = "{name}", origin and licence, or remove the file.'
            root.fault("undeclared-file", f"the folder holds {name!r}, whose origin is not declared.", hint)
    return tuple(found)


def _documents(root: Table, files: PackFiles) -> tuple[Document, ...]:
    tables = root.tables("document", ())
    found = [_document(table, files) for table in tables]
    refuse_twice([(table, one.id) for table, one in zip(tables, found, strict=True)], "id", "the document")
    return tuple(found)


def _document(table: Table, files: PackFiles) -> Document:
    name = table.text("file")
    text = None
    if name and files.safe(name, table.file, table.line("file")):
        declared = (table.file, table.line("file"))
        if name.endswith(TEXTS):
            text = files.text(name, declared=declared)
        else:
            files.binary(name, declared=declared)
    document = Document(
        id=table.text("id", pattern=r"[a-z][a-z0-9-]*", hint="Lower-case letters, digits and '-'."),
        file=name,
        kind=table.choice("kind", DOCUMENT_KINDS),
        title_zh=table.text("title_zh", name=True),
        title_en=table.text("title_en", name=True),
        number=table.text("number", ""),
        issued=table.date("issued", None),
        demonstration=table.flag("demonstration", False),
        text=text or "",
    )
    table.done()
    return document
