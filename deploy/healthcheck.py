"""The image's health check: exit status 0 if /readyz answers 200 within four seconds."""

import os
import sys
import urllib.request


def main() -> int:
    """Ask, and say what went wrong where something did."""
    port = os.environ.get("PORT") or "8000"
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=4):
            return 0
    except OSError as error:  # HTTPError, for any other status, is one of them
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
