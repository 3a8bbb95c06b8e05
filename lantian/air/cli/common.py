"""What the commands of the air share: options, a sentence instead of a traceback, JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Data folder (default: LANTIAN_DATA, else ./data)."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON (UTF-8).")
lang_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of names."
)
format_option = click.option(
    "--format", "form", default="cnemc-city-hourly", show_default=True, help="What the file is."
)


@contextmanager
def said() -> Iterator[None]:
    """Say what cannot be done as a sentence instead of a traceback."""
    from lantian.observations.errors import StoreError

    try:
        yield
    except (StoreError, ValueError, LookupError, OSError) as error:
        raise click.ClickException(str(error)) from error


def words_of(group: str, lang: str) -> dict[str, str]:
    """Words of the printed tables (`data/words.toml`)."""
    import tomllib
    from importlib import resources

    text = resources.files("lantian.air").joinpath("data/words.toml").read_text(encoding="utf-8")
    return {key: word[lang] for key, word in tomllib.loads(text)[group].items()}


def print_json(data: object) -> None:
    sys.stdout.buffer.write((json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())
    sys.stdout.flush()
