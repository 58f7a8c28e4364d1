"""Claims in, verdicts out: what the tests of grading have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core import Graph, parse, read_nodes, tensor
from service.grading.grading import grade
from service.grading.model import Judgement, Options, Report, Tolerance
from service.grading.reference import Reference


def reference_of(
    function: str | list[Any],
    bindings: Mapping[str, Any] | None = None,
    output: str | None = None,
    tolerance: Tolerance | None = None,
    **domain: tuple[float, float],
) -> Reference:
    """A reference, of infix text or of nodes."""
    graph: Graph = parse(function) if isinstance(function, str) else read_nodes(function)
    numbers = {name: tensor(value) for name, value in (bindings or {}).items()}
    return Reference(graph, numbers, output, domain=domain, tolerance=tolerance)


def graded(
    function: str | list[Any],
    bindings: Mapping[str, Any] | None,
    claims: Mapping[str, Any],
    **options: Any,
) -> Report:
    """The report on claims of a function."""
    return grade(reference_of(function, bindings), claims, Options(**options))


def verdicts(report: Report) -> dict[str, str]:
    """The verdict on each claim."""
    return {item.judgement.claim: item.judgement.verdict for item in report.items}


def only(report: Report) -> Judgement:
    """The judgement of the only claim."""
    (item,) = report.items
    return item.judgement


def of_formula(function: str | list[Any], claim: Any, name: str = "x", **more: Any) -> Judgement:
    """The judgement of a claimed derivative. more: options, bindings and the domain among them."""
    bindings, domain = more.pop("bindings", None), more.pop("domain", {})
    options = Options(**{"notation": "strict", **more})
    return only(
        grade(reference_of(function, bindings, **domain), {"derivatives": {name: claim}}, options)
    )


def of_function(function: str | list[Any], claim: Any, **more: Any) -> Judgement:
    """The judgement of a claimed function."""
    bindings, domain = more.pop("bindings", None), more.pop("domain", {})
    options = Options(**{"notation": "strict", **more})
    return only(grade(reference_of(function, bindings, **domain), {"function": claim}, options))
