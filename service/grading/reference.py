"""The author's function at the given numbers: run once, however many submissions are judged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from autograd_core import (
    Deadline,
    Gradient,
    Graph,
    Hessian,
    Jacobian,
    Limits,
    NodeTrace,
    gradient,
    hessian,
    jacobian,
)
from service.grading.model import Number, Tolerance


class Reference:
    """What claims are compared with.

    bindings: numbers of the inputs; formulas may be claimed of a function none of whose inputs is
    bound. domain: by variable, the interval that formulas are compared on. Each property raises
    GraphError or ArgumentError where the author's function is at fault, and DeadlineExceeded.
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
        self.deadline = deadline

    @cached_property
    def gradient(self) -> Gradient:
        """Value, gradient by every bound input, and every node."""
        return gradient(
            self.graph,
            self.bindings,
            output=self.output,
            trace=True,
            limits=self.limits,
            deadline=self.deadline,
        )

    @cached_property
    def nodes(self) -> Mapping[str, NodeTrace]:
        """Every node by its name, in the order evaluated."""
        return {node.id: node for node in self.gradient.nodes or ()}

    @cached_property
    def hessian(self) -> Hessian:
        """Every second derivative by the bound inputs."""
        return hessian(
            self.graph,
            self.bindings,
            output=self.output,
            limits=self.limits,
            deadline=self.deadline,
        )

    @cached_property
    def jacobian(self) -> Jacobian:
        """Every derivative of the output, which may have a shape, by the bound inputs."""
        return jacobian(
            self.graph,
            self.bindings,
            outputs=None if self.output is None else [self.output],
            limits=self.limits,
            deadline=self.deadline,
        )
