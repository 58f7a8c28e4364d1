"""Dense Hessians of tensor graphs, by all weights, against torch.func.hessian: logistic regression,
a small network, a quadratic form, and ADBench's Gaussian mixture by the factors of its covariances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core import hessian, parse
from benchmarks.harness import (
    AS_FAST,
    Contestant,
    Row,
    durations,
    judged,
    side_by_side,
    unmeasured,
)
from benchmarks.mixture import array_of, torch_objective
from examples.gmm_message import message

Array = npt.NDArray[np.float64]
WORDING = "faster"


@dataclass(frozen=True)
class Case:
    """A scalar function: its text, its numbers, and what its Hessian is by.

    peer: the same in PyTorch, of its module, the numbers as tensors, and what it is by.
    """

    what: str
    text: str
    bindings: Mapping[str, Array]
    wrt: Sequence[str]
    peer: Callable[..., Any]
    output: str | None = None


def measure(*, quick: bool) -> Iterator[Row]:
    """A row for each function."""
    sizes = [(20, 3), (4, 2, 3), (5,), (2, 2, 20)] if quick else SIZES
    for make, size in zip((logistic, network, quadratic, mixture), sizes, strict=True):
        yield _row(make(*size), quick=quick)


# Samples and weights; inputs, hidden and batch; unknowns; d, k and n.
SIZES: list[tuple[int, ...]] = [(500, 50), (8, 16, 32), (200,), (10, 5, 1000)]


def logistic(samples: int, weights: int) -> Case:
    """Binary cross entropy of a linear model."""
    source = np.random.default_rng(0)
    bindings = {
        "X": source.standard_normal((samples, weights)),
        "y": source.integers(2, size=samples).astype(np.float64),
        "w": source.standard_normal(weights) / np.sqrt(weights),
    }

    def peer(torch: Any, at: Mapping[str, Any], w: Any) -> Any:
        entropy = torch.nn.functional.binary_cross_entropy_with_logits
        return entropy(at["X"] @ w, at["y"])

    what = f"logistic regression, {samples:,} samples, {weights} weights"
    return Case(what, "binary_cross_entropy(X @ w, y)", bindings, ["w"], peer)


def network(inputs: int, hidden: int, batch: int) -> Case:
    """A mean squared error, tanh in between, by all weights and biases."""
    source = np.random.default_rng(0)
    shapes = {"W1": (inputs, hidden), "b1": (hidden,), "W2": (hidden, 1), "b2": (1,)}
    data = {"X": (batch, inputs), "y": (batch, 1)}
    bindings = {name: source.standard_normal(shape) for name, shape in {**data, **shapes}.items()}

    def peer(torch: Any, at: Mapping[str, Any], *weights: Any) -> Any:
        w1, b1, w2, b2 = weights
        return ((torch.tanh(at["X"] @ w1 + b1) @ w2 + b2 - at["y"]) ** 2).mean()

    text = "mse(tanh(X @ W1 + b1) @ W2 + b2, y)"
    return Case(f"MLP {inputs}-{hidden}-1, batch {batch}", text, bindings, list(shapes), peer)


def quadratic(unknowns: int) -> Case:
    """x'Ax, A not symmetric."""
    source = np.random.default_rng(0)
    shapes = {"A": (unknowns, unknowns), "x": (unknowns,)}
    bindings = {name: source.standard_normal(shape) for name, shape in shapes.items()}

    def peer(torch: Any, at: Mapping[str, Any], x: Any) -> Any:
        return x @ at["A"] @ x

    return Case(f"x'Ax, n={unknowns}", "x @ A @ x", bindings, ["x"], peer)


def mixture(d: int, k: int, n: int) -> Case:
    """The objective of `mixture`, by icf."""
    request = message(d, k, n)
    bindings = {name: array_of(tensor) for name, tensor in request["bindings"].items()}

    def peer(torch: Any, at: Mapping[str, Any], icf: Any) -> Any:
        return torch_objective(torch, at)({**at, "icf": icf})

    what = f"GMM d={d}, k={k}, n={n:,}, by icf"
    return Case(what, request["expression"], bindings, ["icf"], peer, request["output"])


def _row(case: Case, *, quick: bool) -> Row:
    what = f"Hessian of {case.what}, against PyTorch"
    if find_spec("torch") is None:
        return unmeasured(what, WORDING, "torch: not installed")
    graph, given = parse(case.text), dict(case.bindings)

    def ours() -> Any:
        return hessian(graph, given, wrt=case.wrt, output=case.output)

    theirs = _torch(case)
    _require_equal(case, ours().blocks, theirs())
    contestants: dict[str, Contestant] = {"engine": ours, "PyTorch": theirs}
    times = side_by_side(contestants, rounds=10, budget=10.0, quick=quick)
    ratio = times["PyTorch"] / times["engine"]
    return judged(what, WORDING, ratio, durations(times), at_least=1.0, form=AS_FAST)


def _torch(case: Case) -> Callable[[], Any]:
    torch = import_module("torch")
    torch.set_num_threads(1)
    at = {name: torch.tensor(array) for name, array in case.bindings.items()}
    weights = [at[name] for name in case.wrt]
    places = tuple(range(len(weights)))
    found = torch.func.hessian(lambda *given: case.peer(torch, at, *given), argnums=places)
    return lambda: found(*weights)


def _require_equal(case: Case, blocks: Mapping[str, Mapping[str, Any]], theirs: Any) -> None:
    """RuntimeError unless every block is the same."""
    for row, name in enumerate(case.wrt):
        for column, other in enumerate(case.wrt):
            found = theirs[row][column].numpy()
            if not np.allclose(blocks[name][other], found, rtol=1e-8, atol=1e-8):
                raise RuntimeError(f"PyTorch has another Hessian of {case.what}")
