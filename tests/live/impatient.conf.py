"""The project's gunicorn.conf.py, except that a silent client is given up on after a second."""

from pathlib import Path

exec(compile(Path("gunicorn.conf.py").read_text(), "gunicorn.conf.py", "exec"))
SILENCE = 1
