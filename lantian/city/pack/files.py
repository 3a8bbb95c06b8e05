"""The files of a pack folder: read once, as UTF-8, never from outside the folder."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath

from lantian.city.pack.faults import Faults

MAX_BYTES = 20 * 1024 * 1024
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_BOM = b"\xef\xbb\xbf"


class PackFiles:
    """Read files of the pack at `root` by their relative names; what is wrong with one goes to `faults`."""

    def __init__(self, root: Path, faults: Faults) -> None:
        self.root = root
        self._faults = faults
        self._raw: dict[str, bytes] = {}

    def safe(self, name: str, file: str, line: int, column: int | None = None) -> bool:
        """Tell whether `name` may be opened; a fault at file:line says why not."""
        if _SAFE_NAME.fullmatch(name) and ".." not in PurePosixPath(name).parts:
            return True
        hint = "Use a relative name of letters, digits, '.', '_' and '-' inside the pack's own folder."
        self._faults.add("unsafe-path", file, line, f"unsafe file name {name!r}.", hint, column=column)
        return False

    def exists(self, name: str) -> bool:
        return (self.root / name).is_file()

    def text(self, name: str, *, declared: tuple[str, int] | None = None, required: bool = True) -> str | None:
        """Return the text of a file, or None after a fault (no fault when it is absent and not required).

        `declared` is the file and line that name it; a missing file is reported there.
        """
        path = self.root / name
        if not path.is_file():
            if required:
                file, line = declared or (name, 1)
                self._faults.add("missing-file", file, line, f"the file {name} is missing.", "Add it to the pack.")
            return None
        if not path.resolve().is_relative_to(self.root.resolve()):
            message = f"{name} is a link that leads out of the pack."
            self._faults.add("unsafe-path", name, 1, message, "Put the file itself into the folder.")
            return None
        return self._decode(name, path)

    def _decode(self, name: str, path: Path) -> str | None:
        if path.stat().st_size > MAX_BYTES:
            self._faults.add("too-large", name, 1, f"the file is larger than {MAX_BYTES // 2**20} MiB.", "Simplify it.")
            return None
        raw = self._raw[name] = path.read_bytes()
        if raw.startswith(_BOM):
            self._faults.add("bom", name, 1, "the file begins with a byte-order mark.", "Save it as UTF-8 without BOM.")
            raw = raw.removeprefix(_BOM)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
            hint = "Save the file as UTF-8; a table saved by a spreadsheet is often GBK."
            self._faults.add("not-utf8", name, line, "this is not UTF-8.", hint, column=column)
            return None
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            self._faults.add("nul", name, line, "the file holds a NUL character.", "Remove it.")
            return None
        return text.replace("\r\n", "\n")

    def binary(self, name: str, *, declared: tuple[str, int]) -> None:
        """Take a file that is no text (a .docx, a .pdf) into the hash; a missing one is reported where it is named."""
        path = self.root / name
        if not path.is_file():
            message = f"the file {name} is missing."
            self._faults.add("missing-file", *declared, message, "Add it to the pack.")
        elif not path.resolve().is_relative_to(self.root.resolve()):
            message = f"{name} is a link that leads out of the pack."
            self._faults.add("unsafe-path", name, 1, message, "Put the file itself into the folder.")
        else:
            self._raw[name] = path.read_bytes()

    def listed(self) -> list[str]:
        """Names of all files in the folder, hidden ones left out."""
        names = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        return sorted(name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts))

    def sha256(self) -> str:
        """A hash over the names and contents of all files (sorted by name), also those that only other rooms read."""
        home = self.root.resolve()
        inside = [name for name in self.listed() if (self.root / name).resolve().is_relative_to(home)]
        raw = {name: (self.root / name).read_bytes() for name in inside} | self._raw
        lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(raw.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()
