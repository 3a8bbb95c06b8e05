from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AirConfig(AppConfig):
    name = "lantian.air"
    label = "air"
    verbose_name = _("Air")

    def ready(self) -> None:
        """Let the city room check what only this room knows of a pack; places stand in the search; the worker has work."""
        from lantian.air import choices, pack_checks, search, works

        pack_checks.register()
        choices.register()
        search.register()
        works.register()
