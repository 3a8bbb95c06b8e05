"""Load a city pack, or say everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lantian.city.gazetteer import Gazetteer
from lantian.city.pack.agencies import FILE as AGENCIES
from lantian.city.pack.agencies import Names, build_gazetteer, read_agencies
from lantian.city.pack.calendar import Calendar
from lantian.city.pack.checks import SeenPack, check_files
from lantian.city.pack.faults import Fault, Faults, PackError
from lantian.city.pack.files import PackFiles
from lantian.city.pack.meta import FILE as PACK
from lantian.city.pack.meta import read_meta
from lantian.city.pack.model import CityPack, Document, Meta, Places
from lantian.city.pack.people import read_demo, read_roles
from lantian.city.pack.places import read_places
from lantian.city.pack.schedule import read_calendar, read_escalation, read_thresholds
from lantian.city.pack.series import read_bindings, read_indicators


def load_pack(path: str | Path) -> CityPack:
    """Load the pack in a folder. Raises PackError, whose `faults` name file, line and remedy of everything wrong."""
    faults = Faults()
    pack = _read(Path(path), faults)
    if pack is None or len(faults):
        raise PackError(Path(path).name, list(faults))
    return pack


def check_pack(path: str | Path) -> list[Fault]:
    """Return the faults of the pack in a folder, in the order of files and lines; an empty list when it is sound."""
    faults = Faults()
    _read(Path(path), faults)
    return list(faults)


def _read(root: Path, faults: Faults) -> CityPack | None:
    if not root.is_dir():
        faults.add(
            "missing-file", PACK, 1, f"there is no folder {root.name!r}.", "Give the folder that holds pack.toml."
        )
        return None
    files = PackFiles(root, faults)
    head = read_meta(files, faults)
    if head is None:
        return None
    meta, documents = head
    places = read_places(files, meta, faults)
    names = read_agencies(files, meta, places, faults)
    calendar = read_calendar(files, faults)
    thresholds, escalation = read_thresholds(files, faults), read_escalation(files, faults)
    indicators = read_indicators(files, faults)
    bindings = read_bindings(files, documents, indicators, places, faults)
    check_files(files, SeenPack(meta, documents, places, bindings), faults)
    roles, users = read_roles(files, faults), read_demo(files, places, names, faults)
    gazetteer = _gazetteer(meta, places, names, calendar, faults)
    if gazetteer is not None:
        _report_unknown_agencies(documents, gazetteer, faults)
    if not (places and names and calendar and gazetteer) or indicators is None:
        return None
    return CityPack(
        root=root,
        meta=meta,
        places=places,
        agencies=names.agencies,
        enterprises=names.enterprises,
        calendar=calendar,
        thresholds=thresholds,
        escalation=escalation,
        indicators=indicators,
        documents=documents,
        bindings=bindings,
        roles=roles,
        demo_users=users,
        names=gazetteer,
        sha256=files.sha256(),
    )


def _gazetteer(
    meta: Meta, places: Places | None, names: Names | None, calendar: Calendar | None, faults: Faults
) -> Gazetteer | None:
    """The pack's names; None when faults found so far make them useless."""
    if not (places and names and calendar):
        return None
    if {fault.file for fault in faults} & {PACK, AGENCIES, "places.toml", "calendar.toml"}:
        return None
    try:
        return build_gazetteer(meta, places, names, calendar)
    except ValueError as error:  # what no check before has seen
        faults.add("alias-twice", AGENCIES, 1, str(error))
        return None


# What stands in brackets and speaks of duties, or after "responsible:" on a line of its own.
_CLAUSE = re.compile(
    r"[（(〔]([^（）()〔〕]{2,400}?(?:牵头|负责|配合|参与|落实|确定)[^（）()〔〕]{0,120})[）)〕]"
    r"|(?:责任|牵头|配合)单位[：:]([^\n]+)"
)
_SPLIT = re.compile(r"[、，,；;。\s]|名单|由|确定|牵头|配合|参与|按照?职责|分别|负责|落实|会同|以及|及|和(?=市)")
_AGENCY = re.compile(r"(?:市|县|区|省)?[\u4e00-\u9fff]{1,20}(?:局|委|委员会|办公室|公司|支队|车务段|领导小组|成员单位)")
_TAIL = re.compile(r"等?(?:部门|单位|相关部门|有关部门)?$")


def _report_unknown_agencies(documents: tuple[Document, ...], gazetteer: Gazetteer, faults: Faults) -> None:
    """Report agencies that a document gives duties to and that the pack cannot name."""
    for document in documents:
        for offset, name in agencies_in_clauses(document.text):
            if gazetteer.agency(name) is None and gazetteer.area(name) is None:
                line = document.text.count("\n", 0, offset) + 1
                hint = f"Add it to {AGENCIES}, or as a further name of one that stands there."
                faults.add("unknown-agency", document.file, line, f"the plan names {name!r}, which nobody knows.", hint)


def agencies_in_clauses(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, name) of what looks like an agency inside the brackets of responsibility clauses."""
    for clause in _CLAUSE.finditer(text):
        group = 1 if clause.group(1) is not None else 2
        at = clause.start(group)
        for offset, name in _parts(clause.group(group)):
            if _AGENCY.fullmatch(name):
                yield at + offset, name


def _parts(clause: str) -> Iterator[tuple[int, str]]:
    start = 0
    for cut in [*_SPLIT.finditer(clause), None]:
        end = cut.start() if cut else len(clause)
        name = _TAIL.sub("", clause[start:end])
        if name:
            yield start, name
        start = cut.end() if cut else end
