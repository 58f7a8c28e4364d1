"""A table of rows is one test that runs every row and names those that fail."""

from __future__ import annotations

import pytest

from tests.tables import APART, table

pytestmark = pytest.mark.skipif(APART, reason="there are no tables")


def test_every_row_runs_and_those_that_fail_are_named() -> None:
    seen = []

    @table("a, b", [(1, 1), (1, 2), (3, 3), (3, 4)], ids=lambda row: f"{row[0]} and {row[1]}")
    def equal(a: int, b: int) -> None:
        seen.append((a, b))
        if a == 1:
            assert a == b
        elif a != b:
            pytest.fail("by hand")

    with pytest.raises(pytest.fail.Exception) as failure:
        equal()
    assert seen == [(1, 1), (1, 2), (3, 3), (3, 4)]
    text = str(failure.value)
    assert text.startswith("2 of 4 rows fail:\n1: 1 and 2\n2: 3 and 4\n")
    assert "assert 1 == 2" in text
    assert "by hand" in text


def test_tables_of_tables_are_every_pair() -> None:
    seen = []

    @table("a", [1, 2])
    @table("b", [3, 4])
    def pairs(a: int, b: int) -> None:
        seen.append((a, b))

    pairs()
    assert seen == [(1, 3), (1, 4), (2, 3), (2, 4)]


def test_a_table_without_rows_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="no rows of a"):
        table("a", [])


@table("row", ["x", "y"])
def test_fixtures_reach_every_row(row: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert (tmp_path_factory.mktemp(row)).is_dir()
