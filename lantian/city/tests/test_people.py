"""People, roles, tokens: who may give what to whom, and what is refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lantian.city import clock, people, services
from lantian.city.access import scope_of
from lantian.city.models import ApiToken, Membership, Role, User
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.kit.search import search
from lantian.records.models import AuditEntry
from tests.api import Api
from tests.builders import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(city):
    return city.people["admin"]


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))


def test_a_new_person_has_a_one_time_password(admin):
    user, password = services.create_user(admin, username="li", display_name="李")
    assert user.check_password(password)
    assert user.must_change_password
    assert actions() == ["city.user_create"]
    services.change_own_password(user, old=password, new="a-much-better-one")
    user.refresh_from_db()
    assert not user.must_change_password
    assert password not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("name", ["office", "OFFICE", "Office"])
def test_a_user_name_exists_once_in_any_case(admin, name):
    with pytest.raises(Conflict):
        services.create_user(admin, username=name, display_name="李")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "<b>", "x" * 61, "a\x00"])
def test_impossible_user_names_are_refused(admin, name):
    with pytest.raises(DomainError):
        services.create_user(admin, username=name, display_name="李")


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\u202eb", "a\x00b", "a\ud800"])
def test_invisible_display_names_are_refused(admin, name):
    with pytest.raises(DomainError):
        services.create_user(admin, username="li", display_name=name)


@pytest.mark.parametrize("who", ["office", "county", "inspector", "nobody"])
def test_only_the_administrator_manages_users(city, who):
    actor, user = city.people[who], city.people["county2"]
    for act in (
        lambda: services.create_user(actor, username="li", display_name="李"),
        lambda: services.edit_user(actor, user, display_name="x", phone="", language="en"),
        lambda: services.set_active(actor, user, active=False, reason="x"),
        lambda: services.reset_password(actor, user),
        lambda: services.unlock(actor, user),
        lambda: services.grant_role(actor, user, role="office"),
        lambda: services.end_role(actor, user.memberships.get(), reason="x"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not AuditEntry.objects.exists()


def test_an_older_version_does_not_overwrite(admin, city):
    user = city.people["county"]
    services.edit_user(admin, user, display_name="王", phone="1", language="en", seen_version=1)
    with pytest.raises(Conflict):
        services.edit_user(admin, user, display_name="赵", phone="2", language="en", seen_version=1)
    user.refresh_from_db()
    assert (user.display_name, user.version) == ("王", 2)


def test_saving_without_a_change_writes_nothing(admin, city):
    user = city.people["county"]
    services.edit_user(admin, user, display_name=user.display_name, phone="", language=user.language)
    assert not actions()


def test_deactivating_ends_everything_and_needs_a_reason(admin, city, client):
    user = city.people["county"]
    _token, secret = services.create_token(user, name="x", read_only=True, days=1)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    with pytest.raises(DomainError):
        services.set_active(admin, user, active=False, reason=" ")
    services.set_active(admin, user, active=False, reason="调离")
    assert client.get("/account/").status_code == 302
    assert services.find_token(secret) is None
    assert not client.login(username="county", password=PASSWORD)
    services.set_active(admin, user, active=True, reason="回来")
    assert actions()[-2:] == ["city.user_deactivate", "city.user_activate"]


def test_an_administrator_always_remains(admin, city):
    with pytest.raises(Unlawful):
        services.set_active(admin, admin, active=False, reason="x")
    with pytest.raises(Unlawful):
        services.set_active(None, admin, active=False, reason="x")
    with pytest.raises(Unlawful):
        services.end_role(None, admin.memberships.get(), reason="x")
    services.grant_role(admin, city.people["nobody"], role="admin")
    services.set_active(None, admin, active=False, reason="x")


def test_four_eyes_between_administration_and_business(admin, city):
    with pytest.raises(Unlawful):
        services.grant_role(None, admin, role="office")
    with pytest.raises(Unlawful):
        services.grant_role(admin, city.people["county"], role="admin")
    with pytest.raises(NotAllowed):
        services.grant_role(admin, admin, role="public")
    with pytest.raises(NotAllowed):
        services.end_role(admin, admin.memberships.get(), reason="x")


def test_an_ended_business_role_makes_room_for_the_administration(admin, city):
    user = city.people["office2"]
    last = dt.date.today() - dt.timedelta(days=1)
    services.end_role(admin, user.memberships.get(), reason="调离", last_day=last)
    services.grant_role(admin, user, role="admin")
    assert scope_of(User.objects.get(pk=user.pk)).roles == {"admin"}


@pytest.mark.parametrize(
    ("role", "holder"),
    [
        ("department", {}),
        ("county", {}),
        ("town", {}),
        ("enterprise", {}),
        ("office", {"place": "area"}),
        ("county", {"place": "town"}),
        ("town", {"place": "area"}),
        ("department", {"agency": "agency", "place": "area"}),
        ("emperor", {}),
    ],
)
def test_a_holder_that_does_not_fit_is_refused(admin, city, role, holder):
    things = {"area": city.areas[0], "town": city.towns[0], "agency": city.agencies["能源局"]}
    with pytest.raises(DomainError):
        services.grant_role(admin, city.people["nobody"], role=role, **{k: things[v] for k, v in holder.items()})


def test_the_same_role_twice_is_refused_and_may_follow_itself(admin, city):
    user, place = city.people["nobody"], city.areas[1]
    today = dt.date.today()
    first = services.grant_role(admin, user, role="county", place=place, until=today + dt.timedelta(days=9))
    with pytest.raises(Conflict):
        services.grant_role(admin, user, role="county", place=place)
    with pytest.raises(DomainError):
        services.grant_role(admin, user, role="town", place=city.towns[0], until=today - dt.timedelta(days=1))
    services.grant_role(admin, user, role="county", place=place, since=first.until + dt.timedelta(days=1))
    assert user.memberships.count() == 2


def test_ending_a_role_keeps_it_with_its_last_day(admin, city):
    user = city.people["county"]
    held = user.memberships.get()
    yesterday = dt.date.today() - dt.timedelta(days=1)
    services.end_role(admin, held, reason="换届", last_day=yesterday)
    assert scope_of(User.objects.get(pk=user.pk)).roles == frozenset()
    assert Membership.objects.get(pk=held.pk).until == yesterday
    with pytest.raises(Unlawful):
        services.end_role(admin, held, reason="换届")
    entry = AuditEntry.objects.get(action="city.role_end")
    assert (entry.reason, entry.changes["until"][1]) == ("换届", yesterday.isoformat())


def test_a_reset_ends_tokens_and_sessions(admin, city, client):
    user = city.people["county"]
    _token, secret = services.create_token(user, name="x", read_only=False, days=1)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    password = services.reset_password(admin, user)
    assert services.find_token(secret) is None
    assert client.get("/account/").status_code == 302
    assert User.objects.get(pk=user.pk).check_password(password)
    with pytest.raises(NotAllowed):
        services.reset_password(admin, admin)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", "a-good-new-one", "old"),
        (PASSWORD, PASSWORD, "new"),
        (PASSWORD, "short", "new"),
        (PASSWORD, "12345678901", "new"),
    ],
)
def test_bad_passwords_are_refused_beside_their_field(city, old, new, field):
    with pytest.raises(DomainError) as refused:
        services.change_own_password(city.people["county"], old=old, new=new)
    assert refused.value.field == field


def test_only_the_digest_of_a_token_is_stored(city):
    token, secret = services.create_token(city.people["county"], name="日报", read_only=True, days=30)
    assert services.find_token(secret) == token
    assert secret not in str(list(ApiToken.objects.values())) + str(list(AuditEntry.objects.values()))
    assert services.find_token(secret + "x") is None


def test_a_token_ends_by_time_and_by_hand(city, admin):
    token, secret = services.create_token(city.people["county"], name="x", read_only=True, days=30)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert services.find_token(secret) is None
    token, secret = services.create_token(city.people["county"], name="x", read_only=True, days=30)
    with pytest.raises(NotAllowed):
        services.revoke_token(city.people["county2"], token)
    services.revoke_token(admin, token)
    assert services.find_token(secret) is None
    with pytest.raises(Unlawful):
        services.revoke_token(admin, token)


def test_last_use_is_written_once_a_minute(city, django_assert_num_queries):
    _token, secret = services.create_token(city.people["county"], name="x", read_only=True, days=30)
    with django_assert_num_queries(2):
        services.find_token(secret)
    with django_assert_num_queries(1):
        services.find_token(secret)


@pytest.mark.parametrize(("name", "days"), [("", 1), ("x" * 61, 1), ("x", 0), ("x", 367)])
def test_impossible_tokens_are_refused(city, name, days):
    with pytest.raises(DomainError):
        services.create_token(city.people["county"], name=name, read_only=True, days=days)


def test_towns_and_the_public_get_no_tokens(city):
    for who in ("town", "enterprise", "public", "nobody"):
        with pytest.raises(NotAllowed):
            services.create_token(city.people[who], name="x", read_only=True, days=1)


def test_the_number_of_tokens_is_limited(city):
    for n in range(20):
        services.create_token(city.people["county"], name=str(n), read_only=True, days=1)
    with pytest.raises(DomainError):
        services.create_token(city.people["county"], name="one more", read_only=True, days=1)


def test_every_role_says_its_needs_in_words():
    from lantian.city.matrix import REACH

    assert set(REACH) == set(Role.values)


def test_a_role_is_not_prolonged_by_ending_it(admin, city):
    """Else a role that may not be given together with another one could be stretched over it."""
    person, _password = services.create_user(admin, username="li", display_name="李")
    today = clock.today()
    first = services.grant_role(admin, person, role="admin", until=today + dt.timedelta(days=3))
    services.grant_role(admin, person, role="county", place=city.areas[0], since=today + dt.timedelta(days=4))
    with pytest.raises(DomainError, match=str(first.until)):
        services.end_role(admin, first, reason="x", last_day=today + dt.timedelta(days=30))
    first.refresh_from_db()
    assert first.until == today + dt.timedelta(days=3)


def test_two_people_who_take_one_user_name_at_once(admin, monkeypatch):
    monkeypatch.setattr(people, "_check_username", lambda name: None)  # both looked before either wrote
    with pytest.raises(Conflict):
        services.create_user(admin, username="office", display_name="李")
    assert User.objects.filter(username="office").count() == 1


@pytest.mark.parametrize("act", ["deactivate", "end"])
def test_whoever_takes_an_administrator_away_waits_for_the_other(admin, act):
    """The rows of all administrators are locked first, so that two cannot end each other at the same moment."""
    other, _password = services.create_user(admin, username="li", display_name="李")
    role = services.grant_role(admin, other, role="admin")
    with CaptureQueriesContext(connection) as seen:
        if act == "deactivate":
            services.set_active(admin, other, active=False, reason="离岗")
        else:
            services.end_role(admin, role, reason="离岗")
    asked = [q["sql"] for q in seen if "city_membership" in q["sql"] and "'admin'" in q["sql"]]
    writes = [q["sql"] for q in seen if q["sql"].startswith("UPDATE")]
    order = [q["sql"] for q in seen]
    assert order.index(asked[-1]) < order.index(writes[0])
    if connection.vendor == "postgresql":
        assert any("FOR UPDATE" in sql for sql in asked)


def test_aliases_are_found_by_whoever_searches(city):
    agency = city.agencies["生态环境局"]
    agency.aliases = ["市环保局"]
    agency.save()
    assert Api(city.people["office"]).get("/agencies?q=环保局").json()["count"] == 1
    found = search(scope_of(city.people["office"]), "环保局")
    assert [hit.title for _source, hits in found for hit in hits] == ["生态环境局"]


def test_a_new_agency_has_names_that_the_columns_hold(city):
    office = city.people["office"]
    with pytest.raises(DomainError):
        services.name_agency(office, "某专班", new={"short": "长" * 61})
    with pytest.raises(DomainError):
        services.name_agency(office, "某专班", new={"short": "专班", "full_name": "=1+1"})
    assert services.name_agency(office, "某专班", new={"short": "专班"}).aliases == ["某专班"]
    with pytest.raises(Conflict):
        services.name_agency(office, "某专班", new={"short": "另一专班"})


def test_a_role_reaches_its_own_place_only(admin, city):
    """Who is the county of one area and a town of another is not the other's county."""
    person, _password = services.create_user(admin, username="li", display_name="李")
    services.grant_role(admin, person, role="county", place=city.areas[1])
    services.grant_role(admin, person, role="town", place=city.towns[0])
    scope = scope_of(User.objects.get(pk=person.pk))
    assert scope.place_ids >= {city.areas[1].pk, city.towns[0].pk}
    assert scope.may_at("plan.import_county", place_ids=[city.areas[1].pk])
    assert not scope.may_at("plan.import_county", place_ids=[city.towns[0].pk])
    assert scope.may_at("assignment.report", place_ids=[city.towns[0].pk])
