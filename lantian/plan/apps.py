from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlanConfig(AppConfig):
    name = "lantian.plan"
    label = "plan"
    verbose_name = _("Plans and assignments")

    def ready(self) -> None:
        """Register what this room offers to the house."""
        from lantian.plan import choices, search, seen_evidence

        choices.register()
        seen_evidence.register()
        search.register()
