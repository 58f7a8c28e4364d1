"""ADBench's Gaussian mixture, d = 10, k = 5, n = 1000: its gradient against PyTorch, and against
its value. The message is that of examples/gmm_message.py.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core import evaluate, gradient, parse
from benchmarks.harness import Contestant, Row, durations, judged, side_by_side, unmeasured
from examples.gmm_message import message

Array = npt.NDArray[np.float64]
SIZE, TINY = (10, 5, 1000), (2, 2, 20)
MOST_OF_VALUE = 3.0


def measure(*, quick: bool) -> Iterator[Row]:
    """Two rows."""
    d, k, n = TINY if quick else SIZE
    request = message(d, k, n)
    graph, wrt = parse(request["expression"]), request["wrt"]
    bindings = {name: array_of(tensor) for name, tensor in request["bindings"].items()}
    truth = gradient(graph, bindings, wrt=wrt, output="objective")
    contestants: dict[str, Contestant] = {
        "gradient": lambda: gradient(graph, bindings, wrt=wrt, output="objective"),
        "value": lambda: evaluate(graph, bindings, outputs=["objective"]),
    }
    if find_spec("torch") is not None:
        peer = _torch(bindings, wrt)
        value, *slopes = peer()
        same = [np.isclose(float(value), float(truth.value), rtol=1e-9)]
        same += [
            np.allclose(slope.numpy(), truth.gradients[name], rtol=1e-8, atol=1e-8)
            for name, slope in zip(wrt, slopes, strict=True)
        ]
        if not all(same):
            raise RuntimeError("PyTorch has another objective, or another gradient")
        contestants["PyTorch"] = peer
    times = side_by_side(contestants, quick=quick)
    what = f"GMM d={d}, k={k}, n={n:,}"
    if "PyTorch" in times:
        figures = durations({name: times[name] for name in ("gradient", "PyTorch")})
        ratio = times["gradient"] / times["PyTorch"]
        yield judged(f"{what}, against PyTorch", "less time", ratio, figures, at_most=1.0)
    else:
        yield unmeasured(f"{what}, against PyTorch", "less time", "torch: not installed")
    figures = durations({name: times[name] for name in ("gradient", "value")})
    ratio = times["gradient"] / times["value"]
    wording = f"at most {MOST_OF_VALUE:g}x the time"
    yield judged(f"{what}, gradient over value", wording, ratio, figures, at_most=MOST_OF_VALUE)


def array_of(tensor: Mapping[str, Any]) -> Array:
    """A tensor of the message."""
    raw = base64.b64decode(tensor["base64"])
    return np.frombuffer(raw, dtype="<f8").reshape(tensor["shape"]).copy()


def _torch(bindings: Mapping[str, Array], wrt: list[str]) -> Callable[[], tuple[Any, ...]]:
    """PyTorch, eager: the objective, then its gradient."""
    torch = import_module("torch")
    torch.set_num_threads(1)
    tensors = {name: torch.tensor(array) for name, array in bindings.items()}
    for name in wrt:
        tensors[name].requires_grad_(True)
    objective = torch_objective(torch, tensors)

    def call() -> tuple[Any, ...]:
        value = objective(tensors)
        return value.detach(), *torch.autograd.grad(value, [tensors[name] for name in wrt])

    return call


def torch_objective(torch: Any, tensors: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    """The objective in PyTorch, of tensors of these shapes; the factor gathered as ADBench does."""
    n, d = tensors["x"].shape
    k = len(tensors["alphas"])
    places = np.zeros((d, d), dtype=int)
    column, row = np.triu_indices(d, 1)
    places[row, column] = d + np.arange(len(row))
    at = torch.tensor(places)
    freedom = d + 1
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi) + sum(
        math.lgamma(0.5 * (freedom - j)) for j in range(d)
    )
    constant = -0.5 * freedom * d * math.log(2) - log_gamma

    def objective(tensors: Mapping[str, Any]) -> Any:
        logarithms = tensors["icf"][:, :d]
        diagonal = logarithms.exp()
        lower = torch.tril(tensors["icf"][:, at], -1)
        centred = tensors["x"][:, None] - tensors["means"]
        scaled = diagonal * centred + torch.einsum("kij,nkj->nki", lower, centred)
        terms = tensors["alphas"] + logarithms.sum(1) - 0.5 * (scaled**2).sum(2)
        likelihood = (
            torch.logsumexp(terms, 1).sum()
            - n * torch.logsumexp(tensors["alphas"], 0)
            - n * d / 2 * math.log(2 * math.pi)
        )
        squares = (diagonal**2).sum() + (lower**2).sum()
        return likelihood + 0.5 * squares - k * constant

    return objective
