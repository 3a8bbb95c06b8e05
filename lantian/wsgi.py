"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantian.settings")
application = get_wsgi_application()

from lantian.web.warm import warm_up  # noqa: E402 - Django must be set up before

warm_up().watch()
