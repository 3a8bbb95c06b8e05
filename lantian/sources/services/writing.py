"""Writing rows, one or thousands: references looked up, positions judged, every change kept with old and new value.

What comes here has been checked (`checks.faults_of`, `known.faults_of`); the constraints of the database stand behind it.
Must run inside a transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lantian.city import clock
from lantian.city.models import Place, User
from lantian.kit.locking import update_versioned
from lantian.sources import places
from lantian.sources.kinds import KINDS, Column, Kind
from lantian.sources.kinds.plain import Plain, blank, difference, is_empty, plain_of, to_model, with_references
from lantian.sources.models import Change, Enterprise, RegisterImport

_BATCH = 200
_SHARED = {"subject", "area", "town"}


@dataclass
class Wanted:
    """A row to be made (`row` is None) or changed. `values` are plain and say only what is said; a new row needs its code."""

    kind: Kind
    values: Plain
    row: Any = None
    act: str = ""


@dataclass
class Written:
    """What was done: rows in the order of what was wanted, how many were made and changed."""

    rows: list[Any] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    same: int = 0
    changes: list[Change] = field(default_factory=list)


def write(
    actor: User | None,
    wanted: Sequence[Wanted],
    *,
    reason: str,
    batch: RegisterImport | None = None,
    key: str | None = None,
) -> Written:
    """Make and change rows in the order in which they refer to each other; return what was done.

    A row whose values say what it holds already is left alone. Raises Conflict when a row changed meanwhile.
    """
    return _Writer(actor, reason, batch, key).write(wanted)


class _Writer:
    def __init__(self, actor: User | None, reason: str, batch: RegisterImport | None, key: str | None) -> None:
        self._actor, self._reason, self._batch, self._key = actor, reason, batch, key
        self._now = clock.now()
        self._done = Written()
        self._keys: dict[str, dict[str, int]] = {}
        self._touched: set[int] = set()

    def write(self, wanted: Sequence[Wanted]) -> Written:
        made: dict[int, Any] = {}
        for kind in KINDS:
            new = [(at, one) for at, one in enumerate(wanted) if one.kind == kind and one.row is None]
            old = [(at, one) for at, one in enumerate(wanted) if one.kind == kind and one.row is not None]
            for at, row in zip([at for at, _one in new], self._create(kind, [one for _at, one in new]), strict=True):
                made[at] = row
            for at, one in old:
                made[at] = self._update(kind, one)
        self._done.rows = [made[at] for at in range(len(wanted))]
        Change.objects.bulk_create(self._done.changes, batch_size=_BATCH)
        Enterprise.objects.filter(pk__in=self._touched).update(changed_at=self._now)
        return self._done

    # New rows

    def _create(self, kind: Kind, wanted: list[Wanted]) -> list[Any]:
        if not wanted:
            return []
        filled = [{**blank(kind), **one.values} for one in wanted]
        self._look_up(kind, filled)
        rows = [self._instance(kind, values) for values in filled]
        if kind.located:
            judge(rows)
        kind.model.objects.bulk_create(rows, batch_size=_BATCH)
        self._keys.setdefault(kind.name, {}).update({row.code: row.pk for row in rows})
        self._link(kind, rows, filled)
        for row, values in zip(rows, filled, strict=True):
            said = {name: [None, value] for name, value in values.items() if not is_empty(value) and value is not False}
            self._note(kind, row, "create", said)
        self._done.created += len(rows)
        return rows

    def _instance(self, kind: Kind, values: Plain) -> Any:
        row = kind.model()
        for column in kind.columns:
            self._set(row, column, values[column.name])
        if kind.is_enterprise:
            row.changed_at = self._now
        return row

    def _set(self, row: Any, column: Column, value: Any) -> None:
        """Put a plain value into a row (links of several rows are made when the row stands)."""
        if column.reads == "refs" and column.of != "subject":
            return
        if column.reads == "ref":
            setattr(row, f"{column.name}_id", self._keys[column.of][value] if value else None)
        elif column.reads == "area":
            setattr(row, f"{column.name}_id", self._keys["place"][value] if value else None)
            if column.name == "area":
                row.area_said = value
        else:
            setattr(row, column.name, to_model(column, value))

    def _look_up(self, kind: Kind, filled: Iterable[Plain]) -> None:
        """Learn the keys of everything that these rows refer to, a query for each kind of it."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for values in filled:
            for column in kind.columns:
                said = values.get(column.name)
                if column.reads == "area" and said:
                    wanted["place"].add(said)
                elif column.reads == "ref" and said:
                    wanted[column.of].add(said)
                elif column.reads == "refs" and column.of != "subject":
                    wanted[column.of].update(said or ())
        for name, codes in wanted.items():
            known = self._keys.setdefault(name, {})
            if lacking := [code for code in codes if code not in known]:
                known.update(_keys_of(name, lacking))

    def _link(self, kind: Kind, rows: list[Any], filled: list[Plain]) -> None:
        for column in kind.columns:
            if column.reads != "refs" or column.of == "subject":
                continue
            through = getattr(kind.model, column.name).through
            mine, theirs = _sides(kind, column)
            links = [
                through(**{mine: row.pk, theirs: self._keys[column.of][code]})
                for row, values in zip(rows, filled, strict=True)
                for code in values[column.name]
            ]
            through.objects.bulk_create(links, batch_size=_BATCH)

    # Rows that are there

    def _update(self, kind: Kind, one: Wanted) -> Any:
        row = one.row
        before = plain_of(kind, row)
        changes = difference(before, one.values)
        if (
            kind.is_enterprise
            and "area" in changes
            and row.area_basis == "point"
            and row.area_said == one.values["area"]
        ):
            changes.pop("area")  # it was said before; the position decided otherwise
        if not changes:
            self._done.same += 1
            return row
        self._look_up(kind, [one.values])
        self._change(kind, row, {name: new for name, (_old, new) in changes.items()})
        if kind.is_enterprise:
            after = plain_of(kind, kind.model.objects.select_related("area", "town").get(pk=row.pk))
            changes = {**changes, **difference(before, after)}
        self._note(kind, row, one.act or "update", changes)
        self._done.updated += 1
        return row

    def _change(self, kind: Kind, row: Any, said: Plain) -> None:
        fields: set[str] = set()
        for name, value in said.items():
            column = kind.by_name[name]
            if column.reads == "refs" and column.of != "subject":
                getattr(row, name).set([self._keys[column.of][code] for code in value])
                continue
            self._set(row, column, value)
            fields.add(name)
        if kind.located:
            judge([row])
            fields |= {"wgs_lon", "wgs_lat"}
        if kind.is_enterprise:
            row.changed_at = self._now
            fields |= {"area", "area_said", "area_basis", "town", "changed_at"}
        values = {f"{name}_id" if _is_key(kind, name) else name: None for name in fields}
        update_versioned(row, **{name: getattr(row, name) for name in values})

    def _note(self, kind: Kind, row: Any, act: str, changes: dict[str, list[Any]]) -> None:
        enterprise = row.pk if kind.is_enterprise else row.enterprise_id
        self._touched.add(enterprise)
        self._done.changes.append(
            Change(
                enterprise_id=enterprise, kind=kind.name, row=row.pk, code=row.code, name=row.name, act=act, at=self._now,
                by=self._actor, by_name=str(self._actor) if self._actor else "system", reason=self._reason,
                changes=changes, row_version=row.version, batch=self._batch,
                key=self._key if not self._done.changes else None,
            )
        )  # fmt: skip


