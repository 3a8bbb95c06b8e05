"""Pages of the quality control: review of episodes, one episode, one value, decisions and what they changed, data quality."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.air.assessing.shelf import store_of
from lantian.air.control import charts
from lantian.air.control.data import (
    DAY,
    HOUR,
    Pick,
    PickError,
    facts_of,
    find_episodes,
    hour_label,
    lang,
    local,
    name_of,
    newest_day,
    rows_of,
    sources,
    standings_of,
    stretch,
    unit_of,
)
from lantian.air.control.forms import CorrectionForm, DecisionForm, Filter
from lantian.air.control.monthly import month_of_sources
from lantian.air.quality.consequences import (
    Decision,
    FigureChange,
    changes,
    decision_of,
    decisions,
    is_computed,
    resting_on,
    touched,
)
from lantian.air.quality.deciding import Fact, history, in_force_at, state_of
from lantian.air.quality.flags import automatic, by_rule, flags
from lantian.air.quality.reasons import in_words
from lantian.air.quality.registry import settings_of, version
from lantian.air.queries import data_folder, shelf, store_version
from lantian.air.services import quality as services
from lantian.air.tabs import tabs
from lantian.city import clock
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.kit.charts import download
from lantian.kit.errors import Conflict, DomainError
from lantian.kit.forms import perform, status_of
from lantian.observations.dependency import Dependant
from lantian.standards.pollutants import core_codes

PER_PAGE = 50
SHOWN_DAYS = 60
RECENT = 8


@needs("air.flag")
def review(request: SignedRequest) -> HttpResponse:
    """Flagged episodes, filtered; a decision about those that are chosen."""
    if store_version() is None:
        return _empty(request, _("Quality review"))
    form = DecisionForm(request.POST) if request.method == "POST" else DecisionForm()
    if request.method == "POST" and (done := perform(form, lambda data: _decide(request, data))):
        return _after(request, done)
    return _review_page(request, form, status=status_of(form) if form.is_bound else 200)


def _decide(request: SignedRequest, data: dict[str, Any]) -> services.Decided:
    """Decide about the episodes that were ticked; raises DomainError when one of them is not as it was shown."""
    if before := services.repeated(request.user, data["key"], data["action"], data["reason"]):
        return before
    facts: set[Fact] = set()
    for pick in _picks(request):
        episode = pick.episode()
        chosen = facts_of(episode) if episode else []
        if not chosen or state_of(standings_of(chosen)) != pick.state:
            raise Conflict(
                _("“%(name)s” has changed since this page was made.")
                % {"name": f"{name_of(pick.source)} {pick.quantity} {hour_label(pick.first)}"},
                hint=_("Reload the page and look at it again."),
            )
        facts |= set(chosen)
    found = sorted(facts)
    return services.review(
        request.user, found, data["action"], flag=data["flag"], reason=data["reason"],
        seen=state_of(standings_of(found)), key=data["key"] or None,
    )  # fmt: skip


def _picks(request: HttpRequest) -> list[Pick]:
    try:
        found = [Pick.read(text) for text in request.POST.getlist("pick")[:PER_PAGE]]
    except PickError as error:
        raise DomainError(_("What was chosen cannot be read."), hint=_("Reload the page and try again.")) from error
    if not found:
        raise DomainError(_("Choose at least one entry."))
    return found


def _after(request: HttpRequest, done: services.Decided) -> HttpResponse:
    messages.success(request, _("Decided about %(n)d hours. This is what it changed.") % {"n": done.values})
    return redirect("air:decision", done.key)


def _period(form: Filter) -> tuple[dt.date, dt.date]:
    """The days that are asked for; the last ones that have data where nothing is said."""
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    last = data.get("last") or newest_day()
    return min(data.get("first") or last - SHOWN_DAYS * DAY, last), last


def _review_page(request: SignedRequest, form: DecisionForm, status: int = 200) -> HttpResponse:
    shown = Filter(request.GET or None)
    first, last = _period(shown)
    data = shown.cleaned_data if shown.is_bound and shown.is_valid() else {}
    names = [data["flag"]] if data.get("flag") else list(automatic())
    found = find_episodes(
        names, [one for one in [data.get("source")] if one], [one for one in [data.get("item")] if one], first, last
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = rows_of(list(page.object_list))
    picked = set(request.POST.getlist("pick"))
    context = {
        "title": _("Quality review"), "tabs": tabs(request), "filter": shown, "form": form, "page": page,
        "rows": [{"row": row, "picked": row.pick in picked, "url": _episode_url(row.pick)} for row in rows],
        "first": first, "last": last, "hours": sum(one.hours for one in found), "rule_version": version(),
        "decisions": [_decision_row(one) for one in decisions(_store(), RECENT)],
        "synthetic": any(row.synthetic for row in rows),
    }  # fmt: skip
    return render(request, "air/review.html", context, status=status)


def _episode_url(pick: str) -> str:
    query = QueryDict(mutable=True)
    query["pick"] = pick
    return f"{reverse('air:episode')}?{query.urlencode()}"


def value_url(source: str, quantity: str, start: dt.datetime) -> str:
    """Return the address of one value's history."""
    query = QueryDict(mutable=True)
    query["source"], query["item"], query["start"] = source, quantity, start.astimezone(dt.UTC).isoformat()
    return f"{reverse('air:value')}?{query.urlencode()}"


