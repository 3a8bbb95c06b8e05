"""What is on disk and what is only in memory: every file and its folder is synced before anybody relies on it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_CHUNK = 1 << 20


def sync_file(path: Path) -> None:
    """Put a file's content on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Put the names in a folder on disk."""
    sync_file(path)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, and put their names on disk."""
    lacking = [one for one in (path, *path.parents) if not one.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for one in reversed(lacking):
        sync_folder(one.parent)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def settle(draft: Path, suffix: str) -> Path:
    """Give a finished draft its lasting name, the SHA-256 of its content, with content and name on disk.

    A file's name thus proves its content, and writing the same twice gives one file.
    """
    sync_file(draft)
    final = draft.with_name(digest_of(draft) + suffix)
    draft.rename(final)
    sync_folder(final.parent)
    return final