def judge(rows: Sequence[Any]) -> None:
    """Set what follows from positions: WGS-84 by the declared datum; for enterprises the area by point in polygon.

    Where a position lies in no area, or there is none with a datum, what was stated counts.
    """
    for row in rows:
        row.wgs_lon, row.wgs_lat = places.to_wgs84(row.lon, row.lat, row.datum)
    enterprises = [row for row in rows if isinstance(row, Enterprise)]
    if not enterprises:
        return
    known = [row for row in enterprises if row.wgs_lon is not None]
    found = dict(zip((id(row) for row in known), _areas_of(known), strict=True))
    said = dict(
        Place.objects.filter(code__in={row.area_said for row in enterprises if row.area_said}).values_list("code", "pk")
    )
    for row in enterprises:
        lies = found.get(id(row), {})
        kept = None if row.area_basis == "point" else row.area_id
        row.area_id = lies.get("area") or said.get(row.area_said) or kept
        row.area_basis = "point" if lies.get("area") else "said" if row.area_id else ""
        row.town_id = lies.get("town") or row.town_id


def _areas_of(rows: list[Enterprise]) -> list[dict[str, int]]:
    return places.areas().of([(row.wgs_lon, row.wgs_lat) for row in rows]) if rows else []  # type: ignore[misc]


def _keys_of(name: str, codes: list[str]) -> dict[str, int]:
    if name == "place":
        return dict(Place.objects.filter(code__in=codes).values_list("code", "pk"))
    model = next(kind.model for kind in KINDS if kind.name == name)
    found: dict[str, int] = {}
    for start in range(0, len(codes), 500):
        found.update(model.objects.filter(code__in=codes[start : start + 500]).values_list("code", "pk"))
    return found


def _sides(kind: Kind, column: Column) -> tuple[str, str]:
    """Return the columns of a table of links: the row's own, the linked one's."""
    field_ = kind.model._meta.get_field(column.name)
    return f"{field_.m2m_field_name()}_id", f"{field_.m2m_reverse_field_name()}_id"


def _is_key(kind: Kind, name: str) -> bool:
    return bool(kind.model._meta.get_field(name).is_relation)


def fresh(kind: Kind, pk: int, *, lock: bool = False) -> Any:
    """Return a row with all that is compared, locked until the transaction ends where asked."""
    rows = kind.model.objects.select_for_update(of=("self",)) if lock else kind.model.objects.all()
    return with_references(kind, rows).get(pk=pk)
