#!/usr/bin/env bash
# sse-id-without-data: an id that comes without data moves the cursor of some clients only, and an empty id takes it back for some only
#
# Packages: npm eventsource 4.1.1, extended-eventsource 2.1.0, eventsource-client 1.2.0,
#   @microsoft/fetch-event-source 2.0.1, event-source-plus 0.1.15; PyPI requests-sse 0.5.3,
#   launchdarkly-eventsource 1.7.4, aiohttp-sse-client 0.2.1
# A good guess: every client that resumes takes over each id line, as the standard has it: id 7
#   without data means after 7, an empty id means no id
# Seen: eventsource, eventsource-client, event-source-plus and launchdarkly-eventsource forget an
#   id that has no data; @microsoft/fetch-event-source and event-source-plus keep the old id when
#   an empty one comes. Only extended-eventsource, requests-sse and aiohttp-sse-client do both
# For whoever streams job results: a server that passes over events of other jobs and sends a bare
#   id now and then, so that a client need not search them again, is asked for all of them again;
#   and a server that says with an empty id that its history is gone is asked for an id that it
#   does not know
# Output seen:
#   requests-sse               after id 7 without data: 7  after an empty id: none
#   launchdarkly-eventsource   after id 7 without data: 1  after an empty id: none
#   aiohttp-sse-client         after id 7 without data: 7  after an empty id: none
#   eventsource                after id 7 without data: 1  after an empty id: none
#   extended-eventsource       after id 7 without data: 7  after an empty id: none
#   eventsource-client         after id 7 without data: 1  after an empty id: none
#   fetch-event-source         after id 7 without data: 7  after an empty id: 1
#   event-source-plus          after id 7 without data: 1  after an empty id: 1

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check requests-sse==0.5.3 \
    launchdarkly-eventsource==1.7.4 \
    aiohttp-sse-client==0.2.1 \
    aiohttp==3.14.5 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund eventsource@4.1.1 \
    extended-eventsource@2.1.0 \
    eventsource-client@1.2.0 \
    @microsoft/fetch-event-source@2.0.1 \
    event-source-plus@0.1.15 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >read.py <<'PY'
import asyncio, logging, socketserver, threading, time
from datetime import timedelta

logging.disable(logging.CRITICAL)
asked = []

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        last = None
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"last-event-id":
                last = value.strip().decode()
        asked.append(last)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        if len(asked) == 1:
            parts = [b"retry: 100\n\n", b"id: 1\ndata: a\n\n", second]
        else:
            parts = [b"data: end\n\n"]
        for part in parts:
            self.wfile.write(part)
            time.sleep(0.1)

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = "http://127.0.0.1:%d/" % server.server_address[1]

def requests_sse():
    from requests_sse import EventSource
    with EventSource(url) as s:
        for e in s:
            yield e.data

def launchdarkly_eventsource():
    from ld_eventsource import SSEClient
    from ld_eventsource.config import ErrorStrategy
    for e in SSEClient(url, error_strategy=ErrorStrategy.always_continue(), initial_retry_delay=0.1).events:
        yield e.data

async def aiohttp_sse_client():
    from aiohttp_sse_client.client import EventSource
    async with EventSource(url, reconnection_time=timedelta(milliseconds=100)) as s:
        async for e in s:
            yield e.data

def second_request(reader):
    asked.clear()
    if hasattr(reader, "__aiter__"):
        async def run():
            async for data in reader:
                if data == "end":
                    return
        asyncio.run(run())
    else:
        for data in reader:
            if data == "end":
                break
    return asked[1] or "none"

for name, reader in (("requests-sse", requests_sse), ("launchdarkly-eventsource", launchdarkly_eventsource), ("aiohttp-sse-client", aiohttp_sse_client)):
    after = []
    for second in (b"id: 7\n\n", b"id\ndata: b\n\n"):
        after.append(second_request(reader()))
    print(name.ljust(26), "after id 7 without data:", after[0], " after an empty id:", after[1])
PY
cat >read.mjs <<'JS'
import http from "node:http";
import { EventSource } from "eventsource";
import * as extended from "extended-eventsource";
import { createEventSource } from "eventsource-client";
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { EventSourcePlus } from "event-source-plus";

console.debug = console.error = console.warn = () => {};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let asked = [], second;
const server = http.createServer(async (request, response) => {
  const last = request.headers["last-event-id"];
  asked.push(last);
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const parts = asked.length === 1 ? ["retry: 100\n\n", "id: 1\ndata: a\n\n", second] : ["data: end\n\n"];
  for (const part of parts) {
    response.write(part);
    await pause(100);
  }
  response.end();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${server.address().port}/`;
globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const read = {
  "eventsource": (got) => {
    const s = new EventSource(url);
    s.onmessage = (e) => got(e.data) || s.close();
  },
  "extended-eventsource": (got) => {
    const s = new extended.EventSource(url);
    s.addEventListener("message", (e) => got(e.data) || s.close());
  },
  "eventsource-client": (got) => {
    const s = createEventSource({ url, onMessage: (e) => got(e.data) || s.close() });
  },
  "fetch-event-source": (got) => {
    const stop = new AbortController();
    const again = () => { throw new Error("connect again"); };
    const onmessage = (e) => e.data === "" || got(e.data) || stop.abort();
    fetchEventSource(url, { signal: stop.signal, onclose: again, onerror: () => 100, onmessage }).catch(() => {});
  },
  "event-source-plus": (got) => {
    const stop = new EventSourcePlus(url, { retryInterval: 100 }).listen({ onMessage: (e) => got(e.data) || stop.abort() });
  },
};
for (const [name, reader] of Object.entries(read)) {
  const after = [];
  for (second of ["id: 7\n\n", "id\ndata: b\n\n"]) {
    asked = [];
    await new Promise((done) => {
      setTimeout(done, 5000);
      reader((data) => {
        if (data === "end") done();
        return data !== "end";
      });
    });
    after.push(asked[1] ?? "none");
  }
  console.log(name.padEnd(26), "after id 7 without data:", after[0], " after an empty id:", after[1]);
}
process.exit(0);
JS
actual=$(timeout 100 venv/bin/python -W ignore read.py 2>/dev/null || true; timeout 100 node read.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
requests-sse               after id 7 without data: 7  after an empty id: none
launchdarkly-eventsource   after id 7 without data: 1  after an empty id: none
aiohttp-sse-client         after id 7 without data: 7  after an empty id: none
eventsource                after id 7 without data: 1  after an empty id: none
extended-eventsource       after id 7 without data: 7  after an empty id: none
eventsource-client         after id 7 without data: 1  after an empty id: none
fetch-event-source         after id 7 without data: 7  after an empty id: 1
event-source-plus          after id 7 without data: 1  after an empty id: 1
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
