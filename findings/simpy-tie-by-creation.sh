#!/usr/bin/env bash
# simpy-tie-by-creation: what a simpy "message or timer" holds at a tie depends on which was made first
#
# Packages: PyPI simpy 4.1.2
# A good guess: if both happen in the same instant then the result has both, or always the same one
# Seen: with the timer made first the result has the timer only; with the message under way first it
#   has both. In the first case a message that came in time is not seen
# For whoever streams job results: whether a client times out at the very instant of the answer is
#   decided by the order of two lines in the model; punctual explores both orders
# Output seen:
#   timer made first -> message in result: False  timer in result: True
#   timer made last  -> message in result: True  timer in result: True

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check simpy==4.1.2 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >run.py <<'PY'
import simpy

def run(timer_first):
    env = simpy.Environment()
    def message(event):
        yield env.timeout(2)
        event.succeed()
    def client():
        event = env.event()
        if timer_first:
            timer = env.timeout(2)
            env.process(message(event))
        else:
            env.process(message(event))
            yield env.timeout(0)
            timer = env.timeout(2)
        result = yield event | timer
        print("timer made first" if timer_first else "timer made last ", "-> message in result:", event in result, " timer in result:", timer in result)
    env.process(client())
    env.run()

run(True)
run(False)
PY
actual=$(timeout 100 venv/bin/python -W ignore run.py 2>/dev/null || true)
expected=$(cat <<'TXT'
timer made first -> message in result: False  timer in result: True
timer made last  -> message in result: True  timer in result: True
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
