"""Names of nodes that are only numbered: %1, %2, ... in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final


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


class NumberedCodes(Mapping[str, int]):
    """Operand codes of inputs and of numbered nodes."""

    def __init__(self, inputs: Sequence[str], count: int) -> None:
        self._inputs = {name: ~place for place, name in enumerate(inputs)}
        self._nodes = NumberedNames(count)

    def __getitem__(self, name: str) -> int:
        code = self._inputs.get(name)
        if code is None:
            code = self._nodes.number_of(name)
        if code is None:
            raise KeyError(name)
        return code

    def __iter__(self) -> Iterator[str]:
        return chain(self._inputs, self._nodes)

    def __len__(self) -> int:
        return len(self._inputs) + len(self._nodes)
