#!/usr/bin/env bash
# in-process-queues: in the test modes of three job queues a delayed job runs at once, or never
#
# Packages: PyPI celery 5.7.0, huey 3.5.4, rq 3.0.0 (with fakeredis 2.41.0)
# A good guess: without a worker the queue either waits for the delay or runs the job at once, and the
#   result can be asked for by id
# Seen: celery (task_always_eager) runs a job with countdown 60 at once, but its state asked by id is
#   PENDING for ever (with a warning); huey (immediate) and rq (is_async=False) file a delayed job
#   away and never run it, and huey never makes a retry that has a delay
# For whoever streams job results: a stream that polls the state of the job sees no end in a test
#   under celery, and a timeout path that is built from delayed jobs is never exercised under huey and
#   rq
# Output seen:
#   celery eager, countdown 60: SUCCESS after 0 s
#   celery eager, asked again by its id: PENDING
#   huey immediate, delay 1, after 2 s: None  still scheduled: 1
#   huey immediate, retries 2 after 1 s: calls 1
#   rq is_async=False, delay 1, after 2 s: scheduled  result None

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check celery==5.7.0 \
    huey==3.5.4 \
    rq==3.0.0 \
    fakeredis==2.41.0 >pip.log 2>&1 || { cat pip.log; exit 2; }
cat >run.py <<'PY'
import logging, time
from datetime import timedelta
logging.disable(logging.CRITICAL)
from celery import Celery
from huey import MemoryHuey

started = time.monotonic()
def job(x):
    return x

app = Celery("t", broker="memory://", backend="cache+memory://")
app.conf.task_always_eager = True
task = app.task(job)
result = task.apply_async((1,), countdown=60)
print("celery eager, countdown 60:", result.status, "after", round(time.monotonic() - started), "s")
print("celery eager, asked again by its id:", app.AsyncResult(result.id).status)

huey = MemoryHuey(immediate=True)
task = huey.task()(job)
result = task.schedule((1,), delay=1)
time.sleep(2)
print("huey immediate, delay 1, after 2 s:", result.get(), " still scheduled:", len(huey.scheduled()))
calls = []
@huey.task(retries=2, retry_delay=1)
def failing():
    calls.append(1)
    raise ValueError
failing()
time.sleep(2)
print("huey immediate, retries 2 after 1 s: calls", len(calls))
from fakeredis import FakeStrictRedis
from rq import Queue, Retry
q = Queue(is_async=False, connection=FakeStrictRedis())
j = q.enqueue_in(timedelta(seconds=1), len, "abc")
time.sleep(2)
print("rq is_async=False, delay 1, after 2 s:", j.get_status().value, " result", j.return_value())
PY
actual=$(timeout 100 venv/bin/python -W ignore run.py 2>/dev/null || true)
expected=$(cat <<'TXT'
celery eager, countdown 60: SUCCESS after 0 s
celery eager, asked again by its id: PENDING
huey immediate, delay 1, after 2 s: None  still scheduled: 1
huey immediate, retries 2 after 1 s: calls 1
rq is_async=False, delay 1, after 2 s: scheduled  result None
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
