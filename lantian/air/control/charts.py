"""Charts of quality control: a stretch of hours with its flags as marks on the curve, capture by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from lantian.air.assessing.hours import rules_text
from lantian.air.assessing.series import is_synthetic
from lantian.air.control.data import HOUR, Stretch, lang, name_of, unit_of
from lantian.air.quality.flags import flags, void_names
from lantian.air.quality.registry import version
from lantian.city import clock
from lantian.kit.charts import Band, Chart, Series, Step

_SUSPECT, _VOID, _OTHER = "#F59F00", "#C92A2A", "#868E96"


def words(names: Sequence[str]) -> str:
    """Return flags in words, unknown ones by their name."""
    known = flags()
    return ", ".join(known[name].label(lang()) if name in known else name for name in names)


def curve(
    name: str,
    source: str,
    quantity: str,
    found: Stretch,
    *,
    title: str,
    without: bool = False,
    first: str = "",
    last: str = "",
) -> Chart:
    """Return the curve of a stretch: flagged values as points of their own; `without`: void ones left out of the curve.

    `first`, `last`: labels of a stretch that is marked.
    """
    void = [bool(set(one) & set(void_names())) for one in found.flags]
    own = [None if without and gone else value for value, gone in zip(found.own, void, strict=True)]
    unit = unit_of(quantity)
    series = [Series(name_of(source), own, unit, texts=[words(one) for one in found.flags] if any(found.flags) else ())]
    if not without:
        series += _marked(found, void, unit)
    series += [Series(name_of(other), values, unit, colour=_OTHER) for other, values in found.others.items()]
    # Hours that are still to come are not expected.
    expected = sum(start + HOUR <= clock.now() for start in found.starts)
    n = sum(value is not None for value in found.own)
    note = " · ".join(
        [
            _("n = %(n)d of %(expected)d hours, capture %(capture)s %%")
            % {"n": n, "expected": expected, "capture": f"{100 * n / expected:.1f}" if expected else "–"},
            _("with a flag: %(n)d, void: %(void)d") % {"n": sum(map(bool, found.flags)), "void": sum(void)},
            _("void values left out") if without else _("raw: void values shown"),
            _("Rules: %s") % ", ".join((rules_text()[0], version())),
        ]
    )
    bands = (Band(first, last, _("this episode")),) if first in found.labels and last in found.labels else ()
    synthetic = any(is_synthetic(one) for one in (source, *found.others))
    return Chart(
        name, title, "lines", found.labels, tuple(series), bands=bands, note=note, synthetic=synthetic, x_name=_("Hour")
    )


def _marked(found: Stretch, void: Sequence[bool], unit: str) -> list[Series]:
    kinds = (
        (
            _("flagged, counts"),
            _SUSPECT,
            [bool(said) and not gone for said, gone in zip(found.flags, void, strict=True)],
        ),
        (_("void, does not count"), _VOID, list(void)),
    )
    return [
        Series(
            label, [value if on else None for value, on in zip(found.own, mask, strict=True)], unit, "points", colour
        )
        for label, colour, mask in kinds
        if any(mask)
    ]


def heat(rows: Sequence[tuple[str, Sequence[float | None]]], days: Sequence[dt.date], synthetic: bool) -> Chart:
    """Return capture by day: a row for each source, per cent of the hours of the six pollutants."""
    steps = (
        Step(0, 24.9, _("hardly any"), "#C92A2A"),
        Step(25, 74.9, _("part"), "#F59F00"),
        Step(75, 94.9, _("most"), "#94D82D"),
        Step(95, 100, _("complete"), "#2F9E44"),
    )
    series = tuple(Series(name, values, "%", decimals=1) for name, values in rows)
    labels = [str(day) for day in days]
    return Chart(
        "capture", _("Capture by day"), "heat", labels, series, steps=steps, x_name=_("Day"), synthetic=synthetic,
        note=_("Hours with a value of those expected, all six pollutants; void values counted as measured."),
        size="tall" if len(rows) > 12 else "",
    )  # fmt: skip
