"""The demonstration's register: everything invented is marked, the figures have numbers, the same seed makes the same rows."""

import datetime as dt

import pytest

from lantian.city import clock
from lantian.city.models import Place
from lantian.indicators.context import Context
from lantian.indicators.queries import current
from lantian.sources.models import Boiler, Chp, Enterprise, Furnace, Permit, Work
from lantian.sources.tests.builders import make_enterprise
from lantian.web.demo_register import make_register
from tests.builders import make_city

pytestmark = pytest.mark.django_db
BOX = {"type": "Polygon", "coordinates": [[[112, 38], [113, 38], [113, 39], [112, 39], [112, 38]]]}


def test_the_invented_rows_are_marked_and_give_figures(tmp_path, settings) -> None:
    settings.LANTIAN_DATA = tmp_path
    with clock.travel(dt.date(2020, 6, 22)):
        town = make_city()
        assert make_register() == 0  # no boundaries, nothing to stand in
        Place.objects.filter(pk__in=[one.pk for one in town.areas]).update(boundary=BOX)
        for at, industry in enumerate(["brick", "pellet", "forging", "coking", "casting", "steel"] * 3):
            make_enterprise(f"T{at:04}", f"虚拟厂{at}", industry=industry, area=town.areas[at % 3])
        made = make_register()
        assert made > 60
        assert all(Enterprise.objects.values_list("synthetic", flat=True))
        for kind in (Boiler, Chp, Permit, Work, Furnace):
            assert kind.objects.exists(), kind
        for code in ("coal_boilers_10t_left", "coal_boilers_near_chp_left", "permit_coverage", "kiln_done_share"):
            value = current(code, town.city, Context())
            assert value.number is not None, code
            assert any(note.code == "synthetic" for note in value.notes), code
