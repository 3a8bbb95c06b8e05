"""Verbs about agencies: remember another name of one, or make one that a plan names and no pack knew."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lantian.city.access import scope_of
from lantian.city.models import Agency, User
from lantian.city.pack.names import MAX_NAME, name_trouble
from lantian.city.queries import gazetteer_from_database
from lantian.kit.errors import Conflict, DomainError
from lantian.kit.trail import audit

VERB = "plan.review"
_SHORT = 60  # what the column of short names holds


@transaction.atomic
def name_agency(
    actor: User, name: str, *, agency: Agency | None = None, new: Mapping[str, str] | None = None
) -> Agency:
    """Make `name` an alias of `agency`, or make the agency `new` ({short, full_name, name_en, kind}) known by it.

    Raises NotAllowed; DomainError for a name that cannot be one; Conflict when it belongs to another agency already.
    """
    scope_of(actor).require(VERB)
    _check(name, "name")
    if agency is not None:
        return _with_alias(actor, agency, name)
    if not new:
        raise DomainError(_("Say which agency is meant."), field="who")
    return _made(actor, name, new)


def _check(name: str, field: str, *, longest: int = MAX_NAME) -> None:
    if len(name) > longest or name_trouble(name):
        raise DomainError(
            _("“%s” cannot be a name.") % name[:MAX_NAME],
            hint=_("A name has 1 to %(n)s visible characters, no markup, and does not start like a formula.")
            % {"n": longest},
            field=field,
        )


def _with_alias(actor: User, agency: Agency, name: str) -> Agency:
    agency = Agency.objects.select_for_update().get(pk=agency.pk)
    if name in (agency.short, agency.full_name, *agency.aliases):
        return agency
    owner = _owner(name)
    if owner is not None and owner.pk != agency.pk:
        raise Conflict(
            _("“%(name)s” is a name of %(agency)s already.") % {"name": name, "agency": owner},
            hint=_("Choose that agency, or take the name from it first."),
        )
    before = list(agency.aliases)
    agency.aliases = [*before, name]
    # Remembered apart, so that loading the pack again does not forget it.
    agency.own_aliases = [*agency.own_aliases, name]
    agency.save(update_fields=["aliases", "own_aliases"])
    audit(actor, "city.agency_alias", agency, changes={"aliases": (before, agency.aliases)})
    return agency


def _made(actor: User, name: str, new: Mapping[str, str]) -> Agency:
    short = (new.get("short") or name).strip()
    full_name, name_en = (str(new.get(field) or "").strip() for field in ("full_name", "name_en"))
    _check(short, "short", longest=_SHORT)
    for field, given in (("full_name", full_name), ("name_en", name_en)):
        if given:
            _check(given, field)
    if Agency.objects.filter(short=short).exists() or _owner(short) is not None or _owner(name) is not None:
        raise _there_already(short)
    kind = new.get("kind") or Agency.Kind.DEPARTMENT
    if kind not in Agency.Kind.values:
        raise DomainError(_("“%s” is no kind of agency.") % kind, field="kind")
    last = Agency.objects.aggregate(last=Max("position"))["last"]
    # Remembered apart, so that a pack that comes to list the agency does not forget it.
    aliases = [name] if name != short else []
    agency = Agency(
        short=short, full_name=full_name, name_en=name_en, kind=kind, aliases=aliases, own_aliases=aliases,
        position=(last or 0) + 1, by_hand=True,
    )  # fmt: skip
    try:
        with transaction.atomic():
            agency.save(force_insert=True)
    except IntegrityError as error:
        raise _there_already(short) from error
    audit(actor, "city.agency_create", agency, changes={"short": (None, short)}, data={"name": name, "kind": kind})
    return agency


def _there_already(short: str) -> Conflict:
    return Conflict(_("There is an agency “%s” already.") % short, hint=_("Choose it instead of making a new one."))


def _owner(name: str) -> Agency | None:
    """Return the city's own agency that a name means already (what only the country's list knows is free)."""
    short = gazetteer_from_database().agency(name)
    return Agency.objects.filter(short=short).first() if short else None
