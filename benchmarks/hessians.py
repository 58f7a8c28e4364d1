"""Second derivatives of scalar graphs: Rosenbrock in 100 inputs against PyTorch and HIPS autograd,
a banded Hessian of 10,000 inputs against its gradient, and a Hessian-vector product.

The peers get Rosenbrock in its vectorised form, which suits them best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core import Graph, gradient, hessian, hvp, parse, read_nodes
from benchmarks.harness import (
    AS_FAST,
    THE_TIME,
    Contestant,
    Row,
    durations,
    judged,
    side_by_side,
    unmeasured,
)

Array = npt.NDArray[np.float64]
MOST_SWEEPS, MOST_PRODUCT = 50.0, 4.0
TOLERANCE = 1e-9


def measure(*, quick: bool) -> Iterator[Row]:
    """Rosenbrock, then the band."""
    yield from _rosenbrock(10 if quick else 100, quick=quick)
    yield from _banded(50 if quick else 10_000, quick=quick)


def rosenbrock(count: int) -> tuple[Graph, dict[str, float]]:
    """The sum of 100(x' - x^2)^2 + (1 - x)^2 over neighbours, node by node, and a point."""
    terms = [f"100*(x{k + 1} - x{k}**2)**2 + (1 - x{k})**2" for k in range(count - 1)]
    point = np.random.default_rng(0).uniform(-1.5, 1.5, count)
    return parse(" + ".join(terms)), {f"x{k}": float(x) for k, x in enumerate(point)}


def _rosenbrock(count: int, *, quick: bool) -> Iterator[Row]:
    graph, bindings = rosenbrock(count)
    point = np.array(list(bindings.values()))
    blocks = hessian(graph, bindings).blocks
    truth = np.array([[blocks[one][other] for other in bindings] for one in bindings])
    band = np.abs(np.subtract.outer(np.arange(count), np.arange(count))) <= 1
    if truth[~band].any():
        raise RuntimeError("the Hessian of Rosenbrock's function has entries off the band")
    contestants: dict[str, Contestant] = {"engine": lambda: hessian(graph, bindings)}
    peers = {
        "torch": ("PyTorch", _torch_hessian, 5.0),
        "autograd": ("HIPS autograd", _autograd_hessian, 20.0),
    }
    for module, (name, prepare, _) in peers.items():
        if find_spec(module) is not None:
            call = prepare(point)
            if not np.allclose(np.asarray(call()), truth, rtol=TOLERANCE, atol=1e-6):
                raise RuntimeError(f"{name} has another Hessian")
            contestants[name] = call
    times = side_by_side(contestants, quick=quick)
    for module, (name, _, least) in peers.items():
        what = f"Hessian of Rosenbrock, {count} inputs, against {name}"
        wording = f"at least {least:g}x as fast"
        if name not in times:
            yield unmeasured(what, wording, f"{module}: not installed")
            continue
        figures = durations({key: times[key] for key in ("engine", name)})
        ratio = times[name] / times["engine"]
        yield judged(what, wording, ratio, figures, at_least=least, form=AS_FAST)


def _torch_hessian(point: Array) -> Callable[[], Any]:
    torch = import_module("torch")
    torch.set_num_threads(1)
    x = torch.tensor(point)
    both = torch.func.hessian(
        lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
    )
    return lambda: both(x)


def _autograd_hessian(point: Array) -> Callable[[], Any]:
    numpy: Any = import_module("autograd.numpy")
    both = import_module("autograd").hessian(
        lambda x: numpy.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    )
    return lambda: both(point)


def banded(count: int) -> tuple[Graph, dict[str, float]]:
    """A sum of (x' - x^2)^2 over neighbours, as a list of nodes: three diagonals."""
    nodes: list[dict[str, Any]] = []
    for k in range(count - 1):
        nodes += [
            {"id": f"a{k}", "op": "mul", "args": [f"x{k}", f"x{k}"]},
            {"id": f"b{k}", "op": "sub", "args": [f"x{k + 1}", f"a{k}"]},
            {"id": f"c{k}", "op": "square", "args": [f"b{k}"]},
        ]
        if k:
            total = "c0" if k == 1 else f"s{k - 1}"
            nodes.append({"id": f"s{k}", "op": "add", "args": [total, f"c{k}"]})
    bindings = {f"x{k}": float(x) for k, x in enumerate(np.linspace(-1.5, 1.5, count))}
    return read_nodes(nodes, bindings.keys()), bindings


def _banded(count: int, *, quick: bool) -> Iterator[Row]:
    graph, bindings = banded(count)
    contestants: dict[str, Contestant] = {
        "Hessian": lambda: hessian(graph, bindings, sparse=True),
        "product": lambda: hvp(graph, bindings, bindings),
        "gradient": lambda: gradient(graph, bindings),
    }
    times = side_by_side(contestants, quick=quick)
    for name, what, most in (
        ("Hessian", "banded Hessian, sparse", MOST_SWEEPS),
        ("product", "Hessian-vector product", MOST_PRODUCT),
    ):
        figures = durations({name: times[name], "gradient": times["gradient"]})
        yield judged(
            f"{what}, {count:,} inputs",
            f"at most {most:g} gradient times",
            times[name] / times["gradient"],
            figures,
            at_most=most,
            form=THE_TIME,
        )
