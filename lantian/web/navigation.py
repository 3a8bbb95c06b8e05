"""The navigation, as data: an entry is shown to those who hold its verb and when its address exists."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lantian.city.access import Scope


@dataclass(frozen=True)
class Entry:
    label: Promise
    url_name: str
    verb: str
    icon: str


ENTRIES = (
    Entry(_("Home"), "web:home", "", "home"),
    Entry(_("My work"), "plan:my_work", "assignment.view", "checklist"),
    Entry(_("Plan"), "plan:tree", "plan.view", "list-tree"),
    Entry(_("Assignments"), "plan:assignments", "assignment.view", "table"),
    Entry(_("Counties"), "plan:counties", "assignment.view", "map"),
    Entry(_("Departments"), "plan:agencies", "assignment.view", "building"),
    Entry(_("Dispatch rounds"), "plan:rounds", "round.view", "calendar-event"),
    Entry(_("Sign-off"), "plan:signoff", "assignment.view", "circle-check"),
    Entry(_("Escalation"), "plan:escalations", "escalation.view", "alert-triangle"),
    Entry(_("Review"), "plan:documents", "plan.review", "file-text"),
    Entry(_("County plans"), "plan:county_plans", "plan.view", "files"),
    Entry(_("Comparison"), "plan:baseline", "baseline.view", "git-compare"),
    Entry(_("Indicators"), "indicators:list", "indicator.view", "chart-line"),
    Entry(_("Air"), "air:home", "air.view", "wind"),
    Entry(_("Sources"), "sources:list", "source.view", "building-factory-2"),
    Entry(_("Supervision"), "supervision:board", "alarm.view", "radar"),
    Entry(pgettext_lazy("navigation", "Gateway"), "gateway:live", "device.view", "device-tv"),
    Entry(_("Evidence"), "records:evidence_list", "evidence.view", "photo"),
    Entry(_("Bulletins"), "bulletins:list", "bulletin.view", "news"),
    Entry(_("Audit"), "records:audit", "audit.view", "link"),
    Entry(_("Users and roles"), "city:users", "user.manage", "users"),
)


def navigation(request: HttpRequest, scope: Scope) -> list[dict[str, object]]:
    """Return the entries that this person sees: label, url, icon, whether it is the present page."""
    shown = []
    for entry in ENTRIES:
        if (entry.verb and not scope.may(entry.verb)) or scope.user_id is None:
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        shown.append({"label": entry.label, "url": url, "icon": entry.icon})
    # The longest address wins: a page below "plan/documents/" is not also below "plan/".
    under = [
        str(e["url"])
        for e in shown
        if request.path == e["url"] or (e["url"] != "/" and request.path.startswith(str(e["url"])))
    ]
    here = max(under, key=len, default="")
    return [{**entry, "active": entry["url"] == here} for entry in shown]
