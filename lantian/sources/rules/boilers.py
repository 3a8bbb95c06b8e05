"""Numbers about boilers and plants that plans speak of (data/boilers.toml), as rules with their source. Pure."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources

from lantian.standards.rules import Edition, RuleBook, read_rules


def boiler_rules(day: dt.date) -> Edition:
    """Return the numbers in force on a day; raises OutOfForceError before the first edition.

    >>> str(boiler_rules(dt.date(2020, 9, 30)).number("chp.radius"))
    '15'
    """
    return _book().at(day)


def steam_of(th: float | None, mw: float | None, day: dt.date) -> float | None:
    """Return a boiler's capacity in t/h of steam: as given, else from its heat in MW; None where neither is known.

    >>> steam_of(None, 7, dt.date(2020, 9, 30))
    10.0
    """
    if th is not None or mw is None:
        return th
    return round(mw / float(boiler_rules(day).number("steam.per_mw")), 9)


@cache
def _book() -> RuleBook:
    return read_rules(resources.files("lantian.sources").joinpath("data/boilers.toml").read_text(encoding="utf-8"))
