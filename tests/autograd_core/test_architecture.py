"""The house rules of autograd_core: who may import whom, and what a module owes its reader."""

import ast
import graphlib
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograd_core

ROOT = Path(autograd_core.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
# From the ground up. A module imports from its own layer and those above it in this list.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "limits", "names", "encodings", "tensors"),
    ("graph",),
    ("operations",),
    ("nodes", "infix", "unbound"),
    ("program",),
    ("compiling",),
    ("engines",),
    ("finite_difference",),
    ("derivatives",),
    ("value", "drawing"),
    ("__init__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
THIRD_PARTIES = {"numpy", "scipy", "numba", "lark"}
LONGEST = 300
each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


def _name(path: Path) -> str:
    """autograd_core/operations/__init__.py -> autograd_core.operations"""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {_name(path): path for path in MODULES}


def _room(name: str) -> str:
    """What of the package a module belongs to: its first part below autograd_core."""
    return name.split(".")[1] if "." in name else "__init__"


def _imported(path: Path) -> Iterator[str]:
    """Full names of what a module imports, submodules of a package told apart."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute here"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in NAMES else str(node.module)


# Imports ----------------------------------------------------------------------------


@each_module
def test_nothing_but_numbers_and_grammar_is_imported(path: Path) -> None:
    """No Flask, no marshmallow, no service: this package knows no caller."""
    allowed = {"autograd_core"} | THIRD_PARTIES | sys.stdlib_module_names
    assert {name.split(".")[0] for name in _imported(path)} <= allowed


def test_importing_the_package_loads_no_web_framework() -> None:
    program = "import sys, autograd_core; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT.parent, capture_output=True, check=True, text=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "autograd_core" in loaded
    assert not loaded & {"flask", "werkzeug", "marshmallow", "orjson", "gunicorn", "service"}


def test_every_room_has_a_layer() -> None:
    assert {_room(name) for name in NAMES} - set(LEVEL) == set(), "name its layer in LAYERS"


@each_module
def test_imports_run_downwards(path: Path) -> None:
    own = LEVEL[_room(_name(path))]
    for name in _imported(path):
        if name.startswith("autograd_core"):
            assert LEVEL[_room(name)] <= own, f"{_name(path)} imports {name}, from above it"


def test_derivatives_know_one_interface_and_no_engine() -> None:
    """Which engine runs is chosen in engines/linearisation.py, and nowhere else."""
    engines = {"arrays", "tape", "kernel"}
    wing = [path for path in MODULES if path.parent.name == "derivatives"]
    assert len(wing) > 10
    for path in wing:
        for name in _imported(path):
            assert not engines & set(name.split(".")), f"{path.name} imports {name}"


@each_module
def test_the_core_speaks_no_http(path: Path) -> None:
    """No address, member or media type: `service` puts faults into the words of its callers."""
    said = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for words in said:
        for foreign in ("/gradient", "/jacobian", "/hessian", "/jvp", "/vjp", "/hvp", "HTTP",
                        "'map'", '"map"', '"sparse"', "application/"):  # fmt: skip
            assert foreign not in words, f"{path.name}: {words!r}"


def test_imports_have_no_circles() -> None:
    imports = {name: set(_imported(path)) & set(NAMES) for name, path in NAMES.items()}
    graphlib.TopologicalSorter(imports).prepare()  # raises CycleError, naming the circle


@each_module
def test_no_import_hides_in_a_function(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    hidden = [
        f"{path.name}:{node.lineno}"
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


# The public face --------------------------------------------------------------------


def test_all_is_complete() -> None:
    public = {
        name
        for name, value in vars(autograd_core).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and name != "annotations"
    }
    assert set(autograd_core.__all__) == public


@pytest.mark.parametrize("package", ["autograd_core", "service"])
def test_every_module_is_reached_by_its_dotted_path(package: str) -> None:
    """No public name hides a module or a package of the same name: `import a.b.c as m` works."""
    root = ROOT.parent / package
    paths = sorted(root.rglob("*.py"))
    names = [
        ".".join((package, *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        for path in paths
    ]
    lines = [f"import {package}", "import sys"]
    for name in names:
        lines += [f"import {name} as m", f"assert m is sys.modules[{name!r}], {name!r}"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=ROOT.parent, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]


def test_the_package_only_gathers_names() -> None:
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    docstring, *rest = tree.body
    assert isinstance(docstring, ast.Expr)
    assert all(isinstance(node, ast.ImportFrom | ast.Assign) for node in rest)


# What a module owes its reader ------------------------------------------------------


@each_module
def test_a_module_says_what_is_in_it(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":"))


@each_module
def test_a_module_is_a_room_not_a_hall(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST
