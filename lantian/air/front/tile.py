"""The city's air in one line, for the home of the whole site on a wall screen."""

from __future__ import annotations

from lantian.air.front.board import board_at
from lantian.air.front.rows import Row, row_of
from lantian.air.queries import store_version
from lantian.city import clock
from lantian.standards.regimes import UnknownDateError


def city_tile() -> Row | None:
    """Return the city's row of now; None before the first import, without a city, or before all law."""
    if store_version() is None:
        return None
    try:
        city = board_at(clock.now()).city
    except UnknownDateError:
        return None
    return row_of(city, "") if city and city.subject else None
