"""The targets of the adopted city plans as the indicators room shows them: which indicator watches each."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from lantian.indicators.context import Context
from lantian.indicators.queries import find
from lantian.indicators.registry import Indicator, TargetLine
from lantian.indicators.words import plain, sign
from lantian.plan.goals import loose_numbers
from lantian.plan.models import Clause, ClauseArea, Document, DocumentVersion, MeasureTarget, TargetBinding
from lantian.plan.services.bindings import in_indicator_unit, unbound_targets

RESPONSIBLE = ("lead", "each")


def bindings_in_force(context: Context) -> list[TargetBinding]:
    """Return the bindings of the adopted city plans in the order of their texts (three queries, once per context)."""

    def read() -> list[TargetBinding]:
        rows = adopted_bindings().select_related("measure__clause__task")
        # Only the keys of the places: their polygons are large, and the context knows the areas.
        areas = Prefetch("measure__clause__area_links", queryset=ClauseArea.objects.only("clause", "place"))
        return list(rows.prefetch_related("measure__clause__agencies", areas))

    return context.memo("bindings in force", read)


def adopted_bindings() -> QuerySet[TargetBinding]:
    """Return the bindings of the adopted city plans with their numbers, in the order of the texts."""
    rows = TargetBinding.objects.filter(version__state="adopted", version__document__kind=Document.Kind.CITY_PLAN)
    return (
        rows.select_related("version", "target")
        .defer("version__text", "version__parsed")
        .order_by("version", "start", "position")
    )


def target_lines(context: Context) -> list[TargetLine]:
    """Return every target of the adopted city plans in the order of their texts."""
    lines = [(row.version_id, row.start or 0, _bound(row, context)) for row in bindings_in_force(context)]
    adopted = DocumentVersion.objects.filter(state="adopted", document__kind=Document.Kind.CITY_PLAN)
    for version in adopted.defer("text", "parsed"):
        for target in unbound_targets(version):
            lines.append((version.pk, target.start or target.measure.start, _unbound(target)))
        for goal, number in loose_numbers(version, bindings_in_force(context)):
            lines.append((version.pk, number.start or 0, _unbound_aim(goal["text"], number)))
    return [line for _version, _at, line in sorted(lines, key=lambda entry: entry[:2])]


def _bound(row: TargetBinding, context: Context) -> TargetLine:
    one = find(row.indicator, context)
    measure = row.measure
    return TargetLine(
        task=measure.clause.task.number if measure else "",
        measure=measure.code if measure else "",
        sentence=row.quote,
        wanted=wanted_text(row.target) if row.target else "",
        role=row.form,
        indicator=row.indicator,
        comparator=row.comparator,
        target=in_indicator_unit(row, context),
        bound=one is not None and not row.fault,
        place_codes=tuple(place_codes(row, one, context)),
        agency_ids=_agency_ids(measure.clause) if measure else frozenset(),
        url=address("plan:measure", measure.pk) if measure else aims_address(row.key),
        note=str(row.get_fault_display()) if row.fault else row.note,
        until=row.version.period_to or row.version.issued_on,
        nature=row.nature,
        document=row.version.title,
    )


def _unbound(target: MeasureTarget) -> TargetLine:
    measure = target.measure
    return TargetLine(
        task=measure.clause.task.number,
        measure=measure.code,
        sentence=measure.text,
        wanted=wanted_text(target),
        role=target.role,
        indicator="",
        comparator=target.comparator,
        target=None,
        bound=False,
        # A number that the reader took from words stands in no sentence: it may be watched, it need not.
        must_be_bound=not target.derived_from,
        note=from_words(target),
        url=address("plan:measure", measure.pk),
    )


def _unbound_aim(sentence: str, number: MeasureTarget) -> TargetLine:
    return TargetLine(
        task="",
        measure="",
        sentence=sentence,
        wanted=f"{number.object} {wanted_text(number)}".strip(),
        role=number.role,
        indicator="",
        comparator=number.comparator,
        target=None,
        bound=False,
        must_be_bound=number.role == MeasureTarget.Role.TARGET,
        url=aims_address(""),
    )


def aims_address(key: str) -> str:
    """Return the address of the aims of the plan, at one of them where its binding is given."""
    page = address("plan:targets")
    return f"{page}#aim-{key}" if page and key else page


def place_codes(row: TargetBinding, one: Indicator | None, context: Context) -> list[str]:
    """Return the codes of the areas that owe the target; none when the city owes it as a whole."""
    if one is None or one.level == "city":
        return []
    areas = {place.pk: place.code for place in context.areas}
    if row.areas:
        return [code for code in row.areas if code in set(areas.values())]
    if row.measure is None:
        return list(areas.values())
    clause = row.measure.clause
    named = [areas[link.place_id] for link in clause.area_links.all() if link.place_id in areas]
    return named or (list(areas.values()) if clause.areas == Clause.Areas.ALL else [])


def _agency_ids(clause: Clause) -> frozenset[int]:
    return frozenset(link.agency_id for link in clause.agencies.all() if link.role in RESPONSIBLE)


def wanted_text(target: MeasureTarget) -> str:
    """Write a number of the text as people read it: "≥ 80 %", "10–20 km"."""
    value = plain(target.value)
    if target.comparator == "range" and target.upper is not None:
        return f"{value}{sign(target.comparator)}{plain(target.upper)} {target.unit}".strip()
    return f"{sign(target.comparator)} {value} {target.unit}".strip()


def from_words(target: MeasureTarget) -> str:
    """Return what a number was read from where the text has none; "" where it has one."""
    return _("read from the words “%(words)s”") % {"words": target.derived_from} if target.derived_from else ""


def address(name: str, *args: object) -> str:
    """Return the address of a page, "" while its part of the house does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
