"""Makes the template that comes with the system: python -m lantian.bulletins.default_template

The look follows the layout of official documents of Party and government organs (GB/T 9704-2012): A4 with margins of
37, 35, 28 and 26 mm, red heading and rule, title in 22 pt, body in 16 pt FangSong with a line of 28 pt, page numbers
between dashes. Fonts are named, not embedded: a computer without them shows its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

SONG, FANG, HEI, KAI = "宋体", "仿宋", "黑体", "楷体"
TITLE_FONT = "方正小标宋简体"
RED = RGBColor(0xC0, 0x00, 0x00)
# Columns of long texts begin at the left.
_LONG = ("row.measure", "row.holders", "row.label", "row.value")
# A fixed day, so that making the template again gives the same file.
_MADE = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - Word's properties carry no zone


class _Maker:
    def __init__(self) -> None:
        self.doc: Any = docx.Document()
        self._page()
        self._base_style()

    def _page(self) -> None:
        section = self.doc.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(28)
        properties = self.doc.core_properties
        properties.author, properties.title, properties.comments = "Lantian", "{{ title }}", ""
        properties.created = properties.modified = _MADE
        properties.last_modified_by, properties.revision = "Lantian", 1

    def _base_style(self) -> None:
        style = self.doc.styles["Normal"]
        style.font.name, style.font.size = "Times New Roman", Pt(16)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), FANG)
        layout = style.paragraph_format
        layout.space_before = layout.space_after = Pt(0)
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)

    def line(
        self, text: str = "", *, font: str = FANG, size: float = 16, bold: bool = False, red: bool = False,
        align: Any = None, indent: bool = False, spacing: float | None = None, before: float = 0,
    ) -> Any:  # fmt: skip
        """Add a paragraph; `indent`: its first line by two characters."""
        paragraph = self.doc.add_paragraph()
        _write(paragraph, text, font=font, size=size, bold=bold, red=red)
        layout = paragraph.paragraph_format
        if align is not None:
            paragraph.alignment = align
        if indent:
            layout.first_line_indent = Pt(size * 2)
        if spacing:
            layout.line_spacing = Pt(spacing)
        layout.space_before = Pt(before)
        return paragraph

    def heading(self, text: str) -> None:
        """A first-level heading (一、), kept with what follows."""
        paragraph = self.line(text, font=HEI, indent=True)
        paragraph.paragraph_format.keep_with_next = True

    def body(self, text: str) -> None:
        self.line(text, indent=True)

    def table(self, head: list[str], loop: str, cells: list[str], widths: list[int]) -> None:
        """A table whose second row repeats: the tags of the loop stand in rows of their own, which vanish."""
        table = self.doc.add_table(rows=4, cols=len(head), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for at, text in enumerate(head):
            _cell(table.rows[0].cells[at], text, HEI)
        _repeat_on_each_page(table.rows[0])
        _cell(table.rows[1].cells[0], f"{{%tr for row in {loop} %}}", FANG)
        for at, text in enumerate(cells):
            _cell(table.rows[2].cells[at], text, FANG, left=any(name in text for name in _LONG))
        _cell(table.rows[3].cells[0], "{%tr endfor %}", FANG)
        for at, width in enumerate(widths):
            table.columns[at].width = Mm(width)
        for row in table.rows:
            _keep_together(row)
            for at, width in enumerate(widths):
                row.cells[at].width = Mm(width)
                row.cells[at].vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER

    @contextlib.contextmanager
    def only_if(self, condition: str, otherwise: str = "") -> Iterator[None]:
        """What is added inside stands there if the condition holds; else the paragraph `otherwise`, if there is one."""
        self.line(f"{{%p if {condition} %}}")
        yield
        if otherwise:
            self.line("{%p else %}")
            self.body(otherwise)
        self.line("{%p endif %}")

    def rule(self) -> None:
        """The red line below the heading."""
        paragraph = self.line("", spacing=6)
        borders = OxmlElement("w:pBdr")
        bottom = OxmlElement("w:bottom")
        for name, value in {"val": "single", "sz": "18", "space": "1", "color": "C00000"}.items():
            bottom.set(qn(f"w:{name}"), value)
        borders.append(bottom)
        paragraph._p.get_or_add_pPr().append(borders)

    def page_numbers(self) -> None:
        footer = self.doc.sections[0].footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _write(footer, "— ", font=SONG, size=14)
        run = footer.add_run()
        _font(run, SONG, 14)
        for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
            if kind:
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
            else:
                mark = OxmlElement("w:instrText")
                mark.set(qn("xml:space"), "preserve")
                mark.text = text
            run._r.append(mark)
        _write(footer, " —", font=SONG, size=14)


def _font(run: Any, font: str, size: float, bold: bool = False, red: bool = False) -> None:
    run.font.name, run.font.size, run.font.bold = "Times New Roman", Pt(size), bold
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if red:
        run.font.color.rgb = RED


def _write(paragraph: Any, text: str, *, font: str, size: float, bold: bool = False, red: bool = False) -> None:
    _font(paragraph.add_run(text), font, size, bold, red)


def _cell(cell: Any, text: str, font: str, *, left: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.CENTER
    layout = paragraph.paragraph_format
    layout.line_spacing_rule, layout.space_before, layout.space_after = WD_LINE_SPACING.SINGLE, Pt(2), Pt(2)
    _write(paragraph, text, font=font, size=10.5)


def _repeat_on_each_page(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _keep_together(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def make() -> bytes:
    """Return the template as a .docx."""
    maker = _Maker()
    centre, right = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
    _head(maker, centre)
    _text(maker)
    maker.line("{{ issuer }}", align=right, before=28)
    maker.line("{{ date }}", align=right)
    _annex(maker)
    maker.page_numbers()
    buffer = io.BytesIO()
    maker.doc.save(buffer)
    return buffer.getvalue()


def _head(maker: _Maker, centre: Any) -> None:
    with maker.only_if("demonstration"):
        maker.line("{{ demonstration }}", red=True, align=centre, size=12)
    maker.line("{{ issuer }}", font=TITLE_FONT, size=23, red=True, align=centre, spacing=44)
    with maker.only_if("number"):
        maker.line("{{ number }}", align=centre, before=14)
    maker.rule()
    maker.line("{{ title }}", font=TITLE_FONT, size=22, align=centre, spacing=36, before=28)
    maker.line("")


def _text(maker: _Maker) -> None:
    maker.body("根据{{ plan }}逐月调度要求，{{ round }}于{{ due }}截止。截至{{ as_of }}，现将有关情况通报如下。")
    maker.heading("一、总体情况")
    maker.body(
        "本次应报{{ asked.text }}，已报{{ handed_in.text }}，报送率{{ share.text }}，其中迟报{{ late.text }}；未报{{ missing.text }}。"
        "逾期未完成{{ overdue.text }}，平均进度{{ mean.text }}（有进度任务{{ mean.n }}项）。"
    )
    maker.heading("二、各地区情况")
    maker.table(
        ["名次", "地区", "应报", "已报", "报送率", "未报", "逾期", "平均进度"],
        "areas",
        [
            "{{ row.rank or '—' }}", "{{ row.name }}", "{{ row.asked }}", "{{ row.handed_in }}", "{{ row.share.text }}",
            "{{ row.missing }}", "{{ row.overdue }}", "{{ row.mean.text }}",
        ],
        [14, 36, 16, 16, 20, 16, 16, 22],
    )  # fmt: skip
    maker.line("排名规则：{{ rank_rule }}", size=10.5, font=KAI, spacing=18, before=4)
    maker.heading("三、各部门牵头任务情况")
    with maker.only_if("departments", otherwise="本次调度的任务没有牵头部门。"):
        maker.table(
            ["部门", "应报", "已报", "未报", "逾期", "平均进度"],
            "departments",
            ["{{ row.name }}", "{{ row.asked }}", "{{ row.handed_in }}", "{{ row.missing }}", "{{ row.overdue }}", "{{ row.mean.text }}"],
            [56, 20, 20, 20, 20, 20],
        )  # fmt: skip
    _lists(maker)


def _lists(maker: _Maker) -> None:
    maker.heading("四、逾期任务")
    with maker.only_if("overdue_list", otherwise="无逾期任务。"):
        maker.table(
            ["编号", "措施", "承担单位", "完成时限", "逾期天数", "进度%"],
            "overdue_list",
            ["{{ row.code }}", "{{ row.measure }}", "{{ row.holder }}", "{{ row.deadline }}", "{{ row.days }}", "{{ row.percent }}"],
            [16, 64, 26, 22, 16, 12],
        )  # fmt: skip
        with maker.only_if("overdue_more"):
            maker.body("另有{{ overdue_more }}项逾期任务，见系统台账。")
    maker.heading("五、未报送情况")
    with maker.only_if("missing_list", otherwise="全部按要求报送。"):
        maker.line("{%p for row in missing_list %}")
        maker.body("{{ row.name }}：{{ row.count }}项（{{ row.codes }}）。")
        maker.line("{%p endfor %}")
    maker.heading("六、与上次调度对比")
    with maker.only_if("has_before", otherwise="本次为首次调度，无上次可比。"):
        maker.body(
            "与{{ before }}相比，有进展{{ forward.text }}，停滞{{ stuck.text }}，倒退{{ back.text }}，销号{{ done.text }}；"
            "新增逾期{{ newly_overdue.text }}，连续两次未报{{ missing_twice.text }}。"
        )
        maker.table(
            ["地区", "有进展", "停滞", "倒退", "新增逾期", "连续两次未报"],
            "area_moves",
            [
                "{{ row.name }}", "{{ row.forward }}", "{{ row.stuck }}", "{{ row.back }}", "{{ row.newly_overdue }}",
                "{{ row.missing_twice }}",
            ],
            [46, 20, 20, 20, 24, 26],
        )  # fmt: skip
    maker.heading("七、下月到期任务")
    with maker.only_if("next_dues", otherwise="{{ next_month }}没有到期的任务。"):
        maker.table(
            ["编号", "措施", "完成时限", "承担单位", "项数"],
            "next_dues",
            ["{{ row.code }}", "{{ row.measure }}", "{{ row.deadline }}", "{{ row.holders }}", "{{ row.count }}"],
            [16, 62, 24, 42, 12],
        )  # fmt: skip
    _air(maker)


def _air(maker: _Maker) -> None:
    """Measured figures of the month and the targets of the year; left out where nothing is measured."""
    with maker.only_if("has_air"):
        maker.heading("八、环境空气质量")
        with maker.only_if("air_synthetic"):
            maker.line("{{ air_synthetic }}", red=True, size=10.5, spacing=18)
        with maker.only_if("air_city"):
            maker.body(
                "{{ air_month }}，全市环境空气质量综合指数{{ air_city.composite.text }}，PM2.5浓度{{ air_city.pm25.text }}，"
                "优良天数{{ air_city.good.text }}，重污染及以上天数{{ air_city.heavy.text }}"
                "（有效{{ air_city.valid }}天，捕获率{{ air_city.capture }}）。各地区情况如下。"
            )
        maker.table(
            ["名次", "地区", "综合指数", "含沙尘指数", "PM2.5", "PM10", "SO2", "NO2", "CO", "O3", "优良天数", "有效天数", "捕获率"],
            "air_areas",
            [
                "{{ row.rank }}", "{{ row.name }}", "{{ row.composite }}", "{{ row.composite_raw }}", "{{ row.pm25 }}",
                "{{ row.pm10 }}", "{{ row.so2 }}", "{{ row.no2 }}", "{{ row.co }}", "{{ row.o3 }}", "{{ row.good }}",
                "{{ row.valid }}", "{{ row.capture }}",
            ],
            [10, 20, 13, 13, 12, 11, 10, 10, 10, 11, 11, 15, 14],
        )  # fmt: skip
        maker.line("{{ air_basis }}", size=10.5, font=KAI, spacing=18, before=4)
        maker.line("{%p for row in air_notes %}")
        maker.line("{{ row.text }}", size=10.5, font=KAI, spacing=18)
        maker.line("{%p endfor %}")
        with maker.only_if("air_targets"):
            maker.body("截至{{ air_until }}，全市空气质量年度目标完成情况如下。")
            maker.table(
                ["目标", "要求", "目前", "差距", "状态", "沙尘", "有效天数", "捕获率"],
                "air_targets",
                [
                    "{{ row.name }}", "{{ row.aim }}", "{{ row.value.text }}", "{{ row.distance }}", "{{ row.status }}",
                    "{{ row.basis }}", "{{ row.valid }}", "{{ row.capture }}",
                ],
                [34, 26, 22, 20, 18, 14, 16, 12],
            )  # fmt: skip


def _annex(maker: _Maker) -> None:
    paragraph = maker.line("附件", font=HEI)
    paragraph.paragraph_format.page_break_before = True
    maker.line("数据说明", font=TITLE_FONT, size=18, align=WD_ALIGN_PARAGRAPH.CENTER)
    maker.line("口径：{{ count_rule }}", size=10.5, font=KAI, spacing=18)
    maker.table(
        ["序号", "指标", "数值", "n", "覆盖率", "规则版本", "输入版本"],
        "figures",
        [
            "{{ row.no }}", "{{ row.label }}", "{{ row.value }}", "{{ row.n }}", "{{ row.capture }}", "{{ row.rule_version }}",
            "{{ row.input }}",
        ],
        [12, 46, 40, 10, 14, 22, 16],
    )  # fmt: skip
    maker.line("审计链锚点：{{ anchor }}", size=9, font=SONG, spacing=16, before=6)


def main() -> None:
    """Write the template to its place in the package."""
    target = Path(__file__).parent / "data" / "circular.docx"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(make())


if __name__ == "__main__":
    main()
