"""Whole messages for every POST endpoint, most of them right, some with one thing wrong.

A program is drawn with the shapes of its values known, so that most messages get as far as an
answer; numbers, attributes and members are drawn from what is usual and from the edges of what
JSON, int64 and binary64 can hold. `MEMBERS` is the table: a row for each endpoint.
"""

from __future__ import annotations

import base64
import copy
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_core.operations import TABLE, Composite, ShapeError, elementwise
from autograd_core.tensors import Shape

Message = dict[str, Any]

# --- numbers and shapes ----------------------------------------------------------------

CALM = (-3, -2, -1.5, -1, -0.5, 0, 0.1, 0.5, 1, 1.5, 2, 3)
ODD = (-0.0, 0, 1, -1, 2, 0.5, "NaN", "Infinity", "-Infinity")
EXTREME = (
    *(5e-324, -5e-324, 2.2250738585072014e-308, 1e-200, 1e-16, 1e16, 1e154, 1e200, 1e308, -1e308),
    *(1.7976931348623157e308, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**64, 10**19),
)
WHOLE = (0, 1, -1, 2, -2, 3, 7, 2**31, -(2**31) - 1, 2**53, -(2**53), 2**63 - 1, -(2**63), 2**70)
JUNK: tuple[Any, ...] = (
    *(None, True, "", "x", "NaN", [], {}, [[]], [0], {"shape": [2]}, {"op": "add"}, 1.5, 10**400),
    *("AAAAAAAA8D8=", "\ud83d\ude00", "a/b~c", [[1, 2], [3]], {"shape": [0, 2**62], "data": []}),
)
MOST_NUMBERS = 100
SHAPES: tuple[Shape, ...] = (
    *((), (), (), (), (1,), (2,), (2,), (3,), (0,), (1, 1), (2, 2), (2, 2), (2, 3), (1, 2)),
    *((2, 0), (0, 3), (0, 0), (2, 1, 2)),
)
LARGE_SHAPES = (
    *([0, 2**62], [2**62, 0], [20_000_000, 0], [0, 2**31, 2**31], [2**53], [2**31, 2**31]),
    *([-1, 0], [0, -1], [], [1] * 8, [1] * 9, [2**63 - 1, 0], [1e0], [-1], [0]),
)
# A name that is also a member's, a constant's or an operation's, or that a pointer has to escape.
NAMES = ("x", "y", "w", "x", "y", "bindings", "tangents", "vector", "pi", "e", "θ", "sin", "a/b~c")
WORDS = tuple(name for name in NAMES if name.isidentifier())

calm, odd = st.sampled_from(CALM), st.sampled_from(ODD)
extreme, whole, junk = st.sampled_from(EXTREME), st.sampled_from(WHOLE), st.sampled_from(JUNK)
NUMBERS: Mapping[str, st.SearchStrategy[Any]] = {
    "calm": calm,
    "odd": st.one_of(calm, odd),
    "extreme": st.one_of(calm, odd, extreme, st.floats(allow_nan=False, allow_infinity=False)),
}


def rarely(draw: st.DrawFn, one_in: int = 8) -> bool:
    """True once in so many; the smallest example has False."""
    return draw(st.integers(0, one_in - 1)) == one_in - 1


@st.composite
def tensors(draw: st.DrawFn, shape: Shape, temper: str) -> Any:
    """A tensor of the shape, in any of the forms that a message may have it in; a large one
    without its numbers, which is a fault.
    """
    count = math.prod(shape)
    if count > MOST_NUMBERS:
        return {"shape": list(shape), "data": []}
    numbers = draw(st.lists(NUMBERS[temper], min_size=count, max_size=count))
    form = draw(st.sampled_from(["nested", "nested", "data", "base64"]))
    if form == "nested" and (0 not in shape or shape.index(0) == len(shape) - 1):
        return _nested(numbers, shape)
    if form == "base64":
        packed = np.array([float(x) for x in numbers], dtype="<f8").tobytes()
        return {"shape": list(shape), "base64": base64.b64encode(packed).decode()}
    return {"shape": list(shape), "data": numbers}


