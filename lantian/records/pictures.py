"""Pictures: opened once to prove that they are what they say, re-encoded for display, read for what they say of themselves.

Strangers' pictures are never sent to a browser as they came: `reduce` makes a plain JPEG without any metadata.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import struct
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pi_heif
from PIL import ExifTags, Image, ImageOps

from lantian.records.kinds import Kind, catalogue

pi_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = max(kind.max_pixels for kind in catalogue().kinds.values())

THUMB = 320
VIEW = 1600
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# What Pillow and its plug-ins raise on files that are cut off or hostile.
_UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError,
               ZeroDivisionError, AttributeError, RuntimeError, struct.error, zlib.error)  # fmt: skip


class PictureError(Exception):
    """A picture that is not taken: `code` is "damaged" or "pixels" (then with `width` and `height` if known)."""

    def __init__(self, code: str, width: int = 0, height: int = 0) -> None:
        super().__init__(code)
        self.code, self.width, self.height = code, width, height


@dataclass(frozen=True)
class Picture:
    """Width and height as displayed (pixels), what the picture says of itself (texts), a small JPEG of it."""

    width: int
    height: int
    thumb: bytes
    metadata: dict[str, str] = field(default_factory=dict)


def examine_picture(file: BinaryIO, kind: Kind) -> Picture:
    """Decode a picture of a known kind completely and return what is kept of it. Raises PictureError."""
    file.seek(0)
    try:
        with Image.open(file, formats=[kind.image]) as image:
            width, height = image.size
            if width * height > kind.max_pixels:
                raise PictureError("pixels", width, height)
            exif = image.getexif()
            if exif.get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8) and kind.image != "HEIF":
                width, height = height, width
            return Picture(width, height, _as_jpeg(image, THUMB), _metadata(exif))
    except _TOO_LARGE as error:
        raise PictureError("pixels") from error
    except _UNREADABLE as error:
        raise PictureError("damaged") from error


def reduce(file: BinaryIO, longest: int) -> bytes:
    """Return the picture as a JPEG of at most `longest` pixels a side, turned upright, without metadata."""
    file.seek(0)
    try:
        with Image.open(file) as image:
            return _as_jpeg(image, longest)
    except (*_TOO_LARGE, *_UNREADABLE) as error:
        raise PictureError("damaged") from error


def _as_jpeg(image: Image.Image, longest: int) -> bytes:
    image.draft("RGB", (longest, longest))  # JPEG: decoded at a fraction of its size
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((longest, longest))
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        upright = Image.new("RGB", layer.size, "white")
        upright.paste(layer, mask=layer.getchannel("A"))
    out = io.BytesIO()
    upright.convert("RGB").save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _metadata(exif: Image.Exif) -> dict[str, str]:
    """Return what is usable of EXIF: taken_at (ISO, the camera's own clock), camera, latitude and longitude (degrees)."""
    details = exif.get_ifd(ExifTags.IFD.Exif)
    found: dict[str, str] = {}
    taken = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    if moment := _moment(taken):
        found["taken_at"] = moment.isoformat()
    camera = " ".join(filter(None, (_text(exif.get(ExifTags.Base.Make)), _text(exif.get(ExifTags.Base.Model)))))
    if camera:
        found["camera"] = camera
    return found | _position(exif.get_ifd(ExifTags.IFD.GPSInfo))


def _moment(value: Any) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(_text(value)[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - a camera knows no zone
    except ValueError:
        return None


def _text(value: Any) -> str:
    """Return a camera's text without control characters, at most 60 characters; "" for anything that is no text."""
    if not isinstance(value, str):
        return ""
    return "".join(c for c in value if unicodedata.category(c)[0] != "C").strip()[:60]


def _position(gps: Mapping[int, Any]) -> dict[str, str]:
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return {}
    return {"latitude": f"{latitude:.6f}", "longitude": f"{longitude:.6f}"}


def _degrees(parts: Any, hemisphere: Any, negative: str, limit: float) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return -value if hemisphere == negative else value
