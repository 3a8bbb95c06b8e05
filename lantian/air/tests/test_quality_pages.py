"""Quality control through HTTP: who may, double click and two tabs, what changed, filters, pages without data."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse

from lantian.air.quality.deciding import Fact
from lantian.air.quality.tests.stored import BEGIN, HOUR, append, in_force, ordinary_rows, row, store_of
from lantian.air.services import quality as services
from lantian.bulletins.affected import bulletins, rests_on
from lantian.bulletins.models import Bulletin
from lantian.city import clock
from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.observations import hooks
from lantian.records import observing
from lantian.records.models import AuditEntry, StoredFile
from tests.api import token_for

pytestmark = pytest.mark.django_db
SOURCE = "cnemc-city:甲"


@pytest.fixture
def data(settings, tmp_path, monkeypatch):
    settings.LANTIAN_DATA = tmp_path / "data"
    monkeypatch.setattr(hooks, "_trail", [observing.receive])
    monkeypatch.setattr(hooks, "_finders", {"bulletins": bulletins})
    with clock.travel(dt.date(2020, 6, 10)):
        yield settings.LANTIAN_DATA


@pytest.fixture
def store(city, data):
    """40 ordinary days of two places from 1 May 2020; one spike of SO2 and a range of PM10 in the first, checked."""
    made = store_of(data, ordinary_rows(40, ("甲", "乙")))
    dust = [row(903 + n, "PM10", value) for n, value in enumerate((500, 800, 1200, 800, 500))]
    append(made, "bad", [row(900, "SO2", 200), *dust])
    services.control()
    return made


def fact(hour=900, code="SO2"):
    return Fact(SOURCE, code, BEGIN + hour * HOUR)


def picks(page):
    return [one.replace("&quot;", '"') for one in re.findall(r'name="pick" value="([^"]+)"', page)]


def pick_of(client, item="SO2"):
    page = client.get(reverse("air:review"), {"item": item}).text
    (found,) = [one for one in picks(page) if f"|{item}|" in one]
    return found


def decision(**more):
    return {"action": "accept", "reason": "真实", "key": uuid.uuid4().hex, **more}


def test_the_worker_checks_what_is_new_and_nothing_twice(store):
    assert in_force(store) == {("SO2", 900): "auto.spike", ("PM10", 905): "auto.range"}
    assert services.control() == 0
    assert AuditEntry.objects.filter(action="observations.flags").count() == 1


def test_episodes_are_listed_and_filtered(store, city, login):
    office = login(city.people["office"])
    page = office.get(reverse("air:review")).text
    assert len(picks(page)) == 2
    assert "突变" in page
    assert len(picks(office.get(reverse("air:review"), {"flag": "auto.range"}).text)) == 1
    assert picks(office.get(reverse("air:review"), {"source": "cnemc-city:乙"}).text) == []
    assert picks(office.get(reverse("air:review"), {"last": "2020-05-10"}).text) == []


def test_an_episode_is_accepted_once_however_often_it_is_sent(store, city, login):
    office = login(city.people["office"])
    sent = decision(pick=pick_of(office))
    first = office.post(reverse("air:review"), sent)
    again = office.post(reverse("air:review"), sent)
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"] == reverse("air:decision", args=[sent["key"]])
    assert in_force(store)[("SO2", 900)] == "accepted"
    entries = AuditEntry.objects.filter(action="observations.flags", actor=city.people["office"])
    assert [one.reason for one in entries] == ["真实"]
    other = login(city.people["dept"]).post(reverse("air:review"), sent)
    assert other.status_code == 409


def test_the_second_of_two_tabs_is_refused_and_keeps_what_was_typed(store, city, login):
    office, dept = login(city.people["office"]), login(city.people["dept"])
    pick = pick_of(office)
    assert office.post(reverse("air:review"), decision(pick=pick)).status_code == 302
    late = dept.post(reverse("air:review"), decision(pick=pick, action="void", flag="invalid", reason="日志有故障"))
    assert late.status_code == 409
    assert "日志有故障" in late.text
    assert in_force(store)[("SO2", 900)] == "accepted"


def test_several_at_once_and_back(store, city, login):
    office = login(city.people["office"])
    both = picks(office.get(reverse("air:review")).text)
    done = office.post(reverse("air:review"), decision(pick=both, action="void", flag="maintenance"))
    assert done.status_code == 302
    assert {names.split(",")[-1] for names in in_force(store).values()} == {"maintenance"}
    back = list(picks(office.get(reverse("air:review"), {"flag": "maintenance"}).text))
    assert office.post(reverse("air:review"), decision(pick=back, action="unflag")).status_code == 302
    assert in_force(store) == {("SO2", 900): "auto.spike", ("PM10", 905): "auto.range"}


@pytest.mark.parametrize("wrong", [
    {"reason": ""}, {"action": ""}, {"action": "void"}, {"pick": []}, {"pick": "x|y"}, {"key": "a b"},
])  # fmt: skip
def test_what_is_lacking_is_said(store, city, login, wrong):
    office = login(city.people["office"])
    answer = office.post(reverse("air:review"), {**decision(pick=pick_of(office)), **wrong})
    assert answer.status_code == 422 or answer.status_code == 400
    assert in_force(store)[("SO2", 900)] == "auto.spike"


def test_the_page_of_a_decision_shows_what_changed_and_who_rests_on_it(store, city, login):
    bulletin(city)
    office = login(city.people["office"])
    sent = decision(pick=pick_of(office), action="void", flag="invalid")
    page = office.post(reverse("air:review"), sent, follow=True).text
    for text in ("日均值", "28.", "通报第一期", "真实", "2020-06-07"):
        assert text in page, text
    machine = {"HTTP_AUTHORIZATION": f"Bearer {token_for(city.people['office'])}"}
    found = office.get(f"/api/v1/air/decisions/{sent['key']}", **machine).json()
    day = found["figures"][0]
    assert (day["figure"], day["first"], day["old_n"], day["new_n"]) == ("air.day", "2020-06-07", 24, 23)
    assert day["old"] > day["new"]
    assert [one["kind"] for one in found["dependants"]] == ["bulletin"]
    assert found["computed"] is True


def bulletin(city):
    """A bulletin that prints a mean of June."""
    now = clock.now()
    file = StoredFile.objects.create(sha256="0" * 64, size=1, mime="text/plain", stored_at=now)
    content = {"rests_on": [rests_on("SO2", dt.date(2020, 6, 1), dt.date(2020, 7, 1), place="甲")]}
    return Bulletin.objects.create(
        kind="air", title="通报第一期", file=file, content=content, audit_seq=1, audit_hash="0" * 64,
        made_by=city.people["office"], made_at=now,
    )  # fmt: skip


def test_an_episode_with_its_neighbours_and_the_rule(store, city, login):
    office = login(city.people["office"])
    page = office.get(reverse("air:episode"), {"pick": pick_of(office)}).text
    assert "qc-1" in page
    assert "200，前后为 20 和 21" in page.replace("200.0", "200") or "200" in page
    assert office.get(reverse("air:episode"), {"pick": "a|b"}).status_code == 404
    done = office.post(reverse("air:episode"), decision(pick=pick_of(office)))
    assert done.status_code == 302


def test_a_value_is_corrected_and_its_history_stays(store, city, login):
    office = login(city.people["office"])
    asked = {"source": SOURCE, "item": "SO2", "start": fact().start.isoformat()}
    address = f"{reverse('air:value')}?" + "&".join(f"{k}={v.replace('+', '%2B')}" for k, v in asked.items())
    page = office.get(address)
    state = re.search(r'name="state" value="(\w+)"', page.text).group(1)
    sent = {"value": "20.5", "reason": "录入错误", "state": state, "key": "k1"}
    assert office.post(address, sent).status_code == 302
    assert office.post(address, sent).status_code == 302
    assert in_force(store)[("SO2", 900)] == "corrected"
    text = office.get(address).text
    assert "录入错误" in text
    assert text.count("20.5") >= 2
    stale = office.post(address, {**sent, "value": "21", "key": "k2"})
    assert stale.status_code == 409
    for value in ("-1", "99999", "1.0001", "x"):
        assert office.post(address, {**sent, "value": value, "key": uuid.uuid4().hex}).status_code in {400, 422}, value


def test_who_may(store, city, login):
    address = reverse("air:review")
    for role, status in (("office", 200), ("dept", 200), ("county", 403), ("inspector", 403), ("public", 403)):
        assert login(city.people[role]).get(address).status_code == status, role
    county = login(city.people["county"])
    value = {"source": SOURCE, "item": "SO2", "start": fact().start.isoformat()}
    page = county.get(reverse("air:value"), value)
    assert page.status_code == 200
    assert 'name="value"' not in page.text
    with pytest.raises(NotAllowed):
        services.review(city.people["county"], [fact()], "accept", reason="r")
    with pytest.raises(NotAllowed):
        services.correct_value(city.people["inspector"], fact(), 1, reason="r")


def test_services_refuse_in_words(store, city):
    office = city.people["office"]
    with pytest.raises(DomainError) as error:
        services.review(office, [fact()], "accept", reason=" ")
    assert error.value.field == "reason"
    with pytest.raises(Conflict):
        services.review(office, [fact(99_999)], "accept", reason="r")
    with pytest.raises(DomainError):
        services.review(office, [fact(901)], "unflag", reason="r")


@pytest.mark.parametrize("name", ["quality", "stations", "series"])
def test_pages_with_and_without_data(city, data, login, name):
    client = login(city.people["county"])
    assert client.get(reverse(f"air:{name}")).status_code == 200
    store_of(
        data, [*ordinary_rows(10), *[{**one, "source": "cnemc-station:1A", "place": "1A"} for one in ordinary_rows(3)]]
    )
    page = client.get(reverse(f"air:{name}"))
    assert page.status_code == 200
    assert "1A" in page.text or name == "series"


def test_data_quality_counts(store, city, login):
    client = login(city.people["county"])
    page = client.get(reverse("air:quality"), {"month": "2020-05"}).text
    assert "4464" in page  # 31 days of 24 hours of six pollutants
    assert "100.0" in page
    june = client.get(reverse("air:quality"), {"month": "2020-06"}).text
    assert "1296" in june  # nine days of measured hours
    assert client.get(reverse("air:quality"), {"month": "x"}).status_code == 200
    assert client.get(reverse("air:quality"), {"month": "2019-01"}).status_code == 200
    csv = client.get(reverse("air:quality"), {"month": "2020-05", "chart": "capture", "format": "csv"})
    assert csv.status_code == 200


def test_a_station_page(city, data, login):
    store_of(data, [{**one, "source": "cnemc-station:1A", "place": "1A"} for one in ordinary_rows(9)])
    client = login(city.people["county"])
    page = client.get(reverse("air:station", args=["1A"]), {"item": "SO2"}).text
    assert "SO2" in page
    assert "capture" not in page or "n = " in page
    assert client.get(reverse("air:station", args=["none"])).status_code == 404


def test_a_series_raw_without_void_and_as_known(store, city, login):
    office = login(city.people["office"])
    services.review(city.people["office"], [fact()], "void", flag="void", reason="r")
    asked = {
        "source": SOURCE,
        "item": "SO2",
        "first": "2020-06-06",
        "last": "2020-06-08",
        "chart": "series",
        "format": "csv",
    }
    raw = office.get(reverse("air:series"), asked).content.decode("utf-8-sig")
    without = office.get(reverse("air:series"), {**asked, "without": "on"}).content.decode("utf-8-sig")
    assert ",200" in raw
    assert ",200" not in without
    before = office.get(reverse("air:series"), {**asked, "known": "2020-01-01"}).content.decode("utf-8-sig")
    assert ",200" not in before
    bad = office.get(reverse("air:series"), {"first": "2020-06-08", "last": "2020-06-01"})
    assert bad.status_code == 200
    assert "400" in bad.text


def test_the_api(store, city, client):
    office = {"HTTP_AUTHORIZATION": f"Bearer {token_for(city.people['office'])}"}
    found = client.get("/api/v1/air/flags", {"item": "SO2"}, **office).json()
    (one,) = found["items"]
    assert (one["flag"], one["hours"], one["void"]) == ("auto.spike", 1, False)
    body = {
        "source": SOURCE, "item": "SO2", "first": one["first"], "hours": 1, "action": "void", "flag": "invalid",
        "reason": "fault", "state": one["state"], "key": "k1",
    }  # fmt: skip
    for repeated in (False, True):
        answer = client.post("/api/v1/air/decisions", body, content_type="application/json", **office)
        assert (answer.status_code, answer.json()["repeated"]) == (200, repeated)
    stale = client.post("/api/v1/air/decisions", {**body, "key": "k2"}, content_type="application/json", **office)
    assert stale.status_code == 409
    for wrong in ({"source": "x"}, {"item": "x"}, {"first": "2020-05-01T00:00:00"}, {"action": "correct"}):
        answer = client.post(
            "/api/v1/air/decisions", {**body, **wrong, "key": "k3"}, content_type="application/json", **office
        )
        assert answer.status_code == 400, wrong
    county = {"HTTP_AUTHORIZATION": f"Bearer {token_for(city.people['county'])}"}
    assert client.post("/api/v1/air/decisions", body, content_type="application/json", **county).status_code == 403
    assert client.get("/api/v1/air/flags", {"flag": "nosuch"}, **office).status_code == 400


def test_decisions_lie_in_the_time_of_the_house(store, city, login):
    """A demonstration's present is another day than the machine's: what was decided fits what was measured."""
    from lantian.air.quality.consequences import decisions

    with clock.travel(dt.datetime.fromisoformat("2020-06-11T09:30:00+08:00")):
        office = login(city.people["office"])
        page = office.post(reverse("air:review"), decision(pick=pick_of(office)), follow=True).text
        (one,) = decisions(store)
        assert one.at == clock.now()
    assert "2020-06-11 09:30" in page
    with clock.travel(dt.datetime.fromisoformat("2020-06-10T09:30:00+08:00")):  # a clock that went back
        services.review(city.people["office"], [fact(905, "PM10")], "accept", reason="r")
    newest = decisions(store)[0]
    assert newest.at > one.at, "what is learned later is never known earlier"


def test_a_decision_under_an_idempotency_key_is_in_the_audit_chain_though_the_answer_is_kept_in_one_transaction(
    store, city, client, transactional_db
):
    office = {
        "HTTP_AUTHORIZATION": f"Bearer {token_for(city.people['office'])}",
        "HTTP_IDEMPOTENCY_KEY": "a-decision-1",
    }
    body = {
        "source": SOURCE, "item": "SO2", "first": fact().start.isoformat(), "action": "void", "flag": "invalid", "reason": "r",
    }  # fmt: skip
    answer = client.post("/api/v1/air/decisions", body, content_type="application/json", **office)
    assert answer.status_code == 200
    told = AuditEntry.objects.filter(action="observations.flags", data__by="office")
    assert not told.exists()
    observing.tell_waiting()
    assert told.count() == 1
