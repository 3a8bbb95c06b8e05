"""Duplicates are proposed with reasons and merged by people only; nothing is lost, and a merge is taken back."""

from __future__ import annotations

import time

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.records.models import AuditEntry
from lantian.sources import duplicates, queries, services
from lantian.sources.models import Change, Enterprise, Equipment, Merge, Meter
from lantian.sources.services import merging
from lantian.sources.tests.builders import make_enterprise, make_plant
from lantian.sources.tests.test_services import GOOD

pytestmark = pytest.mark.django_db


def found(city, who="office"):
    return [(p.one.code, p.other.code, sorted(p.why)) for p in duplicates.candidates(scope_of(city.people[who]))]


def where(lon, lat):
    return {"lon": lon, "lat": lat, "datum": "WGS-84", "wgs_lon": lon, "wgs_lat": lat}


def test_alike_rows_are_proposed_with_why(city):
    a, b = city.areas[:2]
    make_enterprise("E1", "青川市宏达铸造有限公司", area=a, address="第1镇东街12号", **where(112.70, 38.40))
    make_enterprise("E2", "甲县宏达铸造有限责任公司", area=a, address="第1镇东街12号", **where(112.7005, 38.4003))
    make_enterprise("E3", "宏达铸造厂", area=b)
    make_enterprise("E4", "兴旺砖厂", area=a, **where(112.7001, 38.4))
    make_enterprise("E5", "宏达铸造")
    assert found(city) == [
        ("E1", "E2", ["address", "distance", "name"]),
        ("E1", "E5", ["name"]),
        ("E2", "E5", ["name"]),
        ("E3", "E5", ["name"]),
    ]


def test_two_licences_are_two_enterprises_and_a_slip_is_shown(city):
    make_enterprise("E1", "宏达铸造", area=city.areas[0], credit_code=GOOD)
    make_enterprise("E2", "宏达铸造", area=city.areas[0], credit_code="91140900MA0GXQ0W4T")
    assert found(city) == []
    Enterprise.objects.filter(code="E2").update(credit_code=GOOD[:17] + "4")
    assert found(city) == [("E1", "E2", ["credit", "name"])]


def test_what_was_said_to_be_two_is_not_proposed_again(city):
    one, two = make_enterprise("E1", "宏达铸造"), make_enterprise("E2", "宏达铸造")
    assert len(found(city)) == 1
    merging.not_duplicate(city.people["office"], two, one, reason="两个厂区")
    assert found(city) == []


def test_a_county_sees_only_its_own_pairs(city):
    for n, area in enumerate(city.areas[:2]):
        make_enterprise(f"E{n}1", "宏达铸造", area=area)
        make_enterprise(f"E{n}2", "宏达铸造", area=area)
    assert [pair[:2] for pair in found(city, "county")] == [("E01", "E02")]
    assert found(city, "inspector") == []


def two(city):
    kept = make_plant("E0001", "宏达铸造", area=city.areas[0], phone="1", credit_code="")
    gone = make_plant(
        "E0002", "宏达铸造有限公司", area=city.areas[0], credit_code=GOOD, aliases=["老宏达"], address="某村"
    )
    Meter.objects.create(enterprise=gone, code="E0002.M1", point="E0002")
    return kept, gone


def test_a_merge_takes_the_chosen_fields_and_moves_everything(city):
    kept, gone = two(city)
    take = {"credit_code": "gone", "name": "gone", "address": "gone"}
    made = merging.merge(city.people["office"], kept, gone, take=take, reason="同一企业")
    kept.refresh_from_db()
    assert (kept.name, kept.credit_code, kept.phone, kept.address) == ("宏达铸造有限公司", GOOD, "1", "某村")
    assert kept.aliases == ["老宏达", "宏达铸造"]
    (plant,) = queries.plants()
    assert [line.code for line in plant.lines] == ["E0001.L1", "E0002.L1"]
    assert [o.code for o in plant.outlets] == ["E0001.DA001", "E0002.DA001"]
    assert Meter.objects.get().point == "E0001"
    assert queries.code_now("E0002") == "E0001"
    assert made.fields["credit_code"] == ["", GOOD]
    acts = list(Change.objects.filter(enterprise=kept).values_list("kind", "act").distinct().order_by("kind"))
    assert ("enterprise", "merge") in acts
    assert ("line", "move") in acts
    assert Change.objects.filter(enterprise=gone, act="merge").count() == 1
    assert AuditEntry.objects.filter(action="sources.merge").count() == 1


def test_a_merge_is_taken_back_as_it_was(city):
    kept, gone = two(city)
    before = queries.plants()
    values = Enterprise.objects.order_by("code").values_list("name", "credit_code", "aliases", "address", "phone")
    heads = list(values)
    office = city.people["office"]
    made = merging.merge(office, kept, gone, take={"credit_code": "gone", "address": "gone"}, reason="同一企业")
    undone, stay = merging.split(office, made, reason="看错了")
    assert stay == []
    assert undone.undone_by == office
    assert queries.plants() == before
    assert list(values) == heads
    assert Meter.objects.get().point == "E0002"
    with pytest.raises(Unlawful):
        merging.split(office, made, reason="再来")
    merging.merge(office, kept, gone, take={}, reason="又是同一企业")
    assert Merge.objects.count() == 2


