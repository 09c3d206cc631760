#!/usr/bin/env bash
# otel-baggage-spaces: a space in baggage that Python sends is a plus in JavaScript
#
# Packages: PyPI opentelemetry-api 1.45.2; npm @opentelemetry/core 2.12.1, @opentelemetry/api
#   1.9.1
# A good guess: what one SDK puts into the baggage header the other takes out again, since both
#   follow the same W3C text
# Seen: Python writes a space as +, as in a form; JavaScript (and the W3C text) knows only %20 and
#   leaves the + as it is. The way back works, and so does each SDK with itself
# For whoever streams job results: a job name, a queue or a tenant that has a space gets a second
#   spelling behind the first hop to Node: sums by name are split in two, and a comparison with
#   the name in the event fails; put ids without spaces into baggage
# Output seen:
#   Python writes            job=render+page+1,sum=1%2B1,done=50+%25
#   Python to Python         {"job": "render page 1", "sum": "1+1", "done": "50 %"}
#   Python to JavaScript     {"job":"render+page+1","sum":"1+1","done":"50+%"}
#   JavaScript writes        job=render%20page%201,sum=1%2B1,done=50%20%25
#   JavaScript to JavaScript {"job":"render page 1","sum":"1+1","done":"50 %"}
#   JavaScript to Python     {"job": "render page 1", "sum": "1+1", "done": "50 %"}

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-api==1.45.2 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 \
    @opentelemetry/core@2.12.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >bag.py <<'PY'
import json, os
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator

w3c = W3CBaggagePropagator()
take = lambda text: dict(baggage.get_all(w3c.extract({"baggage": text})))
if os.path.exists("js.txt"):
    print("JavaScript to Python    ", json.dumps(take(open("js.txt").read())))
else:
    context, headers = None, {}
    for key, value in (("job", "render page 1"), ("sum", "1+1"), ("done", "50 %")):
        context = baggage.set_baggage(key, value, context)
    w3c.inject(headers, context)
    print("Python writes           ", headers["baggage"])
    print("Python to Python        ", json.dumps(take(headers["baggage"])))
    open("py.txt", "w").write(headers["baggage"])
PY
cat >bag.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
import { ROOT_CONTEXT, defaultTextMapGetter, defaultTextMapSetter, propagation } from "@opentelemetry/api";
import { W3CBaggagePropagator } from "@opentelemetry/core";

const w3c = new W3CBaggagePropagator();
const take = (text) => {
  const context = w3c.extract(ROOT_CONTEXT, { baggage: text }, defaultTextMapGetter);
  return JSON.stringify(Object.fromEntries(propagation.getBaggage(context).getAllEntries().map(([k, e]) => [k, e.value])));
};
const bag = propagation.createBaggage({ job: { value: "render page 1" }, sum: { value: "1+1" }, done: { value: "50 %" } });
const headers = {};
w3c.inject(propagation.setBaggage(ROOT_CONTEXT, bag), headers, defaultTextMapSetter);
console.log("Python to JavaScript    ", take(readFileSync("py.txt", "utf8")));
console.log("JavaScript writes       ", headers.baggage);
console.log("JavaScript to JavaScript", take(headers.baggage));
writeFileSync("js.txt", headers.baggage);
JS
actual=$(timeout 100 venv/bin/python bag.py 2>/dev/null || true; timeout 100 node bag.mjs 2>/dev/null || true; timeout 100 venv/bin/python bag.py 2>/dev/null || true)
expected=$(cat <<'TXT'
Python writes            job=render+page+1,sum=1%2B1,done=50+%25
Python to Python         {"job": "render page 1", "sum": "1+1", "done": "50 %"}
Python to JavaScript     {"job":"render+page+1","sum":"1+1","done":"50+%"}
JavaScript writes        job=render%20page%201,sum=1%2B1,done=50%20%25
JavaScript to JavaScript {"job":"render page 1","sum":"1+1","done":"50 %"}
JavaScript to Python     {"job": "render page 1", "sum": "1+1", "done": "50 %"}
TXT
)

echo "--- output of this run"
printf '%s\n' "$actual"
if [ "$actual" != "$expected" ]; then
  echo "--- changed: expected"
  printf '%s\n' "$expected"
  exit 1
fi
echo "--- as recorded"
