#!/usr/bin/env bash
# otel-ratio-sampling: of one trace, the Python and the JavaScript SDK sample different halves
#
# Packages: PyPI opentelemetry-sdk 1.45.2; npm @opentelemetry/sdk-trace-base 2.12.1
# A good guess: a ratio is decided by the trace id, so two services with the same ratio keep the
#   same traces
# Seen: Python looks at the low 64 bits of the id, JavaScript folds all 128 into 32 by exclusive
#   or. Each keeps its ratio, but independently: of 1000 traces with ratio 0.1, about 100 are kept
#   by each and about 10 by both
# For whoever streams job results: a trace from a worker in Python to a stream server in Node that
#   passes through something that does not carry the sampling flag (a table, a queue, a job id) is
#   almost never whole, and delays from one to the other come from a hundredth of the traces;
#   carry the flag, or decide in one place
# Output seen:
#   ratio 0.1, of 1000 traces kept by Python 91, by JavaScript 101, by both 10
#   ratio 0.5, of 1000 traces kept by Python 492, by JavaScript 495, by both 243

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 \
    @opentelemetry/sdk-trace-base@2.12.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >decide.py <<'PY'
import json, random
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

random.seed(1)
ids = [random.getrandbits(128) for _ in range(1000)]
kept = {r: [TraceIdRatioBased(r).should_sample(None, i, "job").decision.is_sampled() for i in ids] for r in (0.1, 0.5)}
json.dump([["%032x" % i for i in ids], kept], open("python.json", "w"))
PY
cat >decide.mjs <<'JS'
import { readFileSync } from "node:fs";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { SamplingDecision, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base";

const [ids, python] = JSON.parse(readFileSync("python.json", "utf8"));
for (const ratio of [0.1, 0.5]) {
  const sampler = new TraceIdRatioBasedSampler(ratio);
  const js = ids.map((id) => sampler.shouldSample(ROOT_CONTEXT, id).decision === SamplingDecision.RECORD_AND_SAMPLED);
  const count = (f) => ids.filter((_, i) => f(python[ratio][i], js[i])).length;
  console.log(`ratio ${ratio}, of 1000 traces kept by Python ${count((p) => p)}, by JavaScript ${count((_, j) => j)}, by both ${count((p, j) => p && j)}`);
}
JS
actual=$(timeout 100 venv/bin/python -W ignore decide.py 2>/dev/null || true; timeout 100 node decide.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
ratio 0.1, of 1000 traces kept by Python 91, by JavaScript 101, by both 10
ratio 0.5, of 1000 traces kept by Python 492, by JavaScript 495, by both 243
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
