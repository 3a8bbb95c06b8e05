"""What the shell stores: answers of the HTTP API that may be asked for again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReplayedAnswer(models.Model):
    """The answer to a request with an Idempotency-Key, given again to the same request (see `lantian.web.once`)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was asked")
    status = models.PositiveSmallIntegerField(null=True, help_text="empty while the first request runs")
    body = models.TextField(blank=True)
    etag = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("repeatable answer")
        verbose_name_plural = _("repeatable answers")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="replayed_answer_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
