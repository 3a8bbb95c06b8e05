"""Alarms and leads as pages show them: names, sentences, times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from lantian.sources.models import Equipment, Outlet, Pair
from lantian.supervision.models import Alarm
from lantian.supervision.words import rule_name, sentence


def subjects(codes: Iterable[str]) -> dict[str, str]:
    """Return {code: name} of the equipment, pairs and outlets with these codes (three queries)."""
    wanted = set(codes)
    found: dict[str, str] = {}
    for model in (Pair, Outlet, Equipment):
        found |= dict(model.objects.filter(code__in=wanted).values_list("code", "name"))
    return found


def rows_of(alarms: Iterable[Alarm]) -> list[dict[str, Any]]:
    """Return what a list shows of each alarm."""
    rows = list(alarms)
    names = subjects(one.subject for one in rows)
    return [
        {
            "alarm": one,
            "url": reverse("supervision:alarm", args=[one.pk]),
            "rule": rule_name(one.rule),
            "sentence": sentence(one.rule, one.numbers),
            "subject": names.get(one.subject) or one.subject,
            "capture": round(100 * one.n / one.expected, 1) if one.expected else None,
        }
        for one in rows
    ]
