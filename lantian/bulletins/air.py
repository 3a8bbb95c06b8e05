"""The section on air quality of a circular: measured figures of a month with their lineage, and what became of them since.

Asked of the air room when the circular is composed and kept with it. `content["air_asked"]` says what was asked, so that
the same question can be put again later; `content["rests_on"]` names the sources and days of every figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.air import queries as air
from lantian.bulletins.affected import KEY, rests_on
from lantian.bulletins.rules.figures import Figure, figure, figures_in

if TYPE_CHECKING:
    from lantian.air.published import MonthlyAir, PlaceMonth, Printed, TargetToDate

PREFIX = "air."
_DAY = dt.timedelta(days=1)
_PLAIN = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")
_EMPTY = {
    "has_air": False, "air_month": "", "air_until": "", "air_basis": "", "air_synthetic": "", "air_city": {},
    "air_areas": [], "air_notes": [], "air_targets": [],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """`content` goes into the circular's content, `lineage` is kept beside it, `figures` go into its annex."""

    content: dict[str, Any]
    lineage: dict[str, Any]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A printed figure that is another one now: what stood there and what the same question gives now, as texts."""

    name: str
    label: str
    stood: str
    now: str
    stood_n: int | None
    now_n: int | None
    stood_rule: str
    now_rule: str


def section(month: dt.date, as_of: dt.date) -> Section:
    """Return the section of a round's circular: the last whole month before `as_of` (not after the round's), and the
    targets of its year until the day before. Empty without values of that month."""
    first, last = air.month_before(as_of, month)
    return _section(first, last, min(as_of - _DAY, dt.date(last.year, 12, 31)))


def _section(first: dt.date, last: dt.date, until: dt.date) -> Section:
    found = air.monthly_air(first, last, until)
    if found is None:
        return Section(dict(_EMPTY), {}, ())
    maker = _Maker(found)
    content = maker.content()
    lineage = {
        "air_asked": {"first": first.isoformat(), "last": last.isoformat(), "until": until.isoformat()},
        KEY: list(_lineage(found)),
    }
    return Section(content, lineage, tuple(maker.figures))


def fields(codes: Iterable[str] = _PLAIN) -> dict[str, str]:
    """Return {pollutant: how a template calls its figure}: PM2.5 is pm25.

    >>> fields()["PM2.5"], fields()["O3"]
    ('pm25', 'o3')
    """
    return {code: code.lower().replace(".", "") for code in codes}


class _Maker:
    """Turns what the air room says into the content of a document, in the city's language."""

    def __init__(self, found: MonthlyAir) -> None:
        self.found = found
        self.input = f"{found.version.observations}/{found.version.flags}"
        self.figures: list[Figure] = []

    def content(self) -> dict[str, Any]:
        found = self.found
        areas = [self._row(one) for one in found.areas]
        return {
            "has_air": True,
            "air_month": pgettext("circular", "%(year)s-%(month)s")
            % {"year": found.first.year, "month": found.first.month},
            "air_until": _day(found.until),
            "air_basis": self._basis(),
            "air_synthetic": _(
                "Made from invented data of a demonstration: these figures say nothing about a real place."
            )
            if found.synthetic
            else "",
            "air_city": self._row(found.city) if found.city else {},
            "air_areas": areas,
            "air_notes": [{"text": text} for text in self._notes()],
            "air_targets": [self._target(one) for one in found.targets],
        }

    def _basis(self) -> str:
        found = self.found
        words = {
            "law": found.law.name, "rules": next(iter(self.figures)).rule_version if self.figures else "",
            "input": self.input, "hours": found.dust_hours,
        }  # fmt: skip
        if found.dust == "deducted":
            dust = _(
                "Concentrations and composite index without the dust hours of the list (%(hours)s hours of places this month); "
                "good and heavy days counted with them."
            ) % words  # fmt: skip
        else:
            dust = _("Figures of all hours: no dust is deducted.")
        known = found.version.horizon
        words["known"] = "–" if known is None else f"{timezone.localtime(known):%Y-%m-%d %H:%M}"
        made = _(
            "Concentrations in µg/m³, of CO in mg/m³. Rules %(rules)s; observations in version %(input)s (rows/flags), as known "
            "on %(known)s. Means of days, of CO the 95th, of O3 the 90th percentile. Valid days and capture of the index are "
            "those of the scarcest pollutant."
        ) % words  # fmt: skip
        return f"{dust}{made}" if settings.LANGUAGE_CODE.startswith("zh") else f"{dust} {made}"

    def _notes(self) -> Iterator[str]:
        for one in (*self.found.areas, *((self.found.city,) if self.found.city else ())):
            if one.origin is None:
                yield _("%(place)s: nothing is measured here.") % {"place": one.place.name}
            elif one.short:
                yield _("%(place)s: fewer valid days than a monthly mean wants of %(items)s.") % {
                    "place": one.place.name, "items": "、".join(one.short),
                }  # fmt: skip

    def _row(self, one: PlaceMonth) -> dict[str, Any]:
        named = {code: name for code, name in fields(one.figures).items() if code in _PLAIN}
        row: dict[str, Any] = {"name": one.place.name}
        for key, printed in one.figures.items():
            name = named.get(key, key)
            label = f"{one.place.name} {_label(key)}"
            row[name] = self._figure(f"{PREFIX}{one.place.code}.{name}", label, printed, synthetic=one.synthetic)
        index = one.figures["composite"]
        return row | {"valid": f"{index.n}/{index.expected}", "capture": _percent(index)}

    def _target(self, one: TargetToDate) -> dict[str, Any]:
        name = self.found.city.place.name if self.found.city else ""
        label = _("%(city)s %(target)s to %(day)s") % {"city": name, "target": one.name, "day": _day(self.found.until)}
        value = self._figure(f"{PREFIX}target.{one.id}", label, one.figure, synthetic=one.synthetic)
        return {
            "name": one.name, "aim": one.aim.replace("m3", "m³"), "value": value, "distance": one.distance,
            "status": one.status, "basis": _dust(one.figure.dust), "valid": f"{one.figure.n}/{one.figure.expected}",
            "capture": _percent(one.figure),
        }  # fmt: skip

    def _figure(self, name: str, label: str, one: Printed, *, synthetic: bool) -> dict[str, Any]:
        made = figure(
            name, label, one.number, _unit(one.unit), n=one.n, rule_version=one.rule_version,
            reason=pgettext("circular", "no valid data"), capture=one.capture, input=self.input, dust=one.dust,
            synthetic=synthetic,
        )  # fmt: skip
        if one.number is not None:
            # 4.20 was rounded to two decimals: the noughts say so.
            made = replace(made, number=format(one.number, "f"))
        self.figures.append(made)
        return made.plain()


