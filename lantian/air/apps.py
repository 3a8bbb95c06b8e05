from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AirConfig(AppConfig):
    name = "lantian.air"
    label = "air"
    verbose_name = _("Air")

    def ready(self) -> None:
        """Let the city room check what only this room knows of a pack; places stand in the search; targets rest on it all."""
        from lantian.air import dependants, pack_checks, search, target_texts

        pack_checks.register()
        search.register()
        target_texts.register()
        dependants.register()
