"""What the parser calls while it reads infix text: a method for each alternative of the grammar.

A chain is a Python list of operands and operators. Each new operator first applies those before
it that it leaves no doubt about (operator precedence: R. W. Floyd, 1963), so that operations
are applied in the order in which a person would work them out.
"""

from __future__ import annotations

import threading
from operator import itemgetter
from typing import Any, NamedTuple

from autograd_core.errors import ExpressionError
from autograd_core.graph import Attributes
from autograd_core.infix import semantic_errors as hints
from autograd_core.infix.building import Draft, Literal
from autograd_core.infix.lexer import Token
from autograd_core.infix.vocabulary import COMPARISON, MINUS, OPERATORS, PLUS, SIGN, Operator
from autograd_core.names import quoted
from autograd_core.operations import TABLE, Operation, find

Chain = list[Any]
Children = list[Any]


class Keyword(NamedTuple):
    """An attribute as written in a call."""

    name: Token
    value: Any


class Reader(threading.local):
    """The parser's callbacks. One parser serves every thread: each has a draft of its own."""

    draft: Draft

    # --- statements -------------------------------------------------------------------

    first_statement = itemgetter(0)

    def next_statement(self, children: Children) -> bool:
        """Whether this statement gives a name, as `bare` and `assignment` do."""
        named_before, separator, named = children
        self.draft.statement_follows(separator, has_effect=named_before)
        return bool(named)

    def bare(self, children: Children) -> bool:
        draft = self.draft
        operand = self._applied(children[0])
        code = draft.operand(operand)
        if draft.is_constant(code):  # a result is a node or an input
            code = draft.apply("identity", (code,), operand.start_pos)
        draft.result = code
        return False

    def assignment(self, children: Children) -> bool:
        draft = self.draft
        target, _, chain = children
        draft.result = draft.give_name(target, draft.operand(self._applied(chain)))
        return True

    # --- chains of operators ----------------------------------------------------------

    lone = itemgetter(0)

    def first_sign(self, children: Children) -> Chain:
        return self.next_sign([[], *children])

    def next_sign(self, children: Children) -> Chain:
        chain: Chain = children[0]
        sign: Token = children[1]
        chain.append((PLUS if sign.value == "+" else MINUS, sign.start_pos))
        return chain

    def infix(self, children: Children) -> Chain:
        chain, token = children
        operator = OPERATORS[token.value]
        if type(chain) is not list:
            return [self.draft.named(chain), (operator, token.start_pos)]
        self._apply_down_to(operator.claims, chain)
        if operator.binds == COMPARISON and len(chain) > 1:
            fault = self.draft.located("syntax_error", hints.CHAINED, token.start_pos)
            raise ExpressionError(fault)
        chain.append((operator, token.start_pos))
        return chain

    def joined(self, children: Children) -> Chain:
        chain: Chain = children[0]
        chain.append(self.draft.named(children[1]))
        return chain

    def _applied(self, chain: Any) -> Any:
        """A chain with all its operators applied: one operand."""
        if type(chain) is not list:
            return chain
        self._apply_down_to(COMPARISON, chain)
        return chain[0]

    def _apply_down_to(self, level: int, chain: Chain) -> None:
        """Apply the last operators of a chain, as far as they bind as tightly as `level`."""
        draft = self.draft
        while len(chain) > 1:
            operator, offset = chain[-2]
            if operator.binds < level:
                return
            right = chain.pop()
            if operator.binds == SIGN:
                chain[-1] = _signed(draft, operator, right, offset)
            else:
                del chain[-1]
                operands = (draft.operand(chain[-1]), draft.operand(right))
                chain[-1] = draft.apply(operator.operation, operands, offset)

    # --- calls ------------------------------------------------------------------------

    def group(self, children: Children) -> Any:
        return self._applied(children[1])

    def empty_call(self, children: Children) -> int:
        return self.call([children[0], None, []])

    def call(self, children: Children) -> int:
        draft = self.draft
        function: Token = children[0]
        name = draft.spelling(function)
        operands = [argument for argument in children[2] if type(argument) is int]
        keywords = [argument for argument in children[2] if type(argument) is not int]
        operation = find(name)
        if operation is None:
            fault = hints.unknown_function(name, len(operands), is_value=draft.knows(name))
            return draft.fault(fault.code, fault.detail, function.start_pos)
        wrong = operation.arity_fault(len(operands))
        if wrong is not None:
            hint = hints.arity_hint(operation, len(operands), keywords=bool(keywords))
            return draft.fault(wrong.code, wrong.detail + hint, function.start_pos)
        attributes = None
        if keywords or operation.attributes:
            attributes = _attributes(draft, operation, keywords, function.start_pos)
        return draft.apply(operation.name, operands, function.start_pos, attributes)

    def positional(self, children: Children) -> Children:
        return [self.draft.operand(self._applied(children[0]))]

    def next_positional(self, children: Children) -> Children:
        arguments: Children = children[0]
        arguments.append(self.draft.operand(self._applied(children[2])))
        return arguments

    def keyword(self, children: Children) -> Children:
        return [Keyword(children[0], self._applied(children[2]))]

    def next_keyword(self, children: Children) -> Children:
        arguments: Children = children[0]
        arguments.append(Keyword(children[2], self._applied(children[4])))
        return arguments

    # --- lists and indices ------------------------------------------------------------

    def empty_literal(self, children: Children) -> Literal:
        return Literal(children[0].start_pos)

    def literal(self, children: Children) -> Literal:
        literal: Literal = children[1]
        literal.start_pos = children[0].start_pos
        return literal

    def item(self, children: Children) -> Literal:
        return self.next_item([Literal(0), None, *children])

    def next_item(self, children: Children) -> Literal:
        literal: Literal = children[0]
        value, stray = self.draft.plain(self._applied(children[2]))
        literal.value.append(value)
        if literal.stray is None:
            literal.stray = stray
        return literal

    def index(self, children: Children) -> int:
        draft = self.draft
        operand = draft.operand(children[0])
        bracket: Token = children[1]
        attributes, faults = TABLE["index"].check_attributes({"spec": children[2]})
        for fault in faults:
            draft.fault(fault.code, fault.detail, bracket.start_pos)
        return draft.apply("index", (operand,), bracket.start_pos, attributes)

    def first_subscript(self, children: Children) -> list[Any]:
        return children

    def next_subscript(self, children: Children) -> list[Any]:
        spec: list[Any] = children[0]
        spec.append(children[2])
        return spec

    def position(self, children: Children) -> int:
        return self._whole_number(children[0])

    def slice(self, children: Children) -> list[int | None]:
        bounds: list[int | None] = [None]
        for child in children:
            if type(child) is Token and child.type == "COLON":
                bounds.append(None)
            else:
                bounds[-1] = self._whole_number(child)
        return bounds

    def _whole_number(self, chain: Any) -> int:
        """An index, or a bound of a slice."""
        value = self._applied(chain)
        if type(value) is Token and value.type == "NUMBER":
            number = self.draft.number(value)
            if type(number) is int:
                return number
        self.draft.fault("wrong_type", hints.not_an_index(value), self.draft.offset_of(value))
        return 0


