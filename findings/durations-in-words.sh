#!/usr/bin/env bash
# durations-in-words: a timeout of "1h30" is an hour, an hour and a half, or an error, and "1M" a minute or a month
#
# Packages: PyPI pytimeparse 1.1.10, pytimeparse2 1.7.1, durationpy 0.11, humanfriendly 10.0,
#   timelength 3.0.4; npm ms 2.1.3, parse-duration 2.1.9, timestring 7.0.0, itty-time 2.0.2
# A good guess: who reads durations for people reads "1h30" as 5 400 s or refuses it, and never
#   drops a part of the text silently
# Seen: timelength and timestring drop what has no unit: one hour; both take -5s for 5 s. "1:30"
#   is 90 s, or 1.03 ms (parse-duration). "1M" is 60 s, for timelength 30.5 days. "5 min" is 5 ms
#   for itty-time, and 0.5 is half a second, half a millisecond or nothing
# For whoever streams job results: a limit that moves from one service's settings to another's
#   becomes a third shorter, or never ends; write one number with one unit, and let a start-up check
#   print what was read
# Output seen:
#   seconds            1m30s     1h30     1:30       1M    5 min      0.5      -5s
#   pytimeparse           90        -       90       60      300        -       -5
#   pytimeparse2          90        -       90       60      300      0.5       -5
#   durationpy            90        -        -        -        -        -       -5
#   humanfriendly          -        -        -       60      300      0.5        -
#   timelength            90     3600       90  2635200      300      0.5        5
#   ms                     -        -        -       60      300   0.0005       -5
#   parse-duration        90     5400  0.00103       60      300   0.0005       -5
#   timestring            90     3600        -       60      300        0        5
#   itty-time              -        -        -        -    0.005   0.0005        -

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pytimeparse==1.1.10 pytimeparse2==1.7.1 durationpy==0.11 \
    humanfriendly==10.0 timelength==3.0.4 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ms@2.1.3 parse-duration@2.1.9 timestring@7.0.0 itty-time@2.0.2 >npm.log 2>&1 ||
    { cat npm.log; exit 2; }
cat >read.py <<'PY'
import durationpy, humanfriendly, pytimeparse, pytimeparse2, timelength

TEXTS = ["1m30s", "1h30", "1:30", "1M", "5 min", "0.5", "-5s"]

def length(text):
    read = timelength.TimeLength(text)
    return read.result.seconds if read.result.success else None

ways = {
    "pytimeparse": pytimeparse.parse,
    "pytimeparse2": pytimeparse2.parse,
    "durationpy": lambda text: durationpy.from_str(text).total_seconds(),
    "humanfriendly": humanfriendly.parse_timespan,
    "timelength": length,
}

def told(way, text):
    try:
        read = way(text)
    except Exception:
        read = None
    return "-" if read is None else f"{read:.10g}"

print("seconds".ljust(15), *(text.rjust(8) for text in TEXTS))
for name, way in ways.items():
    print(name.ljust(15), *(told(way, text).rjust(8) for text in TEXTS))
PY
cat >read.mjs <<'JS'
import ms from "ms";
import parse from "parse-duration";
import timestring from "timestring";
import { ms as itty } from "itty-time";

const texts = ["1m30s", "1h30", "1:30", "1M", "5 min", "0.5", "-5s"];
const ways = { ms, "parse-duration": parse, timestring: (text) => timestring(text, "ms"), "itty-time": itty };
const told = (way, text) => {
  let read;
  try {
    read = way(text);
  } catch {
    read = undefined;
  }
  return Number.isFinite(read) ? String(+(read / 1000).toPrecision(10)) : "-";
};
for (const [name, way] of Object.entries(ways)) {
  console.log(name.padEnd(15), ...texts.map((text) => told(way, text).padStart(8)));
}
JS
actual=$(timeout 60 venv/bin/python -W ignore read.py 2>/dev/null || true; timeout 60 node read.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
seconds            1m30s     1h30     1:30       1M    5 min      0.5      -5s
pytimeparse           90        -       90       60      300        -       -5
pytimeparse2          90        -       90       60      300      0.5       -5
durationpy            90        -        -        -        -        -       -5
humanfriendly          -        -        -       60      300      0.5        -
timelength            90     3600       90  2635200      300      0.5        5
ms                     -        -        -       60      300   0.0005       -5
parse-duration        90     5400  0.00103       60      300   0.0005       -5
timestring            90     3600        -       60      300        0        5
itty-time              -        -        -        -    0.005   0.0005        -
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
