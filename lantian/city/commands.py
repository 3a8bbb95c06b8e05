"""Commands of the city room that need the database: load a pack, manage people. Django is loaded when they run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from lantian.cli import setup_django

if TYPE_CHECKING:
    from lantian.city.models import User


def with_database(command: Callable[..., Any]) -> Callable[..., Any]:
    """Load Django first, and print what the house refuses as a message instead of a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        setup_django()
        from django.utils import translation

        from lantian.kit.errors import DomainError

        try:
            with translation.override("en"):
                return command(*args, **kwargs)
        except DomainError as error:
            raise click.ClickException(str(error)) from None

    return run


@click.command()
@click.argument("pack")
@click.option("--demo", is_flag=True, help="Also make the pack's demonstration people and print their logins.")
@with_database
def load(pack: str, demo: bool) -> None:
    """Load the city pack PACK (a folder, or a name under cities/) into the database. Repeating it is harmless."""
    from lantian.city.pack import PackError, find_pack, load_pack
    from lantian.city.services import create_demo_people, load_pack_into_database

    try:
        content = load_pack(find_pack(pack))
    except FileNotFoundError as error:
        raise click.BadParameter(str(error), param_hint="PACK") from None
    except PackError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        raise click.ClickException(f"{pack} has faults; nothing was loaded.") from None
    report = load_pack_into_database(content)
    for what, tally in (("places", report.places), ("agencies", report.agencies)):
        counts = tally.counts()
        click.echo(f"{what}: {counts['created']} new, {counts['changed']} changed, {counts['retired']} out of use")
    click.echo(f"{content.meta.slug} {content.meta.version}: {'loaded' if report.new_pack else 'unchanged'}.")
    if demo:
        for login in create_demo_people(content):
            password = login.password or "(made elsewhere)"
            click.echo(f"{login.username}\t{password}\t{login.role}\t{login.holder}\t{login.name_en}")


@click.group()
def user() -> None:
    """Manage people: add, list, password."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The person's name as it stands under decisions.")
@click.option("--role", help="office, department, county, town, enterprise, inspector, public or admin")
@click.option("--agency", help="short name of the agency (role department)")
@click.option("--place", help="code or name of the place (roles county and town)")
@click.option("--enterprise", default="", help="name of the enterprise (role enterprise)")
@with_database
def add(username: str, name: str, role: str | None, agency: str | None, place: str | None, enterprise: str) -> None:
    """Make the person USERNAME with a one-time password, which is printed once."""
    from django.db import transaction

    from lantian.city.services import create_user, grant_role

    with transaction.atomic():
        person, password = create_user(None, username=username, display_name=name)
        if role:
            holder = {"agency": _agency(agency), "place": _place(place), "enterprise": enterprise}
            grant_role(None, person, role=role, **holder)
    click.echo(f"{person.username}\t{password}")


def _agency(short: str | None) -> Any:
    from lantian.city.models import Agency

    if short is None:
        return None
    found = Agency.objects.filter(short=short).first()
    if found is None:
        known = ", ".join(Agency.objects.filter(is_active=True).values_list("short", flat=True)) or "none"
        raise click.BadParameter(f"There is no agency {short!r}. Known: {known}.", param_hint="--agency")
    return found


def _place(name: str | None) -> Any:
    from django.db.models import Q

    from lantian.city.models import Place

    if name is None:
        return None
    found = list(Place.objects.filter(Q(code=name) | Q(name=name), is_active=True)[:2])
    if len(found) != 1:
        trouble = "There is no place" if not found else "There are several places"
        raise click.BadParameter(f"{trouble} {name!r}. Give the code.", param_hint="--place")
    return found[0]


@user.command("list")
@click.option("--all", "everybody", is_flag=True, help="Also those who are inactive.")
@with_database
def list_users(everybody: bool) -> None:
    """Print user name, name, roles in force, last login; one person a line."""
    from lantian.city.models import User

    people = User.objects.prefetch_related("memberships__agency", "memberships__place")
    for person in people if everybody else people.filter(is_active=True):
        click.echo("\t".join(_line(person)))


def _line(person: User) -> list[str]:
    from lantian.city import clock

    today = clock.today()
    held = [m for m in person.memberships.all() if m.since <= today and (m.until is None or m.until >= today)]
    seen = person.last_login.strftime("%Y-%m-%d") if person.last_login else "never"
    roles = ", ".join(f"{m.role} {m.enterprise or m.agency or m.place or ''}".strip() for m in held)
    return [person.username, person.display_name, roles or "-", seen, "" if person.is_active else "inactive"]


@user.command("password")
@click.argument("username")
@with_database
def password(username: str) -> None:
    """Give USERNAME a new one-time password and print it once. Sessions end, API tokens are revoked."""
    from lantian.city.models import User
    from lantian.city.services import reset_password

    person = User.objects.filter(username=username).first()
    if person is None:
        raise click.BadParameter(f"There is no user {username!r}. See: lantian city user list.", param_hint="USERNAME")
    click.echo(f"{person.username}\t{reset_password(None, person)}")
