"""The least that a Flask service of JSON can do: decode a body and encode it again.

What Flask, gunicorn and HTTP cost anybody. `gunicorn --config gunicorn.conf.py
benchmarks.bare:app` serves it with the service's own settings.
"""

from __future__ import annotations

import orjson
from flask import Flask, Response, request

app = Flask(__name__)


@app.post("/gradient")
def echo() -> Response:
    """Answer with the message itself."""
    return Response(orjson.dumps(orjson.loads(request.get_data())), mimetype="application/json")