def _nested(numbers: Sequence[Any], shape: Shape) -> Any:
    if not shape:
        return numbers[0]
    size = math.prod(shape[1:])
    return [_nested(numbers[k * size : (k + 1) * size], shape[1:]) for k in range(shape[0])]


# --- programs --------------------------------------------------------------------------


@dataclass
class Program:
    """A function as nodes, with the shape of every value by name, and what its inputs are."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    bindings: dict[str, Any] = field(default_factory=dict)
    mapped: list[str] = field(default_factory=list)
    points: int = 0

    @property
    def last(self) -> str:
        return self.nodes[-1]["id"] if self.nodes else self.inputs[-1]

    def bound_shape(self, name: str) -> Shape:
        """The shape that is sent for an input: with the leading axis, if it is mapped."""
        return ((self.points,) if name in self.mapped else ()) + self.shapes[name]

    def text(self) -> str:
        """As infix text: a statement for each node."""
        lines = [f"{node['id']} = {_called(node)}" for node in self.nodes]
        return "\n".join([*lines, self.last])


def _called(node: Any) -> str:
    if isinstance(node, str):
        return node
    if not isinstance(node, dict) or "op" not in node:
        return repr(node) if isinstance(node, int | float) else "0.5"
    words = [_called(arg) for arg in node["args"]]
    words += [f"{key}={json.dumps(value)}" for key, value in node.get("attrs", {}).items()]
    return f"{node['op']}({', '.join(words)})"


def _axis(draw: st.DrawFn, shape: Shape) -> Any:
    if rarely(draw):
        return draw(st.one_of(whole, st.lists(whole, max_size=3)))
    if not shape:
        return draw(st.sampled_from([[], 0]))
    axes = st.integers(-len(shape), len(shape) - 1)
    return draw(st.one_of(axes, st.lists(axes, max_size=len(shape), unique=True)))


def _single_axis(draw: st.DrawFn, shape: Shape) -> Any:
    return draw(whole if rarely(draw) or not shape else st.integers(-len(shape), len(shape) - 1))


def _lengths(draw: st.DrawFn, shape: Shape) -> Any:
    if rarely(draw, 4):
        return draw(st.sampled_from(LARGE_SHAPES))
    count = math.prod(shape)
    return draw(st.sampled_from([[count], [1, count], [-1], list(shape), list(reversed(shape))]))


def _broadcast(draw: st.DrawFn, shape: Shape) -> Any:
    if rarely(draw, 4):
        return draw(st.sampled_from(LARGE_SHAPES))
    return [*draw(st.lists(st.integers(0, 3), max_size=2)), *shape]


def _spec(draw: st.DrawFn, shape: Shape) -> Any:
    entries = []
    for length in shape[: draw(st.integers(0, len(shape)))]:
        ends = st.one_of(st.none(), st.integers(-3, 3), whole)
        steps = st.sampled_from([None, 1, 2, -1, 2**53, -(2**53), 0, -(2**63)])
        slices = st.tuples(ends, ends, steps).map(list)
        positions = st.integers(-length, length - 1) if length else whole
        entries.append(draw(st.one_of(positions, slices)))
    return entries


def _indices(draw: st.DrawFn, shape: Shape) -> Any:
    length = shape[0] if shape else 0
    within = st.integers(-length, length - 1) if length and not rarely(draw) else whole
    return draw(
        st.one_of(within, st.lists(within, max_size=3), st.just([]), st.just([[0, 0], [0, 0]]))
    )


EQUATIONS: Mapping[int, tuple[str, ...]] = {
    0: ("->", "...->..."),
    1: ("i->i", "i->", "i,i->", "i,j->ij", "...i->..."),
    2: ("ij->ji", "ij->", "ii->i", "ij,jk->ik", "ij,ij->", "ij,ij->i", "ii->", "...ij->...ji"),
    3: ("ijk->kji", "ijk->", "iji->j", "...->..."),
}


def _equation(draw: st.DrawFn, shape: Shape) -> Any:
    if rarely(draw):
        return draw(st.sampled_from(["", "->", "ij", "i->ij", "i,,->", "1->1", "i" * 60, "ij->ii"]))
    return draw(st.sampled_from(EQUATIONS[min(len(shape), 3)]))


ATTRIBUTES: Mapping[str, Callable[[st.DrawFn, Shape], Any]] = {
    "axis": _axis,
    "axes": lambda draw, shape: draw(st.permutations(range(len(shape)))),
    "keepdims": lambda draw, shape: draw(st.booleans()),
    "ddof": lambda draw, shape: draw(st.one_of(st.just(1), whole)),
    "offset": lambda draw, shape: draw(whole),
    "k": lambda draw, shape: draw(whole),
    "alpha": lambda draw, shape: draw(st.one_of(calm, extreme)),
    "shape": _lengths,
    "spec": _spec,
    "indices": _indices,
    "equation": _equation,
}
SINGLE_AXIS = {"cumsum", "concat", "stack", "take"}
ELEMENTWISE = sorted(elementwise.TABLE)
ARRAYS = sorted(TABLE.keys() - elementwise.TABLE.keys())


def _attributes(draw: st.DrawFn, operation: str, shape: Shape) -> dict[str, Any]:
    drawn: dict[str, Any] = {}
    for attribute in TABLE[operation].attributes:
        if not attribute.required and draw(st.booleans()):
            continue
        rule = ATTRIBUTES[attribute.name]
        if attribute.name == "axis" and operation in SINGLE_AXIS:
            rule = _single_axis
        elif operation == "broadcast_to":
            rule = _broadcast
        drawn[attribute.name] = rule(draw, shape)
    return drawn


def _operands(draw: st.DrawFn, program: Program, operation: str, first: str, temper: str) -> Any:
    """The first operand and others that mostly fit it."""
    fewest, most = TABLE[operation].arity
    count = draw(st.integers(fewest, fewest + 1 if most is None else most))
    shape = program.shapes[first]
    alike = [name for name, other in program.shapes.items() if other in {shape, ()}]
    operands: list[Any] = [first]
    for _ in range(count - 1):
        if rarely(draw, 4):
            # In the place of an operand, "NaN" alone would be a name.
            operands.append(draw(st.one_of(calm, tensors(shape or (1,), temper))))
        elif rarely(draw):
            operands.append(draw(st.sampled_from(sorted(program.shapes))))
        else:
            operands.append(draw(st.sampled_from(alike)))
    return operands


def _shape_of(program: Program, node: Mapping[str, Any]) -> Shape | None:
    """The shape of a node's result; None where it has none, or only the engine knows it."""
    row = TABLE[node["op"]]
    shapes = [
        program.shapes[arg] if isinstance(arg, str) else np.shape(_plain(arg))
        for arg in node["args"]
    ]
    attributes, faults = row.check_attributes(node.get("attrs", {}))
    if faults or row.arity_fault(len(shapes)):
        return None
    if isinstance(row, Composite):
        return () if row.name in {"mse", "binary_cross_entropy"} else None
    try:
        return row.shape(shapes, attributes)
    except ShapeError:
        return None