def _signed(draft: Draft, sign: Operator, operand: Any, offset: int) -> Any:
    """An operand with a sign before it; a number takes the sign in, so that -2 is a constant."""
    if sign is PLUS:
        return operand
    if type(operand) is Token and operand.type == "NUMBER":
        digits = operand.value
        return Token("NUMBER", digits[1:] if digits[0] == "-" else f"-{digits}", offset)
    return draft.apply("neg", (draft.operand(operand),), offset)


def _attributes(
    draft: Draft, operation: Operation, keywords: list[Keyword], start: int
) -> Attributes:
    """The attributes of a call that starts there, checked against the operation's row."""
    given: dict[str, Any] = {}
    offsets: dict[str, int] = {}
    strays: set[str] = set()
    for token, value in keywords:
        name = draft.spelling(token)
        if name in offsets:
            draft.fault("invalid_value", f"{quoted(name)} is given twice", token.start_pos)
            continue
        offsets[name] = token.start_pos
        given[name], stray = draft.plain(value)
        if stray is not None:
            strays.add(name)
            draft.fault("wrong_type", hints.not_written_out(name), stray)
    attributes, faults = operation.check_attributes(given)
    for fault in faults:
        name = str(fault.path[0]) if fault.path else ""
        if name not in strays:
            draft.fault(fault.code, fault.detail, offsets.get(name, start))
    return attributes
