"""Settings of the tests: a data folder of their own, quick password hashing, no clock pretended."""

import os
import tempfile

os.environ.setdefault("LANTIAN_DATA", tempfile.mkdtemp(prefix="lantian-test-"))
os.environ.pop("LANTIAN_CLOCK", None)

from lantian.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as in real life: threads that write at the same moment then wait for each other. It need not survive.
    DATABASES["default"]["TEST"] = {"NAME": LANTIAN_DATA / f"test-{os.getpid()}.sqlite3"}  # noqa: F405
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"  # noqa: F405
