"""The project's gunicorn.conf.py, except that a worker gets no more memory than its share of what
docker-compose.yml gives two: what it allocates beyond fails.
"""

import resource
from pathlib import Path

exec(compile(Path("gunicorn.conf.py").read_text(), "gunicorn.conf.py", "exec"))

SHARE = 2048 * 1024**2
# The system counts a thread's whole stack, of which a few pages are ever used.
STACKS = 48 * resource.getrlimit(resource.RLIMIT_STACK)[0]


def post_worker_init(worker):
    resource.setrlimit(resource.RLIMIT_DATA, (SHARE + STACKS, SHARE + STACKS))
