"""A curve and its slope at a million points, against decoding and encoding the same arrays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import orjson

from benchmarks.harness import Row, durations, judged, side_by_side
from benchmarks.ours import service, wsgi_call

Array = npt.NDArray[np.float64]
MOST = 2.0
EXPRESSION = "3*x**2 - 4*x + 5"


def measure(*, quick: bool) -> Iterator[Row]:
    """One row."""
    points = 1_000 if quick else 1_000_000
    x = np.random.default_rng(0).uniform(-5.0, 5.0, points)
    message = {"expression": EXPRESSION, "bindings": {"x": x}, "map": ["x"]}
    body = orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY)
    call = wsgi_call(service(), "/gradient", body)
    value, slope = 3 * x**2 - 4 * x + 5, 6 * x - 4
    require_curve(call(), value, slope)

    def arrays_only() -> bytes:
        decoded = orjson.loads(body)
        answer = {"value": value, "gradients": {"x": slope}, "points": len(decoded["bindings"])}
        return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)

    times = side_by_side({"request": call, "arrays only": arrays_only}, quick=quick)
    ratio = times["request"] / times["arrays only"]
    what = f"map, {EXPRESSION} at {points:,} points"
    wording = f"at most {MOST:g}x the time of decoding and encoding the arrays"
    yield judged(what, wording, ratio, durations(times), at_most=MOST)


def require_curve(answer: bytes, value: Array, slope: Array) -> None:
    """RuntimeError unless the answer has the values and the slopes."""
    found = orjson.loads(answer)
    same = np.allclose(found["value"], value, rtol=1e-12, atol=1e-12)
    if not (same and np.allclose(found["gradients"]["x"], slope, rtol=1e-12, atol=1e-12)):
        raise RuntimeError("the service has another curve, or another slope")
