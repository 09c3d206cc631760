#!/usr/bin/env bash
# in-process-http-clients: of two in-process test clients one gives a stream as it comes, the other at its end
#
# Packages: PyPI httpx 0.28.1 (ASGITransport), starlette 1.10.0 (TestClient)
# A good guess: both run the application in the test process, without a network, and hand out events
#   alike
# Seen: httpx.ASGITransport returns, headers included, when the application has ended, and all events
#   come as one piece; TestClient passes each on when it is sent
# For whoever streams job results: an asynchronous test over ASGITransport measures the same delay for
#   all events, cannot leave in the middle, and never ends on a stream that does not end; use
#   TestClient or a real socket
# Output seen:
#   ASGITransport 'data: 1\n\ndata: 2\n\ndata: 3\n\n' in hand when 3 of 3 had been sent
#   TestClient    'data: 1\n\n' in hand when 1 of 3 had been sent
#   TestClient    'data: 2\n\n' in hand when 2 of 3 had been sent
#   TestClient    'data: 3\n\n' in hand when 3 of 3 had been sent

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check httpx==0.28.1 \
    starlette==1.10.0 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >run.py <<'PY'
import asyncio
import httpx
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

sent = 0

async def stream(request):
    async def events():
        global sent
        for sent in (1, 2, 3):
            yield "data: %d\n\n" % sent
            await asyncio.sleep(0.7)
    return StreamingResponse(events(), media_type="text/event-stream")

app = Starlette(routes=[Route("/", stream)])

def got(name, part):
    print(name, repr(part), "in hand when", sent, "of 3 had been sent")

async def with_transport():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        async with client.stream("GET", "/") as response:
            async for part in response.aiter_text():
                got("ASGITransport", part)

asyncio.run(with_transport())
with TestClient(app) as client, client.stream("GET", "/") as response:
    for part in response.iter_text():
        got("TestClient   ", part)
PY
actual=$(timeout 100 venv/bin/python -W ignore run.py 2>/dev/null || true)
expected=$(cat <<'TXT'
ASGITransport 'data: 1\n\ndata: 2\n\ndata: 3\n\n' in hand when 3 of 3 had been sent
TestClient    'data: 1\n\n' in hand when 1 of 3 had been sent
TestClient    'data: 2\n\n' in hand when 2 of 3 had been sent
TestClient    'data: 3\n\n' in hand when 3 of 3 had been sent
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
