"""Every route of the house with its declared guard, and records to put into the addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, URLResolver, get_resolver
from PIL import Image

from lantian.air.models import ImportJob
from lantian.air.services import imports
from lantian.bulletins import documents
from lantian.bulletins import services as bulletins
from lantian.city import clock, tokens
from lantian.city.models import Place
from lantian.gateway.models import DeviceRecord
from lantian.indicators.models import Entry
from lantian.plan import services
from lantian.plan.models import (
    Assignment,
    Clause,
    DocumentVersion,
    EscalationProposal,
    Measure,
    MeasureTarget,
    Objection,
    Publicity,
    Task,
    Trace,
)
from lantian.plan.services import rounds
from lantian.plan.services.documents import import_document
from lantian.plan.services.escalation import decide
from lantian.records.models import AuditEntry
from lantian.records.services import add_evidence, notify
from lantian.sources.models import Line, Merge, RegisterImport
from lantian.sources.services import importing, merging
from lantian.sources.tests.builders import make_enterprise, make_plant
from lantian.supervision.tests.builders import make_alarm
from lantian.web.apidoc import declared_verbs, openapi
from tests.builders import TEXT, City

PARAMETER = re.compile(r"[<{](?:[^<>{}:]+:)?([^<>{}]+)[>}]")


@dataclass(frozen=True)
class Route:
    """An address. `path` has parameters as {name}; `methods` are those to try; `needs` verbs, one of which is asked."""

    path: str
    methods: tuple[str, ...]
    needs: tuple[str, ...] | None  # None: no guard is declared

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def key(self) -> str:
        return f"{' '.join(self.methods)} {self.path}" if self.is_api else self.path


def all_routes() -> list[Route]:
    """Return every page and every operation of the API, in the order of their addresses."""
    pages = [route for route in _pages(get_resolver().url_patterns, "/") if not route.path.startswith("/api/v1/")]
    schema = [Route(path, ("GET",), ()) for path in ("/api/v1/openapi.json", "/api/v1/docs")]
    api = [Route(path, (method.upper(),), verbs) for (path, method), verbs in declared_verbs()]
    return sorted([*pages, *schema, *api], key=lambda route: (route.path, route.methods))


def _pages(patterns: Iterable[Any], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _pages(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield Route(PARAMETER.sub(r"{\1}", path), ("GET", "POST"), declared(pattern.callback))


def declared(view: Any) -> tuple[str, ...] | None:
    """Return the verbs that a view's guard asks for; () for a login, None without a guard."""
    dispatch = getattr(getattr(view, "view_class", None), "dispatch", None)
    verb = getattr(view, "needs", None) or getattr(dispatch, "needs", None)
    if verb is None:
        return None
    return () if verb == "login" else (verb,)


def photo(name: str = "photo.png") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (8, 8), "green").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue())


def word_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("模板.docx", documents.default_template())


def minimal_body(route: Route) -> tuple[Any, str]:
    """Return a small body that the description of an operation calls valid, and its content type."""
    path, (method,) = route.path, route.methods
    content = openapi()["paths"].get(path, {}).get(method.lower(), {}).get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        values = minimal(content["multipart/form-data"]["schema"])
        return encode_multipart(BOUNDARY, {**values, "file": photo()}), MULTIPART_CONTENT
    schema = content.get("application/json", {}).get("schema", {})
    return json.dumps(minimal(schema)), "application/json"


def minimal(node: dict[str, Any]) -> Any:
    """Return the smallest value that fits a schema."""
    if "$ref" in node:
        return minimal(openapi()["components"]["schemas"][node["$ref"].rsplit("/", 1)[-1]])
    if "anyOf" in node:
        return minimal(node["anyOf"][0])
    if node.get("type") == "array":
        return [minimal(node["items"])] * node.get("minItems", 0)
    if "properties" in node:
        return {name: minimal(node["properties"][name]) for name in node.get("required", ())}
    texts = {"date": clock.today().isoformat(), "date-time": clock.now().isoformat(), "binary": ""}
    simple = {"integer": node.get("minimum", 1), "number": 1, "boolean": True, "object": {}}
    if "enum" in node:
        return node["enum"][0]
    return simple.get(node.get("type", ""), texts.get(node.get("format", ""), "一二三四"))


