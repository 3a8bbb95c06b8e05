"""What the HTTP API says and takes about places, agencies and people."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from lantian.city.models import Agency, LoadedPack, Membership, Place, User
from lantian.kit.api import Day, Id, Reason, Version, Word

PlaceKind = Literal["city", "county", "zone", "scenic", "town", "village"]
RoleName = Literal["office", "department", "county", "town", "enterprise", "inspector", "public", "admin"]
Language = Literal["zh-hans", "en"]


class PlaceRef(Schema):
    """A place, in short."""

    code: str = Field(examples=["990001"])
    name: str = Field(examples=["甲县"])
    name_en: str


class AgencyRef(Schema):
    """An agency, in short."""

    id: int
    short: str = Field(examples=["生态环境局"])
    name_en: str


class PlaceOut(PlaceRef):
    kind: PlaceKind
    parent: str | None = Field(None, description="code of the place around it")
    aliases: list[str]
    is_active: bool

    @staticmethod
    def resolve_parent(place: Place) -> str | None:
        return place.parent.code if place.parent else None


class PlaceDetail(PlaceOut):
    boundary: dict[str, Any] | None = Field(None, description="GeoJSON geometry, WGS-84")


class AgencyOut(AgencyRef):
    full_name: str
    kind: str = Field(description=", ".join(Agency.Kind.values))
    aliases: list[str]
    until: int | None = Field(None, description="year of its reorganisation")
    successor: str = Field(description="short name of who took over")
    is_active: bool


class PlaceFilter(Schema):
    kind: PlaceKind | None = None
    parent: Word | None = Field(None, description="code of the place around them")
    q: Word = Field("", description="part of a name, or how the code begins")
    active: bool = True


class AgencyFilter(Schema):
    q: Word = Field("", description="part of any of its names")
    active: bool = True


class CityOut(Schema):
    """The city pack in force."""

    slug: str
    name: str
    name_en: str
    pack_version: str
    sha256: str = Field(description="over all files of the pack")
    loaded_at: datetime
    today: date = Field(description="the city's day (a demonstration may pretend another one)")
    clock_pretended: bool
    calendar: dict[str, Any]
    thresholds: dict[str, float]

    @staticmethod
    def of(pack: LoadedPack, today: date, pretended: bool) -> dict[str, Any]:
        names = ("slug", "name", "name_en", "pack_version", "sha256", "loaded_at", "calendar", "thresholds")
        return {name: getattr(pack, name) for name in names} | {"today": today, "clock_pretended": pretended}


class MembershipOut(Schema):
    """A role held for an agency, a place or an enterprise; a role that ended stays."""

    id: int
    role: RoleName
    agency: AgencyRef | None = None
    place: PlaceRef | None = None
    enterprise: str
    since: date
    until: date | None = None


class Me(Schema):
    """Who the caller is and what they may do."""

    id: int
    username: str
    display_name: str
    language: Language
    roles: list[RoleName] = Field(description="held today")
    verbs: list[str] = Field(examples=[["assignment.view", "plan.view"]])
    memberships: list[MembershipOut]


class UserOut(Schema):
    id: int
    username: str
    display_name: str
    phone: str
    language: Language
    is_active: bool
    must_change_password: bool = Field(description="has a one-time password")
    last_login: datetime | None = None
    version: int
    memberships: list[MembershipOut]

    @staticmethod
    def resolve_memberships(user: User) -> list[Membership]:
        return list(user.memberships.all())


class UserFilter(Schema):
    role: RoleName | None = Field(None, description="held today")
    agency: Id | None = None
    place: Word | None = Field(None, description="code")
    active: bool | None = None
    q: Word = Field("", description="part of the name or user name")


class UserIn(Schema):
    username: Word = Field(examples=["wangwu"])
    display_name: Word = Field(examples=["王五"])
    phone: Word = ""
    language: Language = "zh-hans"


class UserEdit(Schema):
    """What is left out stays."""

    display_name: Word | None = None
    phone: Word | None = None
    language: Language | None = None
    version: Version | None = None


class ActiveIn(Schema):
    active: bool
    reason: Reason
    version: Version | None = None


class OneTimePassword(Schema):
    """A password that must be changed at the first login; shown this once."""

    user: UserOut
    password: str


class RoleIn(Schema):
    """A role for its holder: `agency` (id) for department, `place` (code) for county and town, `enterprise` (name)."""

    role: RoleName
    agency: Id | None = None
    place: Word | None = Field(None, examples=["990001"])
    enterprise: Word = ""
    since: Day | None = Field(None, description="first day; today if left out")
    until: Day | None = Field(None, description="last day; without end if left out")


class EndRoleIn(Schema):
    reason: Reason
    last_day: Day | None = Field(None, description="last day on which it holds; today if left out")


class Unlocked(Schema):
    failures: int = Field(description="failed logins that were forgotten")


class TokenOut(Schema):
    """A token without its secret, which was shown when it was made."""

    id: int
    name: str
    prefix: str
    read_only: bool
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class MatrixRow(Schema):
    verb: str
    words: str = Field(description="what it means, in the caller's language")
    group: str
    roles: list[RoleName]
