"""Contractions: matmul and einsum, with products that respect strong zeros."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np

from autograd_core.operations.arrays.row import ArrayOperation, Operands, Tangents, size
from autograd_core.operations.attributes import TEXT, Attribute
from autograd_core.operations.broadcasting import broadcast_shapes
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.operations.strong import all_finite, strong_einsum
from autograd_core.tensors import Array, Shape


def strong_matmul(moving: Array, fixed: Array) -> Array:
    """Moving @ fixed for stacks of matrices, a 0 in `moving` winning over anything."""
    product: Array = np.matmul(moving, fixed)
    if all_finite(product):
        return product
    return strong_einsum("...ij,...jk->...ik", moving, fixed)


def transposed(array: Array) -> Array:
    """The last two axes swapped."""
    return np.swapaxes(array, -1, -2)


def contracted(shape: Shape, moving: Array, fixed: Array) -> Array:
    """Moving @ fixed.T summed over the stack axes that `shape` does not have, or has as 1.

    moving: (..., n, m); fixed: (..., k, m); shape: (..., n, k). The sum happens inside the
    contraction: the product over all stacks, which may be far larger than either, is not made.
    """
    stack = np.broadcast_shapes(np.shape(moving)[:-2], np.shape(fixed)[:-2])
    if shape[:-2] == stack:
        return strong_matmul(moving, transposed(fixed))
    letters = string.ascii_lowercase[: len(stack)]
    first, moving = _squeezed(moving, letters)
    second, fixed = _squeezed(fixed, letters)
    kept = _kept(shape[:-2], letters)
    result = strong_einsum(f"{first}NM,{second}KM->{kept}NK", moving, fixed)
    return np.reshape(result, shape)


def _kept(stack: Shape, letters: str) -> str:
    """The letters of the axes that a stack really has, axes of length 1 left out."""
    own = letters[len(letters) - len(stack) :]
    return "".join(letter for letter, length in zip(own, stack, strict=True) if length != 1)


def _squeezed(array: Array, letters: str) -> tuple[str, Array]:
    """An array of matrices without its stack axes of length 1, and the letters of the rest."""
    stack = np.shape(array)[:-2]
    kept = tuple(length for length in stack if length != 1)
    return _kept(stack, letters), np.reshape(array, (*kept, *np.shape(array)[-2:]))


# matmul: a vector stands for a matrix with one row (first operand) or one column (second).


def _as_matrices(a: Array, b: Array) -> tuple[Array, Array]:
    return (a[None, :] if np.ndim(a) == 1 else a, b[:, None] if np.ndim(b) == 1 else b)


def _as_matrix_result(z: Array, a: Array, b: Array) -> Array:
    """A result of matmul with the axes back that vectors took away."""
    if np.ndim(b) == 1:
        z = np.expand_dims(z, -1)
    return np.expand_dims(z, -2) if np.ndim(a) == 1 else z


def _matmul_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    a, b = shapes
    if not a or not b:
        raise ShapeError(
            f"matmul: shapes {list(a)} and {list(b)}: a scalar has no axis to contract; use mul"
        )
    rows, columns = (1, *a)[-2:], (*b, 1) if len(b) == 1 else b[-2:]
    if rows[1] != columns[0]:
        raise ShapeError(
            f"matmul: shapes {list(a)} and {list(b)} do not fit: {rows[1]} is not {columns[0]}"
        )
    stack = broadcast_shapes("matmul", [a[:-2], b[:-2]], shapes)
    return (*stack, *(() if len(a) == 1 else rows[:1]), *(() if len(b) == 1 else columns[1:]))


def _matmul_cost(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    return max(1, size(shape)) * shapes[0][-1]


def _matmul(operands: Operands, attributes: Attributes) -> Array:
    a, b = operands
    product: Array = np.matmul(a, b)
    return product


def _matmul_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    a, b = operands
    g = _as_matrix_result(g, a, b)
    rows, columns = _as_matrices(a, b)
    if i == 0:
        return np.reshape(contracted(np.shape(rows), g, columns), np.shape(a))
    swapped = (*np.shape(columns)[:-2], np.shape(columns)[-1], np.shape(columns)[-2])
    turned = contracted(swapped, transposed(g), transposed(rows))
    return np.reshape(transposed(turned), np.shape(b))


def _matmul_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    rows, columns = _as_matrices(*operands)
    total: Array = np.zeros(np.shape(_as_matrix_result(z, *operands)))
    if tangents[0] is not None:
        total = total + strong_matmul(np.reshape(tangents[0], np.shape(rows)), columns)
    if tangents[1] is not None:
        turned = np.reshape(tangents[1], np.shape(columns))
        total = total + transposed(strong_matmul(transposed(turned), transposed(rows)))
    return np.reshape(total, np.shape(z))


# einsum


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
        operations += size(tuple(lengths[letter] for letter in joined)) * max(1, len(taken) - 1)
        largest = max(largest, size(tuple(lengths[letter] for letter in kept)))
        waiting.append("".join(sorted(kept)))
    return operations, largest


def _einsum_cost(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    return _pairwise(shapes, attributes)[0]


def _einsum_workspace(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    return max(size(shape), _pairwise(shapes, attributes)[1])


def _einsum(operands: Operands, attributes: Attributes) -> Array:
    subscripts, right = _parsed(attributes, len(operands))
    equation = ",".join(subscripts) + "->" + right
    order = "greedy" if len(operands) > 1 else False
    result: Array = np.einsum(equation, *operands, optimize=order)
    return result


def _einsum_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    subscripts, right = _parsed(attributes, len(operands))
    lengths = _einsum_lengths(subscripts, [np.shape(operand) for operand in operands])
    own = subscripts[i]
    others = [subscript for at, subscript in enumerate(subscripts) if at != i]
    letters = "".join(dict.fromkeys(own))
    reached = "".join(letter for letter in letters if letter in right + "".join(others))
    equation = ",".join([right, *others]) + "->" + reached
    flowing = strong_einsum(equation, g, *(x for at, x in enumerate(operands) if at != i))
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
        name="matmul",
        doc="Matrix product; stacks of matrices broadcast, vectors count as one row or column.",
        category="linear algebra",
        arity=(2, 2),
        aliases=("@",),
        shape_rule=_matmul_shape,
        cost_rule=_matmul_cost,
        value_rule=_matmul,
        vjp_rule=_matmul_vjp,
        jvp_rule=_matmul_jvp,
        derivative="x: g @ y.T, y: x.T @ g",
    ),
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
        derivative="einsum of the cotangent with the other operands",
    ),
)
