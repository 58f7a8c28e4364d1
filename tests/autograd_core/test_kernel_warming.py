"""A second process compiles from the other end: when it is started, and that it is ended."""

import os
import sys
from pathlib import Path

import pytest

from autograd_core.engines import kernel
from autograd_core.engines.kernel import warming


class Helper:
    """A process that does nothing; what became of it."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def terminate(self) -> None:
        self.ended.append("terminated")

    def wait(self) -> None:
        self.ended.append("awaited")


class Loop:
    """A loop that notes that it was compiled, or cannot be."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken, self.compiled = broken, False

    def compile(self) -> None:
        if self.broken:
            raise RuntimeError("it does not compile")
        self.compiled = True


@pytest.fixture
def loops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Loop]:
    """Two loops in place of the kernel's, an empty folder, and two processors, one of them idle."""
    made = [Loop(), Loop()]
    monkeypatch.setattr(warming, "LOOPS", dict(enumerate(made)))
    monkeypatch.setattr(warming, "folder", lambda: tmp_path)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (0.9, 5.0, 5.0), raising=False)
    return made


@pytest.fixture
def helpers(loops: list[Loop], monkeypatch: pytest.MonkeyPatch) -> list[Helper]:
    """Those that are started."""
    started: list[Helper] = []

    def start() -> Helper:
        started.append(Helper())
        return started[-1]

    monkeypatch.setattr(warming, "_start", start)
    return started


def test_where_nothing_is_compiled_a_helper_is_started_and_ended(
    loops: list[Loop], helpers: list[Helper]
) -> None:
    kernel.warm()
    assert [helper.ended for helper in helpers] == [["terminated", "awaited"]]
    assert all(loop.compiled for loop in loops)


def test_a_loop_that_does_not_compile_leaves_no_helper_behind(
    loops: list[Loop], helpers: list[Helper]
) -> None:
    loops[1].broken = True
    with pytest.raises(RuntimeError):
        kernel.warm()
    assert [helper.ended for helper in helpers] == [["terminated", "awaited"]]


@pytest.mark.parametrize("reason", ["compiled", "one processor", "busy", "no folder"])
def test_a_helper_that_would_be_of_no_use_is_not_started(
    reason: str,
    loops: list[Loop],
    helpers: list[Helper],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if reason == "compiled":
        (tmp_path / "first_order.forward-1.py311.nbi").touch()
    elif reason == "one processor":
        monkeypatch.setattr(os, "cpu_count", lambda: 1)
    elif reason == "busy":
        monkeypatch.setattr(os, "getloadavg", lambda: (1.1, 0.0, 0.0), raising=False)
    else:
        monkeypatch.setattr(warming, "folder", lambda: None)
    kernel.warm()
    assert not helpers
    assert all(loop.compiled for loop in loops)


def test_where_there_is_no_python_to_run_all_is_compiled_here(
    loops: list[Loop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    kernel.warm()
    assert all(loop.compiled for loop in loops)


def test_a_helper_fetches_or_compiles_all_and_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.warm()
    monkeypatch.chdir(tmp_path)
    helper = warming._start()
    assert helper is not None
    assert helper.wait(timeout=100) == 0
