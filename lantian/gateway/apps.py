from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewayConfig(AppConfig):
    name = "lantian.gateway"
    label = "gateway"
    verbose_name = _("Gateway")

    def ready(self) -> None:
        """Let the rooms below know what only this one knows: choices, its part of an enterprise's file, the worker's work."""
        from lantian.gateway import choices, enterprise_part, works

        for part in (choices, enterprise_part, works):
            part.register()
