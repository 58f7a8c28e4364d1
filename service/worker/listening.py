"""Ceasing to listen without resetting anybody.

Closing a listening socket resets the connections that wait in it, and however quickly the last
one is taken before, another may come in between. On Linux a filter lets no new connection begin
from some moment on: its first packet is dropped, as though it was lost on the way, and sent again
after a second. By then the socket is closed, and the client is refused, or there is another
service to take it. Elsewhere the gap stays.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
from contextlib import suppress
from typing import Final

_SO_ATTACH_FILTER: Final = 26  # asm-generic/socket.h; `socket` has no name for it
_FLAGS: Final = 13  # the byte of a TCP header that has SYN
_SYN: Final = 0x02
# Instructions of a classic BPF program (linux/filter.h): code, jumps if true and if not, operand.
_LOAD_BYTE, _JUMP_IF_BITS, _RETURN = 0x30, 0x45, 0x06
_DROP_SYN: Final = (
    (_LOAD_BYTE, 0, 0, _FLAGS),
    (_JUMP_IF_BITS, 0, 1, _SYN),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, 0xFFFFFFFF),
)


def begin_no_more(listener: socket.socket) -> None:
    """Let no connection begin at a listening TCP socket; those that have begun are not touched.

    It holds for every process that has the socket, and for good.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in _DROP_SYN)
    code = ctypes.create_string_buffer(program, len(program))
    attached = struct.pack("HL", len(_DROP_SYN), ctypes.addressof(code))
    with suppress(OSError):  # a sandbox may forbid it; there, too, the gap stays
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, attached)
