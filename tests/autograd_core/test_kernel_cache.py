"""How compiled code is kept between processes, found again, and trusted."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import autograd_core
from autograd_core.engines import kernel
from autograd_core.jit import folders
from autograd_core.jit.compiling import LOOPS

ROOT = Path(autograd_core.__file__).parent.parent

REPORT = """
import json, sys
import autograd_core
from autograd_core.engines import kernel
from autograd_core.jit.compiling import LOOPS, folder
if "warm" in sys.argv:
    kernel.warm()
stats = [loop.stats for loop in LOOPS.values()]
misses = sum(s.cache_misses.total() for s in stats)
print(json.dumps([str(folder()), sum(s.cache_hits.total() for s in stats), misses]))
"""


@pytest.fixture
def compiled() -> Iterator[Path]:
    """A copy of the kernel's compiled code, in a folder that others may read."""
    kernel.warm()
    own = Path(LOOPS["forward"].stats.cache_path)
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(own, Path(place) / own.name)
        for folder, mode in ((Path(place) / own.name, 0o555), (Path(place), 0o555)):
            folder.chmod(mode)
        yield Path(place) / own.name
        for folder in (Path(place), Path(place) / own.name):
            folder.chmod(0o755)


def report(
    place: Path, *, root: Path = ROOT, warm: bool = True, as_nobody: bool = False, **more: str
) -> tuple[Path, int, int]:
    """Where a new process has compiled code, and how many loops it fetched and compiled."""
    command = [sys.executable, "-c", REPORT, *(["warm"] if warm else [])]
    if as_nobody:
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    environment = {
        **os.environ, "GRADIENT_KERNEL_CACHE": str(place), "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1", **more,
    }  # fmt: skip
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    folder, hits, misses = json.loads(done.stdout)
    return Path(folder), hits, misses


def test_a_new_process_compiles_nothing(compiled: Path) -> None:
    before = sorted(compiled.iterdir())
    assert report(compiled.parent) == (compiled, len(LOOPS), 0)
    assert sorted(compiled.iterdir()) == before


def open_to_all(*places: str | Path) -> bool:
    """Whether any user may enter these folders, by way of everything above them."""
    folders_above = {up for place in places for up in (Path(place), *Path(place).parents)}
    return all(folder.stat().st_mode & 0o001 for folder in folders_above)


def as_another_user(test: Callable[..., None]) -> Callable[..., None]:
    """A test that becomes another user, where that is possible."""
    only_root = os.name != "posix" or os.getuid() != 0 or shutil.which("setpriv") is None
    closed = not open_to_all(ROOT, sys.prefix)
    test = pytest.mark.skipif(only_root, reason="only root can become another user")(test)
    return pytest.mark.skipif(closed, reason="another user cannot read this checkout")(test)


@as_another_user
def test_another_user_compiles_nothing_in_a_folder_it_cannot_write(compiled: Path) -> None:
    found = report(compiled.parent, as_nobody=True, HOME="/nonexistent")
    assert found == (compiled, len(LOOPS), 0)


