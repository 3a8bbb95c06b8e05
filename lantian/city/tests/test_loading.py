"""A pack into the database, twice, with changes, and back out as a gazetteer."""

from __future__ import annotations

import dataclasses
import stat

import pytest

from lantian.city.demo import logins_path
from lantian.city.models import Agency, LoadedPack, Membership, Place, User
from lantian.city.queries import calendar, gazetteer_from_database, threshold
from lantian.city.services import create_demo_people, load_pack_into_database
from lantian.city.tests.packs import AGENCIES, PLACES, small_pack
from lantian.kit.errors import Conflict, NotAllowed
from lantian.records.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_everything_is_loaded_with_parents_and_boundaries():
    report = load_pack_into_database(small_pack())
    assert (len(report.places.created), len(report.agencies.created)) == (5, 3)
    village = Place.objects.get(code="990001100001")
    assert village.parent.parent.parent.code == "990000"
    assert Place.objects.get(code="990001").boundary["type"] == "Polygon"
    assert [p.name for p in Place.objects.areas()] == ["甲县", "青川经济开发区"]
    assert AuditEntry.objects.get().action == "city.load_pack"


def test_loading_again_changes_nothing(django_assert_max_num_queries):
    load_pack_into_database(small_pack())
    with django_assert_max_num_queries(12):
        report = load_pack_into_database(small_pack())
    assert report.nothing_changed
    assert LoadedPack.objects.count() == AuditEntry.objects.count() == 1


def test_what_the_pack_lost_is_retired_and_can_come_back():
    load_pack_into_database(small_pack())
    report = load_pack_into_database(small_pack(places=PLACES[:-1], agencies=AGENCIES[:1], sha256="b" * 64))
    assert report.places.retired == ["第一村"]
    assert Place.objects.filter(is_active=False).count() == 1
    assert Agency.objects.filter(is_active=True).count() == 1
    assert LoadedPack.objects.count() == 2
    load_pack_into_database(small_pack(sha256="c" * 64))
    assert not Place.objects.filter(is_active=False).exists()


def test_a_changed_name_is_written():
    load_pack_into_database(small_pack())
    renamed = (*PLACES[:1], dataclasses.replace(PLACES[1], name_zh="乙县"), *PLACES[2:])
    report = load_pack_into_database(small_pack(places=renamed, sha256="b" * 64))
    assert report.places.changed == ["乙县"]
    assert Place.objects.get(code="990001").name == "乙县"


def test_a_second_city_is_refused():
    load_pack_into_database(small_pack())
    other = small_pack()
    with pytest.raises(Conflict, match="青川市"):
        load_pack_into_database(dataclasses.replace(other, meta=dataclasses.replace(other.meta, slug="other")))


def test_only_those_with_the_verb_may_load(city):
    with pytest.raises(NotAllowed):
        load_pack_into_database(small_pack(), actor=city.people["office"])


def test_the_gazetteer_of_the_database_equals_the_packs():
    pack = small_pack()
    load_pack_into_database(pack)
    found = gazetteer_from_database()
    assert found == pack.gazetteer()
    assert found.agency("市大气办") == "生态环境局"
    assert found.area("甲县人民政府").code == "990001"


def test_calendar_and_thresholds_come_back():
    pack = small_pack()
    load_pack_into_database(pack)
    assert calendar() == pack.calendar
    assert threshold("assignment.due_soon_days") == 7
    with pytest.raises(KeyError):
        threshold("no.such")


def test_demo_people_keep_their_passwords(settings, tmp_path):
    settings.LANTIAN_DATA = tmp_path
    pack = small_pack()
    load_pack_into_database(pack)
    first = create_demo_people(pack)
    assert stat.S_IMODE(logins_path().stat().st_mode) == 0o600
    assert {login.role for login in first} == {"office", "department", "county", "enterprise", "admin"}
    user = User.objects.get(username=first[0].username)
    assert user.check_password(first[0].password)
    assert create_demo_people(pack) == first
    assert Membership.objects.count() == len(pack.demo_users)


def test_demo_person_whose_password_is_unknown_is_left_alone(settings, tmp_path):
    settings.LANTIAN_DATA = tmp_path
    load_pack_into_database(small_pack())
    User.objects.create_user(username="bangong", password="something-else-1", display_name="王办")
    login = next(one for one in create_demo_people(small_pack()) if one.username == "bangong")
    assert login.password == ""
    assert User.objects.get(username="bangong").check_password("something-else-1")


def test_the_calendar_of_the_builders_is_a_real_one(city):
    assert calendar().dispatch.due == 25


def test_names_and_agencies_that_people_added_survive_a_reload(city):
    from lantian.city.services import name_agency

    LoadedPack.objects.all().delete()
    office = city.people["office"]
    load_pack_into_database(small_pack(places=(PLACES[0],)))
    bureau = Agency.objects.get(short="生态环境局")
    name_agency(office, "环境保护委员会办公室", agency=bureau)
    name_agency(office, "蓝天办", new={"short": "蓝天办"})
    load_pack_into_database(small_pack(places=(PLACES[0],), sha256="b" * 64))
    bureau.refresh_from_db()
    assert "环境保护委员会办公室" in bureau.aliases
    assert Agency.objects.get(short="蓝天办").is_active
    claimed = (dataclasses.replace(AGENCIES[0], names=("市大气办", "蓝天办")), *AGENCIES[1:])
    load_pack_into_database(small_pack(places=(PLACES[0],), agencies=claimed, sha256="c" * 64))
    assert not Agency.objects.get(short="蓝天办").is_active
    assert gazetteer_from_database().agency("蓝天办") == "生态环境局"


def test_an_agency_that_people_made_keeps_its_names_when_the_pack_comes_to_list_it(city):
    from lantian.city.services import name_agency

    LoadedPack.objects.all().delete()
    load_pack_into_database(small_pack(places=(PLACES[0],)))
    name_agency(city.people["office"], "大气污染防治工作专班", new={"short": "大气专班"})
    listed = dataclasses.replace(AGENCIES[0], short="大气专班", full_name="", names=("专班",))
    for digest in "bc":
        load_pack_into_database(small_pack(places=(PLACES[0],), agencies=(*AGENCIES, listed), sha256=digest * 64))
        made = Agency.objects.get(short="大气专班")
        assert (made.by_hand, made.aliases) == (False, ["专班", "大气污染防治工作专班"])
        assert gazetteer_from_database().agency("大气污染防治工作专班") == "大气专班"
