#!/usr/bin/env bash
# otel-small-times: a small time given to the JavaScript SDK means something else a few seconds later
#
# Packages: npm @opentelemetry/sdk-trace-base 2.12.1; PyPI opentelemetry-sdk 1.45.2 for comparison
# A good guess: a number is milliseconds since 1970, as with Date, in every call
# Seen: a number that is not above the age of the process is taken as time since the start of the
#   process and moved to the present; the same number is 1970 while the process is younger. 0 is
#   always the present, and an end that is then before its start is set to the start. Date and
#   [seconds, nanoseconds] are left alone; the Python SDK keeps 0
# For whoever streams job results: spans of simulated or replayed runs that start at 0 are torn apart:
#   early events are dated today, later ones 1970, and which is which changes from run to run; pass
#   Date
# Output seen:
#   js 8000, 9000, 10000 in a young process      start 1970 + 8 s | event 1970 + 9 s | end 1970 + 10 s
#   js 8000, 9000, 10000 after 10.5 s            start today | event today | end today
#   js 0, 90000, 91000 then                      start today | event 1970 + 90 s | end today
#   js the same as Date                          start 1970 + 0 s | event 1970 + 90 s | end 1970 + 91 s
#   python the same in ns                        start 1970 + 0 s | event 1970 + 90 s | end 1970 + 91 s

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 \
    @opentelemetry/sdk-trace-base@2.12.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >run.mjs <<'JS'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
const memory = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }).getTracer("t");
const show = ([s]) => (s > 1e9 ? "today" : `1970 + ${s} s`);
const run = (name, start, event, end) => {
  const span = tracer.startSpan("run", { startTime: start });
  span.addEvent("first", event);
  span.end(end);
  const s = memory.getFinishedSpans().at(-1);
  console.log(name.padEnd(44), "start", show(s.startTime), "| event", show(s.events[0].time), "| end", show(s.endTime));
};
const pass = (age) => new Promise((done) => setTimeout(done, age - performance.now()));
run("js 8000, 9000, 10000 in a young process", 8000, 9000, 10000);
await pass(10500);
run("js 8000, 9000, 10000 after 10.5 s", 8000, 9000, 10000);
run("js 0, 90000, 91000 then", 0, 90000, 91000);
run("js the same as Date", new Date(0), new Date(90000), new Date(91000));
JS
cat >run.py <<'PY'
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
span = provider.get_tracer("t").start_span("run", start_time=0)
span.add_event("first", timestamp=90 * 10**9)
span.end(end_time=91 * 10**9)
s = memory.get_finished_spans()[0]
print("python the same in ns".ljust(44), "start 1970 + %d s | event 1970 + %d s | end 1970 + %d s"
      % tuple(t // 10**9 for t in (s.start_time, s.events[0].timestamp, s.end_time)))
PY
actual=$(timeout 100 node run.mjs 2>/dev/null || true; timeout 100 venv/bin/python run.py 2>/dev/null || true)
expected=$(cat <<'TXT'
js 8000, 9000, 10000 in a young process      start 1970 + 8 s | event 1970 + 9 s | end 1970 + 10 s
js 8000, 9000, 10000 after 10.5 s            start today | event today | end today
js 0, 90000, 91000 then                      start today | event 1970 + 90 s | end today
js the same as Date                          start 1970 + 0 s | event 1970 + 90 s | end 1970 + 91 s
python the same in ns                        start 1970 + 0 s | event 1970 + 90 s | end 1970 + 91 s
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
