"""What the environment of a request says beyond WSGI: what its worker knows of the client."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from service.worker.connection import Connection
from service.worker.holdings import Holdings

_RECEIVED: Final = "service.received"
_HAS_LEFT: Final = "service.has_left"
_HAS_ARRIVED: Final = "service.has_arrived"


def environment_of(connection: Connection, holdings: Holdings) -> dict[str, Any]:
    """What is said of the request that a connection has."""
    said = {
        _RECEIVED: connection.hand_over,
        _HAS_LEFT: partial(holdings.has_left, connection),
    }
    return said | {_HAS_ARRIVED: connection.has_arrived} if connection.is_stream else said


def hand_over(environ: dict[str, Any]) -> int:
    """Bytes of memory that are taken for a request, and now the caller's to give back."""
    take: Callable[[], int] = environ.get(_RECEIVED, int)
    return take()


def has_left_of(environ: dict[str, Any]) -> Callable[[], bool]:
    """What tells whether the client has closed its connection, or its half of it. Nobody can tell
    these apart without sending something, so ask only where there has long been nothing to send.
    Another server does not say; there the client has never left.
    """
    has_left: Callable[[], bool] = environ.get(_HAS_LEFT, bool)
    return has_left


def has_arrived_of(environ: dict[str, Any]) -> Callable[[], bool] | None:
    """What tells of a stream, without waiting, whether there is something of it to read, or its
    end. An application that finds nothing gives b"", as it may (PEP 3333), and is asked for more of
    its answer once something has come. None if the server does not say: reading waits.
    """
    has_arrived: Callable[[], bool] | None = environ.get(_HAS_ARRIVED)
    return has_arrived
