#!/usr/bin/env bash
# otlp-json-ids: protobuf's own JSON reader accepts OTLP JSON and turns the ids into others
#
# Packages: PyPI opentelemetry-exporter-otlp-json-file 0.66b1, opentelemetry-sdk 1.45.2,
#   opentelemetry-proto 1.45.1, protobuf 7.36.2
# A good guess: json_format.Parse reads what the exporter of the same project wrote, or raises
# Seen: OTLP writes ids in hex, protobuf reads bytes as base64, and 32 hex digits are good base64: no
#   error, but ids of 24 and 12 bytes instead of 16 and 8
# For whoever streams job results: the tree inside one file still holds together, so it looks right;
#   links and searches by an id from a log or a header find nothing
# Output seen:
#   written trace id  5b8efff798038103d269b633813fc60c
#   read    trace id  e5bf1e7df7fbf7cd37f35d37776ebd6fadf7f35ddf73ad1c bytes 24
#   read    span id   79e7b5f5bede7377356f5ef8 bytes 12

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-exporter-otlp-json-file==0.66b1 \
    opentelemetry-sdk==1.45.2 \
    opentelemetry-proto==1.45.1 \
    protobuf==7.36.2 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >run.py <<'PY'
import io
from google.protobuf import json_format
from opentelemetry.exporter.otlp.json.file import FileSpanExporter
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator

class Fixed(IdGenerator):
    def generate_span_id(self):
        return 0xEEE19B7EC3C1B174
    def generate_trace_id(self):
        return 0x5B8EFFF798038103D269B633813FC60C

out = io.StringIO()
provider = TracerProvider(id_generator=Fixed())
provider.add_span_processor(SimpleSpanProcessor(FileSpanExporter(stream=out)))
provider.get_tracer("t").start_span("job").end()
provider.force_flush()
line = out.getvalue().splitlines()[0]
print("written trace id ", line.split('"traceId":"')[1].split('"')[0])
data = json_format.Parse(line, TracesData())
span = data.resource_spans[0].scope_spans[0].spans[0]
print("read    trace id ", span.trace_id.hex(), "bytes", len(span.trace_id))
print("read    span id  ", span.span_id.hex(), "bytes", len(span.span_id))
PY
actual=$(timeout 100 venv/bin/python -W ignore run.py 2>/dev/null || true)
expected=$(cat <<'TXT'
written trace id  5b8efff798038103d269b633813fc60c
read    trace id  e5bf1e7df7fbf7cd37f35d37776ebd6fadf7f35ddf73ad1c bytes 24
read    span id   79e7b5f5bede7377356f5ef8 bytes 12
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
