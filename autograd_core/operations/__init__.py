"""The op table: everything the package knows about operations.

Adding an operation is adding a row. Validation, both engines, the catalogue, the API
description, the documentation and the tests read it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autograd_core.errors import Fault
from autograd_core.names import did_you_mean, quoted
from autograd_core.operations import arrays, composite, elementwise
from autograd_core.operations.array_row import ArrayOperation
from autograd_core.operations.composite import Composite
from autograd_core.operations.elementwise_row import Elementwise
from autograd_core.operations.operation import Operation, ShapeError, ValueFault

Primitive = Elementwise | ArrayOperation

TABLE: Mapping[str, Operation] = MappingProxyType(
    {**elementwise.TABLE, **arrays.TABLE, **composite.TABLE}
)
_BY_ANY_NAME: Mapping[str, Operation] = MappingProxyType(
    {**{alias: row for row in TABLE.values() for alias in row.aliases}, **TABLE}
)

__all__ = [
    "TABLE",
    "ArrayOperation",
    "Composite",
    "Elementwise",
    "Operation",
    "Primitive",
    "ShapeError",
    "ValueFault",
    "find",
    "unknown_operation",
]


def find(name: str) -> Operation | None:
    """The operation of this name or alias, or None."""
    return _BY_ANY_NAME.get(name)


def unknown_operation(name: str, hint: str | None = None) -> Fault:
    """The fault of a name that no operation has; hint: in place of the closest that one has."""
    if hint is None:
        hint = did_you_mean("log" if name == "ln" else name, _BY_ANY_NAME)
    return Fault("unknown_operation", f"unknown operation {quoted(name)}{hint}")
