"""How gunicorn runs the service: `gunicorn --config gunicorn.conf.py`.

What is read from the environment is described in docs/settings.md (service/settings.py); of a
variable that cannot be what it says, one sentence is said, and nothing starts.
"""

import atexit
import gc
import logging
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from service.process.listening import begin_no_more

# Before NumPy and Numba are first imported: thread pools do not survive a fork, and a
# worker for every core is all the parallelism that the machine has.
for pool in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(pool, "1")

from service.settings import ProcessSettings, SettingError, Settings  # noqa: E402 - see above

try:
    process, application = ProcessSettings.from_environment(), Settings.from_environment()
except SettingError as error:
    sys.exit(f"{error}")


def cores() -> int:
    """Return how many cores this process may use, which can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


wsgi_app = "service.app:create_app()"

# --- processes and threads

# Derivatives are computed, so processes share the work: one a core, and never fewer than
# two, so that a long computation does not leave the service without an answer.
workers = process.workers or max(2, cores())

# gthread, whose loop receives requests and sends answers, so that slow clients cost a file
# descriptor, not a thread.
worker_class = "service.process.gunicorn_worker.Worker"

# Threads are for requests that have arrived, and wait for their turn; slow clients have none
# (service/process/event_loop.py). Of long computations GRADIENT_CONCURRENCY may run at once, and
# five times as many may wait (service/process/budget.py): by default these are 24, which leaves
# eight threads for all else. Asleep they cost next to nothing; awake all at once, they get in each
# other's way.
threads = process.threads

# Import and compile once, in the parent: workers start at once and share its memory, and a
# defect in the start-up stops the start, instead of workers one after another.
preload_app = True

# Workers are kept: nothing here grows with the number of requests.
max_requests = 0

# The heartbeat is a file that is touched every second. In a container that can mean a disk;
# shared memory never blocks.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - see above

# --- the network

bind = f"{process.host}:{process.port}"

# As many connections as file descriptors allow, but for those that the process needs itself.
files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
if most != resource.RLIM_INFINITY:
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
worker_connections = min(16_384, max(1000, (most if most > 0 else files) - 256))

# A long queue only hides an overload from the clients that wait in it.
backlog = 512

# Longer than the 60 s for which proxies keep an idle connection: the side that sends the
# next request should be the one to close.
keepalive = 75

# No address of ours is longer than 4 kB, and no client needs 64 headers of 8 kB.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# Whom the application trusts (service/settings.py), gunicorn does; by default, nobody.
forwarded_allow_ips = ",".join(map(str, application.trusted_proxies))

# --- time

# The heartbeat is silent only while something holds the interpreter. The engine looks at
# its deadline (10 s) between steps that are far shorter than this.
timeout = 60

# On SIGTERM: as long as the longest computation, and time to send its answer.
graceful_timeout = 20

# A request of which nothing has come for this long ends with an error; service/process/pace.py
# bounds the whole.
SILENCE = 15

# --- what is logged and where

# The service writes its own access log, one JSON object a request.
accesslog = None
errorlog = "-"
loglevel = process.log_level

# What gunicorn itself has to say looks the same, unless a person is watching.
if not sys.stderr.isatty():
    logconfig_dict = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "service.process.access_log.JsonLines"}},
        "handlers": {
            "stderr": {"class": "service.process.access_log.StandardError", "formatter": "lines"}
        },
        "root": {"handlers": []},
        "loggers": {
            "gunicorn.error": {
                "level": loglevel.upper(),
                "handlers": ["stderr"],
                "propagate": False,
            },
            "gunicorn.access": {"handlers": [], "propagate": False},
        },
    }
proc_name = "gradient-service"

# gunicorn would otherwise open a socket that commands can be sent to.
control_socket_disable = True

# --- a folder of our own, for as long as this process lives

SCRATCH = "GRADIENT_SCRATCH"
METRICS = "PROMETHEUS_MULTIPROC_DIR"


def prepare_scratch() -> None:
    """Make the folder, and in it one for metrics, before the application is imported.

    Each process writes its counts into a file, and whichever one is asked adds them up.
    Files that an earlier run left would be counted too, so a folder for metrics that was
    given from outside is emptied.

    SIGHUP makes gunicorn read this file again, in the same process and while workers use
    the folder: then nothing is done. SIGUSR2 starts another process, which gets its own.
    """
    owner, _, inherited = os.environ.get(SCRATCH, "").partition(":")
    if owner == str(os.getpid()):
        return
    scratch = Path(tempfile.mkdtemp(prefix="gradient-", dir=worker_tmp_dir))
    os.environ[SCRATCH] = f"{os.getpid()}:{scratch}"
    atexit.register(remove_scratch, os.getpid(), scratch)

    metrics = Path(os.environ.get(METRICS) or scratch / "metrics")
    if inherited and metrics.is_relative_to(inherited):
        metrics = scratch / "metrics"
    try:
        metrics.mkdir(parents=True, exist_ok=True)
        for leftover in metrics.glob("*.db"):
            leftover.unlink()
    except OSError as error:
        sys.exit(f"{METRICS}={str(metrics)!r}: {error.strerror}")
    os.environ[METRICS] = str(metrics)


def remove_scratch(owner: int, scratch: Path) -> None:
    """Remove the folder when the process that made it ends; forked workers end before."""
    if os.getpid() == owner:
        shutil.rmtree(scratch, ignore_errors=True)


prepare_scratch()


# --- hooks, in the order in which they run


def when_ready(server: Arbiter) -> None:
    """Make the parent's memory one that workers can share, and say where the service is.

    Frozen objects are never looked at by the garbage collector, whose marks would copy
    the pages that they lie in into every worker.
    """
    gc.collect()
    gc.freeze()
    log = logging.getLogger("gunicorn.error")
    for listener in server.LISTENERS:
        host, port = listener.getsockname()[:2]
        shown = "localhost" if host in {"127.0.0.1", "0.0.0.0"} else host
        shown = f"[{shown}]" if ":" in shown else shown
        log.info("Ready: http://%s:%s (Swagger UI at /docs)", shown, port)
    end_gently(server)


def end_gently(server: Arbiter) -> None:
    """Let no connection begin once the service stops, so that none is there to be reset when the
    last worker closes the listening sockets.

    gunicorn has no hook for this. Workers cannot do it, as they also stop when the service is
    reloaded, and then others go on with the same sockets; so does another gunicorn after SIGUSR2.
    """
    stop = server.stop

    def stop_gently(graceful: bool = True) -> None:  # noqa: FBT001, FBT002 - gunicorn's signature
        if server.reexec_pid == server.master_pid == 0 and not server.systemd:
            for listener in server.LISTENERS:
                begin_no_more(listener.sock)
        stop(graceful)

    server.stop = stop_gently  # type: ignore[method-assign]  # see above


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Tell the worker how long it waits for a silent client."""
    worker.silence = SILENCE


def child_exit(server: Arbiter, worker: Worker) -> None:
    """Take a dead worker out of the gauges that count what is going on now."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - needs the directory from above

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has no types
