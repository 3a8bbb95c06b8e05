"""lantian audit: is the record still what was written?"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from lantian.cli import setup_django


@click.group()
def audit() -> None:
    """Verify the audit chain and the stored files, and print the chain's head."""
    setup_django()


@contextmanager
def _language() -> Iterator[None]:
    """Speak the terminal's language: Chinese where it is Chinese, else English."""
    from django.utils import translation

    terminal = next(filter(None, (os.environ.get(n) for n in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    with translation.override("zh-hans" if terminal.startswith("zh") else "en"):
        yield


@audit.command()
@click.option("--anchor", metavar="SEQ:HASH", help="An entry printed on a bulletin, which the chain must still hold.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(anchor: str | None, as_json: bool) -> None:
    """Walk the audit chain and name every entry that was edited, removed, re-ordered or put in (exit status 1)."""
    from django.utils.translation import gettext as _

    from lantian.kit.errors import DomainError
    from lantian.records.verify import verify_chain

    with _language():
        try:
            result = verify_chain(anchor)
        except DomainError as error:
            raise click.BadParameter(str(error), param_hint="--anchor") from error
        if as_json:
            click.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=2))
        else:
            for fault in result.faults:
                click.echo(fault.text)
            if result.more:
                click.echo(_("… and %(count)s more faulty entries.") % {"count": result.more})
            verdict = _("The chain is intact.") if result.ok else _("The chain is BROKEN.")
            size = _("%(count)s entries; head %(head)s") % {"count": result.entries, "head": result.head}
            click.echo(f"{verdict} {size}")
        for warning in result.warnings:
            click.echo(_("Warning: %s") % warning, err=True)
    sys.exit(0 if result.ok else 1)


@audit.command()
def head() -> None:
    """Print SEQ:HASH of the newest entry: keep it elsewhere (on paper, in a bulletin) and give it to verify --anchor."""
    from lantian.records.chain import anchor

    click.echo(anchor())


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def files(as_json: bool) -> None:
    """Hash every stored file again and compare it with its SHA-256 (exit status 1 when one is gone or changed)."""
    from django.utils.translation import gettext as _

    from lantian.records.files import check_stored, strays
    from lantian.records.models import StoredFile

    with _language():
        checks = [check_stored(stored) for stored in StoredFile.objects.order_by("sha256").iterator()]
        broken = [check for check in checks if not check.ok]
        unknown = [path.name for path in strays()]
        if as_json:
            faults = [{"sha256": c.sha256, "state": c.state, "actual": c.actual} for c in broken]
            click.echo(json.dumps({"ok": not broken, "files": len(checks), "faults": faults, "strays": unknown}))
        else:
            words = {"missing": _("the file is missing"), "changed": _("the content was changed")}
            for check in broken:
                click.echo(f"{check.sha256}: {words[check.state]}")
            click.echo(
                _("%(count)s files checked, %(broken)s broken, %(strays)s that no record names.")
                % {"count": len(checks), "broken": len(broken), "strays": len(unknown)}
            )
    sys.exit(1 if broken else 0)


@audit.command()
@click.option("--reason", required=True, help="What happened and who examined it; it is written into the chain.")
def reseal(reason: str) -> None:
    """Let work go on after tampering was examined: seal the head anew and write down what was found.

    The faults stay visible to every later verification. Keep a copy of the database first.
    """
    from lantian.kit.errors import DomainError
    from lantian.records.repair import reseal as do

    with _language():
        try:
            entry = do(reason)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{entry.seq}:{entry.hash}")
