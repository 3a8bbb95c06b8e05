"""A sentence in its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lantian.plan.rules.passage import Piece, cut, flow, flowing, paragraph_around

TEXT = "前言。\n\n第一句。第二句。（市局牵头）\n\n后记。"


def test_the_paragraph_ends_at_blank_lines():
    at = TEXT.index("第二句")
    first, last = paragraph_around(TEXT, at, at + 4)
    assert TEXT[first:last] == "第一句。第二句。（市局牵头）"


def test_a_text_without_blank_lines_stays_short():
    text = "字" * 9000
    first, last = paragraph_around(text, 4000, 4010, longest=100)
    assert (first, last) == (3900, 4110)


def test_the_first_and_last_paragraph():
    assert paragraph_around(TEXT, 0, 2) == (0, 3)
    end = len(TEXT)
    assert TEXT[slice(*paragraph_around(TEXT, end - 2, end))] == "后记。"


def test_pieces_are_plain_and_marked():
    assert cut("甲乙丙丁", 0, 4, [(1, 2, "x")]) == [Piece("甲"), Piece("乙", "x"), Piece("丙丁")]


def test_overlaps_and_strays_do_no_harm():
    assert cut("甲乙丙丁", 1, 3, [(0, 2, "a"), (1, 4, "b"), (9, 12, "c")]) == [Piece("乙", "a"), Piece("丙", "b")]


spans = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.sampled_from("abc")), max_size=8)


@given(st.text(max_size=50), st.integers(0, 50), st.integers(0, 50), spans)
def test_joined_pieces_are_the_text(text, start, end, marks):
    start, end = min(start, len(text)), min(end, len(text))
    assert "".join(piece.text for piece in cut(text, start, end, marks)) == text[start:end]


def test_a_page_break_inside_a_sentence_is_no_end_of_a_paragraph():
    text = "前。\n\n完成改造的企业有\n\n组织排放。\n\n后。"
    at = text.index("组织")
    assert text[slice(*paragraph_around(text, at, at + 4))] == "完成改造的企业有\n\n组织排放。"


def test_where_a_page_ended_the_text_flows_on():
    assert flowing("企业有\n\n组织排放。\n\n另起一段") == "企业有组织排放。\n另起一段"
    assert flowing("air\nquality") == "air quality"
    assert flowing("（二）优化布局\n\n7. 持续改造") == "（二）优化布局\n7. 持续改造"
    assert flowing("无换行") == "无换行"
    assert flow([Piece("甲有\n\n乙", "x")]) == [Piece("甲有乙", "x")]


@given(st.text(max_size=60))
def test_flowing_changes_only_white_space(text):
    def bare(value):
        return "".join(value.split())

    assert bare(flowing(text)) == bare(text)
