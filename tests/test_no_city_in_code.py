"""Nothing of one city is written in code: its names and codes live in its pack, in tests and in documentation."""

import re
from pathlib import Path

from lantian.city.pack import CityPack, find_pack, load_pack

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = {".py", ".toml", ".html", ".txt", ".js", ".css", ".po"}
# Names of places that are also ordinary words or parts of them.
ORDINARY = {"交口", "中阳", "方山", "五台"}
# A list of every prefecture-level city, by province: it names all of them alike.
NATIONAL = {"lantian/plan/reading/data/cities.toml"}


def own_words(pack: CityPack) -> set[str]:
    """Names and codes that only this city has."""
    names = {pack.meta.slug, pack.meta.name_zh, pack.meta.name_en, pack.meta.name_zh.removesuffix("市")}
    for area in pack.places.areas:
        names |= {area.name_zh, area.code, *area.aliases, area.name_en.split()[0]}
    names |= {one.name for one in pack.enterprises} | set(pack.meta.issuer_marks)
    names |= {one.short for one in pack.agencies if pack.meta.name_zh.removesuffix("市") in one.short}
    return {name for name in names if len(name) > 1} - ORDINARY


def sources() -> list[Path]:
    files = (path for path in (ROOT / "lantian").rglob("*") if path.suffix in SUFFIXES)
    files = (path for path in files if not {"tests", "dist", "node_modules"} & set(path.parts))
    return [path for path in files if str(path.relative_to(ROOT)) not in NATIONAL]


def test_no_city_is_named_in_code() -> None:
    words = {word for slug in ("xinzhou", "lvliang") for word in own_words(load_pack(find_pack(slug)))}
    assert {"忻州", "忻府", "xinzhou", "140902", "Dingxiang", "五台山", "吕梁"} <= words
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert found == []
