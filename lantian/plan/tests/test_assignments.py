"""Assignments: made from a plan, areas named later, parts, cancelling, deadlines, carrying over."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.city.models import Place
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.plan import services
from lantian.plan.models import Assignment, ClauseAgency, ClauseArea, DocumentVersion, Measure
from lantian.plan.services import Part
from lantian.plan.tests import ledger as lib
from lantian.records.models import AuditEntry, Notification
from tests.builders import make_plan, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(go, city):
    return make_plan(city)


def generate(city, version):
    return services.generate_assignments(city.people["office"], version)


# --- made from the plan


def test_one_for_each_measure_and_area(city, plan):
    made = generate(city, plan)
    assert made.created == Assignment.objects.count() == 3 * 4
    a = lib.led(city)
    assert (a.deadline, a.deadline_basis, a.state, a.area) == (
        dt.date(2020, 9, 30),
        "text",
        "not_started",
        city.areas[0],
    )
    b = lib.unled(city)
    assert (b.deadline, b.deadline_basis) == (dt.date(2020, 12, 31), "plan_end")
    entry = AuditEntry.objects.get(action="plan.generate_assignments")
    assert entry.data["created"] == 12


def test_again_makes_nothing_new(city, plan):
    generate(city, plan)
    lib.submit(city, lib.led(city))
    assert generate(city, plan) == services.Generated(0, 0)
    assert lib.led(city).state == "submitted"
    assert AuditEntry.objects.filter(action="plan.generate_assignments").count() == 1


def test_what_is_missing_is_added(city, plan):
    generate(city, plan)
    lib.led(city).delete()
    assert generate(city, plan).created == 1


def test_holders_hear_of_it_once(city, plan):
    generate(city, plan)
    told = Notification.objects.get(recipient=city.people["county"], kind="plan.assigned")
    assert "3" in told.subject
    assert not Notification.objects.filter(recipient=city.people["office"]).exists()


def test_only_the_office_and_only_an_adopted_city_plan(city, plan):
    with pytest.raises(NotAllowed):
        services.generate_assignments(city.people["county"], plan)
    plan.state = "in_review"
    with pytest.raises(Unlawful):
        generate(city, plan)


def test_a_countys_plan_makes_none(go, city):
    assert generate(city, make_version(city, kind="county_plan")) == services.Generated(0, 0)


def test_without_areas_the_responsible_agencies_carry_it_out(city, plan):
    clause = Measure.objects.get(code="1-1-1").clause
    clause.area_links.all().delete()
    generate(city, plan)
    rows = Assignment.objects.filter(measure__clause=clause)
    assert {row.agency.short for row in rows} == {"生态环境局"}, "who cooperates gets none"
    assert {row.holder_key for row in rows} == {f"agency:{city.agencies['生态环境局'].pk}"}
    assert {row.area for row in rows} == {None}


def test_agencies_each_by_their_duty_without_areas_get_one_each(city, plan):
    clause = Measure.objects.get(code="2-1-1").clause
    clause.area_links.all().delete()
    for short in ("生态环境局", "能源局", "气象局"):
        ClauseAgency.objects.create(clause=clause, agency=city.agencies[short], role="each")
    generate(city, plan)
    assert {a.agency.short for a in Assignment.objects.filter(measure__clause=clause)} == {
        "生态环境局",
        "能源局",
        "气象局",
    }


def test_agencies_beside_areas_verify_and_the_areas_carry_out(city, plan):
    clause = Measure.objects.get(code="2-1-1").clause
    ClauseAgency.objects.create(clause=clause, agency=city.agencies["能源局"], role="each")
    generate(city, plan)
    assert {a.holder for a in Assignment.objects.filter(measure__clause=clause)} == {"area"}


def test_only_cooperating_agencies_and_no_area_still_leave_no_measure_without_a_holder(city, plan):
    clause = Measure.objects.get(code="1-1-1").clause
    clause.area_links.all().delete()
    clause.agencies.update(role="cooperate")
    generate(city, plan)
    assert Assignment.objects.filter(measure__clause=clause).count() == 2 * 2


# --- areas named later


@pytest.fixture
def some(plan):
    clause = Measure.objects.get(code="1-1-1").clause
    clause.area_links.all().delete()
    clause.areas = "some"
    clause.save()
    return clause


def test_areas_concerned_wait_until_the_office_names_them(city, plan, some):
    made = generate(city, plan)
    assert made.waiting == (some,)
    assert not Assignment.objects.filter(measure__clause=some).exists()
    office = city.people["office"]
    first = services.name_areas(office, some, city.areas[:2], reason="会议纪要")
    assert len(first) == 2 * 2
    assert services.name_areas(office, some, city.areas[:2]) == []
    more = services.name_areas(office, some, city.areas[:3])
    assert {a.area for a in more} == {city.areas[2]}
    assert generate(city, plan) == services.Generated(0, 0)
    assert AuditEntry.objects.filter(action="plan.name_areas").count() == 2


def test_what_cannot_be_named(city, plan, some):
    office = city.people["office"]
    with pytest.raises(NotAllowed):
        services.name_areas(city.people["dept"], some, city.areas[:1])
    for places in ([], [city.towns[0]], [city.city]):
        with pytest.raises(DomainError) as refused:
            services.name_areas(office, some, places)
        assert refused.value.field == "places"
    with pytest.raises(Unlawful):
        services.name_areas(office, Measure.objects.get(code="2-1-1").clause, city.areas[:1])
    DocumentVersion.objects.update(state="superseded")
    with pytest.raises(Unlawful):
        services.name_areas(office, some, city.areas[:1])


# --- parts


@pytest.fixture
def whole(city, plan):
    generate(city, plan)
    return lib.led(city)


def divide(city, whole, *parts, by="county", **values):
    return services.decompose(city.people[by], whole, list(parts), **values)


def test_a_county_divides_among_towns_villages_enterprises(city, whole):
    village = lib.village(city.towns[1])
    parts = divide(
        city, whole, Part("town", city.towns[0]), Part("village", village, deadline=dt.date(2020, 8, 1), note="先行"),
        Part("enterprise", enterprise=" 青川砖厂 "),
    )  # fmt: skip
    assert [p.holder for p in parts] == ["town", "village", "enterprise"]
    assert {p.area for p in parts} == {city.areas[0]}
    assert [p.deadline for p in parts] == [dt.date(2020, 9, 30), dt.date(2020, 8, 1), dt.date(2020, 9, 30)]
    assert parts[2].enterprise == "青川砖厂"
    assert parts[2].holder_key == f"enterprise:{city.areas[0].code}:青川砖厂"
    assert whole.version == 2
    for name in ("town", "enterprise"):
        assert Notification.objects.filter(recipient=city.people[name], kind="plan.part").count() == 1


def test_the_same_key_divides_once(city, whole):
    one = divide(city, whole, Part("town", city.towns[0]), key="k", seen_version=1)
    two = divide(city, whole, Part("town", city.towns[0]), key="k", seen_version=1)
    assert one == two


def test_what_cannot_be_a_part(city, whole):
    other = Place.objects.create(code="9900020001", kind="town", name="外镇", parent=city.areas[1])
    far = lib.village(other)
    divide(city, whole, Part("town", city.towns[0]))
    cases = [
        [],
        [Part("town", other)],
        [Part("village", far)],
        [Part("town", city.towns[0])],
        [Part("town", city.towns[1]), Part("town", city.towns[1])],
        [Part("village", city.towns[1])],
        [Part("town", None)],
        [Part("area", city.areas[0])],
        [Part("town", city.areas[0])],
        [Part("enterprise", enterprise=" ")],
        [Part("enterprise", enterprise="长" * 121)],
        [Part("enterprise", enterprise="砖\u202e厂")],
        [Part("town", city.towns[1], deadline=dt.date(2020, 10, 1))],
    ]
    for parts in cases:
        with pytest.raises(DomainError) as refused:
            divide(city, whole, *parts)
        assert refused.value.field == "parts", parts
    assert whole.parts.count() == 1


def test_a_town_divides_its_part_among_its_villages(city, whole):
    [part] = divide(city, whole, Part("town", city.towns[0]))
    inside, outside = lib.village(city.towns[0]), lib.village(city.towns[1])
    with pytest.raises(DomainError):
        divide(city, part, Part("village", outside), by="town")
    [deep] = divide(city, part, Part("village", inside), by="town")
    assert (deep.parent, deep.area) == (part, city.areas[0])
    with pytest.raises(NotAllowed):
        divide(city, deep, Part("enterprise", enterprise="小厂"), by="town")


def test_a_whole_waits_for_its_parts_or_says_why_not(city, whole):
    [part] = divide(city, whole, Part("town", city.towns[0]))
    county = city.people["county"]
    with pytest.raises(DomainError) as refused:
        services.submit(county, whole, statement="完成", evidence=[lib.proof(county)])
    assert refused.value.field == "parts_reason"
    assert "第1镇" in refused.value.message
    lib.submit(city, part, by="town")
    with pytest.raises(DomainError):
        services.submit(county, whole, statement="完成", evidence=[lib.proof(county)])
    services.verify(county, part, reason="属实", check=lib.check())
    step = services.submit(county, whole, statement="完成", evidence=[lib.proof(county)])
    assert step.reason == "完成"


def test_the_reason_for_open_parts_is_kept_with_the_step(city, whole):
    divide(city, whole, Part("town", city.towns[0]))
    county = city.people["county"]
    step = services.submit(
        county, whole, statement="完成", evidence=[lib.proof(county)], parts_reason="该镇已搬迁"
    )  # fmt: skip
    assert "该镇已搬迁" in step.reason


def test_the_holder_of_the_whole_checks_its_parts(city, whole):
    [part] = divide(city, whole, Part("town", city.towns[0]))
    lib.submit(city, part, by="town")
    with pytest.raises(NotAllowed):
        services.verify(city.people["county2"], part, reason="属实", check=lib.check())
    services.return_(city.people["county"], part, reason="缺照片")
    assert part.state == "returned"
    lib.submit(city, part, by="town")
    services.verify(city.people["county"], part, reason="属实", check=lib.check())
    for action, values in (("publicise", {"statement": "公示"}), ("approve", {"reason": "同意"})):
        with pytest.raises(NotAllowed):
            getattr(services, action)(city.people["office"], part, **values)


def test_parts_are_signed_off_with_their_whole(city, whole, go):
    [part] = divide(city, whole, Part("town", city.towns[0]))
    lib.submit(city, part, by="town")
    services.verify(city.people["county"], part, reason="属实", check=lib.check())
    lib.bring_to(city, whole, "signed_off", go)
    part.refresh_from_db()
    assert part.state == "signed_off"
    step = part.steps.last()
    assert (step.action, step.by) == ("approve", city.people["office"])


def test_a_county_drops_a_part_and_may_make_it_again(city, whole):
    [part] = divide(city, whole, Part("town", city.towns[0]))
    with pytest.raises(NotAllowed):
        services.cancel(city.people["town"], part, reason="不想做")
    step = services.cancel(city.people["county"], part, reason="该镇无锅炉")
    assert (step.action, part.state) == ("drop_part", "cancelled")
    [back] = divide(city, whole, Part("town", city.towns[0]))
    assert back.pk == part.pk
    assert back.state == "not_started"


# --- cancel, reinstate, deadline


def test_cancelling_a_whole_cancels_its_parts(city, whole):
    [part] = divide(city, whole, Part("town", city.towns[0]))
    [deep] = divide(city, part, Part("village", lib.village(city.towns[0])), by="town")
    services.cancel(city.people["office"], whole, reason="本县无此类锅炉")
    for record in (whole, part, deep):
        record.refresh_from_db()
        assert record.state == "cancelled"
    with pytest.raises(Unlawful):
        services.reinstate(city.people["office"], part, reason="误取消")
    services.reinstate(city.people["office"], whole, reason="误取消")
    services.reinstate(city.people["office"], part, reason="误取消")
    assert (whole.state, part.state) == ("not_started", "not_started")
    assert not Assignment.objects.live().filter(pk=deep.pk).exists()


def test_another_deadline_needs_a_reason_and_is_audited(city, whole):
    office, day = city.people["office"], dt.date(2020, 8, 31)
    with pytest.raises(DomainError):
        services.set_deadline(office, whole, deadline=day, reason="")
    services.set_deadline(office, whole, deadline=day, reason="提前完成")
    assert (whole.deadline, whole.deadline_basis) == (day, "manual")
    entry = AuditEntry.objects.filter(action="plan.set_deadline").get()
    assert entry.changes == {"deadline": ["2020-09-30", "2020-08-31"], "deadline_basis": ["text", "manual"]}
    with pytest.raises(DomainError) as refused:
        services.set_deadline(office, whole, deadline=day, reason="再点")
    assert refused.value.field == "deadline"


def test_a_part_is_never_due_after_its_whole(city, whole):
    [part] = divide(city, whole, Part("town", city.towns[0]))
    with pytest.raises(DomainError) as refused:
        services.set_deadline(city.people["office"], part, deadline=dt.date(2020, 10, 1), reason="宽限")
    assert refused.value.field == "deadline"


def test_two_open_forms_the_second_is_a_conflict(city, whole):
    office = city.people["office"]
    services.set_deadline(office, whole, deadline=dt.date(2020, 8, 1), reason="甲方", seen_version=1)
    with pytest.raises(Conflict):
        services.set_deadline(
            city.people["office2"], whole, deadline=dt.date(2020, 8, 2), reason="乙方", seen_version=1
        )


# --- a re-issued text


def test_assignments_move_to_the_new_text_with_their_history(city, whole, plan, go):
    from tests.builders import make_measure_copy

    lib.submit(city, whole)
    manual = lib.led(city, area=1)
    services.set_deadline(city.people["office"], manual, deadline=dt.date(2020, 8, 1), reason="提前")
    DocumentVersion.objects.filter(pk=plan.pk).update(state="superseded")
    new = DocumentVersion.objects.create(
        document=plan.document, ordinal=2, state="adopted", file=plan.file, file_name="v2.txt", text=plan.text,
        text_sha256=plan.text_sha256, reader_version="test", parsed={}, imported_by=plan.imported_by,
        imported_at=plan.imported_at, adopted_at=plan.adopted_at, adopted_by=plan.adopted_by,
        period_to=dt.date(2020, 12, 31),
    )  # fmt: skip
    copy = make_measure_copy(whole.measure, new, deadlines=["2020-10-31"])
    made = generate(city, new)
    assert (made.created, made.carried) == (0, 4)
    whole.refresh_from_db(), manual.refresh_from_db()
    assert (whole.measure, whole.state, whole.deadline) == (copy, "submitted", dt.date(2020, 10, 31))
    assert manual.deadline == dt.date(2020, 8, 1), "what a person set stays"
    assert whole.steps.count() == 1
    assert generate(city, new) == services.Generated(0, 0)
    assert ClauseArea.objects.filter(clause=copy.clause).count() == 4
