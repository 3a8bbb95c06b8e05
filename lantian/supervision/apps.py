from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupervisionConfig(AppConfig):
    name = "lantian.supervision"
    label = "supervision"
    verbose_name = _("Supervision")

    def ready(self) -> None:
        """Let the rooms below know what only this one knows: choices, the worker's work, parts of an enterprise's page."""
        from lantian.sources import parts
        from lantian.supervision import choices, pack_checks, works
        from lantian.supervision.on_enterprise import alarms_part

        for part in (choices, pack_checks, works):
            part.register()
        parts.register("alarms", 20, alarms_part)