def _label(key: str) -> str:
    words = {
        "rank": pgettext("circular", "rank by the composite index"),
        "composite": pgettext("circular", "composite index"),
        "composite_raw": pgettext("circular", "composite index with dust"),
        "good": pgettext("circular", "good days"),
        "heavy": pgettext("circular", "days of heavy pollution"),
    }
    return words.get(key, key)


def _unit(unit: str) -> str:
    return {"d": pgettext("circular", "days"), "1": ""}.get(unit, unit.replace("m3", "m³"))


def _dust(dust: str) -> str:
    return pgettext("circular", "dust deducted") if dust == "deducted" else pgettext("circular", "all hours")


def _percent(one: Printed) -> str:
    return "–" if one.capture is None else f"{one.capture * 100:.0f}%"


def _day(day: dt.date) -> str:
    return pgettext("circular", "%(year)s-%(month)s-%(day)s") % {"year": day.year, "month": day.month, "day": day.day}


def _lineage(found: MonthlyAir) -> Iterator[dict[str, str]]:
    """Every source, quantity and stretch of days that a printed figure rests on, once."""
    rows = (*found.areas, *((found.city,) if found.city else ()))
    printed = [one for row in rows for one in row.figures.values()] + [one.figure for one in found.targets]
    seen = {
        (source, quantity, one.first, one.last)
        for one in printed
        for source in one.sources
        for quantity in one.quantities
    }
    for source, quantity, first, last in sorted(seen):
        yield rests_on(quantity, first, last + _DAY, source=source)


# -- what became of it ---------------------------------------------------------------------------------------------------


def changed_since(content: Mapping[str, Any]) -> tuple[Changed, ...]:
    """Return the measured figures of a circular that are others now, in the order in which they stand there.

    The circular itself is never changed. Nothing where it prints none.
    """
    asked = content.get("air_asked")
    if not asked:
        return ()
    first, last, until = (dt.date.fromisoformat(asked[name]) for name in ("first", "last", "until"))
    with translation.override(settings.LANGUAGE_CODE):
        fresh = {one.name: one for one in _section(first, last, until).figures}
        stood = [one for one in figures_in(content) if one.name.startswith(PREFIX)]
        return tuple(change for one in stood if (change := _change(one, fresh.get(one.name))) is not None)


def _change(stood: Figure, now: Figure | None) -> Changed | None:
    if now is not None and (now.number, now.n) == (stood.number, stood.n):
        return None
    return Changed(
        stood.name, stood.label, stood.text, now.text if now else pgettext("circular", "no valid data"), stood.n,
        now.n if now else None, stood.rule_version, now.rule_version if now else "",
    )  # fmt: skip
