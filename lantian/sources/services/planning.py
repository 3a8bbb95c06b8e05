"""What an import would do: each row read, matched with the register, compared with it, and judged. Writes nothing.

Matching: an enterprise by its credit code, else its code, else its name in its area; other rows by their code, else by what
tells rows of their kind apart. An empty cell says nothing: it never takes a value away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime

from lantian.city.access import Scope
from lantian.city.models import Place
from lantian.city.queries import gazetteer_from_database
from lantian.sources import access, checks, places
from lantian.sources.codes import Codes
from lantian.sources.kinds import KINDS, Column, Kind, industry_of_class, kind_named
from lantian.sources.kinds.plain import Plain, blank, difference, is_empty, plain_of, with_references
from lantian.sources.kinds.words import spellings
from lantian.sources.models import Enterprise
from lantian.sources.queries import knows_all
from lantian.sources.reading import cells
from lantian.sources.reading.cells import Reading, Repair, Words
from lantian.sources.reading.faults import Fault

VERB = "source.import"


@dataclass
class RowIn:
    """A row as it came: cells by field, edits by hand, repairs that were declined as (field, code)."""

    sheet: str
    number: int
    kind: Kind
    cells: Mapping[str, str]
    edits: Mapping[str, str] = field(default_factory=dict)
    declined: frozenset[tuple[str, str]] = frozenset()
    left_out: bool = False


@dataclass
class RowPlan:
    """What a row would do: create, update, same, faulty, left."""

    row: RowIn
    values: Plain = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    action: str = ""
    code: str = ""
    matched_by: str = ""
    changes: dict[str, list[Any]] = field(default_factory=dict)
    present: Any = None

    @property
    def kind(self) -> Kind:
        return self.row.kind


class Planner:
    """Plans the rows of one import. A few queries for each kind, whatever the number of rows."""

    def __init__(self, scope: Scope, *, only: Mapping[str, str] | None = None) -> None:
        self._scope = scope
        self._only = only or {}
        self._new: dict[str, RowPlan] = {}  # code -> new enterprise of the file
        self._new_by: dict[tuple[str, str], RowPlan] = {}
        self._new_codes: dict[str, tuple[str, str]] = {}  # code of a new row -> (kind, enterprise)
        self._seen: dict[tuple[str, str], int] = {}
        self._codes = Codes(bulk=True)

    def plan(self, rows: Sequence[RowIn]) -> list[RowPlan]:
        """Return a plan for each row, in the rows' order."""
        plans = [RowPlan(row) for row in rows]
        for kind in KINDS:
            mine = [one for one in plans if one.kind is kind]
            for one in mine:
                self._read(one)
            if mine:
                (self._enterprises if kind.is_enterprise else lambda some, k=kind: self._below(k, some))(mine)
        return plans

    # Cells

    @cached_property
    def _words(self) -> Words:
        gazetteer = gazetteer_from_database()
        exact: dict[str, dict[str, tuple[str, str]]] = {"area": {}, "town": {}}
        for place in Place.objects.filter(is_active=True).exclude(kind="village").defer("boundary"):
            of = "town" if place.kind == "town" else "area"
            for said in (place.code, place.name, place.name_en):
                if said and place.kind != "city":
                    exact[of].setdefault(said, (place.code, place.name))

        def area(of: str, text: str) -> tuple[str, str, bool] | None:
            if found := exact[of].get(text):
                return (*found, True)
            if of == "area" and (entry := gazetteer.area(text)) and entry.code in exact["area"]:
                return (*exact["area"][entry.code], False)
            return None

        return Words(choices=_choices, aliases=_aliases, area=area)

    def _read(self, one: RowPlan) -> None:
        row = one.row
        if row.left_out or self._is_elsewhere(one):
            one.action = "left"
            return
        for column in row.kind.columns:
            text = row.edits.get(column.name, row.cells.get(column.name, ""))
            if column.name in row.edits:
                one.repairs.append(Repair(column.name, "hand", row.cells.get(column.name, ""), text))
            declined = {code for name, code in row.declined if name == column.name}
            found: Reading = cells.read(_for_kind(column, row.kind), text, self._words, declined)
            one.repairs += found.repairs
            one.faults += found.faults
            if found.said:
                one.values[column.name] = _with_zone(column, found.value)
        self._industry(one)

    def _is_elsewhere(self, one: RowPlan) -> bool:
        """A list of a whole province: rows of other cities stay out, and say so."""
        if not self._only or not (said := [one.row.cells.get(f"only.{key}", "") for key in ("code", "name")]):
            return False
        city = self._city
        if city and (said[0] == city.code or said[1] in (city.name, city.name_en, *city.aliases)):
            return False
        one.remarks.append(Fault("elsewhere", "", {"column": self._only.get("name", ""), "found": said[1] or said[0]}))
        return True

    @cached_property
    def _city(self) -> Place | None:
        return Place.objects.filter(kind="city", is_active=True).first()

    def _industry(self, one: RowPlan) -> None:
        """The type of plant follows from its class where only that is said and one type has it."""
        said, values = one.values.get("industry_code"), one.values
        if not one.kind.is_enterprise or not said or values.get("industry"):
            return
        if word := industry_of_class(str(said)):
            accepted = ("industry", "industry_class") not in one.row.declined
            one.repairs.append(Repair("industry", "industry_class", "", word, {"found": said}, accepted))
            if accepted:
                values["industry"] = word

    # Enterprises

    def _enterprises(self, plans: list[RowPlan]) -> None:
        live = [one for one in plans if not one.action]
        located = self._located(live)
        for one in live:
            present = self._match(one, located.get(id(one), ""))
            if present is not None:
                one.values.pop("code", None)
            elif not one.faults:
                self._make_code(one)
            self._judge(one, present)
            self._position(one, located.get(id(one)))
            self._may(one, present, located.get(id(one), ""))
            self._settle(one)
            if one.action == "create":
                self._remember(one)

    @cached_property
    def _known(self) -> dict[str, Enterprise]:
        """All enterprises by code, merged ones too."""
        rows = Enterprise.objects.select_related("area", "town", "merged_into").defer(
            "area__boundary", "town__boundary"
        )
        return {row.code: row for row in rows}

    @cached_property
    def _by_credit(self) -> dict[str, Enterprise]:
        return {row.credit_code: row for row in self._known.values() if row.credit_code and row.merged_into_id is None}

    @cached_property
    def _by_name(self) -> dict[str, list[Enterprise]]:
        found: dict[str, list[Enterprise]] = defaultdict(list)
        for row in self._known.values():
            if row.merged_into_id is None:
                for name in {row.name, *row.aliases}:
                    found[name].append(row)
        return found

    def _located(self, plans: list[RowPlan]) -> dict[int, str]:
        """Return {id of the plan: code of the area in which its position lies ("": in none)}."""
        points, owners = [], []
        for one in plans:
            values = one.values
            lon, lat = places.to_wgs84(values.get("lon"), values.get("lat"), str(values.get("datum") or ""))
            if lon is not None and lat is not None:
                points.append((lon, lat))
                owners.append(id(one))
        found = places.areas().of(points) if points else []
        codes = dict(
            Place.objects.filter(pk__in={hit["area"] for hit in found if "area" in hit}).values_list("pk", "code")
        )
        return {owner: codes.get(hit.get("area", 0), "") for owner, hit in zip(owners, found, strict=True)}

    def _match(self, one: RowPlan, located: str) -> Enterprise | None:
        values = one.values
        by_credit = self._by_credit.get(str(values.get("credit_code") or "-"))
        by_code = self._known.get(str(values.get("code") or "-"))
        if by_code is not None and by_code.merged_into is not None:
            one.faults.append(Fault("merged_away", "code", {"code": by_code.code, "kept": by_code.merged_into.code}))
            return None
        if by_credit is not None and by_code is not None and by_credit is not by_code:
            shown = {"one": "信用代码", "other": "编码", "a": by_credit.code, "b": by_code.code}
            one.faults.append(Fault("match_conflict", "credit_code", shown))
            return None
        for found, how in ((by_credit, "credit_code"), (by_code, "code")):
            if found is not None:
                one.matched_by = how
                return found
        return self._match_name(one, located)

    def _match_name(self, one: RowPlan, located: str) -> Enterprise | None:
        """By name and area; a row with another credit code, or with a code of its own, is another enterprise."""
        values = one.values
        area, credit = located or str(values.get("area") or ""), values.get("credit_code")
        found = []
        for row in self._by_name.get(str(values.get("name") or ""), ()):
            same_area = not area or row.area is None or row.area.code == area
            if same_area and not (credit and row.credit_code and row.credit_code != credit) and not values.get("code"):
                found.append(row)
        if len(found) > 1:
            one.faults.append(Fault("several_names", "name", {"codes": "、".join(row.code for row in found)}))
        if len(found) != 1:
            return None
        one.matched_by = "name"
        return found[0]

    def _make_code(self, one: RowPlan) -> None:
        said = str(one.values.get("code") or "")
        if not said:
            one.values["code"] = self._codes.next(one.kind, one.values)
        elif holder := self._taken.get(said):
            one.faults.append(Fault("code_taken", "code", {"code": said, "other": holder[1] or said}))

    @cached_property
    def _taken(self) -> dict[str, tuple[str, str]]:
        """{code: (kind, enterprise)} of everything that shares the space of codes."""
        found: dict[str, tuple[str, str]] = {}
        for kind in (one for one in KINDS if one.unique):
            if kind.is_enterprise:
                found.update({code: ("enterprise", code) for code in self._known})
            else:
                rows = kind.model.objects.values_list("code", "enterprise__code")
                found.update({code: (kind.name, plant) for code, plant in rows})
        return found

    def _position(self, one: RowPlan, located: str | None) -> None:
        values = one.values
        if values.get("lon") is None or values.get("lat") is None:
            return
        if located is None:
            one.remarks.append(Fault("datum_missing", "datum"))
        elif not located:
            one.remarks.append(Fault("outside_city", "lon"))
        elif values.get("area") and values["area"] != located:
            names = dict(Place.objects.filter(code__in=[located, values["area"]]).values_list("code", "name"))
            shown = {"found": names.get(located, located), "said": names.get(values["area"], values["area"])}
            one.remarks.append(Fault("area_differs", "area", shown))

    def _may(self, one: RowPlan, present: Enterprise | None, located: str) -> None:
        if knows_all(self._scope, VERB):
            return
        wanted = located or str(one.values.get("area") or "")
        inside = wanted in self._own_areas if wanted else present is not None
        if not inside or (present is not None and not access.may(self._scope, VERB, present)):
            one.faults.append(Fault("not_yours", "area"))

    @cached_property
    def _own_areas(self) -> set[str]:
        return set(Place.objects.filter(pk__in=self._scope.place_ids).values_list("code", flat=True))

    def _remember(self, one: RowPlan) -> None:
        self._new[one.code] = one
        self._new_by[("name", str(one.values.get("name")))] = one
        if credit := one.values.get("credit_code"):
            self._new_by[("credit", str(credit))] = one

    # Rows below an enterprise

    def _below(self, kind: Kind, plans: list[RowPlan]) -> None:
        live = [one for one in plans if not one.action]
        owners = {id(one): self._owner(one) for one in live}
        existing = self._rows_of(kind, {owner for owner in owners.values() if owner})
        for one in live:
            owner = owners[id(one)]
            present = self._match_row(kind, one, owner, existing) if owner else None
            if present is None and owner and not is_empty(one.values.get("code")):
                self._check_code(kind, one)
            if present is None and not one.faults and is_empty(one.values.get("code")):
                one.values["code"] = self._codes.next(kind, one.values)
            self._judge(one, present)
            self._references(one, owner)
            if owner and not knows_all(self._scope, VERB) and not self._may_below(owner):
                one.faults.append(Fault("not_yours", "enterprise"))
            self._settle(one)
            if one.action == "create":
                self._new_codes[one.code] = (kind.name, owner)

    def _owner(self, one: RowPlan) -> str:
        """Return the code of the enterprise that a row names by code, credit code or name."""
        said = str(one.values.get("enterprise") or "")
        if not said:
            return ""
        row = self._known.get(said) or self._by_credit.get(said)
        if row is not None and row.merged_into is not None:
            one.faults.append(Fault("merged_away", "enterprise", {"code": row.code, "kept": row.merged_into.code}))
            return ""
        new = self._new.get(said) or self._new_by.get(("credit", said))
        named = [] if row or new else self._by_name.get(said, [])
        if not row and not new and not named:
            new = self._new_by.get(("name", said))
            named_new = new is not None
        else:
            named_new = False
        if len(named) > 1:
            one.faults.append(
                Fault("ref_many", "enterprise", {"found": said, "codes": "、".join(r.code for r in named)})
            )
            return ""
        found = row.code if row else new.code if new else named[0].code if named else ""
        if not found:
            one.faults.append(_unknown("enterprise", "enterprise", said))
            return ""
        if (named or named_new) and not self._by_name_accepted(one, said, found):
            return ""
        one.values["enterprise"] = found
        return found

    def _by_name_accepted(self, one: RowPlan, said: str, found: str) -> bool:
        accepted = ("enterprise", "by_name") not in one.row.declined
        one.repairs.append(Repair("enterprise", "by_name", said, found, {"found": said, "meant": found}, accepted))
        if not accepted:
            one.faults.append(_unknown("enterprise", "enterprise", said))
        return accepted

    def _rows_of(self, kind: Kind, owners: set[str]) -> dict[str, list[tuple[Any, Plain]]]:
        known = [self._known[code].pk for code in owners if code in self._known]
        found: dict[str, list[tuple[Any, Plain]]] = defaultdict(list)
        for start in range(0, len(known), 500):
            rows = kind.model.objects.filter(enterprise__in=known[start : start + 500])
            for row in with_references(kind, rows):
                found[row.enterprise.code].append((row, plain_of(kind, row)))
        return found

    def _match_row(
        self, kind: Kind, one: RowPlan, owner: str, existing: Mapping[str, list[tuple[Any, Plain]]]
    ) -> tuple[Any, Plain] | None:
        code = one.values.get("code")
        if code:
            found = next(((row, plain) for row, plain in existing.get(owner, ()) if row.code == code), None)
            if found:
                one.matched_by = "code"
            return found
        said = {name: one.values.get(name) for name in kind.same}
        if all(is_empty(value) for value in said.values()):
            return None
        empties = blank(kind)
        for row, plain in existing.get(owner, ()):
            in_force = row.until is None or "until" in kind.same
            if in_force and all(plain[n] == (empties[n] if v is None else v) for n, v in said.items()):
                one.matched_by = "same"
                return row, plain
        return None

    def _check_code(self, kind: Kind, one: RowPlan) -> None:
        code = str(one.values["code"])
        holder = self._taken.get(code) if kind.unique else self._held(kind).get(code)
        if holder:
            one.faults.append(Fault("code_taken", "code", {"code": code, "other": holder[1]}))

    def _held(self, kind: Kind) -> dict[str, tuple[str, str]]:
        if not hasattr(self, f"_held_{kind.name}"):
            rows = kind.model.objects.values_list("code", "enterprise__code")
            setattr(self, f"_held_{kind.name}", {code: (kind.name, plant) for code, plant in rows})
        found: dict[str, tuple[str, str]] = getattr(self, f"_held_{kind.name}")
        return found

    def _references(self, one: RowPlan, owner: str) -> None:
        for column in one.kind.columns:
            said = one.values.get(column.name)
            if column.reads not in ("ref", "refs") or column.of == "enterprise" or is_empty(said):
                continue
            kinds = ("line", "equipment") if column.of == "subject" else (column.of,)
            codes: list[str] = [str(said)] if column.reads == "ref" else list(said or ())
            for code in codes:
                held = self._new_codes.get(code) or self._taken.get(code)
                if held is None or held[0] not in kinds:
                    one.faults.append(_unknown(column.name, kinds[-1], str(code)))
                elif owner and held[1] != owner:
                    one.faults.append(Fault("ref_other", column.name, {"found": code, "other": held[1]}))

    def _may_below(self, owner: str) -> bool:
        row = self._known.get(owner)
        return owner in self._new or (row is not None and access.may(self._scope, VERB, row))

    # What both share

    def _judge(self, one: RowPlan, present: Any) -> None:
        """Compare with the row that is there, and check the whole row as it would be."""
        kind = one.kind
        row, before = (
            (None, None)
            if present is None
            else present
            if isinstance(present, tuple)
            else (present, plain_of(kind, present))
        )
        one.present = row
        if row is not None:
            one.code = row.code
            one.changes = difference(before or {}, one.values)
            if (
                kind.is_enterprise
                and "area" in one.changes
                and row.area_basis == "point"
                and row.area_said == one.values["area"]
            ):
                one.changes.pop("area")
            whole = {**(before or {}), **one.values}
        else:
            one.code = str(one.values.get("code") or "")
            whole = {**blank(kind), **one.values}
            one.changes = {n: [None, v] for n, v in one.values.items() if not is_empty(v) and v is not False}
        wrong = {fault.column for fault in one.faults}
        one.faults += [fault for fault in checks.faults_of(kind, whole) if fault.column not in wrong]
        self._twice(one)
        if kind.is_enterprise:
            self._credit(one, row)

    def _credit(self, one: RowPlan, row: Any) -> None:
        other = self._by_credit.get(str(one.values.get("credit_code") or "-"))
        if other is not None and row is not None and other.pk != row.pk:
            one.faults.append(Fault("credit_taken", "credit_code", {"code": other.code, "other": other.name}))

    def _twice(self, one: RowPlan) -> None:
        """Two rows of a file that are one row of the register."""
        keys = [(one.kind.name, one.code)] if one.code else []
        if one.kind.is_enterprise and one.present is None:
            keys += [("credit", str(c)) for c in [one.values.get("credit_code")] if c]
            keys += [("named", f"{one.values.get('name')}|{one.values.get('area')}")]
        elif one.present is None and any(not is_empty(one.values.get(name)) for name in one.kind.same):
            said = "|".join(str(one.values.get(name)) for name in one.kind.same)
            keys.append((one.kind.name, f"{one.values.get('enterprise')}|{said}"))
        first = next((self._seen[key] for key in keys if key in self._seen), None)
        if first is not None:
            one.faults.append(Fault("twice", "", {"row": first}))
        for key in keys:
            self._seen.setdefault(key, one.row.number)

    @staticmethod
    def _settle(one: RowPlan) -> None:
        if one.faults:
            one.action = "faulty"
        elif one.present is None:
            one.action = "create"
        else:
            one.action = "update" if one.changes else "same"


