#!/usr/bin/env bash
# sse-unicode-line-breaks: U+2028 and the form feed end a line for some readers and one writer
#
# Packages: PyPI httpx-sse 0.4.3, sseclient-py 1.9.0, requests-sse 0.5.3, launchdarkly-eventsource
#   1.7.4, aiosseclient 0.1.8, sseclient 0.0.27, httpx 0.28.1, flask-sse 1.0.0
# A good guess: lines of an event stream end with CR, LF or both and with nothing else; JSON may hold
#   U+2028 as it is
# Seen: aiosseclient cuts the data at both and drops the rest, sseclient at the form feed (U+2028 it
#   does not recognise, since it reads UTF-8 as Latin-1 when no charset is named); httpx iter_lines,
#   on which readers are often written by hand, splits there too; flask-sse turns the character into a
#   line break when it writes
# For whoever streams job results: one such character in a text that was pasted from a document makes
#   JSON unreadable at that client, and only that event
# Output seen:
#   httpx-sse                  ['one\u2028two', 'a\x0cb']
#   sseclient-py               ['one\u2028two', 'a\x0cb']
#   requests-sse               ['one\u2028two', 'a\x0cb']
#   launchdarkly-eventsource   ['one\u2028two', 'a\x0cb']
#   aiosseclient               ['one', 'a']
#   sseclient                  ['one\xe2\x80\xa8two', 'a']
#   httpx iter_lines           ['data: one', 'two']
#   flask-sse writes           'data:one\ndata:two\n\n'

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check httpx-sse==0.4.3 \
    httpx==0.28.1 \
    requests==2.34.2 \
    requests-sse==0.5.3 \
    launchdarkly-eventsource==1.7.4 \
    aiosseclient==0.1.8 \
    aiohttp==3.14.5 \
    six==1.17.0 \
    flask-sse==1.0.0 >pip.log 2>&1 || { cat pip.log; exit 2; }
venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target a sseclient-py==1.9.0 >pip.log 2>&1
venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target b sseclient==0.0.27 >pip.log 2>&1
cat >read.py <<'PY'
PARTS = ["data: one\u2028two\n\n".encode(), b"data: a\x0cb\n\n"]
import asyncio, importlib.util, socketserver, sys, threading, time

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                         b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        for part in PARTS + [b"data: end\n\n"]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.flush()
            time.sleep(0.1)
        self.wfile.write(b"0\r\n\r\n")

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = "http://127.0.0.1:%d/" % server.server_address[1]

def load(path):
    spec = importlib.util.spec_from_file_location("sseclient_" + str(len(path)), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

def httpx_sse():
    import httpx
    from httpx_sse import connect_sse
    with httpx.Client() as c, connect_sse(c, "GET", url) as s:
        for e in s.iter_sse():
            yield e.event, e.data

def sseclient_py():
    import requests
    for e in load("a/sseclient/__init__.py").SSEClient(requests.get(url, stream=True)).events():
        yield e.event, e.data

def requests_sse():
    from requests_sse import EventSource
    with EventSource(url) as s:
        for e in s:
            yield e.type, e.data

def launchdarkly_eventsource():
    from ld_eventsource import SSEClient
    client = SSEClient(url)
    for e in client.events:
        yield e.event, e.data

async def aiosseclient():
    from aiosseclient import aiosseclient
    async for e in aiosseclient(url):
        yield e.event, e.data

def sseclient():
    for e in load("b/sseclient.py").SSEClient(url):
        yield e.event, e.data

def until_end(reader):
    seen = []
    if hasattr(reader, "__aiter__"):
        async def run():
            async for e in reader:
                if e[1] == "end":
                    return
                seen.append(e)
        asyncio.run(run())
    else:
        for e in reader:
            if e[1] == "end":
                break
            seen.append(e)
    return seen

print("httpx-sse".ljust(26), ascii([data for _, data in until_end(httpx_sse())]))
print("sseclient-py".ljust(26), ascii([data for _, data in until_end(sseclient_py())]))
print("requests-sse".ljust(26), ascii([data for _, data in until_end(requests_sse())]))
print("launchdarkly-eventsource".ljust(26), ascii([data for _, data in until_end(launchdarkly_eventsource())]))
print("aiosseclient".ljust(26), ascii([data for _, data in until_end(aiosseclient())]))
print("sseclient".ljust(26), ascii([data for _, data in until_end(sseclient())]))
PY
cat >more.py <<'PY'
from flask_sse import Message
import httpx
print("httpx iter_lines".ljust(26), list(httpx.Response(200, content="data: one\u2028two\n".encode()).iter_lines()))
print("flask-sse writes".ljust(26), repr(str(Message("one\u2028two"))))
PY
actual=$(timeout 60 venv/bin/python -W ignore read.py 2>/dev/null || true; venv/bin/python -W ignore more.py 2>/dev/null || true)
expected=$(cat <<'TXT'
httpx-sse                  ['one\u2028two', 'a\x0cb']
sseclient-py               ['one\u2028two', 'a\x0cb']
requests-sse               ['one\u2028two', 'a\x0cb']
launchdarkly-eventsource   ['one\u2028two', 'a\x0cb']
aiosseclient               ['one', 'a']
sseclient                  ['one\xe2\x80\xa8two', 'a']
httpx iter_lines           ['data: one', 'two']
flask-sse writes           'data:one\ndata:two\n\n'
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
