"""Clients that generators write from the contract: generated, compiled, and run against a live
service. Each posts a*b + c at 2, -3 and 10, reads value and gradients, and meets a problem.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

PROGRAMS = Path(__file__).resolve().parent / "generated"
PATIENCE = 400  # seconds for a compiler on a busy machine
BIN = Path(sys.executable).parent

Run = Callable[..., str]


def require(what: str, there: bool) -> None:
    """Skip where a tool is missing; in CI, which installs all of them, that is a failure."""
    if not there:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is not here")


def ran(*command: Any, cwd: Path, **environment: str) -> str:
    """What a command prints. It has to end well."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | {"PYTHONWARNINGS": "default", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def python_tool(name: str) -> Path:
    """A program of the lock file requirements/clients.txt."""
    require(f"{name} (requirements/clients.txt)", (BIN / name).exists())
    return BIN / name


@pytest.fixture(scope="session")
def documents(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contract, as it is served: whole.json and clients.json."""
    folder = tmp_path_factory.mktemp("documents")
    for path, file in (("/openapi.json", "whole.json"), ("/openapi-clients.json", "clients.json")):
        (folder / file).write_bytes(requests.get(server.url + path, timeout=60).content)
    return folder


@pytest.fixture(scope="session")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what package-lock.json pins."""
    require("npm", shutil.which("npm") is not None)
    folder = tmp_path_factory.mktemp("npm")
    for file in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PROGRAMS / file, folder)
    ran("npm", "ci", cwd=folder)
    return folder


def generated(documents: Path, folder: Path, generator: str, **options: str) -> str:
    """What openapi-generator says while it writes a client into the folder."""
    require("java", shutil.which("java") is not None)
    jar = jar_of_openapi_generator()
    given = ",".join(f"{name}={value}" for name, value in options.items())
    return ran(
        *("java", "-jar", jar, "generate", "-g", generator, "-i", documents / "clients.json"),
        *("-o", folder, *(("--additional-properties", given) if given else ())),
        *("--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"),
        cwd=documents,
    )


def jar_of_openapi_generator() -> Path:
    """The jar that is in its package on PyPI; Jackson is in it, which the Java client needs."""
    package = importlib.util.find_spec("openapi_generator_cli")
    require("openapi-generator-cli (requirements/clients.txt)", package is not None)
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "openapi-generator.jar"


def assert_it_is_right(printed: str) -> None:
    numbers, problem = printed.splitlines()
    assert [float(number) for number in numbers.split()] == [4, -3, 2, 1]
    assert problem.split() == ["422", "/problems/invalid-message", "unbound_name", "/expression"]


def compiled(npm: Path, folder: Path, *files: str, **options: Any) -> None:
    """TypeScript, under --strict, as JavaScript in the folder `js`."""
    (folder / "node_modules").symlink_to(npm / "node_modules")
    settings = {"strict": True, "target": "es2022", "outDir": "js", "types": ["node"], **options}
    config = {"compilerOptions": settings, "files": list(files)}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    ran(npm / "node_modules/.bin/tsc", "-p", ".", cwd=folder)


@pytest.mark.parametrize(
    "program, document", [("openapi_fetch", "clients"), ("openapi_fetch_whole", "whole")]
)
def test_openapi_typescript(
    program: str, document: str, documents: Path, npm: Path, tmp_path: Path, server: Any
) -> None:
    tool = npm / "node_modules/.bin/openapi-typescript"
    ran(tool, documents / f"{document}.json", "-o", tmp_path / f"{document}.d.ts", cwd=npm)
    shutil.copy(PROGRAMS / f"{program}.ts", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    compiled(npm, tmp_path, f"{program}.ts", module="nodenext")
    assert_it_is_right(ran("node", f"js/{program}.js", server.url, cwd=tmp_path))


def test_openapi_generator_typescript_fetch(
    documents: Path, npm: Path, tmp_path: Path, server: Any
) -> None:
    generated(documents, tmp_path / "generated", "typescript-fetch")
    shutil.copy(PROGRAMS / "typescript_fetch.ts", tmp_path)
    compiled(npm, tmp_path, "typescript_fetch.ts", module="commonjs", moduleResolution="node10")
    assert_it_is_right(ran("node", "js/typescript_fetch.js", server.url, cwd=tmp_path))


def test_openapi_generator_java(documents: Path, tmp_path: Path, server: Any) -> None:
    require("javac", shutil.which("javac") is not None)
    places = {"invokerPackage": "generated", "apiPackage": "generated.api"}
    generated(
        *(documents, tmp_path, "java"),
        **places,
        modelPackage="generated.model",
        library="native",
        openApiNullable="false",
        # Lists that were left out are else sent as empty ones: "wrt": [] asks for no gradient.
        containerDefaultToNull="true",
    )
    jar = jar_of_openapi_generator()
    sources = [*(tmp_path / "src/main/java").rglob("*.java"), *PROGRAMS.glob("*.java")]
    ran("javac", "-nowarn", "-cp", jar, "-d", "classes", *sources, cwd=tmp_path)
    classpath = os.pathsep.join([str(jar), "classes"])
    assert_it_is_right(ran("java", "-cp", classpath, "Main", server.url, cwd=tmp_path))


def test_openapi_generator_python(documents: Path, tmp_path: Path, server: Any) -> None:
    generated(documents, tmp_path, "python")
    program = PROGRAMS / "python_generator.py"
    python_path = str(tmp_path)
    printed = ran(sys.executable, program, server.url, cwd=tmp_path, PYTHONPATH=python_path)
    assert_it_is_right(printed)


def test_openapi_python_client(documents: Path, tmp_path: Path, server: Any) -> None:
    tool = python_tool("openapi-python-client")
    (tmp_path / "config.yaml").write_text("post_hooks: []")
    said = ran(
        *(tool, "generate", "--path", documents / "clients.json", "--meta", "none"),
        *("--output-path", tmp_path / "generated", "--config", tmp_path / "config.yaml"),
        "--fail-on-warning",
        cwd=tmp_path,
    )
    assert "WARNING" not in said
    shutil.copy(PROGRAMS / "python_client.py", tmp_path)
    ran(python_tool("mypy"), "--strict", "generated", "python_client.py", cwd=tmp_path)
    assert_it_is_right(ran(sys.executable, "python_client.py", server.url, cwd=tmp_path))


def test_datamodel_code_generator(documents: Path, tmp_path: Path, server: Any) -> None:
    ran(
        *(python_tool("datamodel-codegen"), "--input", documents / "clients.json"),
        *("--output", tmp_path / "models.py", "--input-file-type", "openapi"),
        *("--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin"),
        *("--use-annotated", "--collapse-root-models"),
        *("--target-python-version", "3.11", "--disable-timestamp"),
        cwd=tmp_path,
    )
    shutil.copy(PROGRAMS / "datamodel.py", tmp_path)
    ran(python_tool("mypy"), "--strict", "datamodel.py", cwd=tmp_path)
    assert_it_is_right(ran(sys.executable, "datamodel.py", server.url, cwd=tmp_path))
