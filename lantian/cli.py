"""The root command. Rooms are imported only when one of their commands is called, so that commands
without a database start at once."""

from __future__ import annotations

import importlib

import click

from lantian import __version__

# command name -> (module, attribute, one-line help shown without importing the module)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "air": ("lantian.air.cli", "air", "Air quality: import hours, assess places, rank them."),
    "aqi": ("lantian.standards.cli", "aqi", "Compute the Air Quality Index under the law of a day."),
    "audit": ("lantian.records.cli", "audit", "Verify the audit chain and print its head."),
    "city": ("lantian.city.cli", "city", "Check and load city packs, manage users."),
    "demo": ("lantian.web.cli", "demo", "A data folder with a city, its plan and demo logins; then serve it."),
    "django": ("lantian.web.cli", "django", "Run a Django management command."),
    "gateway": ("lantian.gateway.cli", "gateway", "Collect what data loggers send (HJ 212), decode packets."),
    "indicators": ("lantian.indicators.cli", "indicators", "List indicators and the coverage of the plan's targets."),
    "limits": ("lantian.standards.cli", "limits", "List the limits of ambient air on a day, with their sources."),
    "observations": ("lantian.observations.cli", "observations", "The store of observations: state, upkeep, proof."),
    "plan": ("lantian.plan.cli", "plan", "Read, import and work plans."),
    "serve": ("lantian.web.cli", "serve", "Run web server, worker and gateway for one city."),
    "twin": ("lantian.twin.cli", "twin", "A synthetic city: let its loggers send, write it to files, print its truth."),
    "web": ("lantian.web.cli", "web", "Run the web server alone."),
    "work": ("lantian.web.cli", "work", "Run the worker alone."),
}


# Modules whose register() tells the city room what a room above it knows about packs (no Django).
PACK_CHECKS = (
    "lantian.air.pack_checks",
    "lantian.plan.pack_checks",
    "lantian.sources.pack_checks",
    "lantian.supervision.pack_checks",
)


class LazyGroup(click.Group):
    """A click group that imports a subcommand's module when it is used, not when help lists it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup)
@click.version_option(__version__)
def main() -> None:
    """Lantian: from the plan's text to assignments that are checked."""


def register_pack_checks() -> None:
    """Let every room have its say about city packs, for commands that do not load Django (which does it itself)."""
    for module in PACK_CHECKS:
        importlib.import_module(module).register()


def setup_django() -> None:
    """Load Django for commands that need the database (idempotent)."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantian.settings")
    django.setup()
