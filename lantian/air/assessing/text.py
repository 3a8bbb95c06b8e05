"""Assessments and rankings as text for a terminal."""

from __future__ import annotations

import tomllib
import unicodedata
from importlib import resources

from lantian.air.assessing.ask import Ranking
from lantian.air.assessing.assess import Assessment
from lantian.air.assessing.figures import number
from lantian.air.assessing.hours import HOURS, rules_text
from lantian.air.assessing.plain import value_text
from lantian.standards.attainment import rate
from lantian.standards.pollutants import pollutant
from lantian.standards.provenance import uncertain


def assessment_text(one: Assessment, lang: str) -> str:
    """Return an assessment as lines."""
    words, law = _words("assess", lang), one.law
    n = one.with_index
    share = f" ({rate(law, one.good, n)} %)" if n else ""
    lines = [
        f"{one.place}  {one.first} … {one.last}  ({law.name}: {law.index_standard}; {rules_text()[0]})",
        f"{words['days']} {n}/{one.expected}  {words['good']} {one.good}{share}  {words['heavy']} {one.heavy}",
        f"{words['primary']}: " + "  ".join(f"{code} {days}" for code, days in one.primary.items()),
        _line(words["item"], words["mean"], words["percentile"], words["n"], words["capture"]),
    ]
    for code, figures in one.items.items():
        mean, percentile = value_text(law, code, figures)
        capture = f"{rate(law, figures.hours, one.expected * HOURS)} %"
        name = f"{code} {pollutant(code).unit}"
        lines.append(_line(name, mean, f"{percentile} (P{figures.percent})", f"{figures.days}/{one.expected}", capture))
    if one.composite:
        lines.append(f"{words['composite']} {one.composite.published} = {one.composite.formula}")
    exceeding = ", ".join(one.attainment.exceeding) or words["none"]
    lines.append(f"{words['exceeding']}: {exceeding}{'' if one.whole_year else words['part']}")
    lines.append(f"{words['so2']}: {one.class_of_so2 or words['none']}  {words['dust']}")
    doubtful = ", ".join(f"{'/'.join((cited.edition, *cited.key))} ({cited.confidence})" for cited in uncertain(one))
    return "\n".join([*lines, f"{words['uncertain']}: {doubtful or words['none']}"])


def ranking_text(found: Ranking, lang: str) -> str:
    """Return a ranking as lines, best first."""
    words, law = _words("rank", lang), found.law
    codes = tuple(found.places[0].figures) if found.places else ()
    lines = [
        f"{found.scope.zh if lang == 'zh' else found.scope.en}  {found.first:%Y-%m}  ({law.name})",
        _line(words["rank"], words["place"], words["index"], *codes),
    ]
    for one in found.places:
        values = (str(number(law, code, one.figures[code])) for code in codes)
        lines.append(_line(str(one.rank), one.name, str(one.index.published if one.index else ""), *values))
    return "\n".join(lines)


def _words(group: str, lang: str) -> dict[str, str]:
    text = resources.files("lantian.air").joinpath("data/words.toml").read_text(encoding="utf-8")
    return {key: word[lang] for key, word in tomllib.loads(text)[group].items()}


def _line(*cells: str, width: int = 14) -> str:
    return "  ".join(_wide(cell, width) for cell in cells).rstrip()


def _wide(text: str, width: int) -> str:
    """Pad to a width in columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(0, width - taken)
