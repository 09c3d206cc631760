#!/usr/bin/env bash
# express-sse-ids: express-sse numbers the events of each connection from 0
#
# Packages: npm express-sse 1.0.0, express 5.3.0, eventsource 4.1.1
# A good guess: the ids belong to the events: all clients see one event under one id, and numbering
#   goes on after a reconnect
# Seen: each connection counts for itself: the third event is 2 for one client and 0 for another, and
#   after a reconnect the numbers start again
# For whoever streams job results: the Last-Event-ID that comes back names a place in a connection
#   that is gone; a server that replays by it repeats or skips events. Give every event an id of your
#   own, and not the number 0 (it counts as none)
# Output seen:
#   early id 0 data "queued"
#   early id 1 data "running"
#   early id 2 data "done"
#   late  id 0 data "done"

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund express@5.3.0 \
    express-sse@1.0.0 \
    eventsource@4.1.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >run.mjs <<'JS'
import express from "express";
import SSE from "express-sse";
import { EventSource } from "eventsource";

const app = express();
const sse = new SSE();
app.get("/", sse.init);
const server = app.listen(0, "127.0.0.1");
await new Promise((ready) => server.once("listening", ready));
const url = `http://127.0.0.1:${server.address().port}/`;

const open = async (name) => {
  const source = new EventSource(url);
  source.onmessage = (e) => console.log(name, "id", e.lastEventId, "data", e.data);
  await new Promise((ready) => (source.onopen = ready));
  await new Promise((done) => setTimeout(done, 100));
  return source;
};
const send = async (text) => {
  sse.send(text);
  await new Promise((done) => setTimeout(done, 100));
};
await open("early");
await send("queued");
await send("running");
await open("late ");
await send("done");
process.exit(0);
JS
actual=$(timeout 100 node run.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
early id 0 data "queued"
early id 1 data "running"
early id 2 data "done"
late  id 0 data "done"
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
