"""Files into the register: read, repaired with reasons, matched, shown, written once; who may, and what is refused."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.records.models import AuditEntry
from lantian.sources.models import Change, Enterprise, Equipment, RegisterImport
from lantian.sources.services import importing
from lantian.sources.tests.builders import make_enterprise, make_plant
from lantian.sources.tests.test_services import GOOD, shapes

pytestmark = pytest.mark.django_db
__all__ = ["shapes"]
REAL = Path(__file__).parents[4] / "shared/data/enterprises/key_monitored_enterprises_shanxi.csv"


def book(**sheets):
    buffer = io.BytesIO()
    made = xlsxwriter.Workbook(buffer, {"in_memory": True})
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        page = made.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, dt.date):
                    page.write_datetime(at, column, dt.datetime.combine(value, dt.time()), day)
                elif isinstance(value, str) and value.startswith("="):
                    page.write_formula(at, column, value, None, "")
                else:
                    page.write(at, column, value)
    made.close()
    return SimpleUploadedFile("名录.xlsx", buffer.getvalue())


def table(*rows, name="名录.csv"):
    return SimpleUploadedFile(name, "\n".join(",".join(row) for row in rows).encode())


def look(city, upload, who="office", **more):
    return importing.look(city.people[who], upload, **more)


def rows(job):
    return list(job.rows.order_by("id"))


def codes(plain):
    return [one["code"] for one in plain]


def apply(city, job, who="office", **more):
    job.refresh_from_db()
    return importing.apply(city.people[who], job, **{"reason": "普查", "seen_version": job.version, **more})


def test_a_workbook_with_several_sheets_makes_an_enterprise_with_its_rows(city):
    upload = book(
        企业=[["企业名称", "统一社会信用代码", "县区", "行业"], ["新砖厂", GOOD, "甲县", "砖瓦"]],
        生产线=[["企业", "名称", "工序"], ["新砖厂", "一线", "烧成"]],
        设备=[
            ["企业", "名称", "角色", "额定功率（kW）"],
            [GOOD, "窑风机", "生产设备", 90],
            [GOOD, "浆液泵", "治理设备", "45千瓦"],
        ],
        排放口=[["企业", "排放口编号", "基准氧含量（%）"], [GOOD, "DA001", 18]],
        说明=[["随便写的", "说明"]],
    )
    job = look(city, upload)
    assert job.summary["counts"] == {
        "enterprise": {"create": 1}, "line": {"create": 1}, "equipment": {"create": 2}, "outlet": {"create": 1},
    }  # fmt: skip
    assert job.summary["passed_sheets"] == ["说明"]
    assert not Enterprise.objects.exists()
    apply(city, job)
    one = Enterprise.objects.get()
    assert (one.code, one.industry, one.area.code) == ("E0001", "brick", "990001")
    assert [(e.code, e.rated_kw) for e in one.equipment_rows.all()] == [("E0001.P01", 90), ("E0001.T01", 45)]
    assert one.outlet_rows.get().code == "E0001.DA001"
    assert AuditEntry.objects.filter(action="sources.import").count() == 1
    assert set(Change.objects.values_list("batch", flat=True)) == {job.pk}


def test_the_same_file_again_changes_nothing(city):
    sheets = {"企业": [["名称", "县区"], ["新砖厂", "甲县"]], "生产线": [["企业", "名称"], ["新砖厂", "一线"]]}
    apply(city, look(city, book(**sheets)))
    again = look(city, book(**sheets))
    assert again.summary["counts"] == {"enterprise": {"same": 1}, "line": {"same": 1}}
    apply(city, again)
    assert Enterprise.objects.count() == 1
    assert Change.objects.count() == 2


def test_matching_by_credit_code_then_code_then_name_and_area(city):
    make_enterprise("E1", "甲厂", credit_code=GOOD, area=city.areas[0])
    make_enterprise("E2", "乙厂", area=city.areas[0])
    make_enterprise("E3", "丙厂", area=city.areas[0], aliases=["丙公司"])
    make_enterprise("E4", "丙厂", area=city.areas[1])
    head = ["编码", "名称", "统一社会信用代码", "县区", "电话"]
    job = look(city, table(head, ["", "改名了", GOOD, "甲县", "1"], ["E2", "乙厂有限公司", "", "甲县", "2"],
                           ["", "丙公司", "", "甲县", "3"], ["", "丙厂", "", "", "4"], ["", "丁厂", "", "乙县", "5"]))  # fmt: skip
    got = [(row.action, row.target, row.matched_by) for row in rows(job)]
    assert got[:3] == [("update", "E1", "credit_code"), ("update", "E2", "code"), ("update", "E3", "name")]
    assert (got[3][0], codes(rows(job)[3].faults)) == ("faulty", ["several_names"])
    assert got[4][0] == "create"
    assert rows(job)[0].changes == {"name": ["甲厂", "改名了"], "phone": ["", "1"]}


def test_codes_that_contradict_each_other_are_a_fault(city):
    make_enterprise("E1", "甲厂", credit_code=GOOD)
    make_enterprise("E2", "乙厂")
    job = look(city, table(["编码", "名称", "信用代码"], ["E2", "甲厂", GOOD]))
    assert codes(rows(job)[0].faults) == ["match_conflict"]


@pytest.mark.parametrize(
    ("column", "said", "code", "value"),
    [
        ("名称", "  新 砖厂\u200b ", "trim", "新 砖厂"),
        ("电话", "０３５０１", "width", "03501"),
        ("统一社会信用代码", GOOD.lower(), "upper", GOOD),
        ("统一社会信用代码", GOOD.replace("000100", "OOO1OO"), "credit_letter", GOOD),
        ("经度", "112.5度", "unit", 112.5),
        ("该状态起始日期", "43831", "serial", "2020-01-01"),
        ("该状态起始日期", "2020年1月1日", "day_form", "2020-01-01"),
        ("该状态起始日期", "20200101", "day_form", "2020-01-01"),
        ("县区", "甲县人民政府", "area_alias", "990001"),
        ("状态", "停产", "choice_alias", "stopped"),
        ("行业", "砖瓦窑", "choice_alias", "brick"),
        ("国民经济行业代码", "C3031", "industry_class", "C3031"),
        ("地址", "/", "missing", None),
    ],
)
def test_repairs_are_proposed_with_their_reason_and_may_be_declined(city, column, said, code, value):
    head = ["备注", "名称", "纬度"] if column == "经度" else ["备注", "名称"]
    name = ["无事", said] if column == "名称" else ["无事", "新砖厂"]
    more = ["38"] if column == "经度" else []
    header = head + ([] if column == "名称" else [column])
    job = look(city, table(header, [*name, *more, *([] if column == "名称" else [said])]))
    row = rows(job)[0]
    repair = next(one for one in row.repairs if one["code"] == code)
    assert repair["accepted"]
    assert row.action == "create", row.faults
    field = repair["column"]
    got = row.changes.get(field, [None, None])[1]
    assert got == ("brick" if code == "industry_class" else value)
    job = importing.mend(city.people["office"], job, decisions={(row.pk, field, code): False}, seen_version=job.version)
    again = rows(job)[0]
    assert again.action == "faulty" or again.changes.get(field, [None, None])[1] != got
    assert not next(one for one in again.repairs if one["code"] == code)["accepted"]


@pytest.mark.parametrize(
    ("column", "said", "code"),
    [
        ("统一社会信用代码", GOOD[:17] + "4", "credit_check"),
        ("统一社会信用代码", "123", "credit_form"),
        ("经度", "东经112", "number"),
        ("经度", "112公里", "number_unit"),
        ("经度", "500", "range"),
        ("该状态起始日期", "2020年5月", "day_lacks"),
        ("该状态起始日期", "2020-02-30", "day"),
        ("县区", "没有县", "area"),
        ("状态", "不知道", "choice"),
        ("状态", "关闭", "closed_since"),
        ("是否虚构", "也许", ""),
        ("虚构", "也许", "yes_no"),
        ("编码", "砖1", "code_form"),
    ],
)
def test_faults_name_row_and_column(city, column, said, code):
    more = {"经度": ("纬度", "38")}.get(column)
    head = ["备注", "名称", column, *([more[0]] if more else [])]
    job = look(city, table(head, ["无事", "新砖厂", said, *([more[1]] if more else [])]))
    row = rows(job)[0]
    if not code:
        assert job.summary["unknown"] == {"名录.csv": ["是否虚构"]}
        return
    assert code in codes(row.faults)
    assert row.action == "faulty"
    assert row.number == 2
    for fault in row.faults:
        from lantian.sources.reading.faults import Fault

        whole = Fault.from_plain(fault)
        assert whole.text("zh")
        assert whole.mend("zh")
        assert whole.text("en")
        assert whole.mend("en")


def test_cells_are_mended_by_hand_and_rows_left_out(city):
    job = look(city, table(["名称", "县区"], ["甲厂", "没有县"], ["乙厂", "没有县"]))
    one, two = rows(job)
    job = importing.mend(
        city.people["office"], job, edits={one.pk: {"area": "甲县"}}, left_out={two.pk: True}, seen_version=job.version
    )
    assert [row.action for row in rows(job)] == ["create", "left"]
    with pytest.raises(Conflict):
        importing.mend(city.people["office"], job, seen_version=1)
    apply(city, job)
    assert Enterprise.objects.get().name == "甲厂"


def test_faulty_rows_are_not_written_unless_that_is_said(city):
    job = look(city, table(["名称", "县区"], ["甲厂", "甲县"], ["乙厂", "没有县"]))
    with pytest.raises(DomainError) as caught:
        apply(city, job)
    assert caught.value.field == "partly"
    apply(city, job, partly=True)
    assert Enterprise.objects.get().name == "甲厂"
    with pytest.raises(Unlawful):
        apply(city, job)


def test_what_was_shown_is_what_is_written(city):
    job = look(city, table(["名称", "县区", "电话"], ["甲厂", "甲县", "1"]))
    make_enterprise("E0001", "甲厂", area=city.areas[0])
    with pytest.raises(Conflict):
        apply(city, job)
    job = importing.mend(city.people["office"], job, seen_version=1)
    assert rows(job)[0].action == "update"
    apply(city, job)
    assert Enterprise.objects.get().phone == "1"


def test_who_may_import_what(city):
    upload = lambda: table(["名称", "县区"], ["甲厂", "甲县"], ["乙厂", "乙县"])  # noqa: E731
    for who in ("inspector", "enterprise", "town", "public"):
        with pytest.raises(NotAllowed):
            look(city, upload(), who=who)
    job = look(city, upload(), who="county")
    assert [row.action for row in rows(job)] == ["create", "faulty"]
    assert codes(rows(job)[1].faults) == ["not_yours"]
    with pytest.raises(NotAllowed):
        importing.apply(city.people["office"], job, reason="x")
    apply(city, job, who="county", partly=True)
    make_plant("E5", "丙厂", area=city.areas[1])
    other = look(city, table(["企业", "名称", "角色"], ["E5", "机", "生产"]), who="county")
    assert codes(rows(other)[0].faults) == ["not_yours"]


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (lambda: SimpleUploadedFile("x.csv", b"a,b\n1,2\n"), "没有看懂"),
        (lambda: table(["名称", "企业名称", "县区"], ["a", "b", "甲县"]), "同一含义"),
        (lambda: book(生产线=[["名称"], ["一线"]]), "缺少"),
        (lambda: SimpleUploadedFile("x.xlsx", b"PK\x03\x04broken"), ""),
        (lambda: SimpleUploadedFile("x.csv", b"name\n"), ""),
    ],
)
def test_what_is_no_table_is_refused_in_words(city, upload, words):
    from django.utils import translation

    with translation.override("zh-hans"), pytest.raises(DomainError) as caught:
        look(city, upload())
    assert words in str(caught.value)
    assert not RegisterImport.objects.exists()


def test_rows_that_are_one_row_are_a_fault(city):
    job = look(city, table(["名称", "县区"], ["甲厂", "甲县"], ["甲厂", "甲县"]))
    assert codes(rows(job)[1].faults) == ["twice"]


def test_references_within_the_file_and_to_the_register(city):
    make_plant("E1", "甲厂")
    make_plant("E2", "乙厂")
    head = ["企业", "名称", "角色", "生产线"]
    job = look(city, book(
        生产线=[["企业", "编码", "名称"], ["E1", "E1.L9", "九线"]],
        设备=[head, ["E1", "机一", "生产", "E1.L9"], ["E1", "机二", "生产", "E2.L1"], ["E1", "机三", "生产", "没有"],
              ["没有厂", "机四", "生产", ""]],
        产治对应关系=[["企业", "编码", "生产设备", "治理设备"], ["甲厂", "E1.R9", "E1.P01", "E1.T01"]],
    ))  # fmt: skip
    got = {row.number: (row.action, codes(row.faults)) for row in job.rows.filter(kind="equipment")}
    assert got == {
        2: ("create", []),
        3: ("faulty", ["ref_other"]),
        4: ("faulty", ["ref_unknown"]),
        5: ("faulty", ["ref_unknown"]),
    }
    apply(city, job, partly=True)
    assert Equipment.objects.get(name="机一").line.code == "E1.L9"


def test_a_formula_without_a_result_is_a_fault_and_dates_are_dates(city):
    job = look(city, book(企业=[["名称", "电话", "该状态起始日期"], ["甲厂", "=1+", dt.date(2020, 5, 1)]]))
    row = rows(job)[0]
    assert codes(row.faults) == ["cell_error"]
    assert row.cells["state_since"] == "2020-05-01"
    assert row.repairs == []


def test_positions_without_a_datum_or_in_another_area_are_remarked(shapes):
    head = ["名称", "经度", "纬度", "坐标系", "县区"]
    job = look(shapes, table(head, ["甲", "112.5", "38.5", "", "甲县"], ["乙", "113.5", "38.5", "WGS84", "甲县"],
                             ["丙", "10", "10", "WGS-84", "甲县"], ["丁", "112.5", "38.5", "百度", "甲县"]))  # fmt: skip
    got = [(row.action, codes(row.remarks)) for row in rows(job)]
    assert got == [
        ("create", ["datum_missing"]),
        ("create", ["area_differs"]),
        ("create", ["outside_city"]),
        ("create", []),
    ]
    apply(shapes, job)
    assert Enterprise.objects.get(name="乙").area.code == "990002"
    declared = look(
        shapes, table(head, ["戊", "112.5", "38.5", "", "甲县"]), declared={"datum": "GCJ-02", "source": "省名录"}
    )
    row = rows(declared)[0]
    assert (row.changes["datum"][1], row.changes["source"][1], row.remarks) == ("GCJ-02", "省名录", [])


def test_an_empty_cell_takes_nothing_away_and_a_word_does(city):
    make_enterprise("E1", "甲厂", phone="1", address="某村")
    job = look(city, table(["编码", "名称", "电话", "地址"], ["E1", "甲厂", "", "#清空"]))
    assert rows(job)[0].changes == {"address": ["某村", ""]}


def test_a_list_of_others_is_read_by_its_layout(shapes):
    shapes.city.aliases = ["青川"]
    shapes.city.save()
    upload = table(
        ["name", "lon", "lat", "category", "city", "city_code", "county", "county_code"],
        ["甲电厂", "112.5", "38.5", "0", "青川市", "990000", "甲县", "990001"],
        ["外地厂", "112.5", "38.5", "0", "外地市", "980000", "甲县", "980001"],
    )
    job = look(shapes, upload, layout="key_monitored", declared={"source": "名单"})
    assert [(row.action, codes(row.remarks)) for row in rows(job)] == [
        ("create", ["datum_missing"]),
        ("left", ["elsewhere"]),
    ]
    apply(shapes, job)
    one = Enterprise.objects.get()
    assert (one.confidence, one.source, one.datum) == ("reported", "名单", "")


@pytest.mark.skipif(not REAL.exists(), reason="the list is not part of the repository")
def test_the_real_list_of_the_province(city):
    city.city.code, city.city.name = "140900", "忻州市"
    city.city.save()
    upload = SimpleUploadedFile(REAL.name, REAL.read_bytes())
    job = look(city, upload, layout="key_monitored", declared={"source": "省重点监控企业名单"})
    tally = job.summary["counts"]["enterprise"]
    assert tally["left"] == 306
    assert sum(tally.values()) == 316
    assert job.summary["unknown"] == {}


def test_a_thousand_rows_take_few_queries(city, django_assert_max_num_queries):
    upload = table(["名称", "县区", "电话"], *[[f"厂{n}", "甲县", str(n)] for n in range(1000)])
    with django_assert_max_num_queries(40):
        job = look(city, upload)
    with django_assert_max_num_queries(100):
        apply(city, job)
    assert Enterprise.objects.count() == 1000
