#!/usr/bin/env bash
# sse-channel-text-ids: sse-channel compares ids as text if they were given as text, and then replays nothing
#
# Packages: npm sse-channel 4.0.2
# A good guess: the history is searched for the id, and what is newer is sent; or at worst the same
#   for "9" and 9
# Seen: ids are compared with <=: numbers work, text is compared letter by letter. The newest id "12"
#   is "less" than "8", the search stops there and nothing is replayed, although four events were
#   missed
# For whoever streams job results: ids from a database driver are often text (64-bit integers):
#   resuming works up to event 9 and then loses everything, without an error
# Output seen:
#   ids as Number, Last-Event-ID 8: replayed [9,10,11,12]
#   ids as Number, Last-Event-ID 9: replayed [10,11,12]
#   ids as String, Last-Event-ID 8: replayed []
#   ids as String, Last-Event-ID 9: replayed []

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund sse-channel@4.0.2 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >run.mjs <<'JS'
import http from "node:http";
import Channel from "sse-channel";

for (const kind of [Number, String]) {
  const channel = new Channel();
  const server = http.createServer((request, response) => channel.addClient(request, response));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  for (let i = 1; i <= 12; i++) channel.send({ id: kind(i), data: "event " + i });
  for (const last of ["8", "9"]) {
    const options = { port: server.address().port, headers: { "Last-Event-ID": last } };
    const text = await new Promise((done) => {
      http.get(options, (response) => {
        let all = "";
        response.on("data", (part) => (all += part));
        setTimeout(() => done(all), 300);
      });
    });
    const ids = [...text.matchAll(/^id: ?(.*)$/gm)].map((m) => m[1]);
    console.log(`ids as ${kind.name}, Last-Event-ID ${last}: replayed [${ids}]`);
  }
}
process.exit(0);
JS
actual=$(timeout 100 node run.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
ids as Number, Last-Event-ID 8: replayed [9,10,11,12]
ids as Number, Last-Event-ID 9: replayed [10,11,12]
ids as String, Last-Event-ID 8: replayed []
ids as String, Last-Event-ID 9: replayed []
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
