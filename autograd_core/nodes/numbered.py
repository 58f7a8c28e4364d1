"""Names of nodes that need not be made: %1, %2, ... in their order; and codes of such names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, Protocol


class NumberedNames(Sequence[str]):
    """%1, %2, ...: made as they are asked for."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return tuple(self[k] for k in range(self._count)[number])
        return f"%{range(1, self._count + 1)[number]}"

    def __contains__(self, name: object) -> bool:
        return self.number_of(name) is not None

    def number_of(self, name: object) -> int | None:
        """The number of what is called so."""
        digits = name[1:] if isinstance(name, str) and name.startswith("%") else ""
        if not (digits.isascii() and digits.isdigit()) or digits.startswith("0"):
            return None
        if len(digits) > _DIGITS or int(digits) > self._count:
            return None
        return int(digits) - 1


_DIGITS: Final = 18  # of a number that is read


class Numbering(Protocol):
    """Names of nodes, by number, that can tell the number of a name."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]: ...

    def number_of(self, name: object) -> int | None:
        """The number of what is called so."""


class NamedCodes(Mapping[str, int]):
    """Operand codes of inputs, which are the first leaves, and of nodes, whose names are others."""

    def __init__(self, inputs: Iterable[str], nodes: Numbering) -> None:
        self._inputs = {name: ~place for place, name in enumerate(inputs)}
        self._nodes = nodes

    def __getitem__(self, name: str) -> int:
        code: int | None = self.get(name)
        if code is None:
            raise KeyError(name)
        return code

    def get(self, name: str, default: Any = None) -> Any:
        """As of any mapping; that of all of them goes by way of an exception."""
        code = self._inputs.get(name)
        if code is None:
            code = self._nodes.number_of(name)
        return default if code is None else code

    def __iter__(self) -> Iterator[str]:
        return chain(self._inputs, self._nodes)

    def __len__(self) -> int:
        return len(self._inputs) + len(self._nodes)
