"""Assessments and rankings as text for a terminal."""

from __future__ import annotations

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from importlib import resources

from lantian.air.assessing.assess import Assessment
from lantian.air.assessing.both import Both
from lantian.air.assessing.compare import Comparison
from lantian.air.assessing.figures import number
from lantian.air.assessing.hours import HOURS, rules_text
from lantian.air.assessing.means import PlaceMeans
from lantian.air.assessing.plain import change_of, index_change_of, percent, value_text
from lantian.air.assessing.ranks import Lacking, Ranking
from lantian.air.assessing.subjects import Subject
from lantian.standards.attainment import rate
from lantian.standards.pollutants import pollutant
from lantian.standards.provenance import legend, uncertain


def assessment_text(found: Both, lang: str) -> str:
    """Return an assessment as lines."""
    one = found.one
    words, law = _words("assess", lang), one.law
    n = one.with_index
    share = f" ({rate(law, one.good, n)} %)" if n else ""
    lines = [
        f"{one.place}  {one.first} … {one.last}  ({law.name}: {law.index_standard}; {rules_text()[0]})",
        _taken_text(one, words, lang),
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
    told = words["none"] if one.attainment.attains is not None else words["unknown"]
    exceeding = ", ".join(one.attainment.exceeding) or told
    lines.append(f"{words['exceeding']}: {exceeding}{'' if one.whole_year else words['part']}")
    lines.append(f"{words['so2']}: {one.class_of_so2 or ('–' if one.items['SO2'].mean is None else words['none'])}")
    return "\n".join([*lines, _dust_text(found, words), *_doubts(one, words, lang)])


def nothing_text(found: Both, subject: Subject, lang: str) -> str:
    """Say that a place has no values of a period, and from when to when it has some; "" where there are some."""
    one = found.one
    if any(item.hours for item in one.items.values()):
        return ""
    where = {"place": one.place, "first": one.first, "last": one.last, "from": subject.first.date(),
             "until": subject.last.date()}  # fmt: skip
    return _words("assess", lang)["nothing"].format(**where)


def _doubts(one: Assessment, words: dict[str, str], lang: str) -> list[str]:
    """How many rules were not read in the primary text, by how sure they are: each of them stands in the JSON."""
    counts = Counter(cited.confidence.value for cited in uncertain(one))
    if not counts:
        return [f"{words['uncertain']}: {words['none']}"]
    told = ", ".join(f"{tag} {n}" for tag, n in sorted(counts.items()))
    return [f"{words['uncertain']}: {told} ({words['each']})", f"  {legend(counts, lang)}"]


def _taken_text(one: Assessment, words: dict[str, str], lang: str) -> str:
    if one.origin is None:
        return ""
    series = one.origin.series.name(lang)
    stations = ", ".join(station.code for station in one.origin.stations)
    invented = f"  {words['synthetic']}" if one.synthetic else ""
    return f"{words['values']}: {series}" + (f" ({words['stations']} {stations})" if stations else "") + invented


def _dust_text(found: Both, words: dict[str, str]) -> str:
    if not found.dust_hours:
        return words["no_dust"]
    both = "  ".join(
        f"{words[name]}: {words['composite']} {one.composite.published if one.composite else '–'}"
        for name, one in (("raw", found.raw), ("deducted", found.deducted))
    )
    return f"{words['dust']} {found.dust_hours} ({len(found.dust_days)})  {both}"


def ranking_text(found: Ranking, lang: str) -> str:
    """Return a ranking as lines, best first (by change: best improvement first)."""
    words, law = _words("rank", lang), found.law
    codes = tuple(found.places[0].figures) if found.places else ()
    changes = (words["before"], words["change"], words["change_rank"]) if found.before else ()
    scope = found.scope.zh if lang == "zh" else found.scope.en
    invented = f"  {words['synthetic']}" if found.synthetic else ""
    lines = [
        f"{scope}  {found.period.text}  ({law.name}; {words[found.dust]}){invented}",
        _line(words["rank"], words["place"], words["index"], *codes, *changes),
    ]
    for row in found.rows:
        one = row.now
        values = [str(number(law, code, one.figures[code])) for code in codes]
        if found.before:
            then = row.before
            values += [
                f"{then.rank} ({then.index.published})" if then and then.index else "–",
                "–" if row.change is None else f"{percent(law, row.change)} %",
                str(row.change_rank or "–"),
            ]
        lines.append(_line(str(one.rank), one.name, str(one.index.published if one.index else ""), *values))
    return "\n".join(lines)


def lacking_text(found: Ranking, lang: str) -> list[str]:
    """Return one sentence for each place that is not ranked."""
    return [f"{one.name}: {reason_text(one, lang)}" for one in found.reasons]


def reason_text(one: Lacking, lang: str) -> str:
    """Say why a place is not ranked."""
    words = _words("lacking", "zh" if lang.startswith("zh") else "en")
    return words[one.reason] + (f" ({', '.join(one.items)})" if one.items else "")


def comparison_text(found: Comparison, lang: str) -> str:
    """Return a comparison of years as lines."""
    words, law = _words("compare", lang), found.law
    lines = [
        f"{found.place}  {found.period.text} / {found.earlier.text}  ({law.name})",
        _line(words["item"], words["now"], words["before"], words["difference"], "%", words["n"], words["alike"]),
    ]
    for code, one in found.items.items():
        a, b = found.now.one.items[code], found.before.one.items[code]
        plain = change_of(law, code, one)
        lines.append(
            _line(
                code,
                *(_shown(plain[key]) for key in ("now", "before", "difference", "percent")),
                f"{a.days}/{found.now.one.expected}, {b.days}/{found.before.one.expected}",
                f"{_shown(plain['percent_days_alike'])} ({one.alike_days}) {words[one.standing]}",
            )
        )
    plain = index_change_of(law, found.index)
    figures = (_shown(plain[key]) for key in ("now", "before", "difference", "percent"))
    lines.append(_line(words["composite"], *figures, "", words[found.index.standing]))
    now, before = found.now.one, found.before.one
    lines.append(
        _line(
            words["good"],
            str(now.good),
            str(before.good),
            str(now.good - before.good),
            "",
            f"{now.with_index}, {before.with_index}",
        )
    )
    lines.append(_line(words["heavy"], str(now.heavy), str(before.heavy), str(now.heavy - before.heavy)))
    if found.converted:
        lines.append(f"{words['converted']}: {', '.join(found.converted)}")
    if found.unconverted:
        lines.append(f"{words['unconverted']}: {', '.join(found.unconverted)}")
    if not found.same_origin:
        lines.append(words["other_series"])
    return "\n".join(lines)


def means_text(found: PlaceMeans, lang: str) -> str:
    """Return means over places as lines."""
    words, law = _words("means", lang), found.law
    invented = f"  {words['synthetic']}" if found.synthetic else ""
    lines = [
        f"{found.period.first} … {found.period.last}  ({law.name}; {_words('rank', lang)[found.dust]}){invented}",
        _line(words["item"], words["mean"], words["places"]),
    ]
    for code, value in found.figures.items():
        name = f"{code} {pollutant(code).unit}"
        lines.append(_line(name, _shown(number(law, code, value)), f"{found.places[code]}/{found.asked}"))
    expected = found.asked * found.period.days
    for name, n in (("good", found.good), ("heavy", found.heavy)):
        share = f"{rate(law, n, found.days)} %" if found.days else "–"
        lines.append(_line(words[name], share, f"{found.days}/{expected} {words['days']}"))
    return "\n".join(lines)


def regimes_text(found: Sequence[Both], lang: str) -> str:
    """Return a place under several laws side by side."""
    words = _words("compare", lang)
    first = found[0].one
    lines = [
        f"{first.place}  {first.first} … {first.last}",
        _line(words["regime"], words["composite"], words["good"], words["heavy"], words["exceeding"]),
    ]
    for each in found:
        one = each.one
        index = str(one.composite.published) if one.composite else "–"
        exceeding = ", ".join(one.attainment.exceeding) or words["no_item"]
        lines.append(_line(one.law.name, index, f"{one.good}/{one.with_index}", str(one.heavy), exceeding))
    return "\n".join(lines)


def _shown(value: object) -> str:
    return "–" if value is None else str(value)


def _words(group: str, lang: str) -> dict[str, str]:
    text = resources.files("lantian.air").joinpath("data/words.toml").read_text(encoding="utf-8")
    return {key: word[lang] for key, word in tomllib.loads(text)[group].items()}


def _line(*cells: str, width: int = 14) -> str:
    return "  ".join(_wide(cell, width) for cell in cells).rstrip()


def _wide(text: str, width: int) -> str:
    """Pad to a width in columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(0, width - taken)
