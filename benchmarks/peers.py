"""The libraries the engine is measured against, each computing the same scalar function.

`prepare(peer, graph, numbers)` gives a call that answers with the value and every gradient.
Peers that run Python build their graph anew on each call, as they do in use. The loop that
walks the steps costs them some 60 ns a node, of several microseconds.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.graphs import ScalarGraph

Answer = tuple[float, Sequence[float]]
Operation = Callable[[Any, Any], Any]
# Lists of numbers that the calls take in turn: no call may profit from the one before.
Points = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Peer:
    """A library: how it is called in the table, its module, and how a call is prepared."""

    name: str
    module: str
    prepare: Callable[[ScalarGraph, Points], Callable[[], Answer]]

    @property
    def installed(self) -> bool:
        return find_spec(self.module) is not None


def results(graph: ScalarGraph, operations: Mapping[str, Operation]) -> Callable[[Any], Any]:
    """The function as Python runs it: from the operands of the inputs to the output's."""
    steps = [(operations[name], left, right) for name, left, right in graph.steps]

    def run(inputs: Any) -> Any:
        values = list(inputs)
        append = values.append
        for operation, left, right in steps:
            append(operation(values[left], values[right]))
        return values[-1]

    return run


def _square(x: Any, _: Any) -> Any:
    return x**2


def _cube(x: Any, _: Any) -> Any:
    return x**3


def _eighth(x: Any, _: Any) -> Any:
    return x * 0.125


ARITHMETIC: dict[str, Operation] = {
    "add": operator.add,
    "mul": operator.mul,
    "square": _square,
    "cube": _cube,
    "eighth": _eighth,
}


# --- micrograd


@cache
def micrograd_operations() -> dict[str, Operation]:
    """The operations of the mixture on micrograd's values."""
    value_type = import_module("micrograd.engine").Value

    # The package has relu; tanh and exp are in the lectures, and written here as there.
    def tanh(x: Any, _: Any) -> Any:
        t = math.tanh(x.data)
        out = value_type(t, (x,), "tanh")

        def backward() -> None:
            x.grad += (1 - t**2) * out.grad

        out._backward = backward  # noqa: SLF001 - micrograd's names are private
        return out

    def exp(x: Any, _: Any) -> Any:
        out = value_type(math.exp(x.data), (x,), "exp")

        def backward() -> None:
            x.grad += out.data * out.grad

        out._backward = backward  # noqa: SLF001 - as above
        return out

    return {**ARITHMETIC, "relu": lambda x, _: x.relu(), "tanh": tanh, "exp": exp}


def _micrograd(graph: ScalarGraph, points: Points) -> Callable[[], Answer]:
    value_type = import_module("micrograd.engine").Value
    run = results(graph, micrograd_operations())
    numbers = itertools.cycle(points)

    def call() -> Answer:
        inputs = [value_type(number) for number in next(numbers)]
        output = run(inputs)
        output.backward()
        return output.data, [x.grad for x in inputs]

    return call


# --- PyTorch, eager, a scalar tensor for each number


def _torch(graph: ScalarGraph, points: Points) -> Callable[[], Answer]:
    torch = import_module("torch")
    torch.set_num_threads(1)
    operations: dict[str, Operation] = {
        **ARITHMETIC,
        "relu": lambda x, _: x.relu(),
        "tanh": lambda x, _: x.tanh(),
        "exp": lambda x, _: x.exp(),
    }
    run = results(graph, operations)
    numbers = itertools.cycle(points)

    def call() -> Answer:
        inputs = [
            torch.tensor(number, dtype=torch.float64, requires_grad=True)
            for number in next(numbers)
        ]
        output = run(inputs)
        output.backward()
        return output.item(), [x.grad.item() for x in inputs]

    return call


# --- HIPS autograd: its numpy, applied to scalars


def _autograd(graph: ScalarGraph, points: Points) -> Callable[[], Answer]:
    numpy: Any = import_module("autograd.numpy")
    operations: dict[str, Operation] = {
        **ARITHMETIC,
        "relu": lambda x, _: numpy.maximum(x, 0.0),
        "tanh": lambda x, _: numpy.tanh(x),
        "exp": lambda x, _: numpy.exp(x),
    }
    run = results(graph, operations)
    # One array of inputs: a gradient by a list of scalars takes it quadratic time.
    both = import_module("autograd").value_and_grad(
        lambda vector: run([vector[k] for k in range(graph.inputs)])
    )
    arrays = itertools.cycle([numpy.array(point) for point in points])

    def call() -> Answer:
        value, slopes = both(next(arrays))
        return float(value), slopes

    return call


# --- CasADi: symbols once, numbers as often as one likes


def _casadi_function(graph: ScalarGraph) -> Any:
    casadi = import_module("casadi")
    operations: dict[str, Operation] = {
        **ARITHMETIC,
        "relu": lambda x, _: casadi.fmax(x, 0),
        "tanh": lambda x, _: casadi.tanh(x),
        "exp": lambda x, _: casadi.exp(x),
    }
    symbols = casadi.SX.sym("x", graph.inputs)
    output = results(graph, operations)(casadi.vertsplit(symbols))
    return casadi.Function("f", [symbols], [output, casadi.gradient(output, symbols)])


def _casadi_answer(function: Any, numbers: Iterator[Sequence[float]]) -> Answer:
    value, slopes = function(next(numbers))
    return float(value), slopes.full().ravel()


def _casadi(graph: ScalarGraph, points: Points) -> Callable[[], Answer]:
    numbers = itertools.cycle(points)
    return lambda: _casadi_answer(_casadi_function(graph), numbers)


def _casadi_ready(graph: ScalarGraph, points: Points) -> Callable[[], Answer]:
    function, numbers = _casadi_function(graph), itertools.cycle(points)
    return lambda: _casadi_answer(function, numbers)


MICROGRAD = Peer("micrograd", "micrograd", _micrograd)
TORCH = Peer("PyTorch", "torch", _torch)
AUTOGRAD = Peer("HIPS autograd", "autograd", _autograd)
CASADI = Peer("CasADi", "casadi", _casadi)
CASADI_READY = Peer("CasADi, built beforehand", "casadi", _casadi_ready)
PEERS = (MICROGRAD, TORCH, AUTOGRAD, CASADI, CASADI_READY)