def _plain(arg: Any) -> Any:
    return np.empty(arg["shape"]) if isinstance(arg, dict) else arg


@st.composite
def programs(
    draw: st.DrawFn, *, scalar: bool, temper: str, words: bool, mapped: bool = True
) -> Program:
    """A function of one to three inputs in a few nodes; words: every name is an identifier;
    mapped: whether inputs may have an axis of points.
    """
    program = Program()
    program.inputs = draw(
        st.lists(st.sampled_from(WORDS if words else NAMES), min_size=1, max_size=3, unique=True)
    )
    if mapped and rarely(draw, 6):
        program.points = draw(st.integers(0, 3))
        program.mapped = program.inputs[: draw(st.integers(1, len(program.inputs)))]
    for name in program.inputs:
        program.shapes[name] = draw(st.sampled_from(SHAPES))
        program.bindings[name] = draw(tensors(program.bound_shape(name), temper))
    for number in range(draw(st.integers(0, 7))):
        operation = draw(
            st.one_of(
                st.sampled_from(["mul", "add", "sqrt", "div", "pow", "exp"]),
                st.sampled_from(ELEMENTWISE),
                st.sampled_from(ARRAYS),
            )
        )
        latest = list(program.shapes)[-3:]
        first = draw(st.sampled_from(latest))
        node: dict[str, Any] = {"id": f"n{number}", "op": operation}
        node["args"] = _operands(draw, program, operation, first, temper)
        attributes = _attributes(draw, operation, program.shapes[first])
        if attributes:
            node["attrs"] = attributes
        shape = _shape_of(program, node)
        if shape is None and not rarely(draw, 20):
            continue  # a message that is wrong here is wanted now and then, no more
        program.nodes.append(node)
        program.shapes[node["id"]] = shape or ()
    if scalar and program.shapes[program.last] != () and not rarely(draw, 20):
        program.nodes.append({"id": "total", "op": "sum", "args": [program.last]})
        program.shapes["total"] = ()
    return program


