"""Which headings are tasks: the lowest numbered items that carry responsibility clauses of their own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from lantian.plan.reading.clauses import Clause
from lantian.plan.reading.outline import ITEM_RANK, Node

_TASK_RANK = 20


class Chooser:
    """Decides for one outline. Spans are clean offsets."""

    def __init__(self, clauses: list[Clause], view: str = "") -> None:
        self._begins = sorted(clause.begin for clause in clauses)
        self._view = view

    def tasks(self, root: Node) -> list[tuple[Node, int]]:
        """(node, end of its text) for each task in order. The end leaves out children that are tasks themselves."""
        if self._begins:
            return [item for child in root.children for item in self._tasks(child)]
        return [item for child in root.children if child.kind == "tasks" for item in _leaves(child)]

    def _count(self, begin: int, end: int) -> int:
        return bisect_left(self._begins, end) - bisect_left(self._begins, begin)

    def _tasks(self, node: Node) -> Iterator[tuple[Node, int]]:
        if not self._count(node.begin, node.end):
            return
        if not node.children or self._is_whole(node):
            yield node, node.end
            return
        bearing = [child for child in node.children if self._count(child.begin, child.end)]
        if not bearing and all(not child.children for child in node.children):
            yield (
                node,
                node.end,
            )  # （二）散煤治理（市能源局牵头） and below it items without clauses: hers, all of them.
            return
        if self._count(node.begin, node.own_end):
            yield node, node.own_end
        chapter = next((above for above in (node, *node.ancestors()) if above.parent and above.parent.rank < 0), node)
        bare_too = 2 * len(bearing) >= len(node.children) and chapter.kind not in ("aims", "safeguards")
        for child in node.children:
            if self._count(child.begin, child.end):
                yield from self._tasks(child)
            elif bare_too and child.end > child.title.body and child.kind not in ("aims", "safeguards"):
                yield from _leaves(child)

    def _is_whole(self, node: Node) -> bool:
        """One task with a list inside: its items are （1） or ①, or only the last of them has a clause, for all."""
        if all(child.rank >= ITEM_RANK for child in node.children):
            return True
        introduced = self._view[node.begin : node.own_end].rstrip().endswith("：")  # 主要措施：, and its one item
        if node.rank < _TASK_RANK or self._count(node.begin, node.own_end):
            return False
        if len(node.children) < 2 and not introduced:
            return False
        bearing = [child for child in node.children if self._count(child.begin, child.end)]
        last = node.children[-1]
        return bearing == [last] and not self._any_after(last)

    def _any_after(self, node: Node) -> bool:
        """More than one clause: then the last item speaks for itself."""
        return self._count(node.begin, node.end) > 1


def _leaves(node: Node) -> Iterator[tuple[Node, int]]:
    """Numbered items of a plan without any clause: the deepest above （1）."""
    children = [child for child in node.children if child.rank < ITEM_RANK]
    if not children:
        if node.parent is not None and node.parent.rank >= 0:
            yield node, node.end
        return
    for child in children:
        yield from _leaves(child)
