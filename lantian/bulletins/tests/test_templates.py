"""Word templates: what they may say, what is refused and how it is explained."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from lantian.bulletins import circular, default_template, documents, services
from lantian.bulletins.models import Template
from lantian.bulletins.rules.template import check
from lantian.kit.errors import DomainError, NotAllowed


@pytest.fixture(scope="module")
def sample():
    return circular.context_of(circular.sample())


def word(*paragraphs: str, footer: str = "") -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.sections[0].footer.paragraphs[0].text = footer
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def replaced(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(buffer, "w") as after:
        for part in before.infolist():
            data = before.read(part)
            after.writestr(part, data.replace(old, new) if part.filename == name else data)
    return buffer.getvalue()


def codes(content: bytes, sample) -> list[str]:
    return [trouble.code for trouble in documents.troubles(content, sample)]


def text_of(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_the_default_template_fits_and_is_what_its_script_makes(sample):
    content = documents.default_template()
    assert documents.troubles(content, sample) == []
    with zipfile.ZipFile(io.BytesIO(content)) as kept, zipfile.ZipFile(io.BytesIO(default_template.make())) as made:
        for name in ("word/document.xml", "word/footer1.xml"):
            assert kept.read(name) == made.read(name)


SAID = (
    "总体情况", "名次", "甲县", "逾期任务", "1-1-1", "未报送情况", "乙县：3项", "与2020年5月调度相比", "下月到期", "2020-07-31",
    "数据说明", "审计链锚点：1234:9f86d081", "round-count-1", "某气办〔2020〕8号",
)  # fmt: skip


def test_the_default_template_says_all_sections(sample):
    said = text_of(documents.render(documents.default_template(), sample))
    for part in SAID:
        assert part in said, part
    assert "{" not in said


def test_sections_that_do_not_apply_are_left_out(sample):
    empty = {
        **sample,
        "has_before": False,
        "overdue_list": [],
        "missing_list": [],
        "next_dues": [],
        "departments": [],
        "number": "",
    }
    said = text_of(documents.render(documents.default_template(), empty))
    assert "无逾期任务" in said
    assert "全部按要求报送" in said
    assert "首次调度" in said
    assert "有进展" not in said


def test_text_that_looks_like_markup_or_code_is_printed_as_it_is(sample):
    said = text_of(documents.render(word("{{ issuer }}"), {**sample, "issuer": "<w:p>&{{ city }}"}))
    assert said.strip() == "<w:p>&{{ city }}"


@pytest.mark.parametrize(
    "source",
    [
        "{{ city }} {{ mean.text }} {{ mean.n }} {{ areas|length }}",
        "{% for row in areas %}{{ loop.index }}{{ row.name }}{{ row['mean'].number or '—' }}{% else %}无{% endfor %}",
        "{% if has_before and overdue_list|length > 0 %}{{ before }}{% elif not number %}x{% endif %}",
        "{{ number|default('无文号')|upper }}{{ city ~ month }}",
    ],
)
def test_what_a_template_may_say(sample, source):
    assert check({"body": source}, sample) == []


@pytest.mark.parametrize(
    ("source", "code", "hint"),
    [
        ("{{ citty }}", "unknown", "city"),
        ("{{ mean.nummer }}", "unknown", "number"),
        ("{% for row in areas %}{{ row.nam }}{% endfor %}", "unknown", "name"),
        ("{% for row in area %}{{ row.name }}{% endfor %}", "unknown", "areas"),
        ("{{ row.name }}", "unknown", ""),
        ("{% for row in city %}{{ row }}{% endfor %}", "not_a_list", "areas"),
        ("{{ city.__class__ }}", "unknown", ""),
        ("{{ ''.__class__.__mro__ }}", "forbidden", ""),
        ("{{ cycler.__init__.__globals__ }}", "unknown", ""),
        ("{{ range(10) }}", "forbidden", ""),
        ("{{ city.upper() }}", "forbidden", ""),
        ("{{ 'x' * 1000000000 }}", "forbidden", ""),
        ("{{ 2 ** 99999999 }}", "forbidden", ""),
        ("{% set x = 1 %}", "forbidden", ""),
        ("{% macro m() %}{% endmacro %}", "forbidden", ""),
        ("{% include 'x' %}", "forbidden", ""),
        ("{% import 'os' as os %}", "forbidden", ""),
        ("{{ city|attr('x') }}", "forbidden", ""),
        ("{{ areas|map(attribute='name') }}", "forbidden", ""),
        ("{{ city[0:3] }}", "forbidden", ""),
        (
            "{% for a in areas %}{% for b in areas %}{% for c in areas %}{% endfor %}{% endfor %}{% endfor %}",
            "nesting",
            "2",
        ),
        ("{{ city", "syntax", ""),
        ("{% if city %}", "syntax", ""),
        ("{% for row in areas %}", "syntax", ""),
    ],
)
def test_what_a_template_may_not_say(sample, source, code, hint):
    first = check({"body": source}, sample)[0]
    assert first.code == code, first
    assert hint in first.hint


def test_every_unknown_name_is_listed_once_in_all_parts(sample):
    found = documents.troubles(word("{{ wrong }} {{ wrong }} {{ other }}", footer="{{ third }}"), sample)
    assert [trouble.expression for trouble in found] == ["wrong", "other", "third"]


def test_expressions_in_the_document_properties_are_checked(sample):
    document = docx.Document()
    document.core_properties.title = "{{ ''.__class__ }}"
    buffer = io.BytesIO()
    document.save(buffer)
    assert codes(buffer.getvalue(), sample) == ["forbidden"]


def field(code: str) -> bytes:
    document = docx.Document()
    run = document.add_paragraph().add_run()
    for kind, text in (("begin", ""), ("", code[:3]), ("", code[3:]), ("end", "")):
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._r.append(mark)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_active_content_is_refused(sample):
    plain = word("{{ city }}")
    assert codes(plain, sample) == []
    assert codes(with_part(plain, "word/vbaProject.bin", b"x"), sample) == ["active"]
    assert codes(with_part(plain, "word/embeddings/oleObject1.bin", b"x"), sample) == ["active"]
    external = (
        b'<Relationship Id="rX" Type="http://x/attachedTemplate" Target="http://x/evil.dotm" TargetMode="External"/>'
    )
    rels = "word/_rels/document.xml.rels"
    assert codes(replaced(plain, rels, b"</Relationships>", external + b"</Relationships>"), sample) == ["external"]
    link = external.replace(b"http://x/attachedTemplate", b"http://x/hyperlink")
    assert codes(replaced(plain, rels, b"</Relationships>", link + b"</Relationships>"), sample) == []
    assert codes(field(' DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"'), sample) == ["field"]
    assert codes(field(" PAGE "), sample) == []


def test_broken_files_are_refused(sample):
    plain = word("{{ city }}")
    assert codes(b"not a word file", sample) == ["damaged"]
    assert codes(plain[:500], sample) == ["damaged"]
    assert codes(replaced(plain, "word/document.xml", b"<w:body>", b"<w:body><"), sample) == ["damaged"]
    entity = b'<!DOCTYPE x [<!ENTITY a "b">]>'
    assert codes(replaced(plain, "word/styles.xml", b"<w:styles", entity + b"<w:styles"), sample) == ["entities"]
    assert codes(b"x" * (6 * 1024 * 1024), sample) == ["too_large"]
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 50_000_000)
    assert codes(bomb.getvalue(), sample) == ["bomb"]


def test_each_trouble_has_its_words():
    from lantian.bulletins.rules.template import Trouble

    for code in services._WORDS:
        assert services.words(Trouble(code, "x", "y"))


# --- in the database


def upload(content: bytes, name: str = "通报.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.django_db
def test_a_template_is_put_in_force_replaced_and_taken_away(city):
    office = city.people["office"]
    assert services.active_template() is None
    first = services.upload_template(office, upload(word("{{ city }}：{{ title }}")))
    second = services.upload_template(office, upload(word("{{ title }}")))
    assert services.active_template() == second
    assert Template.objects.filter(is_active=True).count() == 1
    services.use_template(office, first)
    assert services.active_template() == first
    services.use_template(office, None)
    assert services.active_template() is None
    assert Template.objects.count() == 2


@pytest.mark.django_db
def test_a_bad_template_changes_nothing_and_says_every_trouble(city):
    with pytest.raises(DomainError) as caught:
        services.upload_template(city.people["office"], upload(word("{{ citty }} {{ mean.nummer }}")))
    assert "citty" in caught.value.message
    assert "mean.nummer" in caught.value.message
    assert Template.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["dept", "county", "inspector", "town", "admin", "nobody"])
def test_only_the_office_changes_templates(city, login, who):
    person = city.people[who]
    with pytest.raises(NotAllowed):
        services.upload_template(person, upload(word("x")))
    with pytest.raises(NotAllowed):
        services.use_template(person, None)
    client = login(person)
    for name in ("templates", "default_template", "default_sample"):
        assert client.get(reverse(f"bulletins:{name}")).status_code == 403
    assert client.post(reverse("bulletins:restore_template")).status_code == 403


@pytest.mark.django_db
def test_templates_through_the_pages(city, login):
    client = login(city.people["office"])
    address = reverse("bulletins:templates")
    page = client.get(address)
    assert "{{ row.mean }}" in page.text
    assert client.get(reverse("bulletins:default_sample")).status_code == 200
    refused = client.post(address, {"file": upload(word("{{ citty }}"))})
    assert refused.status_code == 400
    assert "citty" in refused.text
    assert client.post(address, {"file": upload(b"x", "x.docx")}).status_code in (400, 422)
    assert client.post(address, {}).status_code == 422
    macro = with_part(word("{{ city }}"), "word/vbaProject.bin", b"x")
    assert client.post(address, {"file": upload(macro, "x.docx")}).status_code == 400
    assert Template.objects.count() == 0
    assert client.post(address, {"file": upload(word("{{ city }}"))}).status_code == 302
    made = Template.objects.get()
    assert text_of(client.get(reverse("bulletins:sample", args=[made.pk])).content).strip() == "某市"
    assert text_of(client.get(reverse("bulletins:template_file", args=[made.pk])).content).strip() == "{{ city }}"
    client.post(reverse("bulletins:restore_template"))
    assert services.active_template() is None
    client.post(reverse("bulletins:use_template", args=[made.pk]))
    assert services.active_template() == made


def test_the_documentation_names_everything_that_a_template_may_use(sample):
    text = (Path(__file__).parents[3] / "docs" / "templates.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z0-9_]+)`", text))
    fields = {key for value in sample.values() if isinstance(value, list) for key in value[0]}
    assert set(sample) | fields <= named
    assert {"text", "number", "unit", "n", "capture", "rule_version", "reason", "label"} <= {
        part for match in re.findall(r"\{\{ mean\.(\w+) \}\}", text) for part in [match]
    }
