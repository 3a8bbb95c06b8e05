"""The letterhead: title, document number, issuer and date, and the years that the plan is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from lantian.plan.reading.clean import Document
from lantian.plan.reading.dates import YearContext
from lantian.plan.reading.model import Field
from lantian.plan.reading.numerals import from_chinese

_NUMBER = r"[\u4e00-\u9fff]{1,12}（20\d{2}）(?:第)?\d{1,4}号"
_NUMBER_ALONE = re.compile(rf"^(?:文号|发文字号|文件编号|发文机关字号)?：?({_NUMBER})$", re.M)
_NUMBER_LEADS = re.compile(
    rf"^({_NUMBER})(?=[：《\u4e00-\u9fff]|20\d{{2}}年)|(?:文号|字号)：?({_NUMBER})|({_NUMBER})(?=[\u4e00-\u9fff]{{4,30}}关于印发)",
    re.M,
)
_KIND = (
    r"(?:计划|方案|意见|规划|细则|要点|办法|清单|任务书|措施|预案|行动|攻坚战|责任书|分工|安排|分解表|台账|任务|工作)"
)
_TITLE = re.compile(rf"^(?P<title>[^。；：\n]{{2,74}}?{_KIND}(?:（[^（）\n]{{2,24}}）)?)$", re.M)
_TITLE_TAIL = re.compile(r"^（[^（）\n]{2,20}）$")
_NOTICE = re.compile(
    r"(?:^(?:（[^（）\n]{2,10}）)?|号)(?P<issuer>[^\n《》，。：（）]{4,30}?)\n?关于(?:印发|下发|转发|发布|实施)(?P<title>[^\n]{4,90}?)的(?:通知|函|公告)",
    re.M,
)
_ANNOUNCED = re.compile(
    rf"《(?P<title>[^《》\n]{{4,80}}{_KIND}(?:（[^（）]{{2,24}}）)?)》[^。\n]{{0,40}}(?:同意|通过|批准|印发|转发)"
    r"|(?:现将|制定了?|印发)《(?P<title2>[^《》\n]{4,80})》"
)
_DAY = r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})月(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})日"
_DATE = rf"(?:(?P<year>20\d{{2}})|(?P<cn_year>二[〇零][〇零一二三四五六七八九]{{2}}))年{_DAY}"
_DATE_ALONE = re.compile(
    rf"(?:^|^[^\n]{{2,16}}号(?:[^\n，。；：]{{2,28}}(?:政府|办公[室厅]|委员会|局|指挥部|领导小组))?|^（){_DATE}(?:印发|）)?$",
    re.M,
)
_DATE_MARKED = re.compile(
    rf"(?:成文日期|发文日期|印发日期|发布日期|发布时间|成文时间)：?(?:{_DATE}|(?P<iso>20\d{{2}}-\d{{1,2}}-\d{{1,2}}))"
    rf"|{_DATE.replace('?P<', '?P<p_')}印发"
)
_AUTHORITY = re.compile(
    r"^(?:国务院(?:办公厅)?|中共[^，。；：\n]{2,30}委|[^，。；：\n]{2,80}(?:人民政府|人民政府办公[室厅]|委员会|办公室|办公厅|领导小组|领导组|指挥部|管委会|生态环境局|环境保护局))$"
)
_LETTERHEAD = re.compile(r"^(?P<issuer>[^，。；：\n]{2,40}?)文件$", re.M)
_PLAN_YEARS = re.compile(r"(20\d{2})(?:年?[—\-至](20\d{2}))?年?(?!\d)")
_PROMISED_YEAR = re.compile(
    r"(?<![较比与同—])(20[12]\d)年(?:年)?(?:\d{1,2}月)?(?:底|末)?(?:之)?前|(?<!截)[到至](20[12]\d)年"
)
_LONGEST_SIGNATURE = 200
_SHORTEST_TITLE = 6
_REACH = 4000
_HEADING_NUMBER = re.compile(
    r"(?:第[一二三四五六七八九十\d]{1,3}[章部篇]分?|[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）|\d{1,2}[.、])"
)
_WEB_PAGE = re.compile(r"^(?:来源|信息来源|发布时间|更新时间|当前位置|索引号|浏览次数|序号)：|(?:》》|首页》)|：$")
_ANNEX = re.compile(r"附[件表]\d{0,2}[：、.]?")


@dataclass(slots=True)
class Front:
    """What the letterhead says; each value with its field."""

    title: str = ""
    notice: str | None = None
    number: str | None = None
    issuer: str | None = None
    date: date | None = None
    fields: list[Field] = field(default_factory=list)


def read_front(document: Document, end: int, fallback: str) -> Front:
    """Read the text before the first heading, which ends at `end`; `fallback` titles a document without title."""
    reader = _FrontReader(document, min(end, _REACH))
    reader.number()
    reader.date()
    reader.issuer()
    reader.title(fallback)
    return reader.front


def year_context(front: Front, view: str, today: date) -> YearContext:
    """The years of the plan: from its title, else its date, else its number, else the year named most, else today's."""
    found = _PLAN_YEARS.search(front.title) or (_PLAN_YEARS.search(front.notice) if front.notice else None)
    if found:
        first = int(found.group(1))
        last = int(found.group(2) or first)
        base = first
        if front.date and first < front.date.year <= last:
            base = front.date.year
        return YearContext(base, max(last, base), front.date)
    if front.date:
        return YearContext(front.date.year, front.date.year, front.date)
    in_number = re.search(r"20\d{2}", front.number or "")
    if in_number:
        return YearContext(int(in_number.group()), int(in_number.group()))
    promised = [int(year) for match in _PROMISED_YEAR.finditer(view) for year in match.groups() if year]
    if promised:
        return YearContext(min(promised), max(promised))
    years = re.findall(r"20[12]\d(?=年)", view)
    base = int(max(set(years), key=lambda year: (years.count(year), year))) if years else today.year
    return YearContext(base, base)


