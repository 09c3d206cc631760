#!/usr/bin/env bash
# sse-event-without-id: an event without an id of its own has the last one, or none, by the client
#
# Packages: PyPI httpx-sse 0.4.3, sseclient-py 1.9.0, sseclient 0.0.27, requests-sse 0.5.3,
#   launchdarkly-eventsource 1.7.4, aiohttp-sse-client 0.2.1, aiosseclient 0.1.8; npm eventsource
#   4.1.1, extended-eventsource 2.1.0, undici 7.30.2, eventsource-client 1.2.0, @microsoft/fetch-
#   event-source 2.0.1, fetch-event-stream 0.1.6, parse-sse 0.1.0, event-source-plus 0.1.15
# A good guess: after an event with id 7 one without an id has lastEventId 7, as the standard has
#   it and browsers do
# Seen: eight of fifteen clients say that it has none, eventsource among them, whose property is
#   named lastEventId; fetch-event-stream makes a number of the id besides
# For whoever streams job results: who keeps the id of the last event, to resume by it after the
#   page or the process begins anew, stores nothing as soon as a progress event without an id comes,
#   and has all events again or starts at the end; keep an id only if there is one
# Output seen:
#   httpx-sse                  [('7', 'a'), ('7', 'b')]
#   sseclient-py               [('7', 'a'), (None, 'b')]
#   sseclient                  [('7', 'a'), (None, 'b')]
#   requests-sse               [('7', 'a'), ('7', 'b')]
#   launchdarkly-eventsource   [('7', 'a'), ('7', 'b')]
#   aiohttp-sse-client         [('7', 'a'), ('7', 'b')]
#   aiosseclient               [('7', 'a'), (None, 'b')]
#   eventsource                [["7","a"],["","b"]]
#   extended-eventsource       [["7","a"],["7","b"]]
#   undici EventSource         [["7","a"],["7","b"]]
#   eventsource-client         [["7","a"],[null,"b"]]
#   fetch-event-source         [["7","a"],["","b"]]
#   fetch-event-stream         [[7,"a"],[null,"b"]]
#   parse-sse                  [["7","a"],["7","b"]]
#   event-source-plus          [["7","a"],[null,"b"]]

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check httpx-sse==0.4.3 \
    httpx==0.28.1 \
    requests==2.34.2 \
    six==1.17.0 \
    requests-sse==0.5.3 \
    launchdarkly-eventsource==1.7.4 \
    aiohttp-sse-client==0.2.1 \
    aiohttp==3.14.5 \
    aiosseclient==0.1.8 >pip.log 2>&1 || { cat pip.log; exit 2; }
venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target a sseclient-py==1.9.0 >pip.log 2>&1
venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target b sseclient==0.0.27 >pip.log 2>&1
cat >read.py <<'PY'
PARTS = [b"id: 7\ndata: a\n\n", b"data: b\n\n"]
import asyncio, importlib.util, socketserver, sys, threading, time

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                         b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        for part in PARTS + [b"data: end\n\n"]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.flush()
            time.sleep(0.1)
        self.wfile.write(b"0\r\n\r\n")

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = "http://127.0.0.1:%d/" % server.server_address[1]

