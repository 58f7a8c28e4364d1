"""A deadline that counts looks at the clock and never asks the clock itself."""

from autograd_core import Deadline, DeadlineExceeded


class CountingDeadline(Deadline):
    """Up at the nth look."""

    def __init__(self, looks: float = float("inf")) -> None:
        super().__init__(0.0)
        self.looks = 0
        self._most = looks

    def check(self) -> None:
        self.looks += 1
        if self.looks >= self._most:
            raise DeadlineExceeded("counted out")
