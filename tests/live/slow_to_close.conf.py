"""The project's gunicorn.conf.py, except that a worker that stops is interrupted for a moment just
before it closes the listening sockets.
"""

import time
from pathlib import Path

exec(compile(Path("gunicorn.conf.py").read_text(), "gunicorn.conf.py", "exec"))


def post_worker_init(worker):
    for listener in worker.sockets:
        listener.close = late(listener.close)


def late(close):
    def close_late():
        time.sleep(0.05)
        close()

    return close_late
