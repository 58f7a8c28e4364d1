"""What one stream may take, of what its process has for all requests."""

from __future__ import annotations

from service.problems import Problem
from service.process.budget import FREE, Budget, Budgets


class StreamBudget:
    """What one stream may take: the line that arrives, what is read ahead, what is kept from one
    line to the next, and the answers that are under way, which are all released once they have
    been sent.
    """

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._line, self._room = budgets.new(), FREE  # how long the line may become
        self._ahead = 0
        self._kept = budgets.new()
        self._under_way: list[Budget] = []

    def over(self, length: int, longest: int) -> Problem | None:
        """The problem of a line of which so many bytes have arrived, if there is no memory for it.
        No line is longer than `longest`.
        """
        if length <= self._room:
            return None
        self._room = min(longest, 2 * length)
        try:
            self._line.arrive(self._room)
        except Problem as problem:
            return problem
        return None

    def read_ahead(self, size: int) -> bool:
        """Take so many bytes for what is read ahead, if they are free and none are held."""
        if not self._ahead and self._budgets.memory.take(size):
            self._ahead = size
        return self._ahead > 0

    def caught_up(self) -> None:
        """Give back what was taken for reading ahead."""
        if self._ahead:
            self._budgets.memory.give(self._ahead)
            self._ahead = 0

    def keep(self, size: int) -> None:
        """Hold so many bytes until told otherwise; Problem as of `Budget.reserve`."""
        self._kept.reserve(size)

    def new(self) -> Budget:
        """The budget of the answer to a line that has arrived."""
        budget = self._budgets.new()
        self._under_way.append(budget)
        return budget

    def answered(self) -> None:
        """The line is no longer held."""
        if self._room > FREE:
            self._line.release()
            self._line, self._room = self._budgets.new(), FREE

    def sent(self) -> None:
        """Everything so far has gone."""
        for budget in self._under_way:
            budget.release()
        self._under_way.clear()
