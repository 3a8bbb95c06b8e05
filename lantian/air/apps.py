from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AirConfig(AppConfig):
    name = "lantian.air"
    label = "air"
    verbose_name = _("Air")

    def ready(self) -> None:
        """Let the city room check what only this room knows of a pack; tell the store which targets rest on it."""
        from lantian.air import dependants, pack_checks, target_texts

        pack_checks.register()
        target_texts.register()
        dependants.register()
