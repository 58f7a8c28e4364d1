"""Graph -> MathJSON, with the names of the Cortex Compute Engine.

>>> from autograd_core import mathjson, parse
>>> mathjson(parse("6*x - 4"))
['Subtract', ['Multiply', 6, 'x'], 4]

A statement is an Assign in a Block. Lists are no deeper than a line of the same formula is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeGuard

from autograd_core.derivatives.linking import default_output
from autograd_core.graph import NO_ATTRIBUTES, Graph
from autograd_core.limits import Deadline, watched
from autograd_core.symbolic.coefficients import is_whole
from autograd_core.symbolic.scalars import require_scalars
from autograd_core.symbolic.statements import laid_out

MathJson = int | float | str | list[Any]

# Operations that MathJSON has under another name, with the same operands.
_HEADS: Final[Mapping[str, str]] = {
    **dict(neg="Negate", div="Divide", pow="Power", abs="Abs", sign="Sign", sqrt="Sqrt"),
    **dict(exp="Exp", log="Ln", sin="Sin", cos="Cos", tan="Tan", asin="Arcsin", acos="Arccos"),
    **dict(atan="Arctan", sinh="Sinh", cosh="Cosh", tanh="Tanh", asinh="Arsinh", acosh="Arcosh"),
    **dict(atanh="Artanh", floor="Floor", ceil="Ceil", round="Round", erf="Erf", erfc="Erfc"),
    **dict(erfinv="ErfInv", gammaln="GammaLn", digamma="Digamma", maximum="Max", minimum="Min"),
    **dict(mod="Mod", atan2="Arctan2", hypot="Hypot", clip="Clamp"),
}
_CONDITIONS: Final[Mapping[str, str]] = {
    **dict(gt="Greater", ge="GreaterEqual", lt="Less", le="LessEqual", eq="Equal", ne="NotEqual"),
    **dict(logical_and="And", logical_or="Or", logical_not="Not"),
}
_TRUE_OR_FALSE: Final = frozenset(_CONDITIONS.values())
_OF_CONDITIONS: Final = frozenset({"logical_and", "logical_or", "logical_not"})
_SYMBOLS: Final[Mapping[str, str]] = {
    "pi": "Pi",
    "e": "ExponentialE",
    "inf": "PositiveInfinity",
}


def _of_u(*body: Any) -> Callable[..., MathJson]:
    """What names its operand u more than once: with a name or a number in its place, or else a
    function of u, applied.
    """

    def made(x: MathJson) -> MathJson:
        if isinstance(x, list):
            return ["Apply", ["Function", list(body), "u"], x]
        return _with_operand(list(body), x)

    return made


def _with_operand(body: Any, operand: MathJson) -> MathJson:
    """A body, which is short, with an operand for u."""
    if isinstance(body, list):
        return [_with_operand(part, operand) for part in body]
    return operand if body == "u" else body


def _logistic(x: MathJson) -> list[Any]:
    return ["Divide", 1, ["Add", 1, ["Exp", ["Negate", x]]]]


# Operations that are spelt out. Each operand stands there once: what is nested grows no faster.
_SPELT_OUT: Final[Mapping[str, Callable[..., MathJson]]] = {
    "identity": lambda x: x,
    "stop_gradient": lambda x: x,
    "reciprocal": lambda x: ["Divide", 1, x],
    "square": lambda x: ["Power", x, 2],
    "cbrt": lambda x: ["Root", x, 3],
    "exp2": lambda x: ["Power", 2, x],
    "expm1": lambda x: ["Subtract", ["Exp", x], 1],
    "log2": lambda x: ["Log", x, 2],
    "log10": lambda x: ["Log", x, 10],
    "log1p": lambda x: ["Ln", ["Add", 1, x]],
    "sinc": lambda x: ["Sinc", ["Multiply", "Pi", x]],  # theirs is sin(x)/x
    "deg2rad": lambda x: ["Divide", ["Multiply", "Pi", x], 180],
    "rad2deg": lambda x: ["Divide", ["Multiply", 180, x], "Pi"],
    "sigmoid": _logistic,
    "logit": lambda x: ["Negate", ["Ln", ["Subtract", ["Divide", 1, x], 1]]],
    "softplus": lambda x: ["Ln", ["Add", 1, ["Exp", x]]],
    "relu": lambda x: ["Max", x, 0],
    "silu": _of_u("Multiply", "u", _logistic("u")),
    "gelu": _of_u(
        "Multiply", ["Divide", "u", 2], ["Erfc", ["Negate", ["Divide", "u", ["Sqrt", 2]]]]
    ),
    "logaddexp": lambda x, y: ["Ln", ["Add", ["Exp", x], ["Exp", y]]],
    "copysign": lambda x, y: ["Multiply", ["Abs", x], ["If", ["Less", y, 0], -1, 1]],
}

_WITH_ALPHA: Final[Mapping[str, Callable[..., MathJson]]] = {
    "leaky_relu": lambda alpha, x: _of_u(
        "Add", ["Max", "u", 0], ["Multiply", alpha, ["Min", "u", 0]]
    )(x),
    "elu": lambda alpha, x: _of_u(
        "Add", ["Max", "u", 0], ["Multiply", alpha, ["Subtract", ["Exp", ["Min", "u", 0]], 1]]
    )(x),
}


def mathjson(graph: Graph) -> MathJson:
    """The formula of a graph of scalars: lists, strings and numbers, ready for JSON.

    Raises GraphError (invalid_value) for an operation on arrays, and ArgumentError for a graph
    without a result.
    """
    require_scalars(graph)
    return _Writer(laid_out(graph)).formula()


class _Writer:
    """One pass over a graph that is laid out."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._made: dict[int, MathJson] = {}  # by node; of a statement, its name

    def formula(self) -> MathJson:
        graph = self._graph
        lines: list[Any] = []
        for number in watched(range(len(graph)), Deadline.current()):
            made, name = self._node(number), graph.ids[number]
            if name is not None:
                lines.append(["Assign", name, _boole(made)])
                made = name
            self._made[number] = made
        result = default_output(graph)
        last = _boole(self._operand(result))
        return ["Block", *lines, last] if lines else last

    def _node(self, number: int) -> MathJson:
        graph = self._graph
        operation, codes = graph.operations[number], graph.operands_of(number)
        operands = [self._operand(code) for code in codes]
        if operation in _OF_CONDITIONS:
            return [_CONDITIONS[operation], *map(_condition, operands)]
        if operation == "where":
            condition, chosen, other = operands
            return ["If", _condition(condition), _boole(chosen), _boole(other)]
        values = [_boole(operand) for operand in operands]
        if operation in _CONDITIONS:
            return [_CONDITIONS[operation], *values]
        if operation in {"add", "sub", "mul"}:
            return _chain(operation, values)
        if operation == "neg" and isinstance(values[0], int | float):
            return -values[0]
        if operation in _HEADS:
            return [_HEADS[operation], *values]
        if operation in _WITH_ALPHA:
            alpha = graph.attributes.get(number, NO_ATTRIBUTES)["alpha"]
            return _WITH_ALPHA[operation](_number(float(alpha)), *values)
        return _SPELT_OUT[operation](*values)

    def _operand(self, code: int) -> MathJson:
        if code >= 0:
            return self._made[code]
        leaf = self._graph.leaves[~code]
        if not isinstance(leaf, str):
            return _number(float(leaf))
        return _SYMBOLS[leaf] if leaf in self._graph.defaults else leaf


