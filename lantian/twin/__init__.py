"""The twin: a synthetic city with known truth. Nothing in the house imports it."""

from lantian.twin.city import City, make_city
from lantian.twin.places import Area

__all__ = ["Area", "City", "make_city"]
