#!/usr/bin/env bash
# backoff-jitter-at-the-cap: jitter that is added before the cap is gone at the cap
#
# Packages: PyPI tenacity 9.2.1, backoff 2.2.1; npm p-retry 7.1.1, async-retry 1.3.3,
#   exponential-backoff 3.1.3, cockatiel 3.2.1
# A good guess: with jitter asked for, two clients never wait the same time
# Seen: tenacity wait_exponential_jitter, p-retry and async-retry add the jitter and then cut at the
#   greatest wait: from there on all clients wait exactly the same. tenacity wait_random_exponential
#   with min has no jitter at the beginning, when it is needed most
# For whoever streams job results: after an outage that lasts longer than the back-off grows, every
#   client comes back in the same instant, in step, for ever; backoff, exponential-backoff and
#   cockatiel spread them
# Output seen:
#   do waits 1 to 8 differ between two clients? base 1 s, factor 2, greatest 10 s
#   tenacity exponential_jitter        yes yes yes yes no  no  no  no   greatest 10
#   tenacity random_exponential min 5  no  no  no  yes yes yes yes yes  greatest 10
#   backoff full_jitter                yes yes yes yes yes yes yes yes  greatest 10
#   p-retry randomize                  yes yes yes yes no  no  no  no   greatest 10
#   async-retry                        yes yes yes yes no  no  no  no   greatest 10
#   exponential-backoff jitter full    yes yes yes yes yes yes yes yes  greatest 10
#   cockatiel                          yes yes yes yes yes yes yes yes  greatest 10

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tenacity==9.2.1 \
    backoff==2.2.1 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund p-retry@7.1.1 \
    async-retry@1.3.3 \
    exponential-backoff@3.1.3 \
    cockatiel@3.2.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >run.py <<'PY'
import random
import backoff, tenacity

class State:
    def __init__(self, n):
        self.attempt_number = n

def spread(name, wait, unit=1.0):
    draws = [[wait(n) / unit for n in range(1, 9)] for _ in range(200)]
    columns = list(zip(*draws))
    print(name.ljust(34), " ".join("yes" if max(c) - min(c) > 0.5 else "no " for c in columns), " greatest %.0f" % max(max(c) for c in columns))

random.seed(1)
print("do waits 1 to 8 differ between two clients? base 1 s, factor 2, greatest 10 s")
w = tenacity.wait_exponential_jitter(initial=1, max=10, jitter=1)
spread("tenacity exponential_jitter", lambda n: w(State(n)))
w2 = tenacity.wait_random_exponential(multiplier=1, min=5, max=10)
spread("tenacity random_exponential min 5", lambda n: w2(State(n)))
spread("backoff full_jitter", lambda n: backoff.full_jitter(min(10, 2 ** (n - 1))))
PY
cat >run.mjs <<'JS'
import pRetry from "p-retry";
import asyncRetry from "async-retry";
import { backOff } from "exponential-backoff";
import { ExponentialBackoff, handleAll, retry } from "cockatiel";

const timer = globalThis.setTimeout;
let waits = [];
globalThis.setTimeout = (f, ms, ...rest) => { waits.push(ms / 1000); return timer(f, 0, ...rest); };
let state = 1;
Math.random = () => ((state = (state * 48271) % 2147483647) / 2147483647);
const fail = async () => { throw new Error("no"); };
const libraries = {
  "p-retry randomize": () => pRetry(fail, { retries: 8, minTimeout: 1000, maxTimeout: 10000, randomize: true }),
  "async-retry": () => asyncRetry(fail, { retries: 8, minTimeout: 1000, maxTimeout: 10000 }),
  "exponential-backoff jitter full": () => backOff(fail, { numOfAttempts: 9, startingDelay: 1000, maxDelay: 10000, jitter: "full" }),
  "cockatiel": () => retry(handleAll, { maxAttempts: 8, backoff: new ExponentialBackoff({ initialDelay: 1000, maxDelay: 10000 }) }).execute(fail),
};
for (const [name, run] of Object.entries(libraries)) {
  const draws = [];
  for (let i = 0; i < 200; i++) {
    waits = [];
    await run().catch(() => {});
    draws.push(waits);
  }
  const column = (n) => draws.map((d) => d[n]);
  const cells = [...Array(8).keys()].map((n) => (Math.max(...column(n)) - Math.min(...column(n)) > 0.5 ? "yes" : "no "));
  console.log(name.padEnd(34), cells.join(" "), " greatest", Math.max(...draws.flat()).toFixed(0));
}
process.exit(0);
JS
actual=$(timeout 100 venv/bin/python run.py 2>/dev/null || true; timeout 100 node run.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
do waits 1 to 8 differ between two clients? base 1 s, factor 2, greatest 10 s
tenacity exponential_jitter        yes yes yes yes no  no  no  no   greatest 10
tenacity random_exponential min 5  no  no  no  yes yes yes yes yes  greatest 10
backoff full_jitter                yes yes yes yes yes yes yes yes  greatest 10
p-retry randomize                  yes yes yes yes no  no  no  no   greatest 10
async-retry                        yes yes yes yes no  no  no  no   greatest 10
exponential-backoff jitter full    yes yes yes yes yes yes yes yes  greatest 10
cockatiel                          yes yes yes yes yes yes yes yes  greatest 10
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
