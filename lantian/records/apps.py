from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "lantian.records"
    label = "records"
    verbose_name = _("Evidence and audit")

    def ready(self) -> None:
        """Connect the rooms below to the audit chain."""
        from lantian.kit import trail
        from lantian.records.services import audit

        trail.connect(audit)
