"""micrograd's interface over this engine.

    >>> from autograd_core import Value
    >>> a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    >>> d = a*b + c
    >>> d.backward()
    >>> a.grad, b.grad, c.grad
    (-3.0, 2.0, 1.0)

Code written for micrograd (https://github.com/karpathy/micrograd) runs with its import
changed, and no slower. Two things differ, on purpose. `backward` walks without recursion, so
chains of any depth work. And it *sets* `grad` on everything it reaches: adjoints belong to a
computation, so calling it twice gives the same gradient, not twice the gradient.

Values, partials and conventions are those of the op table's rows, and arithmetic is IEEE 754:
1/0 is inf, log(-1) NaN, nothing raises or warns. An exact zero is strong: where an adjoint meets
a local partial and either is 0, nothing is contributed, be the other infinite or NaN.

As in micrograd, `backward` computes no value anew: the partials are taken at the `data` that
the Values have when it is called. `data` set by hand, that of an inner Value too, so counts in
the partials of what was computed from it, and what was computed from it keeps its own `data`
until the expression is written again. Two rows are read as micrograd computes them: relu passes
an adjoint where its own `data` is positive, and a quotient's partials look at its operands only
(x/y is one operation here; micrograd's x * y**-1 keeps, besides, the data y**-1 once had).
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar

from autograd_core.engines.plain import Pullback, pullback, value
from autograd_core.operations import elementwise

_SYMBOLS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "relu": "ReLU"}
_rank = attrgetter("_rank")
_new = object.__new__


def _float(number: Any) -> float:
    """Any real number, of NumPy's too; text is none, although `float` would read it."""
    if isinstance(number, str | bytes | bytearray):
        raise TypeError(f"a Value is made of numbers, not of text: {number!r}")
    return float(number)


class _Operation:
    """A row of the op table, ready for Values: its value, its pullbacks and its symbol.

    pullbacks: by those of the operands that are Values, "xy", "x" or "y".
    """

    __slots__ = ("both", "left", "right", "value")

    def __init__(self, name: str, *, anew: bool = False) -> None:
        row = elementwise.TABLE[name]
        self.value: Callable[..., float] = value(row)
        self.both, self.left, self.right = (f"{name}_{nodes}" for nodes in ("xy", "x", "y"))
        for form in ("x",) if len(row.operands) == 1 else ("xy", "x", "y"):
            _PULLBACKS[f"{name}_{form}"] = pullback(row, form, anew=anew)


# Every form of an operation, "mul_xy" and the like: a Value names its form, not the function,
# so that it can be pickled.
_PULLBACKS: dict[str, Pullback] = {}
_ADD, _SUB, _MUL, _POW = (_Operation(name) for name in ("add", "sub", "mul", "pow"))
_DIV = _Operation("div", anew=True)
_NEG, _RELU, _TANH, _EXP = (_Operation(name) for name in ("neg", "relu", "tanh", "exp"))
_LOG, _SIGMOID, _SIN, _COS = (_Operation(name) for name in ("log", "sigmoid", "sin", "cos"))


