"""What every derivative is made of: a program linearised at a point, or at many.

This is the one interface between derivatives and engines, and the one place that chooses an
engine. A third engine would be a third implementation, and a line in `engine_of`.

Outputs and targets are known by their position in the question. Rows of seeds and of results
have an entry for each element of what they are of, one output or target after another, each in
row-major order. At many points every result has a leading axis of points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from autograd_core.engines.arrays import linearised as arrays
from autograd_core.engines.arrays.lines import Direction
from autograd_core.engines.compiled import Compiled, Inputs
from autograd_core.engines.tape import linearised as tape
from autograd_core.engines.tape.tape import Look
from autograd_core.limits import Deadline
from autograd_core.program import Program
from autograd_core.tensors import Array, Flags, Number

Parts = Mapping[int, Number]


class Linearisation(Protocol):
    """A program at a point, or at many. A seed that is absent counts as 0.

    Every method raises DeadlineExceeded.
    """

    def values(self) -> Sequence[Number]:
        """The value of each output."""

    def gradient(self) -> tuple[Number, Sequence[Number]]:
        """The value of the first output, a scalar, and its derivatives by the targets."""

    def pull_back(self, cotangents: Parts) -> Sequence[Number]:
        """Cotangents of the targets, from those of some of the outputs."""

    def push_forward(self, tangents: Parts) -> Sequence[Number]:
        """Tangents of the outputs, from those of some of the targets."""

    def hessian_product(self, tangents: Parts) -> tuple[Number, Sequence[Number], Sequence[Number]]:
        """Value and gradient of the first output, and its Hessian times the tangents."""

    def pull_back_rows(self, seeds: Array) -> Array:
        """`pull_back` of each row: rows x elements of the outputs -> rows x of the targets."""

    def push_forward_rows(self, seeds: Array) -> Array:
        """`push_forward` of each row: rows x elements of the targets -> rows x of the outputs."""

    def hessian_rows(
        self, seeds: Array, *, upper: bool = False
    ) -> tuple[Number, Sequence[Number], Array]:
        """`hessian_product` of each row: rows x elements of the targets, and the products so.

        upper: nothing is asked of a product before the target that its seed begins in.
        """

    def targets_at(self) -> Sequence[Number]:
        """The value of each target."""

    def traced_at(self) -> Sequence[Number]:
        """The value of each input, then of each node in the order of `Program.node_slots`."""

    def line(self, target: int, direction: Direction, output: int, index: tuple[int, ...]) -> Line:
        """One entry of an output, at one point, as a target moves."""

    def glances(
        self, look: Look, targets: Sequence[int], numbers: Array, settings: Sequence[float]
    ) -> tuple[Array, Array] | None:
        """What a loop of the caller's finds of the first output, for some targets in one call;
        None where there is no such short way. See `tape.glances`.
        """


class Interior(Linearisation, Protocol):
    """One that can be looked into: at the values and adjoints of every slot of the program."""

    program: Program
    targets: Sequence[int]
    slots: list[Array]

    def adjoints(self, wanted: Sequence[int], root: int | None = None) -> Mapping[int, Array]:
        """The derivatives of an output (the first by default; of the sum of its entries, if it
        has several) by the wanted slots, and by those between; none where nothing flows.
        """

    def cotangents(self, seeds: Parts, wanted: Sequence[int]) -> Mapping[int, Array]:
        """The cotangents of the wanted slots, and of those between, from those of some outputs."""

    def tangents(self, seeds: Parts) -> Mapping[int, Array]:
        """The tangents of all slots that move, from those of some targets."""

    def adjoint_tangents(
        self, adjoints: Mapping[int, Array], tangents: Mapping[int, Array], wanted: Sequence[int]
    ) -> Mapping[int, Array]:
        """How the adjoints of the wanted slots, and of those between, move with the tangents.

        adjoints, tangents: all that were found for the same slots. As rows of a Hessian are
        columns, it is what the derivative by where the tangents begin moves by with each slot.
        """

    def of(self, slots: Sequence[int], found: Mapping[int, Array]) -> Sequence[Array]:
        """What was found for some slots; zeros where nothing was."""

    def gradient_line(
        self, target: int, direction: Direction, row: int, index: tuple[int, ...]
    ) -> Line:
        """One entry of the first output's gradient by the target `row`, as another moves."""


class Line(Protocol):
    """A scalar function along a line. Steps are numbers along it.

    base: its value at the point. start: what moves, a number or all of a tensor.
    """

    @property
    def base(self) -> float: ...

    @property
    def start(self) -> Array: ...

    def at(self, steps: Sequence[complex]) -> Sequence[complex]:
        """The function at some steps."""

    def shaken(self, steps: Sequence[float]) -> Sequence[float]:
        """The same with roundings exaggerated: at steps 2k and 2k + 1 in opposite directions."""

    def interior(self, step: float, *, shake: bool = False) -> Array:
        """What it computes on the way at one step, flat: always the same numbers, in order."""

    def are_rounded(self) -> Flags:
        """Which of these numbers are rounded: a comparison or a floor is exact."""


L = TypeVar("L", bound=Linearisation)


@dataclass(frozen=True, eq=False)
class Sweep(Generic[L]):
    """A kind of sweep, and what it costs. L: the linearisation that it takes.

    passes: how many evaluations it takes as long as, at most (A. Griewank and A. Walther,
    "Evaluating Derivatives", sections 3.2, 3.3 and 5.1). copies: numbers held at once for each
    number that the program computes, on arrays. pushes: whether tangents are pushed, which on a
    tape can start at inputs only. loops: whether the tape has a loop over points for it. inside:
    whether the interior is asked for, which arrays alone keep.
    """

    passes: int
    copies: int
    pushes: bool = False
    loops: bool = False
    inside: bool = False


VALUES = Sweep[Linearisation](passes=1, copies=1, loops=True)
GRADIENT = Sweep[Linearisation](passes=3, copies=2, loops=True)
PULL_BACK = Sweep[Linearisation](passes=3, copies=2)
PUSH_FORWARD = Sweep[Linearisation](passes=3, copies=2, pushes=True)
HESSIAN = Sweep[Linearisation](passes=8, copies=4, pushes=True)
INTERIOR = Sweep[Interior](passes=1, copies=1, inside=True)
TRACE = Sweep[Interior](passes=3, copies=3, inside=True)
# A rounding error for each number, first; for each element of an output or target, another sweep.
ROUNDING = Sweep[Interior](passes=10, copies=6, inside=True)


@dataclass(frozen=True, eq=False)
class Engine(Generic[L]):
    """What runs a program: its name, and the nodes and elementary operations of one evaluation.

    loops: whether it goes through points one after another, and holds the numbers of one. at:
    makes the linearisation at inputs; at many points, of a program of scalars.
    """

    name: str
    nodes: int
    operations: int
    loops: bool
    at: Callable[[Compiled, Inputs, Deadline | None], L]


def engine_of(compiled: Compiled, sweep: Sweep[L], *, many: bool) -> Engine[L]:
    """The engine that makes a kind of sweep, at one point or at many: the one choice there is.

    Raises GraphError where a program is compiled for the first time.
    """
    code = compiled.tape
    fits = sweep.loops if many else compiled.targets_are_inputs or not sweep.pushes
    make: Any  # what is made has all that sweeps of this kind ask for
    if code is not None and fits and not sweep.inside:
        make = tape.AtPoints if many else tape.AtPoint
        return Engine(tape.NAME, code.nodes, len(code), loops=True, at=make)
    make, program = arrays.Linearised, compiled.program
    return Engine(arrays.NAME, len(program.node_slots), program.cost, loops=False, at=make)
