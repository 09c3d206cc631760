#!/usr/bin/env bash
# ioredis-mock-streams: under ioredis-mock each event of a Redis stream is read once in all, and ids are compared as text
#
# Packages: npm ioredis-mock 8.13.1; PyPI fakeredis 2.41.0 for comparison
# A good guess: XREAD after an id gives every reader all events above it, as often as it asks, and
#   $ with BLOCK waits for one that is new, as in Redis and fakeredis
# Seen: ioredis-mock marks what was read: a second reader, or the same one after it has gone back,
#   gets nothing. What it gives begins with the id itself, and ids are compared as text: after 9-0
#   of 12 comes 9-0 alone, after 10-0 nearly everything. $ with BLOCK gives the first event that
#   nobody has read, without one being added
# For whoever streams job results: two browsers that watch one job, and a browser that resumes by
#   Last-Event-ID, cannot be tested over it: the second has an empty stream, the resumed one has
#   its last event twice or no end, and a client that joins late sees the past; fakeredis does
#   these right
# Output seen:
#   fakeredis    one reader after 0: 1-0 2-0 3-0  a second one: 1-0 2-0 3-0  the first again after 1-0: 2-0 3-0
#   fakeredis    of 12, after 2-0: 3-0 4-0 5-0 6-0 7-0 8-0 9-0 10-0 11-0 12-0
#   fakeredis    of 12, after 9-0: 10-0 11-0 12-0
#   fakeredis    of 12, after 10-0: 11-0 12-0
#   fakeredis    $ with BLOCK: 4-0  has waited for it: yes
#   ioredis-mock one reader after 0: 1-0 2-0 3-0  a second one: nothing  the first again after 1-0: nothing
#   ioredis-mock of 12, after 2-0: 2-0 3-0 4-0 5-0 6-0 7-0 8-0 9-0
#   ioredis-mock of 12, after 9-0: 9-0
#   ioredis-mock of 12, after 10-0: 2-0 3-0 4-0 5-0 6-0 7-0 8-0 9-0 10-0 11-0 12-0
#   ioredis-mock $ with BLOCK: 1-0  has waited for it: no

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fakeredis==2.41.0 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ioredis-mock@8.13.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >read.py <<'PY'
import threading, time
from fakeredis import FakeStrictRedis

r = FakeStrictRedis()
name = lambda answer: " ".join(i.decode() for _, events in answer or [] for i, _ in events) or "nothing"

def fill(stream, count):
    for n in range(1, count + 1):
        r.xadd(stream, {"event": "x"}, id="%d-0" % n)

fill("a", 3)
print("fakeredis    one reader after 0:", name(r.xread({"a": "0"})), " a second one:", name(r.xread({"a": "0"})), " the first again after 1-0:", name(r.xread({"a": "1-0"})))
for last in ("2-0", "9-0", "10-0"):
    fill("after " + last, 12)
    print("fakeredis    of 12, after", last + ":", name(r.xread({"after " + last: last})))
fill("b", 3)
threading.Timer(0.5, lambda: r.xadd("b", {"event": "x"}, id="4-0")).start()
started = time.monotonic()
answer = name(r.xread({"b": "$"}, block=3000))
print("fakeredis    $ with BLOCK:", answer, " has waited for it:", "yes" if time.monotonic() - started > 0.4 else "no")
PY
cat >read.mjs <<'JS'
import Redis from "ioredis-mock";

const r = new Redis(), other = new Redis();
const name = (answer) => (answer ?? []).flatMap(([, events]) => events.map(([id]) => id)).join(" ") || "nothing";
const fill = async (stream, count) => {
  for (let n = 1; n <= count; n++) await r.xadd(stream, "*", "event", "x");
};
await fill("a", 3);
console.log("ioredis-mock one reader after 0:", name(await r.xread("STREAMS", "a", "0")), " a second one:", name(await other.xread("STREAMS", "a", "0")), " the first again after 1-0:", name(await r.xread("STREAMS", "a", "1-0")));
for (const last of ["2-0", "9-0", "10-0"]) {
  await fill("after " + last, 12);
  console.log("ioredis-mock of 12, after", last + ":", name(await r.xread("STREAMS", "after " + last, last)));
}
await fill("b", 3);
setTimeout(() => other.xadd("b", "*", "event", "x"), 500);
const started = Date.now();
const answer = name(await r.xread("BLOCK", 3000, "STREAMS", "b", "$"));
console.log("ioredis-mock $ with BLOCK:", answer, " has waited for it:", Date.now() - started > 400 ? "yes" : "no");
process.exit(0);
JS
actual=$(timeout 100 venv/bin/python -W ignore read.py 2>/dev/null || true; timeout 100 node read.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
fakeredis    one reader after 0: 1-0 2-0 3-0  a second one: 1-0 2-0 3-0  the first again after 1-0: 2-0 3-0
fakeredis    of 12, after 2-0: 3-0 4-0 5-0 6-0 7-0 8-0 9-0 10-0 11-0 12-0
fakeredis    of 12, after 9-0: 10-0 11-0 12-0
fakeredis    of 12, after 10-0: 11-0 12-0
fakeredis    $ with BLOCK: 4-0  has waited for it: yes
ioredis-mock one reader after 0: 1-0 2-0 3-0  a second one: nothing  the first again after 1-0: nothing
ioredis-mock of 12, after 2-0: 2-0 3-0 4-0 5-0 6-0 7-0 8-0 9-0
ioredis-mock of 12, after 9-0: 9-0
ioredis-mock of 12, after 10-0: 2-0 3-0 4-0 5-0 6-0 7-0 8-0 9-0 10-0 11-0 12-0
ioredis-mock $ with BLOCK: 1-0  has waited for it: no
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
