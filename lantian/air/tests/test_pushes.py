"""Values that programs send: checked row by row, written once, listed and audited."""

from __future__ import annotations

import json
import math

import pytest

from lantian.air.models import ImportJob
from lantian.air.reading.importing import store_in
from lantian.observations import hooks
from lantian.observations.model import Query
from lantian.records import observing
from lantian.records.models import AuditEntry
from tests.api import Api

pytestmark = pytest.mark.django_db
PATH = "/air/observations?series=long-station&hour_label=begin"


@pytest.fixture(autouse=True)
def data(settings, tmp_path, monkeypatch):
    settings.LANTIAN_DATA = tmp_path / "data"
    monkeypatch.setattr(hooks, "_trail", [observing.receive])
    return settings.LANTIAN_DATA


@pytest.fixture
def api(city):
    return Api(city.people["office"])


def row(hour=0, value=35.5, **more):
    return {
        "time": f"2020-05-01T{hour:02}:00:00+08:00",
        "place": "S1",
        "pollutant": "PM2.5",
        "value": value,
        "unit": "µg/m3",
        **more,
    }


def stored(data):
    return store_in(data).reader().observations(Query()).polars()


def send(api, content, kind, path=PATH):
    return api.client.generic("POST", f"/api/v1{path}", content, content_type=kind, headers=api.headers)


def test_json_is_written_once_and_audited(api, city, data):
    rows = [row(0), row(1, "0.0365", unit="mg/m3"), row(2, None), row(3, 1e1)]
    first = api.post(PATH, {"rows": rows})
    assert first.status_code == 201, first.content
    assert first.json()["written"] == 3
    again = api.post(PATH, {"rows": rows})
    assert (again.status_code, again.json()["repeated"], again.json()["written"]) == (200, True, 0)
    got = stored(data).sort("valid_from")
    assert got["value"].to_list() == [35.5, 36.5, 10.0]
    assert got["valid_from"][0].isoformat() == "2020-04-30T16:00:00+00:00"
    job = ImportJob.objects.get(pk=first.json()["id"])
    assert (job.origin, job.state, job.created_by) == ("push", "done", city.people["office"])
    # The rows are safe before the transaction of the request is: the worker tells the chain of them.
    assert not AuditEntry.objects.filter(action="observations.import").exists()
    assert observing.tell_waiting() == 1
    assert AuditEntry.objects.get(action="observations.import").actor == city.people["office"]


def test_an_idempotency_key_gives_the_first_answer_again(api):
    first = api.post(PATH, {"rows": [row()]}, idempotency_key="hour-0001")
    again = api.post(PATH, {"rows": [row()]}, idempotency_key="hour-0001")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    other = api.post(PATH, {"rows": [row(1)]}, idempotency_key="hour-0001")
    assert other.status_code == 422


def test_faults_are_named_by_row_and_nothing_or_the_good_ones_are_written(api, data):
    rows = [
        row(0),
        row(1, -1),
        row(2, 7, unit="ppb"),
        row(3, 8, pollutant="what"),
        row(4, True),
        row(5, time="1 May"),
        row(0, 36),
    ]
    refused = api.post(PATH, {"rows": rows})
    assert refused.status_code == 422
    named = {(one["row"], one["column"], one["code"]) for one in refused.json()["errors"]}
    assert named == {
        (2, "value", "negative"), (3, "unit", "unit"), (4, "pollutant", "pollutant"), (5, "value", "number"),
        (6, "time", "time"), (7, "time", "other_again"),
    }  # fmt: skip
    assert "1" in next(one["message"] for one in refused.json()["errors"] if one["row"] == 7)
    assert not store_in(data).exists
    done = api.post(PATH + "&on_fault=skip", {"rows": [row(3), *rows[1:3]]})
    assert (done.status_code, done.json()["written"], done.json()["faults"]) == (201, 1, 2)


def test_lines_of_json_and_csv(api, data):
    lines = "\n".join(json.dumps(row(hour)) for hour in (0, 1)) + "\n"
    assert send(api, lines, "application/x-ndjson").json()["written"] == 2
    table = "time,place,pollutant,value,unit\n2020-05-01 02:00,S1,PM2.5,35,µg/m3\n2020-05-01 03:00,S1,PM2.5,x,µg/m3\n"
    refused = send(api, table, "text/csv")
    assert (refused.status_code, refused.json()["errors"][0]["row"]) == (422, 3)
    assert send(api, table, "text/csv", PATH + "&on_fault=skip").json()["written"] == 1
    assert len(stored(data)) == 3


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "JSON"),
        (b'{"rows": 1}', "rows"),
        (b'{"rows": [1]}', "1"),
        (b'{"rows": [{"time": "x", "flag": 1}]}', "flag"),
        (b'{"rows": [{"time": ["x"]}]}', "time"),
        (b"\xff\xfe", "JSON"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_bodies_that_cannot_be_read(api, body, words):
    answer = send(api, body, "application/json")
    assert answer.status_code == 400
    assert words in answer.json()["message"] + answer.json()["hint"]


@pytest.mark.parametrize("value", [1e308, "9" * 400, float(math.pi), "=1+1", "\n", "\x00", "\ud800"])
def test_odd_values_are_refused_not_stumbled_over(api, value):
    assert api.post(PATH, {"rows": [row(0, value)]}).status_code == 422


def test_what_is_declared_and_who_may(api, city):
    assert api.post("/air/observations?series=what&hour_label=end", {"rows": [row()]}).json()["field"] == "series"
    assert api.post("/air/observations?series=long-city", {"rows": [row()]}).status_code == 422
    assert send(api, b"x", "text/plain").status_code == 415
    assert Api(city.people["county"]).post(PATH, {"rows": [row()]}).status_code == 403
    assert Api().post(PATH, {"rows": [row()]}).status_code == 401
    assert Api(city.people["office"], read_only=True).post(PATH, {"rows": [row()]}).status_code == 403
    assert api.post(PATH, {"rows": []}).status_code == 422


def test_times_without_a_zone_are_on_the_declared_clock(api, data):
    path = PATH + "&time_zone=UTC"
    assert (
        api.post(path, {"rows": [row(time="2020-05-01T00:00"), row(time="2020-05-01 09:00+08:00")]}).status_code == 201
    )
    assert [one.hour for one in stored(data)["valid_from"].sort()] == [0, 1]


def test_formats_and_imports_can_be_read(api):
    made = api.post(PATH, {"rows": [row()]}).json()["id"]
    assert {one["name"] for one in api.get("/air/formats").json()} >= {"long", "openair", "daily-aqi"}
    assert api.get("/air/imports").json()["items"][0]["id"] == made
    assert api.get(f"/air/imports/{made}").json()["values"] == 1
    assert api.get("/air/imports/999999").status_code == 404
