"""The content store: a file is kept once, under the SHA-256 of its content, in FILES_DIR/ab/cd/<sha256>.

What comes in is read in pieces, measured and hashed while it is read, told by its content, and only then put in its
place by a rename, so that a half-written file can never be found under a hash.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.city import clock
from lantian.kit.errors import DomainError
from lantian.records.kinds import Kind, Refusal, catalogue
from lantian.records.models import Evidence, StoredFile
from lantian.records.names import clean_name, extension_of
from lantian.records.pictures import PictureError, examine_picture, reduce
from lantian.records.sniff import sniff

CHUNK = 1 << 20
_TEXTUAL = frozenset({"text", "html", "xml", "svg"})


class BadFile(DomainError):
    """A file that is not taken: its name, why, and what to do instead (HTTP 400)."""


class FileTooLarge(BadFile):
    """A file above the size limit (HTTP 413)."""

    status = 413


@dataclass(frozen=True)
class Examined:
    """What a file turned out to be."""

    name: str
    kind: Kind
    width: int | None = None
    height: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    thumb: bytes = b""


def size_limit(purpose: str) -> int:
    """Return how many bytes a file for this purpose may have."""
    limits = {"evidence": settings.MAX_EVIDENCE_BYTES, "measurements": settings.MAX_MEASUREMENTS_BYTES}
    return int(limits.get(purpose, settings.MAX_DOCUMENT_BYTES))


def examine(upload: Any, *, name: str | None = None, purpose: str = "evidence") -> Examined:
    """Tell what an upload (a Django File or a seekable binary file) is, by its content; nothing is kept.

    Raises BadFile or FileTooLarge with the file's name, the reason and what to do. The answer is remembered on the
    upload, so that a form may ask first and `store_file` need not ask again.
    """
    known = getattr(upload, "_examined", None)
    if known is not None and known[0] == purpose:
        return known[1]  # type: ignore[no-any-return]
    shown = clean_name(name or getattr(upload, "name", None) or "file")
    if getattr(upload, "too_large", False):
        raise too_large(shown, purpose)
    file: BinaryIO = getattr(upload, "file", upload)
    if _length(file) > size_limit(purpose):
        raise too_large(shown, purpose)
    examined = _examined(file, shown, purpose)
    with contextlib.suppress(AttributeError):  # a plain BytesIO takes no attributes; then it is asked again
        upload._examined = (purpose, examined)
    return examined


def _length(file: BinaryIO) -> int:
    file.seek(0, os.SEEK_END)
    return file.tell()


def _examined(file: BinaryIO, name: str, purpose: str) -> Examined:
    kind = _agreed_kind(sniff(file, catalogue().limits), name, purpose)
    if not kind.image:
        return Examined(name, kind)
    try:
        picture = examine_picture(file, kind)
    except PictureError as error:
        raise _bad_picture(name, kind, error) from error
    return Examined(name, kind, picture.width, picture.height, picture.metadata, picture.thumb)


def _agreed_kind(found: str, name: str, purpose: str) -> Kind:
    """Return the kind on which content, extension and purpose agree."""
    extension = extension_of(name)
    taken = {one for kind in catalogue().accepting(purpose) for one in kind.extensions}
    if extension not in taken and (refusal := catalogue().refused_extension(extension)):
        raise _refused(name, refusal)
    if found == "gzip" and "gz" not in taken:
        found = "archive"
    if found == "unknown" and purpose == "measurements":
        # Its reader names the row that is no text.
        found = "text"
    if (purpose == "document" and found in _TEXTUAL) or found == "text":
        # One text is as good as another to look at; which kind it is, its name says.
        textual = [k for k in catalogue().accepting(purpose) if k.mime.startswith("text/")]
        kind = next((k for k in textual if extension in k.extensions), catalogue().kinds["text"])
    elif found == "html":
        raise _refused(name, catalogue().refused["xml"])
    elif found in catalogue().refused:
        raise _refused(name, catalogue().refused[found])
    else:
        kind = catalogue().kinds[found]
    if extension not in kind.extensions:
        raise _disagreeing(name, extension, kind)
    if purpose not in kind.purposes:
        accepted = ", ".join(k.extensions[0] for k in catalogue().accepting(purpose))
        raise BadFile(
            _("“%(name)s” is a %(kind)s, which is not taken here.") % {"name": name, "kind": _label(kind)},
            hint=_("Taken here: %s.") % accepted,
        )
    return kind


def _label(kind: Kind) -> str:
    return kind.label(get_language() or settings.LANGUAGE_CODE)


def _refused(name: str, refusal: Refusal) -> BadFile:
    return BadFile(
        _("“%(name)s” was not taken.") % {"name": name}, hint=refusal.reason(get_language() or settings.LANGUAGE_CODE)
    )


def _disagreeing(name: str, extension: str, kind: Kind) -> BadFile:
    values = {"name": name, "extension": extension or "–", "kind": _label(kind), "right": kind.extensions[0]}
    return BadFile(
        _("“%(name)s” is called .%(extension)s, but by its content it is a %(kind)s.") % values,
        hint=_("If that is right, rename it to .%(right)s and upload it again.") % values,
    )


def _bad_picture(name: str, kind: Kind, error: PictureError) -> BadFile:
    if error.code != "pixels":
        return _refused(name, catalogue().refused["damaged"])
    return BadFile(
        _("The picture “%(name)s” has too many pixels (%(width)s × %(height)s).")
        % {"name": name, "width": error.width or "?", "height": error.height or "?"},
        hint=_("At most %(limit)s million pixels are taken: save it smaller and upload it again.")
        % {"limit": kind.max_pixels // 1_000_000},
    )


def too_large(name: str, purpose: str = "evidence") -> FileTooLarge:
    """Return the error that says how large a file may be."""
    return FileTooLarge(
        _("“%(name)s” is larger than %(limit)s.") % {"name": name, "limit": filesizeformat(size_limit(purpose))},
        hint=_("Make it smaller (a shorter film, a lower resolution) or split it, and upload it again."),
    )


def store_file(upload: Any, *, name: str | None = None, purpose: str = "evidence") -> StoredFile:
    """Examine an upload, keep its content once, and return its StoredFile (an existing one for content known already).

    `upload` is a Django File or a seekable binary file; `purpose` is "evidence", "document", "sheet" or "measurements" and decides
    which kinds and what size are taken. Raises BadFile or FileTooLarge; then nothing is left behind.
    """
    examined = examine(upload, name=name, purpose=purpose)
    digest, size = _keep(getattr(upload, "file", upload), examined.name, purpose)
    if examined.thumb:
        _write_thumb(digest, "thumb", examined.thumb)
    stored, _created = StoredFile.objects.get_or_create(
        sha256=digest,
        defaults={
            "size": size, "mime": examined.kind.mime, "width": examined.width, "height": examined.height,
            "metadata": examined.metadata, "stored_at": clock.now(),
        },
    )  # fmt: skip
    return stored


def _keep(source: BinaryIO, name: str, purpose: str) -> tuple[str, int]:
    """Copy, measure and hash in pieces; sync, then rename into place. Returns (sha256, bytes)."""
    limit, size, hasher = size_limit(purpose), 0, hashlib.sha256()
    source.seek(0)
    with _incoming() as (target, path):
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise too_large(name, purpose)
            hasher.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
        final = path_of(hasher.hexdigest())
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        path.replace(final)
    _sync_folders(final.parent)
    return hasher.hexdigest(), size


@contextlib.contextmanager
def _incoming() -> Iterator[tuple[BinaryIO, Path]]:
    """Yield a new file beside the store; whatever happens, no half-written one stays."""
    folder = Path(settings.FILES_DIR) / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    handle, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, path
    finally:
        path.unlink(missing_ok=True)


def _sync_folders(folder: Path) -> None:
    """Make the new name durable: the folder, and the two above that may be new."""
    for path in (folder, folder.parent, folder.parent.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def path_of(sha256: str) -> Path:
    """Return where content lies. Raises ValueError for anything that is no SHA-256 in lower-case hex."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"{sha256!r} is no SHA-256")
    return Path(settings.FILES_DIR) / sha256[:2] / sha256[2:4] / sha256


