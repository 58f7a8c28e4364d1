from __future__ import annotations

import socket
from contextlib import suppress

from service.transport.client import Client


def test_whether_a_client_takes_more() -> None:
    assert Client(None).writable(0)
    ours, theirs = socket.socketpair()
    with theirs:
        assert Client(ours).writable(0)
        ours.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                ours.send(b"x" * 65536)
        assert not Client(ours).writable(0.01)
        ours.close()
    assert Client(ours).writable(0)


def test_whether_a_client_has_left() -> None:
    assert not Client(None).left()
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(b"what it sent before it left")
        assert not Client(ours).left()
        theirs.close()
        assert Client(ours).left()
    assert not Client(ours).left()