# Operations through which at most one path leads from each entry of an operand.
SINGLE_PATH = [
    *("sum", "mean", "prod", "max", "min", "norm", "logsumexp", "reshape", "transpose", "squeeze"),
    *("expand_dims", "flip", "index", "diagonal", "triu", "tril", "concat", "stack"),
]


@st.composite
def trees(draw: st.DrawFn, temper: str) -> Program:
    """A scalar function of inputs of one shape, each value used once at most: a single path leads
    from every number bound to the result, so that no derivative is a sum.
    """
    program = Program(inputs=draw(st.permutations(sorted(set(WORDS))))[:4])
    shape = draw(st.sampled_from(SHAPES))
    for name in program.inputs:
        program.shapes[name] = shape
        program.bindings[name] = draw(tensors(shape, temper))
    unused = list(program.inputs)
    for number in range(draw(st.integers(1, 6))):
        operation = draw(st.one_of(st.sampled_from(ELEMENTWISE), st.sampled_from(SINGLE_PATH)))
        first = draw(st.sampled_from(unused[-2:]))
        shape = program.shapes[first]
        fewest, _ = TABLE[operation].arity
        alike = [name for name in unused if name != first and program.shapes[name] == shape]
        args = [first, *draw(st.permutations(alike))[: draw(st.integers(0, fewest - 1))]]
        missing = fewest - len(args)
        args += [draw(tensors(shape, temper) if shape else calm) for _ in range(missing)]
        node = {"id": f"n{number}", "op": operation, "args": args}
        node["attrs"] = _attributes(draw, operation, shape)
        found = _shape_of(program, node)
        if found is None:
            continue
        program.nodes.append(node)
        program.shapes[node["id"]] = found
        unused = [*(name for name in unused if name not in args), node["id"]]
    program.nodes.append({"id": "total", "op": "sum", "args": [program.last]})
    program.shapes["total"] = ()
    return program


# --- messages --------------------------------------------------------------------------

CONSTANTS = ("inf", "pi", "e", "2", "3*2", "-inf", "0*inf", "inf - inf", "1e400", "5e-324", "x")
STEPS = (1e-3, 0.5, "auto", 5e-324, 1e-320, 1e308, 1.7976931348623157e308, 0, -1, 1e-16, 2**63)
TOLERANCES = (1e-6, 0, 5e-324, 1e308, 1, -1, "Infinity", 2**70)
METHODS = ("richardson", "central", "forward", "backward", "complex")
CHECKS = st.booleans() | st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(METHODS),
        "step": st.sampled_from(STEPS),
        "rtol": st.sampled_from(TOLERANCES),
        "atol": st.sampled_from(TOLERANCES),
        "directions": st.sampled_from([1, 2, 3, 0, 1_000_000, 1_000_001, 2**63 - 1, 1.5]),
    },
)
Member = Callable[[st.DrawFn, Program, str], Any]


def _some_names(draw: st.DrawFn, program: Program) -> list[str]:
    known = sorted(program.shapes)
    return draw(st.lists(st.sampled_from(known), max_size=3, unique=not rarely(draw)))


