"""Records values, gradients and Hessians of array programs, from PyTorch in float64.

Run by hand, where PyTorch, NumPy and mpmath are installed, after a change to the cases beside it:

    python tests/oracles/record_arrays.py

It writes, beside itself, two lists of {"name", "graph", "bindings", "value", "gradients"}:

- arrays.json: every array operation, in every combination of attributes that matters
  (array_cases_reductions.py, array_cases_matrices.py, array_cases_shapes.py), whole programs
  (programs_of_*.py), and what PyTorch does not settle: stated by hand (array_cases_by_hand.py,
  array_cases_dead_branches.py) or computed in mpmath (array_cases_tails.py). "rtol" and "atol"
  stand where the usual will not do.
- second_order.json: small ones, with "hessian": {a: {b: matrix}}, a row an entry of a and a
  column an entry of b, both flattened in row-major order.

Everything is seeded by the names of the cases: the same cases give the same files.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import array_cases_by_hand
import array_cases_dead_branches
import array_cases_matrices
import array_cases_reductions
import array_cases_shapes
import array_cases_tails
import numpy as np
import programs_of_models
import programs_of_networks
import torch
from array_case import Case, Constant, draw
from torch_operations import run

Nodes = list[dict[str, Any]]
Bindings = dict[str, Any]
INPUTS = "xyz"
CASES = (
    *array_cases_reductions.cases(),
    *array_cases_matrices.cases(),
    *array_cases_shapes.cases(),
)
PROGRAMS = (*programs_of_networks.PROGRAMS, *programs_of_models.PROGRAMS)
MOST_HESSIAN_ENTRIES = 256


def in_json(tensor: torch.Tensor | np.ndarray | float) -> Any:
    """Nested lists; a tensor object where a nested list would lose the shape."""
    array = np.asarray(tensor, dtype=np.float64) + 0.0
    if not np.isfinite(array).all():
        raise ValueError("a recorded number is not finite")
    if array.size == 0 and array.ndim > 1:
        return {"shape": list(array.shape), "data": []}
    return array.tolist()


def tensors(bindings: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    return {
        name: torch.tensor(np.asarray(value), dtype=torch.float64, requires_grad=True)
        for name, value in bindings.items()
    }


def recorded(name: str, nodes: Nodes, bindings: Mapping[str, Any]) -> dict[str, Any]:
    known = tensors(bindings)
    value = run(nodes, known)
    slopes = torch.autograd.grad(value, list(known.values()), allow_unused=True)
    gradients = {
        key: in_json(torch.zeros_like(known[key]) if slope is None else slope)
        for key, slope in zip(known, slopes, strict=True)
    }
    return {
        "name": name,
        "graph": {"nodes": nodes},
        "bindings": {key: in_json(bound) for key, bound in bindings.items()},
        "value": in_json(value.detach()),
        "gradients": gradients,
    }


def with_hessian(case: dict[str, Any]) -> dict[str, Any]:
    known = tensors(case["bindings"])
    names = list(known)

    def function(*points: torch.Tensor) -> torch.Tensor:
        return run(case["graph"]["nodes"], dict(zip(names, points, strict=True)))

    blocks = torch.autograd.functional.hessian(function, tuple(known.values()))
    return case | {
        "hessian": {
            a: {
                b: in_json(blocks[i][j].reshape(known[a].numel(), known[b].numel()))
                for j, b in enumerate(names)
            }
            for i, a in enumerate(names)
        }
    }


def operands_of(case: Case) -> tuple[list[Any], Bindings]:
    args: list[Any] = []
    bindings: Bindings = {}
    names = INPUTS if len(case.operands) > 1 else INPUTS[:1]
    for place, operand in enumerate(case.operands):
        if isinstance(operand, Constant):
            args.append(operand.value)
            continue
        drawn = (
            draw(case.name, case.kind, operand, place) if isinstance(operand, tuple) else operand
        )
        args.append(names[place])
        bindings[names[place]] = drawn
    return args, bindings


def graph_of(case: Case, bend: str | None) -> tuple[Nodes, Bindings]:
    """The operation, perhaps bent by another one, and weighed down to a scalar."""
    args, bindings = operands_of(case)
    nodes: Nodes = [
        {"id": "r", "op": case.op, "args": args} | ({"attrs": case.attrs} if case.attrs else {})
    ]
    if bend:
        nodes.append({"id": "b", "op": bend, "args": ["r"]})
    result = run(nodes, tensors(bindings))
    if result.ndim:
        weights = draw(case.name, "normal", tuple(result.shape), -1)
        last = nodes[-1]["id"]
        if bend:
            nodes.append({"id": "p", "op": "mul", "args": [last, in_json(weights)]})
        else:
            bindings["w"] = weights
            nodes.append({"id": "p", "op": "mul", "args": [last, "w"]})
        nodes.append({"id": "f", "op": "sum", "args": ["p"]})
    return nodes, bindings


def entries(bindings: Mapping[str, Any]) -> int:
    return sum(np.size(value) for value in bindings.values())


def first_order() -> list[dict[str, Any]]:
    found = [recorded(case.name, *graph_of(case, None)) for case in CASES]
    return [
        *found,
        *programs(),
        *array_cases_by_hand.cases(),
        *array_cases_tails.cases(),
        *array_cases_dead_branches.cases(),
    ]


def programs() -> list[dict[str, Any]]:
    found = []
    for build in PROGRAMS:
        program, bindings = build(np.random.default_rng(zlib.crc32(build.__name__.encode())))
        name = f"program/{build.__name__.replace('_', '-')}"
        found.append(recorded(name, program.nodes, bindings))
    return found


def second_order() -> list[dict[str, Any]]:
    """Each operation under a square (so that a linear one bends too), where it is small enough.

    At a tie there is a convention for the gradient and none for the Hessian.
    """
    found = []
    for case in CASES:
        nodes, bindings = graph_of(case, "square")
        if "ties" not in case.name and entries(bindings) ** 2 <= MOST_HESSIAN_ENTRIES // 2:
            found.append(with_hessian(recorded(case.name, nodes, bindings)))
    small = [case for case in programs() if entries(case["bindings"]) ** 2 <= MOST_HESSIAN_ENTRIES]
    return [*found, *(with_hessian(case) for case in small)]


def write(name: str, cases: Sequence[dict[str, Any]]) -> None:
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(__file__).with_name(name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    operations = {node["op"] for case in cases for node in case["graph"]["nodes"]}
    print(f"{name}: {len(cases)} cases, {len(operations)} operations")  # noqa: T201 - run by hand


def main() -> None:
    torch.set_num_threads(1)
    write("arrays.json", first_order())
    write("second_order.json", second_order())


if __name__ == "__main__":
    main()
