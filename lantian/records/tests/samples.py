"""Small files of every kind, made when a test asks for them."""

from __future__ import annotations

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

CONTENT_TYPES = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>%s</Types>"


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 30), *, colour: str = "#2b8a3e", exif=None) -> bytes:
    """Return a picture; `exif` is a PIL Exif to write into it."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form, **({"exif": exif} if exif else {}))
    return out.getvalue()


def exif_of(
    taken: str = "2020:06:01 09:30:00",
    *,
    latitude=(38.0, 25.0, 12.0),
    longitude=(112.0, 44.0, 3.0),
    orientation: int = 1,
) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker\x00"
    exif[0x0110] = "Camera 7"
    exif.get_ifd(0x8769)[0x9003] = taken
    exif.get_ifd(0x8825).update({1: "N", 2: latitude, 3: "E", 4: longitude})
    return exif


def archive(members: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def office(folder: str = "word", *, types: str = "", extra: dict[str, bytes | str] | None = None) -> bytes:
    """Return the skeleton of an Office file: what tells its kind, nothing more."""
    return archive({"[Content_Types].xml": CONTENT_TYPES % types, f"{folder}/document.xml": "<x/>", **(extra or {})})


def pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    page = Canvas(out)
    page.drawString(72, 720, "proof")
    page.save()
    return out.getvalue()


def upload(content: bytes, name: str = "proof.jpg", mime: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, mime)
