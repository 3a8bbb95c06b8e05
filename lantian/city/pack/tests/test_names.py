"""Names that must not pass, and names that must."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.city.pack.names import name_trouble


@pytest.mark.parametrize(
    "name", ["忻府区", "Jin'an Town", "清洁取暖领导小组（市级）", "“散乱污”企业", "A·B", "PM2.5 ≤ 35"]
)
def test_good_names(name: str) -> None:
    assert name_trouble(name) == ""


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (" 前", "blanks"),
        ("=HYPERLINK(1)", "formula"),
        ("＝1+1", "formula"),
        ("+86", "formula"),
        ("-1", "formula"),
        ("@SUM(A1)", "formula"),
        ("a\tb", "invisible"),
        ("a\u202eb", "invisible"),
        ("a\u200bb", "invisible"),
        ("<script>", "markup"),
        ("a|b", "markup"),
        ("x" * 81, "longer"),
    ],
)
def test_hostile_names(name: str, trouble: str) -> None:
    assert trouble in name_trouble(name)


@given(st.text())
def test_what_passes_can_stand_in_a_cell_and_a_page(name: str) -> None:
    if not name_trouble(name):
        assert name[0] not in "=+-@"
        assert not set('<>"\n\r\t\0') & set(name)
        assert name == name.strip() != ""
