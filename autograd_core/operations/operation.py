"""What a row of the op table is, whatever kind of operation it describes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any

from autograd_core.errors import Fault
from autograd_core.limits import DEFAULT_LIMITS
from autograd_core.names import did_you_mean, quoted
from autograd_core.operations.attributes import Attribute
from autograd_core.tensors import Array, Shape

Attributes = Mapping[str, Any]


class ShapeError(ValueError):
    """Operand shapes that an operation cannot take; the message says why, and both shapes."""


class ValueFault(ValueError):
    """An operand whose value means nothing to the operation; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: what every kind of row says of itself.

    arity: fewest and most operands (None: any number). domain: where the operation is
    defined, as text; "" for everywhere. conventions: what is chosen at kinks and edges.

    In the infix language, where a row says more than can be told from the rest of it: formula,
    its value in terms of others; example, a call of it; tangent, what a change dx of x, dy of y
    makes of the value. derivative: in words.
    """

    name: str
    doc: str
    category: str = ""
    arity: tuple[int, int | None] = (1, 1)
    attributes: tuple[Attribute, ...] = ()
    aliases: tuple[str, ...] = ()
    domain: str = ""
    conventions: str = ""
    formula: str = ""
    example: str = ""
    tangent: str = ""
    derivative: str = ""
    analytic: bool = True

    def shape(self, shapes: Sequence[Shape], attributes: Attributes) -> Shape:
        """Shape of the result. Raises ShapeError."""
        raise TypeError(f"{self.name} has no shape rule")

    def cost(self, shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
        """Elementary operations of one evaluation."""
        raise TypeError(f"{self.name} has no cost rule")

    def vjp(
        self,
        index: int,
        cotangent: Array,
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
    ) -> Array:
        """Cotangent of operand `index`, in its shape."""
        raise TypeError(f"{self.name} has no vjp")

    def vjps(
        self,
        indices: Iterable[int],
        cotangent: Array,
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
    ) -> Iterator[tuple[int, Array]]:
        """Cotangents of several operands, each with its index, one after another."""
        for index in indices:
            yield index, self.vjp(index, cotangent, operands, result, attributes)

    def arity_fault(self, count: int) -> Fault | None:
        """What is wrong with this many operands, or None."""
        fewest, most = self.arity
        if fewest <= count and (most is None or count <= most):
            return None
        if most is None:
            wanted = f"at least {fewest} operand{'s' if fewest > 1 else ''}"
        elif fewest == most:
            wanted = f"{fewest} operand{'s' if fewest > 1 else ''}"
        else:
            wanted = f"{fewest} to {most} operands"
        return Fault("wrong_arity", f"{self.name} takes {wanted}, not {count}")

    def check_attributes(self, given: Mapping[str, Any]) -> tuple[Attributes, tuple[Fault, ...]]:
        """The attributes with defaults filled in, and what is wrong with those given.

        Faults have paths (attribute, ...).
        """
        known = {attribute.name: attribute for attribute in self.attributes}
        faults: list[Fault] = []
        values: dict[str, Any] = {}
        for key in islice((key for key in given if key not in known), DEFAULT_LIMITS.faults):
            takes = f"; it takes {', '.join(known)}" if known else "; it takes none"
            hint = did_you_mean(key, known) or takes
            detail = f"{self.name} has no attribute {quoted(key)}{hint}"
            faults.append(Fault("unknown_attribute", detail, (key,)))
        for key, attribute in known.items():
            if key in given:
                value, fault = attribute.read(given[key])
                values[key] = value
                if fault is not None:
                    faults.append(fault.under(key))
            elif attribute.required:
                detail = f"{self.name} needs the attribute {key!r}: {attribute.doc}"
                faults.append(Fault("missing_member", detail, (key,)))
            else:
                values[key] = attribute.default
        return MappingProxyType(values), tuple(faults)
