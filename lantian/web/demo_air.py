"""The demonstration's air: invented hours from the year before the plan up to its present, and then hour by hour.

Only a data folder that a demonstration made has them; they are marked as synthetic wherever they are shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from lantian.air.synthetic.sites import NoSitesError
from lantian.air.synthetic.writing import VERSION, OtherPlanError, Written, plan_of, synthesize
from lantian.city import clock
from lantian.city.pack import CityPack
from lantian.web.demo_clock import issue_day, remember

SEED = 7
_HOUR = dt.timedelta(hours=1)


def make_air(pack: CityPack) -> Iterator[str]:
    """Write what is lacking up to the present hour; yield a line to print before the long first time.

    Not a stage in one transaction: the store keeps its own promise of once and only once, and tells the audit chain.
    """
    data = Path(settings.LANTIAN_DATA)
    remember(data, pack=str(pack.root))
    there = plan_of(data)
    if there is None:
        yield "making the demonstration: air …"
    try:
        _write(
            pack.root, dt.date.fromisoformat(there.start) if there else first_day(pack), there.seed if there else SEED
        )
    except (NoSitesError, OtherPlanError) as error:
        yield f"no new air: {error}"


def first_day(pack: CityPack) -> dt.date:
    """Three whole years before the plan's, which the likelihood of a target needs, and the month before them, so that
    every heating season has something to be compared with."""
    return dt.date(issue_day(pack).year - 4, 12, 1)


def add_newest() -> Written | None:
    """Add the hours that are over by now; None where the folder is no demonstration's or nothing is new. For the worker."""
    data = Path(settings.LANTIAN_DATA)
    there, root = plan_of(data), remember(data).get("pack")
    if there is None or there.version != VERSION or root is None or not clock.is_pretended():
        return None
    return _write(Path(root), dt.date.fromisoformat(there.start), there.seed)


def _write(pack: Path, start: dt.date, seed: int) -> Written:
    return synthesize(Path(settings.LANTIAN_DATA), pack, start=start, until=clock.now(), seed=seed)
