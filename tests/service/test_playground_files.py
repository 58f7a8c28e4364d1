"""The files of the playground: what is vendored is what its manifest says, all of it is light, and
nothing in it asks for what the page's policy forbids."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "service/static"
VENDORED = [STATIC / "vendor", ROOT / "tests/browser/vendor"]
MODULES = sorted((STATIC / "playground").glob("*.js"))
HEAVIEST = 300_000  # bytes of the whole page, each file gzipped


def rows(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((folder / "manifest.json").read_text())
    return found


@pytest.mark.parametrize("folder", VENDORED, ids=["service", "tests"])
def test_vendored_files_are_those_of_the_manifest(folder: Path) -> None:
    for row in rows(folder):
        content = (folder / row["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"], row["file"]
        assert row["version"] in row["file"]
        assert row["version"] in row["licence_file"]
        assert row["licence"] in {"MIT", "MPL-2.0"}
        assert (folder / row["licence_file"]).read_text().strip()
    named = {name for row in rows(folder) for name in (row["file"], row["licence_file"])}
    others = {path.name for path in folder.iterdir()} - named - {"manifest.json"}
    assert all("LICENSE" in name for name in others), others


def loaded(client: FlaskClient) -> dict[str, bytes]:
    """Every file that the page loads, by address: what it names, and what those import."""
    files: dict[str, bytes] = {}
    waiting = ["/"]
    while waiting:
        address = waiting.pop()
        with client.get(address) as reply:
            assert reply.status_code == 200, address
            files[address] = reply.data
            text = reply.text
        if address == "/":
            named = re.findall(r'<(?:script|link)[^>]*(?:src|href)="(/[^"]+)"', text)
        elif "/playground/" in address:
            named = [
                str((Path(address).parent / name).as_posix())
                for name in re.findall(
                    r'^import .*?from "(\.[^"]+)"', text, re.MULTILINE | re.DOTALL
                )
            ]
            named = [re.sub(r"/[^/]+/\.\./", "/", name) for name in named]
        else:
            named = []
        waiting.extend(name for name in named if name not in files and name not in waiting)
    return files


def test_the_page_is_light(client: FlaskClient) -> None:
    files = loaded(client)
    assert {f"/static/playground/{module.name}" for module in MODULES} <= set(files)
    assert {f"/static/vendor/{row['file']}" for row in rows(STATIC / "vendor")} <= set(files)
    weight = sum(len(gzip.compress(content, mtime=0)) for content in files.values())
    assert 50_000 < weight < HEAVIEST


def test_no_page_needs_inline_code(client: FlaskClient) -> None:
    reply = client.get("/")
    policy = reply.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", reply.text)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_module_makes_no_markup_and_no_code_of_text(module: Path) -> None:
    text = module.read_text()
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(forbidden, text)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)
    assert text.startswith("/**"), "a module says what is in it"
    assert len(text.splitlines()) <= 300


def test_the_screenshot_is_of_the_page_as_it_is() -> None:
    from scripts.screenshot import PICTURE, STAMP, fingerprint

    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    assert STAMP.read_text().split() == [
        fingerprint(),
        hashlib.sha256(PICTURE.read_bytes()).hexdigest(),
    ], "the page is another than on the picture: .venv/bin/python scripts/screenshot.py"
