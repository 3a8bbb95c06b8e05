"""The HTTP API of the city room: who I am, the city, places, agencies, people and their roles."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router

from lantian.city import clock, schemas, services
from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.city.matrix import matrix
from lantian.city.models import Agency, ApiToken, Membership, Place, Role, User
from lantian.city.queries import pack_in_force
from lantian.city.roles import in_force
from lantian.kit.api import Id, paged, seen_version, set_version
from lantian.kit.errors import DomainError
from lantian.kit.search import all_words

router = Router()
CITY, PEOPLE, ACCOUNT = ["City"], ["People and roles"], ["Account"]


@router.get("/me", response=schemas.Me, tags=ACCOUNT)
def me(request: SignedRequest) -> dict[str, Any]:
    """Who the token belongs to and what it may do (a read-only token may only use the reading half of it)."""
    user = request.user
    scope = scope_of(user)
    return {
        "id": user.pk,
        "username": user.username,
        "display_name": user.display_name,
        "language": user.language,
        "roles": [role for role in Role.values if role in scope.roles],
        "verbs": sorted(scope.verbs),
        "memberships": list(in_force(user.memberships.select_related("agency", "place"))),
    }


@router.get("/tokens", response=list[schemas.TokenOut], tags=ACCOUNT)
def tokens(request: SignedRequest) -> QuerySet[ApiToken]:
    """The caller's own tokens. New ones are made on the account page, by a person."""
    return request.user.api_tokens.order_by("-pk")


@router.post("/tokens/{pk}/revoke", response=schemas.TokenOut, tags=ACCOUNT)
def revoke_token(request: SignedRequest, pk: Id) -> ApiToken:
    """End one of the own tokens at once (also the one that this very call is made with)."""
    return services.revoke_token(request.user, get_object_or_404(ApiToken, pk=pk, user=request.user))


@router.get("/city", response=schemas.CityOut, tags=CITY)
def city(request: SignedRequest) -> dict[str, Any]:
    """The city pack in force: its calendar, its thresholds, and the city's day."""
    pack = pack_in_force()
    if pack is None:
        raise DomainError(_("No city pack is loaded."), hint="lantian city load PACK")
    return schemas.CityOut.of(pack, clock.today(), clock.is_pretended())


@router.get("/places", response=list[schemas.PlaceOut], tags=CITY)
@paged
def places(request: SignedRequest, wanted: Query[schemas.PlaceFilter]) -> QuerySet[Place]:
    """Places in the pack's order: city, counties, zones, towns, villages."""
    found = Place.objects.filter(is_active=wanted.active).select_related("parent")
    found = found.defer("boundary", "parent__boundary")
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.parent:
        found = found.filter(parent__code=wanted.parent)
    if q := wanted.q:
        found = found.filter(Q(name__icontains=q) | Q(name_en__icontains=q) | Q(code__startswith=q))
    return found.order_by("position", "code")


@router.get("/places/{code}", response=schemas.PlaceDetail, tags=CITY)
def place(request: SignedRequest, code: str) -> Place:
    """One place with its boundary."""
    return get_object_or_404(Place.objects.select_related("parent"), code=code)


@router.get("/agencies", response=list[schemas.AgencyOut], tags=CITY)
@paged
def agencies(request: SignedRequest, wanted: Query[schemas.AgencyFilter]) -> QuerySet[Agency]:
    """Departments, companies and groups that plans name."""
    found = Agency.objects.filter(is_active=wanted.active)
    if q := wanted.q:
        found = found.filter(all_words([q], "short", "full_name", "name_en", lists=("aliases",)))
    return found


@router.get("/agencies/{pk}", response=schemas.AgencyOut, tags=CITY)
def agency(request: SignedRequest, pk: Id) -> Agency:
    """One agency."""
    return get_object_or_404(Agency, pk=pk)


@router.get("/roles", response=list[schemas.MatrixRow], tags=PEOPLE)
def roles(request: SignedRequest) -> list[dict[str, Any]]:
    """Which role may do what, in words."""
    return [
        {
            "verb": row.verb,
            "words": row.words,
            "group": group,
            "roles": [role for role, mark in zip(Role.values, row.marks, strict=True) if mark],
        }
        for group, rows in matrix()
        for row in rows
    ]


def _people() -> QuerySet[User]:
    return User.objects.prefetch_related("memberships__agency", "memberships__place").order_by("username")


@router.get("/users", response=list[schemas.UserOut], auth=Guard("user.manage"), tags=PEOPLE)
@paged
def users(request: SignedRequest, wanted: Query[schemas.UserFilter]) -> QuerySet[User]:
    """People with all roles that they hold or held."""
    found = _people()
    if wanted.active is not None:
        found = found.filter(is_active=wanted.active)
    if wanted.q:
        found = found.filter(Q(username__icontains=wanted.q) | Q(display_name__icontains=wanted.q))
    holder = {"role": wanted.role, "agency_id": wanted.agency, "place__code": wanted.place}
    holder = {name: value for name, value in holder.items() if value is not None}
    if holder:
        found = found.filter(pk__in=in_force(Membership.objects.filter(**holder)).values("user_id"))
    return found


