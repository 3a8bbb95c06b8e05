"""lantian observations: what the store holds, its upkeep, and whether it is still what was written. No database."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lantian.observations.store import Store

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_WAIT = click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for another writer.")


@click.group()
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: LANTIAN_DATA, else ./data).")
@click.pass_context
def observations(context: click.Context, data: Path | None) -> None:
    """State and upkeep of the observation store."""
    context.obj = data or Path(os.environ.get("LANTIAN_DATA", "data"))


def _store(context: click.Context) -> Store:
    from lantian.observations.store import Store

    store = Store.under(context.obj)
    if not store.exists:
        raise click.ClickException(f"there is no observation store in {store.root}; the first import makes it")
    return store


@contextmanager
def _said() -> Iterator[None]:
    """Say what the store cannot do as a sentence instead of a traceback."""
    from lantian.observations.errors import StoreError

    try:
        yield
    except StoreError as error:
        raise click.ClickException(str(error)) from error


@observations.command()
@_AS_JSON
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show tables, rows, files, months, the last batches, who writes."""
    from lantian.observations.compaction import months_that_gain
    from lantian.observations.lock import owner_of
    from lantian.observations.schema import TABLES

    store = _store(context)
    with _said():
        found: dict[str, Any] = {"folder": str(store.root), "writer": owner_of(store.lock_path), "tables": {}}
        for spec in TABLES:
            files, version = store.snapshot(spec)
            found["tables"][spec.name] = {
                "version": version,
                "rows": sum(f.rows for f in files),
                "files": len(files),
                "bytes": sum(f.size for f in files),
                "months": sorted({f.month for f in files}),
                "to_compact": months_that_gain(files, spec),
                "last": [_commit(row) for row in store.register.commits(spec.name)[-3:]],
            }
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    click.echo(found["folder"])
    for name, table in found["tables"].items():
        months = f"{table['months'][0]} to {table['months'][-1]}" if table["months"] else "empty"
        click.echo(
            f"{name}: version {table['version']}, {table['rows']:,} rows in {table['files']} files "
            f"({table['bytes'] / 1e6:,.1f} MB), {months}; {len(table['to_compact'])} months to compact"
        )
        for row in table["last"]:
            click.echo(
                f"  {row['at']}  {row['kind']:<9} {row['rows']:>9,} rows  {row['batch']} {row['actor']}".rstrip()
            )


def _commit(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("version", "kind", "at", "batch", "rows", "actor", "reason", "origin")}


@observations.command()
@_WAIT
@_AS_JSON
@click.pass_context
def compact(context: click.Context, wait: float, as_json: bool) -> None:
    """Merge small files, month by month; readers are not disturbed."""
    from lantian.observations.compaction import compact as do

    with _said():
        done = do(_store(context), wait=wait)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in done]))
        return
    for one in done:
        click.echo(f"{one.table} {one.month}: {one.rows:,} rows, {one.files_before} files -> {one.files_after}")
    click.echo(f"{len(done)} months compacted.")


@observations.command()
@click.option("--quick", is_flag=True, help="Leave out the checksums of the files' content.")
@_AS_JSON
@click.pass_context
def verify(context: click.Context, quick: bool, as_json: bool) -> None:
    """Look at every entry, file, count and checksum (exit status 1 when something is wrong)."""
    from lantian.observations.verify import verify as do

    with _said():
        verdict = do(_store(context), checksums=not quick)
    if as_json:
        click.echo(json.dumps({"ok": verdict.ok, **asdict(verdict)}, ensure_ascii=False, indent=2))
    else:
        for fault in verdict.faults:
            click.echo(fault)
        word = "The store is what was written" if verdict.ok else "The store is NOT what was written"
        click.echo(f"{word}: {verdict.files} files, {verdict.rows:,} rows, {verdict.batches} batches.")
    sys.exit(0 if verdict.ok else 1)


@observations.command()
@click.option("--grace-hours", default=24.0, show_default=True, help="Keep what was replaced since then.")
@click.option("--dry-run", is_flag=True, help="Only name the files.")
@_WAIT
@_AS_JSON
@click.pass_context
def vacuum(context: click.Context, grace_hours: float, dry_run: bool, wait: float, as_json: bool) -> None:
    """Remove files that the table does not need any more (replaced ones, and what a crash left staged)."""
    from lantian.observations.vacuum import vacuum as do

    with _said():
        removed = do(_store(context), grace=dt.timedelta(hours=grace_hours), dry_run=dry_run, wait=wait)
    if as_json:
        click.echo(json.dumps({"removed": not dry_run, "files": dict(removed)}, indent=2))
        return
    if dry_run:
        for name, _ in removed:
            click.echo(name)
    click.echo(f"{len(removed)} files, {sum(size for _, size in removed) / 1e6:,.1f} MB{' to remove' * dry_run}.")
