"""Whatever is done to a pack's files, the checker answers with faults and never falls over."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantian.city.pack import PackError, check_pack, find_pack, load_pack

FILES = sorted(path.name for path in find_pack("lvliang").iterdir())
SNIPPETS = [
    b"", b"\n", b"[", b"]]", b"{", b"}", b'"', b"'''", b"=", b"= = ", b"#", b",", b"\0", b"\xff", b"\xef\xbb\xbf", b"\r",
    b"[[area]]\n", b"[[agency]]\n", b"[city]\n", b"nan", b"inf", b"-1", b"1e400", b"9" * 40, b"true", b"[]", b"{}", b"null",
    b'""', b'"="', b"2020-02-30", b"2020-01-01T00:00:00Z", b"../..", "忻".encode(), "\u202e".encode(), b"a.b.c = 1\n",
]  # fmt: skip


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[str, int, int, bytes]]:
    """A few edits: in a file, at a share of its length, cut some bytes and put others there."""
    one = st.tuples(
        st.sampled_from(FILES),
        st.integers(0, 10_000),
        st.sampled_from([0, 0, 1, 2, 7, 40, 400, 100_000]),
        st.one_of(st.sampled_from(SNIPPETS), st.binary(max_size=6)),
    )
    return draw(st.lists(one, min_size=1, max_size=4))


def apply(folder: Path, changes: list[tuple[str, int, int, bytes]]) -> None:
    for name, share, cut, put in changes:
        raw = (folder / name).read_bytes()
        at = len(raw) * share // 10_000
        (folder / name).write_bytes(raw[:at] + put + raw[at + cut :])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits())
def test_random_edits_never_crash_the_checker(changes: list[tuple[str, int, int, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as here:
        folder = Path(here) / "pack"
        shutil.copytree(find_pack("lvliang"), folder)
        apply(folder, changes)
        faults = check_pack(folder)
        for fault in faults:
            assert fault.message
            assert fault.kind
            lines = (folder / fault.file).read_bytes().count(b"\n") + 1 if (folder / fault.file).is_file() else 1
            assert 1 <= fault.line <= lines
        if faults:
            with pytest.raises(PackError):
                load_pack(folder)
        else:
            assert load_pack(folder).meta.slug


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([name for name in FILES if name.endswith(".toml")]),
    st.integers(0, 10_000),
    st.sampled_from(["0", "-5", '"x"', '""', "[]", "[1]", '["", ""]', "{}", "true", "nan", "1979-05-27", "07:32:00"]),
)
def test_any_value_of_any_type_is_answered(name: str, share: int, value: str) -> None:
    """Replace the value of some key by one of another type: valid TOML, wrong contents."""
    with tempfile.TemporaryDirectory() as here:
        folder = Path(here) / "pack"
        shutil.copytree(find_pack("lvliang"), folder)
        lines = (folder / name).read_text(encoding="utf-8").split("\n")
        pairs = [number for number, line in enumerate(lines) if " = " in line and not line.startswith("#")]
        if not pairs:
            return
        number = pairs[min(len(pairs) - 1, len(pairs) * share // 10_000)]
        lines[number] = lines[number].split(" = ")[0] + " = " + value
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
        assert all(fault.message for fault in check_pack(folder))
