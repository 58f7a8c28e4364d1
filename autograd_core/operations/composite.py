"""Operations that are defined by expanding into others.

An expansion is written once, and from it come the value, every derivative, the cost and the
shape rule. It must keep the promises of the table (accuracy, conventions at kinks); where the
expansion would lose digits, the operation has rules of its own in `arrays`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from autograd_core.operations.attributes import INTEGER, Attribute
from autograd_core.operations.broadcasting import broadcast_shapes
from autograd_core.operations.operation import Attributes, Operation, ShapeError
from autograd_core.tensors import Shape


class Emit(Protocol):
    """Appends an operation to a program; operands and result are opaque handles."""

    def __call__(self, operation: str, *operands: Any, **attributes: Any) -> Any:
        """A handle on the result. A float operand is a constant."""


# What emits the expansion, of operands of some shapes, and returns the handle on its result.
Expansion = Callable[[Emit, Sequence[Any], Sequence[Shape], Attributes], Any]


@dataclass(frozen=True, kw_only=True)
class Composite(Operation):
    """An operation given by its expansion, which raises ShapeError with the operation's name."""

    expand: Expansion


def _mse(emit: Emit, operands: Sequence[Any], shapes: Sequence[Shape], _: Attributes) -> Any:
    broadcast_shapes("mse", shapes)
    return emit("mean", emit("square", emit("sub", *operands)))


def _binary_cross_entropy(
    emit: Emit, operands: Sequence[Any], shapes: Sequence[Shape], _: Attributes
) -> Any:
    """t*softplus(-x) + (1 - t)*softplus(x): neither term cancels, however sure x is."""
    broadcast_shapes("binary_cross_entropy", shapes)
    logits, targets = operands
    if_one = emit("mul", targets, emit("softplus", emit("neg", logits)))
    if_zero = emit("mul", emit("sub", 1.0, targets), emit("softplus", logits))
    return emit("mean", emit("add", if_one, if_zero))


_MATRIX, _LETTERS = 2, "abcdefghijklmnopqrstuvwxyz"


def _dot(emit: Emit, operands: Sequence[Any], shapes: Sequence[Shape], _: Attributes) -> Any:
    """As numpy.dot: the last axis of x with the last but one of y (the only one of a vector)."""
    a, b = shapes
    if not a or not b:
        return emit("mul", *operands)
    if a[-1] != (b[0] if len(b) == 1 else b[-2]):
        raise ShapeError(f"dot: shapes {list(a)} and {list(b)} do not fit")
    if len(a) <= _MATRIX and len(b) <= _MATRIX:
        return emit("matmul", *operands)
    if len(a) + len(b) > len(_LETTERS):
        raise ShapeError(f"dot: too many axes in shapes {list(a)} and {list(b)}")
    first = _LETTERS[: len(a)]
    second = _LETTERS[len(a) : len(a) + len(b)]
    joined = len(second) - 1 if len(b) == 1 else len(second) - 2
    shared = second[:joined] + first[-1] + second[joined + 1 :]
    kept = first[:-1] + second[:joined] + second[joined + 1 :]
    return emit("einsum", *operands, equation=f"{first},{shared}->{kept}")


def _outer(emit: Emit, operands: Sequence[Any], shapes: Sequence[Shape], _: Attributes) -> Any:
    column = emit("reshape", operands[0], shape=(math.prod(shapes[0]), 1))
    row = emit("reshape", operands[1], shape=(1, math.prod(shapes[1])))
    return emit("mul", column, row)


def _trace(
    emit: Emit, operands: Sequence[Any], shapes: Sequence[Shape], attributes: Attributes
) -> Any:
    if len(shapes[0]) < _MATRIX:
        raise ShapeError(f"trace takes matrices, not shape {list(shapes[0])}")
    diagonal = emit("diagonal", *operands, offset=attributes["offset"])
    return emit("sum", diagonal, axis=-1, keepdims=False)


ROWS: tuple[Composite, ...] = (
    Composite(
        name="dot",
        doc="Inner product of vectors; of more axes, as numpy.dot.",
        category="linear algebra",
        arity=(2, 2),
        expand=_dot,
        formula="sum(x*y)",
        tangent="sum(dx*y + x*dy)",
        conventions="the formula is that of vectors",
    ),
    Composite(
        name="outer",
        doc="Every element of x times every element of y: a matrix.",
        category="linear algebra",
        arity=(2, 2),
        expand=_outer,
        formula="reshape(x, shape=[-1, 1])*reshape(y, shape=[1, -1])",
        tangent="outer(dx, y) + outer(x, dy)",
    ),
    Composite(
        name="trace",
        doc="Sum of the diagonal of each matrix.",
        category="linear algebra",
        attributes=(Attribute("offset", INTEGER, "which diagonal", 0),),
        expand=_trace,
        formula="sum(diagonal(x), axis=-1)",
        tangent="trace(dx)",
        derivative="1 on the diagonal, 0 elsewhere",
    ),
    Composite(
        name="mse",
        doc="Mean of the squared differences.",
        category="loss",
        arity=(2, 2),
        expand=_mse,
        formula="mean((x - y)**2)",
        tangent="mean(2*(x - y)*(dx - dy))",
        derivative="d/dx: 2*(x - y)/n, d/dy: 2*(y - x)/n, n the number of elements",
        conventions="a mean over all elements",
    ),
    Composite(
        name="binary_cross_entropy",
        doc="Mean cross entropy of targets y in 0..1 under logits x, without overflow.",
        category="loss",
        arity=(2, 2),
        aliases=("bce_with_logits",),
        expand=_binary_cross_entropy,
        formula="mean(y*softplus(-x) + (1 - y)*softplus(x))",
        tangent="mean((sigmoid(x) - y)*dx - x*dy)",
        derivative="d/dx: (sigmoid(x) - y)/n, d/dy: -x/n, n the number of elements",
        conventions="takes logits; a mean over all elements",
    ),
)

TABLE: Mapping[str, Composite] = {row.name: row for row in ROWS}