@as_another_user
def test_a_place_that_cannot_be_looked_into_is_passed_over(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    found = report(tmp_path / "cache", warm=False, as_nobody=True, HOME="/nonexistent")
    assert found == (Path("None"), 0, 0)


@pytest.mark.slow
def test_code_that_was_cut_short_is_compiled_again(compiled: Path) -> None:
    compiled.chmod(0o755)
    (code,) = compiled.glob("*.reverse-*.nbc")
    whole = code.stat().st_size
    code.write_bytes(code.read_bytes()[: whole // 2])
    assert report(compiled.parent) == (compiled, len(LOOPS) - 1, 1)
    assert code.stat().st_size > whole // 2
    assert report(compiled.parent) == (compiled, len(LOOPS), 0)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the package."""
    shutil.copytree(ROOT / "autograd_core", tmp_path / "autograd_core")
    return tmp_path


def folder_of(copy: Path, **more: str) -> Path:
    """Where a new process that imports a copy of the package has compiled code."""
    folder, *_ = report(copy / "cache", root=copy, warm=False, **more)
    return folder


@pytest.mark.slow
def test_another_text_of_the_kernel_has_another_folder(copy: Path) -> None:
    found = [folder_of(copy)]
    for changed in (
        "operations/elementwise.py",
        "operations/formulas.py",
        "engines/kernel/loops/first_order.py",
        "jit/compiling.py",
    ):
        with (copy / "autograd_core" / changed).open("a") as file:
            file.write("\n# another text\n")
        found.append(folder_of(copy))
    found.append(folder_of(copy, NUMBA_CPU_NAME="generic"))
    assert len(set(found)) == len(found)
    assert {folder.parent for folder in found} == {copy / "cache"}


@pytest.mark.slow
def test_what_the_kernel_is_not_made_of_changes_no_folder(copy: Path) -> None:
    before = folder_of(copy)
    with (copy / "autograd_core" / "derivatives" / "gradient.py").open("a") as file:
        file.write("\n# another text\n")
    assert folder_of(copy) == before


@pytest.mark.slow
def test_a_loop_outside_of_the_kernel_is_compiled_again_with_another_text(
    copy: Path, compiled: Path
) -> None:
    compiled.chmod(0o755)
    with (copy / "autograd_core" / "finite_difference" / "glances.py").open("a") as file:
        file.write("\n# another text\n")
    assert report(compiled.parent, root=copy) == (compiled, len(LOOPS) - 1, 1)
    assert report(compiled.parent, root=copy) == (compiled, len(LOOPS), 0)


def test_folders_are_tried_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    monkeypatch.setenv(folders.VARIABLE, str(in_the_way))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = folders.chosen("a text")
    assert folder is not None
    assert folder.parent == tmp_path / "cache" / "gradient-service" / "kernel"
    assert folder.is_dir()
    assert folders.chosen("a text") == folder
    assert folders.chosen("a", " text") != folder
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = folders.chosen("a text")
    assert folder is not None
    assert folder.is_relative_to(tmp_path / "home" / ".cache")
    monkeypatch.setenv("HOME", str(in_the_way))
    assert folders.chosen("a text") is None


def test_without_a_folder_everything_works(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    there = {"XDG_CACHE_HOME": str(in_the_way), "HOME": str(in_the_way)}
    program = "from autograd_core.engines.kernel.loops import patterns; patterns.spread.compile()"
    environment = {**os.environ, folders.VARIABLE: str(in_the_way), **there}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True)


def trusted(folder: Path) -> bool:
    return folders.untrusted(folder) is None


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A folder of compiled code that is this user's alone."""
    folder = tmp_path / "above" / "folder"
    folder.mkdir(parents=True)
    for name in ("loop.nbi", "loop.nbc"):
        (folder / name).touch()
    for place in (tmp_path / "above", *(tmp_path / "above").rglob("*")):
        place.chmod(0o755)
    return folder


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757, 0o1777])
@pytest.mark.parametrize("place", ["", "loop.nbi", "loop.nbc"])
def test_what_others_may_write_is_not_run(private: Path, place: str, mode: int) -> None:
    assert trusted(private)
    (private / place).chmod(mode)
    assert folders.untrusted(private) == f"others may write {private / place}"


@pytest.mark.parametrize("mode, fine", [(0o755, True), (0o1777, True), (0o777, False)])
def test_nor_what_lies_in_a_folder_that_others_could_replace(
    private: Path, mode: int, fine: bool
) -> None:
    private.parent.chmod(mode)
    assert trusted(private) is fine


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("place", ["..", "", "loop.nbi", "loop.nbc"])
def test_nor_what_belongs_to_another_user(
    private: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = (private / place).resolve()
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
    folder = folders.chosen("a text")
    assert folder is not None
    assert folder.is_relative_to(tmp_path / "cache")
    (warning,) = caplog.messages
    assert warning == f"the kernel is not kept in {planted}: others may write {planted}"


def test_whatever_the_umask_what_is_kept_can_be_trusted(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "folder"
    program = (
        "import os; os.umask(0); from autograd_core.engines.kernel.loops import patterns; "
        "patterns.spread.compile()"
    )
    environment = {**os.environ, folders.VARIABLE: str(place)}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True)
    (folder,) = place.iterdir()
    assert len(list(folder.iterdir())) == 2
    assert trusted(folder)
