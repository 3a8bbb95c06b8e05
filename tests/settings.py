"""Settings of the tests: a data folder of their own, quick password hashing, no clock pretended."""

import os
import tempfile

os.environ.setdefault("LANTIAN_DATA", tempfile.mkdtemp(prefix="lantian-test-"))
os.environ.pop("LANTIAN_CLOCK", None)

from lantian.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
