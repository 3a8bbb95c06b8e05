"""Write new routes into tests/route_permissions.json with the guard that they declare; look at them before you commit."""

from __future__ import annotations

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    # The table's module imports models: it can only be read once Django stands.
    from tests.test_routes import write_table

    write_table()
