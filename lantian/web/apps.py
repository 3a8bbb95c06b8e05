from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "lantian.web"
    label = "web"
    verbose_name = _("Web")

    def ready(self) -> None:
        """Let rooms below wake the worker; the queue is opened when somebody does."""
        from lantian.kit import later

        later.connect(_wake)


def _wake(name: str) -> None:
    from lantian.web.worker import work

    work(name)
