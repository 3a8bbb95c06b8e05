"""Files that are odd: every fault is named with row, column, value and what to do; nothing is guessed."""

import datetime as dt
import gzip

import polars as pl
import pytest

from lantian.air.reading.faults import FileFaultError
from lantian.air.reading.formats import UnknownFormatError, format_named, importer, offset_of
from lantian.air.reading.importing import look, rows_of
from lantian.air.tests.files import HEADER, QUIET, hours_of, line, write

DAY = dt.date(2020, 5, 1)


def looked(tmp_path, lines, **options):
    return look(write(tmp_path / "a.csv", lines), "cnemc-city-hourly", **options)


def stored(found):
    return pl.concat(rows_of(found))


def faults(found):
    return [(one.row, one.column, one.value, one.code) for one in found.faults.in_order()]


def test_a_sound_file_plain_and_packed(tmp_path):
    rows = hours_of(DAY, "甲")
    plain = looked(tmp_path, rows)
    packed = look(write(tmp_path / "a.csv.gz", rows), "cnemc-city-hourly")
    assert plain.batch == packed.batch
    summary = plain.summary()
    assert summary["values"] == 24 * 6
    assert (summary["first"], summary["last"]) == ("2020-05-01 01:00:00", "2020-05-02 00:00:00")
    assert summary["places"] == {"甲": 24}
    assert summary["items"]["CO"] == {"unit": "mg/m3", "n": 24, "missing": 0, "gaps": 0}
    assert summary["faults"] == 0


def test_the_label_names_the_end_of_the_hour(tmp_path):
    found = looked(tmp_path, [line("2020-05-02 00:00:00", "甲")])
    row = stored(found).row(0, named=True)
    assert row["valid_from"] == dt.datetime(2020, 5, 1, 15, tzinfo=dt.UTC)  # 23:00 of 1 May in Shanghai
    assert row["valid_to"] == dt.datetime(2020, 5, 1, 16, tzinfo=dt.UTC)
    assert (row["source"], row["place"], row["line"]) == ("cnemc-city:甲", "甲", 2)


BAD_CELLS = [
    (0, "-3", "PM2.5", "negative"),
    (1, "12µg", "PM10", "number"),
    (2, "1,5", "SO2", "number"),
    (3, "1e3", "NO2", "number"),
    (4, "nan", "O3", "number"),
    (5, "0.12345", "CO", "decimals"),
]


@pytest.mark.parametrize(("at", "value", "column", "code"), BAD_CELLS)
def test_a_bad_cell_is_named_and_only_it_is_left_out(tmp_path, at, value, column, code):
    values = [f'"{value}"' if at == n else good for n, good in enumerate(QUIET)]
    found = looked(tmp_path, [line("2020-05-01 01:00:00", "甲"), line("2020-05-01 02:00:00", "甲", values)])
    assert faults(found) == [(3, column, value, code)]
    assert found.summary()["values"] == 11
    fault = found.faults.kept[0]
    assert f"row 3, column {column}" in fault.sentence("en")
    assert "To mend it:" in fault.sentence("en")
    assert "第 3 行" in fault.sentence("zh")


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("2020/5/1 1:00", "time"),
        ("2020-5-1 01:00:00", "time"),
        ("2020-05-01T01:00:00", "time"),
        ("2020-02-30 01:00:00", "time"),
        ("2020-05-01 24:00:00", "time"),
        ("", "time"),
        ("43952.041667", "serial_time"),
        ("2020-05-01 01:30:00", "hour"),
    ],
)
def test_times_of_another_form_are_not_guessed(tmp_path, time, code):
    found = looked(tmp_path, [line("2020-05-01 02:00:00", "甲"), line(time, "甲")])
    assert faults(found) == [(3, "time", time, code)]
    assert found.summary()["rows_taken"] == 1


def test_another_form_of_times_may_be_declared(tmp_path):
    found = looked(tmp_path, [line("2020/05/01 01:00", "甲")], time_format="%Y/%m/%d %H:%M")
    assert faults(found) == []
    assert found.batch != looked(tmp_path, [line("2020/05/01 01:00", "甲")]).batch


