"""Telling from the first bytes of a connection that somebody asks for the health of the process.

Such a request is answered in a thread of its own, whatever the other threads are busy with: an
orchestrator that gets no answer would restart a process that only works.
"""

from __future__ import annotations

import re
from typing import Final

# Bytes of a head that are looked at: probes send some hundred.
LOOKED_AT: Final = 2048
_WHOLE_HEAD: Final = re.compile(
    rb"(?:GET|HEAD) /(?:livez|readyz)(?:\?[^ \r\n]*)? HTTP/1\.[01]\r\n((?:[^\r\n]+\r\n)*)\r\n"
)
_BODY: Final = re.compile(
    rb"^(?:content-length|transfer-encoding|expect)[ \t]*:", re.IGNORECASE | re.MULTILINE
)


def asks_for_health(arrived: bytes) -> bool:
    """Whether what has arrived is one whole request for /livez or /readyz, without a body: nothing
    of it is still to be waited for.
    """
    head = _WHOLE_HEAD.fullmatch(arrived)
    return head is not None and _BODY.search(head[1]) is None
