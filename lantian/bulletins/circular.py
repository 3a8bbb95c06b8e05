"""The circular (通报) of a dispatch round: every figure with its n and rule version, put together as plain content.

The content is written in the city's language whatever the maker's page speaks: it is an official document. It is kept
with the bulletin, so that the web page, the workbook and the Word file say the same for ever.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.bulletins import air
from lantian.bulletins.rules.figures import Figure, figure, revive
from lantian.city import clock
from lantian.city.models import Place
from lantian.plan import dispatch
from lantian.plan.lines import FIELDS, Line, lines, lines_of
from lantian.plan.models import Assignment, DispatchRound
from lantian.plan.rules import rounds
from lantian.plan.rules.rounds import Balance, Cell
from lantian.plan.rules.states import OPEN_STATES
from lantian.records.chain import anchor

KIND = "dispatch-circular"
MOST_ROWS = 200


def compose(round_: DispatchRound, *, issuer: str = "", number: str = "") -> dict[str, Any]:
    """Return the content of a round's circular as JSON-ready values, as things stand now (or stood when it was closed)."""
    with translation.override(settings.LANGUAGE_CODE):
        return _Composer(round_, issuer, number).content()


def context_of(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a template is rendered with: the content with its figures as objects, and the list of all figures."""
    revived: dict[str, Any] = revive(content)
    return revived


class _Composer:
    """One circular being put together; its view of the round is read once."""

    def __init__(self, round_: DispatchRound, issuer: str, number: str) -> None:
        self.round = round_
        self.view = dispatch.view(round_, None)
        self.comparison = dispatch.comparison(self.view, None)
        self.lines = lines(fact.assignment for fact in self.view.counted)
        self.version = rounds.count_rule()[0]
        self.city = Place.objects.filter(kind=Place.Kind.CITY).first()
        self.today = clock.today()
        closed = round_.closed_at
        self.as_of = timezone.localdate(closed) if closed else self.today
        self.issuer, self.number = issuer.strip(), number.strip()
        self.annex: list[Figure] = []

    def content(self) -> dict[str, Any]:
        city = self.city.name if self.city else ""
        body = {
            "city": city,
            "issuer": self.issuer
            or _("Office of the leading group for air pollution control of %(city)s") % {"city": city},
            "number": self.number,
            "title": _("Circular on the dispatch of %(plan)s, %(year)s-%(month)s")
            % {"plan": self.round.document.title, "year": self.round.month.year, "month": self.round.month.month},
            "plan": self.round.document.title,
            "round": self.round.title,
            "month": pgettext("circular", "%(year)s-%(month)s")
            % {"year": self.round.month.year, "month": self.round.month.month},
            "date": _day(self.today),
            "due": _day(self.round.due_on),
            "as_of": _day(self.as_of),
            "is_closed": self.round.state == DispatchRound.State.CLOSED,
            "demonstration": _("Demonstration: not an official document.") if clock.is_pretended() else "",
            "rank_rule": rounds.rank_rule().explanation_zh,
            **self._totals(self.view.total, "", ""),
            "areas": self._areas(),
            "departments": self._departments(),
            **self._overdue(),
            "missing_list": self._missing(),
            "has_before": self.comparison.before is not None,
            "before": self.comparison.before.title if self.comparison.before else "",
            **self._balance(),
            "area_moves": self._area_moves(),
            **self._next_dues(),
            **self._air(),
        }
        return {
            **body,
            "figures": self._annex_rows(),
            "count_rule": rounds.count_rule()[1],
            "anchor": anchor(),
        }

    def _air(self) -> dict[str, Any]:
        """Measured figures of the air with what they rest on; templates may name `content`, `lineage` is only kept."""
        found = air.section(self.round.month, self.as_of)
        self.annex += found.figures
        return {**found.content, **found.lineage}

    def _figure(self, name: str, label: str, value: Decimal | int | None, unit: str, **more: Any) -> dict[str, Any]:
        made = figure(name, label, value, unit, rule_version=self.version, **more)
        self.annex.append(made)
        return made.plain()

    def _totals(self, cell: Cell, prefix: str, who: str) -> dict[str, Any]:
        """The figures of one row (or of all): counts over what was asked, the mean over what has a progress."""
        item, n = pgettext("circular", "items"), cell.asked
        nothing, silent = (
            pgettext("circular", "nothing was asked"),
            pgettext("circular", "no progress was ever reported"),
        )

        def one(name: str, label: str, value: Decimal | int | None, unit: str, **more: Any) -> dict[str, Any]:
            return self._figure(f"{prefix}{name}", f"{who}{label}", value, unit, **{"n": n, **more})

        return {
            "asked": one("asked", pgettext("circular", "assignments asked"), cell.asked, item),
            "handed_in": one("handed_in", pgettext("circular", "reported"), cell.handed_in, item),
            "share": one("share", pgettext("circular", "share reported"), cell.share_handed_in, "%", reason=nothing),
            "late": one("late", pgettext("circular", "reported late"), cell.late, item),
            "missing": one("missing", pgettext("circular", "not reported"), cell.missing, item),
            "overdue": one("overdue", pgettext("circular", "overdue"), cell.overdue, item),
            "signed_off": one("signed_off", pgettext("circular", "signed off"), cell.signed_off, item),
            "mean": one(
                "mean", pgettext("circular", "mean progress"), cell.mean, "%", n=cell.n, reason=silent,
                capture=Decimal(cell.n) / n if n else None,
            ),
        }  # fmt: skip

    def _areas(self) -> list[dict[str, Any]]:
        names = {place.pk: place for place in self.view.areas}
        ranked = rounds.rank({pk: self.view.by_area.rows[pk] for pk in names}, rounds.rank_rule())
        return [
            {
                "rank": place,
                "name": names[key].name,
                **self._totals(cell, f"area.{names[key].code}.", f"{names[key].name} "),
            }
            for place, key, cell in ranked
        ]

    def _departments(self) -> list[dict[str, Any]]:
        rows = self.view.by_agency.rows
        return [
            {"name": one.short, **self._totals(rows[one.pk], f"agency.{one.pk}.", f"{one.short} ")}
            for one in self.view.agencies
        ]

    def _overdue(self) -> dict[str, Any]:
        rows = [
            (fact.deadline, fact.assignment, fact)
            for fact in self.view.counted
            if fact.status == "overdue" and fact.deadline is not None
        ]
        rows.sort(key=lambda row: row[:2])
        shown = [
            {
                "code": fact.measure,
                "measure": _short(self.lines[fact.assignment].measure),
                "holder": self.lines[fact.assignment].holder_zh,
                "deadline": deadline.isoformat(),
                "days": (self.as_of - deadline).days,
                "percent": "" if fact.percent is None else str(fact.percent),
            }
            for deadline, _pk, fact in rows[:MOST_ROWS]
        ]
        return {"overdue_list": shown, "overdue_more": max(0, len(rows) - MOST_ROWS)}

    def _missing(self) -> list[dict[str, Any]]:
        """Who has not reported, with the numbers of the measures."""
        found: dict[str, list[str]] = defaultdict(list)
        for fact in self.view.counted:
            if not fact.handed_in:
                found[self.lines[fact.assignment].holder_zh].append(fact.measure)
        return [{"name": name, "count": len(codes), "codes": "、".join(codes)} for name, codes in found.items()]

    def _balance(self) -> dict[str, Any]:
        """The comparison with the last round; without one, figures that say so."""
        total = self.comparison.by("all").get("all", Balance())
        known = self.comparison.before is not None
        n, unit, reason = (
            len(self.comparison.moves),
            pgettext("circular", "items"),
            pgettext("circular", "there is no earlier round"),
        )

        def one(name: str, label: str, value: int) -> dict[str, Any]:
            return self._figure(
                f"moves.{name}", label, value if known else None, unit, n=n if known else None, reason=reason
            )

        moves = total.movements
        figures = {
            "forward": one("forward", pgettext("circular", "moved forward"), moves[rounds.FORWARD]),
            "stuck": one("stuck", pgettext("circular", "stuck"), moves[rounds.STUCK]),
            "back": one("back", pgettext("circular", "slid back"), moves[rounds.BACK]),
            "done": one("done", pgettext("circular", "signed off since the last round"), moves[rounds.DONE]),
            "newly_overdue": one("newly_overdue", pgettext("circular", "newly overdue"), total.newly_overdue),
            "missing_twice": one(
                "missing_twice", pgettext("circular", "not reported twice in a row"), total.missing_twice
            ),
        }
        if not known:
            # Nothing to compare with is no broken input: the section is left out, so its figures are too.
            self.annex = [made for made in self.annex if not made.name.startswith("moves.")]
        return figures

    def _area_moves(self) -> list[dict[str, Any]]:
        sums = self.comparison.by("area")
        return [
            {
                "name": place.name,
                "forward": sums[place.pk].movements[rounds.FORWARD],
                "stuck": sums[place.pk].movements[rounds.STUCK],
                "back": sums[place.pk].movements[rounds.BACK],
                "newly_overdue": sums[place.pk].newly_overdue,
                "missing_twice": sums[place.pk].missing_twice,
            }
            for place in self.view.areas
            if place.pk in sums
        ]

    def _next_dues(self) -> dict[str, Any]:
        """What falls due in the month after the round's, by measure and day."""
        first = dispatch.next_month(self.round.month, self.round.month)
        last = dispatch.next_month(first, first) - dt.timedelta(days=1)
        rows = (
            Assignment.objects.live()
            .wholes()
            .filter(
                measure__clause__task__version__document=self.round.document, state__in=OPEN_STATES,
                deadline__gte=first, deadline__lte=last,
            )
            .order_by("deadline", "measure__clause__task__position", "measure__clause__position", "measure__position", "pk")
        )  # fmt: skip
        values = list(rows.values(*FIELDS, "deadline"))
        named = lines_of(values)
        groups: dict[tuple[dt.date, int], list[Line]] = defaultdict(list)
        for row in values:
            groups[(row["deadline"], row["measure"])].append(named[row["pk"]])
        dues = [
            {
                "code": group[0].code,
                "measure": _short(group[0].measure),
                "deadline": deadline.isoformat(),
                "holders": _names([line.holder_zh for line in group]),
                "count": len(group),
            }
            for (deadline, _measure), group in list(groups.items())[:MOST_ROWS]
        ]
        month = pgettext("circular", "%(year)s-%(month)s") % {"year": first.year, "month": first.month}
        return {"next_month": month, "next_dues": dues}

    def _annex_rows(self) -> list[dict[str, Any]]:
        """The annex as printed: each figure of the whole by itself; an area's or department's counts, which share one n,
        in one line, and its mean in another; of a place's air what shares n and capture. (The bulletin keeps every figure
        by itself.)"""
        groups: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
        for one in self.annex:
            groups[_together(one)].append(one)
        rows = [
            _joined(ones) if len(ones) > 1 else _annex_row(ones[0].label, ones[0].text, ones[0])
            for ones in groups.values()
        ]
        return [{"no": at, **row} for at, row in enumerate(rows, start=1)]


def _together(one: Figure) -> tuple[Any, ...]:
    """What stands in one line of the annex: figures of one head that share n, capture and basis."""
    head, _dot, name = one.name.rpartition(".")
    if head.startswith(("area.", "agency.")) and name != "mean":
        return (head,)
    if head.startswith(air.PREFIX) and not head.startswith(f"{air.PREFIX}target"):
        return (head, one.n, one.capture, one.dust)
    return (one.name,)


def _annex_row(label: str, value: str, one: Figure) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": label,
        "value": value,
        "n": "" if one.n is None else str(one.n),
        "capture": "" if one.capture is None else f"{Decimal(one.capture) * 100:.0f}%",
        "rule_version": one.rule_version,
        "input": one.input,
    }


