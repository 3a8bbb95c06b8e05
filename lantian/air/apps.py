from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AirConfig(AppConfig):
    name = "lantian.air"
    label = "air"
    verbose_name = _("Air")

    def ready(self) -> None:
        """Let the city room check what only this room knows of a pack; places stand in the search."""
        from lantian.air import pack_checks, search

        pack_checks.register()
        search.register()
