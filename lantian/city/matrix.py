"""The table of roles in words: which role may do what, and where."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lantian.city.access import permissions
from lantian.city.models import Role
from lantian.city.verbs import in_language, verb_in_words, words

# What "everywhere", "own" mean for each role: where its verbs hold.
REACH: dict[str, Promise] = {
    Role.OFFICE: _("the whole city"),
    Role.DEPARTMENT: _("measures that the department leads, cooperates in or carries out"),
    Role.COUNTY: _("the county or zone and all that lies inside it"),
    Role.TOWN: _("the town and its villages"),
    Role.ENTERPRISE: _("the enterprise's own assignments"),
    Role.INSPECTOR: _("the whole city"),
    Role.PUBLIC: _("what is public"),
    Role.ADMIN: _("people and the system, nothing of the business"),
}


@dataclass(frozen=True)
class Row:
    """One verb: its words and, for each role in order, whether the role carries it."""

    verb: str
    words: str
    marks: tuple[bool, ...]


def matrix() -> list[tuple[str, list[Row]]]:
    """Return [(group, rows)] over all verbs of permissions.toml, roles in the order of `Role`."""
    groups: dict[str, list[Row]] = {key: [] for key in words()["group"]}
    known = words()["verb"]
    used = frozenset().union(*permissions().values())
    for verb in [*(v for v in known if v in used), *sorted(used - known.keys())]:
        marks = tuple(verb in permissions().get(role, ()) for role in Role.values)
        group = known[verb]["group"] if verb in known else [*groups][-1]
        groups[group].append(Row(verb, verb_in_words(verb), marks))
    return [(in_language(words()["group"][key]), rows) for key, rows in groups.items() if rows]
