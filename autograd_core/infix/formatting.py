"""Graph -> infix text that parses back to the same function.

Every node becomes a fragment of text. A node with an id, or used more than once, or whose
fragment has grown long or deep, becomes a statement of its own; all others are written where
they are used, in no more parentheses than the table of operators asks for. One pass in node
order: nothing recurses, and a chain of n nodes takes time in proportion to n.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_core.graph import NO_ATTRIBUTES, Attributes, Graph
from autograd_core.infix.expression import is_name
from autograd_core.infix.vocabulary import (
    COMPARISON,
    OPERATORS,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    SYMBOLS,
    WORDS,
    Operator,
)
from autograd_core.limits import Deadline, watched
from autograd_core.operations import find
from autograd_core.tensors import Array

_ATOM = POWER + 1
_LONGEST = 1_000
_DEEPEST = 50


class _Fragment(NamedTuple):
    """The text of an operand, how tightly it binds, and how deep its brackets go."""

    text: str
    binds: int = _ATOM
    depth: int = 0

    def within(self, binds: int) -> _Fragment:
        """The fragment where only what binds at least this tightly needs no parentheses."""
        if self.binds >= binds:
            return self
        return _Fragment(f"({self.text})", _ATOM, self.depth + 1)


def format_expression(graph: Graph) -> str:
    """Infix text for a graph, a statement a line, its result last.

    Parsing it gives the same operations on the same operands, perhaps in another order. Ids
    are kept where the language can spell them and no input has the same name; nodes that need
    a name and have none are called t1, t2, ... An input that the language cannot spell is
    renamed too, and a comment says so.
    """
    return "\n".join(_Printer(graph).lines())


class _Printer:
    """One pass over a graph, and the fragments not yet written."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        operands = graph.operands[graph.operands >= 0]
        self._uses: list[int] = np.bincount(operands, minlength=len(graph)).tolist()
        taken = {*graph.inputs, *(name for name in graph.ids if name is not None), *WORDS}
        self._has_infinity = "inf" not in taken
        self._fresh = (f"t{count}" for count in itertools.count(1) if f"t{count}" not in taken)
        self._inputs = {
            name: name if is_name(name) and name not in WORDS else next(self._fresh)
            for name in graph.inputs
        }
        self._named: dict[int, _Fragment] = {}  # nodes that are statements: their names
        self._waiting: dict[int, _Fragment] = {}  # nodes to be written where they are used

    def lines(self) -> Iterator[str]:
        """The statements."""
        for given, spelling in self._inputs.items():
            if given != spelling:
                yield f"# {spelling} is the input {given!r}"
        graph, uses = self._graph, self._uses
        result = graph.result
        if result is None and len(graph.sinks) == 1:
            result = graph.sinks[0]
        last = None
        # What is not used and does not come last has to be given a name, or has no effect.
        ends = len(graph) - 1 if result is None else result
        for number in watched(range(len(graph)), Deadline.current()):
            name = self._name(number, is_result=number == result, is_end=number == ends)
            fragment = self._node(number, name)
            line = fragment.text if name is None else f"{name} = {fragment.text}"
            if number == result and not uses[number]:
                last = line
                continue
            if name is None and uses[number]:
                if len(fragment.text) <= _LONGEST and fragment.depth < _DEEPEST:
                    self._waiting[number] = fragment
                    continue
                name = next(self._fresh)
                line = f"{name} = {fragment.text}"
            if name is not None:
                self._named[number] = _Fragment(name)
            yield line
        if last is not None:
            yield last
        elif result is not None:
            yield self._operand(result).text

    def _name(self, number: int, *, is_result: bool, is_end: bool) -> str | None:
        """The name of the statement that a node becomes, or None where it needs none yet."""
        name = self._graph.ids[number]
        if name is not None and is_name(name) and name not in self._inputs and name not in WORDS:
            return name
        uses = self._uses[number]
        if not uses:
            return None if is_end else next(self._fresh)
        return next(self._fresh) if uses > 1 or is_result or name else None

    def _node(self, number: int, name: str | None) -> _Fragment:
        """What stands for a node; name: of the statement, if it is one."""
        graph = self._graph
        operation = graph.operations[number]
        codes = graph.operands_of(number)
        if operation == "identity" and self._goes_without_saying(codes[0], number, name):
            return self._operand(codes[0])
        operands = [self._operand(code) for code in codes]
        attributes = graph.attributes.get(number, NO_ATTRIBUTES)
        if operation in SYMBOLS and len(operands) == 2:
            symbol = SYMBOLS[operation]
            return _infix(symbol, OPERATORS[symbol], *operands)
        if operation == "neg" and not self._is_number(codes[0]):
            text, _, depth = operands[0].within(SIGN)
            return _Fragment(f"-{text}", SIGN, depth + 1)
        if operation == "index" and attributes.get("spec"):
            text, _, depth = operands[0].within(_ATOM)
            return _Fragment(f"{text}[{subscripts(attributes['spec'])}]", _ATOM, depth)
        return _call(operation, operands, attributes)

    def _goes_without_saying(self, code: int, number: int, name: str | None) -> bool:
        """Whether the parser makes this identity by itself: y = x, or a constant alone."""
        if name is not None:
            return code < 0 or code in self._named
        constant = code < 0 and not isinstance(self._graph.leaves[~code], str)
        return constant and not self._uses[number]

    def _operand(self, code: int) -> _Fragment:
        if code in self._named:
            return self._named[code]
        if code >= 0:
            return self._waiting.pop(code)
        leaf = self._graph.leaves[~code]
        if isinstance(leaf, str):
            return _Fragment(self._inputs[leaf])
        return self._number(leaf) if isinstance(leaf, float) else _array(leaf)

    def _number(self, number: float) -> _Fragment:
        if math.isnan(number):
            return _Fragment("0/0", PRODUCT)
        if math.isinf(number) and not self._has_infinity:
            return _Fragment("1/0" if number > 0 else "-1/0", PRODUCT)
        text = repr(number).removesuffix(".0")
        if text == "-0":
            text = "-0.0"
        return _Fragment(text, SIGN if text[0] == "-" else _ATOM)

    def _is_number(self, code: int) -> bool:
        """Whether a sign before this operand would be read as part of it."""
        return code < 0 and isinstance(self._graph.leaves[~code], float)


