"""Formula text -> text of Python on floats, for Numba to compile or for Python to run itself."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from autograd_core.engines.kernel.loops import functions, special
from autograd_core.jit.compiling import inner
from autograd_core.operations.formulas import AUXILIARY

# What formulas call and the `math` module has.
_MATH = (
    "exp exp2 expm1 log log2 log10 log1p sqrt sin cos tan sinh cosh asin acos atan "
    "asinh acosh atanh atan2 hypot copysign erf erfc pi inf nan"
)


def translated(formula: str) -> str:
    """A formula as a Python expression of the same names, those of `vocabulary` among them."""
    return ast.unparse(_Scalar().visit(ast.parse(formula, mode="eval").body))


class _Scalar(ast.NodeTransformer):
    """Of `select` only the arm that is taken is computed, numbers are floats, and so is a power,
    where Python's may be complex.
    """

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return ast.IfExp(*node.args) if ast.unparse(node.func) == "select" else node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(float(node.value))  # type: ignore[arg-type]  # there is no other here

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        is_power = isinstance(node.op, ast.Pow)
        return ast.Call(ast.Name("power"), [node.left, node.right], []) if is_power else node


def _vocabulary() -> dict[str, Any]:
    names: dict[str, Any] = {name: getattr(math, name) for name in _MATH.split()}
    names |= {"power": math.pow, "floor": np.floor, "ceil": np.ceil, "round": np.rint}
    names |= {"LN2": math.log(2), "LN10": math.log(10), "inner": inner}
    for module in (functions, special):
        own = inspect.getmembers(module, inspect.isfunction)
        names |= {name: each for name, each in own if each.__module__ == module.__name__}
    for name, parameters, formula in AUXILIARY:
        text = f"@inner\ndef {name}({parameters}):\n    return {translated(formula)}"
        exec(text, names)  # noqa: S102 - rows of our own table, never what a caller sends
    return names


# What translated formulas call, by name.
VOCABULARY: Final[Mapping[str, Any]] = MappingProxyType(_vocabulary())
# The names that a formula may use for scalar Python to compute it; others are for arrays alone.
KNOWN: Final = frozenset({"select", "abs", *VOCABULARY})
