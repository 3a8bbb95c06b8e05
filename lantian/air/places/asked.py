"""What an address asks of a place: which place, period, law, item. Everything stands in the query string."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from lantian.air.assessing.periods import HALF, MONTH, OTHER, QUARTER, YEAR, Period
from lantian.air.assessing.places import UnknownPlaceError
from lantian.air.assessing.series import STATION
from lantian.air.assessing.subjects import Subject, find
from lantian.air.places.data import language, subjects
from lantian.air.profiles.look import Look
from lantian.air.profiles.period import (
    EARLIEST,
    LATEST,
    LENGTHS,
    PeriodError,
    after,
    around,
    before,
    days_of_own,
    read_period,
    until,
)
from lantian.air.profiles.values import INDEX
from lantian.air.tabs import tabs
from lantian.city import clock
from lantian.city.access import needs, scope_of
from lantian.kit.forms import day_field, dress
from lantian.standards.pollutants import core_codes, pollutant
from lantian.standards.regimes import (
    Regime,
    SpansChangeError,
    UnknownDateError,
    regime_at,
    regime_for,
    regimes,
    split_by_regime,
)

_DAY = dt.timedelta(days=1)
_WEEK = dt.timedelta(days=6)
# So many days of a period are asked of the page of a series: more of them hide the hours.
_SERIES_DAYS = 92
_REASONS = {
    "form": gettext_lazy("“%(text)s” is no period. Write 2020, 2020H1, 2020Q2, 2020-05 or 2020-05-01..2020-05-20."),
    "day": gettext_lazy("“%(text)s” names a day or month that is not in the calendar."),
    "order": gettext_lazy("The last day lies before the first."),
    "range": gettext_lazy("Choose days between 1990 and 2099."),
    "long": gettext_lazy("The period is longer than three years. Choose a shorter one, or go year by year."),
}
DEFAULT_ITEM = core_codes()[-1]
_SHOWN = 60  # of a wrong text in a message


@dataclass(frozen=True)
class Offer:
    """A way out that a message offers."""

    label: str
    url: str


class UnanswerableError(Exception):
    """A page cannot be shown as asked: what is wrong, how to mend it, ways out; HTTP status."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        offers: tuple[Offer, ...] = (),
        status: int = 400,
        asked: Asked | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.hint, self.offers, self.status, self.asked = message, hint, offers, status, asked


def localised(one: Any) -> str:
    """The name of something that has `zh` and `en`, in the present language."""
    return str(one.en if language() == "en" else one.zh)


def item_label(item: str) -> str:
    """An item as choices show it: its code and, for a pollutant, its name."""
    if item == INDEX:
        return _("AQI of the hour")
    name = localised(pollutant(item))
    return name if item in name else f"{item} {name}"


def items() -> tuple[str, ...]:
    """The items of the distributions: six pollutants and the index."""
    return (*core_codes(), INDEX)


def _laws(first: str | Promise) -> list[tuple[str, str | Promise]]:
    return [("", first), *((one.name, localised(one)) for one in regimes())]


def _parts() -> list[tuple[str, str | Promise]]:
    quarters: list[tuple[str, str | Promise]] = [(f"Q{n}", _("quarter %d") % n) for n in range(1, 5)]
    halves: list[tuple[str, str | Promise]] = [("H1", _("first half")), ("H2", _("second half"))]
    return [("", _("whole year")), *halves, *quarters, *((f"{n:02}", _("month %d") % n) for n in range(1, 13))]


