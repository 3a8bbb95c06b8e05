"""Two texts of one plan, clause by clause: what stayed, changed, moved, came and went. Pure.

>>> from decimal import Decimal
>>> old = MeasureFacts(1, "2020年6月底前，完成30家企业治理。", deadlines=("2020-06-30",))
>>> new = MeasureFacts(9, "2020年8月底前，完成30家企业治理。", deadlines=("2020-08-31",))
>>> result = compare([ClauseFacts(1, "1-1", "治理", measures=(old,))], [ClauseFacts(2, "1-1", "治理", measures=(new,))])
>>> [(p.kind, [c.field for c in p.changes]) for p in result.pairs]
[('changed', ['text', 'deadlines'])]
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lantian.plan.rules.matching import MeasureFacts, bare, likeness, limit
from lantian.plan.rules.words import Word, word_difference

Kind = Literal["same", "changed", "moved", "added", "removed"]
ROLE_FIELDS = ("lead", "cooperate", "each", "areas")


@dataclass(frozen=True, slots=True)
class ClauseFacts:
    """A responsibility clause. `areas` is the mode (all, some, named), `named` the areas that it came down to."""

    key: int
    label: str
    task: str
    lead: tuple[str, ...] = ()
    cooperate: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    areas: str = "named"
    named: tuple[str, ...] = ()
    measures: tuple[MeasureFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One field that reads otherwise now."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class MeasurePair:
    """An old measure and the new one that it became; one of them is None when it came or went."""

    old: MeasureFacts | None
    new: MeasureFacts | None
    kind: Kind
    likeness: float = 0.0
    moved: bool = False
    changes: tuple[Change, ...] = ()
    words: tuple[Word, ...] = ()

    def changed(self, field: str) -> bool:
        return any(change.field == field for change in self.changes)


@dataclass(frozen=True, slots=True)
class ClausePair:
    """An old clause beside the new one, with the pairs of measures that are shown there."""

    old: ClauseFacts | None
    new: ClauseFacts | None
    kind: Kind
    roles: tuple[Change, ...] = ()
    measures: tuple[MeasurePair, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    clauses: tuple[ClausePair, ...]

    @property
    def pairs(self) -> Iterator[MeasurePair]:
        return (pair for clause in self.clauses for pair in clause.measures)

    @property
    def counts(self) -> dict[str, int]:
        """How many measures are of each kind."""
        found = Counter(pair.kind for pair in self.pairs)
        return {kind: found[kind] for kind in ("same", "changed", "moved", "added", "removed")}


class _Item(NamedTuple):
    at: int  # rank among all measures of its text
    clause: int  # index of its clause
    facts: MeasureFacts


def compare(old: Sequence[ClauseFacts], new: Sequence[ClauseFacts]) -> Comparison:
    """Compare two texts. Every measure of either appears in exactly one pair; swapping the texts mirrors the result."""
    olds, news = _items(old), _items(new)
    matched = _match(olds, news)
    partner = _match_clauses(old, new, [(olds[i].clause, news[j].clause) for i, j in matched])
    to_old = {j: i for i, j in matched}
    gone = _by_clause(olds, set(to_old.values()))
    home = {clause_new: clause_old for clause_old, clause_new in partner.items()}
    shown: list[ClausePair] = []
    for at_new, clause_new in enumerate(new):
        at_old = home.get(at_new)
        clause_old = None if at_old is None else old[at_old]
        here = [item for item in news if item.clause == at_new]
        pairs = [_pair(old, new, olds[to_old[n.at]] if n.at in to_old else None, n, partner) for n in here]
        leaving = gone.get(at_old, []) if at_old is not None else []
        ranks = [olds[to_old[n.at]].at if n.at in to_old else -1 for n in here]
        shown.append(_clause_pair(clause_old, clause_new, _weave(pairs, ranks, leaving)))
    return Comparison(tuple(_insert_removed(shown, old, partner, gone)))


def _items(clauses: Sequence[ClauseFacts]) -> list[_Item]:
    flat = [(at, facts) for at, clause in enumerate(clauses) for facts in clause.measures]
    return [_Item(rank, at, facts) for rank, (at, facts) in enumerate(flat)]


def _match(olds: list[_Item], news: list[_Item]) -> list[tuple[int, int]]:
    """Pair equal wordings first (in order where they occur equally often), then by likeness, best first."""
    pairs = list(_equal_pairs(olds, news))
    left = [o for o in olds if o.at not in {i for i, _ in pairs}]
    right = [n for n in news if n.at not in {j for _, j in pairs}]
    least, context = limit("compare.least_likeness"), limit("compare.context")
    scored = []
    for o in left:
        for n in right:
            score = likeness(o.facts.text, n.facts.text)
            if score < least:
                continue
            total = score + context * likeness(o.facts.task, n.facts.task)
            away = abs(o.at / max(1, len(olds)) - n.at / max(1, len(news)))
            scored.append((-total, away, min(o.at, n.at), max(o.at, n.at), o.at, n.at))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for *_, i, j in sorted(scored):
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            pairs.append((i, j))
    return sorted(pairs)


def _equal_pairs(olds: list[_Item], news: list[_Item]) -> Iterator[tuple[int, int]]:
    groups: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, items in enumerate((olds, news)):
        for item in items:
            groups[bare(item.facts.text)][side].append(item.at)
    for old_ranks, new_ranks in groups.values():
        if len(old_ranks) == len(new_ranks):
            yield from zip(old_ranks, new_ranks, strict=True)


def _match_clauses(
    old: Sequence[ClauseFacts], new: Sequence[ClauseFacts], shared: Iterable[tuple[int, int]]
) -> dict[int, int]:
    """Return old clause -> new clause: those that share most measures, then those under a like heading."""
    weight = Counter(shared)
    scored = [
        (-count, -likeness(old[i].task, new[j].task), abs(i - j), min(i, j), i, j) for (i, j), count in weight.items()
    ]
    least = limit("compare.clause_likeness")
    for i, before in enumerate(old):
        for j, after in enumerate(new):
            alike = likeness(before.task, after.task) if (i, j) not in weight else 0.0
            if alike >= least:
                scored.append((0, -alike, abs(i - j), min(i, j), i, j))
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for *_, i, j in sorted(scored):
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)
    return partner


def _pair(
    old: Sequence[ClauseFacts], new: Sequence[ClauseFacts], o: _Item | None, n: _Item, partner: dict[int, int]
) -> MeasurePair:
    if o is None:
        return MeasurePair(None, n.facts, "added", words=(Word("new", n.facts.text),))
    changes = (*_field_changes(o.facts, n.facts), *role_changes(old[o.clause], new[n.clause]))
    moved = partner.get(o.clause) != n.clause
    kind: Kind = "changed" if changes else "moved" if moved else "same"
    same_words = not any(change.field == "text" for change in changes)
    words = (Word("keep", n.facts.text),) if same_words else word_difference(o.facts.text, n.facts.text)
    return MeasurePair(o.facts, n.facts, kind, likeness(o.facts.text, n.facts.text), moved, changes, words)


def _field_changes(old: MeasureFacts, new: MeasureFacts) -> Iterator[Change]:
    if bare(old.text) != bare(new.text):
        yield Change("text", old.text, new.text)
    for field in ("deadlines", "recurrence", "nature", "concerns"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield Change(field, _written(before), _written(after))
    before, after = _written(sorted(map(str, old.targets))), _written(sorted(map(str, new.targets)))
    if before != after:
        yield Change("targets", before, after)


def role_changes(old: ClauseFacts, new: ClauseFacts) -> tuple[Change, ...]:
    """Return the fields of responsibility that differ; the order in which equals are named does not count."""
    changes = []
    for field in ("lead", "cooperate", "each"):
        before, after = getattr(old, field), getattr(new, field)
        if set(before) != set(after):
            changes.append(Change(field, _written(before), _written(after)))
    if (old.areas, set(old.named)) != (new.areas, set(new.named)):
        changes.append(Change("areas", _written_areas(old), _written_areas(new)))
    return tuple(changes)


def _written_areas(clause: ClauseFacts) -> str:
    return f"{clause.areas}: {_written(clause.named)}" if clause.named else clause.areas


def _written(value: str | Iterable[str]) -> str:
    return value if isinstance(value, str) else "、".join(value)


def _by_clause(items: list[_Item], matched: set[int]) -> dict[int | None, list[_Item]]:
    found: dict[int | None, list[_Item]] = defaultdict(list)
    for item in items:
        if item.at not in matched:
            found[item.clause].append(item)
    return found


def _removed(item: _Item) -> MeasurePair:
    return MeasurePair(item.facts, None, "removed", words=(Word("gone", item.facts.text),))


def _weave(pairs: list[MeasurePair], ranks: list[int], leaving: list[_Item]) -> tuple[MeasurePair, ...]:
    """Put removed measures where they stood: behind the pair whose old measure came before them."""
    woven: list[MeasurePair] = []
    waiting = list(leaving)
    for pair, rank in zip(pairs, ranks, strict=True):
        while waiting and rank > waiting[0].at:
            woven.append(_removed(waiting.pop(0)))
        woven.append(pair)
    return (*woven, *map(_removed, waiting))


def _clause_pair(old: ClauseFacts | None, new: ClauseFacts, measures: tuple[MeasurePair, ...]) -> ClausePair:
    if old is None:
        return ClausePair(None, new, "added", measures=measures)
    roles = role_changes(old, new)
    touched = roles or any(pair.kind != "same" for pair in measures)
    return ClausePair(old, new, "changed" if touched else "same", roles, measures)


def _insert_removed(
    shown: list[ClausePair],
    old: Sequence[ClauseFacts],
    partner: dict[int, int],
    gone: dict[int | None, list[_Item]],
) -> list[ClausePair]:
    """Put clauses without a successor behind the clause that came before them in the old text."""
    after: dict[int, list[ClausePair]] = defaultdict(list)
    place = -1
    for at, clause in enumerate(old):
        if at in partner:
            place = partner[at]
        else:
            measures = tuple(map(_removed, gone.get(at, [])))
            after[place].append(ClausePair(clause, None, "removed", measures=measures))
    woven = list(after[-1])
    for at, pair in enumerate(shown):
        woven.append(pair)
        woven.extend(after[at])
    return woven
