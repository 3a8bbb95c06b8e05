"""Importing by the pages; templates; what is downloaded comes back as it was."""

from __future__ import annotations

import io

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from lantian.sources import services
from lantian.sources.kinds import KINDS, kind_named
from lantian.sources.models import Boiler, Change, Enterprise, RegisterImport
from lantian.sources.services import importing, sheets
from lantian.sources.tests.builders import make_enterprise, make_plant
from lantian.sources.tests.test_import import book, codes, rows, table
from lantian.sources.tests.test_services import GOOD

pytestmark = pytest.mark.django_db


def fill(city):
    """A register with something in every corner: umlauts of spreadsheets, long texts, ended rows, all kinds of values."""
    one = make_plant(
        area=city.areas[0],
        credit_code=GOOD,
        lon=112.123456,
        lat=38.5,
        datum="GCJ-02",
        note="第一行\n第二行",
        area_said="990001",
    )
    office = city.people["office"]
    make_enterprise(
        "E0002",
        "=1+1 有限公司",
        area=city.areas[1],
        area_said="990002",
        synthetic=False,
        phone="0350-1",
        products="-5%",
    )

    def add(kind, /, **values):
        return services.enter(office, kind, values, enterprise=one, reason="普查")

    add("boiler", name="1号炉", capacity_th=10.0, fuel="coal", installed_on="2010-10-01", removed_on="2020-09-30")
    add("chp", name="热电", unit_mw=300.0, total_mw=600.0, units=2)
    add("permit", number="91A001P", kind="permit", issued_on="2019-12-31", expires_on="2022-12-30", conditions="甲\n乙")
    add("meter", medium="electricity", point="E0001.P01", ratio=40.0)
    add("gate", name="东门", connected=True)
    add("camera", name="窑头", watches="装窑")
    add("micro_station", name="微站一", lon=112.1, lat=38.4, datum="WGS-84")
    add("order", kind="stop", start="2020-06-01T00:00+08:00", subjects=["E0001.L1", "E0001.P01"])
    services.end(office, one.equipment_rows.get(code="E0001.T01"), until=one.changed_at.date(), reason="拆除")
    return one


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_is_exported_comes_back_as_it_was(city, language):
    fill(city)
    office = city.people["office"]
    with translation.override(language):
        content = sheets.export(office)
        job = importing.look(office, SimpleUploadedFile("out.xlsx", content))
    wrong = [(row.kind, row.action, row.changes, row.faults) for row in rows(job) if row.action != "same"]
    assert wrong == []
    assert len(job.summary["counts"]) == 14


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_kind_comes_back_by_csv(city, kind):
    fill(city)
    office = city.people["office"]
    with translation.override("zh-hans"):
        content = sheets.export_csv(office, kind_named(kind))
        if content.decode("utf-8-sig").count("\n") < 2 and kind in ("furnace", "work", "solvent"):
            return
        job = importing.look(office, SimpleUploadedFile(f"{kind}.csv", content), declared={"kind": kind})
    assert [row.action for row in rows(job) if row.action != "same"] == []
    assert job.summary["counts"][kind]["same"] >= 1


def test_the_template_has_lists_to_choose_from_and_is_understood(city):
    with translation.override("zh-hans"):
        made = openpyxl.load_workbook(io.BytesIO(sheets.template()))
    assert made.sheetnames[0] == "填写说明"
    page = made["企业"]
    head = [cell.value for cell in page[1]]
    assert "名称*" in head
    assert len(page.data_validations.dataValidation) >= 8
    page.append([None] * head.index("名称*") + ["模板厂"])
    out = io.BytesIO()
    made.save(out)
    job = importing.look(city.people["office"], SimpleUploadedFile("t.xlsx", out.getvalue()))
    assert [row.action for row in rows(job)] == ["create"]
    assert job.summary["unknown"] == {}


def test_a_county_exports_what_it_sees(city, login):
    fill(city)
    answer = login(city.people["county"]).get(reverse("sources:export") + "?kind=enterprise&format=csv")
    text = answer.content.decode("utf-8-sig")
    assert "E0001" in text
    assert "E0002" not in text
    assert login(city.people["public"]).get(reverse("sources:export")).status_code == 403


def test_importing_by_the_pages(city, login):
    client = login(city.people["office"])
    page = client.get(reverse("sources:import"))
    assert page.status_code == 200
    upload = book(
        企业=[["名称", "县区", "状态", "不认识的列"], ["甲厂", "甲县", "在产", "x"], ["乙厂", "没有县", "生产", "y"]]
    )
    sent = client.post(reverse("sources:import"), {"file": upload, "layout": "lantian"})
    job = RegisterImport.objects.get()
    assert sent["Location"] == reverse("sources:import_one", args=[job.pk])
    body = client.get(sent["Location"]).content.decode()
    for wanted in ("不认识的列", "没有县", "“生产”理解为“在产”", "将要写入"):
        assert wanted in body, wanted
    soup = BeautifulSoup(body, "html.parser")
    bad = rows(job)[1]
    cell = soup.find("input", attrs={"name": f"r{bad.pk}-cell-area"})
    assert cell["value"] == "没有县"
    mend = reverse("sources:import_mend", args=[job.pk])
    data = {
        "version": "1",
        f"r{bad.pk}-cell-area": "乙县",
        "shown": [str(bad.pk)],
        "repair": [f"r{bad.pk}-repair-state-choice_alias"],
    }
    assert client.post(mend, {**data, f"r{bad.pk}-repair-state-choice_alias": "on"}).status_code == 302
    job.refresh_from_db()
    assert job.summary["counts"] == {"enterprise": {"create": 2}}
    assert client.post(mend, data).status_code == 409
    apply = reverse("sources:import_apply", args=[job.pk])
    assert client.post(apply, {"version": "2", "reason": ""}).status_code == 422
    assert client.post(apply, {"version": "2", "reason": "普查"}).status_code == 302
    assert sorted(Enterprise.objects.values_list("name", flat=True)) == ["乙厂", "甲厂"]
    assert "新增 2 行" in client.get(reverse("sources:import_one", args=[job.pk])).content.decode()
    assert client.post(apply, {"version": "3", "reason": "普查"}).status_code == 409
    assert Change.objects.count() == 2


def test_all_repairs_of_a_sort_are_declined_at_once(city, login):
    client = login(city.people["office"])
    job = importing.look(city.people["office"], table(["名称", "状态"], ["甲厂", "生产"], ["乙厂", "生产"]))
    client.post(reverse("sources:import_mend", args=[job.pk]), {"version": "1", "decline_all": "choice_alias"})
    assert [codes(row.faults) for row in rows(job)] == [["choice"], ["choice"]]
    csv = client.get(reverse("sources:import_faults", args=[job.pk])).content.decode("utf-8-sig")
    assert csv.count("“生产”不在选项中") == 2


def test_imports_of_others_are_theirs(city, login):
    job = importing.look(city.people["county"], table(["名称", "县区"], ["甲厂", "甲县"]))
    url = reverse("sources:import_one", args=[job.pk])
    assert login(city.people["county2"]).get(url).status_code == 404
    office = login(city.people["office"])
    assert office.get(url).status_code == 200
    assert office.post(reverse("sources:import_apply", args=[job.pk]), {"reason": "x"}).status_code == 403
    county = login(city.people["county"])
    assert county.post(reverse("sources:import_drop", args=[job.pk]), {"version": "1"}).status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not Boiler.objects.exists()