def test_repeats_equal_and_contradicting(tmp_path):
    one, two = "2020-05-01 01:00:00", "2020-05-01 02:00:00"
    rows = [line(one, "甲"), line(two, "甲"), line(one, "甲"), line(two, "甲", ("36", *QUIET[1:])), line(one, "乙")]
    found = looked(tmp_path, rows)
    assert [(row, code) for row, _, _, code in faults(found)] == [(4, "same_again"), (5, "other_again")]
    assert stored(found).select("place", "line").unique().sort("line").rows() == [("甲", 2), ("乙", 6)]


def test_rows_too_short_too_long_and_without_place(tmp_path):
    rows = [line("2020-05-01 01:00:00", "甲") + ",9", "2020-05-01 02:00:00,甲,1", line("2020-05-01 03:00:00", " ")]
    assert [(row, code) for row, _, _, code in faults(looked(tmp_path, rows))] == [
        (2, "fields"), (3, "fields"), (4, "no_place"),
    ]  # fmt: skip


def test_missing_values_are_no_faults(tmp_path):
    found = looked(tmp_path, [line("2020-05-01 01:00:00", "甲", ("", "NA", "—", "1", "2", "0.3"))])
    assert faults(found) == []
    assert found.summary()["values"] == 3


def refused(path, **options):
    with pytest.raises(FileFaultError) as error:
        look(path, "cnemc-city-hourly", **options)
    return [(one.row, one.column, one.code) for one in error.value.faults]


def test_columns_missing_and_doubled(tmp_path):
    header = HEADER.replace(",SO2,", ",SO2_,").replace("NO2_24h", "CO")
    assert refused(write(tmp_path / "a.csv", [], header=header)) == [(1, "", "no_column"), (1, "CO", "column_twice")]


def test_columns_that_nobody_knows_are_named(tmp_path):
    found = look(
        write(tmp_path / "a.csv", [line("2020-05-01 01:00:00", "甲") + ",7"], header=HEADER + ",NOx"),
        "cnemc-city-hourly",
    )
    assert found.summary()["columns_unknown"] == ["NOx"]


def test_other_encodings_only_when_declared(tmp_path):
    path = write(tmp_path / "a.csv", [line("2020-05-01 01:00:00", "甲")], encoding="gb18030")
    assert refused(path) == [(2, "", "encoding")]
    assert look(path, "cnemc-city-hourly", encoding="gb18030").summary()["places"] == {"甲": 1}
    utf8 = write(tmp_path / "b.csv", [line("2020-05-01 01:00:00", "甲")])
    assert refused(utf8, encoding="gb18030") == [(2, "", "is_utf8")]
    with pytest.raises(ValueError, match="utf-8, gb18030"):
        look(utf8, "cnemc-city-hourly", encoding="latin-1")


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    path = write(tmp_path / "a.csv", [line("2020-05-01 01:00:00", "甲")], encoding="utf-8-sig")
    assert look(path, "cnemc-city-hourly").summary()["values"] == 6


def test_what_is_no_table_at_all(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"")
    assert refused(path) == [(0, "", "no_header")]
    path.write_bytes(b"PK\x03\x04 a workbook")
    assert refused(path) == [(0, "", "not_text")]
    path.write_bytes(HEADER.encode() + b"\n\0\0\n")
    assert refused(path) == [(2, "", "nul")]
    path.write_bytes(gzip.compress(HEADER.encode() * 1000)[:-20])
    assert refused(path) == [(0, "", "damaged")]
    path.write_text(HEADER + '\n"' + "x" * 200_000)
    assert refused(path)[0][2] == "quotes"


def test_progress_ends_with_the_whole_file(tmp_path):
    told = []
    path = write(tmp_path / "a.csv", hours_of(DAY, "甲"))
    look(path, "cnemc-city-hourly", progress=lambda at, of: told.append((at, of)))
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


def test_formats_are_declared():
    with pytest.raises(UnknownFormatError, match="cnemc-city-hourly"):
        format_named("nothing")
    with pytest.raises(ValueError, match="not declared"):
        importer("nothing")
    with pytest.raises(ValueError, match="changes its clock"):
        offset_of("Europe/Berlin")


def test_of_very_many_faults_all_are_counted_and_the_first_kept(tmp_path):
    rows = [row.replace(",35,", ",-35,") for day in range(1, 29) for row in hours_of(dt.date(2020, 2, day), "甲")] * 2
    found = looked(tmp_path, rows)
    counts, kept = found.faults.counts, found.faults.kept
    assert counts == {"negative": 2 * 28 * 24, "same_again": 28 * 24}
    assert len(kept) == found.faults.most
    assert kept[0].row == 2
