"""Many rows of one claim as one test, which names every row that fails.

`pytest.mark.parametrize` makes a test of each row. That costs some milliseconds before the first
assert (to collect, to set up, to send to a worker and to report), which for thousands of rows of
half a millisecond is nearly all of the time. So a table of rows that are cheap and need no fixture
of their own is one test; `TABLES=apart pytest ...` makes a test of each row again, to run one of
them, or to step through it.
"""

from __future__ import annotations

import inspect
import os
import reprlib
from collections.abc import Callable, Iterable
from functools import wraps
from itertools import islice
from traceback import format_exception
from types import TracebackType
from typing import Any

import pytest

APART = os.environ.get("TABLES") == "apart"
_SHOWN = 5  # tracebacks of a test; the rows of all failures are named

Test = Callable[..., None]
Names = Callable[[Any], object] | Iterable[str]


def table(names: str, rows: Iterable[Any], ids: Names | None = None) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, whose arguments these are, in one test.

    Fails with a text that names each row that failed, and shows how the first few did.
    """
    rows = list(rows)
    if APART:
        return pytest.mark.parametrize(names, rows, ids=ids)
    assert rows, f"no rows of {names}"
    columns = [name.strip() for name in names.split(",")]
    called = _called(rows, ids)

    def decorate(test: Test) -> Test:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            failed: dict[str, BaseException] = {}
            for name, row in zip(called, rows, strict=True):
                values = [row] if len(columns) == 1 else row
                try:
                    test(**fixtures, **dict(zip(columns, values, strict=True)))
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # all are reported
                    failed[f"{len(failed) + 1}: {name}"] = error
            if failed:
                pytest.fail(_report(failed, len(rows)), pytrace=False)

        signature = inspect.signature(test)
        rest = [each for name, each in signature.parameters.items() if name not in columns]
        run.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
        return run

    return decorate


def _called(rows: Iterable[Any], ids: Names | None) -> list[str]:
    if ids is None:
        return list(map(reprlib.repr, rows))
    return [str(ids(row)) for row in rows] if callable(ids) else list(ids)


def _report(failed: dict[str, BaseException], rows: int) -> str:
    shown = [
        f"--- row {name}\n{''.join(format_exception(error.with_traceback(_inside(error))))}"
        for name, error in islice(failed.items(), _SHOWN)
    ]
    return "\n".join([f"{len(failed)} of {rows} rows fail:", *failed, "", *shown])


def _inside(error: BaseException) -> TracebackType | None:
    """Where a test failed, without the call of the test."""
    return error.__traceback__ and error.__traceback__.tb_next
