"""openapi-python-client."""

from __future__ import annotations

import sys

from generated import Client
from generated.api.differentiate import gradient
from generated.models import (
    GradientAnswer,
    GradientMessage,
    GradientMessageBindings,
    Graph,
    GraphNode,
    Problem,
)


def bindings(**numbers: float) -> GradientMessageBindings:
    made = GradientMessageBindings()
    made.additional_properties = dict(numbers)
    return made


client = Client(base_url=sys.argv[1])
nodes = [
    GraphNode(id="e", op="mul", args=["a", "b"]),
    GraphNode(id="d", op="add", args=["e", "c"]),
]
message = GradientMessage(graph=Graph(nodes=nodes), bindings=bindings(a=2, b=-3, c=10), output="d")
answer = gradient.sync(client=client, body=message)
assert isinstance(answer, GradientAnswer), answer
print(answer.value, *(answer.gradients[name] for name in "abc"))

unbound = GradientMessage(expression="a*b + d", bindings=bindings(a=2, b=-3))
problem = gradient.sync(client=client, body=unbound)
assert isinstance(problem, Problem), problem
assert isinstance(problem.errors, list)
fault = problem.errors[0]
print(problem.status, problem.type_, fault.code, fault.pointer)
