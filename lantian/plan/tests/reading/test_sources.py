"""From files to text: encodings, kinds told apart by content, tables in place, and errors that say how to mend."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from docx.oxml import OxmlElement
from reportlab.pdfgen.canvas import Canvas

from lantian.plan.reading import SourceError, read_source
from lantian.plan.tests.reading import shapes
from lantian.plan.tests.reading.builders import pdf_file, word_file

TEXT = "云阳市大气污染防治方案\n一、重点任务\n1.淘汰燃煤锅炉。（市生态环境局牵头，各县区落实）\n"


def cells(source):
    (table,) = source.tables
    return [
        [source.text[cell.start : cell.end] for cell in table.cells if cell.row == row]
        for row in range(table.row_count)
    ]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        ("雲陽市大氣污染防治方案。（市生態環境局牽頭，各縣區落實）".encode("big5"), "big5hkscs"),
    ],
)
def test_encodings(data, encoding):
    source = read_source(data, "plan.txt")
    assert source.encoding == encoding
    assert source.text.startswith(("云阳市", "雲陽市"))
    assert "\ufeff" not in source.text


def test_line_ends_are_kept_so_that_offsets_hold():
    text = TEXT.replace("\n", "\r\n")
    assert read_source(text.encode(), "plan.txt").text == text


def test_undecodable_bytes_are_named():
    with pytest.raises(SourceError, match=r"plan\.txt: byte 12 \(line 2, value 0x81\).*save it as UTF-8"):
        read_source(b"ab cd ef gh\n\x81\x02\x03\xff\xfe\x00" * 9, "plan.txt")


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "plan.doc", "save it as .docx"),
        (b"{\\rtf1 hello}", "plan.rtf", "save it as .docx"),
        (b"plain", "plan.pdf", "the content is not PDF"),
        (b"plain", "plan.docx", "the content is not DOCX"),
        (b"PK\x03\x04rubbish", "plan.docx", "damaged"),
        (b"%PDF-1.4 rubbish", "plan.pdf", "damaged or locked"),
    ],
)
def test_other_kinds_of_files_are_refused_with_a_way_out(data, name, words):
    with pytest.raises(SourceError, match=words):
        read_source(data, name)


def test_a_packed_file_that_is_no_word_document():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(SourceError, match="no Word document"):
        read_source(buffer.getvalue(), "list.docx")


def test_a_missing_file(tmp_path):
    with pytest.raises(SourceError, match="cannot be opened"):
        read_source(tmp_path / "nowhere.txt")


def test_content_beats_the_name():
    assert read_source(pdf_file(TEXT), "plan.txt").media == "pdf"
    assert read_source(word_file([TEXT]), "plan").media == "docx"
    assert read_source(b"<!DOCTYPE html><p>a</p>", "plan.txt").media == "html"


def test_a_pdf_of_pictures_is_said():
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.rect(10, 10, 300, 300, fill=1)
    canvas.showPage()
    canvas.save()
    with pytest.raises(SourceError, match="text recognition"):
        read_source(buffer.getvalue(), "scan.pdf")


def test_pipe_and_tab_tables_stay_in_place():
    source = read_source(shapes.MARKDOWN.encode(), "plan.md")
    assert source.text == shapes.MARKDOWN
    assert cells(source)[0] == ["序号", "任务", "时限", "责任单位"]
    assert cells(source)[2][1] == "淘汰国三及以下柴油货车1200辆"
    tabbed = read_source("序号\t任务\t单位\n1\t甲\t市公安局\n".encode(), "plan.txt")
    assert cells(tabbed) == [["序号", "任务", "单位"], ["1", "甲", "市公安局"]]


def test_html_shows_only_what_people_see():
    page = (
        "<html><head><title>标题</title><script>x()</script></head><body><div style='display: none'>暗</div>"
        "<p>第一段<b>粗</b>体</p><p>第二<br>段</p><ul><li>项</li></ul><select><option>选</option></select></body></html>"
    )
    source = read_source(page.encode(), "page.html")
    assert source.text.split("\n") == ["第一段粗体", "第二", "段", "项", ""]
    assert [source.text[a:b] for a, b in source.strong] == ["粗"]


def test_html_with_deep_nesting():
    page = "<div>" * 1500 + "底" + "</div>" * 1500
    assert read_source(page.encode(), "page.html").text.strip() == "底"


def test_html_spans_are_limited():
    page = "<table><tr><td rowspan=99999999 colspan=99999999>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>"
    (table,) = read_source(page.encode(), "page.html").tables
    assert table.column_count <= 40


def test_word_counts_insertions_and_not_deletions():
    document = Document()
    paragraph = document.add_paragraph("原文")
    for tag, inner in (("w:ins", "w:t"), ("w:del", "w:delText")):
        change, run, text = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        text.text = "增" if tag == "w:ins" else "删"
        run.append(text)
        change.append(run)
        paragraph._p.append(change)
    buffer = io.BytesIO()
    document.save(buffer)
    assert read_source(buffer.getvalue(), "plan.docx").text == "原文增\n"


def test_word_bold_is_remembered():
    source = read_source(word_file(["**1.治理钢铁。**完成改造。"]), "plan.docx")
    assert [source.text[a:b] for a, b in source.strong] == ["1.治理钢铁。"]


def test_word_tables_with_merged_cells():
    document = word_file([], [[["甲", "乙"], ["", "丙"]]], merges=[(0, (0, 0), (1, 0))])
    source = read_source(document, "t.docx")
    (table,) = source.tables
    tall = next(cell for cell in table.cells if source.text[cell.start : cell.end] == "甲")
    assert tall.row_span == 2


def test_an_entity_bomb_in_word_is_not_opened():
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        "<w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", bomb)
    assert "aaaa" not in read_source(buffer.getvalue(), "bomb.docx").text
