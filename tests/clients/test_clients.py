"""The programs of examples/clients, built and run against a live service: all print the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "examples" / "clients"
README = (FOLDER / "README.md").read_text()

# How many languages have to be there: .ci/run installs them all.
REQUIRED = int(os.environ.get("CLIENTS_REQUIRED") or (10 if os.environ.get("CI") else 0))
PATIENCE = 150  # seconds for a compiler on a busy machine

GSON = "/usr/share/java/gson.jar"
SCALA = "/usr/share/java/scala-library.jar"
CRATES = "/usr/share/cargo/registry"
# Crates as Debian packages them, so that nothing is fetched.
PACKAGED = (
    *("--offline", "--quiet"),
    *("--config", 'source.crates-io.replace-with="debian"'),
    *("--config", f'source.debian.directory="{CRATES}"'),
)


@dataclass(frozen=True)
class Client:
    """A program: what has to be there for it (commands, files), how it is built and run."""

    language: str
    file: str
    needs: tuple[str, ...]
    run: tuple[str, ...]
    build: tuple[tuple[str, ...], ...] = ()

    @property
    def missing(self) -> list[str]:
        return [need for need in self.needs if not shutil.which(need) and not Path(need).exists()]


def crate(name: str) -> str:
    """Where Debian puts a crate of any version, or a path where nothing is."""
    found = sorted(Path(CRATES).glob(f"{name}-[0-9]*"))
    return str(found[-1]) if found else f"{CRATES}/{name}"


CLIENTS = (
    Client("Shell", "gradient_client.sh", ("curl", "jq"), ("sh", "gradient_client.sh")),
    Client("Python", "gradient_client.py", (), (sys.executable, "gradient_client.py")),
    Client("JavaScript", "gradient_client.mjs", ("node",), ("node", "gradient_client.mjs")),
    Client(
        "TypeScript",
        "typescript/gradient_client.ts",
        ("node", "npm"),
        ("node", "typescript/build/gradient_client.js"),
        (
            ("npm", "install", "--prefix", "typescript", "--no-audit", "--no-fund"),
            ("npm", "run", "build", "--prefix", "typescript"),
        ),
    ),
    Client(
        "Java",
        "GradientClient.java",
        ("javac", GSON),
        ("java", "-cp", GSON, "GradientClient.java"),
    ),
    Client(
        "Kotlin",
        "gradient_client.kt",
        ("kotlinc", "java", GSON),
        ("java", "-cp", f"client.jar:{GSON}", "Gradient_clientKt"),
        (("kotlinc", "-cp", GSON, "gradient_client.kt", "-include-runtime", "-d", "client.jar"),),
    ),
    Client(
        "Scala",
        "gradient_client.scala",
        ("scalac", "java", GSON, SCALA),
        ("java", "-cp", f".:{GSON}:{SCALA}", "GradientClient"),
        (("scalac", "-cp", GSON, "-d", ".", "gradient_client.scala"),),
    ),
    Client("Go", "gradient_client.go", ("go",), ("go", "run", "gradient_client.go")),
    Client(
        "Rust",
        "rust/src/main.rs",
        ("cargo", crate("ureq"), crate("serde_json")),
        ("rust/target/debug/gradient-client",),
        (
            (
                *("cargo", "build", "--manifest-path", "rust/Cargo.toml", "--target-dir"),
                "rust/target",
                *PACKAGED,
            ),
        ),
    ),
    Client(
        "R",
        "gradient_client.R",
        ("Rscript", "/usr/lib/R/site-library/httr2"),
        ("Rscript", "gradient_client.R"),
    ),
    Client(
        "C#",
        "gradient_client.cs",
        ("mcs", "mono", "pkg-config", "/usr/lib/pkgconfig/newtonsoft-json.pc"),
        ("mono", "gradient_client.exe"),
        (("mcs", "-r:System.Net.Http", "-pkg:newtonsoft-json", "gradient_client.cs"),),
    ),
    Client("PHP", "gradient_client.php", ("php",), ("php", "gradient_client.php")),
    Client("Ruby", "gradient_client.rb", ("ruby",), ("ruby", "gradient_client.rb")),
    Client(
        "Octave",
        "gradient_client_octave.m",
        ("octave-cli", "curl"),
        ("octave-cli", "gradient_client_octave.m"),
    ),
    Client(
        "Google Sheets",
        "gradient_client.gs",
        ("node", "curl"),
        ("node", str(HERE / "apps_script.mjs"), "gradient_client.gs", "demo()"),
    ),
)
UNTESTED = {"Julia": "gradient_client.jl", "MATLAB": "gradient_client_matlab.m"}


@pytest.fixture(scope="module")
def expected(server: Any) -> str:
    """What each program prints: numbers from paper, and the words of this service."""

    def problem(expression: str) -> dict[str, Any]:
        message = {"expression": expression, "bindings": {"a": 2, "b": -3, "x": 2}}
        found: dict[str, Any] = requests.post(f"{server.url}/gradient", json=message).json()
        return found

    one, other = problem("a*b +"), problem("x**")
    (fault,) = one["errors"]
    lines = [
        *("value 4.0", "a -3.0", "b 2.0", "c 1.0"),
        f"422 {one['title']}: {one['detail']}",
        f"/expression: {fault['detail']}",
        *("one 2.0", f"two {other['detail']}", "three 6.0"),
    ]
    return "\n".join(lines) + "\n"


def executed(command: tuple[str, ...], folder: Path, url: str) -> str:
    # Cargo and Go would otherwise think of a workspace or a module above.
    environment = os.environ | {"GRADIENT_URL": url, "CARGO_NET_OFFLINE": "true"}
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, timeout=PATIENCE, check=False
    )
    assert run.returncode == 0, f"{command}:\n{run.stderr.decode()}\n{run.stdout.decode()}"
    return run.stdout.decode()


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.language)
def test_a_client_prints_what_all_print(
    server: Any, expected: str, tmp_path: Path, client: Client
) -> None:
    if client.missing:
        pytest.skip(f"{client.language} needs {', '.join(client.missing)}")
    place = tmp_path / "clients"
    shutil.copytree(FOLDER, place, ignore=shutil.ignore_patterns("node_modules", "target", "build"))
    for command in client.build:
        executed(command, place, server.url)
    assert executed(client.run, place, server.url) == expected


def test_enough_languages_are_there() -> None:
    missing = {client.language: client.missing for client in CLIENTS if client.missing}
    assert len(CLIENTS) - len(missing) >= REQUIRED, f"missing: {missing}"


def test_every_program_is_in_the_table_which_says_what_is_tested() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| \[.*?\]\((.*?)\) \|.*\| (.*?) \|$", README, re.MULTILINE)
    tested = {language: file for language, file, how in rows if how.startswith("yes")}
    others = {language: file for language, file, how in rows if not how.startswith("yes")}
    assert tested == {client.language: client.file for client in CLIENTS}
    assert others == UNTESTED
    for _, file, _ in rows:
        assert (FOLDER / file).is_file()