def _chain(operation: str, values: list[MathJson]) -> MathJson:
    """A sum or a product; one that goes on from another continues its list."""
    first, *others = values
    if operation == "mul":
        parts = first[1:] if _has_head(first, "Multiply") else [first]
        return ["Multiply", *parts, *others]
    if operation == "sub":
        if not _has_head(first, "Add") and not _has_head(first, "Subtract"):
            return ["Subtract", first, *others]
        others = [["Negate", other] for other in others]
    if _has_head(first, "Subtract"):
        _, start, less = first
        return ["Add", start, ["Negate", less], *others]
    parts = first[1:] if _has_head(first, "Add") else [first]
    return ["Add", *parts, *others]


def _has_head(value: MathJson, head: str) -> TypeGuard[list[Any]]:
    return isinstance(value, list) and value[0] == head


def _condition(value: MathJson) -> MathJson:
    """A condition; of a number, whether it is not 0."""
    return value if _is_condition(value) else ["NotEqual", value, 0]


def _boole(value: MathJson) -> MathJson:
    """A number; of a condition, 1 or 0."""
    return ["Boole", value] if _is_condition(value) else value


def _is_condition(value: MathJson) -> bool:
    return isinstance(value, list) and value[0] in _TRUE_OR_FALSE


def _number(number: float) -> MathJson:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "PositiveInfinity" if number > 0 else "NegativeInfinity"
    return int(number) if is_whole(number) and (number or math.copysign(1, number) > 0) else number
