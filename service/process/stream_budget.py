"""What one stream may take, of what its process has for all requests."""

from __future__ import annotations

from typing import Final

from service.problems import Problem
from service.process.budget import Budget, Budgets

# Bytes that a stream may hold from line to line, or of a line that arrives, without asking: there
# may be as many streams as connections, and most of them wait for their clients.
_FREE: Final = 16 * 1024


class StreamBudget:
    """What one stream may take: the line that arrives, what is kept from one line to the next, and
    the answers that are under way, which are all released once they have been sent.

    base: bytes that it takes from its beginning to its end; Problem `overloaded` if they do not
    become free in time.
    """

    def __init__(self, budgets: Budgets, base: int = 0) -> None:
        self._budgets = budgets
        self._line = budgets.new(free=_FREE)
        self._room, self._length = _FREE, 0  # how long the line may become, and is
        self._kept = budgets.new(free=_FREE)
        self._under_way: list[Budget] = []
        self._base = budgets.new(free=0)
        self._base.reserve(base)

    def over(self, length: int, longest: int) -> Problem | None:
        """The problem of a line of which so many bytes have arrived, if there is no memory for it.
        No line is longer than `longest`.
        """
        self._length = length
        if length <= self._room:
            return None
        self._room = min(longest, 2 * length)
        try:
            self._line.arrive(self._room)
        except Problem as problem:
            self._release_line()
            return problem
        return None

    def keep(self, size: int) -> None:
        """Hold so many bytes until told otherwise; Problem as of `Budget.reserve`."""
        self._kept.reserve(size)

    def new(self) -> Budget:
        """The budget of the answer to a line that has arrived."""
        budget = self._budgets.new()
        self._under_way.append(budget)
        return budget

    def answered(self) -> None:
        """No line is held but the one that arrives."""
        if self._room > _FREE >= self._length:
            self._release_line()

    def _release_line(self) -> None:
        self._line.release()
        self._line, self._room = self._budgets.new(free=_FREE), _FREE

    def sent(self) -> None:
        """Everything so far has gone."""
        for budget in self._under_way:
            budget.release()
        self._under_way.clear()

    def close(self) -> None:
        """Give everything back."""
        self.sent()
        for budget in (self._line, self._kept, self._base):
            budget.release()
