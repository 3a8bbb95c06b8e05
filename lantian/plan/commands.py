"""Commands of the plan room that need the database: import a text, adopt it. Django is loaded when they run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantian.city.commands import with_database

if TYPE_CHECKING:
    from lantian.city.models import Place, User
    from lantian.plan.models import Document, DocumentVersion


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--user", required=True, help="Login of the person in whose name it is imported.")
@click.option("--county", help="Code or name of the county whose implementation plan this is (without: a city plan).")
@click.option("--serves", type=int, help="Number of the city plan's document, where several are in force.")
@with_database
def import_text(file: Path, user: str, county: str | None, serves: int | None) -> None:
    """Read the plan FILE (.txt .md .html .docx .pdf) into the database for review; the same file twice is harmless."""
    from lantian.city.models import Place
    from lantian.plan.models import Document
    from lantian.plan.services.documents import import_document

    actor = _person(user)
    if county:
        place, kind = _county(county), Document.Kind.COUNTY_PLAN
        city_plan = _city_plan(serves)
    else:
        place, kind, city_plan = Place.objects.get(kind=Place.Kind.CITY), Document.Kind.CITY_PLAN, None
    version = import_document(actor, file, kind=kind, place=place, serves=city_plan)
    click.echo(
        f"{version} is {'here already' if version.was_there else 'imported'}: version {version.pk}, {version.state}"
    )
    for line in _summary(version):
        click.echo(line)


@click.command()
@click.argument("version", type=int)
@click.option("--user", required=True, help="Login of the person in whose name it is adopted.")
@click.option("--accept-all", is_flag=True, help="First accept everything as it was read, without anybody looking.")
@with_database
def adopt(version: int, user: str, accept_all: bool) -> None:
    """Adopt the text with the number VERSION (as `lantian plan import` printed it)."""
    from lantian.plan.models import DocumentVersion
    from lantian.plan.services.documents import adopt as put_in_force
    from lantian.plan.services.review import accept_all as accept

    actor = _person(user)
    found = DocumentVersion.objects.filter(pk=version).first()
    if found is None:
        raise click.BadParameter(f"there is no version {version}.", param_hint="VERSION")
    if accept_all:
        click.echo(f"accepted as read: {accept(actor, found, confidence=0.0)}")
        found.refresh_from_db()
    adopted = put_in_force(actor, found)
    click.echo(f"{adopted} is in force.")


def _person(login: str) -> User:
    from lantian.city.models import User

    found = User.objects.filter(username=login).first()
    if found is None:
        raise click.BadParameter(f"there is no user {login!r}.", param_hint="--user")
    return found


def _county(name: str) -> Place:
    from lantian.city.models import Place
    from lantian.city.queries import gazetteer_from_database

    area = gazetteer_from_database().area(name)
    found = Place.objects.areas().filter(code=area.code if area else name).first()
    if found is None:
        known = "、".join(place.name for place in Place.objects.areas())
        raise click.BadParameter(f"{name!r} is no area of the city; there are {known}.", param_hint="--county")
    return found


def _city_plan(pk: int | None) -> Document:
    from lantian.plan.models import Document, DocumentVersion

    adopted = DocumentVersion.State.ADOPTED
    plans = Document.objects.filter(kind=Document.Kind.CITY_PLAN, versions__state=adopted).distinct()
    chosen = list(plans.filter(pk=pk) if pk else plans)
    if len(chosen) != 1:
        listed = ", ".join(f"{one.pk} {one.title}" for one in plans) or "none"
        raise click.BadParameter(f"say which city plan it carries out; in force: {listed}.", param_hint="--serves")
    return chosen[0]


def _summary(version: DocumentVersion) -> list[str]:
    """Return how much was read and what is open."""
    from lantian.plan.models import Clause, Measure
    from lantian.plan.services.blockers import doubts

    tasks = version.tasks.count()
    clauses = Clause.objects.filter(task__version=version).count()
    measures = Measure.objects.filter(clause__task__version=version).count()
    lines = [f"{tasks} tasks, {clauses} clauses, {measures} measures"]
    if version.state == version.State.IN_REVIEW:
        lines += [f"{'blocks' if d.blocks else 'note  '}  {d.message}" for d in doubts(version)]
    return lines
