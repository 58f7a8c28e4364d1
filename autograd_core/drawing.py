"""A traced gradient as a drawing: the graph in DOT, the language of Graphviz.

It looks as micrograd draws it, from left to right: a box for each value, with its name, the value
(data) and the adjoint of the output (grad); a circle for each operation. What a caller chose, such
as names, stands in quoted labels only, so that nothing in it is ever read as an attribute, and the
names of boxes are our own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from autograd_core.derivatives.gradient import Gradient
from autograd_core.derivatives.trace import INPUT, NodeTrace
from autograd_core.errors import Fault, GraphError
from autograd_core.graph import NO_ATTRIBUTES, Attributes, Graph
from autograd_core.infix.formatting import subscripts
from autograd_core.infix.vocabulary import SYMBOLS
from autograd_core.limits import DEFAULT_LIMITS, Limits
from autograd_core.operations import find
from autograd_core.tensors import Array, Number

_LONGEST: Final = 40  # characters of a name
# An entity would be read as what it stands for; the last two may not stand in XML.
_IN_QUOTES: Final = {
    ord("\\"): r"\\",
    ord('"'): r"\"",
    ord("&"): "&amp;",
    0xFFFE: "\ufffd",
    0xFFFF: "\ufffd",
}
_IN_RECORD: Final = str.maketrans(_IN_QUOTES | {ord(sign): f"\\{sign}" for sign in "{}|<> "})
_HEAD: Final = (
    "digraph gradient {",
    "  rankdir=LR;",
    "  node [shape=record, height=0.4];",
    "  edge [arrowsize=0.7];",
)


def dot(graph: Graph, result: Gradient, limits: Limits = DEFAULT_LIMITS) -> str:
    """The graph in DOT, of a result of `gradient(graph, ..., trace=True)`.

    Numbers are rounded to four digits; of a tensor there is the shape. Constants have a box
    wherever they are used. Raises ValueError for a result without a trace, and GraphError
    (limit_exceeded) for more values or operands than can be seen.
    """
    if result.nodes is None:
        raise ValueError("only a traced gradient can be drawn: gradient(..., trace=True)")
    used = {operand for node in result.nodes for operand in node.args if isinstance(operand, str)}
    alone = all(each.op == INPUT for each in result.nodes)
    values = [each for each in result.nodes if each.op != INPUT or each.id in used or alone]
    _require("values", len(values), limits.drawn_values)
    operands = sum(len(each.args) for each in values)
    _require("operands", operands, limits.drawn_operands)
    boxes = {each.id: f"v{place}" for place, each in enumerate(values)}
    lines = [f"  {boxes[each.id]} [label={_value_label(each)}];" for each in values]
    for each in values:
        if each.op != INPUT:
            lines += _operation(graph, each, boxes)
    return "\n".join((*_HEAD, *lines, "}", ""))


def _operation(graph: Graph, node: NodeTrace, boxes: Mapping[str, str]) -> Iterator[str]:
    """The circle of a node, the boxes of its constants, and the edges to and from it."""
    value = boxes[node.id]
    circle = f"o{value[1:]}"
    yield f"  {circle} [{_circle(graph, node)}];"
    yield f"  {circle} -> {value};"
    for place, operand in enumerate(node.args):
        box = boxes.get(operand) if isinstance(operand, str) else None
        if box is None:
            box = f"c{value[1:]}_{place}"
            yield f"  {box} [label={_record([_constant(graph, operand)])}];"
        yield f"  {box} -> {circle};"


def _circle(graph: Graph, node: NodeTrace) -> str:
    """The attributes of an operation's circle; a name that is no sign makes an oval of it."""
    attributes = graph.attributes.get(graph.codes[node.id], NO_ATTRIBUTES)
    if node.op in SYMBOLS and not attributes:
        sign = SYMBOLS[node.op]
        return f'label="{sign}", shape=circle, width=0.4, fixedsize=true'
    words = "\\n".join(
        _clipped(line).translate(_IN_QUOTES) for line in (node.op, *_settings(node.op, attributes))
    )
    return f'label="{words}", shape=ellipse, margin=0.03'


def _settings(operation: str, attributes: Attributes) -> Iterator[str]:
    """The attributes of an operation that are not what they are if left out."""
    row = find(operation)
    defaults = {} if row is None else {entry.name: entry.default for entry in row.attributes}
    for name, value in attributes.items():
        if name == "spec" and operation == "index":
            yield f"[{subscripts(value)}]"
        elif name not in defaults or value != defaults[name]:
            yield f"{name}={value}"


def _value_label(value: NodeTrace) -> str:
    fields = [_clipped(value.id), f"data {_number(value.value)}"]
    if value.gradient is not None:
        fields.append(f"grad {_number(value.gradient)}")
    return _record(fields)


def _constant(graph: Graph, operand: str | float | Array) -> str:
    if not isinstance(operand, str):
        return _number(operand)
    return f"{operand} = {_number(graph.defaults[operand])}"  # pi, e, inf


def _record(fields: list[str]) -> str:
    """The label of a box with these fields side by side."""
    return f'"{{{"|".join(field.translate(_IN_RECORD) for field in fields)}}}"'


def _number(value: Number) -> str:
    """Four digits of a number; the shape of a tensor."""
    shape = np.shape(value)
    if shape:
        return f"shape {'×'.join(map(str, shape))}"
    number = float(value)
    if math.isnan(number):
        return "NaN"
    return f"{number:.4g}" if math.isfinite(number) else f"{'-' * (number < 0)}Infinity"


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _require(what: str, count: int, most: int) -> None:
    if count > most:
        detail = (
            f"a drawing has room for {most:,} {what}, and this graph has {count:,}; draw a part of "
            "it, by naming one of its nodes as the output"
        )
        raise GraphError(Fault("limit_exceeded", detail))
