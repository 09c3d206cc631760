#!/usr/bin/env bash
# timeout-of-what: an option named timeout ends a stream, a silence, or only the wait for its beginning
#
# Packages: npm axios 1.21.1, ky 1.14.3, got 14.6.6, superagent 10.4.2, needle 3.5.0, undici
#   7.30.2; PyPI aiohttp 3.14.5, urllib3 2.8.0, requests 2.34.2, httpx 0.28.1
# A good guess: in JavaScript a timeout of 1 s is for all of the request, and so is the one that
#   urllib3 and aiohttp call total; in requests and httpx it is for one silence
# Seen: only got, superagent and aiohttp end a stream that is longer than 1 s. axios ends one that
#   is silent for 1 s, as do undici, requests, httpx, and urllib3 although its option is named
#   total. ky stops counting at the headers; needle at the connection, it waits for headers
#   without limit
# For whoever streams job results: behind the same line of configuration one client drops every
#   job that takes longer, the next drops those with a rare keep-alive, and a third waits for ever
#   for a stream that has died; write down which one you mean, and model it as that
# Output seen:
#   aiohttp total    3 s with events: ended  3 s of silence: ended  headers after 3 s: ended
#   urllib3 total    3 s with events: whole  3 s of silence: ended  headers after 3 s: ended
#   requests         3 s with events: whole  3 s of silence: ended  headers after 3 s: ended
#   httpx            3 s with events: whole  3 s of silence: ended  headers after 3 s: ended
#   axios            3 s with events: whole  3 s of silence: ended  headers after 3 s: ended
#   ky               3 s with events: whole  3 s of silence: whole  headers after 3 s: ended
#   got request      3 s with events: ended  3 s of silence: ended  headers after 3 s: ended
#   superagent       3 s with events: ended  3 s of silence: ended  headers after 3 s: ended
#   needle           3 s with events: whole  3 s of silence: whole  headers after 3 s: whole
#   undici both      3 s with events: whole  3 s of silence: ended  headers after 3 s: ended

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check aiohttp==3.14.5 \
    urllib3==2.8.0 \
    requests==2.34.2 \
    httpx==0.28.1 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund axios@1.21.1 \
    ky@1.14.3 \
    got@14.6.6 \
    superagent@10.4.2 \
    needle@3.5.0 \
    undici@7.30.2 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >wait.py <<'PY'
import asyncio, logging, socketserver, threading, time
from concurrent.futures import ThreadPoolExecutor
import aiohttp, httpx, requests, urllib3

logging.disable(logging.CRITICAL)

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        path = self.rfile.readline().split()[1]
        while self.rfile.readline().strip():
            pass
        try:
            time.sleep(3 if path == b"/late" else 0)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: first\n\n")
            for _ in range(10 if path == b"/steady" else 1):
                time.sleep({b"/steady": 0.3, b"/silent": 3, b"/late": 0}[path])
                self.wfile.write(b"data: x\n\n")
            self.wfile.write(b"data: last\n\n")
        except OSError:
            pass

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = "http://127.0.0.1:%d" % server.server_address[1]

def with_requests(url):
    return b"".join(requests.get(url, timeout=1, stream=True).iter_content(1024))

def with_httpx(url):
    with httpx.stream("GET", url, timeout=1) as r:
        return r.read()

def with_urllib3(url):
    pool = urllib3.PoolManager(timeout=urllib3.Timeout(total=1), retries=False)
    return b"".join(pool.request("GET", url, preload_content=False).stream(1024))

def with_aiohttp(url):
    async def main():
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as c, c.get(url) as r:
            return await r.read()
    return asyncio.run(main())

def outcome(get, path):
    try:
        return "whole" if b"last" in get(base + path) else "cut"
    except Exception:
        return "ended"

for name, get in (("aiohttp total", with_aiohttp), ("urllib3 total", with_urllib3), ("requests", with_requests), ("httpx", with_httpx)):
    with ThreadPoolExecutor() as pool:
        cells = list(pool.map(outcome, [get] * 3, ["/steady", "/silent", "/late"]))
    print(name.ljust(16), "3 s with events:", cells[0], " 3 s of silence:", cells[1], " headers after 3 s:", cells[2])
PY
cat >wait.mjs <<'JS'
import http from "node:http";
import axios from "axios";
import got from "got";
import ky from "ky";
import needle from "needle";
import superagent from "superagent";
import { request } from "undici";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const server = http.createServer(async (asked, response) => {
  response.on("error", () => {});
  if (asked.url === "/late") await pause(3000);
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("data: first\n\n");
  for (let i = 0; i < (asked.url === "/steady" ? 10 : 1); i++) {
    await pause({ "/steady": 300, "/silent": 3000, "/late": 0 }[asked.url]);
    response.write("data: x\n\n");
  }
  response.end("data: last\n\n");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const base = `http://127.0.0.1:${server.address().port}`;
const text = async (stream) => {
  let all = "";
  for await (const part of stream) all += Buffer.from(part).toString();
  return all;
};
const collect = (response, done) => text(response).then((all) => done(null, all), done);
const libraries = {
  axios: async (url) => text((await axios.get(url, { timeout: 1000, responseType: "stream", proxy: false })).data),
  ky: async (url) => text((await ky(url, { timeout: 1000, retry: 0 })).body),
  "got request": (url) => text(got.stream(url, { timeout: { request: 1000 }, retry: { limit: 0 } })),
  superagent: async (url) => (await superagent.get(url).timeout(1000).buffer(true).parse(collect)).body,
  needle: (url) => text(needle.get(url, { timeout: 1000 })),
  "undici both": async (url) => text((await request(url, { headersTimeout: 1000, bodyTimeout: 1000 })).body),
};
for (const [name, get] of Object.entries(libraries)) {
  const outcome = (path) => get(base + path).then((all) => (all.includes("last") ? "whole" : "cut"), () => "ended");
  const cells = await Promise.all(["/steady", "/silent", "/late"].map(outcome));
  console.log(name.padEnd(16), "3 s with events:", cells[0], " 3 s of silence:", cells[1], " headers after 3 s:", cells[2]);
}
process.exit(0);
JS
actual=$(timeout 100 venv/bin/python -W ignore wait.py 2>/dev/null || true; timeout 100 node wait.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
aiohttp total    3 s with events: ended  3 s of silence: ended  headers after 3 s: ended
urllib3 total    3 s with events: whole  3 s of silence: ended  headers after 3 s: ended
requests         3 s with events: whole  3 s of silence: ended  headers after 3 s: ended
httpx            3 s with events: whole  3 s of silence: ended  headers after 3 s: ended
axios            3 s with events: whole  3 s of silence: ended  headers after 3 s: ended
ky               3 s with events: whole  3 s of silence: whole  headers after 3 s: ended
got request      3 s with events: ended  3 s of silence: ended  headers after 3 s: ended
superagent       3 s with events: ended  3 s of silence: ended  headers after 3 s: ended
needle           3 s with events: whole  3 s of silence: whole  headers after 3 s: whole
undici both      3 s with events: whole  3 s of silence: ended  headers after 3 s: ended
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
