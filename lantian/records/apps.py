from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "lantian.records"
    label = "records"
    verbose_name = _("Evidence and audit")

    def ready(self) -> None:
        from lantian.records import choices

        choices.register()