@router.post("/users", response={201: schemas.OneTimePassword}, auth=Guard("user.manage"), tags=PEOPLE)
def create_user(request: SignedRequest, response: HttpResponse, data: schemas.UserIn) -> dict[str, Any]:
    """Make a person without a role; the answer holds the one-time password, once."""
    user, password = services.create_user(request.user, **data.dict())
    response["Cache-Control"] = "no-store"
    return {"user": _people().get(pk=user.pk), "password": password}


@router.get("/users/{pk}", response=schemas.UserOut, auth=Guard("user.manage"), tags=PEOPLE)
def user(request: SignedRequest, response: HttpResponse, pk: Id) -> User:
    """One person."""
    found = get_object_or_404(_people(), pk=pk)
    set_version(response, found.version)
    return found


@router.patch("/users/{pk}", response=schemas.UserOut, auth=Guard("user.manage"), tags=PEOPLE)
def edit_user(request: SignedRequest, response: HttpResponse, pk: Id, data: schemas.UserEdit) -> User:
    """Change name, phone or language of a person."""
    found = get_object_or_404(User, pk=pk)
    given = data.dict(exclude={"version"}, exclude_none=True)
    fields = {name: given.get(name, getattr(found, name)) for name in ("display_name", "phone", "language")}
    services.edit_user(request.user, found, **fields, seen_version=seen_version(request, data.version))
    return _answer(response, pk)


def _answer(response: HttpResponse, pk: int) -> User:
    found = _people().get(pk=pk)
    set_version(response, found.version)
    return found


@router.post("/users/{pk}/active", response=schemas.UserOut, auth=Guard("user.manage"), tags=PEOPLE)
def set_active(request: SignedRequest, response: HttpResponse, pk: Id, data: schemas.ActiveIn) -> User:
    """Deactivate a person (sessions and tokens stop at once) or activate them again."""
    found = get_object_or_404(User, pk=pk)
    seen = seen_version(request, data.version)
    services.set_active(request.user, found, active=data.active, reason=data.reason, seen_version=seen)
    return _answer(response, pk)


@router.post("/users/{pk}/password", response=schemas.OneTimePassword, auth=Guard("user.manage"), tags=PEOPLE)
def reset_password(request: SignedRequest, response: HttpResponse, pk: Id) -> dict[str, Any]:
    """Give a new one-time password; the person's sessions end and their tokens are revoked."""
    password = services.reset_password(request.user, get_object_or_404(User, pk=pk))
    response["Cache-Control"] = "no-store"
    return {"user": _people().get(pk=pk), "password": password}


@router.post("/users/{pk}/unlock", response=schemas.Unlocked, auth=Guard("user.manage"), tags=PEOPLE)
def unlock(request: SignedRequest, pk: Id) -> dict[str, int]:
    """Forget the failed logins of a person who was locked out."""
    return {"failures": services.unlock(request.user, get_object_or_404(User, pk=pk))}


@router.post("/users/{pk}/roles", response={201: schemas.MembershipOut}, auth=Guard("user.manage"), tags=PEOPLE)
def grant_role(request: SignedRequest, pk: Id, data: schemas.RoleIn) -> Membership:
    """Give a person a role. Whoever is administrator holds no other one."""
    found = get_object_or_404(User, pk=pk)
    agency = _or_refuse(Agency, "agency", pk=data.agency) if data.agency else None
    place = _or_refuse(Place, "place", code=data.place) if data.place else None
    return services.grant_role(
        request.user,
        found,
        role=data.role,
        agency=agency,
        place=place,
        enterprise=data.enterprise,
        since=data.since,
        until=data.until,
    )


def _or_refuse(model: Any, field: str, **key: Any) -> Any:
    """Return the record that a body names, or refuse the body: the address itself is right."""
    found = model.objects.filter(**key).first()
    if found is None:
        raise DomainError(_("There is no such record."), hint=str(next(iter(key.values()))), field=field)
    return found


@router.post(
    "/users/{pk}/roles/{membership}/end", response=schemas.MembershipOut, auth=Guard("user.manage"), tags=PEOPLE
)
def end_role(request: SignedRequest, pk: Id, membership: Id, data: schemas.EndRoleIn) -> Membership:
    """End a role; it stays with its last day."""
    held = get_object_or_404(Membership.objects.select_related("agency", "place"), pk=membership, user_id=pk)
    services.end_role(request.user, held, reason=data.reason, last_day=data.last_day)
    return Membership.objects.select_related("agency", "place").get(pk=held.pk)
