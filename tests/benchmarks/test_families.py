"""Every family runs, on tiny sizes, and says what it measured; how fast is another matter."""

import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from autograd_core.engines import kernel
from autograd_core.jit.compiling import folder
from benchmarks import bare, cli, grading, peers, start, wrk
from benchmarks.harness import unmeasured
from benchmarks.map_points import require_curve
from benchmarks.ours import service, wsgi_call

STARTING_SERVERS = ("http", "stream", "start", "playground")


def check(rows):
    assert rows
    for row in rows:
        assert row.verdict in {"met", "missed", "not measured", "for comparison"}
        assert row.what
        assert row.measured
        assert (row.verdict == "not measured") == (row.figures == "")
    assert len({row.what + row.target for row in rows}) == len(rows)


@pytest.mark.slow
@pytest.mark.parametrize("family", [name for name in cli.FAMILIES if name not in STARTING_SERVERS])
def test_families_in_this_process(family, monkeypatch):
    monkeypatch.setattr(grading, "FEW", 8)  # hundreds are in tests/service/grading
    monkeypatch.setattr(grading, "LINES", 100)
    check(list(cli.FAMILIES[family](quick=True)))


@pytest.fixture
def compiled_before(monkeypatch):
    """Folders that `start` takes for new hold the kernel: that it is compiled, others test."""
    kernel.warm()
    kept = str(folder().parent)
    new = SimpleNamespace(TemporaryDirectory=lambda: nullcontext(kept))
    monkeypatch.setattr(start, "tempfile", new)


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.usefixtures("compiled_before")
@pytest.mark.parametrize("family", STARTING_SERVERS)
def test_families_that_start_servers(family):
    check(list(cli.FAMILIES[family](quick=True)))


def test_the_command_prints_the_table(capsys):
    assert cli.main(["--quick", "--only", "map"]) == 0
    assert "| verdict " in capsys.readouterr().out


def test_a_family_that_breaks_is_said_and_the_others_go_on(monkeypatch, capsys):
    def broken(*, quick):
        yield unmeasured("one", "less", "nothing yet")
        raise RuntimeError("two | answers\ndiffer")

    monkeypatch.setitem(cli.FAMILIES, "engine", broken)
    assert cli.main(["--quick", "--only", "engine", "map"]) == 1
    printed = capsys.readouterr().out
    assert "RuntimeError: two / answers differ (failed)" in printed
    assert "map, " in printed


@pytest.mark.parametrize("family", ["engine", "request", "network", "value"])
def test_a_missing_peer_is_said(family, monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    monkeypatch.setattr("benchmarks.network.find_spec", lambda name: None)
    rows = list(cli.FAMILIES[family](quick=True))
    missing = [row.measured for row in rows if row.verdict == "not measured"]
    assert missing
    assert all(reason.endswith(": not installed") for reason in missing)


def test_a_missing_wrk_is_said(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert not wrk.installed()
    assert {row.measured for row in cli.FAMILIES["http"](quick=True)} == {"wrk: not installed"}


def test_the_bare_route_answers_with_the_message():
    body = b'{"a":[1,2.5,"x"]}'
    assert wsgi_call(bare.app, "/gradient", body)() == body


def test_a_call_that_is_refused_is_no_measurement():
    with pytest.raises(RuntimeError, match="422"):
        wsgi_call(service(), "/gradient", b'{"expression": "x"}')


def test_a_wrong_curve_is_no_measurement():
    answer = b'{"value": [1, 2], "gradients": {"x": [3, 4]}}'
    require_curve(answer, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    with pytest.raises(RuntimeError):
        require_curve(answer, np.array([1.0, 2.0]), np.array([3.0, 5.0]))
