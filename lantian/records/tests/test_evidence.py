"""Handing in evidence: what is kept, who may, the same form twice."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.records.files import path_of
from lantian.records.models import AuditEntry, Evidence, StoredFile
from lantian.records.services import add_evidence
from lantian.records.tests.samples import exif_of, picture, upload

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
