#!/usr/bin/env bash
# node-mock-timers: under the mock timers of node:test a second passes before the first of ten polls, which then finds that time is up
#
# Packages: npm node 24.21.0 (node:test), @sinonjs/fake-timers 15.5.0, jasmine-core 7.0.2
# A good guess: tick(1000) lets a poll loop of 100 ms poll ten times, and each poll sees its own
#   time
# Seen: with node:test the clock jumps to the end first: all that was set before fires then, each
#   callback sees 1000 ms, and what a callback sets is not due any more in this tick. A loop of
#   setTimeout polls once, an interval fires four times at one instant, and a limit of 450 ms fires
#   although the third poll, at 300 ms, would have lifted it. The two other clocks do what was
#   guessed
# For whoever streams job results: moving a test from one fake clock to the other turns a client
#   that gets its result into one that times out; tick in steps no longer than the shortest timer
# Output seen:
#   fake-timers   polls at 100 200 300, done
#   fake-timers   interval at 250 500 750 1000
#   jasmine-core  polls at 100 200 300, done
#   jasmine-core  interval at 250 500 750 1000
#   node:test     polls at 1000, timed out
#   node:test     interval at 1000 1000 1000 1000

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0 @sinonjs/fake-timers@15.5.0 jasmine-core@7.0.2 >npm.log 2>&1 ||
    { cat npm.log; exit 2; }
cat >clocks.mjs <<'JS'
import fake from "@sinonjs/fake-timers";
import jasmine from "jasmine-core";
import { mock } from "node:test";

const sinon = () => {
  const clock = fake.install({ now: 0 });
  return { tick: (ms) => clock.tick(ms), end: () => clock.uninstall() };
};
const jasmines = () => {
  const clock = jasmine.jasmine.clock();
  clock.install();
  clock.mockDate(new Date(0));
  return { tick: (ms) => clock.tick(ms), end: () => clock.uninstall() };
};
const node = () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 0 });
  return { tick: (ms) => mock.timers.tick(ms), end: () => mock.timers.reset() };
};

// A poll each 100 ms, and a limit of 450 ms that the third poll would lift.
const polls = (clock) => {
  const { tick, end } = clock();
  const seen = [];
  let outcome = "waits";
  const limit = setTimeout(() => (outcome = "timed out"), 450);
  const poll = () => {
    seen.push(Date.now());
    if (seen.length === 3) {
      clearTimeout(limit);
      outcome = "done";
    } else setTimeout(poll, 100);
  };
  setTimeout(poll, 100);
  tick(1000);
  end();
  return `polls at ${seen.join(" ")}, ${outcome}`;
};
// The same with an interval.
const intervals = (clock) => {
  const { tick, end } = clock();
  const seen = [];
  setInterval(() => seen.push(Date.now()), 250);
  tick(1000);
  end();
  return `interval at ${seen.join(" ")}`;
};
const clocks = { "fake-timers": sinon, "jasmine-core": jasmines, "node:test": node };
for (const [name, clock] of Object.entries(clocks)) {
  console.log(name.padEnd(13), polls(clock));
  console.log(name.padEnd(13), intervals(clock));
}
JS
actual=$(timeout 60 node_modules/.bin/node --no-warnings clocks.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
fake-timers   polls at 100 200 300, done
fake-timers   interval at 250 500 750 1000
jasmine-core  polls at 100 200 300, done
jasmine-core  interval at 250 500 750 1000
node:test     polls at 1000, timed out
node:test     interval at 1000 1000 1000 1000
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
