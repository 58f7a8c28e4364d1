r"""Graph -> LaTeX, as it is set between dollars.

>>> from autograd_core import latex, parse
>>> latex(parse("6*x - 4"))
'6 x - 4'

One pass over a graph that is laid out: the text of an operation is made of its operands' texts, in
parentheses where they bind less tightly. Statements are the lines of an `aligned`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from autograd_core.derivatives.linking import default_output
from autograd_core.graph import NO_ATTRIBUTES, Graph
from autograd_core.infix.vocabulary import COMPARISON, POWER, PRODUCT, SIGN, SUM
from autograd_core.limits import Deadline, watched
from autograd_core.symbolic.latex_names import symbol, upright
from autograd_core.symbolic.scalars import require_scalars
from autograd_core.symbolic.statements import laid_out

_CASES, _ATOM = 0, POWER + 1


class _Piece(NamedTuple):
    """Some text, and how tightly it binds. function: of a call, its name without the operands."""

    text: str
    binds: int = _ATOM
    function: str = ""

    def within(self, binds: int) -> str:
        """The text where only what binds at least this tightly needs no parentheses; a
        condition gets the brackets of Iverson, which make a number of it.
        """
        if self.binds >= binds:
            return self.text
        if self.binds == COMPARISON:
            return rf"\left[{self.text}\right]"
        return rf"\left({self.text}\right)"

    @property
    def alone(self) -> str:
        """The text where something else shows its ends: a bar, a root, a comma."""
        return self.text if self.binds == _CASES else self.within(SUM)


def _call(function: str, *operands: _Piece) -> _Piece:
    inside = ", ".join(operand.alone for operand in operands)
    return _Piece(rf"{function}\left({inside}\right)", _ATOM, function)


def _fraction(above: _Piece, below: _Piece) -> _Piece:
    text, sign = above.alone, ""
    if text[0] == "-" and above.binds >= PRODUCT:
        text, sign = text[1:], "-"
    return _Piece(rf"{sign}\frac{{{text}}}{{{below.alone}}}", SIGN)


def _power(base: _Piece, exponent: str) -> _Piece:
    if base.function and exponent.isdigit():
        text = rf"{base.function}^{{{exponent}}}{base.text[len(base.function) :]}"
        return _Piece(text, POWER)
    return _Piece(f"{base.within(_ATOM)}^{{{exponent}}}", POWER)


def _product(left: _Piece, right: _Piece) -> _Piece:
    one, other = left.within(PRODUCT), right.within(PRODUCT + 1)
    if other[0] == "-":
        other = rf"\left({other}\right)"
    # Two numbers side by side would be one, and a number beside a fraction a mixed number.
    joined = other[0].isdigit() or (other.startswith(r"\frac") and one[-1].isdigit())
    return _Piece(rf"{one} \cdot {other}" if joined else f"{one} {other}", PRODUCT)


def _negative(x: _Piece) -> _Piece:
    text = x.within(PRODUCT)
    return _Piece(rf"-\left({text}\right)" if text[0] == "-" else f"-{text}", SIGN)


def _between(sign: str, binds: int) -> Callable[[_Piece, _Piece], _Piece]:
    def piece(x: _Piece, y: _Piece) -> _Piece:
        right = y.within(binds + 1)
        right = rf"\left({right}\right)" if right[0] == "-" else right
        return _Piece(f"{x.within(binds)} {sign} {right}", binds)

    return piece


def _compared(sign: str) -> Callable[[_Piece, _Piece], _Piece]:
    return lambda x, y: _Piece(f"{x.within(SUM)} {sign} {y.within(SUM)}", COMPARISON)


def _connected(sign: str) -> Callable[[_Piece, _Piece], _Piece]:
    return lambda x, y: _Piece(f"{_inner(x)} {sign} {_inner(y)}", COMPARISON)


def _inner(x: _Piece) -> str:
    return rf"\left({_condition(x)}\right)"


def _condition(x: _Piece) -> str:
    """A condition as it is; of a number, that it is not 0."""
    return x.text if x.binds == COMPARISON else rf"{x.within(SUM)} \ne 0"


def _where(condition: _Piece, chosen: _Piece, other: _Piece) -> _Piece:
    one, two = chosen.alone, other.alone
    return _Piece(
        rf"\begin{{cases}}{one} & \text{{if }} {_condition(condition)} \\ {two} & "
        r"\text{otherwise}\end{cases}",
        _CASES,
    )


def _around(left: str, right: str) -> Callable[[_Piece], _Piece]:
    return lambda x: _Piece(rf"\left{left}{x.alone}\right{right}")


def _named(function: str) -> Callable[..., _Piece]:
    return lambda *operands: _call(function, *operands)


_FUNCTIONS: Final[Mapping[str, str]] = {
    **{name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: rf"\arc{name[1:]}" for name in ("asin", "acos", "atan")},
    **{name: upright(f"ar{name[1:]}") for name in ("asinh", "acosh", "atanh")},
    **dict(log=r"\ln", log2=r"\log_{2}", log10=r"\log_{10}", maximum=r"\max", minimum=r"\min"),
    **dict(sign=upright("sgn"), digamma=r"\psi", erfinv=upright("erf") + "^{-1}"),
}
_FORMS: Final[Mapping[str, Callable[..., _Piece]]] = {
    **{name: _named(function) for name, function in _FUNCTIONS.items()},
    "add": _between("+", SUM),
    "sub": _between("-", SUM),
    "mul": _product,
    "mod": _between(r"\bmod", PRODUCT),
    "div": _fraction,
    "pow": lambda x, y: _power(x, y.alone),
    "neg": _negative,
    "reciprocal": lambda x: _fraction(_Piece("1"), x),
    "square": lambda x: _power(x, "2"),
    "sqrt": lambda x: _Piece(rf"\sqrt{{{x.alone}}}"),
    "cbrt": lambda x: _Piece(rf"\sqrt[3]{{{x.alone}}}"),
    "exp": lambda x: _Piece(f"e^{{{x.alone}}}", POWER),
    "exp2": lambda x: _Piece(f"2^{{{x.alone}}}", POWER),
    "expm1": lambda x: _Piece(f"e^{{{x.alone}}} - 1", SUM),
    "log1p": lambda x: _call(r"\ln", _Piece(f"1 + {x.within(PRODUCT)}", SUM)),
    "gammaln": lambda x: _call(r"\ln", _Piece(rf"\left|\Gamma\left({x.alone}\right)\right|")),
    "hypot": lambda x, y: _Piece(rf"\sqrt{{{_power(x, '2').text} + {_power(y, '2').text}}}"),
    "abs": _around("|", "|"),
    "floor": _around(r"\lfloor ", r"\rfloor"),
    "ceil": _around(r"\lceil ", r"\rceil"),
    "where": _where,
    "logical_not": lambda x: _Piece(rf"\lnot {_inner(x)}", COMPARISON),
    "logical_and": _connected(r"\land"),
    "logical_or": _connected(r"\lor"),
    "gt": _compared(">"),
    "ge": _compared(r"\ge"),
    "lt": _compared("<"),
    "le": _compared(r"\le"),
    "eq": _compared("="),
    "ne": _compared(r"\ne"),
    "identity": lambda x: x,
}


def latex(graph: Graph) -> str:
    """The formula of a graph of scalars.

    Raises GraphError (invalid_value) for an operation on arrays, and ArgumentError for a graph
    without a result.
    """
    require_scalars(graph)
    graph = laid_out(graph)
    pieces: dict[int, _Piece] = {}
    lines: list[str] = []
    for number in watched(range(len(graph)), Deadline.current()):
        operands = [_operand(graph, pieces, code) for code in graph.operands_of(number)]
        piece, name = _node(graph, number, operands), graph.ids[number]
        if name is not None:
            lines.append(f"{symbol(name)} &= {piece.alone}")
            piece = _Piece(symbol(name))
        pieces[number] = piece
    last = _operand(graph, pieces, default_output(graph)).text
    if not lines:
        return last
    joined = r" \\ ".join([*lines, f"&{last}"])
    return rf"\begin{{aligned}}{joined}\end{{aligned}}"


def _node(graph: Graph, number: int, operands: list[_Piece]) -> _Piece:
    operation = graph.operations[number]
    form = _FORMS.get(operation)
    if form is not None:
        return form(*operands)
    attributes = graph.attributes.get(number, NO_ATTRIBUTES)
    below = ", ".join(_number(float(value)).text for value in attributes.values())
    return _call(upright(operation) + (f"_{{{below}}}" if below else ""), *operands)


def _operand(graph: Graph, pieces: dict[int, _Piece], code: int) -> _Piece:
    if code >= 0:
        return pieces.pop(code) if graph.ids[code] is None else pieces[code]
    leaf = graph.leaves[~code]
    if isinstance(leaf, str):
        return _Piece(_CONSTANTS[leaf] if leaf in graph.defaults else symbol(leaf))
    return _number(float(leaf))


_CONSTANTS: Final[Mapping[str, str]] = {"pi": r"\pi", "e": "e", "inf": r"\infty"}


def _number(number: float) -> _Piece:
    if math.isnan(number):
        return _Piece(r"\text{NaN}")
    text = r"-\infty" if number < 0 else r"\infty"
    if math.isfinite(number):
        digits, _, exponent = repr(number).removesuffix(".0").partition("e")
        text = rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits
        if exponent:
            return _Piece(text, PRODUCT)
    return _Piece(text, SIGN if text[0] == "-" else _ATOM)
