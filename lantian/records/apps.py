from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "lantian.records"
    label = "records"
    verbose_name = _("Evidence and audit")

    def ready(self) -> None:
        from lantian.city import clock
        from lantian.kit import later, trail
        from lantian.observations.hooks import connect_clock, connect_trail
        from lantian.records import choices, guards, observing, search, services

        # The rooms below write to the audit chain through this line.
        trail.connect(services.audit)
        connect_trail(observing.receive, observing.may_receive)
        connect_clock(lambda: clock.now())
        later.register("observations.tell", observing.tell_waiting)
        choices.register()
        search.register()
        post_migrate.connect(guards.after_migration, sender=self)
