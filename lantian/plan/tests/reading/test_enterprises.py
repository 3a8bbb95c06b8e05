"""Names of companies and plants, with brackets, groups and places inside."""

from __future__ import annotations

import pytest

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.entities import find_enterprises
from lantian.plan.reading.normalise import view_of


def names(text: str) -> list[str]:
    view = view_of(text)
    return [name.text for name in find_enterprises(view, 0, len(view), Gazetteer.national())]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "完成海螺（长治）水泥有限公司、金隅(阳泉)建材有限公司改造",
            ["海螺（长治）水泥有限公司", "金隅（阳泉）建材有限公司"],
        ),
        ("华能煤业集团东山煤矿山西有限公司完成改造", ["华能煤业集团东山煤矿山西有限公司"]),
        ("推进大唐太原第三热电厂脱硝改造", ["大唐太原第三热电厂"]),
        ("推进山西晋北新型材料有限公司搬迁", ["山西晋北新型材料有限公司"]),
        ("推进山西国能环保有限公司搬迁", ["山西国能环保有限公司"]),
        ("（由山西晋北新型材料有限公司负责）", ["山西晋北新型材料有限公司"]),
        ("山西晋北新型材料有限公司、永兴焦化厂停产整治", ["山西晋北新型材料有限公司", "永兴焦化厂"]),
        ("淘汰落后的独立焦化厂", []),
        ("山西煤矿、全市铁矿完成治理", []),
    ],
)
def test_names(text, wanted):
    assert names(text) == wanted
