"""The kernel's generated text, and how compiled code is kept and found again."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograd_core.engines import kernel
from autograd_core.engines.kernel import folders, rules, source
from autograd_core.operations.formulas import AUXILIARY

ROOT = Path(__file__).resolve().parent.parent.parent
K = kernel.load()


def test_a_changed_formula_changes_the_modules_name(monkeypatch: pytest.MonkeyPatch) -> None:
    name = kernel.module_name(source.text())
    assert name == K.__name__
    changed = tuple(replace(r, value="x*x*1") if r.name == "square" else r for r in rules.RULES)
    monkeypatch.setattr(source, "RULES", changed)
    assert kernel.module_name(source.text()) != name
    monkeypatch.undo()
    assert kernel.module_name(source.text()) == name
    auxiliary = (*AUXILIARY[:-1], (*AUXILIARY[-1][:2], "0*x"))
    monkeypatch.setattr(source, "AUXILIARY", auxiliary)
    assert kernel.module_name(source.text()) != name


REPORT = """
import json
from autograd_core.engines import kernel
module = kernel.warm()
stats = [getattr(module, name).stats for name in kernel.LOOPS]
misses = sum(s.cache_misses.total() for s in stats)
print(json.dumps([module.__file__, sum(s.cache_hits.total() for s in stats), misses]))
"""


@pytest.fixture
def compiled_folder() -> Iterator[Path]:
    """A copy of the compiled kernel, in a folder that others may read."""
    module = Path(kernel.warm().__file__ or "")
    with tempfile.TemporaryDirectory() as folder:
        for file in module.parent.glob(f"{module.stem}.*"):
            shutil.copy(file, folder)
        Path(folder).chmod(0o555)
        yield Path(folder)
        Path(folder).chmod(0o755)


def report(folder: Path, *, as_nobody: bool = False, **environment: str) -> tuple[str, int, int]:
    """Where a new process finds the kernel, and how many loops it fetched and compiled."""
    command = [sys.executable, "-c", REPORT]
    if as_nobody:
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    environment = {
        **os.environ, "GRADIENT_KERNEL_CACHE": str(folder), "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1", **environment,
    }  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    file, hits, misses = json.loads(done.stdout)
    return file, hits, misses


def test_a_new_process_compiles_nothing(compiled_folder: Path) -> None:
    before = sorted(compiled_folder.iterdir())
    file, hits, misses = report(compiled_folder)
    assert Path(file).parent == compiled_folder
    assert (hits, misses) == (len(kernel.LOOPS), 0)
    assert sorted(compiled_folder.iterdir()) == before


def open_to_all(*places: str | Path) -> bool:
    """Whether any user may enter these folders, by way of everything above them."""
    folders_above = {up for place in places for up in (Path(place), *Path(place).parents)}
    return all(folder.stat().st_mode & 0o001 for folder in folders_above)


@pytest.mark.skipif(
    os.name != "posix" or os.getuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can become another user",
)
@pytest.mark.skipif(
    not open_to_all(ROOT, sys.prefix), reason="another user cannot read this checkout"
)
def test_another_user_compiles_nothing_in_a_folder_it_cannot_write(compiled_folder: Path) -> None:
    file, hits, misses = report(compiled_folder, as_nobody=True, HOME="/nonexistent")
    assert Path(file).parent == compiled_folder
    assert (hits, misses) == (len(kernel.LOOPS), 0)


def test_code_that_was_cut_short_is_compiled_again(compiled_folder: Path) -> None:
    compiled_folder.chmod(0o755)
    (code,) = compiled_folder.glob("*.reverse-*.nbc")
    whole = code.stat().st_size
    code.write_bytes(code.read_bytes()[: whole // 2])
    assert report(compiled_folder)[1:] == (len(kernel.LOOPS) - 1, 1)
    assert code.stat().st_size > whole // 2
    assert report(compiled_folder)[1:] == (len(kernel.LOOPS), 0)


def test_a_file_with_another_text_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(folders.VARIABLE, str(tmp_path / "deep" / "folder"))
    path = folders.keep("module.py", "x = 1\n")
    assert path.parent == tmp_path / "deep" / "folder"
    path.write_text("x = ")  # cut short
    assert folders.keep("module.py", "x = 1\n") == path
    assert path.read_text() == "x = 1\n"
    assert list(path.parent.iterdir()) == [path]


def test_folders_are_tried_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    monkeypatch.setenv(folders.VARIABLE, str(in_the_way))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept = folders.keep("module.py", "")
    assert kept == tmp_path / "cache" / "gradient-service" / "kernel" / "module.py"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert folders.keep("module.py", "").is_relative_to(tmp_path / "home" / ".cache")
    monkeypatch.setenv("HOME", str(in_the_way))
    kept = folders.keep("module.py", "")
    assert kept.parent.name.startswith("gradient-kernel-")
    assert kept.parent.stat().st_mode & 0o077 == 0


def trusted(path: Path) -> bool:
    return folders.untrusted(path) is None


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A module in a folder that is this user's alone, with compiled code and byte code."""
    folder = tmp_path / "above" / "folder"
    (folder / "__pycache__").mkdir(parents=True)
    for name in ("module.py", "module.loop-1.nbc", "__pycache__/module.cpython-311.pyc"):
        (folder / name).touch()
    for place in (tmp_path / "above", *(tmp_path / "above").rglob("*")):
        place.chmod(0o755)
    return folder / "module.py"


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757, 0o1777])
@pytest.mark.parametrize(
    "place",
    [
        "",
        "module.py",
        "module.loop-1.nbc",
        "__pycache__",
        "__pycache__/module.cpython-311.pyc",
    ],
)
def test_what_others_may_write_is_not_run(private: Path, place: str, mode: int) -> None:
    assert trusted(private)
    (private.parent / place).chmod(mode)
    assert folders.untrusted(private) == f"others may write {private.parent / place}"


@pytest.mark.parametrize("mode, fine", [(0o755, True), (0o1777, True), (0o777, False)])
def test_nor_what_lies_in_a_folder_that_others_could_replace(
    private: Path, mode: int, fine: bool
) -> None:
    private.parent.parent.chmod(mode)
    assert trusted(private) is fine


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("place", ["..", "", "module.py", "module.loop-1.nbc", "__pycache__"])
def test_nor_what_belongs_to_another_user(
    private: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = (private.parent / place).resolve()
    os.chown(given, 65534, -1)
    assert folders.untrusted(private) == f"{given} belongs to another user"
    os.chown(given, 0, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 65534)  # what root left is fine for all
    assert "belongs" not in (folders.untrusted(private) or "")


def test_a_folder_that_is_not_trusted_is_passed_over_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    planted = tmp_path / "open"
    planted.mkdir()
    planted.chmod(0o777)
    monkeypatch.setenv(folders.VARIABLE, str(planted))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept = folders.keep("module.py", "")
    assert kept.is_relative_to(tmp_path / "cache")
    (warning,) = caplog.messages
    assert warning == f"the kernel is not kept in {planted}: others may write {planted}"


def test_whatever_the_umask_what_is_kept_can_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(folders.VARIABLE, str(tmp_path / "deep" / "folder"))
    before = os.umask(0)
    try:
        path = folders.keep("module.py", "x = 1")
        kernel._imported("module", path)
        (path.parent / "module.loop-1.nbc").touch()
        folders.close_to_others(path)
    finally:
        os.umask(before)
    assert trusted(path)
    assert folders.keep("module.py", "x = 1") == path
