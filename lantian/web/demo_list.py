"""The demonstration's register: invented enterprises with boilers and permits, brought in through the importer as an office would."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from lantian.city.pack import CityPack
from lantian.sources.kinds import KINDS
from lantian.sources.models import RegisterImport
from lantian.sources.services import importing
from lantian.web import demo_story

_FOLDER = "demo/sources"
REASON = "演示数据"


def load(pack: CityPack) -> list[RegisterImport]:
    """Import `demo/sources/<kind>.csv` of the pack, kind by kind; nothing where the pack has none.

    Raises ValueError naming rows with faults: a demonstration is whole or is not made.
    """
    office, made = demo_story.person("office"), []
    for kind in KINDS:
        path = pack.root / _FOLDER / f"{kind.name}.csv"
        if path.is_file():
            upload = SimpleUploadedFile(path.name, path.read_bytes())
            job = importing.look(office, upload, declared={"kind": kind.name})
            if faults := importing.faults_csv(job, "en"):
                raise ValueError(f"{path.name}: {faults}")
            made.append(importing.apply(office, job, reason=REASON, seen_version=job.version))
    return made
