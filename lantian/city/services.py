"""Verbs of the city room: load a pack, manage people, their roles and their tokens."""

from lantian.city.demo import DemoLogin, create_demo_people
from lantian.city.loading import LoadReport, Tally, load_pack_into_database

__all__ = [
    "DemoLogin",
    "LoadReport",
    "Tally",
    "create_demo_people",
    "load_pack_into_database",
]
