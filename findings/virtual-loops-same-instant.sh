#!/usr/bin/env bash
# virtual-loops-same-instant: under the virtual-time loops for asyncio, timers of one instant fire in an order that nobody asked for
#
# Packages: PyPI async-solipsism 0.10, looptime 0.9; Twisted 26.10.0 (task.Clock), reactivex 6.1.0
#   (TestScheduler), simpy 4.1.2 for comparison
# A good guess: timers that were set for the same instant fire in the order in which they were set
# Seen: Twisted, reactivex and simpy do so; async-solipsism and looptime take over the heap of
#   asyncio, which compares nothing but the instant: 8 timers fire as 0 2 6 5 7 1 3 4, the same in
#   each run. asyncio itself has the same order, but in real time two instants are hardly ever
#   equal
# For whoever streams job results: in a test in virtual time all round numbers meet: a poll each
#   second, a timer of 2 s, a delivery after 1 s. The order is fixed, so one of them always wins,
#   and another timer somewhere in the test changes which; a test that passes proves one order
#   only
# Output seen:
#   timers of one instant: 3
#     async-solipsism call_at  0 2 1
#     looptime call_at         0 2 1
#     async-solipsism sleep    0 1 2
#     looptime sleep           0 1 2
#     Twisted Clock            0 1 2
#     reactivex TestScheduler  0 1 2
#     simpy                    0 1 2
#   timers of one instant: 4
#     async-solipsism call_at  0 2 1 3
#     looptime call_at         0 2 1 3
#     async-solipsism sleep    0 2 1 3
#     looptime sleep           0 2 1 3
#     Twisted Clock            0 1 2 3
#     reactivex TestScheduler  0 1 2 3
#     simpy                    0 1 2 3
#   timers of one instant: 8
#     async-solipsism call_at  0 2 6 5 7 1 3 4
#     looptime call_at         0 2 6 5 7 1 3 4
#     async-solipsism sleep    0 2 6 5 7 4 1 3
#     looptime sleep           0 2 6 5 7 4 1 3
#     Twisted Clock            0 1 2 3 4 5 6 7
#     reactivex TestScheduler  0 1 2 3 4 5 6 7
#     simpy                    0 1 2 3 4 5 6 7

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check async-solipsism==0.10 \
    looptime==0.9 \
    Twisted==26.10.0 \
    reactivex==6.1.0 \
    simpy==4.1.2 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >order.py <<'PY'
import asyncio
import async_solipsism, looptime, simpy
from reactivex.testing import TestScheduler
from twisted.internet.task import Clock

def call_at(loop, count):
    got = []
    async def main():
        at = loop.time() + 1
        for i in range(count):
            loop.call_at(at, got.append, i)
        await asyncio.sleep(2)
    loop.run_until_complete(main())
    return got

def sleepers(loop, count):
    got = []
    async def one(i):
        await asyncio.sleep(1)
        got.append(i)
    async def main():
        await asyncio.gather(*[one(i) for i in range(count)])
    loop.run_until_complete(main())
    return got

def twisted(count):
    got, clock = [], Clock()
    for i in range(count):
        clock.callLater(1, got.append, i)
    clock.advance(1)
    return got

def rx(count):
    got, scheduler = [], TestScheduler()
    for i in range(count):
        scheduler.schedule_relative(1, lambda *_, i=i: got.append(i))
    scheduler.start()
    return got

def sim(count):
    got, env = [], simpy.Environment()
    for i in range(count):
        env.timeout(1).callbacks.append(lambda _, i=i: got.append(i))
    env.run()
    return got

for count in (3, 4, 8):
    print("timers of one instant:", count)
    print("  async-solipsism call_at ", *call_at(async_solipsism.EventLoop(), count))
    print("  looptime call_at        ", *call_at(looptime.new_event_loop(), count))
    print("  async-solipsism sleep   ", *sleepers(async_solipsism.EventLoop(), count))
    print("  looptime sleep          ", *sleepers(looptime.new_event_loop(), count))
    print("  Twisted Clock           ", *twisted(count))
    print("  reactivex TestScheduler ", *rx(count))
    print("  simpy                   ", *sim(count))
PY
actual=$(timeout 100 venv/bin/python -W ignore order.py 2>/dev/null || true)
expected=$(cat <<'TXT'
timers of one instant: 3
  async-solipsism call_at  0 2 1
  looptime call_at         0 2 1
  async-solipsism sleep    0 1 2
  looptime sleep           0 1 2
  Twisted Clock            0 1 2
  reactivex TestScheduler  0 1 2
  simpy                    0 1 2
timers of one instant: 4
  async-solipsism call_at  0 2 1 3
  looptime call_at         0 2 1 3
  async-solipsism sleep    0 2 1 3
  looptime sleep           0 2 1 3
  Twisted Clock            0 1 2 3
  reactivex TestScheduler  0 1 2 3
  simpy                    0 1 2 3
timers of one instant: 8
  async-solipsism call_at  0 2 6 5 7 1 3 4
  looptime call_at         0 2 6 5 7 1 3 4
  async-solipsism sleep    0 2 6 5 7 4 1 3
  looptime sleep           0 2 6 5 7 4 1 3
  Twisted Clock            0 1 2 3 4 5 6 7
  reactivex TestScheduler  0 1 2 3 4 5 6 7
  simpy                    0 1 2 3 4 5 6 7
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
