"""Commands that run the processes: `serve` (web, worker, gateway under one supervisor), `web`, `work`, `demo`, `django`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from lantian.cli import register_pack_checks, setup_django

if TYPE_CHECKING:
    from lantian.city.pack import CityPack

# Open connections that each process takes before it stops accepting. Browsers keep several open that are idle, and the
# server counts those as well: a small number would lock everybody out as soon as enough people have a page open.
CONNECTIONS = 4096
# Set by a supervisor, to its process number, for its children: the database is prepared.
PREPARED = "LANTIAN_PREPARED_BY"


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def django(arguments: tuple[str, ...]) -> None:
    """Run a Django management command (for example `lantian django shell`)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantian.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["lantian django", *arguments])


def prepare_database() -> None:
    """Bring the database to the present schema; nothing is lost by running it again. Children of a supervisor that did
    it already do not do it again."""
    from django.core.management import call_command

    if os.environ.get(PREPARED) != str(os.getppid()):
        call_command("migrate", verbosity=0, interactive=False)


def _stop_when_told() -> None:
    """Let a signal end this process at once; the server sets its own handlers when it can answer."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--processes", default=min(4, (os.cpu_count() or 1) + 1), show_default=True, help="one more than cores")
@click.option("--threads", default=2, show_default=True, help="requests that each process answers at the same time")
def web(host: str, port: int, processes: int, threads: int) -> None:
    """Run the web server alone."""
    setup_django()
    prepare_database()
    from granian import Granian
    from granian.constants import Interfaces

    # A process that is still loading has its parent's handlers, which would swallow the signal to stop: it would load to
    # the end, and its parent would wait for it for ever.
    os.register_at_fork(after_in_child=_stop_when_told)
    Granian(
        "lantian.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=threads,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        log_access=False,
        log_level="error",  # type: ignore[arg-type] # not the warning that there are more processes than cores
        websockets=False,
    ).serve()


@click.command()
def work() -> None:
    """Run the worker alone (one per installation)."""
    setup_django()
    prepare_database()
    from lantian.web.worker import run

    run()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--gateway-port", default=8212, show_default=True, help="where data loggers deliver (HJ 212); 0: nowhere")
def serve(host: str, port: int, gateway_port: int) -> None:
    """Run everything for one city on one machine: web server, worker, gateway and delivery, restarted when they die."""
    setup_django()
    prepare_database()
    me = [sys.executable, "-m", "lantian"]
    web_and_worker = {"web": [*me, "web", "--host", host, "--port", str(port)], "work": [*me, "work"]}
    supervise({**web_and_worker, **gateway_commands(gateway_port)})


def gateway_commands(port: int, host: str = "") -> dict[str, list[str]]:
    """Return the commands of the gateway and of delivery (none for port 0); the devices are published for them."""
    if not port:
        return {}
    from lantian.gateway.services import publish_all

    publish_all()
    me = [sys.executable, "-m", "lantian", "gateway"]
    data = ["--data", os.environ.get("LANTIAN_DATA", "data")]
    where = ["--port", str(port), *(["--host", host] if host else [])]
    return {"gateway": [*me, "run", *where, *data], "deliver": [*me, "deliver", *data]}


def supervise(commands: dict[str, list[str]], *, patience: float = 10.0) -> None:
    """Run the commands as children until SIGINT or SIGTERM; start a dead one again (slower when it keeps dying)."""
    os.environ[PREPARED] = str(os.getpid())
    children: dict[str, subprocess.Popen[bytes]] = {}
    started: dict[str, float] = {}
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        while not stopping:
            for name, command in commands.items():
                child = children.get(name)
                if child is not None and child.poll() is None:
                    continue
                if child is not None:
                    click.echo(f"{name} ended with {child.returncode}; it is started again", err=True)
                    time.sleep(0 if time.monotonic() - started[name] > patience else 2)
                # A session of its own: a Ctrl-C reaches only the supervisor, which then stops the children in order.
                children[name] = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own commands
                started[name] = time.monotonic()
            time.sleep(0.3)
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            try:
                child.wait(patience)
            except subprocess.TimeoutExpired:
                child.kill()


@click.command()
@click.option("--data", default="data", show_default=True, type=click.Path(path_type=Path), help="the data folder")
@click.option("--city", help="city pack: a name under cities/ or a folder (default: the one in cities/default)")
@click.option("--port", default=8000, show_default=True)
@click.option("--gateway-port", type=int, help="where synthetic loggers deliver (default: PORT + 212; 0: nowhere)")
@click.option("--no-serve", is_flag=True, help="only make the data")
def demo(data: Path, city: str | None, port: int, gateway_port: int | None, no_serve: bool) -> None:
    """Make a data folder with the city, its plan and demonstration logins (once), then serve it."""
    os.environ["LANTIAN_DATA"] = str(data.resolve())
    from lantian.city.pack import default_pack, find_pack, load_pack
    from lantian.web.demo_clock import remembered_offset

    register_pack_checks()
    pack = load_pack(find_pack(city or default_pack()))
    os.environ["LANTIAN_CLOCK_OFFSET"] = str(remembered_offset(data, pack))
    setup_django()
    prepare_database()
    from lantian.web.demo import make_demo

    for line in make_demo(pack, f"http://127.0.0.1:{port}"):
        click.echo(line)
    if not no_serve:
        me = [sys.executable, "-m", "lantian"]
        web_and_worker = {"web": [*me, "web", "--port", str(port)], "work": [*me, "work"]}
        supervise({**web_and_worker, **_live(pack, port + 212 if gateway_port is None else gateway_port)})


def _live(pack: CityPack, port: int) -> dict[str, list[str]]:
    """Gateway, delivery and the synthetic city's loggers, for this machine alone."""
    from lantian.web.demo_sources import live_command

    commands = gateway_commands(port, "127.0.0.1")
    twin = live_command(pack, port) if commands else []
    return {**commands, **({"twin": twin} if twin else {})}
