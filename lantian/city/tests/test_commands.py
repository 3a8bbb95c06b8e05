"""The commands of the operator: load a pack, make people, list them, give a new password."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from lantian.city.cli import city as command
from lantian.city.models import Membership, Place, User
from lantian.records.models import AuditEntry

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_help_names_the_commands_without_the_database():
    code, text = run("--help")
    assert code == 0
    for name in ("check", "load", "user"):
        assert name in text


def test_a_pack_is_loaded_and_loading_again_says_so(settings, tmp_path):
    settings.LANTIAN_DATA = tmp_path
    code, text = run("load", "xinzhou", "--demo")
    assert code == 0, text
    assert "loaded." in text
    assert Place.objects.areas().count() == 16
    assert Membership.objects.filter(role="office").exists()
    office = next(line for line in text.splitlines() if line.startswith("office\t"))
    assert User.objects.get(username="office").check_password(office.split("\t")[1])
    assert "unchanged." in run("load", "xinzhou")[1]


def test_an_unknown_pack_and_a_broken_one_are_refused(tmp_path):
    code, text = run("load", "nowhere")
    assert code == 2
    assert "xinzhou" in text
    (tmp_path / "pack.toml").write_text("broken", encoding="utf-8")
    code, text = run("load", str(tmp_path))
    assert code == 1
    assert "nothing was loaded" in text
    assert not Place.objects.exists()


def test_a_person_is_made_with_a_role_or_not_at_all(city):
    code, text = run("user", "add", "li", "--name", "李", "--role", "county", "--place", city.areas[0].code)
    assert code == 0, text
    user = User.objects.get(username="li")
    assert user.check_password(text.strip().split("\t")[1])
    assert user.must_change_password
    assert AuditEntry.objects.get(action="city.role_grant").actor_name == "system"
    for wrong in (
        ("--role", "county"),
        ("--role", "emperor"),
        ("--role", "department", "--agency", "没有的局"),
        ("--role", "county", "--place", "没有的县"),
    ):
        code, text = run("user", "add", "wang", "--name", "王", *wrong)
        assert code != 0
        assert "Traceback" not in text
        assert not User.objects.filter(username="wang").exists()


def test_people_are_listed_with_their_roles(city):
    User.objects.filter(username="town").update(is_active=False)
    listed = run("user", "list")[1]
    assert "county\tcounty\tcounty" in listed
    assert "\ntown\t" not in listed
    assert "\ntown\t" in run("user", "list", "--all")[1]


def test_a_new_password_is_printed_once(city):
    code, text = run("user", "password", "county")
    assert code == 0
    assert User.objects.get(username="county").check_password(text.strip().split("\t")[1])
    assert run("user", "password", "nobody-here")[0] == 2
