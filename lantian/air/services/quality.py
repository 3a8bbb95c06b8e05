"""Verbs of the quality control: people decide about values, correct them; the worker checks what is new."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lantian.air.assessing.series import STATION, split_source
from lantian.air.assessing.shelf import open_shelf, store_of
from lantian.air.quality.consequences import bring_up_to_date, decision_of
from lantian.air.quality.deciding import (
    ACTIONS,
    ChangedError,
    Fact,
    NothingToDoError,
    correct,
    decide,
    standings,
    state_of,
)
from lantian.air.quality.flags import flags
from lantian.air.quality.near import near_of
from lantian.air.quality.rules.single import instrument_range
from lantian.air.quality.running import Checked, check_new
from lantian.air.queries import data_folder, pack_root
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import Conflict, DomainError
from lantian.kit.locking import other_form
from lantian.observations.errors import BatchConflictError, BusyError, StoreError

log = logging.getLogger("lantian.air.quality")
VERB = "air.flag"
MOST = 5000


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: its key (the address of its page), how many values, whether it was there before."""

    key: str
    values: int
    repeated: bool


def repeated(actor: User, key: str | None, action: str, reason: str) -> Decided | None:
    """Return what this form did before (a second click), None when it is new; raises Conflict for another's key."""
    found = decision_of(_store(), key) if key else None
    if found is None:
        return None
    if (found.actor, found.action, found.reason) != (actor.username, action, reason.strip()[:2000]):
        raise other_form()
    return Decided(found.key, found.rows, True)


def near(sources: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return whom the rules compare with whom, by the pack in force: stations of one place, cities with a common border."""
    root = pack_root()
    places: dict[str, str] = {}
    if any((one := split_source(source)[0]) is not None and one.kind == STATION for source in sources):
        places = {one.code: one.place for one in open_shelf(data_folder(), root).network.stations}
    return near_of(root, places, sources)


def control() -> int:
    """Check what was written since the last time, bring kept figures up to date; return how many flags were written.

    For the worker: does nothing where nothing is new.
    """
    try:
        store = store_of(data_folder())
    except StoreError:
        return 0
    try:
        done: Checked = check_new(store, near=near)
        bring_up_to_date(store, actor="worker")
    except BusyError as error:
        log.info("quality control waits for the next minute: %s", error)
        return 0
    return sum(done.set.values()) + sum(done.withdrawn.values())


def review(
    actor: User,
    facts: Sequence[Fact],
    action: str,
    *,
    reason: str,
    flag: str = "",
    seen: str | None = None,
    key: str | None = None,
) -> Decided:
    """Accept values, make them void with a flag that says why, or take back what people said about them.

    `seen` is the state that the person saw: somebody else's decision meanwhile is a Conflict. The same `key` again
    returns the first result. What rests on the values is computed again. Raises NotAllowed, DomainError (fields action,
    flag, reason), Conflict.
    """
    scope_of(actor).require(VERB)
    why = _reason(reason)
    if done := repeated(actor, key, action, why):
        return done
    if action not in ACTIONS or action == "correct":
        raise DomainError(_("Choose what shall be done."), field="action")
    if action == "void" and not (flag in flags() and flags()[flag].by == "person" and flags()[flag].void):
        raise DomainError(_("Choose why the values are void."), field="flag")
    _check_number(facts)
    store = _store()
    made = _key(key)

    def act() -> Any:
        bring_up_to_date(store, actor="worker")
        return decide(
            store, facts, action, reason=why, actor=actor.username, key=made,
            flag=flag if action == "void" else "", seen=seen,
        )  # fmt: skip

    receipt = _performed(act)
    _follow(store, receipt)
    return Decided(made, len(facts), receipt.repeated)


def correct_value(
    actor: User, fact: Fact, value: Decimal, *, reason: str, seen: str | None = None, key: str | None = None
) -> Decided:
    """Put another value in the place of one, with a reason; the old one stays known. Then as `review`.

    Raises NotAllowed, DomainError (fields value, reason), Conflict.
    """
    scope_of(actor).require(VERB)
    why = _reason(reason)
    if done := repeated(actor, key, "correct", why):
        return done
    if not value.is_finite() or value < 0:
        raise DomainError(_("A concentration is a number from 0 up."), field="value")
    most = instrument_range(fact.quantity)
    if most is not None and value > Decimal(str(most)):
        raise DomainError(
            _("No instrument measures more than %(most)s of this pollutant.") % {"most": f"{most:g}"},
            hint=_("Check the number and its unit."), field="value",
        )  # fmt: skip
    if value != round(value, 3):
        raise DomainError(_("At most three decimals."), field="value")
    store = _store()
    made = _key(key)

    def act() -> Any:
        bring_up_to_date(store, actor="worker")
        return correct(store, fact, value, reason=why, actor=actor.username, key=made, seen=seen)

    receipt = _performed(act)
    _follow(store, receipt)
    return Decided(made, 1, receipt.repeated)


def seen_state(facts: Sequence[Fact]) -> str:
    """Return the present state of some values, as a form carries it."""
    return state_of(standings(_store().reader(), facts))


def _follow(store: Any, receipt: Any) -> None:
    """Check anew what was corrected, and compute what rests on it. Where another process writes, the worker does it."""
    if receipt.repeated:
        return
    try:
        check_new(store, near=near)
        bring_up_to_date(store, actor="worker")
    except BusyError:
        from lantian.kit import later

        later.soon("air.quality")


def _performed(act: Any) -> Any:
    try:
        return act()
    except ChangedError as error:
        raise Conflict(
            _("Somebody decided about these values meanwhile, or they were corrected."),
            hint=_("Look at them as they are now, then decide."),
        ) from error
    except NothingToDoError as error:
        raise DomainError(_("None of these values has anything that this would change.")) from error
    except BatchConflictError as error:
        raise other_form() from error
    except BusyError as error:
        raise Conflict(_("Another process is writing into the store."), hint=_("Try again in a minute.")) from error


def _store() -> Any:
    try:
        return store_of(data_folder())
    except StoreError as error:
        raise DomainError(_("There are no air data yet."), hint=_("The first import makes the store.")) from error


def _reason(text: str) -> str:
    if not text.strip():
        raise DomainError(_("Say why: the reason is kept with the decision."), field="reason")
    return text.strip()[:2000]


def _check_number(facts: Sequence[Fact]) -> None:
    if not facts:
        raise DomainError(_("Choose at least one entry."), field="pick")
    if len(facts) > MOST:
        raise DomainError(_("At most %(n)d hours in one decision.") % {"n": MOST}, field="pick")


def _key(key: str | None) -> str:
    text = (key or uuid.uuid4().hex).strip()
    if not text.replace("-", "").isalnum() or len(text) > 80:
        raise DomainError(_("The key of the form is damaged."), hint=_("Reload the page and try again."), field="key")
    return text


def hours_between(source: str, quantity: str, first: dt.datetime, until: dt.datetime) -> list[Fact]:
    """Return the hours of a source from one moment until before another (aware), whether they have a value or not."""
    n = max(0, int((until - first) / dt.timedelta(hours=1)))
    if n > MOST:
        raise DomainError(_("At most %(n)d hours in one decision.") % {"n": MOST}, field="until")
    return [Fact(source, quantity, first + dt.timedelta(hours=one)) for one in range(n)]
