"""Take the README's picture of the playground, in a browser and from the service as they are.

    make test-browser ARGS=--co   # once, for selenium
    .venv/bin/python scripts/screenshot.py

Beside the picture lies a stamp: a hash of the page's sources and one of the picture, by which a
test knows when the picture has grown old.
"""

import base64
import hashlib
import sys
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs/playground.png"
STAMP = ROOT / "docs/playground.stamp"
SIZE = (1400, 990)
STATE = {
    "f": "n = x1*w1 + x2*w2 + b\no = tanh(n)\no",
    "v": '{"x1": 2, "x2": 0, "w1": -3, "w2": 1, "b": 6.88}',
    "r": '{"b": [0, 14]}',
    "node": "n",
    "over": "b",
}


def fingerprint() -> str:
    """A hash of everything that the page is made of."""
    static = ROOT / "service/static"
    files = [
        static / "style.css",
        *sorted((static / "playground").iterdir()),
        *sorted((static / "vendor").iterdir()),
        *(ROOT / f"service/templates/{name}.html" for name in ("page", "playground")),
    ]
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def main() -> None:
    """Start the service on a free port, take the picture, write the stamp."""
    sys.path.insert(0, str(ROOT))
    from benchmarks.servers import serving  # noqa: PLC0415 - found by the line above
    from tests.browser.page import Page, chromium, missing  # noqa: PLC0415 - selenium is optional

    if lacking := missing():
        sys.exit(lacking)
    with serving() as server, chromium() as driver:
        page = Page(driver, server.url)
        page.look(*SIZE)
        page.open(urlencode(STATE))
        shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    PICTURE.write_bytes(base64.b64decode(shot["data"]))
    digest = hashlib.sha256(PICTURE.read_bytes()).hexdigest()
    STAMP.write_text(f"{fingerprint()}\n{digest}\n")
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
