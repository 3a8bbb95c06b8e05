"""Every format: what is declared, how columns, units, hours and workbooks are understood, what is refused and why."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.air.reading.declaring import DeclarationError, declare, factor
from lantian.air.reading.faults import FileFaultError
from lantian.air.reading.formats import format_named, formats, importer_of
from lantian.air.reading.importing import already, look, rows_of, store_in, write

LONG = {"series": "long-station", "hour_label": "begin"}
DAILY = {"series": "daily-area"}
OPENAIR = {"series": "long-station", "time_zone": "UTC", "place": "S1"}
DAILY_HEADER = ("日期", "地区", "AQI", "SO2", "NO2", "CO", "O3_8h", "PM10", "PM2.5")


def csv(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def book(path: Path, rows, *, hidden=(), merge="", sheets=("one",)) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title in (*sheets, *hidden):
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
        if merge:
            sheet.merge_cells(merge)
    made.save(path)
    return path


def rows(found) -> pl.DataFrame:
    return pl.concat(rows_of(found))


def faults(found):
    return [(one.row, one.column, one.value, one.code) for one in found.faults.in_order()]


def refused(path, form, declared, **options):
    with pytest.raises(FileFaultError) as error:
        look(path, form, declared=declared, **options)
    return [(one.row, one.column, one.code) for one in error.value.faults]


def local(frame: pl.DataFrame) -> list[str]:
    return frame["valid_from"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d %H").to_list()


def test_every_format_has_a_reader_and_words():
    for one in formats():
        assert importer_of(one).part_rows > 0
        assert one.title("zh") != one.title("en")
        assert set(one.must) <= set(one.asks)
        assert one.series or one.series_choices


STATION_HEADER = (
    "timepoint,stationcode,longitude,latitude,area,positionname,primarypollutant,aqi,pm10,pm10_24h,pm2_5,pm2_5_24h,"
    "o3,o3_24h,o3_8h,o3_8h_24h,no2,no2_24h,so2,so2_24h,co,co_24h"
)


class TestStationFeed:
    def test_its_own_values_are_taken_and_the_sliding_ones_passed_over(self, tmp_path):
        line = '2022-01-05T00:00:00,1001A,112.5,37.9,甲市,"东站,南门",细颗粒物(PM2.5),89,116,112,66,59,39,2,27,7,73,65,18,22,1.8,1.2'
        found = look(csv(tmp_path / "a.csv", STATION_HEADER, line), "cnemc-station-hourly")
        assert faults(found) == []
        got = {one["quantity"]: one["value"] for one in rows(found).iter_rows(named=True)}
        assert got == {"SO2": 18, "NO2": 73, "CO": 1.8, "O3": 39, "PM10": 116, "PM2.5": 66}
        assert set(rows(found)["source"]) == {"cnemc-station:1001A"}
        assert set(local(rows(found))) == {"2022-01-04 23"}
        assert "pm10_24h" in found.summary()["columns_passed_over"]
        assert found.summary()["columns_unknown"] == []


class TestLong:
    def test_pollutants_units_and_places(self, tmp_path):
        path = csv(
            tmp_path / "a.csv",
            "时间,站点,污染物,数值,单位",
            "2020-05-01 00:00,S1,细颗粒物,35.5,µg/m³",
            "2020-05-01 00:00,S1,CO,800,μg/m3",
            "2020-05-01 00:00,S1,so2,0.0123,mg/m3",
            "2020-05-01 00:00,S2,臭氧,,µg/m3",
        )
        found = look(path, "long", declared=LONG)
        assert faults(found) == []
        got = rows(found).select("place", "quantity", "value", "unit").rows()
        assert got == [("S1", "PM2.5", 35.5, "µg/m3"), ("S1", "CO", 0.8, "mg/m3"), ("S1", "SO2", 12.3, "µg/m3")]
        assert local(rows(found)) == ["2020-05-01 00"] * 3
        assert set(rows(found)["source"]) == {"long-station:S1"}
        assert found.summary()["items"]["O3"] == {"unit": "µg/m3", "n": 0, "missing": 1, "gaps": 1}

    @pytest.mark.parametrize(
        ("cells", "column", "code"),
        [
            ("S1,PM2.5,12,ppb", "unit", "unit"),
            ("S1,PM2.5,12,", "unit", "unit"),
            ("S1,PM2.5_24h,12,µg/m3", "pollutant", "pollutant"),
            ("S1,VOC,12,µg/m3", "pollutant", "pollutant"),
            ("S1,CO,0.5,µg/m3", "value", "decimals"),
            ("S1,PM10,-999,µg/m3", "value", "negative"),
            ("S1,PM10,9999999,µg/m3", "value", "huge"),
            ("S1,PM10,１２ ,µg/m3", "value", "number"),
            (",PM10,12,µg/m3", "place", "no_place"),
        ],
    )
    def test_what_a_row_may_have_wrong(self, tmp_path, cells, column, code):
        path = csv(tmp_path / "a.csv", "time,place,pollutant,value,unit", f"2020-05-01 00:00,{cells}")
        assert [(row, name, what) for row, name, _, what in faults(look(path, "long", declared=LONG))] == [
            (2, column, code)
        ]

    def test_ppb_says_why(self, tmp_path):
        path = csv(tmp_path / "a.csv", "time,place,pollutant,value,unit", "2020-05-01 00:00,S1,O3,30,ppb")
        fault = look(path, "long", declared=LONG).faults.kept[0]
        assert "temperature and pressure" in fault.mend("en")
        assert "温度和气压" in fault.mend("zh")

    def test_units_and_items_left_out_may_be_declared(self, tmp_path):
        path = csv(
            tmp_path / "a.csv", "time,place,pollutant,value", "2020-05-01 00:00,S1,CO,700", "2020-05-01 00:00,S1,AQI,50"
        )
        assert refused(path, "long", LONG) == [(1, "", "no_column")]
        found = look(path, "long", declared={**LONG, "units": "CO=µg/m3，µg/m3", "leave_out": "AQI"})
        assert faults(found) == []
        assert rows(found)["value"].to_list() == [0.7]

    def test_marks_of_missing_values_may_be_declared(self, tmp_path):
        path = csv(tmp_path / "a.csv", "time,place,pollutant,value,unit", "2020-05-01 00:00,S1,O3,-999,µg/m3")
        assert faults(look(path, "long", declared={**LONG, "missing": "-999"})) == []

    def test_the_same_fact_twice_by_pollutant(self, tmp_path):
        path = csv(
            tmp_path / "a.csv",
            "time,place,pollutant,value,unit",
            *("2020-05-01 00:00,S1,O3,30,µg/m3", "2020-05-01 00:00,S1,NO2,30,µg/m3"),
            *("2020-05-01 00:00,S1,O3,30,µg/m3", "2020-05-01 00:00,S1,NO2,31,µg/m3"),
        )
        found = look(path, "long", declared=LONG)
        assert [(row, code) for row, _, _, code in faults(found)] == [(4, "same_again"), (5, "other_again")]
        assert rows(found).select("quantity", "line").rows() == [("O3", 2)]
        assert found.summary()["values"] == 1

    @pytest.mark.parametrize(
        ("label", "hours", "first", "last"),
        [
            ("end", "1-24", "2020-05-01 00", "2020-05-01 23"),
            ("begin", "0-23", "2020-05-01 00", "2020-05-01 23"),
            ("end", "0-23", "2020-04-30 23", "2020-05-01 22"),
        ],
    )
    def test_hours_in_a_column_of_their_own(self, tmp_path, label, hours, first, last):
        counted = range(1, 25) if hours == "1-24" else range(24)
        path = csv(
            tmp_path / "a.csv", "日期,小时,站点,项目,值,单位", *(f"2020-05-01,{h},S1,O3,30,µg/m3" for h in counted)
        )
        declared = {"series": "long-city", "hour_label": label, "hours": hours}
        found = look(path, "long", time_format="%Y-%m-%d", declared=declared)
        assert faults(found) == []
        assert (local(rows(found))[0], local(rows(found))[-1]) == (first, last)

    def test_an_hour_counted_otherwise_is_named(self, tmp_path):
        path = csv(
            tmp_path / "a.csv",
            "日期,小时,站点,项目,值,单位",
            "2020-05-01,24,S1,O3,30,µg/m3",
            "2020-05-01,0,S1,O3,30,µg/m3",
        )
        for hours, row in (("0-23", 2), ("1-24", 3)):
            found = look(path, "long", time_format="%Y-%m-%d", declared={**LONG, "hours": hours})
            assert [(one[0], one[1], one[3]) for one in faults(found)] == [(row, "小时", "hour_count")]

    def test_hour_24_in_a_text(self, tmp_path):
        path = csv(
            tmp_path / "a.csv", "time,place,pollutant,value,unit",
            *(f"2020-05-31 {h:02}:00,S1,O3,30,µg/m3" for h in (1, 24, 0)),
        )  # fmt: skip
        found = look(path, "long", declared={"series": "long-city", "hour_label": "end", "hours": "1-24"})
        assert local(rows(found)) == ["2020-05-31 00", "2020-05-31 23"]
        assert [(row, code) for row, _, _, code in faults(found)] == [(4, "hour_count")]

    def test_two_forms_of_dates(self, tmp_path):
        path = csv(
            tmp_path / "a.csv", "time,place,pollutant,value,unit", "2020-05-01 00:00,S1,O3,30,µg/m3",
            "01/05/2020 01:00,S1,O3,30,µg/m3", "43952.0833333,S1,O3,30,µg/m3",
        )  # fmt: skip
        assert faults(look(path, "long", declared=LONG)) == [
            (3, "time", "01/05/2020 01:00", "time"), (4, "time", "43952.0833333", "serial_time"),
        ]  # fmt: skip


class TestOpenair:
    def test_one_site_and_begin_of_hour_in_the_declared_zone(self, tmp_path):
        path = csv(tmp_path / "a.csv", '"date","ws","wd","NO2","pm2.5","co"', "2020-05-01 00:00:00,3.2,240,30,12,0.4")
        found = look(path, "openair", declared=OPENAIR)
        assert faults(found) == []
        assert local(rows(found)) == ["2020-05-01 08"] * 3
        assert set(rows(found)["source"]) == {"long-station:S1"}
        assert found.summary()["columns_passed_over"] == ["ws", "wd"]

    def test_a_column_of_sites(self, tmp_path):
        path = csv(tmp_path / "a.csv", "date,site,no2", "2020-05-01 00:00:00,甲站,30", "2020-05-01 00:00:00,乙站,NA")
        found = look(path, "openair", declared={"series": "long-station", "time_zone": "Asia/Shanghai"})
        assert found.summary()["places"] == {"乙站": 1, "甲站": 1}
        assert rows(found)["place"].to_list() == ["甲站"]

    def test_no_site_and_no_pollutant(self, tmp_path):
        declared = {"series": "long-station", "time_zone": "UTC"}
        path = csv(tmp_path / "a.csv", "date,nox", "2020-05-01 00:00:00,30")
        assert [code for _, _, code in refused(path, "openair", declared)] == ["no_place_column"]
        assert [code for _, _, code in refused(path, "openair", OPENAIR)] == ["no_column"]

    def test_the_unit_of_a_header_holds_and_must_not_contradict(self, tmp_path):
        path = csv(tmp_path / "a.csv", "date,co(µg/m³),so2 [ppb]", "2020-05-01 00:00:00,400,3")
        assert refused(path, "openair", OPENAIR) == [(1, "so2 [ppb]", "unit")]
        path = csv(tmp_path / "b.csv", "date,co（µg/m³）", "2020-05-01 00:00:00,400")
        assert rows(look(path, "openair", declared=OPENAIR))["value"].to_list() == [0.4]
        assert refused(path, "openair", {**OPENAIR, "units": "CO=mg/m3"}) == [(1, "co（µg/m³）", "unit_otherwise")]


def day_row(day, place="甲县", *values):
    return [day, place, *(values or (50, 10, 20, 0.5, 90, 60, 30))]


class TestDaily:
    def test_csv(self, tmp_path):
        path = csv(
            tmp_path / "a.csv", ",".join(DAILY_HEADER) + ",首要污染物", "2020-05-01,甲县,50,10,20,0.5,90,60,30,臭氧"
        )
        found = look(path, "daily-aqi", declared=DAILY)
        assert faults(found) == []
        got = {one["quantity"]: (one["value"], one["unit"]) for one in rows(found).iter_rows(named=True)}
        assert got["O3_8h"] == (90, "µg/m3")
        assert got["AQI"] == (50, "1")
        assert got["CO"] == (0.5, "mg/m3")
        one = rows(found).row(0, named=True)
        assert one["valid_to"] - one["valid_from"] == dt.timedelta(days=1)
        assert (one["source"], local(rows(found))[0]) == ("daily-area:甲县", "2020-05-01 00")

    def test_a_workbook_with_real_dates_and_a_title(self, tmp_path):
        table = [
            ["日报"],
            DAILY_HEADER,
            day_row(dt.date(2020, 5, 1)),
            day_row(dt.datetime(2020, 5, 2)),
            [],
            day_row("2020-05-03"),
        ]
        path = book(tmp_path / "a.xlsx", table, merge="A1:I1", hidden=("草稿",))
        assert refused(path, "daily-aqi", DAILY) == [(0, "", "merged")]
        found = look(path, "daily-aqi", declared={**DAILY, "header_row": "2"})
        assert faults(found) == []
        assert found.summary()["rows"] == 3
        assert found.summary()["notes"]["hidden_sheets"] == "草稿"
        assert sorted(set(local(rows(found)))) == ["2020-05-01 00", "2020-05-02 00", "2020-05-03 00"]
        assert set(rows(found)["line"]) == {3, 4, 6}

    def test_formulas_errors_texts_and_serials_in_cells(self, tmp_path):
        table = [
            DAILY_HEADER,
            day_row(43952),
            day_row("2020-05-02", "甲县", "=1+1", "#N/A", "12微克", True, 90, 60, 0.12345),
            day_row("=TODAY()"),
        ]
        found = look(book(tmp_path / "a.xlsx", table), "daily-aqi", declared=DAILY)
        assert faults(found) == [
            (2, "日期", "43952", "serial_time"),
            (3, "AQI", "=1+1", "formula"),
            (3, "CO", "True", "number"),
            (3, "NO2", "12微克", "number"),
            (3, "PM2.5", "0.12345", "decimals"),
            (3, "SO2", "#N/A", "number"),
            (4, "日期", "=TODAY()", "formula"),
        ]

    def test_merged_cells_below_the_header(self, tmp_path):
        path = book(
            tmp_path / "a.xlsx", [DAILY_HEADER, day_row("2020-05-01"), day_row("2020-05-02", "")], merge="B2:B3"
        )
        with pytest.raises(FileFaultError, match="B2:B3"):
            look(path, "daily-aqi", declared=DAILY)

    def test_which_sheet(self, tmp_path):
        path = book(tmp_path / "a.xlsx", [DAILY_HEADER, day_row("2020-05-01")], sheets=("五月", "六月"), hidden=("旧",))
        assert refused(path, "daily-aqi", DAILY) == [(0, "", "sheets")]
        assert refused(path, "daily-aqi", {**DAILY, "sheet": "七月"}) == [(0, "", "no_sheet")]
        assert look(path, "daily-aqi", declared={**DAILY, "sheet": "旧"}).summary()["rows"] == 1

    def test_what_is_no_workbook(self, tmp_path):
        path = tmp_path / "a.xlsx"
        path.write_bytes(b"PK\x03\x04" + b"\0" * 100)
        assert refused(path, "daily-aqi", DAILY) == [(0, "", "bad_workbook")]
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
        assert refused(path, "daily-aqi", DAILY) == [(0, "", "old_excel")]
        path = book(tmp_path / "b.xlsx", [])
        assert refused(path, "daily-aqi", DAILY) == [(0, "", "no_header")]

    def test_a_day_is_a_day(self, tmp_path):
        path = csv(tmp_path / "a.csv", ",".join(DAILY_HEADER), "2020-05-01 08:00,甲县,50,10,20,0.5,90,60,30")
        found = look(path, "daily-aqi", time_format="%Y-%m-%d %H:%M", declared=DAILY)
        assert [code for *_, code in faults(found)] == ["day"]


class TestDeclared:
    @pytest.mark.parametrize(
        ("form", "declared", "name"),
        [
            ("long", {"hour_label": "end"}, "series"),
            ("long", {"series": "long-city"}, "hour_label"),
            ("long", {**LONG, "hour_label": "middle"}, "hour_label"),
            ("long", {**LONG, "hours": "24"}, "hours"),
            ("long", {**LONG, "units": "CO"}, "units"),
            ("long", {**LONG, "header_row": "0"}, "header_row"),
            ("long", {**LONG, "nothing": "1"}, "nothing"),
            ("openair", {"series": "long-city", "time_zone": "Mars"}, "time_zone"),
            ("cnemc-city-hourly", {"time_zone": "UTC"}, "time_zone"),
        ],
    )
    def test_what_cannot_be_is_named_in_both_languages(self, form, declared, name):
        with pytest.raises(DeclarationError) as error:
            declare(format_named(form), encoding="utf-8", time_format="", declared=declared)
        assert error.value.name == name
        assert error.value.fault.text("zh") != error.value.fault.text("en")

    @pytest.mark.parametrize("form", ["%H:%M", "%Y-%m", "%Q", "%Y-%m-%d %H:%M%z", "no"])
    def test_forms_of_times_must_tell_the_day(self, form):
        with pytest.raises(DeclarationError, match="form of times"):
            declare(format_named("cnemc-city-hourly"), encoding="utf-8", time_format=form, declared={})

    def test_the_same_file_read_otherwise_is_another_import(self, tmp_path):
        path = csv(tmp_path / "a.csv", "time,place,pollutant,value,unit", "2020-05-01 01:00,S1,O3,30,µg/m3")
        batches = {look(path, "long", declared={**LONG, "hour_label": label}).batch for label in ("begin", "end")}
        assert len(batches) == 2


@given(
    value=st.decimals(min_value=0, max_value=9999, places=3, allow_nan=False, allow_infinity=False),
    unit=st.sampled_from(["µg/m3", "mg/m3"]),
    pollutant=st.sampled_from(["SO2", "CO"]),
)
def test_units_are_converted_exactly(tmp_path_factory, value, unit, pollutant):
    """What is stored is the float nearest to the exact decimal, or the value is refused as too fine."""
    path = tmp_path_factory.mktemp("u") / "a.csv"
    csv(path, "time,place,pollutant,value,unit", f"2020-05-01 00:00,S1,{pollutant},{value:f},{unit}")
    found = look(path, "long", declared=LONG)
    times = factor(pollutant, unit)
    exact = Decimal(value) * times.numerator / times.denominator
    if exact >= 1_000_000 or value >= 1_000_000:
        return
    if exact != round(exact, 3):
        assert [code for *_, code in faults(found)] == ["decimals"]
    else:
        assert faults(found) == []
        assert rows(found)["value"].to_list() == [float(exact)]


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_stumble(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("b") / "a.csv"
    path.write_bytes(b"time,place,pollutant,value,unit\n" + content)
    try:
        named = look(path, "long", declared=LONG).faults.kept
    except FileFaultError as error:
        named = list(error.faults)
    assert all(one.sentence("zh") and one.sentence("en") for one in named)


class TestParts:
    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch):
        monkeypatch.setattr("lantian.air.reading.importers.long.Long.part_rows", 10)
        monkeypatch.setattr("lantian.air.reading.importing.CHUNK_ROWS", 5)
        monkeypatch.setattr("lantian.air.reading.tables.CHUNK_ROWS", 5)
        monkeypatch.setattr("lantian.air.reading.repeats._IN_MEMORY", 7)

    def lines(self, n):
        start = dt.datetime(2020, 5, 1)
        return [f"{start + dt.timedelta(hours=k):%Y-%m-%d %H:%M},S1,O3,{k},µg/m3" for k in range(n)]

    def test_an_interrupted_import_goes_on_and_nothing_is_twice(self, tmp_path):
        path = csv(tmp_path / "a.csv", "time,place,pollutant,value,unit", *self.lines(35))
        store = store_in(tmp_path / "d")
        found = look(path, "long", declared=LONG)
        assert len(found.parts) == 4

        def stop(part, parts, receipt):
            if part == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write(found, store, on_part=stop)
        assert already(found, store) == 2
        again = look(path, "long", declared=LONG)
        told = []
        receipt = write(again, store, on_part=lambda part, parts, one: told.append((part, parts, one.repeated)))
        assert told == [(1, 4, True), (2, 4, True), (3, 4, False), (4, 4, False)]
        assert (receipt.repeated, receipt.rows) == (False, 15)
        assert write(again, store).repeated
        assert store.register.duplicates() == []
        from lantian.observations.model import Query

        assert sorted(store.reader().observations(Query(history=True)).polars()["value"]) == list(range(35))

    def test_repeats_far_apart_are_found_on_disk(self, tmp_path):
        lines = self.lines(40)
        lines += [lines[3], lines[7].replace(",7,", ",8,")]
        found = look(csv(tmp_path / "a.csv", "time,place,pollutant,value,unit", *lines), "long", declared=LONG)
        assert [(row, code) for row, _, _, code in faults(found)] == [(42, "same_again"), (43, "other_again")]
        assert found.dropped.lines.tolist() == [9, 42, 43]
        assert len(rows(found)) == found.summary()["values"] == 39

    def test_a_file_that_changes_is_not_written_on(self, tmp_path):
        from lantian.air.reading.importing import ChangedError

        path = csv(tmp_path / "a.csv", "time,place,pollutant,value,unit", *self.lines(35))
        found = look(path, "long", declared=LONG)
        csv(path, "time,place,pollutant,value,unit", *self.lines(36))
        with pytest.raises(ChangedError):
            write(found, store_in(tmp_path / "d"))

    def test_a_line_without_end(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes(b"time,place,pollutant,value,unit\n" + b"x," * 600_000)
        assert refused(path, "long", LONG) == [(2, "", "endless")]
