"""Uploads over HTTP: too large, from nobody, several at once, twice."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from django.urls import reverse

from lantian.records.forms import EvidenceFormMixin
from lantian.records.models import Evidence
from lantian.records.services import add_evidence
from lantian.records.tests.samples import pdf, picture, upload

pytestmark = pytest.mark.django_db
DAY = "2020-06-05"


@pytest.fixture
def address(city):
    """The address of a form with an evidence field, as the county may send it."""
    made = add_evidence(city.people["county"], upload(picture()), effective_on=dt.date(2020, 6, 4), place=city.areas[0])
    return reverse("records:evidence_replace", args=[made.pk])


@pytest.fixture
def small(settings, tmp_path):
    """A limit of 2 MB, and a folder for temporary files that can be looked into."""
    settings.MAX_EVIDENCE_BYTES = settings.MAX_DOCUMENT_BYTES = settings.MAX_MEASUREMENTS_BYTES = 2_000_000
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "temporary")
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir()
    return Path(settings.FILE_UPLOAD_TEMP_DIR)


def large_pdf(size: int) -> bytes:
    return pdf()[:-6] + b"0" * size + b"%%EOF\n"


def test_a_file_of_several_chunks_arrives_whole(city, login, address, small):
    content = large_pdf(1_500_000)
    form = {"evidence_effective_on": DAY, "evidence_files": upload(content, "大.pdf")}
    assert login(city.people["county"]).post(address, form).status_code == 302
    assert Evidence.objects.latest("pk").file.size == len(content)


def test_too_large_is_said_and_nothing_is_left(city, login, address, small, settings):
    before = sorted(settings.FILES_DIR.rglob("*"))
    form = {
        "evidence_effective_on": DAY,
        "evidence_title": "我的标题",
        "evidence_files": upload(large_pdf(9_000_000), "大.pdf"),
    }
    answer = login(city.people["county"]).post(address, form)
    assert answer.status_code == 413
    assert "“大.pdf”超过" in answer.text
    assert "我的标题" in answer.text
    assert list(small.iterdir()) == []
    assert sorted(settings.FILES_DIR.rglob("*")) == before
    assert Evidence.objects.count() == 1


def test_the_service_refuses_a_cut_file_too(city, small):
    from lantian.records.files import FileTooLarge
    from lantian.records.uploads import LimitedUploadHandler

    handler = LimitedUploadHandler()
    handler.new_file("f", "a.pdf", "application/pdf", None)
    for at in range(0, 4_000_000, 65536):
        handler.receive_data_chunk(b"x" * 65536, at)
    cut = handler.file_complete(4_000_000)
    handler.upload_interrupted()
    with pytest.raises(FileTooLarge):
        add_evidence(city.people["county"], cut, effective_on=dt.date(2020, 6, 4))


def test_a_request_beyond_all_measure_is_not_read(city, login, address, small):
    answer = login(city.people["county"]).post(address, {"evidence_files": upload(bytes(17_000_000), "x.pdf")})
    assert answer.status_code == 413
    assert "合计超过一次请求的上限" in answer.text
    assert list(small.iterdir()) == []


def test_nobody_uploads_without_a_login(client, city, address, small):
    answer = client.post("/login/", {"username": "x", "password": "y", "file": upload(large_pdf(1_500_000), "a.pdf")})
    assert answer.status_code == 200
    assert not answer.wsgi_request.FILES
    assert list(small.iterdir()) == []


def test_a_double_click_makes_one_record(city, login, address):
    for _click in range(2):
        form = {"evidence_effective_on": DAY, "key": "once", "evidence_files": upload(picture(colour="red"))}
        login(city.people["county"]).post(address, form)
    assert Evidence.objects.count() == 2


def test_a_hostile_name_is_shown_harmless_and_kept(city, login):
    # The request parser already takes paths and controls away; services are called from elsewhere too.
    from django.core.files.base import ContentFile

    hostile = ContentFile(picture())
    hostile.name = "../../报告\u202egpj.\x00con.jpg"
    made = add_evidence(city.people["county"], hostile, effective_on=dt.date(2020, 6, 4))
    assert made.name == "报告gpj.con.jpg"
    assert made.original_name == "../../报告\\u202egpj.\\x00con.jpg"
    page = login(city.people["county"]).get(reverse("records:evidence", args=[made.pk])).text
    assert "\u202e" not in page
    answer = login(city.people["county"]).get(reverse("records:evidence_download", args=[made.pk]))
    assert "%2F" not in answer.headers["Content-Disposition"]
    assert tempfile.gettempdir() not in answer.headers["Content-Disposition"]


class ProofForm(EvidenceFormMixin):
    evidence_required = True


class TestFormMixin:
    def form(self, *files, **values):
        from django.utils.datastructures import MultiValueDict

        return ProofForm({"evidence_effective_on": DAY, **values}, MultiValueDict({"evidence_files": list(files)}))

    def test_several_files_become_several_records_once(self, city):
        for _click in range(2):
            form = self.form(upload(picture(), "一.jpg"), upload(pdf(), "二.pdf"), evidence_title="材料")
            assert form.is_valid(), form.errors
            made = form.save_evidence(city.people["county"], place=city.areas[0], key="k")
        assert [e.name for e in made] == ["一.jpg", "二.pdf"]
        assert Evidence.objects.count() == 2

    def test_each_refusal_names_its_file(self, city):
        form = self.form(upload(b"MZ", "一.jpg"), upload(picture(), "二.jpg"), upload(b"<svg/>", "三.svg"))
        assert not form.is_valid()
        assert ["一.jpg" in form.errors["evidence_files"][0], "三.svg" in form.errors["evidence_files"][1]] == [
            True,
            True,
        ]

    def test_needed_and_dated(self, city):
        assert "evidence_files" in self.form().errors
        assert "evidence_effective_on" in self.form(upload(picture()), evidence_effective_on="").errors
        assert "evidence_effective_on" in self.form(upload(picture()), evidence_effective_on="2999-01-01").errors
        assert "evidence_files" in self.form(*(upload(picture(), f"{n}.jpg") for n in range(21))).errors