class PlaceForm(forms.Form):
    """Period, law and item of a page; every field may be left out."""

    period = forms.CharField(required=False, max_length=200)
    year = forms.ChoiceField(label=gettext_lazy("Year"), required=False)
    part = forms.ChoiceField(label=gettext_lazy("Part of it"), required=False)
    first = day_field(label=gettext_lazy("First day"), required=False)
    last = day_field(label=gettext_lazy("Final day"), required=False)
    regime = forms.ChoiceField(label=gettext_lazy("Law"), required=False)
    beside = forms.ChoiceField(label=gettext_lazy("Beside it"), required=False)
    item = forms.ChoiceField(label=gettext_lazy("Item"), required=False)
    date = day_field(label=gettext_lazy("Day"), required=False)

    def clean_date(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["date"]
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(str(_REASONS["range"]))
        return day

    def __init__(self, data: Any, subject: Subject) -> None:
        super().__init__(data)
        self._subject = subject
        # A year that is asked for stands among the choices, though nothing was measured in it.
        years = {str(year) for year in range(subject.first.year, max(subject.last.year, clock.today().year) + 1)}
        asked = str(data.get("year", ""))
        if asked.isascii() and asked.isdigit() and len(asked) == len("2020") and asked >= "1000":
            years.add(asked)
        self._choose("year", [("", "–"), *((year, year) for year in sorted(years, reverse=True))])
        self._choose("part", _parts())
        self._choose("regime", _laws(_("law of the days")))
        self._choose("beside", _laws(_("nothing")))
        self._choose("item", [(one, item_label(one)) for one in items()])
        for field in self.fields.values():
            dress(field)

    def _choose(self, name: str, choices: list[tuple[str, str | Promise]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.error_messages["invalid_choice"] = _("“%(value)s” is none of the choices.")

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = dict(super().clean() or {})
        try:
            found["chosen"] = self._chosen(found)
        except PeriodError as error:
            where = "last" if error.reason in ("order", "long", "range") else "period"
            self.add_error(
                where if found.get("first") else "period", _REASONS[error.reason] % {"text": cut(error.text)}
            )
        return found

    def _chosen(self, found: dict[str, Any]) -> Period:
        first, last = found.get("first"), found.get("last")
        if first and last:
            return days_of_own(first, last)
        if first or last:
            missing = "last" if first else "first"
            self.add_error(missing, _("Give both days."))
        if found.get("part") and not found.get("year"):
            self.add_error("year", _("Choose the year too."))
        if found.get("year"):
            part = found.get("part", "")
            return read_period(f"{found['year']}{'-' if part.isdigit() else ''}{part}")
        if found.get("period"):
            return read_period(found["period"])
        return around(YEAR, min(last_day(self._subject), clock.today()))


def cut(text: str) -> str:
    """A wrong text as a message repeats it."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def last_day(subject: Subject) -> dt.date:
    """The last day with data."""
    return subject.last.date()


@dataclass(frozen=True)
class Asked:
    """What was asked: `period` as named, `shown` without days that are still to come."""

    request: HttpRequest
    subject: Subject
    page: str
    form: PlaceForm
    period: Period
    regime: str
    beside: str
    item: str
    date: dt.date | None

    @property
    def shown(self) -> Period:
        """The period up to yesterday: the present day has no value yet."""
        return until(self.period, clock.today() - _DAY)

    def url(self, page: str = "", **changes: Any) -> str:
        """The address of a page of this place with what was asked, some of it changed (None leaves it out)."""
        values = {"period": self.period.text, "regime": self.regime, "beside": self.beside, "item": self.item}
        values = {**values, **changes}
        defaults = {"item": DEFAULT_ITEM}
        query = "&".join(f"{name}={value}" for name, value in values.items() if value and defaults.get(name) != value)
        return place_url(self.subject, page or self._page_shown) + (f"?{query}" if query else "")

    @property
    def plain_url(self) -> str:
        """The address of this page without what is asked of it: where its forms go."""
        return place_url(self.subject, self._page_shown)

    @property
    def _page_shown(self) -> str:
        """The page that the person looks at: a message about a workbook leads back to the overview."""
        return "place" if self.page == "place_workbook" else self.page

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form for another period carries along."""
        return [(name, getattr(self, name)) for name in ("regime", "beside", "item") if getattr(self, name)]

    @property
    def day(self) -> dt.date:
        """The day of a day's page: the one asked for, else the last one with data."""
        return self.date or min(last_day(self.subject), clock.today())

    def law(self) -> Regime:
        """The one law of the shown period: the one asked for, else that of its days.

        Raises UnanswerableError where the law changes within the period, or none is known.
        """
        try:
            if self.regime:
                return next(one for one in regimes() if one.name == self.regime)
            return regime_for(self.shown.first, self.shown.last)
        except SpansChangeError:
            raise self._change() from None
        except UnknownDateError:
            raise self.unknown_law() from None

    def law_of_day(self, day: dt.date) -> Regime:
        """The law of a day, or the one asked for; raises UnanswerableError where none is known."""
        if self.regime:
            return next(one for one in regimes() if one.name == self.regime)
        try:
            return regime_at(day)
        except UnknownDateError:
            raise self.unknown_law() from None

    def whole_year(self) -> Asked:
        """The same, asked about the whole year in which the period begins."""
        return self.with_period(around(YEAR, self.period.first))

    def unknown_law(self) -> UnanswerableError:
        """The message that no law is known for days so early."""
        first = regimes()[0]
        return UnanswerableError(
            _("No standard is known for days before %(day)s.") % {"day": first.start},
            hint=_("Choose a later period, or assess these days under a standard that you name."),
            offers=tuple(Offer(localised(one), self.url(regime=one.name)) for one in regimes()),
            status=200,
            asked=self,
        )

    def _change(self) -> UnanswerableError:
        parts = split_by_regime(self.shown.first, self.shown.last)
        days = ", ".join(str(start) for _law, start, _last in parts[1:])
        under = [Offer(_("All of it under: %s") % localised(one), self.url(regime=one.name)) for one, _f, _l in parts]
        alone = [Offer(_("Only %(first)s to %(last)s") % {"first": first, "last": last},
                       self.url(period=days_of_own(first, last).text)) for _law, first, last in parts]  # fmt: skip
        return UnanswerableError(
            _("The law changes within this period, on %(day)s.") % {"day": days},
            hint=_("Figures before and after it are judged by other limits, so they are not mixed. Choose:"),
            offers=(*alone, *under),
            status=200,
            asked=self,
        )

    def no_data(self) -> UnanswerableError:
        """The message that nothing was measured in the shown period, with the nearest periods that have data."""
        first, last = self.subject.first.date(), last_day(self.subject)
        kind = self.period.kind if self.period.kind in LENGTHS else MONTH
        ends = dict.fromkeys((around(kind, last).text, around(kind, first).text))
        offers = [Offer(text, self.url(period=text, date=None)) for text in ends]
        if scope_of(self.request.user).may("air.import"):
            offers += [Offer(_("Import data"), url) for url in [url_of("air:imports")] if url]
        return UnanswerableError(
            _("There are no data of %(place)s in %(period)s.")
            % {"place": subject_label(self.subject), "period": period_label(self.period)},
            hint=_("There are data from %(first)s to %(last)s. Choose a period in which something was measured.")
            % {"first": first, "last": last},
            offers=tuple(offers),
            status=200,
            asked=self,
        )  # fmt: skip

    def no_data_before(self, before: Look) -> UnanswerableError:
        """The message that nothing was measured a year before, with periods that can be compared."""
        first, last = self.subject.first.date(), last_day(self.subject)
        kind = self.period.kind if self.period.kind in LENGTHS else MONTH
        later = around(kind, first).text
        latest = around(kind, last)
        offers = [
            Offer(text, self.url(period=text)) for text in [latest.text] if latest != self.period and text != later
        ]
        return UnanswerableError(
            _("There are no data of %(place)s a year before (%(first)s to %(last)s), so nothing can be compared.")
            % {"place": subject_label(self.subject), "first": before.first, "last": before.last},
            hint=_("There are data from %(first)s to %(last)s; hours may be missing between.")
            % {"first": first, "last": last},
            offers=tuple(offers),
            status=200,
            asked=self,
        )

    def no_data_on(self, day: dt.date) -> UnanswerableError:
        """The message that nothing was measured on a day, with the first and the last day that have data."""
        first, last = self.subject.first.date(), last_day(self.subject)
        near = [one for one in (first, last) if one != day]
        return UnanswerableError(
            _("There are no data of %(place)s on %(day)s.") % {"place": subject_label(self.subject), "day": day},
            hint=_("There are data from %(first)s to %(last)s; hours may be missing between.")
            % {"first": first, "last": last},
            offers=tuple(Offer(str(one), self.url(date=one.isoformat())) for one in near),
            status=200,
            asked=self,
        )

    def with_period(self, period: Period) -> Asked:
        """The same, asked about another period."""
        return replace(self, period=period)


def period_label(period: Period) -> str:
    """A period as people read it."""
    said = {"year": period.text[:4], "n": period.text[-1]}
    if period.kind == YEAR:
        return _("%(year)s (whole year)") % said
    if period.kind == HALF:
        return _("%(year)s, first half") % said if said["n"] == "1" else _("%(year)s, second half") % said
    if period.kind == QUARTER:
        return _("%(year)s, quarter %(n)s") % said
    return f"{period.first} – {period.last}" if period.kind == OTHER else period.text


def url_of(name: str, *args: object) -> str:
    """The address of a page by its name, empty where another part of the room has not got it."""
    from django.urls import NoReverseMatch

    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def place_key(subject: Subject) -> str:
    """What names a place in an address: its code, else its name, in which a slash is written ~1 and a tilde ~0."""
    return (subject.code or subject.name).replace("~", "~0").replace("/", "~1")


def place_url(subject: Subject, page: str = "place") -> str:
    """The address of a page of a place, without what is asked of it."""
    return reverse(f"air:{page}", args=[place_key(subject)])


def subject_named(key: str) -> Subject:
    """Return the place or station of a code or a name in an address; raises UnanswerableError (404) with near names."""
    text = key.replace("~1", "/").replace("~0", "~")
    known = subjects()
    try:
        return find(text, known)
    except UnknownPlaceError as error:
        near = tuple(Offer(subject_label(one), place_url(one)) for one in known if one.name in error.near)
        hint = _("Names that come near:") if near else _("No air data were imported yet.")
        message = _("There are no data of a place “%(name)s”.") % {"name": cut(text)}
        raise UnanswerableError(message, hint=hint, offers=near, status=404) from None


View = Callable[[HttpRequest, Asked], HttpResponse]


def place_page(page: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Decorate a page of a place: it gets what was asked; what cannot be answered becomes a page that says why."""

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @needs("air.view")
        @wraps(view)
        def guarded(request: HttpRequest, place: str) -> HttpResponse:
            try:
                return view(request, read(request, place, page))
            except UnanswerableError as problem:
                return refuse(request, problem)

        return guarded  # type: ignore[return-value]

    return decorate


def read(request: HttpRequest, place: str, page: str) -> Asked:
    """Read what an address asks; raises UnanswerableError."""
    subject = subject_named(place)
    form = PlaceForm(request.GET, subject)
    valid = form.is_valid()
    found = form.cleaned_data
    fallback = around(YEAR, min(last_day(subject), clock.today()))
    asked = Asked(
        request=request,
        subject=subject,
        page=page,
        form=form,
        period=found.get("chosen") or fallback,
        regime=found.get("regime", ""),
        beside=found.get("beside", ""),
        item=found.get("item") or DEFAULT_ITEM,
        date=found.get("date"),
    )
    if not valid:
        message = _("The page cannot be shown as asked.")
        wrong = [f"{_field_label(form, name)}: {text}" for name, texts in form.errors.items() for text in texts]
        raise UnanswerableError(message, hint=" ".join(wrong), asked=asked)
    return asked


def _field_label(form: PlaceForm, name: str) -> str:
    return str(form.fields[name].label or _("Period")) if name in form.fields else ""


def refuse(request: HttpRequest, problem: UnanswerableError) -> HttpResponse:
    """Show a message on the place's own page (or, without a place, on the list of places)."""
    if problem.asked is None:
        context = {"title": pgettext("air", "Places"), "tabs": tabs(request), "problem": problem}
        return render(request, "air/places.html", context, status=problem.status)
    return render(request, "air/place_base.html", frame(problem.asked) | {"problem": problem}, status=problem.status)


PAGES = (
    ("place", gettext_lazy("Overview")),
    ("place_calendar", gettext_lazy("Calendar")),
    ("place_years", gettext_lazy("Year on year")),
    ("place_distribution", gettext_lazy("Distribution")),
    ("place_day", gettext_lazy("One day")),
)


def frame(asked: Asked, looks: Sequence[Look] = ()) -> dict[str, Any]:
    """What every page of a place needs: title, tabs, pages, controls of the period, whether its looks are invented."""
    subject, period = asked.subject, asked.period
    pages = [{"label": label, "url": asked.url(page), "active": page == asked.page} for page, label in PAGES]
    found = {
        "title": subject_label(subject),
        "tabs": tabs(asked.request),
        "subject": subject,
        "synthetic": any(one.synthetic for one in looks),
        "only_days": any(one.only_days for one in looks),
        "asked": asked,
        "form": asked.form if asked.form.errors else shown_form(asked),
        "pages": [*pages, *_pages_elsewhere(asked, looks)],
        "period": period,
        "period_label": period_label(period),
        "previous": asked.with_period(before(period)).url(),
        "following": asked.with_period(after(period)).url(),
        "cut_at": asked.shown.last if asked.shown != period else None,
        "with_beside": asked.page == "place",
        "with_item": asked.page in ("place_distribution", "place_years"),
        "years_only": asked.page == "place_calendar",
        "day_only": asked.page == "place_day",
    }
    return found | (_day_frame(asked) if asked.page == "place_day" else {})


def _day_frame(asked: Asked) -> dict[str, Any]:
    day = asked.day
    beside = {"previous": day - _DAY, "following": day + _DAY}
    return {"chosen": day, **{name: asked.url(date=one.isoformat()) for name, one in beside.items()}}


def _pages_elsewhere(asked: Asked, looks: Sequence[Look]) -> list[dict[str, Any]]:
    """Pages about this place that other parts of the room have: its series as it stands in the store, its station."""
    found = []
    origin = next((one.origin for one in looks if one.origin and not one.only_days), None)
    if origin is not None and (url := url_of("air:series")):
        last = asked.day if asked.page == "place_day" else asked.shown.last
        first = max(asked.shown.first, last - (_SERIES_DAYS - 1) * _DAY) if asked.page != "place_day" else last - _WEEK
        said = {
            "source": next(iter(origin.sources.values())),
            "item": _pollutant(asked.item),
            "first": first,
            "last": last,
        }
        found.append((_("Series with flags"), f"{url}?{urlencode(said)}"))
    if asked.subject.kind == STATION and (url := url_of("air:station", place_key(asked.subject))):
        found.append((_("Station"), url))
    return [{"label": label, "url": url, "active": False} for label, url in found]


def _pollutant(item: str) -> str:
    return DEFAULT_ITEM if item == INDEX else item


def shown_form(asked: Asked) -> PlaceForm:
    """The form filled with what is shown, so that changing one choice keeps the others."""
    period = asked.period
    whole = period.kind in LENGTHS
    data = {
        "period": period.text,
        "year": period.text[:4] if whole else "",
        "part": period.text[4:].removeprefix("-") if whole else "",
        "first": "" if whole else period.first.isoformat(),
        "last": "" if whole else period.last.isoformat(),
        "regime": asked.regime,
        "beside": asked.beside,
        "item": asked.item,
        "date": asked.day.isoformat(),
    }
    return PlaceForm(data, asked.subject)


def subject_label(subject: Subject) -> str:
    """A place's name in the present language."""
    return subject.label(language())
