"""Adding an operation is adding a row: rows of awkward kinds, end to end on both engines.

The package is copied, rows are added to its table, and a process that has the copy runs them:
as a program of scalars, on the tape wherever the row fits there, and over arrays. Expected
numbers are central differences of the values, and the values are written out by hand.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import autograd_core

PACKAGE = Path(autograd_core.__file__).parent
ROWS = """
    # several attributes; a whole number; none that is called alpha
    _one("hardtanh", "minimum(maximum(x, -cap), cap)", "select((x > -cap) & (x < cap), 1, 0)", "0",
         "", attributes=(Attribute("cap", NUMBER, "", 1.0),)),
    _one("affine", "scale*x + shift", "scale", "0", "",
         attributes=(Attribute("scale", NUMBER, "", 2.0), Attribute("shift", NUMBER, "", 1.0))),
    _one("nth_power", "x**n", "n*x**(n - 1)", "n*(n - 1)*x**(n - 2)", "",
         attributes=(Attribute("n", INTEGER, "", 3),)),
    _one("four", "a*x + b*x**2 + c*x**3", "a + 2*b*x + 3*c*x**2", "2*b + 6*c*x", "",
         attributes=tuple(Attribute(name, NUMBER, "", 0.5) for name in "abc")),
    _one("switched", "select(on, x, -x)", "select(on, 1, -1)", "0", "",
         attributes=(Attribute("on", BOOLEAN, "", True),)),
    # two operands with an attribute; the second alone differentiable; three; four
    _two("lerp", "x + t*(y - x)", ("1 - t", "t"), ("0", "0", "0"), "",
         attributes=(Attribute("t", NUMBER, "", 0.25),)),
    _two("scaled_by_sign", "sign(x)*y*y", ("0", "2*sign(x)*y"), ("0", "0", "2*sign(x)"), ""),
    _three("fma", "x*y + w", ("y", "x", "1"), ("0", "1", "0", "0", "0", "0"), ""),
    _three("held_third", "x*y*w", ("y*w", "x*w", "0"), ("0", "w", "0", "0", "0", "0"), ""),
    _three("held_middle", "x*exp(w)*y", ("exp(w)*y", "0", "x*exp(w)*y"),
           ("0", "0", "exp(w)*y", "0", "0", "x*exp(w)*y"), ""),
    _row(("p", "q", "r", "s"))("cross", "p*s - q*r", ("s", "-r", "-q", "p"),
         ("0", "0", "0", "1", "0", "-1", "0", "0", "0", "0"), ""),
    # chains; functions and signs that the kernel lacks; a value that leaves an operand out
    _two("plus", "x + y + 1", ("1", "1"), ("0", "0", "0"), "", arity=(2, None)),
    _two("blend", "x*y - x", ("y - 1", "x"), ("0", "1", "0"), "", arity=(2, None)),
    _two("weighted_sum", "x + weight*y", ("1", "weight"), ("0", "0", "0"), "", arity=(2, None),
         attributes=(Attribute("weight", NUMBER, "", 2.0),)),
    _one("thrice", "3*x", "3", "0", "", attributes=(Attribute("unit", NUMBER, "", None),)),
    _one("remainder", "x % 2", "1", "0", "", analytic=False),
    _two("first_of", "3*x", ("3", "0"), ("0", "0", "0"), ""),
    _one("dilogarithm", "dilog(x)", "select(x == 1, -1, log(x)/(1 - x))",
         "select(x == 1, 0.5, (1/x - 1 + log(x))/(1 - x)**2)", ""),
    # operands that are called as the kernel calls its own; rows by way of other rows
    _row(("b", "a"))("over", "b/a", ("1/a", "-z/a"), ("0", "-1/a/a", "2*z/a/a"), ""),
    _row(("p", "q"))("skewed", "p*q*q", ("q*q", "2*p*q"), ("0", "2*q", "2*p"), ""),
    _three("linked", "x*y + w", ("y", "x", "1"), ("0", "1", "0", "0", "0", "0"), "",
           links=("mul", "add")),
    _two("times", "x*y", ("y", "x"), ("0", "1", "0"), "", if_constant=((2.0, "double"),)),
    _one("double", "x + x", "2", "0", ""),
