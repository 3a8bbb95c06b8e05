"""The verbs of the API for whole clauses of a text in review."""

from __future__ import annotations

import pytest

from lantian.plan.models import Clause, Task
from lantian.plan.tests.test_review_structure import MISSED, WHO, draft, everything, span
from tests.api import Api

__all__ = ["draft"]
pytestmark = pytest.mark.django_db


def body(city, version, **more) -> dict[str, object]:
    (start, end), who = span(version, MISSED), span(version, WHO)
    holders = {"agencies": [{"agency": city.agencies["能源局"].pk, "role": "lead"}], "areas": "named"}
    places = {"places": [city.areas[0].code]}
    return {
        "start": start,
        "end": end,
        "who": {"start": who[0], "end": who[1]},
        "key": "k",
        **holders,
        **places,
        **more,
    }


def test_a_clause_is_added_once_deleted_and_both_undone(city, draft):
    office, before = Api(city.people["office"]), everything(draft)
    url = f"/plan/versions/{draft.pk}/clauses"
    made = office.post(url, body(city, draft))
    assert (made.status_code, made.json()["label"], made.json()["review"]) == (201, "1-2", "added"), made.text
    assert office.post(url, body(city, draft)).json()["id"] == made.json()["id"]
    measures = office.get(f"/plan/measures?plan_version={draft.pk}").json()["items"]
    assert [m["code"] for m in measures] == ["1-1-1", "1-1-2", "1-2-1", "1-2-2", "2-1-1"]
    gone = f"/plan/clauses/{made.json()['id']}/delete"
    assert office.post(gone, {"reason": "不是"}).json()["field"] == "with_measures"
    assert office.post(gone, {"reason": "不是", "with_measures": True, "version": 9}).status_code == 409
    assert office.post(gone, {"reason": "不是", "with_measures": True, "version": 1}).status_code == 204
    assert office.post(gone, {"reason": "不是"}).status_code == 404
    for _step in range(2):
        assert office.post(f"/plan/versions/{draft.pk}/undo").status_code == 204
    assert everything(draft) == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"task": 10**9}, "task"),
        ({"start": 0, "end": 0}, "words"),
        ({"places": ["0"]}, "places"),
        ({"number": "9"}, "task_title"),
    ],
)
def test_what_cannot_be_names_its_field(city, draft, wrong, field):
    answer = Api(city.people["office"]).post(f"/plan/versions/{draft.pk}/clauses", body(city, draft, **wrong))
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text
    assert (Clause.objects.count(), Task.objects.count()) == (2, 2)


def test_a_new_task_and_who_may(city, draft):
    url = f"/plan/versions/{draft.pk}/clauses"
    start, end = span(draft, "11月底前，拆除散煤点位。")
    given = body(city, draft, start=start, end=end, who=None, title="三、整治散煤", cut="one")
    for who in ("dept", "county", "public"):
        assert Api(city.people[who]).post(url, given).status_code in (403, 404)
    made = Api(city.people["office"]).post(url, given)
    assert made.json()["label"] == "三-1", made.text
