"""What a test of a package's architecture looks at: its modules, and what they import."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path


class Package:
    """A package on disk. layers: its rooms from the ground up; a module may import from its own
    layer and from those before it.
    """

    def __init__(self, root: Path, layers: Sequence[Sequence[str]]) -> None:
        self.root = root
        self.modules = sorted(root.rglob("*.py"))
        self.names = {self.name(path): path for path in self.modules}
        self.level = {name: level for level, names in enumerate(layers) for name in names}

    def name(self, path: Path) -> str:
        """autograd_core/operations/__init__.py -> autograd_core.operations"""
        parts = path.relative_to(self.root.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def room(self, name: str) -> str:
        """What of the package a module belongs to: its first part below the package."""
        return name.split(".")[1] if "." in name else "__init__"

    def imported(self, path: Path) -> Iterator[str]:
        """Full names of what a module imports, modules of this package told apart."""
        for module, name in imports(path):
            whole = f"{module}.{name}"
            yield whole if whole in self.names else module

    def upward(self, path: Path) -> list[str]:
        """What a module imports from above it."""
        own = self.level[self.room(self.name(path))]
        return [
            name
            for name in self.imported(path)
            if name.split(".")[0] == self.root.name and self.level[self.room(name)] > own
        ]

    def graph(self) -> dict[str, set[str]]:
        """What each module imports of the package, for graphlib."""
        return {
            name: set(self.imported(path)) & set(self.names) for name, path in self.names.items()
        }


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """What a module imports: (module, "") or (module, a name of it)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute here"
            yield from ((str(node.module), alias.name) for alias in node.names)


def hidden_imports(path: Path) -> list[int]:
    """The lines of imports inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
