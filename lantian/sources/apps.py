from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SourcesConfig(AppConfig):
    name = "lantian.sources"
    label = "sources"
    verbose_name = _("Sources")

    def ready(self) -> None:
        """Let the rooms below know what only this one knows: choices, search, evidence of enterprises, files of packs."""
        from lantian.sources import choices, law, pack_checks, papers, search

        for part in (choices, search, papers, pack_checks, law):
            part.register()
