"""Schemathesis over the whole API: requests made from our own description, as office and as county.

Each operation gets a bounded number of requests, half of them at records that exist. Every request is undone, so that
one cannot spoil the next. No answer may be a server error, and every answer must be one that the description announces.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lantian.city import clock
from lantian.city.models import Agency, ApiToken, Membership, User
from lantian.indicators.context import Context
from lantian.indicators.models import Entry
from lantian.indicators.queries import catalogue
from lantian.plan.models import (
    Assignment,
    Clause,
    DocumentVersion,
    Measure,
    MeasureTarget,
    Objection,
    ProgressReport,
    Publicity,
    Task,
)
from lantian.plan.services.documents import import_document
from lantian.records import services
from lantian.records.models import AuditEntry, Evidence
from lantian.web.apidoc import openapi
from lantian.wsgi import application
from tests.api import Api, token_for
from tests.builders import TEXT

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EXAMPLES = int(os.environ.get("LANTIAN_FUZZ", "6"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ROOTS: dict[str, type] = {
    "agencies": Agency,
    "assignments": Assignment,
    "audit": AuditEntry,
    "clauses": Clause,
    "entries": Entry,
    "evidence": Evidence,
    "measures": Measure,
    "objections": Objection,
    "reports": ProgressReport,
    "targets": MeasureTarget,
    "tasks": Task,
    "tokens": ApiToken,
    "users": User,
    "versions": DocumentVersion,
}


# What the tests' city has in its pack and its store (tests/packs, tests/air.py).
AIR = {"targets": ["pm25-city"], "rankings": ["counties"], "scopes": ["counties"], "stations": ["9901A", "DEMO-2"]}


def known_keys(path: str, city: Any) -> dict[str, list[Any]]:
    """Return the path parameters of an operation with values of records that exist."""
    parts = path.strip("/").split("/")
    found: dict[str, list[Any]] = {}
    for before, part in itertools.pairwise(parts):
        name = part.strip("{}")
        if part == name:
            continue
        if name == "membership":
            found[name] = list(Membership.objects.values_list("pk", flat=True))
        elif name == "old":
            found[name] = list(DocumentVersion.objects.values_list("pk", flat=True))
        elif name == "code" and before == "indicators":
            found[name] = list(catalogue(Context()))
        elif path.startswith("/api/v1/air/") and before in AIR:
            found[name] = AIR[before]
        elif name == "code":
            found[name] = [place.code for place in (city.city, *city.areas)]
        elif before in ROOTS:
            found[name] = list(ROOTS[before].objects.values_list("pk", flat=True)[:50])
    return {name: values for name, values in found.items() if values}


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(openapi())
    schema.app = application
    for found in schema.get_all_operations():
        yield found.ok()


@contextmanager
def open_connection() -> Iterator[None]:
    """Let the transaction of the test outlive a request, as Django's own test client does."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(air, ledger):
    """Air in the store; the small ledger with a report, evidence, something in publicity with an objection, and a text in review."""
    city, _version = ledger
    first, second, *_ = Assignment.objects.filter(place=city.areas[0])
    said = Api(city.people["county"]).post(f"/assignments/{first.pk}/reports", {"percent": 5, "text": "开始"})
    assert said.status_code == 201, said.text
    services.add_evidence(city.people["county"], photo(), effective_on=clock.today(), place=city.areas[0])
    Assignment.objects.filter(pk=second.pk).update(state="verified")
    period = Publicity.objects.create(
        assignment=second, starts_on=clock.today(), ends_on=clock.today(), opened_by=city.people["office"],
        opened_at=clock.now(),
    )  # fmt: skip
    Objection.objects.create(publicity=period, name="民", text="未拆", received_at=clock.now())
    text = SimpleUploadedFile("plan.txt", TEXT.replace("10蒸吨", "35蒸吨").encode())
    import_document(city.people["office"], text, kind="city_plan", place=city.city)
    return city


def photo() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (8, 8), "green").save(content, "PNG")
    return SimpleUploadedFile("photo.png", content.getvalue())


@pytest.mark.parametrize("who", ["office", "county", "admin"])
def test_no_request_makes_the_server_stumble(world, who):
    headers = {"Authorization": f"Bearer {token_for(world.people[who])}"}
    faults: list[str] = []
    with open_connection():
        for operation in operations():
            try:
                attack(operation, headers, known_keys(operation.path, world))
            except (Exception, FailureGroup) as fault:
                faults.append(f"{operation.method.upper()} {operation.path}: {explained(fault)}")
    assert not faults, f"{len(faults)} operations failed\n\n" + "\n\n".join(faults)


def explained(fault: BaseException) -> str:
    """Return a fault in words: those of a group one by one."""
    return "\n".join(str(one) for one in getattr(fault, "exceptions", (fault,)))


def attack(operation: Any, headers: dict[str, str], keys: dict[str, list[Any]]) -> None:
    """Send EXAMPLES requests to one operation; raises at the first answer that must not be."""
    chosen = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in keys.items()})

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), real=chosen, hit=st.booleans())
    def send(case: Any, real: dict[str, Any], hit: bool) -> None:
        if hit:
            case.path_parameters = {**(case.path_parameters or {}), **real}
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    send()
