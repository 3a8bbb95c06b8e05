"""Uploads are stopped early: what is too large or comes from nobody is not written to disk."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

MAX_FILES_OF_FULL_SIZE = 8


def largest_file() -> int:
    """Return how many bytes one uploaded file may have, whatever it is for."""
    return int(max(settings.MAX_EVIDENCE_BYTES, settings.MAX_DOCUMENT_BYTES, settings.MAX_MEASUREMENTS_BYTES))


def _from_nobody(request: Any) -> bool:
    """Neither logged in nor with a token: the API checks tokens itself, before it looks at files."""
    user = getattr(request, "user", None)
    return user is not None and not user.is_authenticated and "HTTP_AUTHORIZATION" not in request.META


class TooLargeUpload(InMemoryUploadedFile):
    """Stands in a form for a file that was cut off: empty, and known as too large."""

    too_large = True


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Write large uploads to a temporary file, up to the limit; then drop what came and read on without keeping it.

    The rest of the form is still read, so that the page can be shown again with the person's input and the reason. A
    request that is larger than several full files together is not read at all (HTTP 413), and nobody uploads without
    a login.
    """

    def handle_raw_input(
        self, input_data: Any, meta: dict[str, str], content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        if content_length > MAX_FILES_OF_FULL_SIZE * largest_file():
            raise RequestDataTooBig("the request is larger than all the files that a form may carry")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if _from_nobody(self.request):
            raise SkipFile
        super().new_file(*args, **kwargs)
        self.cut = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.cut:
            return
        if start + len(raw_data) > largest_file():
            self.cut = True
            self.file.close()
            return
        super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if not self.cut:
            return super().file_complete(file_size)
        return TooLargeUpload(io.BytesIO(), self.field_name, self.file_name, self.content_type, file_size, self.charset)

    def upload_interrupted(self) -> None:
        if hasattr(self, "file") and not self.file.closed:
            super().upload_interrupted()
