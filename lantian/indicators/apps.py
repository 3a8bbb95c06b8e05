from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "lantian.indicators"
    label = "indicators"
    verbose_name = _("Indicators")

    def ready(self) -> None:
        """Let each room register its indicators and targets (its `indicators.py`), then close the register."""
        from lantian.indicators import choices, proofs
        from lantian.indicators.registry import registry, targets

        choices.register()
        proofs.register()
        autodiscover_modules("indicators")
        registry.freeze()
        targets.freeze()
