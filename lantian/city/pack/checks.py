"""What rooms above know about a pack: the pack knows the form of its files, they know what may stand in them.

A room registers its check when Django starts (`AppConfig.ready`); commands that start without Django ask
`lantian.cli.register_pack_checks`. No Django here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lantian.city.pack.faults import Faults
from lantian.city.pack.files import PackFiles
from lantian.city.pack.model import Binding, Document, Meta, Places

# (setting that is to blame, or "" for the rule itself; what is wrong; how to mend it)
Trouble = tuple[str, str, str]
RuleCheck = Callable[[str, Mapping[str, Any]], Iterable[Trouble]]
_checks: list[RuleCheck] = []


@dataclass(frozen=True, slots=True)
class SeenPack:
    """What was read of a pack before the files of other rooms are looked at; `places` is None after faults in them."""

    meta: Meta
    documents: tuple[Document, ...]
    places: Places | None
    bindings: tuple[Binding, ...]


FileCheck = Callable[[PackFiles, SeenPack, Faults], None]
_file_checks: list[FileCheck] = []


def register_rule_check(check: RuleCheck) -> None:
    """Let `check(rule, settings)` say what is wrong with a pack's settings of an escalation rule (once each)."""
    if check not in _checks:
        _checks.append(check)


def rule_troubles(rule: str, settings: Mapping[str, Any]) -> Iterator[Trouble]:
    """Yield what the registered checks find."""
    for check in _checks:
        yield from check(rule, settings)


def register_file_check(check: FileCheck) -> None:
    """Let `check(files, seen, faults)` report what is wrong with files that only its room reads (once each).

    Their room reads those files from the folder: the database does not hold them.
    """
    if check not in _file_checks:
        _file_checks.append(check)


def check_files(files: PackFiles, seen: SeenPack, faults: Faults) -> None:
    """Let every registered check look at the folder."""
    for check in _file_checks:
        check(PackFiles(files.root, faults), seen, faults)
