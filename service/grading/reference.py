"""The author's function at the given numbers: run once, however many submissions are judged."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np

from autograd_core import (
    UNNAMED,
    ArgumentError,
    Array,
    Deadline,
    Evaluation,
    Fault,
    Gradient,
    Graph,
    Hessian,
    Limits,
    NodeTrace,
    Number,
    catalogue,
    did_you_mean,
    evaluate,
    gradient,
    hessian,
    jacobian,
    tensor,
)
from service.grading.model import Tolerance

T = TypeVar("T")
Blocks = Mapping[str, Mapping[str, Number]]
_REMEMBERED: Final = 64
_MOST_NAMED: Final = 1_000
_SCALAR: Final = frozenset({"elementwise", "activation", "logic"})


class Reference:
    """What claims are compared with.

    bindings: numbers of the inputs; formulas may be claimed of a function none of whose inputs is
    bound. domain: by variable, the interval that formulas are compared on. Each property raises
    GraphError or ArgumentError where the author's function is at fault, and DeadlineExceeded.

    A reference outlives the request it came in: it keeps what it found, whatever the claims, and
    asks the deadline that is current then.
    """

    def __init__(
        self,
        graph: Graph,
        bindings: Mapping[str, Number],
        output: str | None = None,
        *,
        domain: Mapping[str, tuple[float, float]] | None = None,
        tolerance: Tolerance | None = None,
        limits: Limits | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        self.graph = graph
        self.bindings = bindings
        self.output = output
        self.domain = domain or {}
        self.tolerance = tolerance or Tolerance()
        self.limits = limits or Limits()
        self._deadline = deadline
        self._is_checked = False
        self._in_nodes = 0
        self._memory: dict[Hashable, tuple[Any, int]] = {}
        unknown = (name for name in self.domain if name not in self.input_names)
        faults = [
            Fault(
                "unknown_name",
                f"no input is called {n!r}{did_you_mean(n, self.inputs)}",
                ("domain", n),
            )
            for n in islice(unknown, self.limits.faults)
        ]
        if faults:
            raise ArgumentError(faults)

    def remembered(
        self, key: Hashable, make: Callable[[], T], size: Callable[[T], int] = lambda _: 0
    ) -> T:
        """What was made of this reference under a key before, or is made now; what was asked for
        last is kept. size: how many numbers it holds.
        """
        known = self._memory.pop(key, None)
        if known is None:
            made = make()
            known = made, size(made)
            while len(self._memory) >= _REMEMBERED:
                self._memory.pop(next(iter(self._memory)), None)
        self._memory[key] = known
        found: T = known[0]
        return found

    @property
    def held(self) -> int:
        """About how many numbers were found and are kept."""
        return self._in_nodes + sum(size for _, size in self._memory.values())

    def forget(self) -> None:
        """Keep nothing of what was found."""
        self._memory.clear()
        self._in_nodes = 0
        for name in ("result", "gradient", "nodes", "hessian"):
            self.__dict__.pop(name, None)

    @property
    def deadline(self) -> Deadline | None:
        """Its own, or that of whoever asks now."""
        return Deadline.current() if self._deadline is None else self._deadline

    @cached_property
    def free(self) -> tuple[str, ...]:
        """The names that are not bound, in the order of their first use."""
        graph, bound = self.graph, self.bindings
        return tuple(n for n in graph.inputs if n not in bound and n not in graph.defaults)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Every name that a formula may use, in the order of first use; those nobody uses last."""
        graph, bound = self.graph, self.bindings
        used = (n for n in graph.inputs if n in bound or n not in graph.defaults)
        return tuple(dict.fromkeys((*used, *bound)))

    @cached_property
    def input_names(self) -> frozenset[str]:
        """The same as a set."""
        return frozenset(self.inputs)

    @cached_property
    def all_names(self) -> frozenset[str]:
        """These and the names of nodes; not those of a graph of very many."""
        ids = [each for each in self.graph.ids if each is not None]
        return self.input_names.union(ids if len(ids) <= _MOST_NAMED else ())

    def check(self) -> None:
        """Raise what is wrong with the function itself, whatever is claimed of it; where numbers
        are not bound, what would be wrong with 1.
        """
        if not self._is_checked:
            self._evaluated(None if self.output is None else [self.output])
            self._is_checked = True

    @cached_property
    def is_scalar(self) -> bool:
        """Whether all that it computes are numbers."""
        graph = self.graph
        bound = all(isinstance(number, int | float) for number in self.bindings.values())
        leaves = all(isinstance(leaf, str | float) for leaf in graph.leaves)
        rows = (catalogue[operation].category for operation in graph.operations)
        return bound and leaves and _SCALAR.issuperset(rows)

    @cached_property
    def root(self) -> int:
        """The operand code of the output, if there is one; else, and of an input that nothing is
        computed from, the code of no leaf.
        """
        graph = self.graph
        if self.output is not None:
            return graph.codes.get(self.output, ~len(graph.leaves))
        if graph.result is not None:
            return graph.result
        return graph.sinks[0] if graph.sinks else ~len(graph.leaves)

    def constant(self, code: int) -> Array:
        """The value of what no free name moves."""
        label = self.graph.label(code)
        if isinstance(label, str):
            label = self._evaluated([label]).values[label]
        return np.asarray(label)

    def _evaluated(self, outputs: Sequence[str] | None) -> Evaluation:
        ones = dict.fromkeys(self.free, 1.0)
        return evaluate(
            self.graph,
            {**ones, **self.bindings},
            outputs=outputs,
            limits=self.limits,
            deadline=self.deadline,
        )

    @cached_property
    def result(self) -> Gradient:
        """The value, and the gradient by every bound input."""
        return self._gradient(trace=False)

    @cached_property
    def gradient(self) -> Gradient:
        """The same, and every node."""
        found = self._gradient(trace=True)
        self._in_nodes = sum(2 * np.size(node.value) for node in found.nodes or ())
        return found

    @cached_property
    def nodes(self) -> Mapping[str, NodeTrace]:
        """Every node by its name, in the order evaluated; the output is the last, if it is one."""
        return {node.id: node for node in self.gradient.nodes or () if node.op != "input"}

    @cached_property
    def hessian(self) -> Hessian:
        """Every second derivative by the bound inputs."""
        return self._hessian(None)

    def _gradient(self, *, trace: bool) -> Gradient:
        return gradient(
            self.graph,
            self.bindings,
            output=self.output,
            trace=trace,
            limits=self.limits,
            deadline=self.deadline,
        )

    def _hessian(self, names: Sequence[str] | None) -> Hessian:
        return hessian(
            self.graph,
            self.bindings,
            output=self.output,
            wrt=names,
            limits=self.limits,
            deadline=self.deadline,
        )

    @cached_property
    def output_name(self) -> str:
        """What the output is called."""
        return self.output or next(reversed(list(self.nodes)), UNNAMED)

    def value_of(self, name: str) -> Number:
        """The value of a node or an input."""
        node = self.nodes.get(name)
        return tensor(self.bindings[name] if node is None else node.value, self.limits)

    def gradient_of(self, name: str) -> Number:
        """The derivative of the output by an input or a node."""
        found = self.result.gradients.get(name)
        if found is None:
            found = self.nodes[name].gradient
        return tensor(0.0 if found is None else found, self.limits)

    def hessian_by(self, names: Sequence[str]) -> Blocks:
        """Blocks of second derivatives by some inputs or nodes."""
        return self.remembered(
            ("hessian", *names), lambda: self._hessian(names).blocks, size_of_blocks
        )

    def wanted(self, output: str) -> str | None:
        """The node that answers call so; None where that is what the graph computes, unnamed."""
        unnamed = output == UNNAMED and UNNAMED not in self.graph.codes
        return self.output if unnamed else output

    def jacobian_of(self, output: str, names: Sequence[str]) -> Mapping[str, Number]:
        """Derivatives of an output of any shape by some inputs. output: as answers call it."""
        wanted = self.wanted(output)

        def make() -> Blocks:
            return jacobian(
                self.graph,
                self.bindings,
                outputs=None if wanted is None else [wanted],
                wrt=names,
                limits=self.limits,
                deadline=self.deadline,
            ).blocks

        (row,) = self.remembered(("jacobian", wanted, *names), make, size_of_blocks).values()
        return row

    def gradient_at(
        self,
        points: Mapping[str, Array],
        limits: Limits | None = None,
        *,
        rounding: bool = False,
    ) -> Gradient:
        """The value and the gradient by some variables at many points of them, each an array with
        an axis of points.
        """
        return gradient(
            self.graph,
            {**self.bindings, **points},
            output=self.output,
            wrt=list(points),
            mapped=list(points),
            rounding=rounding,
            limits=limits or self.limits,
            deadline=self.deadline,
        )


def size_of_blocks(blocks: Blocks) -> int:
    """How many numbers there are in blocks."""
    return sum(np.size(block) for row in blocks.values() for block in row.values())
