"""What a process of the web server does before its first answer, so that no person waits for it."""

from __future__ import annotations

import gc

from django.conf import settings
from django.db import connections
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from django.template.utils import get_app_template_dirs
from django.urls import get_resolver
from django.utils import translation

from lantian.kit.ready import Keeper

# New objects (less the freed ones) before a collection of the youngest generation. Python's own 700 is reached several
# times by every page.
YOUNGEST = 10_000


def warm_up() -> Keeper:
    """Load addresses, catalogues and templates, make ready what rooms want to have ready, then leave all of it out of later
    garbage collections. Return who has made it ready and can keep it so.

    The oldest generation of a fresh process holds some 200,000 objects that live as long as the process; walking through
    them takes 150 ms and would hit one request in twenty.
    """
    get_resolver().url_patterns  # noqa: B018 - imports the views of every room
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Home")
    _load_templates()
    keeper = Keeper()
    keeper.look()
    connections.close_all()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST, 10, 10)
    return keeper


def _load_templates() -> None:
    """Compile the templates of our rooms into the loader's cache."""
    for folder in get_app_template_dirs("templates"):
        if settings.BASE_DIR not in folder.parents:
            continue
        for path in folder.rglob("*.html"):
            try:
                get_template(path.relative_to(folder).as_posix())
            except (TemplateDoesNotExist, TemplateSyntaxError):  # the page that uses it will say so
                continue
