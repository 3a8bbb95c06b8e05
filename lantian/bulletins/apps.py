from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    name = "lantian.bulletins"
    label = "bulletins"
    verbose_name = _("Bulletins")

    def ready(self) -> None:
        """Let the store of observations ask which bulletins rest on figures that changed."""
        from lantian.bulletins.affected import register

        register()
