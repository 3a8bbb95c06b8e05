from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AirConfig(AppConfig):
    name = "lantian.air"
    label = "air"
    verbose_name = _("Air")

    def ready(self) -> None:
        """Let the rooms below know what only this one knows: packs, choices, search, the worker's work, what rests on data,
        what shall be ready."""
        from lantian.air import choices, dependants, pack_checks, prepared, search, target_texts, works

        for part in (pack_checks, choices, search, works, target_texts, dependants, prepared):
            part.register()
