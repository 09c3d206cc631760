#!/usr/bin/env bash
# mcp-event-store: the event store that comes with the MCP SDK replays events of one millisecond in a drawn order, and of the standing stream none
#
# Packages: npm @modelcontextprotocol/sdk 1.32.2 (its examples/shared/inMemoryEventStore.js, meant
#   for examples and tests)
# A good guess: after the id of event 5 of 10 it replays 6 to 10, in this order, for every stream
# Seen: an id is the stream, the millisecond and random letters, and a replay sorts by it: events
#   of one millisecond come in the order of the letters, and those that happen to sort before
#   event 5 never come, while some from before it come again. The name of the stream is read back
#   up to the first underscore: for _GET_stream, the name that the SDK gives to its standing
#   stream, nothing is replayed at all
# For whoever streams job results: a test of resuming over this store loses and repeats events
#   where the server is right, and only if it is fast enough; whoever copies the store takes that
#   along. Number the events in the store
# Output seen:
#   stream a, 1 ms apart: after event 5 come [6,7,8,9,10]
#   stream a, 1 ms apart: after event 5 come [6,7,8,9,10]
#   stream a, 1 ms apart: after event 5 come [6,7,8,9,10]
#   stream a, same ms: after event 5 come [3,1,6,10,4]
#   stream a, same ms: after event 5 come [9,10]
#   stream a, same ms: after event 5 come [1,3]
#   stream _GET_stream, 1 ms apart: after event 5 come []
#   stream _GET_stream, 1 ms apart: after event 5 come []
#   stream _GET_stream, 1 ms apart: after event 5 come []

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >replay.mjs <<'JS'
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";

let state = 1;
Math.random = () => ((state = (state * 48271) % 2147483647) / 2147483647);
for (let i = 0; i < 10; i++) Math.random();
for (const [stream, step] of [["a", 1], ["a", 0], ["_GET_stream", 1]]) {
  let now = 1700000000000;
  Date.now = () => (now += step);
  for (let run = 1; run <= 3; run++) {
    const store = new InMemoryEventStore();
    const ids = [];
    for (let n = 1; n <= 10; n++) ids.push(await store.storeEvent(stream, { jsonrpc: "2.0", method: "progress", params: { n } }));
    const got = [];
    await store.replayEventsAfter(ids[4], { send: async (_, message) => got.push(message.params.n) });
    console.log(`stream ${stream}, ${step ? "1 ms apart" : "same ms"}: after event 5 come [${got}]`);
  }
}
JS
actual=$(timeout 100 node replay.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
stream a, 1 ms apart: after event 5 come [6,7,8,9,10]
stream a, 1 ms apart: after event 5 come [6,7,8,9,10]
stream a, 1 ms apart: after event 5 come [6,7,8,9,10]
stream a, same ms: after event 5 come [3,1,6,10,4]
stream a, same ms: after event 5 come [9,10]
stream a, same ms: after event 5 come [1,3]
stream _GET_stream, 1 ms apart: after event 5 come []
stream _GET_stream, 1 ms apart: after event 5 come []
stream _GET_stream, 1 ms apart: after event 5 come []
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
