"""The project's gunicorn.conf.py, with standard error on a disk that is full."""

import os
from pathlib import Path

exec(compile(Path("gunicorn.conf.py").read_text(), "gunicorn.conf.py", "exec"))
os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