class World:
    """Records of every kind. `mine` belongs to area 0 (county), so that county2 must not see it."""

    def __init__(self, city: City, version: DocumentVersion) -> None:
        self.city, self.version = city, version
        people = city.people
        self.first, self.second, self.third = Assignment.objects.filter(place=city.areas[0]).order_by("pk")[:3]
        self.evidence = add_evidence(people["county"], photo(), effective_on=clock.today(), place=city.areas[0])
        self.report = services.report(people["county"], self.first, percent=10, text="开始", evidence=[self.evidence])
        self.objection = self._objection()
        self.draft = import_document(
            people["office"],
            SimpleUploadedFile("plan.txt", TEXT.replace("10蒸吨", "35蒸吨").encode()),
            kind="city_plan",
            place=city.city,
        )
        self.county_text = import_document(
            people["county"],
            SimpleUploadedFile("county.txt", TEXT.encode()),
            kind="county_plan",
            place=city.areas[0],
            serves=version.document,
        )
        self.trace = Trace.objects.filter(county_measure__clause__task__version=self.county_text).first() or (
            Trace.objects.create(
                county_measure=self._measure(self.county_text), city_measure=self.first.measure, score=1
            )
        )
        self.round = rounds.open_round(people["office"], version.document)
        self.notice, self.proposal = self._notice()
        self.bulletin = bulletins.make(people["office"], self.round, print_reasons=True)
        self.template = bulletins.upload_template(people["office"], word_file())
        self.entry = self._entry()
        self.token, _secret = tokens.create_token(people["county"], name="x", read_only=True, days=1)
        self.measurements = self._measurements()
        self.plant = make_plant(area=city.areas[0])
        self.alarm = make_alarm(self.plant)
        self.logger = DeviceRecord.objects.create(mn="ROUTE1", status="admitted", plant=self.plant.code)
        self.register_file = self._register_file()
        self.merge = self._merge()
        [self.message] = notify([people["county"]], kind="test.message", subject="讯")

    def _merge(self) -> Merge:
        self.other_plant = make_enterprise("E0901", "另一厂", area=self.city.areas[0])
        gone = make_enterprise("E0902", "重复厂", area=self.city.areas[0])
        return merging.merge(self.city.people["office"], self.other_plant, gone, take={}, reason="同一企业")

    def _register_file(self) -> RegisterImport:
        """A file of enterprises of another county that waits for its confirmation."""
        file = SimpleUploadedFile("list.csv", "名称,所在县（市、区）\n乙厂,乙县\n".encode())
        return importing.look(self.city.people["county2"], file)

    def _measurements(self) -> ImportJob:
        """A file of hourly values that waits for its check."""
        file = SimpleUploadedFile("hours.csv", b"time,city,SO2,NO2,CO,O3,PM10,PM2.5\n")
        return imports.submit(self.city.people["office"], file, form="cnemc-city-hourly", declared={})

    def _objection(self) -> Objection:
        Assignment.objects.filter(pk=self.second.pk).update(state="verified")
        day = clock.today()
        period = Publicity.objects.create(
            assignment=self.second, starts_on=day, ends_on=day, opened_by=self.city.people["office"],
            opened_at=clock.now(),
        )  # fmt: skip
        self.period = period
        return Objection.objects.create(publicity=period, name="民", text="未拆", received_at=clock.now())

    def _notice(self) -> tuple[Any, EscalationProposal]:
        def proposal(n: int) -> EscalationProposal:
            reason = {
                "rule": "x", "text_zh": "迟", "text_en": "late", "figure": "3", "unit": "d", "threshold": "1",
                "n": 1, "refs": [], "supporting": False,
            }  # fmt: skip
            return EscalationProposal.objects.create(
                rule="x", rule_version="1", family="late", level="remind", proposed_level="remind",
                place=self.city.areas[0], subject_key=f"late:place:{self.city.areas[0].pk + n}", reasons=[reason],
                proposed_at=clock.now(),
            )  # fmt: skip

        sent = decide(self.city.people["office"], proposal(0), accept=True)
        return sent.notices.get(), proposal(1)

    def _entry(self) -> Entry:
        place: Place = self.city.areas[0]
        return Entry.objects.create(
            indicator="dustfall", place=place, period_from="2020-05-01", period_to="2020-05-31", value=8, unit="1",
            entered_by=self.city.people["county"], known_at=clock.now(),
        )  # fmt: skip

    @staticmethod
    def _measure(version: DocumentVersion) -> Measure:
        return Measure.objects.filter(clause__task__version=version).order_by("pk")[0]

    def values(self) -> list[tuple[str, Any]]:
        """Return (pattern of the address up to the parameter, record or value); the first that fits is taken."""
        draft_clause = Clause.objects.filter(task__version=self.draft).order_by("pk")[0]
        return [
            (r"/users/\d+/roles/\{membership", self.city.people["county"].memberships.get()),
            (r"/users/\d+/tokens/\{", self.token),
            (r"/users/\{", self.city.people["county"]),
            (r"/tokens/\{", self.token),
            (r"/supervision/alarms/\{", self.alarm),
            (r"/supervision/leads/\{", self.alarm.lead),
            (r"/supervision/rules/\{", "treatment-off"),
            (r"/supervision/series/\{", self.plant.code),
            (r"/sources/enterprises/\{", self.plant.code),
            (r"/api/v1/sources/\{", self.plant.code),
            (r"/sources/imports/\{", self.register_file),
            (r"/sources/duplicates/\{", self.plant.code),
            (r"/sources/duplicates/[^/]+/\{", self.other_plant.code),
            (r"/sources/merges/\{", self.merge),
            (r"/sources/enterprises/[^/]+/(add/)?\{", "line"),
            (r"/sources/enterprises/[^/]+/line/\{", Line.objects.get(enterprise=self.plant)),
            (r"/gateway/admit/\{", "NOBODY"),
            (r"/gateway/devices/\{|/telemetry/\{", self.logger.mn),
            (r"/evidence/\{", self.evidence),
            (r"/audit/\{", AuditEntry.objects.order_by("seq")[0]),
            (r"/inbox/\{", self.message),
            (r"/entries/\{", self.entry),
            (r"/indicators/\{", "signed_off_share"),
            (r"/plan/documents/review/clauses/\{", draft_clause),
            (r"/plan/documents/review/measures/\{", self._measure(self.draft)),
            (r"/plan/documents/(review/)?\{", self.draft),
            (r"/comparison/\{", self.version),
            (r"/plan/versions/\{", self.draft),
            (r"/county-plans/\{", self.county_text),
            (r"/traces/\{", self.trace),
            (r"/plan/tasks/\{", Task.objects.filter(version=self.version)[0]),
            (r"/api/v1/plan/clauses/\{", draft_clause),
            (r"/plan/clauses/\{", Clause.objects.filter(task__version=self.version)[0]),
            (r"/api/v1/plan/measures/\{", self._measure(self.draft)),
            (r"/plan/measures/\{", self.first.measure),
            (r"/plan/targets/\{", MeasureTarget.objects.filter(measure__clause__task__version=self.version)[0]),
            (r"/assignments/\d+/\{action", "submit"),
            (r"/assignments/\{", self.first),
            (r"/reports/\{", self.report),
            (r"/objections/\{", self.objection),
            (r"/signoff/\{", "approve"),
            (r"/counties/\{", self.city.areas[0].code),
            (r"/departments/\{", self.city.agencies["生态环境局"]),
            (r"/agencies/\{", self.city.agencies["生态环境局"]),
            (r"/places/\{", self.city.areas[0].code),
            (r"/publicity/\{", self.period),
            (r"/air/targets/\{", "pm25-city"),
            (r"/bulletins/rounds/\{", self.round),
            (r"/bulletins/templates/\{", self.template),
            (r"/bulletin-templates/\{", self.template),
            (r"/bulletins/\{", self.bulletin),
            (r"/rounds/\{", self.round),
            (r"/uploads/\{", 1),
            (r"/air/stations/\{", "9901A"),
            (r"/air/decisions/\{|/air/review/decisions/\{", "nobody-decided-this"),
            (r"/air/imports/new/\{", self.measurements.form),
            (r"/imports/\{", self.measurements),
            (r"/escalations/\{", self.proposal),
            (r"/notices/\{", self.notice),
        ]

    def fill(self, path: str) -> str:
        """Return an address with its parameters filled in; raises LookupError for one that nobody thought of."""
        values = self.values()
        while match := PARAMETER.search(path):
            before = path[: match.end()]
            found = next((value for pattern, value in values if re.search(pattern, before)), None)
            if found is None:
                raise LookupError(f"tests/routes.py does not say what to put into {path!r}")
            path = path[: match.start()] + str(getattr(found, "pk", found)) + path[match.end() :]
        return path
