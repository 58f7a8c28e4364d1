"""How far rounding may have moved first and second derivatives, of any shape: an estimate.

Rounding changes each step of a computation a little, its value and its derivatives apart. So each
step u is written as u + p + q*(u - U), U being the value that it has, and each of its operands x as
x + r*(x - X). With p, q and r at 0 nothing is changed; p moves the value and no derivative, q and r
the derivatives and no value. All are moved at once by some units in the last place, up or down,
several times over, each time with other signs, and the whole matrix is found anew. What it differs
by, some times over, bounds what rounding does: a sum of c_k*e_k is at most sqrt(n) times as large
as the root of the sum of (c_k*e_k)**2, which sums of random signs come to (D. S. Parker, "Monte
Carlo arithmetic" (1997)). The signs are the same each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from autograd_core import (
    Array,
    Graph,
    GraphBuilder,
    InvalidError,
    NodeTrace,
    Number,
    catalogue,
    evaluate,
    hessian,
    jacobian,
)
from service.grading.reference import Blocks, Reference, size_of_blocks

_COST: Final = 20_000_000  # elementary operations of all matrices: some hundredths of a second
_MOVED: Final = 2.0**-51  # four units of rounding: more than most steps are rounded by
# Each time the signs are those of sin(2*pi*sqrt(prime)*k), k counting all that is moved.
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53)
_SAFETY: Final = 8.0
_MOST_INDEPENDENT: Final = 4096  # of so many roundings _SAFETY takes care: (8 * 4 * 2)**2
_SINGLE: Final = frozenset({"elementwise", "activation", "logic"})


def bound_of_hessian(reference: Reference, names: Sequence[str], row: str, column: str) -> Number:
    """Of a block of the second derivatives by some names, which are all looked at together; 0 where
    that would take too long, as if they were exact.
    """

    def found() -> Blocks:
        moved = _Moved(reference, reference.output)
        return moved.apart(hessian(moved.graph, moved.bindings, wrt=names, **moved.terms).blocks)

    return _once(reference, ("hessian", *names), found).get(row, {}).get(column, 0.0)


def bound_of_jacobian(
    reference: Reference, output: str | None, names: Sequence[str], name: str
) -> Number:
    """The same of first derivatives, of the output of the reference (None) or of another node."""

    def found() -> Blocks:
        moved = _Moved(reference, output)
        return moved.apart(jacobian(moved.graph, moved.bindings, wrt=names, **moved.terms).blocks)

    (row,) = _once(reference, ("jacobian", output, *names), found).values() or ({},)
    return row.get(name, 0.0)


def _once(reference: Reference, key: tuple[Any, ...], found: Callable[[], Blocks]) -> Blocks:
    def make() -> Blocks:
        try:
            return found()
        except (InvalidError, _ExactError):
            return {}

    return reference.remembered(("bound", *key), make, size_of_blocks)


class _ExactError(Exception):
    """An input, which no step rounds."""


class _Moved:
    """A function with its steps moved, once for each of the primes, and at last not at all."""

    def __init__(self, reference: Reference, output: str | None) -> None:
        self._reference = reference
        limits = replace(reference.limits, cost=min(reference.limits.cost, _COST))
        known: dict[str, Any] = {"limits": limits, "deadline": reference.deadline}
        outputs = None if output is None else [output]
        traced = evaluate(
            reference.graph, reference.bindings, outputs=outputs, trace=True, **known
        ).nodes
        self._values: dict[str, Number] = {**reference.graph.defaults, **reference.bindings}
        self._moves: dict[str, Array] = {}
        self._count = 0
        # Longer than any name there is, and so none of them.
        self._name = max((*reference.graph.codes, *self._values), key=len, default="") + " "
        self._builder = GraphBuilder(reference.graph.defaults)
        self._codes: dict[str, int] = {}
        last = None
        for node in traced or ():
            if node.op != "input":
                last = self._codes[node.id] = self._step(node)
                self._values[node.id] = node.value
        if last is None:
            raise _ExactError
        self.graph: Graph = self._builder.build(last if output is None else self._codes[output])
        self.bindings = {**reference.bindings, **self._moves}
        self.terms: dict[str, Any] = {"mapped": list(self._moves), **known}

    def apart(self, blocks: Blocks) -> Blocks:
        """By how much matrices that rounding moved may differ from that without."""
        return {
            row: {column: self._apart(np.asarray(block)) for column, block in of_row.items()}
            for row, of_row in blocks.items()
        }

    def _apart(self, found: Array) -> Number:
        with np.errstate(all="ignore"):
            apart = np.abs(found[:-1] - found[-1]).max(axis=0)
        apart = np.where(np.isnan(apart), np.inf, apart)
        scale = _SAFETY * max(1.0, (self._count / _MOST_INDEPENDENT) ** 0.5)
        return float(scale * apart) if not np.ndim(apart) else np.asarray(scale * apart)

    def _step(self, node: NodeTrace) -> int:
        """A node whose value, derivatives and operands are moved."""
        single = catalogue[node.op].category in _SINGLE
        operands = [self._operand(arg, inside=not single) for arg in node.args]
        graph = self._reference.graph
        attributes = graph.attributes.get(graph.codes[node.id])
        plain = self._builder.apply(node.op, operands, attributes)
        return self._turned(plain, node.value, by_value=single, name=node.id)

    def _operand(self, arg: object, *, inside: bool) -> int:
        """inside: a sum and its like round its terms, and how far is not seen in its value."""
        if not isinstance(arg, str):
            return self._builder.constant(arg)  # type: ignore[arg-type]  # a float or an array
        code = self._codes.get(arg)
        plain = self._builder.input(arg) if code is None else code
        return self._turned(plain, self._values[arg], by_value=inside)

    def _turned(self, plain: int, value: Number, *, by_value: bool, name: str | None = None) -> int:
        """What was built, x, as x + p + q*(x - X); p only where the value is to move as well."""
        apply = self._builder.apply
        still = apply("sub", [plain, self._builder.constant(value)])
        derivatives = apply("mul", [self._move(np.ones(np.shape(value))), still])
        if by_value:
            derivatives = apply("add", [derivatives, self._move(np.abs(value))])
        return apply("add", [plain, derivatives], name=name)

    def _move(self, size: Number) -> int:
        """An input that stands for so many units of rounding, up or down, and at last for 0."""
        places = self._count + 1 + np.arange(np.size(size)).reshape(np.shape(size))
        self._count += np.size(size)
        waves = [np.sin(2 * np.pi * (np.sqrt(prime) * places % 1)) for prime in _PRIMES]
        name = f"{self._name}{len(self._moves)}"
        still = np.zeros(np.shape(size))
        self._moves[name] = np.stack([*(np.sign(w) * size * _MOVED for w in waves), still])
        return self._builder.input(name)
