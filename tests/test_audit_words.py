"""Every action that the code writes into the audit chain has its words in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lantian
from lantian.plan.rules.states import ACTIONS
from lantian.records.words import actions

ROOT = Path(lantian.__file__).parent
ROOMS = sorted(path for path in ROOT.iterdir() if (path / "apps.py").exists())


def codes(path: Path) -> Iterator[str]:
    """Yield the action of every audit(actor, "room.verb", …) in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) != "audit":
            continue
        for value in plain_parts(node.args[1]) if len(node.args) > 1 else ():
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and "." in value.value.strip("."):
                yield value.value


def plain_parts(node: ast.AST) -> Iterator[ast.AST]:
    """Walk an expression, but not into texts that are put together while it runs."""
    if not isinstance(node, ast.JoinedStr):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from plain_parts(child)


def test_every_act_of_a_review_has_words():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "plan" / "services").glob("review*.py"))
    verbs = set(re.findall(r'\bAct\([^"]*"([a-z_]+)"', source)) | {"delete"}
    assert {f"plan.review.{verb}" for verb in verbs} <= set(actions())


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_action_of_a_room_has_words(room):
    written = {code for path in room.rglob("*.py") if "tests" not in path.parts for code in codes(path)}
    lacking = sorted(code for code in written if not all(actions().get(code, {}).get(lang) for lang in ("zh", "en")))
    assert not lacking, f"add to {room.name}/data/actions.toml: {lacking}"


def test_every_step_of_an_assignment_has_words():
    assert {f"plan.{action}" for action in ACTIONS} <= set(actions())