def _along(names: Callable[[Program], Sequence[str]]) -> Member:
    """Numbers for some of these names, each in its shape."""

    def member(draw: st.DrawFn, program: Program, temper: str) -> Any:
        chosen = draw(st.lists(st.sampled_from(list(names(program))), max_size=3, unique=True))
        leading = (program.points,) if program.mapped else ()
        shapes = {
            name: (() if name in program.inputs and name not in program.mapped else leading)
            + program.shapes[name]
            for name in chosen
        }
        return {name: draw(tensors(shape, temper)) for name, shape in shapes.items()}

    return member


def _sampled(*values: Any) -> Member:
    return lambda draw, program, temper: draw(st.sampled_from(values))


def _output(draw: st.DrawFn, program: Program, temper: str) -> str:
    return draw(st.sampled_from(sorted(program.shapes))) if rarely(draw) else program.last


COMMON: Mapping[str, Member] = {
    "nonfinite": _sampled("report", "reject", "null"),
    "tensors": _sampled("nested", "base64"),
    "include": _sampled([], ["nodes"], ["cost"], ["nodes", "cost"], ["cost", "cost"]),
    "output": _output,
}
WRT: Member = lambda draw, program, temper: _some_names(draw, program)  # noqa: E731 - a row of a table
OUTPUTS: Member = lambda draw, program, temper: _some_names(draw, program) or [program.last]  # noqa: E731
CHECK: Member = lambda draw, program, temper: draw(CHECKS)  # noqa: E731
SPARSE = _sampled(True, False)
ROUNDING_TOO = _sampled([], ["nodes"], ["rounding"], ["nodes", "cost", "rounding"])


@dataclass(frozen=True)
class Row:
    """An endpoint's messages. scalar: whether the output has to be one number; always: members
    that every message has; sometimes: those that may be left out; common: those that other
    endpoints have too; mapped: whether `map` is one of them.
    """

    scalar: bool = False
    always: Mapping[str, Member] = field(default_factory=dict)
    sometimes: Mapping[str, Member] = field(default_factory=dict)
    common: Mapping[str, Member] = field(default_factory=lambda: COMMON)
    mapped: bool = True

    @property
    def members(self) -> set[str]:
        """Every member that is drawn."""
        map_ = {"map"} if self.mapped else set()
        own = {*self.always, *self.sometimes, *self.common}
        return {"graph", "expression", "bindings", *map_, *own}


def _claims(draw: st.DrawFn, program: Program, temper: str) -> Any:
    """Some claims about a program, of any kind; what is claimed may be anything."""

    def number(name: str) -> Any:
        return draw(junk) if rarely(draw, 5) else draw(tensors(program.shapes[name], temper))

    def formula() -> Any:
        texts = [*CONSTANTS, f"2*{draw(st.sampled_from(inputs))}", "2x +", program.text()]
        return draw(st.sampled_from([*texts, program.nodes, {"nodes": program.nodes}, 2, None]))

    inputs, known = program.inputs, sorted(program.shapes)
    some = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
    parts = draw(st.lists(st.sampled_from(["value", "gradient"]), max_size=2, unique=True))
    kinds: dict[str, Any] = {
        "value": lambda: number(program.last),
        "gradients": lambda: {name: number(name) for name in some},
        "nodes": lambda: {name: {part: number(name) for part in parts} for name in some},
        "jacobian": lambda: {program.last: {name: number(name) for name in some}},
        "hessian": lambda: {name: {other: number(name) for other in some} for name in some},
        "derivatives": lambda: {name: formula() for name in inputs},
        "function": formula,
        "values": lambda: 1,
    }
    usual = [kind for kind in kinds if kind != "values" or rarely(draw)]
    chosen = draw(st.lists(st.sampled_from(usual), min_size=1, max_size=3, unique=True))
    return {kind: kinds[kind]() for kind in chosen}


def _intervals(draw: st.DrawFn, program: Program, temper: str) -> Any:
    ends = st.lists(NUMBERS[temper], min_size=2, max_size=2) | st.just([-1, 2])
    return {name: draw(ends) for name in _some_names(draw, program)}


def _tolerance(draw: st.DrawFn, program: Program, temper: str) -> Any:
    return {name: draw(st.sampled_from(TOLERANCES)) for name in ("rtol", "atol")}


