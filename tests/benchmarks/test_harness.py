"""Measuring in turns, judging, reporting."""

import gc
import re
import sys
import time

import pytest

from benchmarks import cli
from benchmarks.harness import (
    DEEP_STACK,
    Row,
    duration,
    in_deep_thread,
    judged,
    side_by_side,
    unmeasured,
)
from benchmarks.report import machine, table, write


def test_the_slower_one_takes_longer():
    times = side_by_side(
        {"short": lambda: time.sleep(0.001), "long": lambda: time.sleep(0.02)}, quick=True
    )
    assert 0.001 <= times["short"] < times["long"]


def test_contestants_take_turns():
    order = []
    side_by_side({name: lambda name=name: order.append(name) for name in "abc"}, quick=True)
    turns = [name for name, before in zip(order, [None, *order], strict=False) if name != before]
    # once each to see how long they take, then three rounds, each begun by another
    assert "".join(turns) == "abc" + "abc" + "bca" + "cab"


def test_the_collector_is_left_as_it_was():
    frozen = gc.get_freeze_count()
    side_by_side({"nothing": lambda: None}, quick=True)
    assert gc.isenabled()
    assert gc.get_freeze_count() == frozen


@pytest.mark.parametrize(
    "value, bounds, verdict",
    [
        (2.0, {"at_most": 2.0}, "met"),
        (2.1, {"at_most": 2.0}, "missed"),
        (150.0, {"at_least": 150.0}, "met"),
        (149.0, {"at_least": 150.0}, "missed"),
        (float("nan"), {"at_most": 2.0}, "missed"),
        (3.0, {}, "for comparison"),
    ],
)
def test_verdicts(value, bounds, verdict):
    assert judged("what", "target", value, "", **bounds).verdict == verdict


@pytest.mark.parametrize(
    "seconds, text",
    [(75.0, "75 s"), (1.234, "1.23 s"), (0.0456, "45.6 ms"), (7.8e-6, "7.8 µs"), (9e-9, "9 ns")],
)
def test_durations_are_readable(seconds, text):
    assert duration(seconds) == text


def test_a_deep_thread_recurses_and_passes_errors_on():
    def depth(n):
        return depth(n - 1) + 1 if n else 0

    before = sys.getrecursionlimit()
    found = []
    in_deep_thread(lambda: found.append(depth(50_000)))
    assert found == [50_000]
    assert sys.getrecursionlimit() == before
    with pytest.raises(ZeroDivisionError):
        in_deep_thread(lambda: 1 / 0)
    assert DEEP_STACK > 2**20


ROWS = [
    Row("one", "at most 2x", "1.5x", "met", "1 s"),
    Row("two", "at most 2x", "2.5x", "missed", "2 s"),
    unmeasured("three", "less", "torch: not installed"),
]


def test_a_table_is_markdown_in_columns():
    lines = table(ROWS).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert [line.count("|") for line in lines] == [6] * 5
    assert "torch: not installed" in lines[-1]


def test_results_name_what_missed_its_target_and_keep_the_notes(tmp_path):
    path = tmp_path / "RESULTS.md"
    write(path, ROWS)
    text = path.read_text()
    assert machine() in text
    assert "## Missed targets\n\n- two: 2.5x\n" in text
    assert "## Not measured\n\n- three: torch: not installed\n" in text
    path.write_text(text + "\nWhere the time goes.\n")
    write(path, ROWS[:1])
    again = path.read_text()
    assert "- two" not in again
    assert again.endswith("## Notes\n\nWhere the time goes.\n")


@pytest.mark.parametrize("other", [["--quick"], ["--only", "map"]])
def test_results_are_written_from_a_whole_run_only(other, capsys):
    with pytest.raises(SystemExit):
        cli.main(["--write", *other])
    assert "whole run" in capsys.readouterr().err


def test_the_readme_lists_every_family_and_its_script():
    text = (cli.RESULTS.parent / "README.md").read_text()
    rows = re.findall(r"^\| `([a-z-]+)` \| \[(\w+)\.py\]", text, re.MULTILINE)
    scripts = {name: measure.__module__.split(".")[1] for name, measure in cli.FAMILIES.items()}
    assert dict(rows) == scripts
