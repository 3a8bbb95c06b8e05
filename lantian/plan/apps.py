from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class PlanConfig(AppConfig):
    name = "lantian.plan"
    label = "plan"
    verbose_name = _("Plans and assignments")

    def ready(self) -> None:
        """Register what this room offers to the house."""
        from lantian.plan import (
            choices,
            choices_rounds,
            document_choices,
            enterprise_part,
            pack_checks,
            search,
            seen_evidence,
        )
        from lantian.plan.services.bindings import bind_after_loading

        choices.register()
        document_choices.register()
        choices_rounds.register()
        seen_evidence.register()
        search.register()
        enterprise_part.register()
        pack_checks.register()
        # A new pack brings new bindings: lay them over the plans that are in force.
        post_save.connect(bind_after_loading, sender="city.LoadedPack", dispatch_uid="plan.bind_after_loading")
