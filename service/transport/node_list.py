"""Long messages whose list of nodes is read from their text, and only the rest of which is decoded.

Decoding a list of nodes costs more than all else that is done with it. So it is cut out, and a
word that nobody else knows stands in its place while the rest is decoded; where that word comes
out, the list goes. Whatever is out of the ordinary is left to the decoder.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any, Final

from autograd_core import Limits, NodeText, NotPlain, scan_nodes

# Shorter messages are decoded as quickly; and their graphs are remembered, so that most are not
# even read.
_SHORTEST: Final = 16 * 1024
_LIST: Final = re.compile(rb'"nodes"[ \t\r\n]*:[ \t\r\n]*(?=\[)')
_STAND_IN: Final = secrets.token_hex(16)
# Bytes of memory for each of a text, at most, while the list is scanned: eight for each token.
SCANNING: Final = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """A message without its list of nodes, and the list."""

    rest: bytes
    nodes: NodeText

    @property
    def size(self) -> int:
        """Bytes of memory that reading the list takes."""
        return self.nodes.size

    def mend(self, value: Any) -> Any:
        """The decoded rest, with the list in its place; NotPlain where that is not in `graph`."""
        graph = value.get("graph") if type(value) is dict else None
        if type(graph) is not dict or graph.get("nodes") != _STAND_IN:
            raise NotPlain
        graph["nodes"] = self.nodes
        return value


def is_long(body: bytes) -> bool:
    """Whether it is worth a look for such a list."""
    return len(body) >= _SHORTEST


def cut(body: bytes, limits: Limits, short: int) -> Cut:
    """Cut the list out of a body. Raises NotPlain if there is none of more than `short` nodes."""
    found = _LIST.search(body)
    if found is None:
        raise NotPlain
    nodes = scan_nodes(body, found.end(), limits)
    if len(nodes) <= short:
        raise NotPlain
    return Cut(b'%b"%b"%b' % (body[: found.end()], _STAND_IN.encode(), body[nodes.end :]), nodes)
