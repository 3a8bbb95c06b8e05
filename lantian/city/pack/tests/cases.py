"""The ways in which a sound pack is spoilt, one line each."""

# ruff: noqa: E501  (a table reads better unbroken)

from dataclasses import dataclass


@dataclass(frozen=True)
class Spoil:
    """Replace `old` by `new` in `file`; a fault of `kind` must stand at the first line that holds `at`."""

    file: str
    old: str
    new: str
    kind: str
    at: str
    says: str
    in_file: str = ""  # where the fault is reported, when that is another file


LANXIAN = 'code = "141127"\nkind = "county"\nform = "county"\nname_zh = "岚县"'
CASES = [
    # TOML
    Spoil("calendar.toml", "opens = 25", "opens == 25", "toml-syntax", "opens ==", "not valid TOML"),
    Spoil("roles.toml", 'key = "office"', 'key = "office', "toml-syntax", 'key = "office\n', "not valid TOML"),
    Spoil("places.toml", 'datum = "GCJ-02"', "datum = 9" + "9" * 5000, "toml-syntax", "datum = 9", "not valid TOML"),
    Spoil("demo.toml", 'username = "xiaoyi"', 'nickname = "xiaoyi"', "unknown-key", "nickname", "unknown key"),
    Spoil("demo.toml", 'username = "xiaoyi"\n', "", "missing-key", '[[user]]\nname_zh = "孝', "'username' is missing"),
    Spoil("calendar.toml", "[dispatch]", "[dispatsch]", "missing-key", "#", "'dispatch' is missing"),
    Spoil("calendar.toml", "opens = 25", 'opens = "25"', "wrong-type", "opens", "whole number, not '25'"),
    Spoil("calendar.toml", "opens = 25", "opens = true", "wrong-type", "opens", "whole number"),
    Spoil("calendar.toml", "working_days = true", "working_days = 1", "wrong-type", "working_days = 1", "true or false"),
    Spoil("calendar.toml", "weekend = [6, 7]", "weekend = [6, 8]", "wrong-type", "weekend", "from 1 to 7"),
    Spoil("calendar.toml", "weekend = [6, 7]", "weekend = [1, 2, 3, 4, 5, 6, 7]", "bad-value", "weekend", "more than three"),
    Spoil("places.toml", 'aliases = ["离石"]', "aliases = [\n1]", "wrong-type", "1]", "must hold texts"),
    Spoil("places.toml", "bbox = [110.30,", "bbox = [", "wrong-type", "bbox", "4 numbers"),
    Spoil("places.toml", "bbox = [110.30,", "bbox = [118.0,", "bad-value", "bbox", "west, south"),
    Spoil("roles.toml", 'scope = "town"', 'scope = "village"', "bad-value", 'scope = "village"', "Allowed: city"),
    Spoil("places.toml", 'form = "district"', 'form = ""', "bad-value", 'form = ""', "Allowed: "),
    # pack.toml
    Spoil("pack.toml", "format = 1", "format = 2", "bad-value", "format = 2", "not 1"),
    Spoil("pack.toml", 'slug = "lvliang"', 'slug = "Lv Liang"', "bad-value", "slug", "wrong form"),
    Spoil("pack.toml", 'adcode = "141100"', 'adcode = "14110"', "bad-value", "adcode", "wrong form"),
    Spoil("pack.toml", 'version = "1.0"', 'version = "one"', "bad-value", "version", "wrong form"),
    Spoil("pack.toml", 'name = "demo.toml"', 'name = "demos.toml"', "missing-file", 'name = "demos', "is missing"),
    Spoil("pack.toml", 'name = "demo.toml"', 'name = "roles.toml"', "undeclared-file", "# A", "'demo.toml', whose origin"),
    Spoil("pack.toml", 'name = "demo.toml"', 'name = "roles.toml"', "duplicate", 'name = "roles.toml"\norigin = "Inv', "twice"),
    Spoil("pack.toml", 'licence = "MIT"\n', "", "missing-key", '[[file]]\nname = "places.geojson"', "'licence' is missing"),
    Spoil("pack.toml", 'file = "plan.md"', 'file = "../plan.md"', "unsafe-path", 'file = "../', "unsafe file name"),
    Spoil("pack.toml", 'file = "plan.md"', 'file = "/etc/passwd"', "unsafe-path", 'file = "/etc', "unsafe file name"),
    Spoil("pack.toml", 'file = "plan.md"', 'file = "a\\\\b"', "unsafe-path", 'file = "a', "unsafe file name"),
    Spoil("pack.toml", 'name = "plan.md"', 'name = "x/../plan.md"', "unsafe-path", 'name = "x/', "unsafe file name"),
    Spoil("pack.toml", 'file = "plan.md"', 'file = "plan2.md"', "missing-file", 'file = "plan2', "is missing"),
    Spoil("pack.toml", "issued = 2025-02-20", "issued = 2025-02-20T10:00:00", "wrong-type", "issued", "without a time"),
    Spoil("pack.toml", "issued = 2025-02-20", "issued = 2025-02-30", "toml-syntax", "issued", "not valid TOML"),
    # codes and places
    Spoil("places.toml", 'code = "141126"', 'code = "14112"', "bad-value", 'code = "14112"', "wrong form"),
    Spoil("places.toml", 'code = "141126"', 'code = "140926"', "bad-code", 'code = "140926"', "does not begin with 1411"),
    Spoil("places.toml", 'code = "141126"', 'code = "141127"', "duplicate", LANXIAN, "given twice"),
    Spoil("places.toml", 'code = "141126"', 'code = "141150"', "no-polygon", 'code = "141150"', "has no polygon"),
    Spoil("places.toml", 'code = "141126"', 'code = "141150"', "orphan", '"141126"', "no area", "places.geojson"),
    Spoil("places.toml", 'code = "141126"', 'code = "141150"', "orphan", "141126", "does not know", "towns.csv"),
    Spoil("places.toml", 'aliases = ["石楼"]', 'aliases = ["石楼"]\ninside = "141126"', "bad-value", "inside", "of its own"),
    Spoil("places.toml", 'aliases = ["石楼"]', 'aliases = []\ninside = "999999"', "no-polygon", "inside", "has no polygon"),
    Spoil("places.toml", 'name_en = "Shilou County"\n', "", "no-english", '[[area]]\ncode = "141126"', "'name_en' is missing"),
    Spoil("places.toml", '"Shilou County"', '""', "hostile-name", 'name_en = ""', "is empty"),
    Spoil("places.toml", '"石楼县"', '"=石楼县"', "hostile-name", "=石楼县", "starts like a formula"),
    Spoil("places.toml", '"石楼县"', '"石楼县\\u202E"', "hostile-name", "u202E", "invisible character"),
    Spoil("places.toml", '["石楼"]', '["<b>"]', "hostile-name", "<b>", "markup"),
    Spoil("places.toml", '["石楼"]', '["孝义"]', "alias-twice", 'aliases = ["孝义"]\n\n[[area]]\ncode = "141182"', "means both"),
    Spoil("places.toml", '["石楼"]', '["吕梁"]', "alias-twice", 'aliases = ["吕梁"]\n\n[[area]]\ncode = "141127"', "means both"),
    Spoil("places.toml", '[geometry]\ndatum = "GCJ-02"', "[geometry]", "missing-key", "[geometry]", "'datum' is missing"),
    Spoil("places.toml", 'datum = "GCJ-02"', 'datum = "GCJ"', "bad-value", "datum", "Allowed: WGS-84"),
    # towns and villages
    Spoil("towns.csv", "code,name,name_en", "code;name", "csv-header", "code;name", "the first line must read"),
    Spoil("towns.csv", "141102100000,", "14110210000,", "bad-code", "14110210000,", "12 digits"),
    Spoil("towns.csv", "141102100000,", "14110210000X,", "bad-code", "14110210000X,", "12 digits"),
    Spoil("towns.csv", "141102100000,", "１４１１０２１０００００,", "bad-code", "１４", "12 digits"),
    Spoil("towns.csv", "141102100000,", "141102100001,", "bad-code", "141102100001,", "no town's code"),
    Spoil("towns.csv", "141102100000,", "141102101000,", "duplicate", "141102101000,信义镇", "given twice"),
    Spoil("towns.csv", "141102100000,", "149902100000,", "orphan", "149902100000,", "does not know"),
    Spoil("towns.csv", "吴城镇,Wucheng Town", "吴城镇", "csv-syntax", "吴城镇", "2 cells instead of 3"),
    Spoil("towns.csv", "吴城镇,", "@吴城镇,", "hostile-name", "@吴城镇", "starts like a formula"),
    Spoil("towns.csv", "吴城镇,", '"吴城镇"x,', "csv-syntax", '"吴城镇"x', "not valid CSV"),
    Spoil("villages.csv", "141102100201,", "141102100200,", "duplicate", "141102100200,街上", "given twice"),
    Spoil("villages.csv", "141102100201,", "141102999201,", "orphan", "141102999201,", "does not know"),
    Spoil("villages.csv", "141102100201,", "141102100000,", "bad-code", "141102100000,", "ends with 000"),
    # polygons
    Spoil("places.geojson", '{"type":"Feature",', '{"type":"Feature"', "json-syntax", '"141102"', "not valid JSON"),
    Spoil("places.geojson", '"features"', '"feature"', "json-syntax", "{", "no list of features"),
    Spoil("places.geojson", '"code":"141126"', '"kode":"141126"', "bad-polygon", '"141126"', "without a code"),
    Spoil("places.geojson", '"code":"141126"', '"code":"141127"', "duplicate", "石楼县", "second polygon"),
    # agencies
    Spoil("agencies.toml", '["交通局"]', '["交通局", "财政局"]', "alias-twice", '"财政局"]', "means both 财政局 and 交通运输局"),
    Spoil("agencies.toml", '["交通局"]', '["市财政局"]', "alias-twice", '"市财政局"]', "means both"),
    Spoil("agencies.toml", '["交通局"]', '["孝义市"]', "alias-twice", '"孝义市"]', "means both 孝义市 and"),
    Spoil("agencies.toml", 'short = "能源局"', 'short = "财政局"', "duplicate", 'short = "财政局"\nfull_name = "吕梁市财政局"', "twice"),
    Spoil("agencies.toml", 'kind = "company"', 'kind = "firm"', "bad-value", 'kind = "firm"', "Allowed: department"),
    Spoil("agencies.toml", 'names = ["交通局"]', 'names = []\nplace = "999999"', "unknown-place", "place = ", "does not know"),
    Spoil("agencies.toml", 'names = ["交通局"]', 'names = []\nsuccessor = "路政局"', "unknown-agency", "successor", "is unknown"),
    Spoil("agencies.toml", 'names = ["交通局"]', 'names = []\nsuccessor = "交通运输局"', "alias-cycle", "successor", "circle"),
    Spoil("agencies.toml", '[[agency]]\nshort = "农业农村局"', '[[agency]]\nshort = "农工部"', "missing-key", "short", ""),
    Spoil("plan.md", "市农业农村局牵头", "市奇怪事务局牵头", "unknown-agency", "市奇怪事务局", "which nobody knows"),
    Spoil("plan.md", "责任单位：市能源局、", "责任单位：市奇怪办公室、", "unknown-agency", "市奇怪办公室", "which nobody knows"),
    # calendar and thresholds
    Spoil("calendar.toml", 'start = "11-01"', 'start = "11-31"', "bad-dates", "start", "no day of every year"),
    Spoil("calendar.toml", 'start = "11-01"', 'start = "November"', "bad-dates", "start", 'Write "MM-DD"'),
    Spoil("calendar.toml", "[[heating_season]]", "[[heating]]", "no-heating-season", "#", "no heating season"),
    Spoil("calendar.toml", 'end = "03-31"', 'end = "03-31"\nfrom = 2025-01-01\nuntil = 2024-01-01', "bad-dates", "from", "is after"),
    Spoil("calendar.toml", "opens = 25", "opens = 32", "bad-value", "opens", "between 1 and 31"),
    Spoil("calendar.toml", "due = 31", "due = 20", "bad-dates", "opens", "a round opens"),
    Spoil("calendar.toml", 'confidence = "R-M"', 'confidence = "sure"', "bad-value", 'confidence = "sure"', "Allowed: V"),
    # indicators and bindings
    Spoil("indicators.toml", 'unit = "µg/m3"', 'unit = "斤"', "bad-unit", 'unit = "斤"', "unknown unit"),
    Spoil("indicators.toml", 'unit = "µg/m3"', 'unit = "ug/m3"', "bad-unit", 'unit = "ug', "by its code"),
    Spoil("indicators.toml", "low = 0\nhigh = 1000", "low = 2000\nhigh = 1000", "bad-value", "low = 2000", "is above"),
    Spoil("indicators.toml", "low = 0\nhigh = 1000", "low = nan\nhigh = 1000", "bad-value", "low = nan", "finite"),
    Spoil("indicators.toml", "low = 0\nhigh = 1000", "low = 1e999999\nhigh = 1000", "bad-value", "low = 1e", "sane size"),
    Spoil("indicators.toml", 'code = "dustfall"', 'code = "straw_use_rate"', "duplicate", 'code = "straw_use_rate"\ntitle_zh = "秸秆', "twice"),
    Spoil("bindings.toml", 'indicator = "dustfall"', 'indicator = "dust"', "unknown-indicator", 'indicator = "dust"', "no indicator"),
    Spoil("bindings.toml", 'indicator = "dustfall"', 'indicator = "straw_use_rate"', "bad-unit", 'indicator = "straw_use_rate"\ncomparator = "<="', "the target is in t/"),
    Spoil("bindings.toml", "降尘量控制在8吨", "降尘量控制在9吨", "unknown-quote", "控制在9吨", "does not stand in plan.md"),
    Spoil("bindings.toml", 'quote = "降尘量控制在8吨/月·平方公里以内"', 'quote = "市"', "unknown-quote", 'quote = "市"', "times in plan.md"),
    Spoil("bindings.toml", 'document = "plan-2025-demo"', 'document = "plan"', "unknown-document", 'document = "plan"', "no document"),
    Spoil("bindings.toml", 'areas = ["141125", "141124"]', 'areas = ["141125",\n"149999"]', "unknown-place", '"149999"', "does not know"),
    Spoil("bindings.toml", 'value = 31\nunit = "µg/m3"', 'value = 31\nunit = "ppq"', "bad-unit", 'unit = "ppq"', "unknown unit"),
    Spoil("bindings.toml", 'value = 31\nunit = "µg/m3"', "", "missing-key", "[[binding]]", "'value' is missing"),
    Spoil("bindings.toml", 'form = "word"', 'form = "word"\nvalue = 3', "bad-value", "value = 3\nindicator", "in words has no"),
    Spoil("bindings.toml", 'value = 31\n', 'value = 31\ntarget = 3\n', "bad-value", "target = 3", "is the target"),
    # people
    Spoil("roles.toml", 'key = "town"', 'key = "county"', "missing-role", "#", "roles are missing: town"),
    Spoil("roles.toml", '"plan.county"', '"plan.burn"', "unknown-capability", "plan.burn", "unknown capability"),
    Spoil("demo.toml", 'agency = "生态环境局"', 'agency = "环保局"', "unknown-agency", "环保局", "no agency"),
    Spoil("demo.toml", 'place = "141181"', 'place = "999999"', "unknown-place", '"999999"', "does not know"),
    Spoil("demo.toml", 'place = "141181"\n', "", "missing-key", 'role = "county"', "needs 'place'"),
    Spoil("demo.toml", 'username = "xiaoyi"', 'username = "office"', "duplicate", 'username = "office"\nname_zh = "孝', "twice"),
    Spoil("demo.toml", 'username = "xiaoyi"', 'username = "孝义"', "bad-value", 'username = "孝义"', "wrong form"),
]  # fmt: skip