class Value:
    """A number that remembers how it was computed.

    data: the number, a float whatever is assigned. grad: the derivative of whatever `backward`
    was last called on with respect to this. label: free text.
    """

    # _form: the operation and which operands are Values, "" for a Value made by hand.
    # _prev: those operands; _constant: the other one. _rank: above that of every operand.
    # _mark: the last walk that came by.
    __slots__ = ("_constant", "_data", "_form", "_mark", "_prev", "_rank", "grad", "label")
    _constant: float
    __array_ufunc__: ClassVar[None] = None  # so that numpy_number * Value asks Value

    def __init__(self, data: float, label: str = "") -> None:
        self._data = data if type(data) is float else _float(data)
        self.grad = 0.0
        self.label = label
        self._form = ""
        self._mark: object = None
        self._prev: tuple[Value, ...] = ()
        self._rank = 0

    @property
    def data(self) -> float:
        """The number."""
        return self._data

    @data.setter
    def data(self, number: float) -> None:
        self._data = number if type(number) is float else _float(number)

    def _apply(self, operation: _Operation) -> Value:
        result = _new(type(self))
        result._data = operation.value(self._data)
        result.grad = 0.0
        result._mark = None
        result.label = ""
        result._form = operation.left
        result._prev = (self,)
        result._rank = self._rank + 1
        return result

    def _join(self, operation: _Operation, other: Value | float) -> Value:
        """The operation of this and the other."""
        result = _new(type(self))
        if isinstance(other, Value):
            result._data = operation.value(self._data, other._data)
            result._form = operation.both
            result._prev = (self, other)
            left, right = self._rank, other._rank
            result._rank = (left if left > right else right) + 1  # noqa: FURB136 - max is slower
        else:
            result._constant = constant = other if type(other) is float else _float(other)
            result._data = operation.value(self._data, constant)
            result._form = operation.left
            result._prev = (self,)
            result._rank = self._rank + 1
        result.grad = 0.0
        result._mark = None
        result.label = ""
        return result

    def _join_reflected(self, operation: _Operation, other: float) -> Value:
        """The operation of a number and this."""
        result = _new(type(self))
        result._constant = constant = other if type(other) is float else _float(other)
        result._data = operation.value(constant, self._data)
        result.grad = 0.0
        result._mark = None
        result.label = ""
        result._form = operation.right
        result._prev = (self,)
        result._rank = self._rank + 1
        return result

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __add__(self, other: Value | float) -> Value:
        return self._join(_ADD, other)

    def __radd__(self, other: float) -> Value:
        return self._join_reflected(_ADD, other)

    def __sub__(self, other: Value | float) -> Value:
        return self._join(_SUB, other)

    def __rsub__(self, other: float) -> Value:
        return self._join_reflected(_SUB, other)

    def __mul__(self, other: Value | float) -> Value:
        return self._join(_MUL, other)

    def __rmul__(self, other: float) -> Value:
        return self._join_reflected(_MUL, other)

    def __truediv__(self, other: Value | float) -> Value:
        return self._join(_DIV, other)

    def __rtruediv__(self, other: float) -> Value:
        return self._join_reflected(_DIV, other)

    def __pow__(self, other: Value | float) -> Value:
        return self._join(_POW, other)

    def __rpow__(self, other: float) -> Value:
        return self._join_reflected(_POW, other)

    def __neg__(self) -> Value:
        return self._apply(_NEG)

    def relu(self) -> Value:
        return self._apply(_RELU)

    def tanh(self) -> Value:
        return self._apply(_TANH)

    def exp(self) -> Value:
        return self._apply(_EXP)

    def log(self) -> Value:
        return self._apply(_LOG)

    def sigmoid(self) -> Value:
        return self._apply(_SIGMOID)

    def sin(self) -> Value:
        return self._apply(_SIN)

    def cos(self) -> Value:
        return self._apply(_COS)

    @property
    def _op(self) -> str:
        """The operation's symbol, as the notes' drawing code shows it."""
        name = self._form.partition("_")[0]
        return _SYMBOLS.get(name, name)

    def backward(self) -> None:
        """Set `grad` of this Value and of every Value that it was computed from."""
        results = self._reset()
        results.sort(key=_rank, reverse=True)
        self.grad = 1.0
        for node in results:
            if node.grad:
                _PULLBACKS[node._form](node)

    def _reset(self) -> list[Value]:
        """Set `grad` to 0 everywhere; the results among what was reached, in any order."""
        walk = object()  # a mark on each Value costs less than a set of them
        self._mark = walk
        self.grad = 0.0
        results = [self] if self._prev else []
        for node in results:  # which grows on the way
            for operand in node._prev:
                if operand._mark is not walk:
                    operand._mark = walk
                    operand.grad = 0.0
                    if operand._prev:
                        results.append(operand)
        return results
