"""Programs: pruned to what is asked, every shape and cost known before a number is computed."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Fault,
    Graph,
    GraphError,
    Limits,
    evaluate,
    gradient,
    parse,
    read_nodes,
)
from autograd_core.compiling import compile_program
from autograd_core.program import Program

LIMITS = Limits()


def program_of(graph: Graph, *outputs: str, limits: Limits = LIMITS, **shapes: Any) -> Program:
    codes = [graph.codes[name] for name in outputs] or list(graph.sinks)
    return compile_program(graph, shapes, codes, limits)


def fault_of(call: Callable[[], Any]) -> Fault:
    with pytest.raises(GraphError) as caught:
        call()
    (fault,) = caught.value.faults
    return fault


def peak_of(call: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_only_what_the_output_needs_is_compiled() -> None:
    graph = parse("a = exp(x); b = sin(a); c = cos(a); b")
    program = program_of(graph, "b", x=())
    assert [each.operation.name for each in program.instructions] == ["exp", "sin"]
    assert evaluate(graph, {"x": 0.5}, outputs=["b"]).cost.nodes == 2


def test_shapes_that_do_not_fit_where_nobody_looks_are_no_error() -> None:
    nodes = [
        {"id": "good", "op": "sum", "args": ["v"]},
        {"id": "bad", "op": "add", "args": ["v", "w"]},
    ]
    graph, bindings = read_nodes(nodes), {"v": [1.0, 2.0], "w": [1.0, 2.0, 3.0]}
    assert gradient(graph, bindings, output="good").value == 3.0
    fault = fault_of(lambda: gradient(graph, bindings, output="bad"))
    assert fault.code == "shape_mismatch"


def test_inputs_have_the_first_slots_and_each_node_its_own() -> None:
    graph = parse("p = x*y; p + x*y + 2")
    program = program_of(graph, x=(), y=(), unused=(3,))
    assert program.inputs == {"x": 0, "y": 1, "unused": 2}
    assert len(set(program.node_slots.values())) == len(program.node_slots) == len(graph)
    assert sorted(program.producers) == sorted(each.slot for each in program.instructions)
    for instruction in program.instructions:
        assert all(slot < instruction.slot for slot in instruction.operands)


@pytest.mark.parametrize(
    "text, shapes, expected",
    [
        ("x + y", {"x": (2, 1), "y": (3,)}, (2, 3)),
        ("x @ y", {"x": (2, 3), "y": (3, 5)}, (2, 5)),
        ("x @ y", {"x": (7, 2, 3), "y": (3,)}, (7, 2)),
        ("sum(x, axis=[0, 2])", {"x": (2, 3, 4)}, (3,)),
        ("mean(x, axis=1, keepdims=true)", {"x": (2, 3)}, (2, 1)),
        ("transpose(x)", {"x": (2, 3, 4)}, (4, 3, 2)),
        ('einsum(x, y, equation="ij,jk->ki")', {"x": (2, 3), "y": (3, 4)}, (4, 2)),
        ("outer(x, y)", {"x": (2, 2), "y": (3,)}, (4, 3)),
        ("concat(x, y)", {"x": (2, 3), "y": (4, 3)}, (6, 3)),
        ("reshape(x, shape=[-1, 4])", {"x": (2, 6)}, (3, 4)),
        ("x[1:, ::2]", {"x": (3, 5)}, (2, 3)),
        ("x + y", {"x": (0,), "y": ()}, (0,)),
    ],
)
def test_shapes_are_known_without_numbers(text: str, shapes: Any, expected: Any) -> None:
    program = program_of(parse(text), **shapes)
    assert program.shapes[program.outputs[0]] == expected
    bindings = {name: np.ones(shape) for name, shape in shapes.items()}
    (value,) = evaluate(parse(text), bindings).values.values()
    assert value.shape == expected


def test_a_mismatch_names_the_node_and_both_shapes() -> None:
    nodes = [
        {"id": "h", "op": "neg", "args": ["x"]},
        {"id": "z", "op": "matmul", "args": ["h", "w"]},
    ]
    graph = read_nodes(nodes)
    fault = fault_of(lambda: evaluate(graph, {"x": np.ones((2, 3)), "w": np.ones((4, 5))}))
    assert (fault.code, fault.path) == ("shape_mismatch", ("nodes", 1))
    for said in ("'z'", "[2, 3]", "[4, 5]"):
        assert said in fault.detail


def test_a_mismatch_in_a_text_has_a_line_and_a_column() -> None:
    graph = parse("p = x*2\np + y")
    fault = fault_of(lambda: evaluate(graph, {"x": [1.0, 2.0], "y": [1.0, 2.0, 3.0]}))
    assert (fault.code, fault.line, fault.path) == ("shape_mismatch", 2, ())


def test_a_composite_operation_refuses_shapes_in_its_own_name() -> None:
    graph = parse("mse(x, y)")
    fault = fault_of(lambda: evaluate(graph, {"x": [1.0, 2.0], "y": [1.0, 2.0, 3.0]}))
    assert "mse" in fault.detail


HUGE = 'einsum(x, y, equation="i,j->ij")'


@pytest.mark.parametrize(
    "text, shapes, limits, said",
    [
        (
            HUGE,
            {"x": (1000,), "y": (1001,)},
            Limits(elements=10**6),
            ["1,001,000 elements", "1,000,000"],
        ),
        ("outer(x, x)", {"x": (10**4,)}, LIMITS, ["100,000,000 elements", "10,000,000"]),
        ("broadcast_to(x, shape=[100000, 100000])", {"x": ()}, LIMITS, ["[100000, 100000]"]),
        ("x + reshape(x, shape=[-1, 1])", {"x": (10**4,)}, LIMITS, ["add", "over the limit"]),
        ("exp(exp(exp(x)))", {"x": (300,)}, Limits(total_elements=1000), ["1,000", "1,200"]),
        ("expand_dims(x, axis=0)", {"x": (1,) * 8}, LIMITS, ["rank 9", "limit of 8 axes"]),
    ],
)
def test_a_result_over_a_limit_is_refused_before_memory_is_taken(
    text: str, shapes: Any, limits: Limits, said: list[str]
) -> None:
    graph = parse(text)
    faults: list[Fault] = []
    peak = peak_of(
        lambda: faults.append(fault_of(lambda: program_of(graph, limits=limits, **shapes)))
    )
    assert faults[0].code == "limit_exceeded"
    for words in said:
        assert words in faults[0].detail
    assert peak < 500_000


def test_any_number_of_new_axes_is_refused_in_time_in_proportion() -> None:
    """200,000 of them took minutes, each looked for among all others."""
    node = {"op": "expand_dims", "args": ["x"], "attrs": {"axis": list(range(200_000))}}
    fault = fault_of(lambda: program_of(read_nodes([node]), x=()))
    assert "a result of rank 200000, over the limit of 8 axes" in fault.detail


def test_a_fault_of_size_names_the_node() -> None:
    graph = read_nodes([{"id": "big", "op": "outer", "args": ["x", "x"]}])
    fault = fault_of(lambda: program_of(graph, x=(10_000,)))
    assert fault.path == ("nodes", 0)
    assert "'big'" in fault.detail


def test_an_einsum_that_is_joined_in_a_cheap_order_is_not_refused() -> None:
    graph = parse('einsum(x, x, x, equation="a,b,c->")')
    few = Limits(elements=100)
    assert evaluate(graph, {"x": np.ones(50)}, limits=few).values == {"value": 125_000.0}


def test_what_an_einsum_makes_on_the_way_counts() -> None:
    graph = parse('einsum(x, x, x, equation="ab,bc,ca->")')
    fault = fault_of(lambda: program_of(graph, limits=Limits(elements=100), x=(20, 20)))
    assert fault.code == "limit_exceeded"
    assert "intermediate of 400 elements" in fault.detail


def test_an_einsum_that_has_to_loop_over_everything_costs_as_much() -> None:
    """Every pair of four indices: there is no order that joins fewer than all of them."""
    graph = parse('einsum(x, x, x, x, x, x, equation="ab,cd,ac,bd,ad,bc->")')
    fault = fault_of(lambda: evaluate(graph, {"x": np.ones((200, 200))}))
    assert fault.code == "limit_exceeded"
    assert "einsum" in fault.detail


def test_a_gradient_over_the_cost_limit_names_limit_need_and_the_dominating_node() -> None:
    nodes = [
        {"id": "small", "op": "exp", "args": ["x"]},
        {"id": "product", "op": "matmul", "args": ["small", "x"]},
        {"id": "loss", "op": "sum", "args": ["product"]},
    ]
    graph, x = read_nodes(nodes), np.ones((100, 100))
    limits = Limits(cost=10**6)
    assert evaluate(graph, {"x": x}).cost.operations >= 10**6
    fault = fault_of(lambda: gradient(graph, {"x": x}, limits=limits))
    assert (fault.code, fault.path) == ("limit_exceeded", ("nodes", 1))
    for said in ("the gradient", "1e+06", "'product'", "matmul"):
        assert said in fault.detail


def test_as_much_as_the_cost_limit_is_computed() -> None:
    graph, x = parse("sum(exp(x))"), np.zeros(100)
    cost = evaluate(graph, {"x": x}).cost.operations
    assert cost == 200
    assert evaluate(graph, {"x": x}, limits=Limits(cost=200)).values == {"value": 100.0}
    assert fault_of(lambda: evaluate(graph, {"x": x}, limits=Limits(cost=199))).code == (
        "limit_exceeded"
    )


def test_points_count_in_the_cost() -> None:
    graph, x = parse("x*x"), np.zeros(100)
    assert gradient(graph, {"x": x}, mapped=["x"]).cost.operations == 300
    fault = fault_of(lambda: gradient(graph, {"x": x}, mapped=["x"], limits=Limits(cost=299)))
    assert fault.code == "limit_exceeded"


@pytest.mark.parametrize(
    "text, shapes, scalar",
    [
        ("x*y + 2", {"x": (), "y": ()}, True),
        ("x*y + 2", {"x": (), "y": (), "unused": (3,)}, False),
        ("x*y", {"x": (2,), "y": ()}, False),
        ("sum(x)", {"x": ()}, False),
    ],
)
def test_a_program_of_scalars_knows_it(text: str, shapes: Any, scalar: bool) -> None:
    assert program_of(parse(text), **shapes).is_scalar is scalar


def test_downstream_is_what_depends_on_a_slot_and_not_the_slot() -> None:
    graph = parse("p = x*y; q = exp(p); r = sin(x); q + r")
    program = program_of(graph, x=(), y=())

    def names(*sources: int) -> list[str]:
        return [each.operation.name for each in program.downstream(sources)]

    assert names(program.inputs["y"]) == ["mul", "exp", "add"]
    assert names(program.node_slots[graph.codes["p"]]) == ["exp", "add"]
    assert names(program.outputs[0]) == []


def test_a_map_evaluates_all_outputs_in_one_pass() -> None:
    """300 nodes at 30,000 points are 9e6 operations, however many of the nodes are answered."""
    names = [f"n{k}" for k in range(300)]
    text = "; ".join(f"{name} = x + {k}" for k, name in enumerate(names))
    x = np.zeros(300)
    found = evaluate(parse(text), {"x": x}, outputs=names, mapped=["x"], limits=Limits(cost=90_000))
    assert found.cost.operations == 90_000
    with pytest.raises(GraphError, match=r"needs about 9e\+04"):
        evaluate(parse(text), {"x": x}, outputs=names, mapped=["x"], limits=Limits(cost=89_999))


@pytest.mark.parametrize(
    "text, said",
    [
        ("+".join("x" * 301), "no part of it dominates the 300 operations"),
        ("x**2 + x", "the largest part (50%) is"),
        ("x", None),
    ],
)
def test_what_costs_too_much_names_a_part_only_if_it_dominates(text: str, said: str | None) -> None:
    graph, limits = parse(text), Limits(cost=99)
    call = lambda: evaluate(graph, {"x": np.zeros(100)}, mapped=["x"], limits=limits)  # noqa: E731
    if said is None:
        call()
        return
    fault = fault_of(call)
    assert said in fault.detail
    assert "(0%)" not in fault.detail
