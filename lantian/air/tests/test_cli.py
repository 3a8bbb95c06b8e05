"""The commands in processes of their own, as an operator runs them."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lantian.air.tests.files import QUIET, days_of, hours_of, line, write

ROOT = Path(__file__).resolve().parents[3]
MAY = dt.date(2020, 5, 1)


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "lantian", "air", *map(str, arguments)],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False, env={**os.environ, "PYTHONUTF8": "1", **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    rows = [*days_of(MAY, 31, "甲山"), *days_of(MAY, 31, "乙水", ("45", *QUIET[1:]))]
    done = run(
        "import", write(folder / "may.csv.gz", rows), "--format", "cnemc-city-hourly", "--data", folder, "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["written"] is True
    return folder


def test_the_same_file_again_changes_nothing(data):
    done = run("import", data / "may.csv.gz", "--data", data)
    assert done.returncode == 0
    assert "in the store already" in done.stdout


def test_a_look_at_a_bad_file_writes_nothing(tmp_path):
    rows = [line("2020-05-01 01:00:00", "甲山", ("-5", *QUIET[1:])), line("2020/5/1 2:00", "甲山")]
    path = write(tmp_path / "bad.csv", rows)
    done = run("import", path, "--data", tmp_path / "d", "--dry-run", "--json")
    assert done.returncode == 1
    got = json.loads(done.stdout)
    assert [(one["row"], one["column"], one["code"]) for one in got["list"]] == [
        (2, "PM2.5", "negative"),
        (3, "time", "time"),
    ]
    assert got["faults_by_kind"] == {"negative": 1, "time": 1}
    assert (got["written"], got["values"]) == (False, 5)
    assert "2020-05-01 13:00:00" in got["list"][1]["mend"]
    refused = run("import", path, "--data", tmp_path / "d", "--lang", "en")
    assert refused.returncode == 1
    assert "row 2, column PM2.5: '-5' a concentration cannot be negative. To mend it:" in refused.stderr
    assert not (tmp_path / "d").exists()
    assert run("import", path, "--data", tmp_path / "d", "--skip-bad").returncode == 0


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    path = write(tmp_path / "a.csv", hours_of(MAY, "甲山"), encoding="gb18030")
    done = run("import", path, "--data", tmp_path)
    assert done.returncode == 1
    assert "第 2 行" in done.stderr
    assert "gb18030" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(run("import", path, "--json").stdout)["list"][0]["code"] == "encoding"
    assert run("import", path, "--data", tmp_path, "--encoding", "gb18030").returncode == 0
    unknown = run("import", path, "--format", "what")
    assert unknown.returncode == 1
    assert "there is no format 'what'; there are: cnemc-city-hourly" in unknown.stderr


def test_assess(data):
    arguments = ("assess", "--place", "甲山市", "--from", "2020-05-01", "--to", "2020-05-31", "--data", data)
    got = json.loads(run(*arguments, "--json", "--sources").stdout)
    assert (got["place"], got["days"]["good"], got["composite"]["index"]) == ("甲山", 31, 3.37)
    assert {"key": ["hour.last"], "value": "24"}.items() <= next(
        o for o in got["used"] if o["key"] == ["hour.last"]
    ).items()
    text = run(*arguments).stdout
    assert "综合指数 3.37" in text
    assert "优良天数 31 (100.0 %)" in text
    assert "composite index 3.37" in run(*arguments, "--lang", "en").stdout


def test_what_cannot_be_assessed(data, tmp_path):
    unknown = run("assess", "--place", "甲水市", "--from", "2020-05-01", "--to", "2020-05-31", "--data", data)
    assert unknown.returncode == 1
    assert "'甲水市'; near names: 乙水, 甲山" in unknown.stderr
    change = run("assess", "--place", "甲山", "--from", "2026-01-01", "--to", "2026-03-31", "--data", data)
    assert "the law changes within" in change.stderr
    backwards = run("assess", "--place", "甲山", "--from", "2020-05-02", "--to", "2020-05-01", "--data", data)
    assert "ends (2020-05-01) before it begins" in backwards.stderr
    empty = run("assess", "--place", "甲山", "--from", "2020-05-01", "--to", "2020-05-02", "--data", tmp_path)
    assert "the first import makes it" in empty.stderr
    assert run("assess", "--place", "甲山", "--from", "1 May", "--to", "2020-05-02").returncode == 2


def test_rank(data, tmp_path):
    pack = tmp_path / "mine"
    pack.mkdir()
    (pack / "pack.toml").write_text("")
    (pack / "scopes.toml").write_text(
        '[[scope]]\nid = "both"\nzh = "两城"\nen = "both"\nplaces = ["乙水市", "甲山市", "丙谷"]\nsource = "s"\nconfidence = "V"\n', "utf-8"
    )  # fmt: skip
    done = run("rank", "--scope", "both", "--month", "2020-05", "--data", data, "--json", LANTIAN_CITIES=str(tmp_path))
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    assert [(one["rank"], one["place"], one["composite_index"]) for one in got] == [
        (1, "甲山", 3.37),
        (2, "乙水", 3.66),
    ]
    assert set(got[0]["means"]) == {"SO2", "NO2", "CO", "O3", "PM10", "PM2.5"}
    assert "丙谷" in done.stderr
    assert (
        "两城"
        in run("rank", "--scope", "both", "--month", "2020-05", "--data", data, LANTIAN_CITIES=str(tmp_path)).stdout
    )
    other = run("rank", "--scope", "none", "--month", "2020-05", "--data", data)
    assert other.returncode == 1
    assert "there is no scope 'none'" in other.stderr


def test_help_loads_nothing_heavy():
    code = (
        "import sys, lantian.cli; lantian.cli.main(['air', '--help'], standalone_mode=False);"
        "sys.exit(bool({'django', 'numpy', 'polars', 'ibis', 'duckdb', 'pyarrow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_formats_are_listed():
    assert "cnemc-city-hourly" in run("formats").stdout


def test_a_period_without_values_says_from_when_to_when_there_are_some(data):
    arguments = ("assess", "--place", "甲山", "--from", "2019-01-01", "--to", "2019-01-31", "--data", data)
    done = run(*arguments)
    assert "甲山在 2019-01-01 至 2019-01-31 没有数据；现有 2020-05-01" in done.stderr
    assert done.stdout == "", "no table of noughts"
    told = run(*arguments, "--json", "--lang", "en")
    assert "there are no values of 甲山" in told.stderr
    assert json.loads(told.stdout)["days"]["n"] == 0


def test_how_sure_the_rules_are_is_said_in_words(data):
    text = run("assess", "--place", "甲山", "--from", "2020-05-01", "--to", "2020-05-31", "--data", data).stdout
    assert "凭记忆，把握高" in text
    assert max(map(len, text.splitlines())) < 160, "each rule stands in the JSON, not in a line without end"


def test_formats_are_told_in_one_language():
    chinese, english = run("formats").stdout, run("formats", "--lang", "en").stdout
    assert "必须声明: series, hour_label" in chinese
    assert "时间标签指小时终点" in chinese
    assert "must be declared" not in chinese
    assert "a time names the end of its hour" in english
    assert "?" not in chinese + english


def test_means_are_a_table(data):
    arguments = ("means", "--month", "2020-05", "--data", data)
    text = run(*arguments, "--lang", "en").stdout
    assert "PM2.5 µg/m3" in text
    assert "{" not in text
    told = json.loads(run(*arguments, "--json").stdout)
    assert f"{told['means']['PM2.5']}  " in text
