"""The text of the kernel: a Python module, generated from the op table, for Numba to compile.

It holds, in this order: the scalar vocabulary (functions.py, special.py), the formulas'
auxiliary functions, and the loops (ordering.py and those after it),
in which the calls of `columns` are replaced by a chain of branches, one for each opcode. LLVM
makes a jump table of it; as a function of its own it would be compiled twice.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, cast

from autograd_core.engines.kernel.loops import (
    coloring,
    columns,
    first_order as loops,
    functions,
    glances,
    ordering,
    patterns,
    second_order,
    special,
)
from autograd_core.engines.kernel.rules import NO_EDGE, RULES, Rule
from autograd_core.engines.kernel.translation import INLINED, assignments, translate
from autograd_core.operations.formulas import AUXILIARY

HEADER = '''"""The tape kernel, generated from the op table: not to be edited."""

import math

import numpy as np

from autograd_core.engines.kernel.compiling import loop, scalar

nan = np.nan
'''


def _is_scalar(function: Callable[..., object]) -> bool:
    """Whether a function takes numbers only, and so is called by the kernel alone."""
    return "float" in function.__annotations__.values()


LOOPS: tuple[str, ...] = tuple(
    name
    for module in (ordering, loops, second_order, glances, patterns, coloring)
    for name, function in vars(module).items()
    if inspect.isfunction(function)
    and function.__module__ == module.__name__
    and not _is_scalar(function)
)


def text() -> str:
    """The whole module."""
    chains = {
        chain.name: chain
        for chain in (
            _chain(columns.value_of, {"z": "nan"}, _value),
            _chain(columns.value_and_partials, {"z": "nan", "p": "nan", "q": "0.0"}, _partials),
            _chain(columns.second_partials, {"aa": "0.0", "ab": "0.0", "bb": "0.0"}, _second),
        )
    }
    parts = [
        HEADER,
        *_taken_over(functions, {}),
        *_taken_over(special, {}),
        *(_auxiliary(*row) for row in AUXILIARY if row[0] not in INLINED),
        *_taken_over(ordering, {}),
        *_taken_over(loops, chains),
        *_taken_over(second_order, chains),
        *_taken_over(glances, {}),
        *_taken_over(patterns, {}),
        *_taken_over(coloring, {}),
    ]
    return "\n\n\n".join(parts) + "\n"


def _taken_over(module: ModuleType, chains: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    """A module's constants and functions, without types, docstrings and comments."""
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.Assign):
            yield ast.unparse(statement)
        elif isinstance(statement, ast.FunctionDef):
            bare = _Splicer(chains).visit(_bare(statement))
            yield ast.unparse(ast.fix_missing_locations(bare))


def _bare(function: ast.FunctionDef) -> ast.FunctionDef:
    """The function decorated for the kernel: a loop if it takes arrays, with their types."""
    arguments = function.args.args
    types = [ast.unparse(argument.annotation) for argument in arguments if argument.annotation]
    if set(types) & {"float"}:
        decorator: ast.expr = ast.Name("scalar")
    else:
        signature = ", ".join(columns.SIGNATURES[name] for name in types)
        decorator = ast.Call(ast.Name("loop"), [ast.Constant(f"({signature})")], [])
    function.args.args = [ast.arg(argument.arg) for argument in arguments]
    function.returns = None
    function.body = function.body[1:]
    function.decorator_list = [decorator]
    return function


class _Splicer(ast.NodeTransformer):
    """Puts a chain's body where its results are assigned."""

    def __init__(self, chains: Mapping[str, ast.FunctionDef]) -> None:
        self._chains = chains

    def visit_Assign(self, node: ast.Assign) -> Any:
        if not isinstance(node.value, ast.Call):
            return node
        chain = self._chains.get(ast.unparse(node.value.func))
        if chain is None:
            return node
        parameters = [ast.Name(argument.arg) for argument in chain.args.args]
        *body, last = chain.body
        results = cast("ast.expr", cast("ast.Return", last).value)
        return [
            *_pairwise(parameters, node.value.args),
            *body,
            *_pairwise(_members(node.targets[0]), _members(results)),
        ]


def _pairwise(targets: Iterable[ast.expr], values: Iterable[ast.expr]) -> list[ast.stmt]:
    return [ast.Assign([target], value) for target, value in zip(targets, values, strict=True)]


def _members(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _auxiliary(name: str, parameters: str, formula: str) -> str:
    names = parameters.split(", ")
    tree = translate(formula, {name: name for name in names})
    body = "\n    ".join([*assignments([("result", tree)]), "return result"])
    return f"@scalar\ndef {name}({parameters}):\n    {body}"


def _chain(
    head: Callable[..., object], starts: Mapping[str, str], body: Callable[[Rule], list[str]]
) -> ast.FunctionDef:
    """A function with a branch for each opcode. starts: each result where a branch is silent."""
    lines = [f"{name} = {start}" for name, start in starts.items()]
    word = "if"
    for code, rule in enumerate(RULES):
        statements = body(rule)
        if statements:
            lines += [f"{word} code == {code}:", *(f"    {line}" for line in statements)]
            word = "elif"
    lines.append(f"return {', '.join(starts)}")
    parameters = ", ".join(inspect.signature(head).parameters)
    definition = "\n    ".join([f"def {head.__name__}({parameters}):", *lines])
    return cast("ast.FunctionDef", ast.parse(definition).body[0])


def _value(rule: Rule) -> list[str]:
    return assignments([("z", translate(rule.value, rule.names))])


def _partials(rule: Rule) -> list[str]:
    formulas = [("z", translate(rule.value, rule.names)), ("p", _partial(rule, rule.first[0]))]
    if rule.first[1] != NO_EDGE:
        formulas.append(("q", _partial(rule, rule.first[1])))
    return assignments(formulas)


def _second(rule: Rule) -> list[str]:
    results = zip(("aa", "ab", "bb"), rule.second, strict=True)
    formulas = [(name, _partial(rule, text)) for name, text in results if text != NO_EDGE]
    return assignments(formulas)


def _partial(rule: Rule, formula: str) -> ast.expr:
    """A partial; outside of the rule's domain there is no value, so no derivative either."""
    tree = translate(formula, {**rule.names, "z": "z"})
    if rule.guarded and formula != NO_EDGE:
        undefined = ast.Compare(ast.Name("z"), [ast.NotEq()], [ast.Name("z")])
        return ast.IfExp(undefined, ast.Name("nan"), tree)
    return tree
