"""Is the store still what was written? Every entry, every file, every count, every checksum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from lantian.observations.durable import digest_of
from lantian.observations.errors import DamagedError
from lantian.observations.existing import connect, scan
from lantian.observations.log import DataFile
from lantian.observations.parquet import SUFFIX
from lantian.observations.schema import TABLES, TableSpec

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from lantian.observations.store import Store


@dataclass
class Verdict:
    """What was looked at and what is wrong with it."""

    files: int = 0
    rows: int = 0
    bytes: int = 0
    batches: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def verify(store: Store, *, checksums: bool = True) -> Verdict:
    """Look at every file of the newest version of every table. `checksums=False` skips reading the files' content."""
    verdict = Verdict()
    if not store.exists:
        return verdict
    for spec in TABLES:
        if not store.log(spec).exists:
            continue
        try:
            files, version = store.snapshot(spec)
            verdict.faults += _entries(store, spec, version)
        except DamagedError as error:
            verdict.faults.append(str(error))
            continue
        sound = []
        for file in files:
            faults = list(_file(file, checksums=checksums))
            verdict.faults += faults
            if not faults:
                sound.append(file)
        verdict.files += len(files)
        verdict.rows += sum(f.rows for f in files)
        verdict.bytes += sum(f.size for f in files)
        if len(sound) == len(files):
            verdict.faults += _counts(store, spec, sound, verdict)
    verdict.faults += [f"{t}: batch {b} was committed {n} times" for t, b, n in store.register.duplicates()]
    return verdict


def _entries(store: Store, spec: TableSpec, version: int) -> Iterator[str]:
    log = store.log(spec)
    known = {row["version"] for row in store.register.commits(spec.name)}
    for number in range(version + 1):
        try:
            entry = log.entry(number)
        except DamagedError as error:
            yield str(error)
            continue
        if entry is not None and entry.kind == "unknown":
            yield f"{spec.name}: version {number} was written by another program"
        if number not in known:
            yield f"{spec.name}: version {number} is not in the register (a writer that starts enters it)"


def _file(file: DataFile, *, checksums: bool) -> Iterator[str]:
    if not file.path.exists():
        yield f"{file.path} is gone"
    elif file.path.stat().st_size != file.size:
        yield f"{file.path} has {file.path.stat().st_size} bytes, the log says {file.size}"
    elif checksums and digest_of(file.path) + SUFFIX != file.path.name:
        yield f"{file.path}: its content does not agree with its name, which is its SHA-256"
    else:
        try:
            rows = pq.read_metadata(file.path).num_rows
        except (OSError, ValueError) as error:
            yield f"{file.path} cannot be read: {error}"
            return
        if rows != file.rows:
            yield f"{file.path} holds {rows} rows, the log says {file.rows}"


def _counts(store: Store, spec: TableSpec, files: list[DataFile], verdict: Verdict) -> Iterator[str]:
    """Compare the rows of every batch with what its commit said, less what retention dropped."""
    commits = store.register.commits(spec.name)
    said = {row["batch"]: row["rows"] for row in commits if row["batch"]}
    dropped = sum(row["rows"] for row in commits if row["kind"] == "retention")
    there: dict[str, int] = {}
    if files:
        with connect(store.temporary) as connection:
            query = f"select batch, count(*) from {scan([f.path for f in files])} group by 1"  # noqa: S608
            there = dict(connection.execute(query).fetchall())
            verdict.faults += _twice_newest(connection, files, spec)
    verdict.batches += len(there)
    for batch in sorted(there.keys() - said.keys()):
        yield f"{spec.name}: {there[batch]} rows of batch {batch}, which no commit names"
    for batch, rows in sorted(said.items()):
        found = there.get(batch, 0)
        if found > rows or (found < rows and not dropped):
            yield f"{spec.name}: batch {batch} has {found} rows, its commit says {rows}"
    if sum(said.values()) - sum(there.values()) != dropped:
        yield f"{spec.name}: {sum(said.values())} rows were written and {dropped} dropped, {sum(there.values())} are there"


def _twice_newest(connection: DuckDBPyConnection, files: list[DataFile], spec: TableSpec) -> Iterator[str]:
    """Within one file only one row of a fact may be without a later one: reading relies on it."""
    key = ", ".join(spec.key)
    for file in files:
        query = (
            f"select count(*) from (select 1 from {scan([file.path])} "  # noqa: S608
            f"where known_until is null group by {key} having count(*) > 1)"
        )
        found = connection.execute(query).fetchall()[0][0]
        if found:
            yield f"{file.path}: {found} facts have more than one newest row"
