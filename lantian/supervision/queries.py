"""What pages and other rooms ask supervision: alarms and leads that a person may see, rules with their numbers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from lantian.city import clock
from lantian.city.access import Scope
from lantian.city.models import LoadedPack
from lantian.city.pack import find_pack
from lantian.gateway.core.telemetry import open_store
from lantian.observations.store import Store
from lantian.sources import queries as sources
from lantian.supervision.models import Alarm, Lead, RuleOverride, RuleSwitch
from lantian.supervision.rules.parameters import Override, Parameters, city_parameters, house_parameters

_stores: dict[Path, Store] = {}


def alarms(scope: Scope, *, verb: str = "alarm.view") -> QuerySet[Alarm]:
    """Return the alarms of enterprises on which a person may use the verb."""
    return Alarm.objects.filter(enterprise__in=sources.visible_to(scope, verb=verb))


def leads(scope: Scope, *, verb: str = "alarm.view") -> QuerySet[Lead]:
    """Return the leads of enterprises on which a person may use the verb. An enterprise does not see leads about itself."""
    if not scope.may(verb) or set(scope.verbs_by_role) <= {"enterprise", "public"}:
        return Lead.objects.none()
    return Lead.objects.filter(enterprise__in=sources.visible_to(scope, verb=verb))


def city_offset() -> dt.timedelta:
    """Return the city clock's distance from UTC."""
    return timezone.localtime(clock.now()).utcoffset() or dt.timedelta(0)


def telemetry() -> Store:
    """Return the telemetry store of this installation, one for a process."""
    root = Path(settings.LANTIAN_DATA)
    if root not in _stores:
        _stores[root] = open_store(root)
    return _stores[root]


def pack_parameters() -> Parameters:
    """Return the rules with the numbers of the house and of the pack."""
    slug = LoadedPack.objects.values_list("slug", flat=True).first()
    try:
        return city_parameters(find_pack(slug)) if slug else house_parameters()
    except FileNotFoundError:
        return house_parameters()


def parameters() -> Parameters:
    """Return the rules with the numbers in force now, those that people set included."""
    rows = RuleOverride.objects.filter(ended_at__isnull=True).select_related("enterprise")
    return pack_parameters().with_overrides(
        Override(one.rule, one.numbers, one.industry, one.enterprise.code if one.enterprise else "", one.reason)
        for one in rows
    )


def switches() -> dict[str, RuleSwitch]:
    """Return the newest switch of each rule that was ever switched."""
    found: dict[str, RuleSwitch] = {}
    for one in RuleSwitch.objects.select_related("by").order_by("id"):
        found[one.rule] = one
    return found


def rules_on() -> frozenset[str]:
    """Return the rules that are on: all but those of mere information, unless somebody switched them."""
    newest = switches()
    return frozenset(
        name
        for name, text in pack_parameters().rules.items()
        if (newest[name].on if name in newest else text.severity != "info")
    )


def is_on(rule: str) -> bool:
    """Tell whether a rule is on."""
    return rule in rules_on()
