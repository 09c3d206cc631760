#!/usr/bin/env bash
# otel-span-limits: a span with more than 128 events loses the first ones; of attributes, it depends on the language
#
# Packages: PyPI opentelemetry-sdk 1.45.2; npm @opentelemetry/sdk-trace-base 2.12.1
# A good guess: a full span drops what comes later, in both SDKs alike
# Seen: of events both keep the last 128; of attributes the Python SDK keeps the last 128, the
#   JavaScript SDK the first 128
# For whoever streams job results: one span per stream with one event per message has no beginning:
#   "connected", "started" and the first messages are missing, which reads as if they had never been
#   sent; droppedEventsCount > 0 is the only sign
# Output seen:
#   python events kept: message 73 to message 200  dropped 72
#   python attributes kept: key 73 to key 200  dropped 72
#   js     events kept: message 73 to message 200  dropped 72
#   js     attributes kept: key 1 to key 128  dropped 72

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 \
    @opentelemetry/sdk-trace-base@2.12.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >run.py <<'PY'
import logging
logging.disable(logging.CRITICAL)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
span = provider.get_tracer("t").start_span("stream")
for i in range(1, 201):
    span.add_event("message %d" % i)
    span.set_attribute("key %d" % i, i)
span.end()
s = memory.get_finished_spans()[0]
keys = list(s.attributes)
print("python events kept:", s.events[0].name, "to", s.events[-1].name, " dropped", s.dropped_events)
print("python attributes kept:", keys[0], "to", keys[-1], " dropped", s.dropped_attributes)
PY
cat >run.mjs <<'JS'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
const memory = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
const span = provider.getTracer("t").startSpan("stream");
for (let i = 1; i <= 200; i++) span.addEvent("message " + i).setAttribute("key " + i, i);
span.end();
const s = memory.getFinishedSpans()[0];
const keys = Object.keys(s.attributes);
console.log("js     events kept:", s.events[0].name, "to", s.events.at(-1).name, " dropped", s.droppedEventsCount);
console.log("js     attributes kept:", keys[0], "to", keys.at(-1), " dropped", s.droppedAttributesCount);
JS
actual=$(timeout 100 venv/bin/python run.py 2>/dev/null || true; timeout 100 node run.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
python events kept: message 73 to message 200  dropped 72
python attributes kept: key 73 to key 200  dropped 72
js     events kept: message 73 to message 200  dropped 72
js     attributes kept: key 1 to key 128  dropped 72
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
