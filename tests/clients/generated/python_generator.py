"""openapi-generator's python."""

from __future__ import annotations

import sys

from openapi_client import (
    ApiClient,
    Configuration,
    DifferentiateApi,
    GradientMessage,
    Graph,
    GraphNode,
    Problem,
)
from openapi_client.exceptions import UnprocessableEntityException

with ApiClient(Configuration(host=sys.argv[1])) as client:
    api = DifferentiateApi(client)
    nodes = [
        GraphNode(id="e", op="mul", args=["a", "b"]),
        GraphNode(id="d", op="add", args=["e", "c"]),
    ]
    message = GradientMessage(
        graph=Graph(nodes=nodes), bindings={"a": 2, "b": -3, "c": 10}, output="d"
    )
    answer = api.gradient(message)
    print(answer.value, *(answer.gradients[name] for name in "abc"))

    try:
        api.gradient(GradientMessage(expression="a*b + d", bindings={"a": 2, "b": -3}))
    except UnprocessableEntityException as error:
        problem = error.data
        assert isinstance(problem, Problem)
        assert problem.errors
        fault = problem.errors[0]
        print(problem.status, problem.type, fault.code, fault.pointer)
