from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CityConfig(AppConfig):
    name = "lantian.city"
    label = "city"
    verbose_name = _("Places, agencies and people")

    def ready(self) -> None:
        """Register what this room offers to the house."""
        from lantian.city import search

        search.register()
