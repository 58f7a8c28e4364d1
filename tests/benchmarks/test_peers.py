"""Peers compute the same function as we do; where one is not installed, that is said."""

from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import network
from benchmarks.engine import require_equal
from benchmarks.graphs import mixed
from benchmarks.harness import in_deep_thread
from benchmarks.ours import answer_of, library
from benchmarks.peers import MICROGRAD, PEERS


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
@pytest.mark.parametrize("size", [2, 60, 700])
def test_peers_agree_with_us_in_value_and_gradient(peer, size):
    if not peer.installed:
        pytest.skip(f"{peer.module}: not installed")
    graph = mixed(size, seed=size)
    points = [graph.numbers(1), graph.numbers(2)]
    ours, theirs = library(graph, (1, 2)), peer.prepare(graph, points)
    for _ in points:
        require_equal(answer_of(ours()), theirs(), peer.name)


def test_micrograd_has_the_room_its_recursion_needs():
    if not MICROGRAD.installed:
        pytest.skip("micrograd: not installed")
    graph = mixed(20_000)
    found = []
    in_deep_thread(lambda: found.append(MICROGRAD.prepare(graph, [graph.numbers(1)])()))
    require_equal(answer_of(library(graph, (1,))()), found[0], "micrograd")


@pytest.mark.parametrize("module", network.PEERS)
def test_peers_agree_with_us_on_a_network(module):
    if find_spec(module) is None:
        pytest.skip(f"{module}: not installed")
    net = network.network(6, 5, 3, 4)
    name, prepare, *_ = network.PEERS[module]
    network.require_equal(network.ours(net)(), prepare(net)(), name)


@pytest.mark.parametrize(
    "theirs", [(1.0, [2.0, 3.1]), (1.1, [2.0, 3.0]), (1.0, [2.0]), (float("nan"), [2.0, 3.0])]
)
def test_a_peer_that_computes_something_else_is_found_out(theirs):
    with pytest.raises(RuntimeError, match="somebody"):
        require_equal((1.0, [2.0, 3.0]), theirs, "somebody")


def test_a_network_with_another_gradient_is_found_out():
    net = network.network(6, 5, 3, 4)
    result = network.ours(net)()
    wrong = [np.asarray(result.gradients[name]) + 1e-3 for name in network.WEIGHTS]
    with pytest.raises(RuntimeError, match="W1"):
        network.require_equal(result, (result.value, *wrong), "somebody")
