#!/usr/bin/env bash
# run-until-boundary: simulators do not agree whether what is due exactly at the stop happens
#
# Packages: PyPI simpy 4.1.2, salabim 26.0.9, ciw 3.2.7
# A good guess: running until 5 includes 5, or the simulators at least agree
# Seen: simpy and ciw stop before what is due at 5, salabim does it; the clock says 5 in either case
# For whoever streams job results: counts of delivered events differ between tools for the same model
#   as soon as times are round numbers (polling each second, timers of 2 s): compare with a stop that
#   is no multiple of anything
# Output seen:
#   simpy   until 5: [] clock 5
#   salabim until 5: ['due at 5'] clock 5
#   ciw     until 5: []
#   ciw     until 5.5: [5]

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check simpy==4.1.2 \
    salabim==26.0.9 \
    ciw==3.2.7 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >run.py <<'PY'
import ciw
import salabim
import simpy

env = simpy.Environment()
log = []

def process():
    yield env.timeout(5)
    log.append("due at 5")

env.process(process())
env.run(until=5)
print("simpy   until 5:", log, "clock", env.now)

salabim.yieldless(False)

class Process(salabim.Component):
    def process(self):
        yield self.hold(5)
        log.append("due at 5")

log = []
env2 = salabim.Environment(trace=False)
Process()
env2.run(till=5)
print("salabim until 5:", log, "clock", int(env2.now()))

network = ciw.create_network(arrival_distributions=[ciw.dists.Sequential([1, float("inf")])],
                             service_distributions=[ciw.dists.Deterministic(4)], number_of_servers=[1])
for until in (5, 5.5):
    q = ciw.Simulation(network)
    q.simulate_until_max_time(until)
    print("ciw     until %s:" % until, [r.service_end_date for r in q.get_all_records()])
PY
actual=$(timeout 100 venv/bin/python -W ignore run.py 2>/dev/null || true)
expected=$(cat <<'TXT'
simpy   until 5: [] clock 5
salabim until 5: ['due at 5'] clock 5
ciw     until 5: []
ciw     until 5.5: [5]
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
