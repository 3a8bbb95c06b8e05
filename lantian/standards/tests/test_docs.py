"""The examples of docs/standards.md run as they stand there."""

import doctest
from pathlib import Path

import pytest

import lantian.standards as library

PAGE = Path(__file__).resolve().parents[3] / "docs/standards.md"


def test_the_examples_of_the_page_run() -> None:
    # A closing fence after the last result would be read as output: the page leaves an empty line before each.
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted > 50
    assert found.failed == 0


def test_the_library_offers_what_it_says() -> None:
    assert doctest.testmod(library).failed == 0
    for name in dir(library):
        assert getattr(library, name).__doc__, name
    with pytest.raises(AttributeError, match="no_such_thing"):
        getattr(library, "no_such_" + "thing")