def _infix(symbol: str, operator: Operator, left: _Fragment, right: _Fragment) -> _Fragment:
    left = left.within(operator.claims)
    right = right.within(SIGN if operator.binds == POWER else operator.binds + 1)
    space = " " if operator.binds in {COMPARISON, SUM} or symbol == "@" else ""
    text = f"{left.text}{space}{symbol}{space}{right.text}"
    return _Fragment(text, operator.binds, max(left.depth, right.depth))


def _call(operation: str, operands: list[_Fragment], attributes: Attributes) -> _Fragment:
    row = find(operation)
    defaults = {} if row is None else {entry.name: entry.default for entry in row.attributes}
    arguments = [operand.text for operand in operands]
    arguments += [
        f"{name}={_attribute(value)}"
        for name, value in attributes.items()
        if name not in defaults or value != defaults[name]
    ]
    depth = 1 + max((operand.depth for operand in operands), default=0)
    return _Fragment(f"{operation}({', '.join(arguments)})", _ATOM, depth)


def _attribute(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}'" if '"' in value else f'"{value}"'
    return json.dumps(value)


def subscripts(spec: Any) -> str:
    """What stands between the brackets of an index."""
    return ", ".join(_slice(entry) if isinstance(entry, slice) else str(entry) for entry in spec)


def _slice(entry: slice) -> str:
    start, stop, step = (
        "" if bound is None else str(bound) for bound in (entry.start, entry.stop, entry.step)
    )
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def _array(array: Array) -> _Fragment:
    """A nested list, with "NaN" and "Infinity" in quotes as everywhere in lists."""
    if 0 in array.shape[:-1]:  # a nested list would lose the axes after it
        return _Fragment(f"reshape([], shape={list(array.shape)})", _ATOM, 1)
    text = json.dumps(array.tolist())
    if not np.isfinite(array).all():
        text = re.sub("-?Infinity|NaN", r'"\g<0>"', text)
    return _Fragment(re.sub(r"\.0(?=[,\]])", "", text))