def load(path):
    spec = importlib.util.spec_from_file_location("sseclient_" + str(len(path)), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

def httpx_sse():
    import httpx
    from httpx_sse import connect_sse
    with httpx.Client() as c, connect_sse(c, "GET", url) as s:
        for e in s.iter_sse():
            yield e.id, e.data

def sseclient_py():
    import requests
    for e in load("a/sseclient/__init__.py").SSEClient(requests.get(url, stream=True)).events():
        yield e.id, e.data

def sseclient():
    for e in load("b/sseclient.py").SSEClient(url):
        yield e.id, e.data

def requests_sse():
    from requests_sse import EventSource
    with EventSource(url) as s:
        for e in s:
            yield e.last_event_id, e.data

def launchdarkly_eventsource():
    from ld_eventsource import SSEClient
    client = SSEClient(url)
    for e in client.events:
        yield e.last_event_id, e.data

async def aiohttp_sse_client():
    from aiohttp_sse_client.client import EventSource
    async with EventSource(url) as s:
        async for e in s:
            yield e.last_event_id, e.data

async def aiosseclient():
    from aiosseclient import aiosseclient
    async for e in aiosseclient(url):
        yield e.id, e.data

def until_end(reader):
    seen = []
    if hasattr(reader, "__aiter__"):
        async def run():
            async for e in reader:
                if e[1] == "end":
                    return
                seen.append(e)
        asyncio.run(run())
    else:
        for e in reader:
            if e[1] == "end":
                break
            seen.append(e)
    return seen

print("httpx-sse".ljust(26), until_end(httpx_sse()))
print("sseclient-py".ljust(26), until_end(sseclient_py()))
print("sseclient".ljust(26), until_end(sseclient()))
print("requests-sse".ljust(26), until_end(requests_sse()))
print("launchdarkly-eventsource".ljust(26), until_end(launchdarkly_eventsource()))
print("aiohttp-sse-client".ljust(26), until_end(aiohttp_sse_client()))
print("aiosseclient".ljust(26), until_end(aiosseclient()))
PY
npm init -y >/dev/null
npm install --silent --no-audit --no-fund eventsource@4.1.1 \
    extended-eventsource@2.1.0 \
    eventsource-client@1.2.0 \
    @microsoft/fetch-event-source@2.0.1 \
    fetch-event-stream@0.1.6 \
    parse-sse@0.1.0 \
    event-source-plus@0.1.15 undici@7.30.2 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >read.mjs <<'JS'
import http from "node:http";
import { EventSource } from "eventsource";
import * as extended from "extended-eventsource";
import { createEventSource } from "eventsource-client";
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { events } from "fetch-event-stream";
import { parseServerSentEvents } from "parse-sse";
import { EventSourcePlus } from "event-source-plus";
import { EventSource as Undici } from "undici";

const PARTS = ["id: 7\ndata: a\n\n", "data: b\n\n"];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const server = http.createServer(async (request, response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  for (const part of [...PARTS, "data: end\n\n"]) {
    response.write(part);
    await pause(100);
  }
  response.end();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${server.address().port}/`;
console.debug = console.error = console.warn = () => {};
const read = {};
read["eventsource"] = (got) => {
  const s = new EventSource(url);
  s.onmessage = (e) => got(e.lastEventId, e.data) || s.close();
};
read["extended-eventsource"] = (got) => {
  const s = new extended.EventSource(url);
  s.onmessage = (e) => got(e.lastEventId, e.data) || s.close();
};
read["undici EventSource"] = (got) => {
  const s = new Undici(url);
  s.onmessage = (e) => got(e.lastEventId, e.data) || s.close();
};
read["eventsource-client"] = (got) => {
  const s = createEventSource({ url, onMessage: (e) => got(e.id, e.data) || s.close() });
};
globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
read["fetch-event-source"] = (got) => {
  const stop = new AbortController();
  fetchEventSource(url, { signal: stop.signal, onmessage: (e) => got(e.id, e.data) || stop.abort() });
};
read["fetch-event-stream"] = async (got) => {
  for await (const e of events(await fetch(url))) if (!got(e.id, e.data)) break;
};
read["parse-sse"] = async (got) => {
  for await (const e of parseServerSentEvents(await fetch(url))) if (!got(e.lastEventId, e.data)) break;
};
read["event-source-plus"] = (got) => {
  const stop = new EventSourcePlus(url).listen({ onMessage: (e) => got(e.id, e.data) || stop.abort() });
};

for (const [name, reader] of Object.entries(read)) {
  const seen = [];
  await new Promise((done) => reader((id, data) => (data === "end" ? done() : seen.push([id, data]))));
  console.log(name.padEnd(26), JSON.stringify(seen));
}
process.exit(0);
JS
actual=$(timeout 60 venv/bin/python -W ignore read.py 2>/dev/null || true; timeout 60 node read.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
httpx-sse                  [('7', 'a'), ('7', 'b')]
sseclient-py               [('7', 'a'), (None, 'b')]
sseclient                  [('7', 'a'), (None, 'b')]
requests-sse               [('7', 'a'), ('7', 'b')]
launchdarkly-eventsource   [('7', 'a'), ('7', 'b')]
aiohttp-sse-client         [('7', 'a'), ('7', 'b')]
aiosseclient               [('7', 'a'), (None, 'b')]
eventsource                [["7","a"],["","b"]]
extended-eventsource       [["7","a"],["7","b"]]
undici EventSource         [["7","a"],["7","b"]]
eventsource-client         [["7","a"],[null,"b"]]
fetch-event-source         [["7","a"],["","b"]]
fetch-event-stream         [[7,"a"],[null,"b"]]
parse-sse                  [["7","a"],["7","b"]]
event-source-plus          [["7","a"],[null,"b"]]
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
