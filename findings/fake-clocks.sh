#!/usr/bin/env bash
# fake-clocks: what the two fake clocks of Python do to a timer is the opposite
#
# Packages: PyPI freezegun 1.5.5, time-machine 3.6.0
# A good guess: a library that moves the clock moves the timers, or none does
# Seen: freezegun moves time.time, time.monotonic and the clock of asyncio, so a step of 20 s fires a
#   timer of 10 s; with real_asyncio the loop stays where it is; time-machine moves time.time only and
#   no timer fires
# For whoever streams job results: a test of a client timer passes or fails by the library, not by the
#   code: under time-machine job ages grow but timeouts never come, under freezegun both do
# Output seen:
#   freezegun               time 20  monotonic 20  loop 20  fired ['client timer']
#   freezegun real_asyncio  time 20  monotonic 20  loop 0  fired []
#   time-machine            time 20  monotonic 0  loop 0  fired []

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check freezegun==1.5.5 \
    time-machine==3.6.0 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >run.py <<'PY'
import asyncio, time
import freezegun, time_machine

async def passes(step):
    fired = []
    loop = asyncio.get_running_loop()
    loop.call_later(10, fired.append, "client timer")
    before = time.time(), time.monotonic(), loop.time()
    step(20)
    after = time.time(), time.monotonic(), loop.time()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    moved = [round(b - a) for a, b in zip(before, after)]
    return "time %d  monotonic %d  loop %d  fired %s" % (*moved, fired)

with freezegun.freeze_time("2026-01-01") as clock:
    print("freezegun              ", asyncio.run(passes(clock.tick)))
with freezegun.freeze_time("2026-01-01", real_asyncio=True) as clock:
    print("freezegun real_asyncio ", asyncio.run(passes(clock.tick)))
with time_machine.travel(0, tick=False) as clock:
    print("time-machine           ", asyncio.run(passes(clock.shift)))
PY
actual=$(timeout 100 venv/bin/python -W ignore run.py 2>/dev/null || true)
expected=$(cat <<'TXT'
freezegun               time 20  monotonic 20  loop 20  fired ['client timer']
freezegun real_asyncio  time 20  monotonic 20  loop 0  fired []
time-machine            time 20  monotonic 0  loop 0  fired []
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
