"""Commands of the city room. They import what they need when they run, so that `--help` is quick."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from lantian.city.commands import load, user


@click.group()
def city() -> None:
    """Check and load city packs, manage users."""


@city.command()
@click.argument("pack")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(pack: str, as_json: bool) -> None:
    """Check the city pack PACK (a folder, or a name under cities/); exit with 1 when it has faults."""
    from lantian.city.pack import check_pack, find_pack
    from lantian.cli import register_pack_checks

    register_pack_checks()
    try:
        folder = find_pack(pack)
    except FileNotFoundError as error:
        raise click.BadParameter(str(error), param_hint="PACK") from None
    faults = check_pack(folder)
    if as_json:
        report = {"pack": folder.name, "ok": not faults, "faults": [asdict(fault) for fault in faults]}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for fault in faults:
            click.echo(str(fault))
        click.echo(f"{folder.name}: {_count(len(faults))}.")
    if faults:
        raise SystemExit(1)


def _count(number: int) -> str:
    return {0: "no faults", 1: "1 fault"}.get(number, f"{number} faults")


city.add_command(load)
city.add_command(user)
