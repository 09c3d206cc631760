#!/usr/bin/env bash
# pglite-channel-names: PGlite listens on the folded name, pg_notify sends on the exact one
#
# Packages: npm @electric-sql/pglite 0.5.17
# A good guess: listen("JobDone") hears pg_notify('JobDone', ...): the same string on both sides
# Seen: listen writes the name into SQL without quotes, so it is folded to jobdone; pg_notify takes it
#   as it is. Only the unquoted NOTIFY and pg_notify('jobdone') are heard; a name in double quotes is
#   needed for the exact one
# For whoever streams job results: no error on either side and no event at all; use lower-case channel
#   names
# Output seen:
#   NOTIFY JobDone
#   pg_notify jobdone
#   second listener: pg_notify JobDone

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.17 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >run.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
const db = await PGlite.create();
const heard = [];
await db.listen("JobDone", (payload) => heard.push(payload));
await db.exec(`NOTIFY JobDone, 'NOTIFY JobDone'`);
await db.exec(`NOTIFY "JobDone", 'NOTIFY quoted JobDone'`);
await db.query(`SELECT pg_notify('JobDone', 'pg_notify JobDone')`);
await db.query(`SELECT pg_notify('jobdone', 'pg_notify jobdone')`);
await db.listen('"JobDone"', (payload) => heard.push("second listener: " + payload));
await db.query(`SELECT pg_notify('JobDone', 'pg_notify JobDone')`);
await new Promise((done) => setTimeout(done, 200));
for (const line of heard) console.log(line);
process.exit(0);
JS
actual=$(timeout 100 node run.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
NOTIFY JobDone
pg_notify jobdone
second listener: pg_notify JobDone
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
