"""A listening socket is closed without a reset."""

from __future__ import annotations

import socket
import sys
import threading

import pytest

from service.worker.listening import begin_no_more


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such filter")
@pytest.mark.parametrize("family, host", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_who_comes_too_late_is_refused_and_others_go_on(
    family: socket.AddressFamily, host: str
) -> None:
    listener = socket.socket(family)
    try:
        listener.bind((host, 0))
    except OSError:
        pytest.skip(f"no {host} here")
    listener.listen()
    address = listener.getsockname()[:2]
    early = socket.create_connection(address, timeout=30)
    ended: list[type[BaseException] | None] = []

    def come_late() -> None:
        try:
            with socket.create_connection(address, timeout=30) as late:
                late.sendall(b"hello")
                late.recv(1)
            ended.append(None)
        except OSError as error:
            ended.append(type(error))

    begin_no_more(listener)
    late = threading.Thread(target=come_late)
    late.start()
    late.join(0.2)
    taken, _ = listener.accept()
    listener.close()
    late.join(30)
    assert ended == [ConnectionRefusedError]
    with early, taken:
        early.sendall(b"still here")
        assert taken.recv(100) == b"still here"
