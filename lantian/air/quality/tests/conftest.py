"""The store tells nobody here, as in the tests of the room."""

from lantian.air.tests.conftest import _no_trail

__all__ = ["_no_trail"]
