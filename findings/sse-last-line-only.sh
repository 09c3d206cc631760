#!/usr/bin/env bash
# sse-last-line-only: event-source-plus keeps only the last data line of an event
#
# Packages: npm event-source-plus 0.1.15; eventsource 4.1.1 for comparison
# A good guess: the lines of an event are joined with line breaks, by any client
# Seen: each data line replaces the one before
# For whoever streams job results: pretty-printed JSON arrives as "}", a log excerpt as its last line;
#   single-line JSON hides it
# Output seen:
#   eventsource                ["{\n  \"job\": 7,\n  \"state\": \"done\"\n}"]
#   event-source-plus          ["}"]

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund eventsource@4.1.1 \
    event-source-plus@0.1.15 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >read.mjs <<'JS'
import http from "node:http";
import { EventSource } from "eventsource";
import { EventSourcePlus } from "event-source-plus";

const PARTS = ["data: {\ndata:   \"job\": 7,\ndata:   \"state\": \"done\"\ndata: }\n\n"];
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
  for (const t of ["message", "done"]) s.addEventListener(t, (e) => got(e.type, e.data) || s.close());
};
read["event-source-plus"] = (got) => {
  const stop = new EventSourcePlus(url).listen({ onMessage: (e) => got(e.event ?? "message", e.data) || stop.abort() });
};

for (const [name, reader] of Object.entries(read)) {
  const seen = [];
  await new Promise((done) => reader((type, data) => (data === "end" ? done() : seen.push([type, data]))));
  console.log(name.padEnd(26), JSON.stringify(seen.map((e) => e[1])));
}
process.exit(0);
JS
actual=$(timeout 60 node read.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
eventsource                ["{\n  \"job\": 7,\n  \"state\": \"done\"\n}"]
event-source-plus          ["}"]
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
