"""lantian gateway deliver: from the inboxes into the telemetry store."""

from __future__ import annotations

from pathlib import Path

import click

from lantian.gateway.cli.run import data_option, prepared


@click.command()
@click.option("--once", is_flag=True, help="deliver what is there, then end")
@data_option
def deliver(once: bool, data: Path) -> None:
    """Bring what the gateways took into the telemetry store, merge small files, look for gaps (one per installation)."""
    import logging

    from lantian.gateway.core import delivering
    from lantian.gateway.core.delivery import deliver_all

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    data = data.resolve()
    offset = prepared(data)
    if once:
        done = deliver_all(data, offset=offset)
        click.echo(f"{done.packets} packets, {done.rows} rows, {done.refused} refused, {done.repeated} repeated")
        return
    delivering.deliver(data, offset=offset)
