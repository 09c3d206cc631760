#!/usr/bin/env bash
# pglite-socket-notify: over pglite-socket a notification goes to whoever sent it, and not to who listens
#
# Packages: npm @electric-sql/pglite-socket 0.2.17, @electric-sql/pglite 0.5.14, pg 8.23.1
# A good guess: of two connections to the socket server one listens on a channel and the other
#   notifies it: the first gets the notification, as from PostgreSQL
# Seen: the connection that notifies gets it, although it never said LISTEN; the one that listens
#   gets its own only. Who listens in the process of the server (db.listen) gets what that process
#   notifies, which no connection gets, and nothing that connections notify. A query on the listening
#   connection afterwards brings nothing either
# For whoever streams job results: a worker and a stream server that are tested over this server
#   lose each wake-up, without an error; the stream lives on its polling fallback and the test
#   measures that. Test with a PostgreSQL server
# Output seen:
#   the listener notifies: the listener gets "1"
#   the writer notifies:   the writer gets "2"
#   PGlite itself notifies: db.listen gets "3"

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17 \
    pg@8.23.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >listen.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import pg from "pg";

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1", maxConnections: 10 });
let port;
server.addEventListener("listening", (event) => (port = event.detail.port));
await server.start();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const got = [];
const client = async (name) => {
  const connection = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password: "x", database: "postgres" });
  connection.on("notification", (message) => got.push(`${name} gets "${message.payload}"`));
  await connection.connect();
  return connection;
};
await db.listen("jobs", (payload) => got.push(`db.listen gets "${payload}"`));
const listener = await client("the listener");
const writer = await client("the writer");
await listener.query("LISTEN jobs");
const notify = async (who, from, query) => {
  got.length = 0;
  await query(`SELECT pg_notify('jobs', '${from}')`);
  await pause(300);
  await listener.query("SELECT 1");
  await pause(300);
  console.log(`${who} notifies:`.padEnd(22), got.join(", ") || "nobody gets it");
};
await notify("the listener", "1", (text) => listener.query(text));
await notify("the writer", "2", (text) => writer.query(text));
await notify("PGlite itself", "3", (text) => db.query(text));
process.exit(0);
JS
actual=$(timeout 100 node --no-warnings listen.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
the listener notifies: the listener gets "1"
the writer notifies:   the writer gets "2"
PGlite itself notifies: db.listen gets "3"
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
