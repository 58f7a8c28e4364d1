"""Rows of the op table on Python's own floats: for numbers that arrive one at a time.

A formula becomes plain Python over the `math` module, some ten times faster on one number than
NumPy. Where Python raises (1/0, log(-1), exp(1000)) the row's NumPy meaning takes over, so that
the arithmetic is IEEE 754 throughout, without exceptions and without warnings.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

import numpy as np

from autograd_core.engines.kernel.loops import functions, special
from autograd_core.engines.kernel.translation import PLAIN, assignments, translate
from autograd_core.operations.elementwise_row import Elementwise
from autograd_core.operations.formulas import AUXILIARY
from autograd_core.tensors import Array


class Node(Protocol):
    """A result as a pullback sees it.

    _data: the number. _prev: the nodes it was computed from, in their order. _constant: its
    operand that is a number, where it has one. grad: the adjoint.
    """

    _data: float
    _prev: tuple[Any, ...]
    _constant: float
    grad: float


Pullback = Callable[[Node], None]

# Two rows are read as micrograd computes them, which shows when data were set by hand: relu's
# partial from the result (relu is its own square, so the row's formula holds of either), and
# a quotient's from its operands, not from the result.
_AT_RESULT = frozenset({"relu"})
_AT_OPERANDS = frozenset({"div"})


def value(row: Elementwise) -> Callable[..., float]:
    """The row's value of one float for each operand."""
    lines = _ieee(
        _assignments({"z": _value(row)}),
        f"z = by_numpy({', '.join(row.operands)})",
    )

    def by_numpy(*operands: float) -> float:
        with np.errstate(all="ignore"):
            return float(row.value(_scalars(operands), {}))

    lines.append("return z")
    return _defined(f"{row.name}({', '.join(row.operands)})", lines, by_numpy=by_numpy)


def pullback(row: Elementwise, nodes: str) -> Pullback:
    """What adds a node's contributions to the adjoints of its operands.

    nodes: those of the row's operands that are nodes, "xy", "x" or "y"; a row of two operands
    has its other one in the node's `_constant`. The node's own adjoint is not 0. A partial that
    is 0 contributes nothing, whatever the adjoint.
    """
    along = [row.operands.index(name) for name in nodes]
    partials = {f"partial_{at}": _partial(row, row.first[at]) for at in along}
    computed = {k: tree for k, tree in partials.items() if not isinstance(tree, ast.Constant)}
    if row.name in _AT_OPERANDS:
        computed = {"z": _value(row), **computed}

    def by_numpy(*operands: float, z: float) -> list[float]:
        numbers = _scalars(operands)
        with np.errstate(all="ignore"):
            result = row.value(numbers, {}) if row.name in _AT_OPERANDS else np.float64(z)
            return [float(row.partial(at, numbers, cast("Array", result), {})) for at in along]

    statements = _ieee(
        _assignments(computed),
        f"{', '.join(partials)}, = by_numpy({', '.join(row.operands)}, z=z)",
    )
    loads = {name: f"node_{name}._data" for name in nodes}
    loads |= dict.fromkeys((name for name in row.operands if name not in nodes), "node._constant")
    loads["z"] = "node._data"
    needed = {inner.id for inner in _walk(statements) if isinstance(inner, ast.Name)}
    lines = [
        f"{', '.join(f'node_{name}' for name in nodes)}, = node._prev",
        *(f"{name} = {load}" for name, load in loads.items() if name in needed),
        *statements,
    ]
    for name, (partial, tree) in zip(nodes, partials.items(), strict=True):
        lines += _sent(f"node_{name}.grad", partial, tree)
    return _defined(f"{row.name}_{nodes}(node)", lines, by_numpy=by_numpy)


def _value(row: Elementwise) -> ast.expr:
    return translate(row.value_formula, {name: name for name in row.operands}, PLAIN)


def _partial(row: Elementwise, formula: str) -> ast.expr:
    """A partial; outside of the row's domain there is no value, so no derivative either."""
    names = {name: name for name in (*row.operands, "z")}
    if row.name in _AT_RESULT:
        names["x"] = "z"
    tree = translate(formula, names, PLAIN)
    if row.domain:
        undefined = ast.Compare(ast.Name("z"), [ast.NotEq()], [ast.Name("z")])
        return ast.IfExp(undefined, ast.Name("nan"), tree)
    return tree


def _sent(target: str, name: str, partial: ast.expr) -> list[str]:
    """The statements that send the adjoint along an operand."""
    if not isinstance(partial, ast.Constant):
        return [f"if {name}:", f"    {target} += node.grad * {name}"]
    factor = "" if partial.value == 1 else f" * {ast.unparse(partial)}"
    return [f"{target} += node.grad{factor}"]


class _Quick(ast.NodeTransformer):
    """The same with less work for Python: a square is a product, the second of two conditions
    is looked at only where it matters.
    """

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.BitAnd | ast.BitOr):
            word = ast.And() if isinstance(node.op, ast.BitAnd) else ast.Or()
            return ast.BoolOp(word, [node.left, node.right])
        square = isinstance(node.op, ast.Pow) and ast.unparse(node.right) == "2"
        if square and isinstance(node.left, ast.Name):
            return ast.BinOp(node.left, ast.Mult(), node.left)
        return node


def _assignments(formulas: Mapping[str, ast.expr]) -> list[str]:
    """Statements that assign each formula to its name."""
    statements = assignments(list(formulas.items()))
    return [ast.unparse(_Quick().visit(ast.parse(statement))) for statement in statements]


def _ieee(statements: Sequence[str], otherwise: str) -> list[str]:
    """The statements; what Python raises where IEEE 754 has a number leads to `otherwise`."""
    if not any(isinstance(inner, ast.Div | ast.Pow | ast.Call) for inner in _walk(statements)):
        return list(statements)
    return [
        "try:",
        *(f"    {statement}" for statement in statements),
        "except (ArithmeticError, ValueError):",
        f"    {otherwise}",
    ]


def _walk(statements: Sequence[str]) -> Iterator[ast.AST]:
    return ast.walk(ast.parse("\n".join(statements)))


def _scalars(numbers: Sequence[float]) -> list[Array]:
    return [cast("Array", np.float64(number)) for number in numbers]  # scalars are arrays here


def _defined(head: str, lines: Sequence[str], **names: Any) -> Callable[..., Any]:
    """The function of this head and body."""
    namespace = {**_NAMESPACE, **names}
    # The text is made of rows of our own table, never of what a caller sends.
    exec(_source(head, lines), namespace)  # noqa: S102 - see above
    return cast("Callable[..., Any]", namespace[head.partition("(")[0]])


def _source(head: str, lines: Sequence[str]) -> str:
    return "\n    ".join([f"def {head}:", *lines])


def _namespace() -> dict[str, Any]:
    """What formulas call: the kernel's scalar functions, which are plain Python, and the table's
    auxiliary ones. What Python raises in them is for whoever calls them.
    """
    names: dict[str, Any] = {"math": math, "np": np, "nan": math.nan, "inf": math.inf}
    for module in (functions, special):
        names |= {name: item for name, item in vars(module).items() if callable(item)}
    for name, parameters, text in AUXILIARY:
        if name not in PLAIN.inlined:
            variables = {parameter: parameter for parameter in parameters.split(", ")}
            body = _assignments({"result": translate(text, variables, PLAIN)})
            exec(_source(f"{name}({parameters})", [*body, "return result"]), names)  # noqa: S102 - as above
    return names


_NAMESPACE = _namespace()
