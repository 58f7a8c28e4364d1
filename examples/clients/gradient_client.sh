#!/bin/sh
# The service from the shell: curl 7.82 or newer sends, jq reads. Run: sh gradient_client.sh
set -eu
export LC_ALL=C
url=${GRADIENT_URL:-http://127.0.0.1:8000}

# One request: d = a*b + c, its value and its gradient.
curl -sS "$url/gradient" --json '{"expression": "a*b + c", "bindings": {"a": 2, "b": -3, "c": 10}}' |
    jq -r '"value \(.value)", (.gradients | to_entries[] | "\(.key) \(.value)")' |
    while read -r name number; do printf '%s %.1f\n' "$name" "$number"; done

# A mistake: the answer is a problem document. (`curl --fail-with-body` makes it an exit status, too.)
curl -sS "$url/gradient" --json '{"expression": "a*b +", "bindings": {"a": 2, "b": -3}}' |
    jq -r '"\(.status) \(.title): \(.detail)", (.errors[] | "\(.pointer): \(.detail)")'

# Many at once: a message a line, an answer a line, each as soon as it is there.
curl -sSN "$url/gradient" -H 'Content-Type: application/x-ndjson' --data-binary @- <<'LINES' |
{"id": "one", "expression": "x**2", "bindings": {"x": 1}}
{"id": "two", "expression": "x**", "bindings": {"x": 2}}
{"id": "three", "expression": "x**2", "bindings": {"x": 3}}
LINES
    jq --unbuffered -r '"\(.id) \(.status) \(.result.gradients.x // .problem.detail)"' |
    while read -r id status text; do
        if [ "$status" = 200 ]; then text=$(printf '%.1f' "$text"); fi
        printf '%s %s\n' "$id" "$text"
    done
