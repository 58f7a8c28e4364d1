"""Formula text -> text of scalar Python, which Numba compiles; or Python itself, see PLAIN.

`select` becomes a conditional expression, so that only the arm that is taken is computed;
numbers become floats and constants are folded; small auxiliary functions are written out, so
that a call that a value and its partials share is made once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograd_core.engines.kernel.loops import functions, special
from autograd_core.operations.formulas import AUXILIARY, NUMPY, compiled

# Formula name -> what the generated text calls instead.
MATH = (
    "exp exp2 expm1 log log2 log10 log1p sqrt sin cos tan sinh cosh asin acos atan "
    "asinh acosh atanh atan2 hypot copysign erf erfc"
)
SAME = {
    **{name: f"math.{name}" for name in MATH.split()},
    "floor": "np.floor",
    "ceil": "np.ceil",
    "round": "np.rint",
}

# Functions that the kernel has formulas of its own for, as they share their costly part with
# what they are used beside. tanh near 0 is S. L. Moshier's rational approximation (Cephes).
OWN = (
    (
        "tanh_tail",
        "u",
        (
            "u*((-0.9643991794250522*u - 99.28772310019186)*u - 1614.6876844170845)"
            "/(((u + 112.81167849163293)*u + 2235.4883906010045)*u + 4844.063053251255)"
        ),
    ),
    (
        "tanh",
        "x",
        (
            "select(abs(x) < 0.625, x + x*tanh_tail(x*x), "
            "copysign((1 - exp(-abs(x))**2)/(1 + exp(-abs(x))**2), x))"
        ),
    ),
)

# Functions that are written out where they are used; the other auxiliary ones are called.
INLINED = frozenset(
    {"ratio", "sigmoid", "sech", "softplus", "normal_cdf", "normal_pdf", "tanh_tail", "tanh"}
)

# What a formula may be made of, for the kernel: other formulas are for arrays alone.
_FUNCTIONS = (
    {"select", "abs"}.union(SAME, INLINED, (name for name, *_ in AUXILIARY))
    | {name for module in (functions, special) for name in vars(module) if name.islower()}
)  # fmt: skip
_PARTS = (ast.Name, ast.Constant, ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.BitAnd, ast.BitOr, ast.USub)


@dataclass(frozen=True)
class Dialect:
    """What a formula is written in. calls: formula name -> what the text calls instead;
    inlined: functions that are written out; power: what raises to a power that is no whole
    constant, or None for `**`.
    """

    calls: Mapping[str, str]
    inlined: frozenset[str]
    power: str | None = None


KERNEL = Dialect(SAME, INLINED)
# Python without Numba: math.tanh is one call there, and `**` of floats may be complex.
PLAIN = Dialect({**SAME, "tanh": "math.tanh"}, INLINED - {"tanh"}, power="math.pow")

_FORMULAS = {name: (parameters.split(", "), text) for name, parameters, text in (*AUXILIARY, *OWN)}


def is_expressible(text: str) -> bool:
    """Whether the kernel can compute a formula: whether it has all that the formula is made of."""
    tree = ast.parse(text, mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) not in _FUNCTIONS:
            return False
        if isinstance(node, ast.expr) and not isinstance(node, _PARTS):
            return False
        if isinstance(node, ast.operator | ast.unaryop) and not isinstance(node, _OPERATORS):
            return False
    return not isinstance(tree, ast.Compare)  # a number, not a truth value


def translate(text: str, names: Mapping[str, str], dialect: Dialect = KERNEL) -> ast.expr:
    """A formula as an expression; names: the formula's variables -> the code's."""
    values: dict[str, ast.expr] = {key: ast.Name(value) for key, value in names.items()}
    return _Translator(values, dialect).expression(ast.parse(text, mode="eval").body)


def assignments(formulas: Sequence[tuple[str, ast.expr]]) -> list[str]:
    """Statements that assign each formula to its name, in order; shared calls come first.

    A call is shared if it occurs more than once and not only in an arm of a select.
    """
    targets = [name for name, _ in formulas]
    trees = [tree for _, tree in formulas]
    shared: list[tuple[str, ast.expr]] = []
    while True:
        call = _shared_call([*trees, *(tree for _, tree in shared)])
        if call is None:
            break
        name = f"t{len(shared)}"
        replacer = _Replacer(ast.unparse(call), name)
        trees = [replacer.visit(tree) for tree in trees]
        shared = [(known, replacer.visit(tree)) for known, tree in shared]
        shared.append((name, call))
    pending = {**dict(reversed(shared)), **dict(zip(targets, trees, strict=True))}
    return [f"{name} = {ast.unparse(tree)}" for name, tree in _in_order(pending)]


def _in_order(pending: dict[str, ast.expr]) -> Iterable[tuple[str, ast.expr]]:
    """Each after what it uses."""
    while pending:
        name = next(
            name for name, tree in pending.items() if not _names(tree) & (pending.keys() - {name})
        )
        yield name, pending.pop(name)


class _Translator:
    """Rewrites a formula with its variables replaced."""

    def __init__(self, values: Mapping[str, ast.expr], dialect: Dialect) -> None:
        self._values = values
        self._dialect = dialect

    def expression(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Name) and node.id in self._values:
            return self._values[node.id]
        if not _names(node) & self._values.keys():
            return ast.Constant(float(compiled(ast.unparse(node), "", NUMPY)()))
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.BinOp):
            whole = isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)
            left = self.expression(node.left)
            right = node.right if whole else self.expression(node.right)
            if isinstance(node.op, ast.Pow) and not whole and self._dialect.power:
                return ast.Call(ast.Name(self._dialect.power), [left, right], [])
            return ast.BinOp(left, node.op, right)
        if isinstance(node, ast.UnaryOp):
            return ast.UnaryOp(node.op, self.expression(node.operand))
        if isinstance(node, ast.Compare):
            comparators = [self.expression(other) for other in node.comparators]
            return ast.Compare(self.expression(node.left), node.ops, comparators)
        raise TypeError(f"a formula cannot have this: {ast.unparse(node)}")

    def _call(self, node: ast.Call) -> ast.expr:
        name = ast.unparse(node.func)
        arguments = [self.expression(argument) for argument in node.args]
        if name == "select":
            return ast.IfExp(*arguments)
        if name == "abs" and isinstance(arguments[0], ast.UnaryOp):
            arguments = [arguments[0].operand]  # abs(-x) is abs(x), and then it may be shared
        if name in self._dialect.inlined:
            parameters, text = _FORMULAS[name]
            values = dict(zip(parameters, arguments, strict=True))
            inner = _Translator(values, self._dialect)
            return inner.expression(ast.parse(text, mode="eval").body)
        return ast.Call(ast.Name(self._dialect.calls.get(name, name)), arguments, [])


class _Replacer(ast.NodeTransformer):
    """Puts a name in the place of a call."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node) == self._text:
            return ast.Name(self._name)
        return self.generic_visit(node)


def _shared_call(trees: Iterable[ast.expr]) -> ast.Call | None:
    """The longest call that occurs twice or more, once at least where it is always computed."""
    counts: dict[str, int] = {}
    always: dict[str, ast.Call] = {}
    stack = [(tree, True) for tree in trees]
    while stack:
        node, certain = stack.pop()
        if isinstance(node, ast.Call):
            text = ast.unparse(node)
            counts[text] = counts.get(text, 0) + 1
            if certain:
                always.setdefault(text, node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                arm = isinstance(node, ast.IfExp) and child is not node.test
                stack.append((child, certain and not arm))
    shared = [text for text in always if counts[text] > 1 and text != "abs(x)"]
    return always[max(shared, key=len)] if shared else None


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
