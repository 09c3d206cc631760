#!/usr/bin/env bash
# sse-pubsub-replay: sse-pubsub replays to a filtered subscriber what it has seen already
#
# Packages: npm sse-pubsub 1.4.5
# A good guess: after a reconnect with Last-Event-ID n come the events after n that the subscription
#   lets through
# Seen: it takes as many of the matching events as the channel has published since n: a subscriber of
#   "done" gets event 2 again after event 2, and again after event 3
# For whoever streams job results: a consumer that counts or appends sees an event twice after each
#   drop; drop what is not above the last id
# Output seen:
#   /all Last-Event-ID 3 replayed 4 5
#   /done Last-Event-ID 2 replayed 2 4
#   /done Last-Event-ID 3 replayed 2 4

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund sse-pubsub@1.4.5 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >run.mjs <<'JS'
import http from "node:http";
import Channel from "sse-pubsub";

const channel = new Channel({ pingInterval: 0 });
for (const name of ["progress", "done", "progress", "done", "progress"]) channel.publish("x", name);
const server = http.createServer((request, response) =>
  channel.subscribe(request, response, request.url === "/done" ? ["done"] : undefined));
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
for (const [path, last] of [["/all", "3"], ["/done", "2"], ["/done", "3"]]) {
  const options = { port: server.address().port, path, headers: { "Last-Event-ID": last } };
  const text = await new Promise((done) => {
    http.get(options, (response) => {
      let all = "";
      response.on("data", (part) => (all += part));
      setTimeout(() => done(all), 300);
    });
  });
  console.log(path, "Last-Event-ID", last, "replayed", [...text.matchAll(/^id: (.*)$/gm)].map((m) => m[1]).join(" "));
}
process.exit(0);
JS
actual=$(timeout 100 node run.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
/all Last-Event-ID 3 replayed 4 5
/done Last-Event-ID 2 replayed 2 4
/done Last-Event-ID 3 replayed 2 4
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
