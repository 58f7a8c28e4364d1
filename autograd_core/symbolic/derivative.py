"""The derivative itself as a function: reverse mode, with expressions for adjoints.

>>> from autograd_core import derive, format_expression, parse
>>> format_expression(derive(parse("3*x**2 - 4*x + 5"))["x"])
'6*x - 4'

It is the sweep of every gradient here, over scalars: each node's adjoint is the sum, over the
nodes that use it, of their adjoints times their local partials. So the formula has the value of
the gradient wherever that is finite, conventions at kinks and gates that are shut included, but
for two things that would hide it: the strong zero of a number that happens to be 0, and what keeps
a gradient from over- or underflowing on the way to it. One sweep gives the derivatives by all
names, and what they share is made once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from autograd_core.derivatives.linking import Scope, default_output
from autograd_core.errors import ArgumentError, Fault, GraphError
from autograd_core.graph import Graph
from autograd_core.infix.vocabulary import CONSTANTS
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits, watched, within
from autograd_core.symbolic.contributions import Adjoint, Gates
from autograd_core.symbolic.expressions import Expressions
from autograd_core.symbolic.lowering import lowered
from autograd_core.symbolic.partials import NoFormula, Partials, chooses
from autograd_core.symbolic.scalars import refusal
from autograd_core.symbolic.simplifying import Simplifier
from autograd_core.symbolic.steps import Step, Steps

# Elementary operations that the derivative of one operation takes the time of; numbers that its
# expressions take the memory of, and those that an operation of a derivative does.
_TIME = 10_000
_MEMORY = 500
_MEMORY_OF_FORMULA = 200


def derive(
    graph: Graph,
    wrt: Sequence[str] | None = None,
    *,
    output: str | None = None,
    bound: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Mapping[str, Graph]:
    """The derivatives of a scalar output by each of `wrt`, as graphs of the same inputs.

    wrt: inputs or nodes; by default what is bound, or all inputs where nothing is. bound: names
    of inputs, used or not. Each graph has a node at least, whose value is the derivative.

    Raises GraphError (invalid_value for an operation on arrays, limit_exceeded for more nodes
    than a graph may have, of all derivatives together), ArgumentError and DeadlineExceeded.
    """
    with within(deadline):
        return dict(_Derivation(graph, wrt, output, bound, limits).first(limits.nodes))


def derive_twice(
    graph: Graph,
    wrt: Sequence[str] | None = None,
    *,
    output: str | None = None,
    bound: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Mapping[str, Mapping[str, Graph]]:
    """The second derivatives, by name and by name: those of `derive`, derived. wrt: inputs.

    What is derived by x and by y serves for y and x as well. Raises what `derive` does.
    """
    with within(deadline):
        once = _Derivation(graph, wrt, output, bound, limits)
        once.require_inputs()
        names, left = once.names, limits.nodes
        if len(names) * (len(names) + 1) // 2 > left:  # each has a node at least
            raise _too_many(limits)
        variables = tuple({**dict.fromkeys(bound), **dict.fromkeys(names)})
        twice: dict[str, dict[str, Graph]] = {name: {} for name in names}
        for place, (name, first) in enumerate(once.first(limits.nodes)):
            again = _Derivation(first, names[place:], None, variables, limits)
            for other, second in again.first(left):
                twice[name][other] = twice[other][name] = second
                left -= len(second)
        return {name: {other: twice[name][other] for other in names} for name in names}


class _Derivation:
    """One sweep. names: of what is derived by."""

    def __init__(
        self,
        graph: Graph,
        wrt: Sequence[str] | None,
        output: str | None,
        bound: Collection[str],
        limits: Limits,
    ) -> None:
        self._graph, self._limits = graph, limits
        free = [name for name in graph.inputs if name not in graph.defaults]
        given = tuple(wrt if wrt is not None else (bound or free))
        scope = Scope(graph, {*graph.inputs, *bound}, limits)
        scope.check()
        target = default_output(graph) if output is None else scope.resolve(output, ("output",))
        self._codes = scope.resolve_all(given, "wrt")
        self._wanted = dict(zip(given, self._codes, strict=True))
        self.names = tuple(self._wanted)
        self._variables = frozenset(bound).union(self.names)
        self._expressions = Expressions()
        self._make = Simplifier(self._expressions)
        self._gates = Gates(self._make)
        self._target = target
        self._partials = Partials(self._make, self._pi)

    def require_inputs(self) -> None:
        """Raise ArgumentError unless every name is an input's."""
        faults = [
            Fault("invalid_value", "second derivatives are by inputs, not by nodes", ("wrt", at))
            for at, code in enumerate(self._codes)
            if isinstance(code, int) and code >= 0
        ]
        if faults:
            raise ArgumentError(faults[: self._limits.faults])

    def first(self, most: int) -> Iterator[tuple[str, Graph]]:
        """The derivatives by name, of so many nodes together."""
        adjoints, left = self._adjoints(), most
        defaults = {name: value for name, value in CONSTANTS.items() if name not in self._variables}
        known: dict[int, Graph] = {}  # many second derivatives are 0
        for name, adjoint in adjoints.items():
            if adjoint not in known:
                known[adjoint] = lowered(self._expressions, adjoint, self._ids, defaults)
            left -= len(known[adjoint])
            if left < 0:
                raise _too_many(self._limits)
            self._hold(self._limits.nodes - left)
            yield name, known[adjoint]

    def _adjoints(self) -> dict[str, int]:
        zero, target = self._make.zero, self._target
        self._ids: Mapping[int, str] = {}
        if isinstance(target, str):  # an input that the graph does not use
            return {name: self._make.one if name == target else zero for name in self.names}
        deadline = Deadline.current()
        if deadline is not None:
            deadline.spend(_TIME * len(self._graph))
        self._hold(0)
        steps = Steps(self._graph, [target], self._expressions, self._variables)
        self._ids = steps.ids
        slots = {steps.slots[code] for code in self._codes if code in steps.slots}
        found = self._swept(steps, steps.slots[target], slots)
        return {
            name: found.get(steps.slots[code], zero) if code in steps.slots else zero
            for name, code in self._wanted.items()
        }

    def _hold(self, operations: int) -> None:
        """Have memory for the sweep, and for so many operations of derivatives."""
        deadline = Deadline.current()
        if deadline is not None:
            deadline.hold(_MEMORY * len(self._graph) + _MEMORY_OF_FORMULA * operations)

    def _swept(self, steps: Steps, output: int, targets: set[int]) -> dict[int, int]:
        """The adjoints of some slots, as expressions."""
        varied = _varied(steps, targets)
        waiting: dict[int, list[Adjoint]] = {output: [Adjoint(self._make.one)]}
        found: dict[int, int] = {}
        for step in watched(reversed(steps.steps), Deadline.current()):
            contributions = waiting.pop(step.slot, None)
            if contributions is None or not varied[step.slot]:
                continue
            adjoint = self._gates.together(contributions[::-1])
            if step.slot in targets:
                found[step.slot] = self._gates.opened(adjoint)
            if adjoint.value == self._make.zero:
                continue
            # The last operand first: what comes of them is added up in the opposite order.
            for index in reversed(range(len(step.operands))):
                slot = step.operands[index]
                if varied[slot] and step.row.passes(index):
                    sent = self._sent(steps, step, index, adjoint)
                    if sent.value != self._make.zero:
                        waiting.setdefault(slot, []).append(sent)
        for slot in targets & waiting.keys():
            found[slot] = self._gates.opened(self._gates.together(waiting[slot][::-1]))
        return found

    def _sent(self, steps: Steps, step: Step, index: int, adjoint: Adjoint) -> Adjoint:
        """What a step sends to one of its operands."""
        operands = [steps.values[slot] for slot in step.operands]
        value = steps.values[step.slot]
        try:
            partial = self._partials.partial(step.row, index, operands, value, step.attributes)
        except NoFormula as error:
            detail = f"the derivative of {step.row.name} is no formula of operations: {error}"
            raise refusal(self._graph, step.node, detail) from None
        return self._gates.through(adjoint, partial, chosen=chooses(step.row, index))

    def _pi(self) -> int:
        """pi by name, unless that name is an input's."""
        name, value = "pi", CONSTANTS["pi"]
        if name in self._variables or (
            name in self._graph.codes and name not in self._graph.defaults
        ):
            return self._expressions.constant(value)
        return self._expressions.input(name, value)


def _too_many(limits: Limits) -> GraphError:
    detail = (
        f"the derivatives have more than the limit of {limits.nodes:,} nodes together: ask for "
        "fewer at a time"
    )
    return GraphError(Fault("limit_exceeded", detail))


def _varied(steps: Steps, targets: set[int]) -> bytearray:
    """By slot, whether a value depends on a target through what passes derivatives on."""
    varied = bytearray(len(steps.values))
    for slot in targets:
        varied[slot] = 1
    for step in watched(steps.steps, Deadline.current()):
        if any(varied[slot] and step.row.passes(at) for at, slot in enumerate(step.operands)):
            varied[step.slot] = 1
    return varied
