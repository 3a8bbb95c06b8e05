"""The examples of docs/sources-rules.md are run."""

import doctest
from pathlib import Path


def test_the_examples_of_the_document() -> None:
    path = Path(__file__).resolve().parents[3] / "docs" / "sources-rules.md"
    result = doctest.testfile(str(path), module_relative=False)
    assert result.attempted >= 8
    assert result.failed == 0
