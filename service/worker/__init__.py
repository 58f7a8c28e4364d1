"""gunicorn's worker, which reads before it works: connections, requests as they arrive, threads."""
