"""datamodel-code-generator: models of messages and answers; httpx sends them."""

from __future__ import annotations

import sys

import httpx
from models import GradientAnswer, GradientMessage, Graph, GraphNode, Problem

client = httpx.Client(base_url=sys.argv[1], headers={"Content-Type": "application/json"})


def post(message: GradientMessage) -> httpx.Response:
    return client.post("/gradient", content=message.model_dump_json(exclude_none=True))


nodes = [
    GraphNode(id="e", op="mul", args=["a", "b"]),
    GraphNode(id="d", op="add", args=["e", "c"]),
]
reply = post(
    GradientMessage(graph=Graph(nodes=nodes), bindings={"a": 2, "b": -3, "c": 10}, output="d")
)
answer = GradientAnswer.model_validate(reply.json() | {"a member of a later version": 1})
print(answer.value, *(answer.gradients[name] for name in "abc"))

reply = post(GradientMessage(expression="a*b + d", bindings={"a": 2, "b": -3}))
problem = Problem.model_validate_json(reply.content)
assert problem.errors
fault = problem.errors[0]
print(problem.status, problem.type, fault.code, fault.pointer)
