"""The pages of the room, opened by each role and by nobody."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from lantian.records.models import Evidence, Notification
from lantian.records.services import add_evidence, audit, notify, review_evidence
from lantian.records.tests.samples import exif_of, pdf, picture, upload
from lantian.records.tests.tampering import sql

pytestmark = pytest.mark.django_db
DAY = dt.date(2020, 6, 4)
ROLES = ("office", "dept", "county", "county2", "town", "enterprise", "inspector", "public", "admin", "nobody")


@pytest.fixture
def evidence(city):
    """A picture of county 0 with a date and a place in it."""
    return add_evidence(
        city.people["county"], upload(picture(exif=exif_of()), "现场.jpg"), effective_on=DAY, title="拆除现场",
        place=city.areas[0],
    )  # fmt: skip


def statuses(city, login, address: str) -> dict[str, int]:
    return {role: login(city.people[role]).get(address).status_code for role in ROLES}


class TestWhoSeesWhat:
    def test_evidence_pages(self, city, login, evidence):
        seen = {"office": 200, "county": 200, "inspector": 200, "dept": 404, "county2": 404, "town": 404,
                "enterprise": 404, "public": 403, "admin": 403, "nobody": 403}  # fmt: skip
        for name in ("evidence", "evidence_download", "evidence_thumb"):
            assert statuses(city, login, reverse(f"records:{name}", args=[evidence.pk])) == seen

    def test_the_evidence_list_shows_only_ones_own(self, city, login, evidence):
        shown = {role: login(city.people[role]).get("/evidence/") for role in ROLES}
        assert {role for role, page in shown.items() if page.status_code == 403} == {"public", "admin", "nobody"}
        assert {role for role, page in shown.items() if "拆除现场" in page.text} == {"office", "county", "inspector"}

    def test_the_audit_pages(self, city, login, evidence):
        for address in ("/audit/", "/audit/1/"):
            allowed = {role for role, status in statuses(city, login, address).items() if status == 200}
            assert allowed == {"office", "admin"}
        posts = {role: login(city.people[role]).post("/audit/verify/").status_code for role in ROLES}
        assert {role for role, status in posts.items() if status == 200} == {"office", "admin"}

    def test_everybody_has_an_inbox(self, city, login):
        assert set(statuses(city, login, "/inbox/").values()) == {200}

    @pytest.mark.parametrize("address", ["/evidence/", "/evidence/1/", "/evidence/1/file/", "/audit/", "/inbox/"])
    def test_nobody_is_sent_to_the_login(self, client, city, address):
        assert client.get(address).headers["Location"].startswith("/login/")

    def test_posts_are_posts(self, city, login, evidence):
        browser = login(city.people["office"])
        for name in ("evidence_review", "evidence_replace", "evidence_check"):
            assert browser.get(reverse(f"records:{name}", args=[evidence.pk])).status_code == 405
        assert browser.get("/audit/verify/").status_code == 405
        assert browser.get("/inbox/read/").status_code == 405


class TestFilesGoOut:
    def test_as_attachments_that_run_nothing(self, city, login, evidence):
        answer = login(city.people["county"]).get(reverse("records:evidence_download", args=[evidence.pk]))
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert b"".join(answer.streaming_content) == picture(exif=exif_of())

    def test_pictures_are_encoded_anew_without_metadata(self, city, login, evidence):
        for size in ("", "?size=view"):
            answer = login(city.people["county"]).get(reverse("records:evidence_thumb", args=[evidence.pk]) + size)
            assert answer.headers["Content-Type"] == "image/jpeg"
            assert b"Camera 7" not in answer.content
            assert b"Exif" not in answer.content
            assert answer.content.startswith(b"\xff\xd8\xff")

    def test_what_is_no_picture_has_no_thumb(self, city, login):
        made = add_evidence(city.people["county"], upload(pdf(), "a.pdf"), effective_on=DAY, place=city.areas[0])
        browser = login(city.people["county"])
        assert browser.get(reverse("records:evidence_thumb", args=[made.pk])).status_code == 404
        assert "PDF" in browser.get(reverse("records:evidence", args=[made.pk])).text

    def test_a_file_that_is_gone_says_so(self, city, login, evidence, settings):
        for path in settings.FILES_DIR.rglob(evidence.file_id + "*"):
            path.unlink()
        answer = login(city.people["county"]).get(reverse("records:evidence_download", args=[evidence.pk]))
        assert answer.status_code == 404
        assert evidence.file_id[:12] in answer.text


class TestViewer:
    def page(self, city, login, evidence, role="office", **headers):
        return login(city.people[role]).get(reverse("records:evidence", args=[evidence.pk]), **headers)

    def test_it_shows_what_is_known(self, city, login, evidence):
        text = self.page(city, login, evidence).text
        for part in (
            evidence.file_id,
            "2020-06-04",
            "2020-06-01 09:30",
            "38.420000, 112.734167",
            "Camera 7",
            "40 × 30",
        ):
            assert part in text
        assert "比生效日期早 3 天" in text

    def test_review_with_words(self, city, login, evidence):
        browser = login(city.people["office"])
        address = reverse("records:evidence_review", args=[evidence.pk])
        refused = browser.post(address, {"verdict": "reject", "note": " ", "version": 1})
        assert refused.status_code == 400
        assert "不采纳必须说明理由" in refused.text
        assert browser.post(address, {"verdict": "reject", "note": "看不清", "version": 1}).status_code == 302
        evidence.refresh_from_db()
        assert (evidence.review, evidence.review_note, evidence.version) == ("rejected", "看不清", 2)
        message = Notification.objects.get(recipient=city.people["county"])
        assert message.body == "看不清"
        assert message.link == reverse("records:evidence", args=[evidence.pk])

    def test_two_reviewers_at_once(self, city, login, evidence):
        browser = login(city.people["office2"])
        review_evidence(city.people["office"], evidence, True)
        answer = browser.post(
            reverse("records:evidence_review", args=[evidence.pk]), {"verdict": "reject", "note": "不行", "version": 1}
        )
        assert answer.status_code == 409
        assert "不行" in answer.text
        assert 'name="version" value="2"' in answer.text

    def test_nobody_reviews_their_own(self, city, login, evidence):
        address = reverse("records:evidence_review", args=[evidence.pk])
        assert address not in self.page(city, login, evidence, "county").text
        assert login(city.people["county"]).post(address, {"verdict": "accept"}).status_code == 403
        own = add_evidence(city.people["office"], upload(picture()), effective_on=DAY)
        own_address = reverse("records:evidence_review", args=[own.pk])
        assert login(city.people["office"]).post(own_address, {"verdict": "accept"}).status_code == 403

    def test_replacement(self, city, login, evidence):
        review_evidence(city.people["office"], evidence, False, "看不清")
        browser = login(city.people["county"])
        address = reverse("records:evidence_replace", args=[evidence.pk])
        form = {"evidence_effective_on": "2020-06-05", "key": "k1"}
        answer = browser.post(address, {**form, "evidence_files": upload(picture(colour="red"), "新.jpg")})
        newer = Evidence.objects.get(replaces=evidence)
        assert answer.headers["Location"] == reverse("records:evidence", args=[newer.pk])
        assert (newer.title, newer.place, newer.review) == ("拆除现场", city.areas[0], "pending")
        older = self.page(city, login, evidence).text
        assert reverse("records:evidence", args=[newer.pk]) in older
        assert reverse("records:evidence_review", args=[evidence.pk]) not in older
        again = login(city.people["county"]).post(
            address, {**form, "evidence_files": upload(picture(), "x.jpg"), "key": "k2"}
        )
        assert again.status_code == 409

    def test_a_bad_replacement_keeps_what_was_typed(self, city, login, evidence):
        answer = login(city.people["county"]).post(
            reverse("records:evidence_replace", args=[evidence.pk]),
            {
                "evidence_effective_on": "2020-06-05",
                "evidence_title": "新标题",
                "evidence_files": upload(b"<svg/>", "a.svg"),
            },
        )
        assert answer.status_code == 422
        assert "SVG" in answer.text
        assert "新标题" in answer.text

    def test_what_was_accepted_stays(self, city, login, evidence):
        review_evidence(city.people["office"], evidence, True)
        answer = login(city.people["county"]).post(reverse("records:evidence_replace", args=[evidence.pk]), {})
        assert answer.status_code == 409

    def test_others_do_not_replace(self, city, login, evidence):
        answer = login(city.people["office"]).post(reverse("records:evidence_replace", args=[evidence.pk]), {})
        assert answer.status_code == 403

    @pytest.mark.parametrize(("damage", "words"), [(None, "未被改动"), (b"x", "已被改动"), ("gone", "缺失")])
    def test_the_file_is_hashed_again(self, city, login, evidence, damage, words, settings):
        path = next(settings.FILES_DIR.glob(f"*/*/{evidence.file_id}"))
        if damage == "gone":
            path.unlink()
        elif damage:
            path.write_bytes(damage)
        answer = login(city.people["office"]).post(reverse("records:evidence_check", args=[evidence.pk]), follow=True)
        assert words in answer.text


class TestEvidenceList:
    def test_filters(self, city, login, evidence):
        add_evidence(city.people["office"], upload(pdf(), "通报.pdf"), effective_on=dt.date(2020, 7, 1))
        browser = login(city.people["office"])
        for query, titles in {
            "q=拆除": {"拆除现场"},
            f"q={evidence.file_id[:8]}": {"拆除现场"},
            "review=accepted": set(),
            f"place={city.areas[0].pk}": {"拆除现场"},
            "kind=application/pdf": {"通报.pdf"},
            "since=2020-06-10": {"通报.pdf"},
            "until=2020-06-10": {"拆除现场"},
            "mine=1": {"通报.pdf"},
        }.items():
            table = browser.get(f"/evidence/?{query}").context["table"]
            assert {str(row.record) for row in table.paginated_rows} == titles, query

    def test_the_badge_has_the_colour_of_its_review(self, city, login, evidence):
        review_evidence(city.people["office"], evidence, True)
        page = login(city.people["office"]).get("/evidence/").text
        assert '<span class="badge lt-green" data-value="accepted">已采纳</span>' in page
        assert "已采纳" in login(city.people["office"]).get("/evidence/?export=csv&columns=review").text

    def test_export_of_what_is_seen(self, city, login, evidence):
        answer = login(city.people["office"]).get("/evidence/?export=csv&columns=evidence,hash,size")
        assert f"拆除现场,{evidence.file_id},{evidence.file.size}" in answer.text

    def test_the_number_of_queries_is_constant(self, city, login, django_assert_num_queries):
        browser = login(city.people["county"])
        counts = []
        for _round in range(2):
            for colour in ("red", "blue", "green"):
                add_evidence(
                    city.people["county"], upload(picture(colour=colour)), effective_on=DAY, place=city.areas[0],
                    agency=city.agencies["能源局"],
                )  # fmt: skip
            from django.db import connection
            from django.test.utils import CaptureQueriesContext

            with CaptureQueriesContext(connection) as queries:
                assert browser.get("/evidence/").status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 20


def test_search_finds_only_what_is_seen(city, evidence):
    from lantian.city.access import scope_of
    from lantian.kit.search import search

    found = {who: search(scope_of(city.people[who]), "拆除 现场") for who in ("office", "county", "county2", "public")}
    titles = {
        who: [hit.title for source, hits in groups if source.kind == "evidence" for hit in hits]
        for who, groups in found.items()
    }
    assert titles == {"office": ["拆除现场"], "county": ["拆除现场"], "county2": [], "public": []}


class TestAudit:
    def test_changes_are_shown_old_and_new_in_words(self, city, login, evidence):
        review_evidence(city.people["office"], evidence, False, "看不清")
        text = login(city.people["office"]).get("/audit/").text
        assert "<li>审核: <del>未审核</del> → <ins>未采纳</ins></li>" in text
        assert "不采纳佐证材料" in text
        exported = login(city.people["office"]).get("/audit/?export=csv&columns=seq,changes").text
        assert "审核: 未审核 → 未采纳" in exported

    def test_hostile_content_stays_text(self, city, login):
        audit(city.people["office"], "test.x", city.areas[0], changes={"<b>": ("<script>alert(1)</script>", "x")})
        assert "<script>alert" not in login(city.people["office"]).get("/audit/").text

    def test_filters(self, city, login, evidence):
        audit(
            city.people["dept"], "plan.verify", city.areas[1], changes={"note": ("旧", "新的说明")}, reason="现场核查"
        )
        browser = login(city.people["office"])
        today = dt.date.today().isoformat()
        for query, seqs in {
            "action=plan.verify": {2},
            "actor=dept": {2},
            "target=乙县": {2},
            f"target=records.evidence:{evidence.pk}": {1},
            f"since={today}": {1, 2},
            "until=2001-01-01": set(),
            "q=新的说明": {2},
            "q=现场核查": {2},
            f"q={evidence.file_id}": {1},
            "q=100%25": set(),
        }.items():
            table = browser.get(f"/audit/?{query}").context["table"]
            assert {row.record.seq for row in table.paginated_rows} == seqs, query

    def test_an_entry_with_everything(self, city, login, evidence):
        text = login(city.people["admin"]).get("/audit/1/").text
        assert evidence.file_id in text
        assert "0" * 64 in text
        assert login(city.people["admin"]).get("/audit/99/").status_code == 404

    def test_the_button_verifies(self, city, login, evidence):
        browser = login(city.people["admin"])
        assert "审计链完整" in browser.post("/audit/verify/").text
        sql("UPDATE records_auditentry SET reason = 'x' WHERE seq = 1")
        broken = browser.post("/audit/verify/").text
        assert "审计链已被破坏" in broken
        assert "#1 被修改" in broken
        wrong = browser.post("/audit/verify/", {"anchor": "nonsense"})
        assert wrong.status_code == 400
        assert "nonsense" in wrong.text


class TestInbox:
    def test_listed_is_delivered_and_opened_is_read(self, city, login):
        mine, elsewhere = notify(
            [city.people["county"], city.people["county2"]], kind="t", subject="请报送", link="/evidence/"
        )
        browser = login(city.people["county"])
        assert "<strong>请报送</strong>" in browser.get("/inbox/").text
        mine.refresh_from_db()
        elsewhere.refresh_from_db()
        assert mine.delivered_at is not None
        assert mine.read_at is None
        assert elsewhere.delivered_at is None
        answer = browser.get(reverse("records:notification_open", args=[mine.pk]))
        assert answer.headers["Location"] == "/evidence/"
        mine.refresh_from_db()
        assert mine.read_at is not None
        assert "<strong>请报送</strong>" not in browser.get("/inbox/").text

    def test_what_is_not_on_the_page_is_not_delivered(self, city, login):
        for n in range(30):
            notify([city.people["county"]], kind="t", subject=str(n))
        login(city.people["county"]).get("/inbox/?per_page=25")
        assert Notification.objects.filter(delivered_at__isnull=True).count() == 5

    def test_messages_of_others(self, city, login):
        theirs = notify([city.people["county2"]], kind="t", subject="x")[0]
        address = reverse("records:notification_open", args=[theirs.pk])
        assert login(city.people["county"]).get(address).status_code == 404
        login(city.people["county"]).post("/inbox/read/")
        theirs.refresh_from_db()
        assert theirs.read_at is None

    def test_unread_filter_and_all_read(self, city, login):
        notify([city.people["county"]], kind="t", subject="一")
        browser = login(city.people["county"])
        assert len(browser.get("/inbox/?unread=1").context["table"].rows) == 1
        assert "已标为已读：1 条" in browser.post("/inbox/read/", follow=True).text
        assert len(browser.get("/inbox/?unread=1").context["table"].rows) == 0
        assert len(browser.get("/inbox/?unread=0").context["table"].rows) == 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("address", ["/evidence/", "/audit/", "/inbox/", "/evidence/{}/", "/audit/1/"])
def test_no_page_has_inline_styles_or_scripts(city, login, evidence, address, language):
    browser = login(city.people["office"])
    browser.cookies["lantian_language"] = language
    text = browser.get(address.format(evidence.pk)).text
    assert f'lang="{language}"' in text
    for forbidden in (" style=", "<style", "onclick=", "<script>"):
        assert forbidden not in text
