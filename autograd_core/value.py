"""micrograd's interface over this engine.

    >>> from autograd_core import Value
    >>> a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    >>> d = a*b + c
    >>> d.backward()
    >>> a.grad, b.grad, c.grad
    (-3.0, 2.0, 1.0)

Code written for micrograd (https://github.com/karpathy/micrograd) runs with its import
changed. Two things differ, on purpose. `backward` walks without recursion, so chains of any
depth work. And it *sets* `grad` on everything it reaches: adjoints belong to a computation,
so calling it twice gives the same gradient, not twice the gradient.
"""

from __future__ import annotations

import sys
from typing import Any, ClassVar

import numpy as np

from autograd_core.derivatives import gradient
from autograd_core.graph import GraphBuilder
from autograd_core.limits import Limits
from autograd_core.operations import elementwise

Number = int | float
_SYMBOLS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "relu": "ReLU"}
# A program in memory bounds itself: the service's limits are not for it.
_UNLIMITED = Limits(*(sys.maxsize,) * len(Limits.__dataclass_fields__))


class Value:
    """A number that remembers how it was computed.

    data: the number; that of a Value made by hand may be changed between uses. grad: the
    derivative of whatever `backward` was last called on with respect to this. label: free text.
    """

    __slots__ = ("_operands", "_operation", "data", "grad", "label")
    __array_ufunc__: ClassVar[None] = None  # so that numpy_number * Value asks Value

    def __init__(self, data: Number, label: str = "") -> None:
        self.data = float(data)
        self.grad = 0.0
        self.label = label
        self._operation: str | None = None
        self._operands: tuple[Value | float, ...] = ()

    @classmethod
    def _of(cls, operation: str, *operands: Value | Number) -> Value:
        row = elementwise.TABLE[operation]
        kept = tuple(x if isinstance(x, Value) else float(x) for x in operands)
        numbers = [np.float64(x.data if isinstance(x, Value) else x) for x in kept]
        with np.errstate(all="ignore"):
            result = cls(float(row.value(numbers, {})))  # type: ignore[arg-type]  # scalars are arrays here
        result._operation, result._operands = operation, kept
        return result

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __add__(self, other: Value | Number) -> Value:
        return self._of("add", self, other)

    def __radd__(self, other: Number) -> Value:
        return self._of("add", other, self)

    def __sub__(self, other: Value | Number) -> Value:
        return self._of("sub", self, other)

    def __rsub__(self, other: Number) -> Value:
        return self._of("sub", other, self)

    def __mul__(self, other: Value | Number) -> Value:
        return self._of("mul", self, other)

    def __rmul__(self, other: Number) -> Value:
        return self._of("mul", other, self)

    def __truediv__(self, other: Value | Number) -> Value:
        return self._of("div", self, other)

    def __rtruediv__(self, other: Number) -> Value:
        return self._of("div", other, self)

    def __pow__(self, other: Value | Number) -> Value:
        return self._of("pow", self, other)

    def __rpow__(self, other: Number) -> Value:
        return self._of("pow", other, self)

    def __neg__(self) -> Value:
        return self._of("neg", self)

    def relu(self) -> Value:
        return self._of("relu", self)

    def tanh(self) -> Value:
        return self._of("tanh", self)

    def exp(self) -> Value:
        return self._of("exp", self)

    def log(self) -> Value:
        return self._of("log", self)

    def sigmoid(self) -> Value:
        return self._of("sigmoid", self)

    def sin(self) -> Value:
        return self._of("sin", self)

    def cos(self) -> Value:
        return self._of("cos", self)

    @property
    def _prev(self) -> tuple[Value, ...]:
        """The operands that are Values: what the notes' drawing code asks for."""
        return tuple(operand for operand in self._operands if isinstance(operand, Value))

    @property
    def _op(self) -> str:
        """The operation's symbol, as the notes' drawing code shows it."""
        return _SYMBOLS.get(self._operation, self._operation) if self._operation else ""

    def backward(self) -> None:
        """Set `grad` of this Value and of every Value that it was computed from."""
        order = self._evaluation_order()
        builder = GraphBuilder()
        codes: dict[int, int] = {}
        bindings: dict[str, float] = {}
        for number, value in enumerate(order):
            name = str(number)
            if value._operation is None:
                bindings[name] = value.data
                codes[id(value)] = builder.input(name)
            else:
                operands = [
                    codes[id(x)] if isinstance(x, Value) else builder.constant(x)
                    for x in value._operands
                ]
                codes[id(value)] = builder.apply(value._operation, operands, name=name)
        names = [str(number) for number in range(len(order))]
        graph = builder.build(result=codes[id(self)])
        result = gradient(graph, bindings, output=names[-1], wrt=names, limits=_UNLIMITED)
        for name, value in zip(names, order, strict=True):
            value.grad = float(result.gradients[name])

    def _evaluation_order(self) -> list[Value]:
        """Every Value behind this one, operands first, each once, this one last."""
        entered: set[int] = set()
        left: set[int] = set()
        order: list[Value] = []
        stack: list[Any] = [self]
        while stack:
            value = stack[-1]
            if id(value) in left:
                stack.pop()
            elif id(value) in entered:
                stack.pop()
                left.add(id(value))
                order.append(value)
            else:
                entered.add(id(value))
                stack.extend(reversed(value._prev))
        return order
