"""The one form: dressed, guarded, and it keeps what was typed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django import forms
from django.template.loader import render_to_string

from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.kit.forms import KitForm, day_field, perform, status_of, text_field


class Example(KitForm):
    submit_label = "Send"
    reason = text_field(label="Why", help_text="One sentence")
    day = day_field(label="Day", required=False)
    sure = forms.BooleanField(label="Sure", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A")], required=False)


class Record(SimpleNamespace):
    def refresh_from_db(self):
        self.version = 9


@pytest.fixture
def page(rf):
    def _page(form):
        return render_to_string("kit/form.html", {"form": form}, request=None)

    return _page


def test_an_empty_form_carries_version_and_a_new_key(page):
    one, two = Example.of(Record(version=3)), Example.of(Record(version=3))
    assert 'name="version" value="3"' in page(one)
    assert one.initial["key"] != two.initial["key"]


def test_widgets_wear_the_classes_of_the_frame(page):
    shown = page(Example.of(Record(version=1)))
    for css in ("form-control", "form-check-input", "form-select"):
        assert css in shown
    assert 'type="date"' in shown
    assert "style=" not in shown


def test_guards_are_what_services_take():
    form = Example({"reason": "x", "version": "4", "key": "k"})
    assert form.is_valid()
    assert form.guards == {"seen_version": 4, "key": "k"}


def test_a_missing_key_is_none():
    form = Example({"reason": "x"})
    assert form.is_valid()
    assert form.guards == {"seen_version": None, "key": None}


def test_a_refusal_stands_beside_its_field_and_the_input_stays(page):
    def act(data):
        raise DomainError("Too short.", hint="Write more.", field="reason")

    form = Example({"reason": "hm", "version": "1", "key": "k"})
    assert perform(form, act) is None
    assert form.errors["reason"] == ["Too short. Write more."]
    assert status_of(form) == 400
    shown = page(form)
    assert ">\nhm</textarea>" in shown


def test_a_refusal_of_an_unknown_or_hidden_field_stands_on_top(page):
    for field in ("elsewhere", "version", ""):
        form = Example({"reason": "hm"})
        perform(form, lambda data, field=field: (_ for _ in ()).throw(DomainError("No.", field=field)))
        assert form.non_field_errors() == ["No."]


def test_after_a_conflict_the_form_carries_the_present_version():
    def act(data):
        raise Conflict("Changed.")

    form, record = Example({"reason": "hm", "version": "1", "key": "k"}), Record(version=1)
    assert perform(form, act, record=record) is None
    assert status_of(form) == 409
    assert form["version"].value() == "9"
    assert form["key"].value() != "k"
    assert form["reason"].value() == "hm"


def test_hostile_input_is_shown_as_text(page):
    form = Example({"reason": "<script>alert(1)</script>", "kind": "zz"})
    assert not form.is_valid()
    shown = page(form)
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_wrong_input_is_unprocessable():
    form = Example({"reason": ""})
    assert perform(form, lambda data: pytest.fail("must not be called")) is None
    assert status_of(form) == 422


def test_a_person_without_the_role_gets_no_form_back():
    def act(data):
        raise NotAllowed("Not you.")

    with pytest.raises(NotAllowed):
        perform(Example({"reason": "hm"}), act)
