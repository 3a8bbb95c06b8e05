"""Word documents from templates: looked at, checked, rendered. A template never runs anything (see rules/template.py)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import docx
from docxtpl import DocxTemplate
from lxml import etree

from lantian.bulletins.rules.template import Trouble, check, environment
from lantian.kit.ooxml import ContainerError, Limits
from lantian.kit.ooxml import check as check_container

DEFAULT = Path(__file__).parent / "data" / "circular.docx"
LIMITS = Limits(size=5 * 1024 * 1024, unpacked=40 * 1024 * 1024, parts=200)
DOCX_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Fields that fetch or run something when Word opens the document.
_FIELDS = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|MACROBUTTON|RD)\b", re.IGNORECASE)
_ACTIVE = ("vbaproject", "/embeddings/", "/activex/", "afchunk", "vbadata")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


@cache
def default_template() -> bytes:
    """Return the template that comes with the system."""
    return DEFAULT.read_bytes()


def troubles(content: bytes, sample: Mapping[str, Any]) -> list[Trouble]:
    """Return what speaks against a template (nothing: it can be used). `sample` shows the shape of what it may name.

    Codes besides those of `rules.template`: damaged, too_large, bomb, entities, active, external, field, unrenderable.
    """
    try:
        names = check_container(content, LIMITS)
    except ContainerError as error:
        return [Trouble(error.code, str(error.params.get("part") or error.params.get("limit") or ""))]
    found = list(_active_content(content, names))
    if found:
        return found
    try:
        sources = _sources(content)
    except Exception as error:  # python-docx fails in many ways on a file that is no sound document
        return [Trouble("damaged", type(error).__name__)]
    found = check(sources, sample)
    if found:
        return found
    try:
        docx.Document(io.BytesIO(render(content, sample)))
    except Exception as error:  # whatever fails now would fail on the day of the circular
        return [Trouble("unrenderable", str(error)[:200])]
    return []


def _active_content(content: bytes, names: list[str]) -> Iterator[Trouble]:
    for name in names:
        if any(mark in f"/{name.lower()}" for mark in _ACTIVE):
            yield Trouble("active", name)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in names:
            if name.endswith(".rels"):
                yield from _external(name, archive.read(name))
            elif name.startswith("word/") and name.endswith(".xml"):
                yield from _fields(name, archive.read(name))


def _external(name: str, xml: bytes) -> Iterator[Trouble]:
    """Links that a person clicks are harmless; anything else outside is fetched when the document is opened."""
    try:
        relations = etree.fromstring(xml, _PARSER)
    except etree.XMLSyntaxError:
        yield Trouble("damaged", name)
        return
    for relation in relations:
        if relation.get("TargetMode") == "External" and not str(relation.get("Type", "")).endswith("/hyperlink"):
            yield Trouble("external", str(relation.get("Target", ""))[:80])


def _fields(name: str, xml: bytes) -> Iterator[Trouble]:
    try:
        tree = etree.fromstring(xml, _PARSER)
    except etree.XMLSyntaxError:
        yield Trouble("damaged", name)
        return
    # Word may cut a field's code into several runs: they are read together.
    code = "".join(node.text or "" for node in tree.iter(f"{_W}instrText"))
    code += " ".join(str(node.get(f"{_W}instr") or "") for node in tree.iter(f"{_W}fldSimple"))
    if match := _FIELDS.search(code):
        yield Trouble("field", match.group(0))


def _sources(content: bytes) -> dict[str, str]:
    """Return the template's expressions by part: body, headers, footers, footnotes, properties."""
    template = DocxTemplate(io.BytesIO(content))
    template.init_docx()
    found = {"body": template.patch_xml(template.get_xml())}
    for kind, uri in (("header", template.HEADER_URI), ("footer", template.FOOTER_URI)):
        for key, part in template.get_headers_footers(uri):
            found[f"{kind} {key}"] = template.patch_xml(template.get_part_xml(part))
    for part in template.docx.part.package.parts:
        if str(part.partname).endswith("/footnotes.xml"):
            found["footnotes"] = template.patch_xml(part.blob.decode("utf-8"))
    properties = template.docx.core_properties
    names = (
        "author",
        "category",
        "comments",
        "content_status",
        "identifier",
        "keywords",
        "language",
        "subject",
        "title",
    )
    found["properties"] = "\n".join(str(getattr(properties, name) or "") for name in names)
    return found


def render(content: bytes, context: Mapping[str, Any]) -> bytes:
    """Return the document made of a template. Raises jinja2's errors for what `troubles` would have named."""
    template = DocxTemplate(io.BytesIO(content))
    template.render(dict(context), jinja_env=environment(), autoescape=True)
    buffer = io.BytesIO()
    template.save(buffer)
    return buffer.getvalue()
