#!/usr/bin/env bash
# sse-zero-and-empty-values: id 0, empty data and retry 0 are left out by several servers
#
# Packages: PyPI flask-sse 1.0.0, sse-starlette 3.7.0, litestar 2.25.0; npm fastify-sse-v2 4.2.2,
#   @fastify/sse 0.6.0, h3 2.0.8
# A good guess: what the caller gives is written: id 0 as "id: 0", empty text as an empty data line,
#   retry 0 as "retry: 0"
# Seen: flask-sse and fastify-sse-v2 leave out all three, and without a data line the event does not
#   exist for a browser; h3 writes no id that is a number; @fastify/sse leaves out id 0 and retry 0;
#   sse-starlette raises for any id that is a number, in the middle of the stream. Only litestar
#   writes all
# For whoever streams job results: a job counter that starts with 0 gives a first event that cannot be
#   resumed from; an event whose message is its name alone ("done") never fires
# Output seen:
#   {'data': 'x', 'id': 0}
#     flask-sse                'data:x\n\n'
#     sse-starlette            TypeError
#     litestar                 'id: 0\r\ndata: x\r\n\r\n'
#   {'data': '', 'id': 7}
#     flask-sse                'id:7\n\n'
#     sse-starlette            TypeError
#     litestar                 'id: 7\r\ndata: \r\n\r\n'
#   {'data': 'x', 'retry': 0}
#     flask-sse                'data:x\n\n'
#     sse-starlette            'data: x\r\nretry: 0\r\n\r\n'
#     litestar                 'data: x\r\nretry: 0\r\n\r\n'
#   {"data":"x","id":0}
#     fastify-sse-v2           "data: x\n\n"
#     @fastify/sse             "data: \"x\"\n\n"
#     h3                       "data: x\n\n"
#   {"data":"","id":7}
#     fastify-sse-v2           "id: 7\n\n"
#     @fastify/sse             "id: 7\ndata: \"\"\n\n"
#     h3                       "data: \n\n"
#   {"data":"x","retry":0}
#     fastify-sse-v2           "data: x\n\n"
#     @fastify/sse             "data: \"x\"\n\n"
#     h3                       "retry: 0\ndata: x\n\n"

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund fastify@5.12.8 \
    fastify-sse-v2@4.2.2 \
    h3@2.0.8 \
    @fastify/sse@0.6.0 >npm.log 2>&1 || { cat npm.log; exit 2; }
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check flask-sse==1.0.0 \
    sse-starlette==3.7.0 \
    litestar==2.25.0 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >write.py <<'PY'
import warnings
warnings.simplefilter("ignore")
from flask_sse import Message
from litestar.response.sse import ServerSentEventMessage
from sse_starlette.event import ServerSentEvent

def show(name, call):
    try:
        print(name.ljust(26), repr(call()))
    except Exception as e:
        print(name.ljust(26), type(e).__name__)

for given in (dict(data="x", id=0), dict(data="", id=7), dict(data="x", retry=0)):
    print(given)
    show("  flask-sse", lambda: str(Message(**given)))
    show("  sse-starlette", lambda: ServerSentEvent(**given).encode().decode())
    show("  litestar", lambda: ServerSentEventMessage(**given).encode().decode())
PY
cat >write.mjs <<'JS'
import fastify from "fastify";
import fastifySse2 from "fastify-sse-v2";
import fastifySse from "@fastify/sse";
import { H3, createEventStream, toNodeHandler } from "h3";
import http from "node:http";

const listen = async (server) => {
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${server.address().port}/`;
};
const body = async (url) => (await fetch(url, { headers: { accept: "text/event-stream" } })).text();
const GIVEN = [{ data: "x", id: 0 }, { data: "", id: 7 }, { data: "x", retry: 0 }];
const write = {
  "fastify-sse-v2": async (given) => {
    const app = fastify();
    await app.register(fastifySse2.FastifySSEPlugin ?? fastifySse2, { retryDelay: false });
    app.get("/", (_, reply) => reply.sse((async function* () { yield given; })()));
    return body(await app.listen({ port: 0 }));
  },
  "@fastify/sse": async (given) => {
    const app = fastify();
    await app.register(fastifySse);
    app.get("/", { sse: true }, async (_, reply) => { await reply.sse.send(given); });
    return body(await app.listen({ port: 0 }));
  },
  h3: async (given) => {
    const app = new H3().get("/", async (event) => {
      const stream = createEventStream(event);
      stream.push(given).then(() => stream.close());
      return stream.send();
    });
    return body(await listen(http.createServer(toNodeHandler(app))));
  },
};
for (const given of GIVEN) {
  console.log(JSON.stringify(given));
  for (const name in write) console.log(("  " + name).padEnd(26), JSON.stringify(await write[name](given)));
}
process.exit(0);
JS
actual=$(timeout 60 venv/bin/python write.py 2>/dev/null || true; timeout 60 node write.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
{'data': 'x', 'id': 0}
  flask-sse                'data:x\n\n'
  sse-starlette            TypeError
  litestar                 'id: 0\r\ndata: x\r\n\r\n'
{'data': '', 'id': 7}
  flask-sse                'id:7\n\n'
  sse-starlette            TypeError
  litestar                 'id: 7\r\ndata: \r\n\r\n'
{'data': 'x', 'retry': 0}
  flask-sse                'data:x\n\n'
  sse-starlette            'data: x\r\nretry: 0\r\n\r\n'
  litestar                 'data: x\r\nretry: 0\r\n\r\n'
{"data":"x","id":0}
  fastify-sse-v2           "data: x\n\n"
  @fastify/sse             "data: \"x\"\n\n"
  h3                       "data: x\n\n"
{"data":"","id":7}
  fastify-sse-v2           "id: 7\n\n"
  @fastify/sse             "id: 7\ndata: \"\"\n\n"
  h3                       "data: \n\n"
{"data":"x","retry":0}
  fastify-sse-v2           "data: x\n\n"
  @fastify/sse             "data: \"x\"\n\n"
  h3                       "retry: 0\ndata: x\n\n"
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
