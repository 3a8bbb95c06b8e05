"""lantian gateway run: the TCP server of the data loggers."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click


def prepared(data: Path) -> dt.timedelta:
    """Bring the register of devices into the control tables; return the city clock's distance from UTC.

    A supervisor's child finds it there already and loads no Django.
    """
    from lantian.gateway.core.control import Control

    if os.environ.get("LANTIAN_PREPARED_BY") != str(os.getppid()):
        from lantian.cli import setup_django

        os.environ["LANTIAN_DATA"] = str(data)
        setup_django()
        from lantian.gateway.services.telling import publish_all

        publish_all()
    with Control(data) as control:
        return dt.timedelta(minutes=int(control.meta("offset_minutes", "480")))


data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: os.environ.get("LANTIAN_DATA", "data"),
    help="the data folder (default: LANTIAN_DATA, else ./data)",
)


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True, help="where to listen")  # noqa: S104 - devices come from outside
@click.option("--port", default=8212, show_default=True)
@click.option("--name", help="the name of this gateway and its inbox (default: tcp-PORT); each has one of its own")
@data_option
def run(host: str, port: int, name: str | None, data: Path) -> None:
    """Collect from data loggers: every packet is on disk before it is answered."""
    import logging

    from lantian.gateway.core.running import serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    data = data.resolve()
    offset = prepared(data)
    try:
        serve(
            data,
            name or f"tcp-{port}",
            host,
            port,
            offset=offset,
            ready=lambda at: click.echo(f"listening on {host}:{at}"),
        )
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error}. Choose another --port or end who has it."
        ) from error