def _unknown(column: str, kind: str, said: str) -> Fault:
    return Fault("ref_unknown", column, {"found": said, "kind": str(kind_named(kind).label)})


def _choices(column: Column) -> Mapping[str, str]:
    """Every spelling of a choice that counts as it stands: the value, and its label in both languages."""
    found: dict[str, str] = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            found.update({str(label): value for value, label in column.choices})
    return {**found, **{value: value for value, _label in column.choices}}


def _aliases(column: Column) -> Mapping[str, str]:
    return spellings(column.of or column.name)


def _for_kind(column: Column, kind: Kind) -> Column:
    """A column of a choice that means something else in another kind says so by `of`."""
    if column.reads in ("choice", "word") and column.name == "kind":
        return Column(**{**column.__dict__, "of": f"{kind.name}_kind"})
    return column


def _with_zone(column: Column, value: Any) -> Any:
    """A moment of a file is the city's local time."""
    if column.reads != "moment" or not value:
        return value
    moment = parse_datetime(value)
    return timezone.make_aware(moment).isoformat(timespec="minutes") if moment else value


def counts(plans: Iterable[RowPlan]) -> dict[str, dict[str, int]]:
    """Return {kind: {action: number}}."""
    found: dict[str, dict[str, int]] = {}
    for one in plans:
        mine = found.setdefault(one.kind.name, {})
        mine[one.action] = mine.get(one.action, 0) + 1
    return found
