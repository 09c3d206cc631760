#!/usr/bin/env bash
# subscribe-before-first-read: to subscribe is not to listen yet in two of five event iterators
#
# Packages: npm graphql-subscriptions 3.0.0, @graphql-yoga/subscription 5.1.1, emittery 1.2.1,
#   p-event 7.1.1; Node's own events.on for comparison
# A good guess: an iterator that a subscribe call returned has every event from then on
# Seen: graphql-subscriptions and @graphql-yoga/subscription listen only from the first next() on,
#   and an event between the two calls is lost without a word; emittery, p-event and events.on
#   keep it
# For whoever streams job results: the usual order, first subscribe, then read the state, then
#   iterate, is meant to leave no gap, and leaves one exactly as long as the read of the state
#   takes; call next() once before the read, without waiting for it
# Output seen:
#   subscribe, read the state, iterate
#     graphql-subscriptions       done 2
#     @graphql-yoga/subscription  done 2
#     emittery                    done 1, done 2
#     p-event                     done 1, done 2
#     events.on                   done 1, done 2
#   subscribe, next(), read the state, iterate
#     graphql-subscriptions       done 1, done 2
#     @graphql-yoga/subscription  done 1, done 2
#     emittery                    done 1, done 2
#     p-event                     done 1, done 2
#     events.on                   done 1, done 2

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund graphql@16.15.0 \
    graphql-subscriptions@3.0.0 \
    @graphql-yoga/subscription@5.1.1 \
    emittery@1.2.1 \
    p-event@7.1.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >listen.mjs <<'JS'
import { EventEmitter, on } from "node:events";
import { createPubSub } from "@graphql-yoga/subscription";
import Emittery from "emittery";
import { PubSub } from "graphql-subscriptions";
import { pEventIterator } from "p-event";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const apollo = new PubSub(), yoga = createPubSub(), emittery = new Emittery(), first = new EventEmitter(), second = new EventEmitter();
const libraries = {
  "graphql-subscriptions": [() => apollo.asyncIterableIterator("job"), (x) => apollo.publish("job", x)],
  "@graphql-yoga/subscription": [() => yoga.subscribe("job")[Symbol.asyncIterator](), (x) => yoga.publish("job", x)],
  emittery: [() => emittery.events("job"), (x) => emittery.emit("job", x)],
  "p-event": [() => pEventIterator(first, "job"), (x) => first.emit("job", x)],
  "events.on": [() => on(second, "job"), (x) => second.emit("job", x)],
};
for (const early of [false, true]) {
  console.log(early ? "subscribe, next(), read the state, iterate" : "subscribe, read the state, iterate");
  for (const [name, [subscribe, publish]] of Object.entries(libraries)) {
    const iterator = subscribe();
    const got = [];
    const take = (r) => got.push(String(r.value?.data ?? r.value));
    const pending = early ? iterator.next().then(take) : null;
    await publish("done 1");
    await pause(50);
    const rest = (async () => {
      await pending;
      while (got.length < 2) take(await iterator.next());
    })();
    await pause(50);
    await publish("done 2");
    await Promise.race([rest, pause(300)]);
    console.log(" ", name.padEnd(27), got.join(", "));
  }
}
process.exit(0);
JS
actual=$(timeout 100 node listen.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
subscribe, read the state, iterate
  graphql-subscriptions       done 2
  @graphql-yoga/subscription  done 2
  emittery                    done 1, done 2
  p-event                     done 1, done 2
  events.on                   done 1, done 2
subscribe, next(), read the state, iterate
  graphql-subscriptions       done 1, done 2
  @graphql-yoga/subscription  done 1, done 2
  emittery                    done 1, done 2
  p-event                     done 1, done 2
  events.on                   done 1, done 2
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
