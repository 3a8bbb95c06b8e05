"""`lantian aqi` and `lantian limits`: what they print, what they refuse, and what they do not load."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lantian.cli import main

ROOT = Path(__file__).resolve().parents[3]


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def _json(*arguments: str) -> dict:
    result = _run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_hourly_index_of_2020() -> None:
    got = _json("aqi", "--date", "2020-01-01", "--period", "hour", "PM2.5=35", "SO2=20")
    six = {key: got[key] for key in ("aqi", "iaqi", "primary", "level", "category", "standard")}
    assert six == {
        "aqi": 50, "iaqi": {"SO2": 7, "PM2.5": 50}, "primary": [], "level": 1, "category": "优", "standard": "HJ 633-2012",
    }  # fmt: skip
    assert got["missing"] == ["NO2", "CO", "O3", "PM10"]
    assert got["uncertain"]["hour.items"] == "V1"


DAY = ["SO2=20", "NO2=30", "CO=0.8", "O3=120", "PM10=90", "PM2.5=61"]


def test_the_day_before_and_the_day_of_the_change() -> None:
    old = _json("aqi", "--date", "2026-02-28", "--period", "day", *DAY)
    new = _json("aqi", "--date", "2026-03-01", "--period", "day", *DAY)
    assert (old["aqi"], old["primary"], old["category"], old["standard"]) == (83, ["PM2.5"], "良", "HJ 633-2012")
    assert (new["aqi"], new["level"], new["category"], new["standard"]) == (101, 3, "轻度污染", "HJ 633-2026")
    assert new["uncertain"] == {}


def test_what_the_standard_hides_is_na() -> None:
    got = _json("aqi", "--date", "2026-03-01", "--period", "day", *DAY[:4], "PM2.5=60", "PM10=NA")
    assert (got["aqi"], got["level"], got["category"], got["missing"]) == ("NA", None, None, ["PM10"])
    assert got["iaqi"]["PM2.5"] == 100
    exempt = _json("aqi", "--date", "2026-03-01", "--period", "day", *DAY[1:], "--exempt", "SO2", "--lang", "en")
    assert (exempt["aqi"], exempt["unmonitored"], exempt["category"]) == (101, ["SO2"], "light pollution")


def test_units_and_sources() -> None:
    got = _json("aqi", "--date", "2020-01-01", "--period", "hour", "CO=2200µg/m³", "PM2.5=0.036mg/m3", "--sources")
    assert got["iaqi"] == {"CO": 22, "PM2.5": 52}
    assert {"key": ["PM2.5", "day", "100"], "value": "75"}.items() <= next(
        one for one in got["used"] if one["key"] == ["PM2.5", "day", "100"]
    ).items()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["空气质量指数 101  三级 轻度污染", "首要污染物: PM2.5 细颗粒物", "缺测: NO2", "建议（本项目撰写）"]),
        (
            "en",
            ["Air Quality Index 101  level III, light pollution", "missing: NO2", "advice (in this project's words)"],
        ),
    ],
)
def test_the_table(lang: str, words: list[str]) -> None:
    result = _run("aqi", "--date", "2026-03-01", "--period", "day", "PM2.5=61", "SO2=20", "--lang", lang)
    assert result.exit_code == 0
    for word in words:
        assert word in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--date", "2015-12-31", "--period", "day", "PM2.5=1"], "no standard is known for 2015-12-31"),
        (["--date", "2020-02-30", "--period", "day", "PM2.5=1"], "is no date"),
        (["--period", "day", "PM2.5=1"], "Missing option '--date'"),
        (["--date", "2020-01-01", "PM2.5=1"], "Missing option '--period'"),
        (["--date", "2020-01-01", "--period", "week", "PM2.5=1"], "'week' is not one of"),
        (["--date", "2026-03-01", "--period", "hour-as-written", "PM2.5=1"], "has no report 'hour-as-written'"),
        (["--date", "2020-01-01", "--period", "day", "PM1=1"], "unknown pollutant 'PM1'"),
        (["--date", "2020-01-01", "--period", "day", "TSP=1"], "has no item TSP"),
        (["--date", "2020-01-01", "--period", "day", "PM2.5=-1"], "cannot be negative"),
        (["--date", "2020-01-01", "--period", "day", "PM2.5=1ppm"], "no conversion"),
        (["--date", "2020-01-01", "--period", "day", "PM2.5=1xy"], "unknown unit; write it in µg/m3"),
        (["--date", "2020-01-01", "--period", "day", "PM2.5=many"], "is no number"),
        (["--date", "2020-01-01", "--period", "day", "PM2.5=nan"], "is no number"),
        (["--date", "2020-01-01", "--period", "day", "PM2.5"], "write POLLUTANT=CONCENTRATION"),
        (["--date", "2020-01-01", "--period", "day", "O3=1", "O3_8h=1"], "O3 is given twice"),
        (["--date", "2020-01-01", "--period", "day", "O3=1", "O3=1"], "O3 is given twice"),
        (["--date", "2020-01-01", "--period", "day"], "Missing argument"),
    ],
)
def test_what_is_refused(arguments: list[str], message: str) -> None:
    result = _run("aqi", *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_limits_with_their_sources() -> None:
    got = _json("limits", "--date", "2031-01-01")
    assert (got["regime"], len(got["limits"])) == ("2026-final", 46)
    row = next(
        one for one in got["limits"] if (one["pollutant"], one["period"], one["grade"]) == ("PM2.5", "year", "II")
    )
    assert (row["value"], row["unit"], row["clause"], row["from"], row["confidence"]) == (
        "25", "µg/m3", "table 1", "2031-01-01", "V",
    )  # fmt: skip
    shown = _run("limits", "--date", "2020-01-01", "--pollutant", "a21026")
    assert shown.output.count("GB 3095-2012") == 6
    assert "年平均" in shown.output
    assert "可信度" in shown.output
    assert "year" in _run("limits", "--date", "2020-01-01", "--lang", "en").output
    for arguments in (["--date", "2015-01-01"], ["--date", "2020-01-01", "--pollutant", "XY"], []):
        assert _run("limits", *arguments).exit_code == 2


def test_every_averaging_time_of_the_limits_has_its_words() -> None:
    from lantian.standards.cli import _words
    from lantian.standards.regimes import regimes

    for law in regimes():
        assert {one.key[1] for one in law.limits()} <= set(_words("period", "zh")) == set(_words("period", "en"))


def test_neither_django_nor_numeric_libraries_are_loaded() -> None:
    """This is what keeps the start of the command under 0.3 s."""
    code = (
        "import sys, lantian.cli\n"
        "lantian.cli.main(['aqi', '--date', '2020-01-01', '--period', 'day', 'PM2.5=35', '--json'], standalone_mode=False)\n"
        "lantian.cli.main(['limits', '--date', '2020-01-01'], standalone_mode=False)\n"
        "sys.exit(', '.join({'django', 'numpy', 'polars', 'pandas', 'duckdb'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