def _store() -> Any:
    return store_of(data_folder())


def _empty(request: HttpRequest, title: str) -> HttpResponse:
    return render(request, "air/quality_empty.html", {"title": title, "tabs": tabs(request)})


@needs("air.flag")
def episode(request: SignedRequest) -> HttpResponse:
    """One episode with the hours around it and its neighbours; a decision about it."""
    if store_version() is None:
        raise Http404
    try:
        pick = Pick.read(request.POST.get("pick") or request.GET.get("pick", ""))
    except PickError as error:
        raise Http404 from error
    form = DecisionForm(request.POST) if request.method == "POST" else DecisionForm()
    if request.method == "POST" and (done := perform(form, lambda data: _decide(request, data))):
        return _after(request, done)
    found = pick.episode()
    first, last = local(pick.first).date() - 2 * DAY, local(pick.until).date() + 2 * DAY
    around = stretch(pick.source, pick.quantity, first, min(last, first + 60 * DAY), neighbours=4)
    title = f"{name_of(pick.source)} · {pick.quantity}"
    drawn = charts.curve(
        "episode", pick.source, pick.quantity, around, title=title,
        first=hour_label(pick.first), last=hour_label(pick.until - HOUR),
    )  # fmt: skip
    if answer := download(request, [drawn]):
        return answer
    rows = rows_of([found]) if found else []
    context = {
        "title": title, "tabs": tabs(request), "chart": drawn, "form": form, "pick": pick, "row": rows[0] if rows else None,
        "unit": unit_of(pick.quantity), "rule": _rule(pick.flag),
        "values": [_value_row(one) for one in found.values] if found else [],
    }  # fmt: skip
    return render(request, "air/episode.html", context, status=status_of(form) if form.is_bound else 200)


def _rule(flag: str) -> dict[str, Any]:
    """What a flag means, and of a rule its numbers, source and how sure."""
    one = flags()[flag]
    found: dict[str, Any] = {"label": one.label(lang()), "meaning": one.meaning(lang()), "void": one.void}
    if one.rule:
        table = settings_of(one.rule).table
        found |= {"source": table["source"], "confidence": table["confidence"], "version": version()}
    return found


def _value_row(one: Any) -> dict[str, Any]:
    return {
        "label": hour_label(one.start), "value": one.value, "reason": in_words(one.reason, lang()),
        "who": _who(one.who), "url": value_url(one.source, one.pollutant, one.start),
    }  # fmt: skip


def _who(name: str) -> str:
    return _("rules, version %s") % name.partition(":")[2] if by_rule(name) else name or "–"


def _asked_fact(request: HttpRequest) -> Fact:
    """The value that an address names; raises Http404 for none."""
    source, item = request.GET.get("source", ""), request.GET.get("item", "")
    try:
        start = dt.datetime.fromisoformat(request.GET.get("start", ""))
    except ValueError as error:
        raise Http404 from error
    if source not in sources() or item not in core_codes() or start.tzinfo is None:
        raise Http404
    return Fact(source, item, start.astimezone(dt.UTC))


