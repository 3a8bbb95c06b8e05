"""What a Word template may say: names that exist, loops over lists, conditions, a few filters. Nothing is called or computed.

`check` reads the template's expressions without running them. Because there are no calls, no arithmetic and no nested
loops beyond two, a template can neither reach out of its data nor run for long.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lantian.bulletins.rules.figures import Figure

FILTERS = frozenset(
    {"default", "d", "e", "escape", "first", "join", "last", "length", "count", "lower", "string", "trim", "upper"}
)
TESTS = frozenset({"defined", "none", "undefined", "equalto", "eq", "ne", "gt", "lt", "ge", "le", "string", "number"})
MAX_NESTING = 2
_FIGURE_FIELDS = ("number", "unit", "n", "rule_version", "reason", "label", "text", "capture", "input", "dust")
_LOOP_FIELDS = ("index", "index0", "first", "last", "length")
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.For,
    nodes.If, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.Filter, nodes.Test,
    nodes.Concat,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong in a template: code (syntax, unknown, forbidden, nesting, not_a_list), the expression, a hint."""

    code: str
    expression: str
    hint: str = ""


def environment() -> ImmutableSandboxedEnvironment:
    """Return the environment in which templates are read and rendered: sandboxed, escaping, strict about names."""
    made = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    made.filters = {name: f for name, f in made.filters.items() if name in FILTERS}
    made.tests = {name: t for name, t in made.tests.items() if name in TESTS}
    made.globals = {}
    return made


def check(sources: Mapping[str, str], sample: Mapping[str, Any]) -> list[Trouble]:
    """Return the troubles of a template's parts (source texts by part's name) against the shape of `sample`.

    Lists in `sample` must hold at least one element: it shows what each row has.
    """
    env, found = environment(), []
    for source in sources.values():
        try:
            tree = env.parse(source)
        except TemplateSyntaxError as error:
            found.append(Trouble("syntax", str(error.message), _excerpt(source, error.lineno)))
            continue
        found += list(_Walk(sample).visit(tree, {}, 0))
    return list(dict.fromkeys(found))


def _excerpt(source: str, line: int) -> str:
    """The readable text around a fault: Word's own marks left out."""
    lines = source.splitlines()
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    plain, inside = [], False
    for character in text:
        inside = character == "<" or (inside and character != ">")
        if not inside and character != ">":
            plain.append(character)
    at = max("".join(plain).find("{"), 0)
    return "".join(plain)[at : at + 80]


class _Unknown:
    """The shape of something that is not known: whatever is asked of it was complained about already."""


_UNKNOWN = _Unknown()


@dataclass
class _Walk:
    sample: Mapping[str, Any]
    names: dict[str, Any] = field(default_factory=dict)

    def visit(self, node: nodes.Node, scope: dict[str, Any], depth: int) -> Iterator[Trouble]:
        if not isinstance(node, _ALLOWED):
            yield Trouble("forbidden", type(node).__name__)
            return
        if isinstance(node, nodes.For):
            yield from self._loop(node, scope, depth)
            return
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            yield from self._resolve(node, scope)[1]
            return
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield Trouble("forbidden", f"|{node.name}", ", ".join(sorted(FILTERS)))
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            yield Trouble("forbidden", f"is {node.name}", ", ".join(sorted(TESTS)))
        for child in node.iter_child_nodes():
            yield from self.visit(child, scope, depth)

    def _loop(self, node: nodes.For, scope: dict[str, Any], depth: int) -> Iterator[Trouble]:
        if depth >= MAX_NESTING or node.recursive:
            yield Trouble("nesting", "for", str(MAX_NESTING))
            return
        if not isinstance(node.target, nodes.Name) or not isinstance(node.iter, nodes.Name | nodes.Getattr):
            yield Trouble("forbidden", "for")
            return
        shape, troubles = self._resolve(node.iter, scope)
        yield from troubles
        if not troubles and not isinstance(shape, list):
            yield Trouble("not_a_list", _written(node.iter), ", ".join(self._lists()))
        row = shape[0] if isinstance(shape, list) and shape else _UNKNOWN
        inner = {**scope, node.target.name: row, "loop": dict.fromkeys(_LOOP_FIELDS, "")}
        if node.test is not None:
            yield from self.visit(node.test, inner, depth)
        for child in [*node.body, *node.else_]:
            yield from self.visit(child, inner, depth + 1)

    def _lists(self) -> list[str]:
        return [name for name, value in self.sample.items() if isinstance(value, list)]

    def _resolve(self, node: nodes.Node, scope: dict[str, Any]) -> tuple[Any, list[Trouble]]:
        """Return the shape that an expression names, and what is wrong with it."""
        if isinstance(node, nodes.Name):
            known = {**self.sample, **scope}
            return self._look(known, node.name, node.name, known)
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            if not isinstance(node.node, nodes.Name | nodes.Getattr | nodes.Getitem):
                # Only named values have parts: a text or a comparison leads nowhere good.
                return _UNKNOWN, [Trouble("forbidden", _written(node))]
            shape, troubles = self._resolve(node.node, scope)
            name = node.attr if isinstance(node, nodes.Getattr) else _constant(node.arg)
            if troubles or isinstance(shape, _Unknown):
                return _UNKNOWN, troubles
            if name is None:
                return _UNKNOWN, [Trouble("forbidden", _written(node))]
            return self._look(_fields(shape), name, _written(node), _fields(shape))
        return _UNKNOWN, list(self.visit(node, scope, 0))

    @staticmethod
    def _look(known: Mapping[str, Any], name: str, written: str, near: Mapping[str, Any]) -> tuple[Any, list[Trouble]]:
        if name in known:
            return known[name], []
        close = difflib.get_close_matches(name, list(near), 3, 0.5)
        return _UNKNOWN, [Trouble("unknown", written, ", ".join(close))]


def _fields(shape: Any) -> Mapping[str, Any]:
    if isinstance(shape, Figure):
        return dict.fromkeys(_FIGURE_FIELDS, "")
    return shape if isinstance(shape, Mapping) else {}


def _constant(node: nodes.Node) -> str | None:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else None


def _written(node: nodes.Node) -> str:
    """An expression as it stands in the template."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem):
        return f"{_written(node.node)}[{_constant(node.arg) or '…'}]"
    return type(node).__name__