"""
# expression, bindings, value by pencil and paper, whether the tape runs it
CASES: list[tuple[str, dict[str, float], float, bool]] = [
    ("hardtanh(x, cap=2)", {"x": -5.0}, -2.0, True),
    ("hardtanh(x, cap=2)*x", {"x": 0.5}, 0.25, True),
    ("hardtanh(x)", {"x": 3.0}, 1.0, True),
    ("affine(x, scale=3, shift=-1)", {"x": 2.0}, 5.0, True),
    ("affine(x)*affine(y, shift=0.5)", {"x": 2.0, "y": 1.0}, 12.5, True),
    ("nth_power(x, n=4)", {"x": 1.5}, 5.0625, True),
    ("four(x, b=2)", {"x": 2.0}, 13.0, False),
    ("switched(x, on=false)", {"x": 2.0}, -2.0, False),
    ("lerp(x, y, t=0.5) + lerp(y, x)", {"x": 1.0, "y": 5.0}, 7.0, True),
    ("scaled_by_sign(x, y)", {"x": -3.0, "y": 2.0}, -4.0, True),
    ("fma(x, y, w)*w", {"x": 2.0, "y": 3.0, "w": 0.5}, 3.25, False),
    ("held_third(x, y, w)", {"x": 2.0, "y": 3.0, "w": 0.5}, 3.0, True),
    ("held_middle(x, y, w)*y", {"x": 2.0, "y": 3.0, "w": 0.0}, 18.0, True),
    ("cross(x, y, w, v)", {"x": 2.0, "y": 3.0, "w": 0.5, "v": 7.0}, 12.5, False),
    ("plus(x, y, x, w)", {"x": 2.0, "y": 3.0, "w": 0.5}, 10.5, True),
    ("blend(x, y, w)", {"x": 2.0, "y": 3.0, "w": 0.5}, -2.0, True),
    ("weighted_sum(x, y)*x", {"x": 2.0, "y": 3.0}, 16.0, True),
    ("weighted_sum(x, y, x, y, weight=0.5)", {"x": 2.0, "y": 3.0}, 6.0, True),
    ("thrice(x)*x", {"x": 2.0}, 12.0, False),
    ("remainder(x)*x", {"x": 3.5}, 5.25, True),
    ("remainder(x)*x", {"x": -3.5}, -1.75, True),
    ("first_of(x, y) + y", {"x": 2.0, "y": 3.0}, 9.0, True),
    ("dilogarithm(x)", {"x": 1.0}, 0.0, False),
    ("over(x, y)*y", {"x": 2.0, "y": 4.0}, 2.0, True),
    ("skewed(x, y)", {"x": 2.0, "y": 3.0}, 18.0, True),
    ("linked(x, y, w) + linked(w, x*y, x)*y", {"x": 2.0, "y": 3.0, "w": 0.5}, 21.5, True),
    ("times(x, 2)*times(x, 3)*times(2, x)", {"x": 1.5}, 40.5, True),
]
# Operands along which the row says that nothing flows, although the value depends on them.
HELD = {"held_third": {"w"}, "held_middle": {"y"}}

PROGRAM = """
import json, sys
from autograd_core import gradient, evaluate, hessian, parse
found = []
for text, bindings in json.load(sys.stdin):
    graph, at = parse(text), {name: float(value) for name, value in bindings.items()}
    scalar = gradient(graph, at, trace=False)
    names = list(at)
    summed = parse("out = " + text + "; sum(out)")
    rows = {name: [value, value] for name, value in at.items()}
    vector = gradient(summed, rows)
    found.append({
        "engine": scalar.cost.engine, "value": scalar.value, "gradients": scalar.gradients,
        "vector_engine": vector.cost.engine, "vector_value": float(vector.value),
        "vector_gradients": {name: list(map(float, vector.gradients[name])) for name in names},
        "traced": {k: float(v) for k, v in gradient(graph, at, trace=True).gradients.items()},
        "mapped": {k: list(map(float, v)) for k, v in
                   gradient(graph, rows, mapped=names).gradients.items()},
        "hessian": {a: {b: float(v) for b, v in row.items()}
                    for a, row in hessian(graph, at).blocks.items()},
        "vector_hessian": {a: {b: float(v[0][0]) for b, v in row.items()}
                           for a, row in hessian(summed, rows).blocks.items()},
        "near": {name: [evaluate(graph, at | {name: at[name] + h}, outputs=None).values.popitem()[1]
                        for h in (1e-5, -1e-5)] for name in names},
        "near_gradients": {name: [gradient(graph, at | {name: at[name] + h}).gradients
                        for h in (1e-5, -1e-5)] for name in names},
    })
json.dump(found, sys.stdout, default=float)
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, folder / "autograd_core")
    table = folder / "autograd_core" / "operations" / "elementwise.py"
    text = table.read_text(encoding="utf-8")
    start, end = text.split("    # three operands\n")
    text = f"{start}{ROWS}    # three operands\n{end}"
    text = text.replace("import NUMBER, Attribute", "import BOOLEAN, INTEGER, NUMBER, Attribute")
    table.write_text(text, encoding="utf-8")
    formulas = table.with_name("formulas.py")
    text = formulas.read_text(encoding="utf-8")
    text = text.replace('"zeta": special.zeta,', '"zeta": special.zeta, "dilog": special.spence,')
    formulas.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([case[:2] for case in CASES]),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CASES)), ids=[case[0] for case in CASES])
def test_a_new_row_is_right_on_both_engines(found: list[dict[str, Any]], number: int) -> None:
    text, bindings, value, on_tape = CASES[number]
    result = found[number]
    assert result["engine"] == ("tape" if on_tape else "arrays")
    assert result["vector_engine"] == "arrays"
    assert result["value"] == pytest.approx(value, rel=1e-15)
    assert result["vector_value"] == pytest.approx(2 * value, rel=1e-15)
    held = next((names for row, names in HELD.items() if row in text), set())
    for name in bindings:
        right, left = result["near"][name]
        near = pytest.approx((right - left) / 2e-5, rel=1e-8, abs=1e-8)
        if name not in held:
            assert result["gradients"][name] == near
        for other in ("vector_gradients", "mapped"):
            assert result[other][name] == [result["gradients"][name]] * 2
        assert result["traced"][name] == result["gradients"][name]
        for by in bindings:
            ahead, behind = result["near_gradients"][by]
            near = pytest.approx((ahead[name] - behind[name]) / 2e-5, rel=1e-7, abs=1e-7)
            if by not in held:
                assert result["hessian"][name][by] == near
            both = result["hessian"][name][by], result["vector_hessian"][name][by]
            assert both[0] == pytest.approx(both[1], rel=1e-15)
