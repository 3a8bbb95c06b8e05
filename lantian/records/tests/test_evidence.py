"""Handing in evidence: what is kept, who may, the same form twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.records import queries
from lantian.records.files import path_of
from lantian.records.models import AuditEntry, Evidence, StoredFile
from lantian.records.queries import (
    Usage,
    evidence_visible_to,
    for_strip,
    line_of,
    register_evidence_scope,
    register_evidence_usage,
    usages_of,
)
from lantian.records.services import add_evidence, review_evidence
from lantian.records.tests.samples import exif_of, pdf, picture, upload
from tests.api import Api
from tests.builders import make_user

pytestmark = pytest.mark.django_db
DAY = dt.date(2020, 6, 4)


def add(city, who="county", content=None, name="proof.jpg", **values):
    return add_evidence(
        city.people[who], upload(content or picture(), name), **{"effective_on": DAY, "place": city.areas[0], **values}
    )


def test_a_picture_is_kept_under_its_hash_with_what_it_says_of_itself(city):
    evidence = add(city, content=picture(exif=exif_of()), title="炉子已拆")
    stored = evidence.file
    assert path_of(stored.sha256).read_bytes() == picture(exif=exif_of())
    assert (stored.mime, stored.width, stored.height) == ("image/jpeg", 40, 30)
    assert stored.metadata == {
        "taken_at": "2020-06-01T09:30:00",
        "camera": "Maker Camera 7",
        "latitude": "38.420000",
        "longitude": "112.734167",
    }
    entry = AuditEntry.objects.get(action="evidence.add")
    assert entry.data["sha256"] == stored.sha256
    assert entry.target_name == "炉子已拆"


def test_the_same_content_is_kept_once(city):
    first, second = add(city), add(city, who="county2", place=city.areas[1])
    assert first.pk != second.pk
    assert first.file_id == second.file_id
    assert StoredFile.objects.count() == 1


def test_the_same_form_twice_makes_one_record(city):
    assert add(city, key="form-1").pk == add(city, key="form-1").pk
    assert Evidence.objects.count() == 1


def test_a_key_of_somebody_else_is_refused(city):
    add(city, key="form-1")
    with pytest.raises(Conflict):
        add(city, who="county2", key="form-1")


def test_the_effective_date_cannot_lie_in_the_future(city):
    with pytest.raises(DomainError, match="2999-01-01"):
        add(city, effective_on=dt.date(2999, 1, 1))


def test_who_may_not_add_evidence_is_refused_before_anything_is_kept(city, settings):
    with pytest.raises(NotAllowed):
        add(city, who="public")
    assert not settings.FILES_DIR.exists()


class TestWhoSees:
    @pytest.fixture(autouse=True)
    def _registries(self, monkeypatch):
        """No room's registrations but those of the test."""
        monkeypatch.setattr(queries, "_scopes", [])
        monkeypatch.setattr(queries, "_usages", [])

    def seen(self, city, who: str) -> set[int]:
        return set(evidence_visible_to(scope_of(city.people[who])).values_list("pk", flat=True))

    def test_by_place_agency_and_upload(self, city):
        of_county = add(city)
        of_town = add(city, who="town", place=city.towns[0])
        of_agency = add(city, who="office", place=None, agency=city.agencies["生态环境局"])
        own = add(city, who="enterprise", place=None)
        everything = {of_county.pk, of_town.pk, of_agency.pk, own.pk}
        assert self.seen(city, "office") == self.seen(city, "inspector") == everything
        assert self.seen(city, "county") == {of_county.pk, of_town.pk}
        assert self.seen(city, "town") == {of_town.pk}
        assert self.seen(city, "dept") == {of_agency.pk}
        assert self.seen(city, "dept2") == set()
        assert self.seen(city, "enterprise") == {own.pk}
        assert self.seen(city, "public") == self.seen(city, "admin") == self.seen(city, "nobody") == set()

    def test_by_what_other_rooms_register(self, city):
        evidence = add(city)
        register_evidence_scope(lambda scope: Evidence.objects.filter(place__in=[city.areas[0]]).values("pk"))
        assert self.seen(city, "dept2") == {evidence.pk}
        assert self.seen(city, "public") == set()
        assert review_evidence(city.people["dept2"], evidence, True).review == "accepted"

    def test_usages_are_asked_of_other_rooms(self, city):
        evidence = add(city)
        register_evidence_usage(lambda e, scope: [Usage(f"used {e.pk}", "/x/")] if scope.sees_everything else [])
        assert [u.label for u in usages_of(evidence, scope_of(city.people["office"]))] == [f"used {evidence.pk}"]
        assert usages_of(evidence, scope_of(city.people["county"])) == []

    def test_a_department_does_not_review_what_it_handed_in(self, city):
        evidence = add(city, who="dept", place=None, agency=city.agencies["生态环境局"])
        colleague = make_user("dept-b", "department", agency=city.agencies["生态环境局"])
        for reviewer in (city.people["dept"], colleague, city.people["dept2"], city.people["county"]):
            with pytest.raises(NotAllowed):
                review_evidence(reviewer, evidence, True)
        assert review_evidence(city.people["office"], evidence, True).review == "accepted"


