"""Files by the browser: sent, checked by the worker, confirmed, written once; stopped and resumed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lantian.air import jobs
from lantian.air.models import ImportJob
from lantian.air.reading.importing import store_in
from lantian.air.services import imports as services
from lantian.air.tests.files import HEADER, QUIET, hours_of, line
from lantian.kit.errors import DomainError, NotAllowed, Unlawful
from lantian.observations import hooks
from lantian.observations.model import Query
from lantian.records import observing
from lantian.records.models import AuditEntry

pytestmark = pytest.mark.django_db
DAY = dt.date(2020, 5, 1)
FORM = "cnemc-city-hourly"


@pytest.fixture(autouse=True)
def data(settings, tmp_path, monkeypatch):
    settings.LANTIAN_DATA = tmp_path / "data"
    monkeypatch.setattr(hooks, "_trail", [observing.receive])
    jobs._last.clear()
    return settings.LANTIAN_DATA


def file_of(rows, name="may.csv", encoding="utf-8"):
    return SimpleUploadedFile(name, ("\n".join([HEADER, *rows]) + "\n").encode(encoding))


def sent(city, rows=None, **options):
    return services.submit(
        city.people["office"],
        file_of(rows or hours_of(DAY, "甲")),
        form=FORM,
        declared=options.pop("declared", {}),
        **options,
    )


def after(job):
    jobs.work()
    job.refresh_from_db()
    return job


def values(data):
    return len(store_in(data).reader().observations(Query()).polars())


def actions():
    return list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))


class TestServices:
    def test_a_file_is_checked_then_written_once(self, city, data):
        office = city.people["office"]
        job = after(sent(city))
        assert (job.state, job.summary["values"], job.summary["faults"]) == ("looked", 144, 0)
        assert not store_in(data).exists
        services.confirm(office, job, seen_version=job.version)
        job = after(job)
        assert (job.state, job.written, job.part, job.parts, job.repeated) == ("done", 144, 1, 1, False)
        assert values(data) == 144
        assert actions() == ["air.import_submit", "air.import_confirm", "observations.import", "air.import_done"]
        assert AuditEntry.objects.get(action="observations.import").actor == office
        assert services.confirm(office, job).state == "done", "a second click"
        again = after(sent(city))
        assert again.summary["present"] == again.parts == 1
        services.confirm(office, again)
        assert after(again).repeated
        assert values(data) == 144

    def test_bad_values_are_left_out_only_when_somebody_says_so(self, city, data):
        office = city.people["office"]
        job = after(sent(city, [*hours_of(DAY, "甲"), line("2020-05-02 01:00:00", "甲", ("-1", *QUIET[1:]))]))
        assert job.faults == [[26, "PM2.5", "-1", "negative", "3", ""]]
        with pytest.raises(DomainError, match="1"):
            services.confirm(office, job)
        services.confirm(office, job, skip_bad=True)
        assert after(job).state == "done"
        assert values(data) == 149

    def test_a_file_that_cannot_be_read_is_read_otherwise(self, city):
        office = city.people["office"]
        job = services.submit(
            office, file_of(hours_of(DAY, "甲"), encoding="gb18030"), form=FORM, declared={"encoding": "utf-8"}
        )
        job = after(job)
        assert (job.state, job.faults[0][3]) == ("unreadable", "encoding")
        services.declare_again(office, job, declared={"encoding": "gb18030"}, seen_version=job.version)
        assert after(job).summary["places"] == {"甲": 24}

    def test_who_may_and_what_may_be_declared(self, city):
        with pytest.raises(NotAllowed):
            services.submit(city.people["county"], file_of([]), form=FORM, declared={})
        for form, declared, field in (
            ("long", {}, "series"),
            ("long", {"series": "other", "hour_label": "end"}, "series"),
            ("openair", {"series": "long-city", "time_zone": "Europe/Berlin"}, "time_zone"),
            (FORM, {"encoding": "latin-1"}, "encoding"),
            (FORM, {"series": "long-city"}, "series"),
            ("what", {}, "form"),
        ):
            with pytest.raises(DomainError) as error:
                services.submit(city.people["office"], file_of([]), form=form, declared=declared)
            assert error.value.field == field
        assert not ImportJob.objects.exists()

    def test_the_same_key_makes_one_import(self, city):
        assert sent(city, key="k1") == sent(city, key="k1")

    def test_cancelled_before_and_while_it_is_read(self, city, monkeypatch):
        office = city.people["office"]
        job = sent(city)
        assert services.cancel(office, job).state == "cancelled"
        assert jobs.work() == 0
        with pytest.raises(Unlawful):
            services.cancel(office, job)
        job = services.resume(office, ImportJob.objects.get(pk=job.pk))
        real = jobs.look

        def slow(*args, **options):
            services.cancel(office, job)
            options["progress"](1, 2)
            return real(*args, **options)

        monkeypatch.setattr(jobs, "look", slow)
        assert after(job).state == "cancelled"

    def test_what_a_killed_worker_left_is_taken_up_again(self, city, data, monkeypatch):
        """Killed between two parts: the first is in the store, the others are written, nothing twice."""
        monkeypatch.setattr("lantian.air.reading.importers.wide.Wide.part_rows", 10)
        monkeypatch.setattr("lantian.air.reading.importing.CHUNK_ROWS", 10)
        monkeypatch.setattr("lantian.air.reading.tables.CHUNK_ROWS", 10)
        job = after(sent(city))
        assert job.parts == 3
        services.confirm(city.people["office"], job)

        class Killed(BaseException):
            pass

        def die(*args, **options):
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(ImportJob.objects, "filter", ImportJob.objects.filter)
            real = jobs.write
            patch.setattr(jobs, "write", lambda *a, **k: real(*a, **{**k, "on_part": die}))
            with pytest.raises(Killed):
                jobs.work()
        job.refresh_from_db()
        assert (job.state, values(data)) == ("writing", 60)
        jobs._last.clear()
        assert (after(job).state, job.part, job.written) == ("done", 3, 144)
        assert values(data) == 144
        assert store_in(data).register.duplicates() == []

    def test_one_worker_at_a_time(self, city):
        job = sent(city)
        with jobs._alone() as mine:
            assert mine
            assert jobs.work() == 0
        assert after(job).state == "looked"

    def test_a_fault_of_ours_is_said_and_the_queue_goes_on(self, city, monkeypatch):
        first, second = sent(city), sent(city, hours_of(DAY, "乙"))
        real = jobs.look

        def broken(path, *args, **options):
            if options["name"] == "may.csv" and not ImportJob.objects.filter(state="failed").exists():
                raise RuntimeError("oh")
            return real(path, *args, **options)

        monkeypatch.setattr(jobs, "look", broken)
        assert after(first).state == "failed"
        second.refresh_from_db()
        assert (second.state, first.message) == ("looked", "crashed|RuntimeError('oh')")


class TestPages:
    def test_from_the_upload_to_the_end(self, city, login, data):
        browser = login(city.people["office"])
        assert "cnemc-city-hourly" in browser.get(reverse("air:import_new")).text
        address = reverse("air:import_upload", args=[FORM])
        key = "7" * 32
        rows = [*hours_of(DAY, "甲"), line("2020-05-02 01:00:00", "甲", ("x", *QUIET[1:]))]
        answers = [browser.post(address, {"file": file_of(rows), "encoding": "utf-8", "key": key}) for _ in (1, 2)]
        assert {one.status_code for one in answers} == {302}
        job = ImportJob.objects.get()
        page = reverse("air:import", args=[job.pk])
        assert answers[0].headers["Location"] == answers[1].headers["Location"] == page
        assert reverse("air:import_state", args=[job.pk]) in browser.get(page).text
        jobs.work()
        text = browser.get(page).text
        assert "不是数" in text
        assert "PM2.5_24h" in text
        fragment = browser.get(reverse("air:import_state", args=[job.pk]))
        assert fragment.headers["HX-Refresh"] == "true"
        faults = browser.get(reverse("air:import_faults", args=[job.pk]))
        assert "26,PM2.5,x" in faults.content.decode("utf-8-sig")
        job.refresh_from_db()
        refused = browser.post(reverse("air:import_confirm", args=[job.pk]), {"version": job.version})
        assert refused.status_code == 400
        done = browser.post(reverse("air:import_confirm", args=[job.pk]), {"version": job.version, "skip_bad": "on"})
        assert done.status_code == 302
        jobs.work()
        assert "149" in browser.get(page).text
        assert "may.csv" in browser.get(reverse("air:imports")).text

    def test_wrong_input_is_shown_again(self, city, login):
        browser = login(city.people["office"])
        address = reverse("air:import_upload", args=["long"])
        answer = browser.post(
            address,
            {"file": file_of([]), "series": "long-city", "hour_label": "end", "units": "SO2=ppb", "place": "甲山"},
        )
        assert answer.status_code == 400
        assert "ppb" in answer.text
        assert 'value="甲山"' in answer.text
        assert "温度和气压" in answer.text
        assert not ImportJob.objects.exists()

    def test_programs_and_too_large_files_are_refused(self, city, login, settings):
        browser = login(city.people["office"])
        address = reverse("air:import_upload", args=[FORM])
        program = SimpleUploadedFile("a.csv", b"MZ" + b"\0" * 500)
        assert browser.post(address, {"file": program, "encoding": "utf-8"}).status_code in {400, 422}
        settings.MAX_MEASUREMENTS_BYTES = 100
        large = browser.post(address, {"file": file_of(hours_of(DAY, "甲")), "encoding": "utf-8"})
        assert large.status_code == 413
        assert not ImportJob.objects.exists()

    def test_packed_and_odd_bytes_come_to_the_reader(self, city, login):
        import gzip

        browser = login(city.people["office"])
        address = reverse("air:import_upload", args=[FORM])
        packed = SimpleUploadedFile("a.csv.gz", gzip.compress("\n".join([HEADER, *hours_of(DAY, "甲")]).encode()))
        odd = SimpleUploadedFile("b.csv", HEADER.encode() + b"\n\0\0\n")
        for one in (packed, odd):
            assert browser.post(address, {"file": one, "encoding": "utf-8"}).status_code == 302
        jobs.work()
        assert [job.state for job in ImportJob.objects.order_by("pk")] == ["looked", "unreadable"]
        assert ImportJob.objects.last() is not None
        assert ImportJob.objects.get(name="b.csv").faults[0][:4] == [2, "", "", "nul"]

    def test_only_who_imports_sees_them(self, city, login):
        for role in ("county", "dept", "inspector", "public", "nobody"):
            expected = 200 if role == "dept" else 403
            assert login(city.people[role]).get(reverse("air:imports")).status_code == expected, role


class TestFolders:
    @pytest.fixture
    def folder(self, settings, tmp_path, monkeypatch):
        from lantian.air import folders

        monkeypatch.setattr(folders, "SETTLE", 0.05)
        made = tmp_path / "in"
        made.mkdir()
        settings.LANTIAN_AIR_FOLDERS = tmp_path / "folders.toml"
        settings.LANTIAN_AIR_FOLDERS.write_text(
            f'[[folder]]\npath = "{made}"\nformat = "{FORM}"\nactor = "office"\n', encoding="utf-8"
        )
        return made

    def test_its_files_are_imported_and_listed(self, city, folder, data, login):
        from lantian.air import folders

        assert folders.work() == 0
        (folder / "may.csv").write_bytes(file_of(hours_of(DAY, "甲")).read())
        (folder / "bad.csv").write_text("what\n", encoding="utf-8")
        assert folders.work() == 2
        states = {job.name: (job.state, job.origin, job.created_by) for job in ImportJob.objects.all()}
        assert states["may.csv"] == ("done", "folder", city.people["office"])
        assert states["bad.csv"][0] == "failed"
        assert values(data) == 144
        job = ImportJob.objects.get(name="bad.csv")
        page = login(city.people["office"]).get(reverse("air:import", args=[job.pk]))
        assert "缺少列" in page.text
        with pytest.raises(Unlawful):
            services.resume(city.people["office"], job)
        assert folders.work() == 0

    def test_a_wrong_declaration_says_where(self, folder, settings, caplog):
        from lantian.air import folders

        settings.LANTIAN_AIR_FOLDERS.write_text('[[folder]]\npath = "x"\nformat = "long"\n', encoding="utf-8")
        with pytest.raises(folders.FolderError, match="folder 1: series"):
            folders.declared_folders(settings.LANTIAN_AIR_FOLDERS)
        assert folders.work() == 0
        assert "folder 1" in caplog.text
