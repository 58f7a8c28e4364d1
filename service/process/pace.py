"""How long a client may keep the server waiting for the bytes of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Waiting for the bytes of one request may take this long in all, and longer the more of them come:
# nobody whose connection moves 500 bytes a second runs out of it. What comes fast buys time for
# what comes slowly, but not for ever.
PATIENCE: Final = 30.0
SLOWEST: Final = 500.0
MOST_BOUGHT: Final = 300.0


@dataclass(slots=True)
class Pace:
    """The pace of one request. silence: seconds without a byte that end it. since: when the server
    began to wait, or the last bytes came.
    """

    silence: float
    since: float
    patience: float = PATIENCE

    @property
    def end(self) -> float:
        """When the waiting ends, if nothing comes."""
        return self.since + min(self.silence, self.patience)

    def arrived(self, count: int, now: float) -> None:
        """So many bytes have come."""
        self.patience += self.since - now + count / SLOWEST
        self.patience = min(self.patience, PATIENCE + MOST_BOUGHT)
        self.since = now
