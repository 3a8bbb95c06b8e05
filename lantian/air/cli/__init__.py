"""lantian air: files into the store, assessment of a place, ranking of a scope. No database; slow parts load late."""

from __future__ import annotations

import click

from lantian.air.cli.dust import dust as _dust
from lantian.air.cli.figures import commands as _figures
from lantian.air.cli.imports import commands as _imports
from lantian.air.cli.quality import commands as _quality
from lantian.air.cli.synthetic import commands as _synthesize
from lantian.air.cli.targets import targets as _targets


@click.group()
def air() -> None:
    """Air quality: import hours, assess places, rank them."""


for _command in (*_imports, *_figures, *_quality, _dust, *_synthesize, _targets):
    air.add_command(_command)
