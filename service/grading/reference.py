"""The author's function at the given numbers: run once, however many submissions are judged."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np

from autograd_core import (
    Array,
    Deadline,
    Evaluation,
    Gradient,
    Graph,
    Hessian,
    Jacobian,
    Limits,
    NodeTrace,
    evaluate,
    gradient,
    hessian,
    jacobian,
    tensor,
)
from service.grading.model import Number, Tolerance

# What an output without a name of its own answers as.
NO_NAME: Final = "value"


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
        # What other modules found of it, under keys of their own.
        self.memory: dict[Hashable, Any] = {}

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

    def check(self) -> None:
        """Raise what is wrong with the function itself, whatever is claimed of it; where numbers
        are not bound, what would be wrong with 1.
        """
        if not self._is_checked:
            self._evaluated(None if self.output is None else [self.output])
            self._is_checked = True

    @cached_property
    def root(self) -> int:
        """The operand code of the output of a reference that passes `check`; that of no leaf where
        it is an input that nothing is computed from.
        """
        graph = self.graph
        if self.output is not None:
            return graph.codes.get(self.output, ~len(graph.leaves))
        return graph.sinks[0] if graph.result is None else graph.result

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
    def gradient(self) -> Gradient:
        """The value, and the gradient by every bound input."""
        return gradient(
            self.graph,
            self.bindings,
            output=self.output,
            limits=self.limits,
            deadline=self.deadline,
        )

    @cached_property
    def nodes(self) -> Mapping[str, NodeTrace]:
        """Every node by its name, in the order evaluated; the output is the last, if it is one."""
        traced = gradient(
            self.graph,
            self.bindings,
            output=self.output,
            trace=True,
            limits=self.limits,
            deadline=self.deadline,
        )
        return {node.id: node for node in traced.nodes or ()}

    @cached_property
    def output_name(self) -> str:
        """What the output is called."""
        return self.output or next(reversed(self.nodes), NO_NAME)

    def value_of(self, name: str) -> Number:
        """The value of a node or an input."""
        node = self.nodes.get(name)
        return tensor(self.bindings[name], self.limits) if node is None else node.value

    def gradient_of(self, name: str) -> Number:
        """The derivative of the output by an input or a node."""
        found = self.gradient.gradients.get(name)
        if found is None:
            found = self.nodes[name].gradient
        return 0.0 if found is None else found

    def hessian(self, names: Sequence[str]) -> Hessian:
        """Second derivatives by some inputs."""
        key = ("hessian", *names)
        if key not in self.memory:
            self.memory[key] = hessian(
                self.graph,
                self.bindings,
                output=self.output,
                wrt=names,
                limits=self.limits,
                deadline=self.deadline,
            )
        found: Hessian = self.memory[key]
        return found

    def jacobian(self, output: str, names: Sequence[str]) -> Jacobian:
        """Derivatives of an output, of any shape, by some inputs. output: as answers call it."""
        unnamed = output == NO_NAME and NO_NAME not in self.graph.codes
        wanted = self.output if unnamed else output
        key = ("jacobian", wanted, *names)
        if key not in self.memory:
            self.memory[key] = jacobian(
                self.graph,
                self.bindings,
                outputs=None if wanted is None else [wanted],
                wrt=names,
                limits=self.limits,
                deadline=self.deadline,
            )
        found: Jacobian = self.memory[key]
        return found

    def gradient_at(self, points: Mapping[str, Array]) -> Gradient:
        """The value and the gradient by some variables at many points of them, each an array with
        an axis of points.
        """
        return gradient(
            self.graph,
            {**self.bindings, **points},
            output=self.output,
            wrt=list(points),
            mapped=list(points),
            limits=self.limits,
            deadline=self.deadline,
        )

    # Rounding: first-order bounds, asked for only where a claim differs ------------------------

    def value_bound(self, node: str | None = None) -> Number:
        """How far rounding may have moved the value of the output, or of a node."""
        return 0.0

    def gradient_bound(self, name: str) -> Number:
        """How far rounding may have moved the gradient by an input or a node."""
        return 0.0
