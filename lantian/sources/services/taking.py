"""Plants that a program knows (the twin, another register) written into the register as facts say them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import Place, User
from lantian.kit.errors import DomainError
from lantian.records.services import audit
from lantian.sources import access, checks, facts
from lantian.sources.kinds import Kind, kind_named
from lantian.sources.kinds.plain import Plain, blank, with_references
from lantian.sources.models import Enterprise
from lantian.sources.reading.faults import Fault
from lantian.sources.services.editing import refusal
from lantian.sources.services.writing import Wanted, Written, write

VERB = "source.import"


@transaction.atomic
def take_plants(
    actor: User | None, plants: Iterable[facts.Plant], *, source: str = "", reason: str = "", datum: str = "WGS-84"
) -> Written:
    """Write plants with all that stands in them; rows whose codes are known are brought up to date, none is ended.

    `actor` None is the system itself (a demonstration). Facts say nothing of contacts, permits or credit codes: what the
    register holds of these stays. Taking the same plants again changes nothing. Raises NotAllowed, and DomainError for
    facts that the register refuses (the message names plant and column).
    """
    if actor is not None:
        scope_of(actor).require(VERB)
    wanted = [one for plant in plants for one in _rows(plant, source, datum)]
    there = _present(wanted)
    _refuse_areas(wanted)
    for one in wanted:
        one.row = there.get((one.kind.name, one.values["code"]))
        _refuse(one)
    done = write(actor, wanted, reason=reason or _("taken over from a program"))
    if actor is not None and (
        foreign := [row for row in done.rows if not access.may(scope_of(actor), VERB, _owner(row))]
    ):
        access.require(scope_of(actor), VERB, _owner(foreign[0]))
    enterprises = [row for row in done.rows if isinstance(row, Enterprise)]
    if enterprises and (done.created or done.updated):
        counts = {"enterprises": len(enterprises), "created": done.created, "updated": done.updated, "source": source}
        audit(actor, "sources.take", enterprises[0], reason=reason, data=counts)
    return done


def _owner(row: Any) -> Enterprise:
    owner: Enterprise = row if isinstance(row, Enterprise) else row.enterprise
    return owner


def _present(wanted: list[Wanted]) -> dict[tuple[str, str], Any]:
    """Return the rows that are there, by kind and code: a few queries for each kind."""
    found: dict[tuple[str, str], Any] = {}
    for name in dict.fromkeys(one.kind.name for one in wanted):
        kind = kind_named(name)
        codes = [one.values["code"] for one in wanted if one.kind is kind]
        for start in range(0, len(codes), 500):
            rows = kind.model.objects.filter(code__in=codes[start : start + 500])
            found.update({(name, row.code): row for row in with_references(kind, rows)})
    return found


def _refuse_areas(wanted: list[Wanted]) -> None:
    said = {one.values["area"] for one in wanted if one.values.get("area")}
    if lacking := said - set(Place.objects.filter(code__in=said).values_list("code", flat=True)):
        raise refusal(Fault("area", "area", {"found": "、".join(sorted(lacking))}), kind_named("enterprise"))


def _refuse(one: Wanted) -> None:
    whole = {**blank(one.kind), **one.values}
    faults = [
        f for f in checks.faults_of(one.kind, whole, open_words=True) if one.row is None or f.column in one.values
    ]
    if faults:
        said = refusal(faults[0], one.kind)
        raise DomainError(f"{one.values['code']}: {said.message}", hint=said.hint, field=said.field)


def _wanted(kind_name: str, values: Plain) -> Wanted:
    kind: Kind = kind_named(kind_name)
    known = {name: value for name, value in values.items() if name in kind.by_name}
    return Wanted(kind, known)


def _rows(plant: facts.Plant, source: str, datum: str) -> Iterable[Wanted]:
    """Yield a plant's rows, those first to which others refer."""
    mine = {"enterprise": plant.code, "source": source}
    yield _wanted("enterprise", _enterprise(plant, source, datum))
    for line in plant.lines:
        yield _wanted("line", {**mine, "code": line.code, "name": line.name, "process": line.process})
    for one in plant.equipment:
        yield _wanted("equipment", {
            **mine, "code": one.code, "name": one.name, "role": one.role, "kind": one.kind, "line": one.line,
            "rated_kw": one.rated_kw, "off_kw": one.off_kw, "run_kw": one.run_kw,
        })  # fmt: skip
    for pair in plant.pairs:
        yield _wanted("pair", {
            **mine, "code": pair.code, "production": sorted(pair.production), "treatment": sorted(pair.treatment),
            "needs": pair.needs, "lead_minutes": pair.lead_minutes, "lag_minutes": pair.lag_minutes,
        })  # fmt: skip
    for outlet in plant.outlets:
        yield from _outlet(outlet, mine)
    for order in plant.orders:
        yield _wanted("order", {
            **mine, "code": order.id, "kind": order.kind, "subjects": list(order.subjects), "share": order.share,
            "start": _moment(order.start), "end": _moment(order.end) if order.end else None,
        })  # fmt: skip


def _enterprise(plant: facts.Plant, source: str, datum: str) -> Plain:
    values: Plain = {
        "code": plant.code, "name": plant.name, "industry": plant.industry, "grade": plant.grade, "source": source,
        "synthetic": plant.synthetic, "confidence": "",
    }  # fmt: skip
    if plant.area:
        values["area"] = plant.area
    if plant.lon is not None and plant.lat is not None:
        values |= {"lon": plant.lon, "lat": plant.lat, "datum": datum}
    if plant.closed_since:
        values |= {"state": "closed", "state_since": plant.closed_since.isoformat()}
    return values


def _outlet(outlet: facts.Outlet, mine: Plain) -> Iterable[Wanted]:
    yield _wanted("outlet", {
        **mine, "code": outlet.code, "name": outlet.name, "number": outlet.code.rpartition(".")[2], "process": outlet.process,
        "lines": sorted(outlet.lines), "oxygen": outlet.oxygen, "denitration": outlet.denitration, "monitored": True,
    })  # fmt: skip
    for limit in outlet.limits:
        ultra = ".ultra" if limit.ultra_low else ""
        yield _wanted("limit", {
            **mine, "code": f"{outlet.code}.{limit.quantity}.{limit.period}{ultra}", "outlet": outlet.code,
            "quantity": limit.quantity, "value": limit.value, "unit": limit.unit, "period": limit.period,
            "clause": limit.clause, "source": limit.source or mine["source"], "ultra_low": limit.ultra_low,
            "since": limit.valid_from.isoformat() if limit.valid_from else None,
            "until": limit.valid_until.isoformat() if limit.valid_until else None,
        })  # fmt: skip


def _moment(at: Any) -> str:
    return timezone.localtime(at).isoformat(timespec="minutes")
