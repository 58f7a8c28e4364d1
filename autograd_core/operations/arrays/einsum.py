"""einsum: sums of products over named axes."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands, Stack, Tangents
from autograd_core.operations.arrays.contractions import contract, strong_contract, strong_einsum
from autograd_core.operations.arrays.equations import Contraction, read_equation
from autograd_core.operations.attributes import TEXT, Attribute
from autograd_core.operations.broadcasting import total_of
from autograd_core.operations.operation import Attributes
from autograd_core.tensors import Array, Shape, size_for_limits


def _read(operands: Operands, attributes: Attributes) -> Contraction:
    return read_equation(attributes["equation"], [np.shape(operand) for operand in operands])


def _einsum_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    return read_equation(attributes["equation"], shapes).shape


def _einsum_cost(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    steps = read_equation(attributes["equation"], shapes).steps
    return sum(step.operations for step in steps)


def _einsum_workspace(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    steps = read_equation(attributes["equation"], shapes).steps
    return max(size_for_limits(shape), *(step.elements for step in steps))


def _einsum(operands: Operands, attributes: Attributes) -> Array:
    return contract(_read(operands, attributes), operands)


def _einsum_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    moved = [_with(each, i, operands) for i, each in enumerate(tangents) if each is not None]
    return total_of([strong_contract(_read(each, attributes), each) for each in moved], np.shape(z))


def _with(tangent: Array, place: int, operands: Operands) -> list[Array]:
    """The operands, one of them replaced."""
    return [tangent if at == place else operand for at, operand in enumerate(operands)]


def _einsum_vjp_tangent(
    i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array | None:
    """The vjp is linear in each of the others: the sum of itself with each at its tangent."""
    total: Array | None = None
    for other, tangent in enumerate(tangents):
        if other != i and tangent is not None:
            sent = _einsum_vjp(i, g, _with(tangent, other, operands), z, attributes)
            total = sent if total is None else total + sent
    return total


class _Backward(NamedTuple):
    """How a cotangent goes back to an operand by way of the others, at `places`.

    letters: of the operand, each once; alone: those, by place, that are in nothing else.
    """

    equation: str
    places: Sequence[int]
    letters: str
    alone: Sequence[int]


@lru_cache(maxsize=256)
def _backward(subscripts: tuple[str, ...], result: str, i: int) -> _Backward:
    letters = "".join(dict.fromkeys(subscripts[i]))
    places = [at for at in range(len(subscripts)) if at != i]
    others = [subscripts[at] for at in places]
    reached = "".join(letter for letter in letters if letter in result + "".join(others))
    alone = [at for at, letter in enumerate(letters) if letter not in reached]
    return _Backward(",".join([result, *others]) + "->" + reached, places, letters, alone)


def _einsum_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    """What g sends to operand i by way of the others."""
    contraction = _read(operands, attributes)
    back = _backward(contraction.subscripts, contraction.result, i)
    reduced = [contraction.reduced(at, operands[at]) for at in back.places]
    flowing = strong_einsum(back.equation, g, *reduced)
    if back.alone:
        lengths = tuple(contraction.lengths[letter] for letter in back.letters)
        flowing = np.broadcast_to(np.expand_dims(flowing, tuple(back.alone)), lengths)
    if back.letters != contraction.subscripts[i]:
        own, shape = contraction.subscripts[i], contraction.shapes[i]
        flowing = _on_diagonal(flowing, own, back.letters, shape)
    return np.reshape(flowing, np.shape(operands[i]))


def _on_diagonal(flowing: Array, own: str, letters: str, shape: Shape) -> Array:
    """Entries of `flowing` where an operand's repeated axes agree, 0 elsewhere."""
    grids = np.indices(np.shape(flowing), sparse=True)
    cotangent = np.zeros(shape)
    cotangent[tuple(grids[letters.index(letter)] for letter in own)] = flowing
    return cotangent


def _stack(
    count: int, shapes: Sequence[Shape], shape: Shape, attributes: Attributes
) -> Stack | None:
    """One more letter, before those of each operand and the result."""
    contraction = read_equation(attributes["equation"], shapes)
    letter = next((each for each in string.ascii_letters if each not in contraction.lengths), None)
    if letter is None:
        return None
    left = ",".join(letter + each for each in contraction.subscripts)
    equation = {"equation": f"{left}->{letter}{contraction.result}"}
    return Stack(equation, contraction.shapes, contraction.shape)


def _products(operands: Operands, z: Array, attributes: Attributes) -> int:
    """Products and additions on the way to an element of the result, in any order of pairs."""
    contraction = _read(operands, attributes)
    return _roundings(contraction, contraction.result)


def _vjp_products(i: int, operands: Operands, z: Array, attributes: Attributes) -> int:
    contraction = _read(operands, attributes)
    return _roundings(contraction, contraction.subscripts[i])


def _roundings(contraction: Contraction, kept: str) -> int:
    """Those of a sum over all letters but those that are kept, of products of all operands."""
    lengths = contraction.lengths
    summed = math.prod(lengths[letter] for letter in lengths if letter not in kept)
    return summed + len(contraction.subscripts) - 2


# NumPy multiplies at most 63 arrays in one loop, and takes cubic time to find their order.
_MOST_OPERANDS = 60

ROWS: tuple[ArrayOperation, ...] = (
    ArrayOperation(
        name="einsum",
        doc="Sum of products over named axes.",
        category="linear algebra",
        arity=(1, _MOST_OPERANDS),
        attributes=(
            Attribute(
                "equation",
                TEXT,
                'like "ij,j->i": a letter an axis, and "..." for axes that broadcast',
                required=True,
            ),
        ),
        shape_rule=_einsum_shape,
        cost_rule=_einsum_cost,
        workspace_rule=_einsum_workspace,
        value_rule=_einsum,
        vjp_rule=_einsum_vjp,
        jvp_rule=_einsum_jvp,
        vjp_tangent_rule=_einsum_vjp_tangent,
        roundings_rule=_products,
        vjp_roundings_rule=_vjp_products,
        stack_rule=_stack,
        repeats="own",
        example='einsum(x, y, equation="ij,jk->ik")',
        tangent=('einsum(dx, y, equation="ij,jk->ik") + einsum(x, dy, equation="ij,jk->ik")'),
        derivative="linear in each operand: the sum of einsum with one of them changed at a time",
    ),
)
