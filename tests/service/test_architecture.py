"""The house rules of service: who may import whom, and what a module owes its reader."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import autograd_core
import service
from tests.architecture import Package, hidden_imports, imports
from tests.tables import table

# From the ground up. A module imports from its own layer and those before it in this list.
PACKAGE = Package(
    Path(service.__file__).parent,
    (
        ("__init__", "answers", "grading", "pictures", "problem_types", "routes"),
        ("problems",),
        ("access",),
        ("environment",),
        ("settings",),
        ("process",),
        ("worker",),
        ("messages",),
        ("endpoints",),
        ("transport",),
        ("contract",),
        ("pages",),
        ("app",),
        ("commands",),
    ),
)
CORE = Path(autograd_core.__file__).parent.parent
LONGEST = 300
each_module = table("path", PACKAGE.modules, ids=lambda path: str(path.relative_to(PACKAGE.root)))


def test_every_room_has_a_layer() -> None:
    assert {PACKAGE.room(name) for name in PACKAGE.names} == set(PACKAGE.level)


@each_module
def test_imports_run_downwards(path: Path) -> None:
    assert PACKAGE.upward(path) == []


def test_imports_have_no_circles() -> None:
    graphlib.TopologicalSorter(PACKAGE.graph()).prepare()  # raises CycleError, naming the circle


@each_module
def test_no_import_hides_in_a_function(path: Path) -> None:
    assert hidden_imports(path) == []


def is_face(module: str) -> bool:
    """Whether a name of autograd_core is a package, whose __init__ is its face."""
    return (CORE / module.replace(".", "/") / "__init__.py").is_file()


def is_inside(module: str) -> bool:
    """Whether it is a module that stands inside a package."""
    return (CORE / f"{module.replace('.', '/')}.py").is_file()


@each_module
def test_autograd_core_is_met_at_its_faces(path: Path) -> None:
    core = [pair for pair in imports(path) if pair[0].split(".")[0] == "autograd_core"]
    behind = [f"{module}.{name}" for module, name in core if is_inside(f"{module}.{name}")]
    assert [module for module, _ in core if not is_face(module)] + behind == []


@each_module
def test_a_module_says_what_is_in_it(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.splitlines()[0].endswith(".")


@each_module
def test_a_module_is_a_room_not_a_hall(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= LONGEST
