"""Messages: each in the reader's language, once, delivered when listed, read when opened."""

from __future__ import annotations

import pytest
from django.utils.translation import gettext, gettext_lazy

from lantian.records.models import Notification
from lantian.records.services import Wording, mark_read, notify

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_languages(city):
    english = city.people["county2"]
    english.language = "en"
    english.save()
    return city.people["county"], english


def test_everybody_reads_it_in_their_own_language(city, two_languages):
    chinese, english = notify(
        two_languages,
        kind="test.place",
        subject=Wording(gettext_lazy("“%(evidence)s” was rejected"), evidence=city.areas[0]),
        body=lambda: gettext("accepted"),
    )
    assert chinese.subject == "“甲县”未被采纳"
    assert english.subject == "“County 1” was rejected"
    assert (chinese.body, english.body) == (gettext("accepted"), "accepted")


def test_lazy_and_plain_texts(city, two_languages):
    chinese, english = notify(two_languages, kind="test", subject=gettext_lazy("evidence"), body="100 % 原文")
    assert (chinese.subject, english.subject) == ("佐证材料", "evidence")
    assert chinese.body == english.body == "100 % 原文"


def test_the_same_message_is_sent_once_to_each_person(city, two_languages):
    first = notify(two_languages[:1], kind="test", subject="x", dedupe_key_prefix="round-7")
    both = notify(two_languages, kind="test", subject="y", dedupe_key_prefix="round-7")
    assert both[0].pk == first[0].pk
    assert [n.subject for n in both] == ["x", "y"]
    assert Notification.objects.count() == 2


def test_a_very_long_key_still_tells_messages_apart(city):
    people = [city.people["county"]]
    for end in "ab":
        notify(people, kind="test", subject="x", dedupe_key_prefix="k" * 200 + end)
        notify(people, kind="test", subject="x", dedupe_key_prefix="k" * 200 + end)
    assert Notification.objects.count() == 2


def test_a_person_named_twice_or_inactive(city):
    gone = city.people["town"]
    gone.is_active = False
    sent = notify([city.people["county"], city.people["county"], gone], kind="test", subject="x")
    assert [n.recipient.username for n in sent] == ["county"]


def test_the_number_of_queries_does_not_grow(city, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        assert len(notify(city.people.values(), kind="t", subject="x", dedupe_key_prefix="p")) == len(city.people)


@pytest.mark.parametrize("link", ["https://example.com/", "//example.com/", "javascript:alert(1)", "page"])
def test_a_link_leads_nowhere_else(city, link):
    with pytest.raises(ValueError, match="no path"):
        notify([city.people["county"]], kind="test", subject="x", link=link)


def test_reading_counts_as_delivery_and_only_for_the_reader(city):
    mine, theirs = notify([city.people["county"], city.people["county2"]], kind="test", subject="x")
    assert mark_read(city.people["county"], pks=[mine.pk, theirs.pk]) == 1
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert mine.read_at == mine.delivered_at
    assert theirs.read_at is theirs.delivered_at is None
    assert mark_read(city.people["county"]) == 0
