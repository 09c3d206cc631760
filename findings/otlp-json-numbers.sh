#!/usr/bin/env bash
# otlp-json-numbers: one attribute has two types in the JavaScript SDK, and NaN is gone
#
# Packages: npm @opentelemetry/otlp-transformer 0.223.1, @opentelemetry/sdk-trace-base 2.12.1; PyPI
#   opentelemetry-exporter-otlp-json-file 0.66b1, opentelemetry-sdk 1.45.2
# A good guess: a delay is a doubleValue whatever its value, and NaN is the text "NaN" as protobuf
#   JSON has it
# Seen: JavaScript writes 2.0 as intValue and 1.5 as doubleValue, and NaN as null; Python writes
#   doubleValue for all and "NaN"
# For whoever streams job results: a mapping that reads doubleValue misses exactly the round delays:
#   read both, and take null as not given
# Output seen:
#   python {'doubleValue': 1.5}
#   python {'doubleValue': 2.0}
#   python {'doubleValue': 'NaN'}
#   js     {"doubleValue":1.5}
#   js     {"intValue":2}
#   js     {"doubleValue":null}

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2 \
    opentelemetry-exporter-otlp-json-file==0.66b1 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 \
    @opentelemetry/sdk-trace-base@2.12.1 \
    @opentelemetry/otlp-transformer@0.223.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >run.py <<'PY'
import io, json
from opentelemetry.exporter.otlp.json.file import FileSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
out = io.StringIO()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(FileSpanExporter(stream=out)))
tracer = provider.get_tracer("t")
for delay in (1.5, 2.0, float("nan")):
    tracer.start_span("wait", attributes={"delay": delay}).end()
provider.force_flush()
for line in out.getvalue().splitlines():
    print("python", json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"][0]["value"])
PY
cat >run.mjs <<'JS'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
const memory = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }).getTracer("t");
for (const delay of [1.5, 2.0, NaN]) tracer.startSpan("wait", { attributes: { delay } }).end();
const text = new TextDecoder().decode(JsonTraceSerializer.serializeRequest(memory.getFinishedSpans()));
for (const span of JSON.parse(text).resourceSpans[0].scopeSpans[0].spans) console.log("js    ", JSON.stringify(span.attributes[0].value));
JS
actual=$(timeout 100 venv/bin/python run.py 2>/dev/null || true; timeout 100 node run.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
python {'doubleValue': 1.5}
python {'doubleValue': 2.0}
python {'doubleValue': 'NaN'}
js     {"doubleValue":1.5}
js     {"intValue":2}
js     {"doubleValue":null}
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
