"""Graphviz: a drawing that can stand in a page, within its time."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from autograd_core import (
    Deadline,
    DeadlineExceeded,
    GraphBuilder,
    Limits,
    dot,
    gradient,
    parse,
)
from service.pictures import graphviz

needs_graphviz = pytest.mark.skipif(
    shutil.which("dot") is None, reason="needs Graphviz's program dot (apt-get install graphviz)"
)
GRAPH = parse("e = a*b; d = e + c; d")
TEXT = dot(GRAPH, gradient(GRAPH, {"a": 2.0, "b": -3.0, "c": 10.0}, trace=True))


def program(folder: Path, lines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put another program in the place of dot."""
    script = folder / "dot"
    script.write_text(f"#!/bin/sh\n{lines}\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@needs_graphviz
def test_a_graph_is_drawn_as_svg() -> None:
    drawing = graphviz.svg(TEXT, Deadline(60))
    assert drawing.startswith(b"<svg ")
    assert b"<!DOCTYPE" not in drawing
    assert ET.fromstring(drawing).tag == "{http://www.w3.org/2000/svg}svg"
    assert drawing == graphviz.svg(TEXT, Deadline(60))


@needs_graphviz
def test_the_largest_tangle_that_is_taken_is_drawn_in_time() -> None:
    """Layout would look for a better place for a minute; it is told to stop after a second or two.

    Each node uses the one before it and one from anywhere, up to both limits of a drawing.
    """
    choose, limits = random.Random(3), Limits()
    builder = GraphBuilder()
    nodes = [builder.input("x")]
    for _ in range(limits.drawn_values - 1):
        nodes.append(builder.apply("add", [nodes[-1], choose.choice(nodes)]))
    graph = builder.build(result=nodes[-1])
    text = dot(graph, gradient(graph, {"x": 1.0}, trace=True))
    assert text.count("shape=circle") == limits.drawn_operands // 2 - 1
    assert graphviz.svg(text, Deadline(60)).startswith(b"<svg ")


def test_a_program_that_does_not_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "echo $$ > pid\nexec sleep 600", monkeypatch)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DeadlineExceeded):
        graphviz.svg(TEXT, Deadline(1.0))
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_no_program_is_started_once_the_time_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, f"touch {tmp_path}/started", monkeypatch)
    with pytest.raises(DeadlineExceeded):
        graphviz.svg(TEXT, Deadline(-1.0))
    assert not (tmp_path / "started").exists()


def test_a_program_that_fails_is_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "exit 1", monkeypatch)
    with pytest.raises(subprocess.CalledProcessError):
        graphviz.svg(TEXT, Deadline(60))


def test_it_gets_the_text_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file to read, no word of a caller's, and an environment in which it opens no image."""
    report = f'{{ echo "$@"; env; cat; }} > {tmp_path}/report; echo "<svg/>"'
    monkeypatch.setenv("SECRET", "s3cret")
    program(tmp_path, report, monkeypatch)
    assert graphviz.svg(TEXT, Deadline(60)) == b"<svg/>\n"
    found = (tmp_path / "report").read_text()
    arguments, *_ = found.split("\n")
    assert arguments.startswith("-Tsvg ")
    assert "SERVER_NAME=gradient\n" in found
    assert "s3cret" not in found
    assert found.endswith(TEXT)


def test_where_it_is_missing_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "apt-get install graphviz" in str(graphviz.missing())
    with pytest.raises(OSError, match="dot"):
        graphviz.svg(TEXT, Deadline(60))
