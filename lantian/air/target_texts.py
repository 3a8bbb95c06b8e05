"""How a target stands, in sentences: what is lacking, what the rest of the year may have, how likely it is."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from lantian.air.targets.likelihood import Likelihood
from lantian.air.targets.model import LikelihoodRules
from lantian.air.targets.plain import rest_value
from lantian.air.targets.progress import decimals_of
from lantian.air.targets.standing import Standing
from lantian.indicators.words import amount, plain, sign
from lantian.kit.choices import Choice, register_family

STATUS = {
    "lost": Choice(
        gettext_lazy("out of reach"), "red", gettext_lazy("Not even the best possible rest of the year keeps it.")
    ),
    "missed": Choice(gettext_lazy("missed"), "red", gettext_lazy("The year is over and the target was not kept.")),
    "behind": Choice(
        gettext_lazy("behind"),
        "orange",
        gettext_lazy("To date the target is not kept; the rest of the year can mend it."),
    ),
    "on_course": Choice(
        gettext_lazy("on course"), "lime", gettext_lazy("To date the target is kept; the rest can still spoil it.")
    ),
    "safe": Choice(gettext_lazy("safe"), "green", gettext_lazy("Whatever the rest of the year brings, it is kept.")),
    "kept": Choice(gettext_lazy("kept"), "green", gettext_lazy("The year is over and the target was kept.")),
    "thin": Choice(
        gettext_lazy("cannot be judged"), "yellow", gettext_lazy("Too few of the days to date have a valid value.")
    ),
    "no_data": Choice(
        gettext_lazy("no data"), "grey", gettext_lazy("The store has no valid day, and nobody has entered a value.")
    ),
    "not_here": Choice(
        gettext_lazy("no data"), "grey", gettext_lazy("The store has no valid day, and nobody has entered a value.")
    ),
    "not_begun": Choice(gettext_lazy("not begun"), "grey", gettext_lazy("The year has not begun.")),
}
ORIGIN = {
    "plan": Choice(gettext_lazy("plan"), "blue", gettext_lazy("A sentence of an adopted plan sets it.")),
    "pack": Choice(gettext_lazy("list"), "azure", gettext_lazy("It stands in the city pack's list of targets.")),
    "demo": Choice(gettext_lazy("invented"), "purple", gettext_lazy("It was invented for the demonstration.")),
}


def register() -> None:
    register_family("air_target", STATUS)
    register_family("air_target_origin", ORIGIN)


def name_of(one: Standing) -> str:
    """The statistic's name in the present language."""
    return one.target.statistic.name(get_language() or "")


def unit_of(one: Standing) -> str:
    """The unit as people read it: nothing for plain numbers, days in words."""
    return {"1": "", "d": _("days"), "名": _("rank places")}.get(one.target.statistic.unit, one.target.statistic.unit)


def aim(one: Standing) -> str:
    """≤ 35 µg/m3."""
    target = one.target
    return f"{sign(target.comparator)} {plain(target.value)} {unit_of(one)}".strip()


def number(one: Standing, value: Decimal | None) -> str:
    """A figure of the target's statistic as it is written."""
    if value is None:
        return "–"
    if one.target.statistic.kind in {"rank", "rank_gain"}:
        return amount(value, 0)
    return amount(value, decimals_of(one.target, one.law))


def distance(one: Standing) -> str:
    """What is lacking or to spare, in words."""
    gap = one.state.distance
    if gap is None:
        return "–"
    if gap > 0:
        return _("%(gap)s lacking") % {"gap": number(one, gap)}
    if gap == 0:
        return _("just kept")
    return _("%(gap)s to spare") % {"gap": number(one, -gap)}


def rest(one: Standing) -> str:
    """What the rest of the year may have; "" where nothing can be said."""
    found = one.state.rest
    if found is None:
        return ""
    if not found.days:
        return _("The year is over.")
    if not found.reachable:
        return _("Even the best possible rest would be too late.")
    if found.safe:
        return _("Nothing can go wrong any more.")
    value = rest_value(found)
    words = {
        "days": found.days,
        "value": "–" if value is None else plain(value),
        "unit": unit_of(one),
        "aim": plain(one.target.value),
    }
    return _rest_sentence(found.kind, words, int(value or 0), found.days)


def _rest_sentence(kind: str, words: dict[str, object], value: int, days: int) -> str:
    if kind == "mean":
        return _("The %(days)s days left may have a mean of at most %(value)s %(unit)s.") % words
    if kind == "good":
        words["spare"] = days - value
        return _("%(value)s of the %(days)s days left must be good; %(spare)s may be lost.") % words
    if kind == "heavy":
        return ngettext(
            "%(value)s more heavy day may come in the %(days)s days left.",
            "%(value)s more heavy days may come in the %(days)s days left.",
            value,
        ) % words  # fmt: skip
    if kind == "above":
        return ngettext(
            "%(value)s more day may lie above %(aim)s in the %(days)s days left.",
            "%(value)s more days may lie above %(aim)s in the %(days)s days left.",
            value,
        ) % words  # fmt: skip
    return _(
        "In the %(days)s days left SO2, NO2, PM10 and PM2.5 may be at most %(value)s %% of their means to date, "
        "if the percentiles of CO and O3 stay."
    ) % words  # fmt: skip


def likelihood_short(one: Standing) -> str:
    """ "63 %", or why there is no number."""
    odds = one.likelihood
    if odds.status == "ok" and odds.percent is not None:
        return percent_text(odds)
    if odds.status == "decided":
        return "–"
    if odds.status == "too_few_years":
        return _("too few years")
    return "–"


def percent_text(odds: Likelihood) -> str:
    """Draws are no proof: never 0 or 100 per cent."""
    percent = odds.percent or 0
    if percent < 1:
        return "< 1 %"
    return "> 99 %" if percent > 99 else f"{percent} %"


def likelihood(one: Standing) -> str:
    """How likely it is, in a sentence that says what it rests on."""
    odds, found = one.likelihood, one.state
    if odds.status == "ok" and odds.rules is not None and found.rest is not None:
        words = {
            "days": found.rest.days, "percent": percent_text(odds), "kept": odds.kept, "judged": odds.judged,
            "draws": odds.rules.draws, "block": odds.rules.block_days,
        }  # fmt: skip
        return _(
            "If the %(days)s days left are like the same days of past years, the target is kept with a likelihood of "
            "%(percent)s (%(draws)s draws of stretches of %(block)s days); taken whole, %(kept)s of %(judged)s past years "
            "would have kept it."
        ) % words  # fmt: skip
    if odds.status == "too_few_years" and odds.rules is not None:
        return _too_few(odds, odds.rules)
    if odds.status == "decided":
        return _("It is decided already.")
    if found.status == "thin":
        return _("No estimate: too few of the days to date are valid.")
    if one.target.statistic.kind in {"rank", "rank_gain"}:
        return _("No estimate: it depends on the other places as well.")
    return _("No estimate without observations.")


def _too_few(odds: Likelihood, rules: LikelihoodRules) -> str:
    if odds.judged < rules.least_years:
        words = {"least": rules.least_years, "n": odds.judged}
        return (
            _("No estimate: it needs the same days of %(least)s past years at least; the store has them of %(n)s.")
            % words
        )
    words = {"least": rules.least_in_stretch, "n": odds.usable}
    return _("No estimate: every stretch of the days left needs %(least)s past years at least; one has %(n)s.") % words
