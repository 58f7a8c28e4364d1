"""What the service needs of a request before it can begin: the worker waits for no more.

Some requests are answered by their head alone, and are, whatever becomes of their body; the others
are received whole, but for streams. What is said here only decides when a request is looked at,
never how it is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from service.endpoints.endpoint import NDJSON
from service.endpoints.table import ENDPOINTS
from service.transport.compression import PLAIN
from service.worker.need import Need

_TAKEN: Final = {f"/{endpoint.name}": endpoint.takes for endpoint in ENDPOINTS}


def needs(method: str, path: str, headers: Mapping[str, str]) -> Need:
    """What is needed of a request with this method, path and headers, whose names are capitals."""
    taken = _TAKEN.get(path) or _TAKEN.get(unquote(path, "latin-1"))
    if method != "POST" or taken is None:
        return Need.NOTHING
    kind = headers.get("CONTENT-TYPE", "").partition(";")[0].strip().lower()
    if kind not in taken:
        return Need.NOTHING
    if kind != NDJSON:
        return Need.WHOLE
    coding = headers.get("CONTENT-ENCODING", "").strip().lower()
    return Need.LINE if coding in PLAIN else Need.SOME