def _joined(figures: list[Figure]) -> dict[str, Any]:
    who = figures[0].label.partition(" ")[0]
    label = f"{who} " + "/".join(one.label.partition(" ")[2] for one in figures)
    return _annex_row(label, "/".join(one.text for one in figures), figures[0])


def _day(day: dt.date) -> str:
    return pgettext("circular", "%(year)s-%(month)s-%(day)s") % {"year": day.year, "month": day.month, "day": day.day}


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _names(names: list[str], shown: int = 6) -> str:
    if len(names) <= shown:
        return "、".join(names)
    return _("%(names)s and others, %(n)s in all") % {"names": "、".join(names[:shown]), "n": len(names)}


def sample() -> dict[str, Any]:
    """Return invented content in which every list has a row: what templates are checked and previewed with."""
    with translation.override(settings.LANGUAGE_CODE):
        return _sample()


def _sample() -> dict[str, Any]:
    version = rounds.count_rule()[0]

    def one(name: str, value: str, unit: str, n: int = 12) -> dict[str, Any]:
        return Figure(name, name, value, unit, n, version, "0.75").plain()

    item = pgettext("circular", "items")
    measured = {
        "composite": one("composite", "4.12", "", 29), "composite_raw": one("composite_raw", "4.31", "", 29),
        "pm25": one("pm25", "31", "µg/m³", 31), "pm10": one("pm10", "78", "µg/m³", 31), "so2": one("so2", "14", "µg/m³", 31),
        "no2": one("no2", "27", "µg/m³", 30), "co": one("co", "1.2", "mg/m³", 31), "o3": one("o3", "168", "µg/m³", 29),
        "good": one("good", "24", pgettext("circular", "days"), 31), "heavy": one("heavy", "0", pgettext("circular", "days"), 31),
        "valid": "29/31", "capture": "97%",
    }  # fmt: skip
    row = {
        "asked": one("asked", "12", item), "handed_in": one("handed_in", "9", item), "share": one("share", "75", "%"),
        "late": one("late", "1", item), "missing": one("missing", "3", item), "overdue": one("overdue", "2", item),
        "signed_off": one("signed_off", "0", item), "mean": one("mean", "41.5", "%", 9),
    }  # fmt: skip
    moves = {
        name: one(f"moves.{name}", "4", item)
        for name in ("forward", "stuck", "back", "done", "newly_overdue", "missing_twice")
    }
    return {
        "city": "某市", "issuer": "某市大气污染防治工作领导小组办公室", "number": "某气办〔2020〕8号",
        "title": "关于某市蓝天保卫战计划2020年6月调度情况的通报", "plan": "某市蓝天保卫战计划", "round": "2020年6月调度",
        "month": "2020年6月", "date": "2020年6月28日", "due": "2020年6月25日", "as_of": "2020年6月27日", "is_closed": True,
        "demonstration": "", "rank_rule": rounds.rank_rule().explanation_zh, **row,
        "areas": [{"rank": 1, "name": "甲县", **row}, {"rank": None, "name": "乙县", **row}],
        "departments": [{"name": "生态环境局", **row}],
        "overdue_list": [
            {"code": "1-1-1", "measure": "淘汰燃煤锅炉", "holder": "甲县", "deadline": "2020-05-31", "days": 27, "percent": "40"}
        ],
        "overdue_more": 0, "missing_list": [{"name": "乙县", "count": 3, "codes": "1-1-1、1-1-2、2-1-1"}],
        "has_before": True, "before": "2020年5月调度", **moves,
        "area_moves": [{"name": "甲县", "forward": 1, "stuck": 1, "back": 0, "newly_overdue": 1, "missing_twice": 0}],
        "next_month": "2020年7月",
        "next_dues": [
            {"code": "3-1-2", "measure": "完成深度治理", "deadline": "2020-07-31", "holders": "甲县、乙县", "count": 2}
        ],
        "figures": [
            {
                "no": 1, "name": "asked", "label": "应报任务", "value": "12项", "n": "12", "capture": "",
                "rule_version": version, "input": "",
            }
        ],
        "has_air": True, "air_month": "2020年5月", "air_until": "2020年6月26日", "air_synthetic": "",
        "air_basis": "浓度和综合指数扣除沙尘，优良天数不扣除。规则air-2/2012；观测数据版本12/3。",
        "air_city": {"name": "某市", **measured},
        "air_areas": [
            {"rank": one("rank", "1", ""), "name": "甲县", **measured}, {"rank": one("rank", "2", ""), "name": "乙县", **measured}
        ],
        "air_notes": [{"text": "乙县：O3的有效天数少于月均值的要求。"}],
        "air_targets": [
            {
                "name": "PM2.5年均浓度", "aim": "≤ 45 µg/m³", "value": one("air.target", "43", "µg/m³", 176), "distance": "余2",
                "status": "达序时", "basis": "扣除沙尘", "valid": "176/178", "capture": "99%",
            }
        ],
        "count_rule": rounds.count_rule()[1], "anchor": f"1234:{'9f86d081' * 8}",
    }  # fmt: skip
