"""The service from Python, with requests. Run: python gradient_client.py"""

from __future__ import annotations

import json
import os

import requests

URL = os.environ.get("GRADIENT_URL", "http://127.0.0.1:8000") + "/gradient"
SECONDS = 30

# One request: d = a*b + c, its value and its gradient.
message = {"expression": "a*b + c", "bindings": {"a": 2, "b": -3, "c": 10}}
answer = requests.post(URL, json=message, timeout=SECONDS).json()
print("value", answer["value"])
for name, gradient in answer["gradients"].items():
    print(name, gradient)

# A mistake: the answer is a problem document.
response = requests.post(URL, json=message | {"expression": "a*b +"}, timeout=SECONDS)
if not response.ok:
    problem = response.json()
    print(f"{problem['status']} {problem['title']}: {problem['detail']}")
    for fault in problem.get("errors", []):
        print(f"{fault['pointer']}: {fault['detail']}")

# Many at once: a message a line, an answer a line, each as soon as it is there.
points = [("one", "x**2", 1), ("two", "x**", 2), ("three", "x**2", 3)]
body = "".join(
    json.dumps({"id": id, "expression": text, "bindings": {"x": x}}) + "\n"
    for id, text, x in points
)
kind = {"Content-Type": "application/x-ndjson"}
with requests.post(URL, data=body, headers=kind, stream=True, timeout=SECONDS) as response:
    for line in response.iter_lines():
        each = json.loads(line)
        good = each["status"] == 200
        print(each["id"], each["result"]["gradients"]["x"] if good else each["problem"]["detail"])