class _FrontReader:
    def __init__(self, document: Document, end: int) -> None:
        self.document, self.end, self.front = document, end, Front()
        self.view = document.view[:end]

    def number(self) -> None:
        match = _NUMBER_ALONE.search(self.view) or _NUMBER_LEADS.search(self.view)
        if match:
            group = next(index for index in (1, 2, 3) if match.re.groups >= index and match.group(index))
            # Printed with 〔〕 whatever the file has; the name in front of a number is never a citation's.
            begin, end = match.span(group)
            letterhead = self.view.rfind("文件", begin, end)
            begin = letterhead + 2 if letterhead >= 0 else begin
            self.front.number = self.view[begin:end].replace("（", "〔").replace("）", "〕")
            self._field("number", self.front.number, begin, end, 0.95)

    def date(self) -> None:
        match = (
            _DATE_ALONE.search(self.view)
            or _DATE_ALONE.search(self.document.view)
            or _DATE_MARKED.search(self.document.view)
        )
        if not match:
            return
        day = _to_date({key.removeprefix("p_"): value for key, value in match.groupdict().items() if value})
        if day:
            self.front.date = day
            self._field("date", day.isoformat(), *match.span(), 0.95 if match.re is _DATE_ALONE else 0.75)

    def issuer(self) -> None:
        signature = _DATE_ALONE.search(self.view)
        if signature:
            begin, end = self._signatories(signature.start())
            if begin < end:
                self.front.issuer = re.sub(r"[\s、]+", "、", self.document.text[begin:end])
                self._field("issuer", self.front.issuer, begin, end, 0.95)
                return
        for pattern, sure in ((_NOTICE, 0.85), (_LETTERHEAD, 0.85)):
            match = pattern.search(self.view)
            if match:
                self.front.issuer = self.document.text[slice(*match.span("issuer"))].strip()
                self._field("issuer", self.front.issuer, *match.span("issuer"), sure)
                return

    def _signatories(self, end: int) -> tuple[int, int]:
        """The lines above the date that name an authority: one, or several that issue together."""
        stop = begin = max(0, end - 1)
        while begin > 0 and stop - begin < _LONGEST_SIGNATURE:
            above = self.view.rfind("\n", 0, begin - 1 if begin < stop else begin) + 1
            line = self.view[above:begin].rstrip("\n")
            if not _AUTHORITY.match(line) or (begin < stop and line.endswith("文件")):
                break
            begin = above
        return begin, stop

    def title(self, fallback: str) -> None:
        notice = _NOTICE.search(self.view)
        if notice:
            self.front.notice = self._text(notice.start("issuer"), notice.end())
        span, sure = self._own_title(), 0.95
        if span is None:
            announced = _ANNOUNCED.search(self.view)
            span, sure = (
                (announced.span("title") if announced.group("title") else announced.span("title2"))
                if announced
                else None,
                0.85,
            )
        if span is None and notice:
            span, sure = notice.span("title"), 0.8
        if span is None:
            span, sure = self._first_line(), 0.4
        if span is None:
            self.front.title = fallback
            return
        self.front.title = self._text(*span).strip("《》")
        self._field("title", self.front.title, *span, sure)

    def _own_title(self) -> tuple[int, int] | None:
        """The last line before the text that reads like a plan's title; a bracketed line below belongs to it."""
        lines = [
            match
            for match in _TITLE.finditer(self.view)
            if not re.search(r"通知|文件$|现印发|^现将|^为", match.group()) and not _WEB_PAGE.search(match.group())
        ]
        # 附件2 甲市任务清单 is the title only where nothing else is: a notice lists its annexes the same way.
        found = [match for match in lines if not _ANNEX.match(match.group())] or lines
        if not found:
            return None
        begin, end = found[-1].span("title")
        annex = _ANNEX.match(self.view, begin, end)
        begin = annex.end() if annex and end - annex.end() >= _SHORTEST_TITLE else begin
        following = self.view.find("\n", end)
        if following == end:
            stop = self.view.find("\n", end + 1)
            line = self.view[end + 1 : stop if stop >= 0 else len(self.view)]
            if _TITLE_TAIL.match(line) and re.search(r"\d|试行", line):
                end += 1 + len(line)
        return begin, end

    def _first_line(self) -> tuple[int, int] | None:
        for begin, end in self.document.paragraphs():
            if begin > self.end:
                return None
            number = _HEADING_NUMBER.match(self.document.view, begin, end)
            start = number.end() if number else begin
            stop = self.document.view.find("。", start, end) if number else -1
            end = stop if stop > start + 1 else end
            if 2 <= end - start <= 80 and not _WEB_PAGE.search(self.document.view[begin:end]):
                return start, end
        return None

    def _text(self, begin: int, end: int) -> str:
        return self.document.text[begin:end].replace("\n", "")

    def _field(self, name: str, value: str, begin: int, end: int, confidence: float) -> None:
        self.front.fields.append(Field(name, value, *self.document.source_span(begin, end), confidence))


def _to_date(groups: dict[str, str]) -> date | None:
    try:
        if "iso" in groups:
            return date(*(int(part) for part in groups["iso"].split("-")))
        year = int(groups["year"]) if "year" in groups else from_chinese(groups["cn_year"]) or 0
        return date(year, _number(groups["month"]), _number(groups["day"]))
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isdigit() else from_chinese(text) or 0
