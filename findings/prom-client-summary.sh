#!/usr/bin/env bash
# prom-client-summary: a Prometheus summary in Node reports a 99th percentile of 0 when there is nothing to report, and a median that is no delay of any client
#
# Packages: npm prom-client 15.1.3; @datadog/sketches-js 2.1.1; PyPI ddsketch 3.0.1 for comparison
# A good guess: without delays in the window the percentiles are NaN or missing; of 99 delays of
#   100 ms and one of 9 s the median is 100 ms, and the 99th percentile one of the two
# Seen: prom-client gives 0 before the first delay, and 0 again when all delays are older than
#   maxAgeSeconds, while the count stays. Between equal delays and a late one it interpolates: the
#   median is 189 ms and the 99th percentile 8.911 s; the sketches give 99 ms and 99 ms
# For whoever streams job results: an alert on "99th percentile above 1 s" is silent exactly when
#   no event is delivered any more; look at how the count grows beside it. And under polling many
#   delays are equal: a median between them and a late one is made up
# Output seen:
#   ddsketch     nothing yet: 50 %: None  99 %: None
#   ddsketch     99 fast, one late: 50 %: 0.099  99 %: 0.099
#   sketches-js  nothing yet: 50 %: NaN  99 %: NaN
#   sketches-js  99 fast, one late: 50 %: 0.099  99 %: 0.099
#   prom-client  nothing yet: 50 %: 0  99 %: 0  count: 0
#   prom-client  99 fast, one late: 50 %: 0.189  99 %: 8.911  count: 100
#   prom-client  all too old: 50 %: 0  99 %: 0  count: 100

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ddsketch==3.0.1 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund prom-client@15.1.3 \
    @datadog/sketches-js@2.1.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >sum.py <<'PY'
from ddsketch import DDSketch
sketch = DDSketch()
print("ddsketch     nothing yet: 50 %%: %s  99 %%: %s" % (sketch.get_quantile_value(0.5), sketch.get_quantile_value(0.99)))
for _ in range(99):
    sketch.add(0.1)
sketch.add(9)
print("ddsketch     99 fast, one late: 50 %%: %.3f  99 %%: %.3f" % (sketch.get_quantile_value(0.5), sketch.get_quantile_value(0.99)))
PY
cat >sum.mjs <<'JS'
import { DDSketch } from "@datadog/sketches-js";
import client from "prom-client";

const sketch = new DDSketch();
const both = (f) => `50 %: ${+f(0.5).toFixed(3)}  99 %: ${+f(0.99).toFixed(3)}`;
console.log("sketches-js  nothing yet:", both((q) => sketch.getValueAtQuantile(q)));
for (let i = 0; i < 99; i++) sketch.accept(0.1);
sketch.accept(9);
console.log("sketches-js  99 fast, one late:", both((q) => sketch.getValueAtQuantile(q)));

const summary = new client.Summary({ name: "delay", help: "h", percentiles: [0.5, 0.99], maxAgeSeconds: 1, ageBuckets: 2 });
const say = async (when) => {
  const values = (await summary.get()).values;
  const of = (q) => values.find((v) => v.labels.quantile === q)?.value;
  const named = (suffix) => values.find((v) => v.metricName === "delay_" + suffix)?.value;
  console.log("prom-client ", when + ":", of(0.5) === undefined ? "no percentiles" : both(of), " count:", named("count"));
};
await say("nothing yet");
for (let i = 0; i < 99; i++) summary.observe(0.1);
summary.observe(9);
await say("99 fast, one late");
await new Promise((done) => setTimeout(done, 2500));
await say("all too old");
process.exit(0);
JS
actual=$(timeout 100 venv/bin/python -W ignore sum.py 2>/dev/null || true; timeout 100 node sum.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
ddsketch     nothing yet: 50 %: None  99 %: None
ddsketch     99 fast, one late: 50 %: 0.099  99 %: 0.099
sketches-js  nothing yet: 50 %: NaN  99 %: NaN
sketches-js  99 fast, one late: 50 %: 0.099  99 %: 0.099
prom-client  nothing yet: 50 %: 0  99 %: 0  count: 0
prom-client  99 fast, one late: 50 %: 0.189  99 %: 8.911  count: 100
prom-client  all too old: 50 %: 0  99 %: 0  count: 100
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
