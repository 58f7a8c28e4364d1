"""Rows of the op table on Python's own floats: for numbers that arrive one at a time.

A formula becomes plain Python over the `math` module, some ten times faster on one number than
NumPy. Where Python raises (1/0, log(-1), exp(1000)) the row's NumPy meaning takes over, so that
the arithmetic is IEEE 754 throughout, without exceptions and without warnings.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import numpy as np

from autograd_core.engines.kernel.translation import VOCABULARY, translated
from autograd_core.operations.elementwise_row import Elementwise
from autograd_core.operations.formulas import names_in
from autograd_core.tensors import Array


class Node(Protocol):
    """A result as a pullback sees it.

    _data: the number. _prev: the nodes it was computed from, in their order. _constant: its
    operand that is a number, where it has one. grad: the adjoint.
    """

    _data: float
    _prev: tuple[Any, ...]
    _constant: float
    grad: float


Pullback = Callable[[Node], None]


def value(row: Elementwise) -> Callable[..., float]:
    """The row's value of one float for each operand."""

    def by_numpy(*operands: float) -> float:
        with np.errstate(all="ignore"):
            return float(row.value(_scalars(operands), {}))

    given = ", ".join(row.operands)
    lines = _ieee([f"return {translated(row.value_formula)}"], f"return by_numpy({given})")
    return _defined(f"{row.name}_({given})", lines, by_numpy=by_numpy)


def pullback(row: Elementwise, nodes: str, *, anew: bool = False) -> Pullback:
    """What adds a node's contributions to the adjoints of its operands.

    nodes: those of the row's operands that are nodes, "xy", "x" or "y"; a row of two operands
    has its other one in the node's `_constant`. anew: take partials at the value of the operands
    as they are now, not at the node's own. The node's own adjoint is not 0. A partial that is 0
    contributes nothing, whatever the adjoint.
    """
    along = [row.operands.index(name) for name in nodes]

    def by_numpy(*given: float) -> list[float]:
        *operands, result = _scalars(given)
        with np.errstate(all="ignore"):
            if anew:
                result = row.value(operands, {})
            return [float(row.partial(at, operands, result, {})) for at in along]

    partials = {f"partial_{name}": _partial(row, at) for name, at in zip(nodes, along, strict=True)}
    computed = {name: text for name, text in partials.items() if names_in(text)}
    if anew:
        computed = {"z": translated(row.value_formula), **computed}
    lines = _ieee(
        [f"{name} = {text}" for name, text in computed.items()],
        f"{', '.join(partials)}, = by_numpy({', '.join(row.operands)}, node._data)",
    )
    loads = {
        name: f"node_{name}._data" if name in nodes else "node._constant" for name in row.operands
    }
    if not anew:
        loads["z"] = "node._data"
    used = names_in("\n".join(lines))
    lines = [
        f"{', '.join(f'node_{name}' for name in nodes)}, = node._prev",
        *(f"{name} = {load}" for name, load in loads.items() if name in used),
        *lines,
    ]
    for name, (partial, text) in zip(nodes, partials.items(), strict=True):
        lines += _sent(f"node_{name}.grad", partial, text)
    return _defined(f"{row.name}_{nodes}(node)", lines, by_numpy=by_numpy)


def _partial(row: Elementwise, at: int) -> str:
    """A partial; outside of the row's domain there is no value, so no derivative either."""
    text = translated(row.first[at])
    return f"nan if z != z else {text}" if row.domain else text


def _ieee(lines: Sequence[str], otherwise: str) -> Sequence[str]:
    """The lines; what Python raises where IEEE 754 has a number leads to `otherwise`."""
    tree = ast.parse("\n".join(lines))
    if not any(isinstance(node, ast.Div | ast.Pow | ast.Call) for node in ast.walk(tree)):
        return lines
    raised = "except (ArithmeticError, ValueError):"
    return ["try:", *(f"    {line}" for line in lines), raised, f"    {otherwise}"]


def _sent(target: str, name: str, text: str) -> Sequence[str]:
    """The lines that send the adjoint along an operand, by a partial of this text."""
    if names_in(text):
        return [f"if {name}:", f"    {target} += node.grad * {name}"]
    return [f"{target} += node.grad" if text == "1.0" else f"{target} += node.grad * {text}"]


def _scalars(numbers: Sequence[float]) -> list[Array]:
    return [cast("Array", np.float64(number)) for number in numbers]  # scalars are arrays here


def _defined(head: str, lines: Sequence[str], **names: Any) -> Callable[..., Any]:
    """The function of this head and body."""
    namespace = {**VOCABULARY, "tanh": math.tanh, **names}  # one call; the kernel's own is several
    source = "\n    ".join([f"def {head}:", *lines])
    # The text is made of rows of our own table, never of what a caller sends.
    exec(source, namespace)  # noqa: S102 - see above
    return cast("Callable[..., Any]", namespace[head.partition("(")[0]])
