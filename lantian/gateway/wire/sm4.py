"""SM4 of HJ 212-2025: ECB without padding over the bytes between `CP=&&` and `&&`; a tail under 16 bytes stays plain.

Not read in the standard itself: as two public implementations and its two printed examples (which decrypt) have it.
Both forms of ciphertext that are in use are read: raw bytes, and text like `{0xE4,0x3E,…}`.
"""

from __future__ import annotations

import re
import warnings

BLOCK = 16
_TEXT_FORM = re.compile(rb"\{((?:\s*0x[0-9A-Fa-f]{1,2}\s*,?)+)\}(.*)", re.DOTALL)
_NUMBER = re.compile(rb"0x([0-9A-Fa-f]{1,2})")


def encrypt(area: bytes, key: bytes) -> bytes:
    """Return the data area encrypted (same length); the key has 16 bytes, else ValueError."""
    return _through(area, key, True)


def decrypt(area: bytes, key: bytes) -> bytes:
    """Return the data area (raw bytes or text form) decrypted; the key has 16 bytes, else ValueError."""
    return _through(from_text(area) or area, key, False)


def from_text(area: bytes) -> bytes | None:
    """Return the bytes of the text form `{0xE4,0x3E,…}` with what follows it; None if the area has another form."""
    match = _TEXT_FORM.fullmatch(area)
    if match is None:
        return None
    return bytes(int(number, 16) for number in _NUMBER.findall(match.group(1))) + match.group(2)


def has_controls(area: bytes) -> bool:
    """Tell whether a data area holds control characters, which no plain text may."""
    return _CONTROLS.search(area) is not None


def looks_encrypted(area: bytes) -> bool:
    """Tell whether a data area is no text that the standard allows: the text form, or bytes outside ASCII and UTF-8."""
    if area.startswith(b"{0x"):
        return True
    if area.isascii() and not _CONTROLS.search(area):
        return False
    try:
        area.decode()
    except UnicodeDecodeError:
        return True
    return _CONTROLS.search(area) is not None


_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")


def _through(area: bytes, key: bytes, encrypting: bool) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    if len(key) != BLOCK:
        raise ValueError(f"an SM4 key has 16 bytes, this one {len(key)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ECB and SM4 are what the standard prescribes
        cipher = Cipher(_algorithm(key), modes.ECB())  # noqa: S305
        worker = cipher.encryptor() if encrypting else cipher.decryptor()
    whole = len(area) - len(area) % BLOCK
    return worker.update(area[:whole]) + worker.finalize() + area[whole:]


def _algorithm(key: bytes):  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4

    return SM4(key)
