"""The demonstration's register of every pack that has one: imported without a fault, marked as invented."""

from __future__ import annotations

import pytest

from lantian.city.demo import create_demo_people
from lantian.city.pack import load_pack
from lantian.city.pack.locate import find_pack, pack_names
from lantian.city.services import load_pack_into_database
from lantian.sources.models import Enterprise, RegisterImport
from lantian.web import demo_list

pytestmark = pytest.mark.django_db
PACKS = [name for name in pack_names() if (find_pack(name) / "demo" / "sources").is_dir()]


@pytest.mark.parametrize("name", PACKS)
def test_the_register_is_imported_whole(name, settings, tmp_path):
    settings.LANTIAN_DATA = tmp_path
    pack = load_pack(find_pack(name))
    load_pack_into_database(pack)
    create_demo_people(pack)
    made = demo_list.load(pack)
    assert all(set(actions) == {"create"} for job in made for actions in job.summary["counts"].values())
    assert RegisterImport.objects.filter(state="done").count() == len(made) > 0
    for row in Enterprise.objects.all():
        assert row.synthetic == ("虚构" in row.name)
        assert row.area is not None
    assert Enterprise.objects.filter(area_basis="point").count() > 10
