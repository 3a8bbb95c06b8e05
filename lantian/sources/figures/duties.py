"""Figures of what enterprises owe: permits, the classes of scattered polluters, ultra-low emission, works of the plan."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lantian.indicators.value import Note
from lantian.sources.figures.base import Asked, Figure, firm_refs, firms_of, none, nothing, refs, rule, share
from lantian.sources.rules.classes import finished, permit_state
from lantian.sources.snapshot import Firm, WorkRow

CLASSES = ("close", "move", "upgrade")


@rule
def permits(asked: Asked) -> Figure:
    firms = [one for one in asked.register.firms.values() if asked.mine(one) and one.works_on(asked.day)]
    if not firms:
        return none(_("No data yet: the register holds no enterprise of this place."))
    states = {one: permit_state(one.permit_need, permits_of(one, asked), asked.day) for one in firms}
    needing = [one for one, state in states.items() if state != "not_needed"]
    if not needing:
        return nothing(_("No enterprise of this place needs a permit."), firms)
    lacking = [one for one in needing if states[one] != "covered"]
    open_ = sum(not one.permit_need for one in needing)
    text = _("For %(n)s enterprises nobody has looked up which permit they need: any valid one counts.")
    notes = (Note("open", text % {"n": open_}),) if open_ else ()
    return Figure(
        share(len(needing) - len(lacking), len(needing)), len(needing), len(needing), notes=notes,
        named=firm_refs(lacking), seen=tuple(firms),
    )  # fmt: skip


def permits_of(firm: Firm, asked: Asked) -> list[Any]:
    """Return the permits of an enterprise that the register holds on the day."""
    return [one for one in asked.register.permits.get(firm.key, ()) if one.in_force(asked.day)]


def _listed(asked: Asked) -> list[tuple[Firm, bool]]:
    """The scattered polluters of the place, each with whether its work is done with every proof."""
    wanted = (asked.said["class"],) if "class" in asked.said else CLASSES
    firms = [one for one in asked.register.firms.values() if asked.mine(one) and one.scattered in wanted]
    done = {
        one.firm.key: True
        for one in asked.of(asked.register.works)
        if one.programme == one.firm.scattered and finished(one.programme, one.proofs, one.done_on, asked.day)
    }
    return [(one, done.get(one.key, False)) for one in firms]


def _looked_at(asked: Asked) -> tuple[Note, ...]:
    here = [one for one in asked.register.firms.values() if asked.mine(one) and one.works_on(asked.day)]
    open_ = sum(not one.scattered for one in here)
    text = _("%(n)s enterprises have not been looked at yet.")
    return (Note("open", text % {"n": open_}),) if open_ else ()


@rule
def scattered_done(asked: Asked) -> Figure:
    listed = _listed(asked)
    if not listed:
        return nothing(_("The register lists no scattered polluter of this class here."))
    left = [one for one, done in listed if not done]
    done_share = share(len(listed) - len(left), len(listed))
    seen = tuple(one for one, _done in listed)
    return Figure(done_share, len(listed), len(listed), notes=_looked_at(asked), named=firm_refs(left), seen=seen)


@rule
def scattered_left(asked: Asked) -> Figure:
    listed = _listed(asked)
    if not listed:
        return none(_("No data yet: the register lists no scattered polluter of this place."))
    left = [one for one, done in listed if not done]
    seen = tuple(one for one, _done in listed)
    return Figure(
        Decimal(len(left)), len(listed), len(listed), notes=_looked_at(asked), named=firm_refs(left), seen=seen
    )


def _ultra_low(asked: Asked) -> tuple[list[Firm], list[Firm]]:
    """The plants of the industries that are not closed, and of them those whose stacks are proven ultra-low."""
    firms = [
        one
        for one in asked.register.firms.values()
        if asked.mine(one) and asked.industry(one) and one.works_on(asked.day)
    ]
    proven = {
        one.firm.key
        for one in asked.of(asked.register.works)
        if one.programme == "ultra_low_stack" and finished(one.programme, one.proofs, one.done_on, asked.day)
    }
    return firms, [one for one in firms if one.key in proven]


@rule
def ultra_low_done(asked: Asked) -> Figure:
    firms, done = _ultra_low(asked)
    if not firms:
        return none(_("No data yet: the register holds no plant of this industry."))
    return Figure(Decimal(len(done)), len(firms), len(firms), named=firm_refs(done), seen=tuple(firms))


@rule
def ultra_low_share(asked: Asked) -> Figure:
    firms, done = _ultra_low(asked)
    if not firms:
        return nothing(_("The register holds no plant of this industry here."))
    left = [one for one in firms if one not in done]
    return Figure(share(len(done), len(firms)), len(firms), len(firms), named=firm_refs(left), seen=tuple(firms))


@rule
def works_done(asked: Asked) -> Figure:
    wanted = asked.said["programmes"]
    rows: list[WorkRow] = [
        one for one in asked.of(asked.register.works) if one.programme in wanted and asked.industry(one.firm)
    ]
    if not rows:
        return nothing(_("The register lists no work of this kind here."))
    left = [one for one in rows if not finished(one.programme, one.proofs, one.done_on, asked.day)]
    done_share = share(len(rows) - len(left), len(rows))
    return Figure(done_share, len(rows), len(rows), named=refs(left), seen=firms_of(rows))
