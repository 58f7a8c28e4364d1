"""Start the service, ask it for the gradient of d = a*b + c, print the exchange, stop it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

REQUEST = {
    "graph": {
        "nodes": [
            {"id": "e", "op": "mul", "args": ["a", "b"]},
            {"id": "d", "op": "add", "args": ["e", "c"]},
        ]
    },
    "bindings": {"a": 2.0, "b": -3.0, "c": 10.0},
    "output": "d",
    "check": True,
}
PATIENCE = 120.0


def main() -> int:
    """Show one request and its answer; the exit status says whether it was a 200."""
    body = json.dumps(REQUEST).encode()
    with served() as url:
        print(f"POST {url}/gradient\n{pretty(body)}\n")
        status, answer = post(f"{url}/gradient", body)
        print(f"{status}\n{pretty(answer)}")
    return 0 if status == 200 else 1


def pretty(body: bytes) -> str:
    """Lay JSON out for reading: one line a member, as far as it fits."""
    members = (f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in json.loads(body).items())
    return "{\n" + ",\n".join(members) + "\n}"


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Send JSON; return the status and the body, also where the status is an error."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@contextmanager
def served() -> Iterator[str]:
    """Run the service on a free port for as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"]
    server = subprocess.Popen(command, env={**environment, "GRADIENT_ACCESS_LOG": "false"})
    try:
        wait_until_ready(server, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    """Return once /readyz answers 200."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"The service stopped while starting (exit status {server.returncode}).")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"The service was not ready after {PATIENCE:.0f} s.")


if __name__ == "__main__":
    sys.exit(main())
