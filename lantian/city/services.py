"""Verbs of the city room: load a pack, manage people, their roles and their tokens."""

from lantian.city.agencies import name_agency
from lantian.city.demo import DemoLogin, create_demo_people
from lantian.city.loading import LoadReport, Tally, load_pack_into_database
from lantian.city.people import (
    change_own_password,
    create_user,
    edit_own_profile,
    edit_user,
    reset_password,
    set_active,
    unlock,
)
from lantian.city.roles import end_role, grant_role
from lantian.city.tokens import create_token, find_token, revoke_token

__all__ = [
    "DemoLogin",
    "LoadReport",
    "Tally",
    "change_own_password",
    "create_demo_people",
    "create_token",
    "create_user",
    "edit_own_profile",
    "edit_user",
    "end_role",
    "find_token",
    "grant_role",
    "load_pack_into_database",
    "name_agency",
    "reset_password",
    "revoke_token",
    "set_active",
    "unlock",
]
