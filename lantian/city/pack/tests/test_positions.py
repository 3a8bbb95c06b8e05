"""The scanner of key positions against `tomllib`, which shares no code with it."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.city.pack.positions import Path, feature_positions, toml_positions

EXAMPLE = '''\
# a comment with [brackets] and = signs
top = 1
"quoted key" = 'literal # no comment'

[plain]
text = "with \\" quote and ] and #"   # comment
many = """
first
[not.a.table]
""" # after
dotted.inner.leaf = 2
when = 2020-04-03 07:32:00

  [[area]]
  code = "1"
  list = [ 1, # one
    [ "a", 'b' ],
    { x = 1, y = { z = 2 } },
  ]
  [area.geometry]
  datum = "d"
[[area]]
code = "2"
[[area.child]]
n = 1
[[area.child]]
n = 2
'''


def test_lines_and_columns() -> None:
    found = toml_positions(EXAMPLE)
    assert found["top",] == (2, 1)
    assert found["quoted key",] == (3, 1)
    assert found["plain", "text"] == (6, 1)
    assert found["plain", "dotted", "inner", "leaf"] == (11, 1)
    assert found["plain", "when"] == (12, 1)
    assert found["area",] == found["area", 0] == (14, 3)
    assert found["area", 0, "list", 1, 1] == (17, 12)
    assert found["area", 0, "list", 2, "y", "z"] == (18, 20)
    assert found["area", 0, "geometry", "datum"] == (21, 3)
    assert found["area", 1, "code"] == (23, 1)
    assert found["area", 1, "child", 1, "n"] == (27, 1)


def paths_of(value: Any, path: Path = ()) -> set[Path]:
    """Every path of a parsed text, containers included, the root left out."""
    found = {path} if path else set()
    if isinstance(value, dict):
        pairs: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        return found
    return found.union(*(paths_of(one, (*path, key)) for key, one in pairs))


def test_example_has_the_paths_of_tomllib() -> None:
    assert set(toml_positions(EXAMPLE)) == paths_of(tomllib.loads(EXAMPLE))


words = st.text("abc-_01", min_size=1, max_size=4)
keys = st.one_of(words, st.sampled_from(['"a b"', "'c]d'", '"e\\"f"', '"g#h"', '"中"', '"\\u4e2d="']))
texts = st.sampled_from(
    ['"x"', '"a # b"', "'[y]'", '"""z\n[t]\n"""', "'''q'''", '"\\""', '""', '""""in""""', "'it\"s'"]
)
plain_values = st.one_of(
    texts, st.sampled_from(["1", "-2.5e3", "true", "nan", "2020-01-01", "2020-01-01 10:00:00Z", "10:30:00", "0xff"])
)
inline_blank = st.sampled_from(["", " ", "\t"])
blank = st.sampled_from(["", " ", "\n", " # note, ] }\n", "\n\n"])


@st.composite
def inline_tables(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    names = draw(st.lists(words, unique=True, max_size=3))
    return "{" + ", ".join(f"{name} = {draw(values)}" for name in names) + "}"


@st.composite
def arrays(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(values, max_size=3))
    return "[" + ",".join(draw(blank) + item + draw(blank) for item in items) + draw(blank) + "]"


def nested(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(arrays(values), inline_tables(values))


any_values = st.recursive(plain_values, nested, max_leaves=5)


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(0, 8))):
        name = ".".join(draw(st.lists(keys, min_size=1, max_size=3)))
        form = draw(st.sampled_from(["pair", "pair", "pair", "table", "array", "comment", "blank"]))
        if form == "pair":
            lines.append(f"{draw(inline_blank)}{name}{draw(inline_blank)}={draw(inline_blank)}{draw(any_values)}")
        else:
            lines.append({"table": f"[{name}]", "array": f"[[{name}]] # c", "comment": "# [x] = {", "blank": ""}[form])
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


@settings(max_examples=400)
@given(documents())
def test_paths_agree_with_tomllib(text: str) -> None:
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(toml_positions(text)) == paths_of(parsed)


def test_the_generator_makes_valid_texts_too() -> None:
    """Without this the property above could hold for nothing but refused texts."""
    seen = []

    @settings(max_examples=200, database=None)
    @given(documents())
    def count(text: str) -> None:
        try:
            seen.append(len(tomllib.loads(text)))
        except tomllib.TOMLDecodeError:
            seen.append(0)

    count()
    assert sum(1 for keys_found in seen if keys_found > 1) > 20


def test_features_of_a_json_text() -> None:
    features = [{"type": "Feature", "id": "[{"}, {"properties": {"name": 'a"]'}}, {"geometry": {"c": [[1, 2]]}}]
    text = '{"type": "x",\n "features": [\n' + ",\n".join(json.dumps(one) for one in features) + '\n], "after": [{}]}'
    assert [line for line, _ in feature_positions(text)] == [3, 4, 5]


@pytest.mark.parametrize("text", ["", "{}", '{"features": []}'])
def test_no_features(text: str) -> None:
    assert feature_positions(text) == []
