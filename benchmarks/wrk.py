"""wrk, the load generator: requests a second that a server answers on kept connections."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

CONNECTIONS = 4
MISSING = "wrk: not installed"


def installed() -> bool:
    """Whether it can be found."""
    return shutil.which("wrk") is not None


def rate(url: str, body: bytes, seconds: int, connections: int = CONNECTIONS) -> float:
    """Requests a second for a POST of JSON; RuntimeError if any was not answered with a 2xx."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(
            'wrk.method = "POST"\n'
            'wrk.headers["Content-Type"] = "application/json"\n'
            f"wrk.body = [==[{body.decode()}]==]\n",
            encoding="utf-8",
        )
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Requests/sec:\s*([\d.]+)", output)
    if not found or "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"wrk could not measure {url}:\n{output}")
    return float(found[1])
