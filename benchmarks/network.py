"""Tensors: the gradient of a network with one hidden layer, against PyTorch and HIPS autograd.

784-128-10 with relu and cross entropy, a batch of 64, binary64 and one thread everywhere. The
gradient is by the weights and biases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core import Gradient, gradient, parse
from benchmarks.harness import Contestant, Row, durations, judged, side_by_side, unmeasured

Array = npt.NDArray[np.float64]
LOSS = "cross_entropy(relu(X @ W1 + b1) @ W2 + b2, classes)"
WEIGHTS = ("W1", "b1", "W2", "b2")
MOST_OF_TORCH = 1.5
TINY = (6, 5, 3, 4)


@dataclass(frozen=True)
class Network:
    """The numbers: examples, their classes, and the weights and biases."""

    X: Array
    classes: Array
    weights: tuple[Array, Array, Array, Array]

    def __str__(self) -> str:
        batch, inputs = self.X.shape
        hidden, classes = self.weights[2].shape
        return f"MLP {inputs}-{hidden}-{classes}, batch {batch}"

    @property
    def bindings(self) -> dict[str, Array]:
        return {
            "X": self.X,
            "classes": self.classes,
            **dict(zip(WEIGHTS, self.weights, strict=True)),
        }


def network(inputs: int = 784, hidden: int = 128, classes: int = 10, batch: int = 64) -> Network:
    """Random numbers of a sensible size, always the same."""
    source = np.random.default_rng(0)
    return Network(
        source.standard_normal((batch, inputs)),
        source.integers(classes, size=batch).astype(np.float64),
        (
            source.standard_normal((inputs, hidden)) / np.sqrt(inputs),
            source.standard_normal(hidden),
            source.standard_normal((hidden, classes)) / np.sqrt(hidden),
            source.standard_normal(classes),
        ),
    )


def ours(net: Network) -> Callable[[], Gradient]:
    """The library, the expression parsed beforehand."""
    graph, bindings = parse(LOSS), net.bindings
    return lambda: gradient(graph, bindings, wrt=WEIGHTS)


def torch_gradient(net: Network) -> Callable[[], tuple[Any, ...]]:
    """PyTorch, eager: the loss, then the gradients."""
    torch = import_module("torch")
    torch.set_num_threads(1)
    x, classes = torch.tensor(net.X), torch.tensor(net.classes).long()
    weights = [torch.tensor(each, requires_grad=True) for each in net.weights]

    def call() -> tuple[Any, ...]:
        w1, b1, w2, b2 = weights
        logits = torch.relu(x @ w1 + b1) @ w2 + b2
        loss = torch.nn.functional.cross_entropy(logits, classes)
        return loss.detach(), *torch.autograd.grad(loss, weights)

    return call


def autograd_gradient(net: Network) -> Callable[[], tuple[Any, ...]]:
    """HIPS autograd. Classes as a matrix of zeros and ones: faster there than indexing."""
    numpy: Any = import_module("autograd.numpy")
    logsumexp = import_module("autograd.scipy.special").logsumexp
    chosen = np.eye(net.weights[3].size)[net.classes.astype(int)]

    def loss(weights: tuple[Any, ...]) -> Any:
        w1, b1, w2, b2 = weights
        logits = numpy.maximum(net.X @ w1 + b1, 0.0) @ w2 + b2
        return numpy.mean(logsumexp(logits, axis=1) - numpy.sum(logits * chosen, axis=1))

    both = import_module("autograd").value_and_grad(loss)

    def call() -> tuple[Any, ...]:
        value, slopes = both(net.weights)
        return value, *slopes

    return call


PEERS = {
    "torch": ("PyTorch", torch_gradient, f"at most {MOST_OF_TORCH:g}x the time", MOST_OF_TORCH),
    "autograd": ("HIPS autograd", autograd_gradient, "less time", 1.0),
}


def measure(*, quick: bool) -> Iterator[Row]:
    """A row for each peer."""
    net = network(*TINY) if quick else network()
    contestants: dict[str, Contestant] = {"engine": ours(net)}
    for module, (name, prepare, _, _) in PEERS.items():
        if find_spec(module) is not None:
            contestants[name] = prepare(net)
            require_equal(ours(net)(), prepare(net)(), name)
    times = side_by_side(contestants, rounds=30, quick=quick)
    for module, (name, _, wording, most) in PEERS.items():
        what = f"{net}, against {name}"
        if name not in times:
            yield unmeasured(what, wording, f"{module}: not installed")
            continue
        figures = durations({each: times[each] for each in ("engine", name)})
        ratio = times["engine"] / times[name]
        yield judged(what, wording, ratio, figures, at_most=most)


def require_equal(result: Gradient, theirs: tuple[Any, ...], name: str) -> None:
    """RuntimeError unless the value and every gradient are the same."""
    mine = (result.value, *(result.gradients[weight] for weight in WEIGHTS))
    for label, own, other in zip(("the value", *WEIGHTS), mine, theirs, strict=True):
        if not np.allclose(own, np.asarray(other), rtol=1e-9, atol=1e-12):
            raise RuntimeError(f"{name} disagrees with the engine about {label}")
