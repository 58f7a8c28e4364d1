"""The house rules of autograd_core: who may import whom, and what a module owes its reader."""

import ast
import graphlib
import subprocess
import sys
import types
from pathlib import Path

import pytest

import autograd_core
from tests.architecture import Package, hidden_imports, imports
from tests.tables import table

# From the ground up. A module imports from its own layer and those before it in this list.
PACKAGE = Package(
    Path(autograd_core.__file__).parent,
    (
        ("errors", "limits", "names", "encodings", "tensors"),
        ("jit", "graph"),
        ("graph_builder",),
        ("operations",),
        ("nodes", "infix", "unbound"),
        ("program",),
        ("compiling",),
        ("engines",),
        ("finite_difference",),
        ("derivatives",),
        ("symbolic",),
        ("value", "drawing"),
        ("__init__",),
    ),
)
ROOT = PACKAGE.root
MODULES = PACKAGE.modules
THIRD_PARTIES = {"numpy", "scipy", "numba", "lark"}
LONGEST = 300
each_module = table("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


# Imports ----------------------------------------------------------------------------


@each_module
def test_nothing_but_numbers_and_grammar_is_imported(path: Path) -> None:
    """No Flask, no marshmallow, no service: this package knows no caller."""
    allowed = {"autograd_core"} | THIRD_PARTIES | sys.stdlib_module_names
    assert {module.split(".")[0] for module, _ in imports(path)} <= allowed


@pytest.mark.slow
def test_importing_the_package_loads_no_web_framework() -> None:
    program = "import sys, autograd_core; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT.parent, capture_output=True, check=True, text=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "autograd_core" in loaded
    assert not loaded & {"flask", "werkzeug", "marshmallow", "orjson", "gunicorn", "service"}


def test_every_room_has_a_layer() -> None:
    assert {PACKAGE.room(name) for name in PACKAGE.names} == set(PACKAGE.level)


@each_module
def test_imports_run_downwards(path: Path) -> None:
    assert PACKAGE.upward(path) == []


def test_derivatives_know_one_interface_and_no_engine() -> None:
    """Which engine runs is chosen in engines/linearisation.py, and nowhere else."""
    engines = {"arrays", "tape", "kernel"}
    wing = [path for path in MODULES if path.parent.name == "derivatives"]
    assert len(wing) > 10
    for path in wing:
        for name in PACKAGE.imported(path):
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
    graphlib.TopologicalSorter(PACKAGE.graph()).prepare()  # raises CycleError, naming the circle


@each_module
def test_no_import_hides_in_a_function(path: Path) -> None:
    assert hidden_imports(path) == []


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


@pytest.mark.slow
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
