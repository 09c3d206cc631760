#!/usr/bin/env bash
# sse-cr-line-ends: with CR as line end each event comes one event late, or never
#
# Packages: npm eventsource 4.1.1, eventsource-client 1.2.0, @microsoft/fetch-event-source 2.0.1,
#   parse-sse 0.1.0; PyPI httpx-sse 0.4.3, sseclient-py 1.9.0, aiohttp-sse-client 0.2.1, aiosseclient
#   0.1.8
# A good guess: a single CR is a line end by the specification, so an event is handed out when its
#   last CR is there
# Seen: eventsource, eventsource-client and httpx-sse wait whether an LF follows and so hand out each
#   event when the next one comes; aiohttp-sse-client and aiosseclient look for LF only and hand out
#   nothing. The other three are on time
# For whoever streams job results: the last event of a job, the one that tells its end, is the one
#   that is missing; the next bytes bring it, often a keep-alive comment, so the delay looks like the
#   interval of the keep-alive
# Output seen:
#   eventsource          sent 1 2, seen 1
#   eventsource-client   sent 1 2, seen 1
#   fetch-event-source   sent 1 2, seen 1 2
#   parse-sse            sent 1 2, seen 1 2
#   httpx-sse            sent 1 2, seen 1
#   sseclient-py         sent 1 2, seen 1 2
#   aiohttp-sse-client   sent 1 2, seen
#   aiosseclient         sent 1 2, seen

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund eventsource@4.1.1 \
    eventsource-client@1.2.0 \
    @microsoft/fetch-event-source@2.0.1 \
    parse-sse@0.1.0 >npm.log 2>&1 || { cat npm.log; exit 2; }
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check httpx-sse==0.4.3 \
    httpx==0.28.1 \
    sseclient-py==1.9.0 \
    requests==2.34.2 \
    aiohttp-sse-client==0.2.1 \
    aiosseclient==0.1.8 \
    aiohttp==3.14.5 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >serve.mjs <<'JS'
// sends "1" and "2" and then keeps the stream open without a word
import http from "node:http";
const server = http.createServer(async (request, response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("data: 1\r\r");
  await new Promise((done) => setTimeout(done, 200));
  response.write("data: 2\r\r");
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
JS
node serve.mjs >port & server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$dir"' EXIT
until [ -s port ]; do sleep 0.1; done
cat >read.mjs <<'JS'
import { EventSource } from "eventsource";
import { createEventSource } from "eventsource-client";
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { parseServerSentEvents } from "parse-sse";
const url = process.argv[2];
globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const read = {
  "eventsource": (got) => { new EventSource(url).onmessage = (e) => got(e.data); },
  "eventsource-client": (got) => { createEventSource({ url, onMessage: (e) => got(e.data) }); },
  "fetch-event-source": (got) => { fetchEventSource(url, { onmessage: (e) => got(e.data) }).catch(() => {}); },
  "parse-sse": async (got) => { for await (const e of parseServerSentEvents(await fetch(url))) got(e.data); },
};
for (const name in read) {
  const seen = [];
  read[name]((data) => data && seen.push(data));
  await new Promise((done) => setTimeout(done, 1500));
  console.log(name.padEnd(20), "sent 1 2, seen", seen.join(" "));
}
process.exit(0);
JS
cat >read.py <<'PY'
import asyncio, sys, threading, time
url = sys.argv[1]
def httpx_sse():
    import httpx
    from httpx_sse import connect_sse
    with httpx.Client() as c, connect_sse(c, "GET", url) as s:
        yield from s.iter_sse()
def sseclient_py():
    import requests, sseclient
    yield from sseclient.SSEClient(requests.get(url, stream=True)).events()
def over(reader):
    queue = []
    async def run():
        async for e in reader():
            queue.append(e.data)
    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    return queue
async def aiohttp_sse_client():
    from aiohttp_sse_client.client import EventSource
    async with EventSource(url) as s:
        async for e in s:
            yield e
async def aiosseclient():
    from aiosseclient import aiosseclient
    async for e in aiosseclient(url):
        yield e
def collect(reader):
    queue = []
    threading.Thread(target=lambda: [queue.append(e.data) for e in reader()], daemon=True).start()
    return queue
for name, queue in (("httpx-sse", collect(httpx_sse)), ("sseclient-py", collect(sseclient_py)),
                    ("aiohttp-sse-client", over(aiohttp_sse_client)), ("aiosseclient", over(aiosseclient))):
    time.sleep(2.5)
    print(name.ljust(20), "sent 1 2, seen", *queue)
sys.stdout.flush()
import os
os._exit(0)
PY
actual=$(timeout 60 node read.mjs "http://127.0.0.1:$(cat port)/" 2>/dev/null || true
  timeout 60 venv/bin/python -W ignore read.py "http://127.0.0.1:$(cat port)/" 2>/dev/null || true)
expected=$(cat <<'TXT'
eventsource          sent 1 2, seen 1
eventsource-client   sent 1 2, seen 1
fetch-event-source   sent 1 2, seen 1 2
parse-sse            sent 1 2, seen 1 2
httpx-sse            sent 1 2, seen 1
sseclient-py         sent 1 2, seen 1 2
aiohttp-sse-client   sent 1 2, seen
aiosseclient         sent 1 2, seen
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
