"""Keep the virtual environment in step with a lock file.

    python3 scripts/setup.py .venv requirements/test.txt

Makes the environment when there is none (or when it was made by another Python), and
installs the lock file, hashes checked, unless it is what was installed last. The second
run therefore only reads a stamp. Needs nothing but the standard library.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PYTHON = f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}"


def main(environment: Path, lock_file: Path) -> int:
    """Bring `environment` up to date with `lock_file`; the exit status says whether it is."""
    digest = hashlib.sha256(lock_file.read_bytes()).hexdigest()
    stamp = environment / "installed" / lock_file.name
    wanted = f"{PYTHON}\n{digest}\n"

    with exclusively(environment):
        if stamp.is_file() and stamp.read_text() == wanted and works(environment):
            return 0
        if not made_by_this_python(environment):
            make(environment)
        print(f"Installing {lock_file} into {environment} ...", flush=True)
        failed = install(environment, lock_file)
        if not failed:
            stamp.parent.mkdir(exist_ok=True)
            stamp.write_text(wanted)
        return failed


@contextmanager
def exclusively(environment: Path) -> Iterator[None]:
    """Hold off another `make` that would install into the same environment at the same time."""
    with Path(f"{environment}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def interpreter(environment: Path) -> Path:
    """Return the environment's own Python."""
    return environment / "bin" / "python"


def works(environment: Path) -> bool:
    """Say whether the environment's Python is still there: the one it links to can be removed."""
    return interpreter(environment).exists()


def made_by_this_python(environment: Path) -> bool:
    """Say whether the environment can be kept."""
    made_by = environment / "installed" / "python"
    return works(environment) and made_by.is_file() and made_by.read_text().strip() == PYTHON


def make(environment: Path) -> None:
    """Make the environment anew, in the place of one that cannot be kept."""
    if environment.exists():
        if not (environment / "pyvenv.cfg").is_file():
            sys.exit(f"{environment} is in the way, and is not a virtual environment.")
        shutil.rmtree(environment)
    print(f"Making {environment} with {sys.executable} ({PYTHON}) ...", flush=True)
    venv.create(environment, with_pip=True, symlinks=True)
    (environment / "installed").mkdir()
    (environment / "installed" / "python").write_text(f"{PYTHON}\n")


def install(environment: Path, lock_file: Path) -> int:
    """Install exactly what the lock file says. It is complete, so nothing is resolved."""
    pip = [str(interpreter(environment)), "-m", "pip", "--disable-pip-version-check"]
    options = ["-qq", "--no-deps", "--require-hashes", "--requirement", str(lock_file)]
    failed = subprocess.run([*pip, "install", *options], check=False).returncode
    if failed:
        print(
            f"pip could not install {lock_file}; what it said stands above. It needs to reach "
            "a package index (see `pip config list`), once.",
            file=sys.stderr,
        )
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
