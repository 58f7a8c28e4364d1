"""Graphs that are built node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from autograd_core.graph import Attributes, Graph, Place
from autograd_core.tensors import Array


class GraphBuilder:
    """Collects nodes in evaluation order; `build` freezes them into a Graph.

    `apply` takes names of operations as they are: checking them against the op table is the
    caller's part.
    """

    def __init__(self, defaults: Mapping[str, float] = MappingProxyType({})) -> None:
        self._defaults = defaults
        self._leaves: list[str | float | Array] = []
        self._leaf_places: dict[int, Place] = {}
        self._inputs: dict[str, int] = {}
        self._constants: dict[str, int] = {}
        self._operations: list[str] = []
        self._operands: list[int] = []
        self._offsets: list[int] = [0]
        self._ids: list[str | None] = []
        self._attributes: dict[int, Attributes] = {}
        self._places: dict[int, Place] = {}

    def __len__(self) -> int:
        return len(self._operations)

    def input(self, name: str, place: Place | None = None) -> int:
        """Operand code of an input; the same name is the same leaf."""
        code = self._inputs.get(name)
        if code is None:
            code = self._inputs[name] = self._leaf(name)
            if place is not None:
                self._leaf_places[~code] = place
        return code

    def constant(self, value: float | Array) -> int:
        """Operand code of a constant; equal floats share a leaf (0.0 and -0.0 do not)."""
        if not isinstance(value, float):
            return self._leaf(value)
        key = value.hex()
        code = self._constants.get(key)
        if code is None:
            code = self._constants[key] = self._leaf(value)
        return code

    def apply(
        self,
        operation: str,
        operands: Sequence[int],
        attributes: Attributes | None = None,
        name: str | None = None,
        place: Place | None = None,
    ) -> int:
        """Append a node and return its operand code."""
        number = len(self._operations)
        self._operations.append(operation)
        self._operands.extend(operands)
        self._offsets.append(len(self._operands))
        self._ids.append(name)
        if attributes:
            self._attributes[number] = attributes
        if place is not None:
            self._places[number] = place
        return number

    def rename(self, number: int, name: str) -> None:
        """Give a node its id after the fact (an assignment names what was just built)."""
        self._ids[number] = name

    def id_of(self, number: int) -> str | None:
        """The id a node has so far."""
        return self._ids[number]

    def build(self, result: int | None = None) -> Graph:
        """The graph of everything applied so far."""
        return Graph(
            leaves=tuple(self._leaves),
            operations=tuple(self._operations),
            offsets=np.array(self._offsets, dtype=np.int32),
            operands=np.array(self._operands, dtype=np.int32),
            ids=tuple(self._ids),
            attributes=self._attributes,
            places=self._places,
            leaf_places=self._leaf_places,
            result=result,
            defaults={k: v for k, v in self._defaults.items() if k in self._inputs},
        )

    def _leaf(self, leaf: str | float | Array) -> int:
        self._leaves.append(leaf)
        return ~(len(self._leaves) - 1)