class TestLine:
    def test_replacements_in_order(self, city):
        first = add(city)
        second = add(city, content=picture(colour="red"), replaces=first)
        third = add(city, content=picture(colour="blue"), replaces=second)
        for evidence in (first, second, third):
            assert line_of(evidence) == [first.pk, second.pk, third.pk]
        with pytest.raises(Conflict):
            add(city, replaces=first)
        with pytest.raises(Unlawful):
            review_evidence(city.people["office"], first, True)

    def test_a_strip_shows_state_and_links(self, city, django_assert_num_queries):
        first = add(city, title="旧")
        add(city, content=pdf(), name="新.pdf", replaces=first)
        with django_assert_num_queries(1):
            text = render_to_string(
                "records/evidence_strip.html", {"evidence": list(for_strip(Evidence.objects.all()))}
            )
        assert "已替换" in text
        assert "未审核" in text
        assert reverse("records:evidence_thumb", args=[first.pk]) in text
        assert ">PDF<" in text
        assert render_to_string("records/evidence_strip.html", {"evidence": []}).strip() == ""


def test_evidence_with_an_end(city, login):
    """A permit proves nothing after its last day; the service, the API and the page say the same."""
    with pytest.raises(DomainError) as caught:
        add(city, expires_on=DAY - dt.timedelta(days=1))
    assert caught.value.field == "expires_on"
    end = clock.today()
    made = add(city, expires_on=end)
    assert made.proves_on(end)
    assert not made.proves_on(end + dt.timedelta(days=1))
    assert AuditEntry.objects.get(action="evidence.add").data["expires_on"] == end.isoformat()
    county = city.people["county"]
    assert Api(county).get(f"/evidence/{made.pk}").json()["expires_on"] == end.isoformat()
    address = reverse("records:evidence", args=[made.pk])
    assert end.isoformat() in login(county).get(address).text
    assert "已过期" not in login(county).get(address).text
    with clock.travel(end + dt.timedelta(days=1)):
        assert "已过期" in login(county).get(address).text


def test_the_form_takes_the_end_and_refuses_one_before_the_day(city, login):
    made = add(city)
    address = reverse("records:evidence_replace", args=[made.pk])
    browser = login(city.people["county"])

    def send(end):
        days = {"evidence_effective_on": DAY.isoformat(), "evidence_expires_on": end}
        return browser.post(address, {"evidence_files": [upload(picture(), "permit.jpg")], **days})

    assert send("2020-06-01").status_code == 422
    assert send("2021-06-01").status_code == 302
    assert Evidence.objects.get(replaces=made).expires_on == dt.date(2021, 6, 1)


def test_what_is_accepted_at_this_moment_is_not_replaced(city):
    """The replaced file is read again under its lock: the reviewer may have been quicker."""
    old = add(city)
    review_evidence(city.people["office"], Evidence.objects.get(pk=old.pk), True)
    assert old.review == "pending", "as the county's page showed it"
    with pytest.raises(Unlawful):
        add(city, replaces=old)