@needs("air.view")
def value(request: SignedRequest) -> HttpResponse:
    """Everything that was ever said about one value, as it was known at each time; a correction."""
    if store_version() is None:
        raise Http404
    fact = _asked_fact(request)
    now = standings_of([fact])
    if not now:
        raise Http404
    may = scope_of(request.user).may("air.flag")
    state = state_of(now)
    form = CorrectionForm(request.POST) if request.method == "POST" else CorrectionForm()
    if request.method == "POST":
        scope_of(request.user).require("air.flag")
        done = perform(
            form,
            lambda data: services.correct_value(
                request.user,
                fact,
                data["value"],
                reason=data["reason"],
                seen=request.POST.get("state"),
                key=data["key"] or None,
            ),
        )
        if done:
            return _after(request, done)
    context = {
        "title": f"{name_of(fact.source)} · {fact.quantity} · {hour_label(fact.start)}",
        "tabs": tabs(request), "now": now[0], "unit": unit_of(fact.quantity), "flags": charts.words(list(now[0].flags)),
        "events": _events(fact), "form": form if may else None, "state": state,
        "series": _series_url(fact),
    }  # fmt: skip
    return render(request, "air/value.html", context, status=status_of(form) if form.is_bound else 200)


def _series_url(fact: Fact) -> str:
    day = local(fact.start).date()
    query = QueryDict(mutable=True)
    query.update(
        {"source": fact.source, "item": fact.quantity, "first": str(day - 3 * DAY), "last": str(day + 3 * DAY)}
    )
    return f"{reverse('air:series')}?{query.urlencode()}"


def _events(fact: Fact) -> list[dict[str, Any]]:
    events = history(_store(), shelf().reader, fact)
    words = {"value": _("value"), "flag": _("flag set"), "retracted": _("flag taken back")}
    rows = []
    for one in events:
        then, names = in_force_at(events, one.at)
        key = one.batch.rpartition(":")[2] if one.batch.startswith("air.decision:") else ""
        rows.append({
            "at": local(one.at), "kind": words[one.kind], "name": charts.words([one.name]) if one.name else "",
            "value": one.value, "reason": in_words(one.reason, lang()), "who": _who(one.who),
            "then": then, "names": charts.words(names), "decision": key,
        })  # fmt: skip
    return rows


# Decisions and what they changed ---------------------------------------------------------------------------------------

ACTIONS = {
    "accept": gettext_lazy("accepted"),
    "void": gettext_lazy("made void"),
    "unflag": gettext_lazy("decision taken back"),
    "correct": gettext_lazy("corrected"),
}
FIGURES = {
    "air.day": gettext_lazy("value of the day"),
    "air.month.mean": gettext_lazy("mean of the month"),
    "air.month.percentile": gettext_lazy("percentile of the month"),
    "air.year.mean": gettext_lazy("mean of the year"),
    "air.year.percentile": gettext_lazy("percentile of the year"),
}


def _decision_row(one: Decision) -> dict[str, Any]:
    return {"one": one, "at": local(one.at), "action": ACTIONS.get(one.action, one.action)}


@needs("air.view")
def decision(request: SignedRequest, key: str) -> HttpResponse:
    """What a decision changed: hours, figures before and after, bulletins and targets that rest on them."""
    if store_version() is None:
        raise Http404
    store = _store()
    found = decision_of(store, key)
    if found is None:
        raise Http404
    hours = touched(store, found)
    figures = changes(store, found)
    places = list(dict.fromkeys((one.source, one.quantity) for one in hours))
    context = {
        "title": _("What the decision changed"), "tabs": tabs(request), **_decision_row(found),
        "computed": is_computed(store, found),
        "hours": [_hour_row(one) for one in hours[:200]], "n_hours": len({(o.source, o.quantity, o.start) for o in hours}),
        "figures": [_figure_row(one) for one in figures],
        "dependants": [_dependant_row(one) for one in resting_on(figures, hours)],
        "places": [f"{name_of(source)} {quantity}" for source, quantity in places],
    }  # fmt: skip
    return render(request, "air/decision.html", context)


