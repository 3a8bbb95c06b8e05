"""lantian gateway: the collector and the tools of its protocol. Every subcommand is imported only when it is called.

`lantian gateway --port N` is short for `lantian gateway run --port N` (see DEFAULT): options that stand before any
subcommand go to it, so its options are declared in its own module alone.
"""

from __future__ import annotations

import importlib

import click

# subcommand -> (module, attribute, one-line help shown without importing the module)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "deliver": ("lantian.gateway.cli.deliver", "deliver", "Bring what the gateways took into the telemetry store."),
    "mqtt": ("lantian.gateway.cli.mqtt", "mqtt", "Take readings from an MQTT broker."),
    "run": ("lantian.gateway.cli.run", "run", "Collect from data loggers (what `lantian gateway --port N` does)."),
    "decode": ("lantian.gateway.cli.decode", "decode", "Read packets from a file and print what each says."),
}
DEFAULT = "run"  # what `lantian gateway` with options but no subcommand means
_OWN_OPTIONS = {"--help"}


class GatewayGroup(click.Group):
    """Imports a subcommand when it is used; gives leading options to the default subcommand."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if DEFAULT in COMMANDS and (not args or (args[0].startswith("-") and args[0] not in _OWN_OPTIONS)):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, COMMANDS[name][2]) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


@click.group(cls=GatewayGroup)
def gateway() -> None:
    """Collect what data loggers send (HJ 212), and look at their packets."""
