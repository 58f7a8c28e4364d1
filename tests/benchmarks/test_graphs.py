"""The functions that are measured are what they are said to be."""

import math

import pytest

from autograd_core import gradient, read_nodes
from benchmarks.graphs import LESSON, SHAPES, mixed


@pytest.mark.parametrize("size", [2, 3, 20, 999, 3_000])
def test_a_mixture_has_the_size_that_was_asked_for_and_needs_every_step(size):
    graph = mixed(size)
    used = {slot for _, *operands in graph.steps for slot in operands}
    assert len(graph.steps) == size
    assert used == set(range(graph.inputs + size - 1))


def test_a_mixture_is_the_same_every_time_and_another_for_another_seed():
    assert mixed(500) == mixed(500)
    assert mixed(500) != mixed(500, seed=1)


@pytest.mark.parametrize("seed", range(5))
def test_a_mixture_overflows_nowhere_and_reaches_most_inputs(seed):
    graph = mixed(2_000, seed)
    result = gradient(read_nodes(graph.nodes()), graph.bindings(seed))
    slopes = [float(slope) for slope in result.gradients.values()]
    assert math.isfinite(result.value)
    assert all(map(math.isfinite, slopes))
    assert sum(slope != 0 for slope in slopes) > 0.75 * graph.inputs


def test_a_mixture_of_some_size_has_every_operation():
    operations = {operation for operation, *_ in mixed(1_000).steps}
    assert operations == {"add", "mul", "relu", "tanh", "exp", "square", "cube", "eighth"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [3, 30, 300])
def test_shapes_have_their_size_one_output_and_finite_slopes(shape, size):
    nodes, bindings = SHAPES[shape](size)
    graph = read_nodes(nodes)
    result = gradient(graph, bindings)
    assert len(graph) == size
    assert len(graph.sinks) == 1
    assert math.isfinite(result.value)
    assert any(result.gradients.values())


def test_a_ladder_passes_its_input_on_unchanged():
    nodes, bindings = SHAPES["diamond ladder"](300)
    result = gradient(read_nodes(nodes), bindings)
    assert (result.value, result.gradients["x"]) == (1.5, 1.0)


def test_the_lesson_is_d_of_a_b_and_c():
    result = gradient(read_nodes(LESSON["graph"]["nodes"]), LESSON["bindings"])
    assert result.value == 4.0
    assert result.gradients == {"a": -3.0, "b": 2.0, "c": 1.0}
