"""Commands of the plan room. Nothing is imported before its command runs: `parse` must start at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantian.plan.commands import adopt, import_text

if TYPE_CHECKING:
    from lantian.city.gazetteer import Gazetteer
    from lantian.plan.reading import ParsedPlan


@click.group()
def plan() -> None:
    """Read, import and work plans."""


@plan.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--city", help="City pack (name or folder): its agencies, areas and calendar. Default: national names.")
@click.option("--json", "as_json", is_flag=True, help="Print everything that was read as JSON (UTF-8).")
@click.option("--text", "as_text", is_flag=True, help="Print the extracted text that the offsets count in.")
def parse(file: Path, city: str | None, as_json: bool, as_text: bool) -> None:
    """Read a plan (.txt .md .html .docx .pdf) and show its tasks, duties, deadlines and targets."""
    from lantian.plan.reading import SourceError, read_plan, read_source

    try:
        source = read_source(file)
    except SourceError as error:
        raise click.ClickException(str(error)) from error
    if as_text:
        _print(source.text)
        return
    parsed = read_plan(source, _gazetteer(city))
    _print(json.dumps(parsed.to_json(), ensure_ascii=False, indent=1) if as_json else _summary(parsed))


def _gazetteer(city: str | None) -> Gazetteer | None:
    if city is None:
        return None
    from lantian.city.pack import PackError, find_pack, load_pack

    try:
        return load_pack(find_pack(city)).names
    except (PackError, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from error


def _print(text: str) -> None:
    """UTF-8 whatever the terminal's encoding is, so that the output can be piped on any machine."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def _summary(parsed: ParsedPlan) -> str:
    """A page to look at: one line a task, one a clause, then the warnings."""
    lines = [parsed.title, " · ".join(filter(None, (parsed.number, parsed.issuer, parsed.date))), ""]
    for task in parsed.tasks:
        lines.append(f"{task.number}. {task.title}")
        for group in task.groups:
            parts = [f"{label}{'、'.join(names)}" for label, names in _roles(group.to_json()) if names]
            lines.append(f"   {len(group.measures)} × {'  '.join(parts) or '—'}")
    measures = [measure for task in parsed.tasks for group in task.groups for measure in group.measures]
    clauses = sum(len(task.groups) for task in parsed.tasks)
    lines += ["", f"{len(parsed.tasks)} tasks, {clauses} clauses, {len(measures)} measures"]
    lines += [str(warning) for warning in parsed.warnings]
    return "\n".join(lines)


def _roles(group: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    return [
        ("牵头 ", group["lead"]),
        ("配合 ", group["cooperate"]),
        ("分别 ", group["each"]),
        ("落实 ", group["implement"]),
    ]


plan.add_command(import_text)
plan.add_command(adopt)

if __name__ == "__main__":
    plan()
