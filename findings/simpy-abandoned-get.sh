#!/usr/bin/env bash
# simpy-abandoned-get: a simpy receiver that gave up still takes the next message, and it is lost
#
# Packages: PyPI simpy 4.1.2; salabim 26.0.9 for comparison
# A good guess: after "store.get() | timeout" has ended by the timeout, the get is over; a message
#   that comes later waits in the store
# Seen: the get stays in the queue of the store, the message goes to it and to nobody; the second,
#   patient get times out. salabim takes the request back
# For whoever streams job results: a model of a polling client in simpy loses messages that the real
#   system keeps; call get.cancel() in the timeout branch
# Output seen:
#   simpy   waits 1 s, has at 1 timeout
#   simpy   waits 3 s, has at 9 timeout
#   simpy   left in the store []
#   salabim waits 1 s, has at 1 timeout
#   salabim waits 3 s, has at 6 ['done']
#   salabim left in the store []

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check simpy==4.1.2 \
    salabim==26.0.9 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >run.py <<'PY'
import salabim
import simpy

env = simpy.Environment()
channel = simpy.Store(env)

def client():
    for wait in (1, 3):
        get = channel.get()
        answer = yield get | env.timeout(wait)
        print("simpy   waits", wait, "s, has at", env.now, list(answer.values()) if get in answer else "timeout")
        yield env.timeout(5)

def worker():
    yield env.timeout(2)
    yield channel.put("done")

env.process(client())
env.process(worker())
env.run()
print("simpy   left in the store", channel.items)

salabim.yieldless(False)

class Client(salabim.Component):
    def process(self):
        for wait in (1, 3):
            item = yield self.from_store(store, fail_delay=wait)
            print("salabim waits", wait, "s, has at", int(self.env.now()), "timeout" if self.failed() else [item.name()])
            yield self.hold(5)

class Worker(salabim.Component):
    def process(self):
        yield self.hold(2)
        yield self.to_store(store, salabim.Component("done"))

env2 = salabim.Environment(trace=False)
store = salabim.Store("channel")
Client()
Worker()
env2.run(till=20)
print("salabim left in the store", [c.name() for c in store])
PY
actual=$(timeout 100 venv/bin/python -W ignore run.py 2>/dev/null || true)
expected=$(cat <<'TXT'
simpy   waits 1 s, has at 1 timeout
simpy   waits 3 s, has at 9 timeout
simpy   left in the store []
salabim waits 1 s, has at 1 timeout
salabim waits 3 s, has at 6 ['done']
salabim left in the store []
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