def _hour_row(one: Any) -> dict[str, Any]:
    return {
        "name": name_of(one.source), "item": one.quantity, "label": hour_label(one.start),
        "flag": charts.words([one.flag]) if one.flag else "", "retracted": one.retracted, "value": one.value,
        "url": value_url(one.source, one.quantity, one.start),
    }  # fmt: skip


def _figure_row(one: FigureChange) -> dict[str, Any]:
    last = one.until - DAY
    period = (
        str(one.first) if one.first == last else (f"{one.first:%Y-%m}" if "month" in one.figure else f"{one.first:%Y}")
    )
    places = 2 if one.quantity == "CO" else 1
    return {
        "name": name_of(one.source), "figure": FIGURES[one.figure], "item": one.quantity, "period": period,
        "unit": unit_of(one.quantity), "one": one,
        "old": None if one.old is None else f"{one.old:.{places}f}", "new": None if one.new is None else f"{one.new:.{places}f}",
    }  # fmt: skip


def _dependant_row(one: Dependant) -> dict[str, Any]:
    kinds = {"bulletin": _("bulletin"), "target": _("target")}
    try:
        url = reverse(one.url_name, args=[one.id]) if one.url_name else ""
    except NoReverseMatch:
        try:
            url = reverse(one.url_name)
        except NoReverseMatch:
            url = ""
    return {"kind": kinds.get(one.kind, one.kind), "label": one.label, "url": url, "figures": one.figures}


# Data quality ----------------------------------------------------------------------------------------------------------


@needs("air.view")
def quality(request: HttpRequest) -> HttpResponse:
    """A month of every place and station: n, capture, flags by rule, valid days, freshness, gaps."""
    if store_version() is None:
        return _empty(request, _("Data quality"))
    kind = request.GET.get("kind", "")
    kind = kind if kind in ("city", "area", "station") else ""
    month = _month(request.GET.get("month", "")) or newest_day().replace(day=1)
    rows = month_of_sources(month, clock.now(), kind)
    days = max((len(one.by_day) for one in rows), default=0)
    names = [f"{one.source.name}" for one in rows]
    shown = [
        (name if names.count(name) == 1 else f"{name} ({one.source.source.partition(':')[0]})", one.by_day)
        for name, one in zip(names, rows, strict=True)
    ]
    heat = (
        charts.heat(shown, [month + n * DAY for n in range(days)], any(one.source.synthetic for one in rows))
        if rows
        else None
    )
    if heat and (answer := download(request, [heat])):
        return answer
    used = [
        {"name": name, "label": flags()[name].label(lang()), "meaning": flags()[name].meaning(lang())}
        for name in flags()
        if any(one.flags[name] for one in rows)
    ]
    context = {
        "title": _("Data quality"), "tabs": tabs(request), "chart": heat, "kind": kind,
        "month": f"{month:%Y-%m}", "before": f"{month - DAY:%Y-%m}", "after": f"{(month + 31 * DAY).replace(day=1):%Y-%m}",
        "rows": [_quality_row(one, used) for one in rows],
        "kinds": [("", _("all")), ("area", _("Counties and areas")), ("city", _("Cities")), ("station", _("Stations"))],
        "rule_version": version(), "synthetic": any(one.source.synthetic for one in rows),
    }  # fmt: skip
    return render(request, "air/quality.html", context)


def _month(text: str) -> dt.date | None:
    try:
        found = dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 (a local month)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


def _quality_row(one: Any, used: list[dict[str, str]]) -> dict[str, Any]:
    age = (clock.now() - one.last - HOUR) / HOUR
    return {
        "one": one, "shares": [flag | {"n": one.flags[flag["name"]]} for flag in used if one.flags[flag["name"]]],
        "last": hour_label(one.last),
        "age": max(0, int(age)), "stale": age > 24,
        "url": reverse("air:station", args=[one.source.code]) if one.source.kind == "station" else "",
    }  # fmt: skip
