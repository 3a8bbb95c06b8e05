"""What the reader notes in plain English is shown in the person's language."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from lantian.plan.reader_words import note_text

NOTES = (
    "no number in the text",
    "object taken from the title",
    "object assumed from the unit",
    "year of the plan",
    "from the front of the sentence; year of the plan",
    "by day 20",
    "rate 每小时",
    "heating season from 11-01",
    "taken over from the words before",
)


@pytest.mark.parametrize("note", NOTES)
def test_a_note_is_said_in_chinese(note):
    with translation.override("zh-hans"):
        assert not re.search("[A-Za-z]{2,}", note_text(note)), note_text(note)


def test_an_unknown_note_is_shown_as_it_stands():
    assert note_text("something new") == "something new"
