"""What happens at kinks, ties, poles and edges of domains: stated by hand, not computed.

Each row: operation, operands, value, first partials, second partials (upper triangle), and
attributes if any. None is "not recorded": nothing was agreed there. The sentences that these rows
come from are under "conventions" in the catalogue.
"""

from math import inf, isnan, nan, pi

Entry = float | None
ROWS: list[tuple[str, list[float], Entry, list[Entry], list[Entry], dict[str, float]]] = [
    # kinks
    ("abs", [0.0], 0.0, [0.0], [None], {}),
    ("relu", [0.0], 0.0, [0.0], [None], {}),
    ("leaky_relu", [0.0], 0.0, [None], [None], {"alpha": 0.01}),
    ("elu", [0.0], 0.0, [None], [None], {"alpha": 0.5}),
    ("elu", [0.0], 0.0, [1.0], [None], {"alpha": 1.0}),
    ("sign", [0.0], 0.0, [0.0], [0.0], {}),
    ("floor", [2.0], 2.0, [0.0], [0.0], {}),
    ("floor", [-3.0], -3.0, [0.0], [0.0], {}),
    ("ceil", [2.0], 2.0, [0.0], [0.0], {}),
    ("ceil", [-3.0], -3.0, [0.0], [0.0], {}),
    *(
        ("round", [x], y, [0.0], [0.0], {})
        for x, y in [
            (0.5, 0.0),
            (1.5, 2.0),
            (2.5, 2.0),
            (3.5, 4.0),
            (-0.5, 0.0),
            (-1.5, -2.0),
            (-2.5, -2.0),
        ]
    ),
    ("maximum", [2.0, 2.0], 2.0, [0.5, 0.5], [None] * 3, {}),
    ("minimum", [-1.5, -1.5], -1.5, [0.5, 0.5], [None] * 3, {}),
    ("clip", [1.0, -1.0, 1.0], 1.0, [1.0, None, None], [None] * 6, {}),
    ("clip", [-1.0, -1.0, 1.0], -1.0, [1.0, None, None], [None] * 6, {}),
    ("hypot", [0.0, 0.0], 0.0, [0.0, 0.0], [None] * 3, {}),
    ("mod", [6.0, 3.0], 0.0, [None, None], [None] * 3, {}),
    ("mod", [-6.0, 4.0], 2.0, [1.0, 2.0], [0.0] * 3, {}),
    ("mod", [5.5, -2.0], -0.5, [1.0, 3.0], [0.0] * 3, {}),
    ("atan2", [0.0, -2.0], pi, [-0.5, 0.0], [0.0, -0.25, 0.0], {}),
    ("atan2", [0.0, 0.0], 0.0, [None, None], [None] * 3, {}),
    ("stop_gradient", [1.75], 1.75, [0.0], [0.0], {}),
    ("stop_gradient", [-3e200], -3e200, [0.0], [0.0], {}),
    # truth values
    ("logical_not", [0.0], 1.0, [0.0], [0.0], {}),
    *(
        (op, [1.5, 1.5], y, [0.0, 0.0], [0.0] * 3, {})
        for op, y in [("gt", 0.0), ("ge", 1.0), ("lt", 0.0), ("le", 1.0), ("eq", 1.0), ("ne", 0.0)]
    ),
    *(
        (op, [x, y], z, [0.0, 0.0], [0.0] * 3, {})
        for op, x, y, z in [
            ("logical_and", 0.0, 2.0, 0.0),
            ("logical_and", 0.0, 0.0, 0.0),
            ("logical_or", 0.0, -2.0, 1.0),
            ("logical_or", 0.0, 0.0, 0.0),
        ]
    ),
    ("where", [0.0, 2.5, -3.0], -3.0, [0.0, 0.0, 1.0], [0.0] * 6, {}),
    ("where", [0.0, inf, -3.0], -3.0, [0.0, 0.0, 1.0], [0.0] * 6, {}),
    # pow at 0, at a negative base, and to the power 0
    ("pow", [0.0, 2.0], 0.0, [0.0, 0.0], [2.0, None, None], {}),
    ("pow", [0.0, 3.0], 0.0, [0.0, 0.0], [0.0, None, None], {}),
    ("pow", [0.0, 1.5], 0.0, [0.0, 0.0], [inf, None, None], {}),
    ("pow", [0.0, 1.0], 0.0, [1.0, 0.0], [0.0, None, None], {}),
    ("pow", [0.0, 0.5], 0.0, [inf, 0.0], [None] * 3, {}),
    ("pow", [0.0, 0.0], 1.0, [0.0, 0.0], [0.0, None, None], {}),
    ("pow", [0.0, -1.0], inf, [-inf, None], [None] * 3, {}),
    ("pow", [-3.0, 0.0], 1.0, [0.0, nan], [0.0, None, None], {}),
    ("pow", [-2.0, 0.5], nan, [None, nan], [None] * 3, {}),
    *(
        (
            "pow",
            [x, float(n)],
            x**n,
            [n * x ** (n - 1), nan],
            [n * (n - 1) * x ** (n - 2), None, None],
            {},
        )
        for x in (-0.5, -2.0, -10.0)
        for n in (1, 2, 3, 4)
    ),
    ("pow", [-2.0, -1.0], -0.5, [-0.25, nan], [-0.25, None, None], {}),
    ("pow", [-0.5, -3.0], -8.0, [-48.0, nan], [-384.0, None, None], {}),
    # poles, edges of domains, overflow: IEEE 754
    ("sqrt", [0.0], 0.0, [inf], [None], {}),
    ("sqrt", [-1.0], nan, [None], [None], {}),
    ("cbrt", [0.0], 0.0, [inf], [None], {}),
    ("log", [0.0], -inf, [inf], [None], {}),
    ("log", [-1.0], nan, [None], [None], {}),
    ("log2", [0.0], -inf, [inf], [None], {}),
    ("log10", [0.0], -inf, [inf], [None], {}),
    ("log1p", [-1.0], -inf, [inf], [None], {}),
    ("log1p", [-2.0], nan, [None], [None], {}),
    ("reciprocal", [0.0], inf, [-inf], [None], {}),
    ("div", [1.0, 0.0], inf, [inf, -inf], [None] * 3, {}),
    ("div", [-1.0, 0.0], -inf, [inf, inf], [None] * 3, {}),
    ("div", [0.0, 0.0], nan, [None, None], [None] * 3, {}),
    ("asin", [1.0], pi / 2, [inf], [None], {}),
    ("asin", [-1.0], -pi / 2, [inf], [None], {}),
    ("asin", [1.5], nan, [None], [None], {}),
    ("acos", [1.0], 0.0, [-inf], [None], {}),
    ("acos", [-1.0], pi, [-inf], [None], {}),
    ("acosh", [1.0], 0.0, [inf], [None], {}),
    ("acosh", [0.5], nan, [None], [None], {}),
    ("atanh", [1.0], inf, [inf], [None], {}),
    ("atanh", [-1.0], -inf, [inf], [None], {}),
    ("logit", [0.0], -inf, [inf], [None], {}),
    ("logit", [1.0], inf, [inf], [None], {}),
    ("erfinv", [1.0], inf, [inf], [None], {}),
    ("erfinv", [-1.0], -inf, [inf], [None], {}),
    ("gammaln", [0.0], inf, [None], [None], {}),
    ("gammaln", [-2.0], inf, [None], [None], {}),
    ("exp", [1000.0], inf, [inf], [inf], {}),
    ("exp", [-inf], 0.0, [0.0], [0.0], {}),
    ("tanh", [inf], 1.0, [0.0], [0.0], {}),
    ("sigmoid", [inf], 1.0, [0.0], [0.0], {}),
    ("sigmoid", [-inf], 0.0, [0.0], [0.0], {}),
    ("softplus", [-inf], 0.0, [0.0], [0.0], {}),
    ("softplus", [inf], inf, [1.0], [0.0], {}),
    ("erf", [-inf], -1.0, [0.0], [None], {}),
    ("logaddexp", [-inf, 2.0], 2.0, [0.0, 1.0], [0.0] * 3, {}),
    ("logaddexp", [-inf, -inf], -inf, [None, None], [None] * 3, {}),
    ("atan", [inf], pi / 2, [0.0], [None], {}),
    ("hypot", [inf, 1.0], inf, [None, None], [None] * 3, {}),
]


def in_json(entry: Entry) -> float | str | None:
    if entry is None or abs(entry) < inf:
        return entry
    return "NaN" if isnan(entry) else "Infinity" if entry > 0 else "-Infinity"


CONVENTIONS: list[dict[str, object]] = [
    {"op": op, "operands": [in_json(x) for x in operands]}
    | ({"attrs": attrs} if attrs else {})
    | {
        "value": in_json(value),
        "first": list(map(in_json, first)),
        "second": list(map(in_json, second)),
    }
    for op, operands, value, first, second, attrs in ROWS
]