def open_stored(stored: StoredFile) -> BinaryIO:
    """Open stored content for reading. Raises BadFile (404) when the file is gone from the store."""
    try:
        return path_of(stored.sha256).open("rb")
    except FileNotFoundError as error:
        missing = BadFile(
            _("The file %s is missing from the store.") % stored.sha256[:12],
            hint=_("Tell the administrator: it has to be brought back from a backup."),
        )
        missing.status = 404
        raise missing from error


def thumb_of(stored: StoredFile, size: str = "thumb") -> bytes:
    """Return a JPEG of a stored picture, "thumb" (320 px) or "view" (1600 px), made once and kept.

    Raises PictureError when the file is no picture, BadFile when it is gone.
    """
    path = _thumb_path(stored.sha256, size)
    if not path.exists():
        if not stored.mime.startswith("image/"):
            raise PictureError("damaged")
        from lantian.records.pictures import THUMB, VIEW

        with open_stored(stored) as file:
            _write_thumb(stored.sha256, size, reduce(file, VIEW if size == "view" else THUMB))
    return path.read_bytes()


def _thumb_path(sha256: str, size: str) -> Path:
    return (
        Path(settings.FILES_DIR)
        / "thumbs"
        / path_of(sha256).relative_to(settings.FILES_DIR).parent
        / f"{sha256}.{size}.jpg"
    )


def _write_thumb(sha256: str, size: str, content: bytes) -> None:
    path = _thumb_path(sha256, size)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    with _incoming() as (file, temporary):
        file.write(content)
        file.flush()
        temporary.replace(path)


def hash_of(path: Path) -> tuple[str, int]:
    """Return (sha256, bytes) of a file, read in pieces."""
    hasher, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            hasher.update(chunk)
    return hasher.hexdigest(), size


@dataclass(frozen=True)
class FileCheck:
    """Whether stored content is still what was stored: `state` is "ok", "missing" or "changed"."""

    sha256: str
    state: str
    size: int = 0
    actual: str = ""

    @property
    def ok(self) -> bool:
        return self.state == "ok"


def check_stored(stored: StoredFile) -> FileCheck:
    """Hash stored content again."""
    try:
        actual, size = hash_of(path_of(stored.sha256))
    except FileNotFoundError:
        return FileCheck(stored.sha256, "missing")
    same = actual == stored.sha256 and size == stored.size
    return FileCheck(stored.sha256, "ok" if same else "changed", size, actual)


def check_file(evidence: Evidence) -> FileCheck:
    """Tell whether the file of a piece of evidence is still what was handed in."""
    return check_stored(evidence.file)


def strays() -> Iterator[Path]:
    """Yield files of the store that no record names: left by a transaction that was given up. They do no harm."""
    folder = Path(settings.FILES_DIR)
    for path in sorted(folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
        if not StoredFile.objects.filter(sha256=path.name).exists():
            yield path
