"""einsum: sums of products over named axes."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np

from autograd_core.operations.arrays.row import ArrayOperation, Operands, Tangents
from autograd_core.operations.attributes import TEXT, Attribute
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.operations.strong import strong_einsum
from autograd_core.tensors import Array, Shape, size_for_limits


def _parsed(attributes: Attributes, count: int) -> tuple[list[str], str]:
    """The subscripts of each operand and of the result. Raises ShapeError."""
    equation = "".join(attributes["equation"].split())
    left, arrow, right = equation.partition("->")
    subscripts = left.split(",")
    letters = left.replace(",", "")
    if not all(letter in string.ascii_letters for letter in letters + right):
        raise ShapeError(
            f"einsum: the equation {attributes['equation'][:80]!r} holds something other than "
            "letters, commas and one '->'; write every axis as a letter"
        )
    if not arrow:
        right = "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
    if len(subscripts) != count:
        raise ShapeError(
            f"einsum: the equation names {len(subscripts)} operands, and {count} are given"
        )
    if len(set(right)) != len(right):
        raise ShapeError(f"einsum: an axis appears twice in the result {right!r}")
    for letter in right:
        if letter not in letters:
            raise ShapeError(f"einsum: axis {letter!r} of the result is in no operand")
    return subscripts, right


def _einsum_lengths(subscripts: Sequence[str], shapes: Sequence[Shape]) -> dict[str, int]:
    """The length of each letter. Raises ShapeError."""
    lengths: dict[str, int] = {}
    for subscript, shape in zip(subscripts, shapes, strict=True):
        if len(subscript) != len(shape):
            raise ShapeError(
                f"einsum: {subscript!r} names {len(subscript)} axes, shape {list(shape)} has "
                f"{len(shape)}"
            )
        for letter, length in zip(subscript, shape, strict=True):
            if lengths.setdefault(letter, length) != length:
                raise ShapeError(
                    f"einsum: axis {letter!r} has length {lengths[letter]} in one operand and "
                    f"{length} in another (shapes {[list(each) for each in shapes]})"
                )
    return lengths


def _einsum_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    subscripts, right = _parsed(attributes, len(shapes))
    lengths = _einsum_lengths(subscripts, shapes)
    return tuple(lengths[letter] for letter in right)


def _pairwise(shapes: Sequence[Shape], attributes: Attributes) -> tuple[int, int]:
    """Operations, and elements of the largest intermediate, of NumPy's own greedy order."""
    subscripts, right = _parsed(attributes, len(shapes))
    lengths = _einsum_lengths(subscripts, shapes)
    stand_ins = [np.broadcast_to(np.float64(0), shape) for shape in shapes]
    equation = ",".join(subscripts) + "->" + right
    path = np.einsum_path(equation, *stand_ins, optimize="greedy")[0][1:]
    operations = largest = 0
    waiting = list(subscripts)
    for step in path:
        taken = [waiting.pop(position) for position in sorted(step, reverse=True)]
        joined = set("".join(taken))
        kept = joined & set("".join([*waiting, right]))
        operations += size_for_limits(lengths[at] for at in joined) * max(1, len(taken) - 1)
        largest = max(largest, size_for_limits(lengths[at] for at in kept))
        waiting.append("".join(sorted(kept)))
    return operations, largest


def _einsum_cost(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    return _pairwise(shapes, attributes)[0]


def _einsum_workspace(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    return max(size_for_limits(shape), _pairwise(shapes, attributes)[1])


def _einsum(operands: Operands, attributes: Attributes) -> Array:
    subscripts, right = _parsed(attributes, len(operands))
    equation = ",".join(subscripts) + "->" + right
    order = "greedy" if len(operands) > 1 else False
    result: Array = np.einsum(equation, *operands, optimize=order)
    return result


def _einsum_vjp_tangent(
    i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array | None:
    """The vjp is linear in each of the others: the sum of itself with each at its tangent."""
    total: Array | None = None
    for other, tangent in enumerate(tangents):
        if other != i and tangent is not None:
            moved = [tangent if at == other else x for at, x in enumerate(operands)]
            sent = _einsum_vjp(i, g, moved, z, attributes)
            total = sent if total is None else total + sent
    return total


def _einsum_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    """What g sends to operand i by way of the others."""
    subscripts, right = _parsed(attributes, len(operands))
    lengths = _einsum_lengths(subscripts, [np.shape(operand) for operand in operands])
    own = subscripts[i]
    places = [at for at in range(len(operands)) if at != i]
    others = [subscripts[at] for at in places]
    letters = "".join(dict.fromkeys(own))
    reached = "".join(letter for letter in letters if letter in right + "".join(others))
    equation = ",".join([right, *others]) + "->" + reached
    flowing = strong_einsum(equation, g, *(operands[at] for at in places))
    alone = tuple(at for at, letter in enumerate(letters) if letter not in reached)
    flowing = np.broadcast_to(
        np.expand_dims(flowing, alone), tuple(lengths[letter] for letter in letters)
    )
    return flowing if letters == own else _on_diagonal(flowing, own, letters, np.shape(operands[i]))


def _on_diagonal(flowing: Array, own: str, letters: str, shape: Shape) -> Array:
    """Entries of `flowing` where an operand's repeated axes agree, 0 elsewhere."""
    grids = np.indices(np.shape(flowing), sparse=True)
    cotangent = np.zeros(shape)
    cotangent[tuple(grids[letters.index(letter)] for letter in own)] = flowing
    return cotangent


def _einsum_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    subscripts, right = _parsed(attributes, len(operands))
    total: Array = np.zeros(np.shape(z))
    for i, tangent in enumerate(tangents):
        if tangent is not None:
            others = [at for at in range(len(operands)) if at != i]
            equation = ",".join([subscripts[i], *(subscripts[at] for at in others)]) + "->" + right
            total = total + strong_einsum(equation, tangent, *(operands[at] for at in others))
    return total


ROWS: tuple[ArrayOperation, ...] = (
    ArrayOperation(
        name="einsum",
        doc="Sum of products over named axes.",
        category="linear algebra",
        arity=(1, None),
        attributes=(
            Attribute("equation", TEXT, 'like "ij,j->i": a letter an axis', required=True),
        ),
        shape_rule=_einsum_shape,
        cost_rule=_einsum_cost,
        workspace_rule=_einsum_workspace,
        value_rule=_einsum,
        vjp_rule=_einsum_vjp,
        jvp_rule=_einsum_jvp,
        vjp_tangent_rule=_einsum_vjp_tangent,
        derivative="einsum of the cotangent with the other operands",
    ),
)