WEIGHTS = _sampled({}, {"value": 2}, {"value": 0}, {"value": 1e308}, {"gradients/x": -1})
OPERATIONS = _sampled([], ["exp"], ["+", "sqrt"], ["nope"])
_inputs, _last = _along(lambda program: program.inputs), _along(lambda program: [program.last])
MEMBERS: Mapping[str, Row] = {
    "gradient": Row(True, {}, {"wrt": WRT, "check": CHECK, "include": ROUNDING_TOO}),
    "evaluate": Row(False, {}, {"outputs": OUTPUTS}),
    "jacobian": Row(False, {}, {"outputs": OUTPUTS, "wrt": WRT, "check": CHECK, "sparse": SPARSE}),
    "hessian": Row(True, {}, {"wrt": WRT, "check": CHECK, "sparse": SPARSE}),
    "jvp": Row(False, {"tangents": _inputs}, {"outputs": OUTPUTS, "wrt": WRT}),
    "vjp": Row(False, {"cotangents": _last}, {"outputs": OUTPUTS, "wrt": WRT}),
    "hvp": Row(True, {"vector": _inputs}, {"wrt": WRT}),
    "derive": Row(
        True,
        {},
        {"wrt": WRT, "order": _sampled(1, 2, 2.0, 0, 3, 1.5, "2")},
        {name: COMMON[name] for name in ("tensors", "output")},
        mapped=False,
    ),
    "grade": Row(
        True,
        {"claims": _claims},
        {
            "tolerance": _tolerance,
            "weights": WEIGHTS,
            "domain": _intervals,
            "carry": _sampled(True, False),
            "reveal": _sampled(True, False),
            "notation": _sampled("student", "strict"),
            "format": _sampled("native", "gradescope", "prairielearn"),
            "allow": OPERATIONS,
            "deny": OPERATIONS,
        },
        {name: COMMON[name] for name in ("tensors", "output")},
        mapped=False,
    ),
    "slips": Row(
        True,
        {},
        {"domain": _intervals},
        {name: COMMON[name] for name in ("tensors", "output")},
        mapped=False,
    ),
}


@st.composite
def messages(draw: st.DrawFn, endpoint: str) -> Message:
    """A message for the endpoint; one in six has something wrong in it."""
    row = MEMBERS[endpoint]
    temper = draw(st.sampled_from(sorted(NUMBERS)))
    infix = draw(st.booleans())
    program = draw(programs(scalar=row.scalar, temper=temper, words=infix, mapped=row.mapped))
    message: Message = {"bindings": program.bindings}
    if not infix:
        message["graph"] = {"nodes": program.nodes}
        message["output"] = program.last
    elif rarely(draw, 5):
        message["expression"] = draw(st.sampled_from(CONSTANTS))
    else:
        message["expression"] = program.text()
    if program.mapped:
        message["map"] = program.mapped
    for name, member in row.always.items():
        message[name] = member(draw, program, temper)
    for name, member in {**row.common, **row.sometimes}.items():
        if draw(st.integers(0, 3)) == 3:
            message[name] = member(draw, program, temper)
    if "outputs" in message and not rarely(draw):
        message.pop("output", None)
    return mutated(draw, message) if rarely(draw, 6) else message


def mutated(draw: st.DrawFn, message: Message) -> Message:
    """The message with one value anywhere in it replaced, dropped or renamed."""
    message = copy.deepcopy(message)
    holder: Any = message
    key: Any = draw(st.sampled_from(sorted(message)))
    while isinstance(holder[key], dict | list) and holder[key] and draw(st.booleans()):
        holder = holder[key]
        keys = sorted(holder) if isinstance(holder, dict) else range(len(holder))
        key = draw(st.sampled_from(keys))
    change = draw(st.sampled_from(["replace", "replace", "drop", "rename"]))
    if change == "drop":
        del holder[key]
    elif change == "rename" and isinstance(holder, dict):
        holder[f"{key}s"] = holder.pop(key)
    else:
        holder[key] = draw(st.one_of(junk, whole, extreme, odd))
    return message