def test_what_was_changed_after_the_merge_stays(city):
    kept, gone = two(city)
    office = city.people["office"]
    made = merging.merge(office, kept, gone, take={"address": "gone"}, reason="同一企业")
    services.change(office, kept, {"address": "新址"}, reason="搬迁")
    new = services.enter(office, "equipment", {"name": "新机", "role": "production"}, enterprise=kept, reason="新增")
    _undone, stay = merging.split(office, made, reason="看错了")
    kept.refresh_from_db()
    assert stay == ["address"]
    assert kept.address == "新址"
    new.refresh_from_db()
    assert new.enterprise == kept
    assert Equipment.objects.filter(enterprise=gone).count() == 2


def test_merges_that_cannot_be(city):
    kept, gone = two(city)
    office = city.people["office"]
    with pytest.raises(DomainError):
        merging.merge(office, kept, kept, take={}, reason="x")
    with pytest.raises(DomainError):
        merging.merge(office, kept, gone, take={}, reason=" ")
    with pytest.raises(Conflict):
        merging.merge(office, kept, gone, take={}, reason="x", seen=(1, 9))
    with pytest.raises(NotAllowed):
        merging.merge(city.people["county2"], kept, gone, take={}, reason="x")
    merging.merge(office, kept, gone, take={}, reason="x")
    third = make_enterprise("E3", "第三")
    with pytest.raises(Unlawful):
        merging.merge(office, third, gone, take={}, reason="x")
    with pytest.raises(Unlawful):
        services.change(office, gone, {"phone": "2"}, reason="x")
    merging.merge(office, third, kept, take={}, reason="x")
    with pytest.raises(Unlawful):
        merging.split(office, Merge.objects.get(gone=gone), reason="x")


def test_the_enterprise_of_a_merged_name_still_sees_its_file(city):
    kept, gone = make_plant("E1", "新名"), make_plant("E2", "青川砖厂")
    merging.merge(city.people["office"], kept, gone, take={}, reason="同一企业")
    assert queries.visible_to(scope_of(city.people["enterprise"])).get() == kept


def test_other_rooms_move_their_references(city, monkeypatch):
    monkeypatch.setattr(merging, "_elsewhere", {})
    seen = []
    merging.register_elsewhere("devices", lambda gone, kept: {"n": [gone, kept]}, seen.append)
    with pytest.raises(ValueError, match="devices"):
        merging.register_elsewhere("devices", lambda gone, kept: None, seen.append)
    kept, gone = two(city)
    made = merging.merge(city.people["office"], kept, gone, take={}, reason="x")
    assert made.elsewhere == {"devices": {"n": ["E0002", "E0001"]}}
    merging.split(city.people["office"], made, reason="y")
    assert seen == [{"n": ["E0002", "E0001"]}]


def test_by_the_pages(city, login):
    kept, gone = two(city)
    client = login(city.people["office"])
    assert "名称相似度" in client.get(reverse("sources:merge")).content.decode()
    url = reverse("sources:compare", args=[kept.code, gone.code])
    page = BeautifulSoup(client.get(url).content, "html.parser")
    assert page.find(attrs={"name": "take_credit_code", "checked": True})["value"] == "gone"
    seen = page.find(attrs={"name": "seen"})["value"]
    said = {
        "take_credit_code": "gone",
        "take_name": "kept",
        "take_address": "gone",
        "take_phone": "kept",
        "reason": "同一企业",
        "seen": seen,
    }
    answer = client.post(url, said)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    made = Merge.objects.get()
    undo = reverse("sources:split", args=[made.pk])
    assert client.post(undo, {"reason": ""}).status_code == 422
    assert client.post(undo, {"reason": "看错了"}).status_code == 302
    assert client.post(url, {"action": "two", "reason": "两个厂"}).status_code == 302
    assert "没有疑似重复的企业" in client.get(reverse("sources:merge")).content.decode()
    assert login(city.people["county2"]).get(url).status_code == 404
    assert login(city.people["inspector"]).get(url).status_code == 403


def test_two_thousand_rows_are_compared_quickly(city):
    names = [
        f"{a}{b}{c}厂"
        for a in "宏兴旺达恒源泰丰"
        for b in "铸造锻压耐火砖瓦"
        for c in "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    ]
    rows = [Enterprise(code=f"E{n:05}", name=name, changed_at=clock.now()) for n, name in enumerate(names)]
    Enterprise.objects.bulk_create(rows)
    start = time.perf_counter()
    duplicates.candidates(scope_of(city.people["office"]))
    assert time.perf_counter() - start < 8
