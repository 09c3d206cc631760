#!/usr/bin/env bash
# t-digest-equal-delays: three of five t-digests say that the 90th percentile is 7.2 s where one delay in 10 000 is above 0.1 s
#
# Packages: PyPI tdigest 0.5.2.2, pytdigest 0.1.4; npm tdigest 0.1.2; PyPI crick 0.0.8, fastdigest
#   0.12.0 and numpy 2.4.6 for comparison
# A good guess: a t-digest is most exact at both ends, and the 90th percentile of values of which
#   99.99 % are equal is that value
# Seen: PyPI tdigest and pytdigest and npm tdigest keep equal values as one centroid and draw a
#   line from it to the next: all above the median is between the two. crick and fastdigest give 0.1
#   s
# For whoever streams job results: under polling, and in a test under simulated time, most delays
#   are equal; an alert on the 99th percentile then fires for one late event in 10 000, and a fix
#   that is right looks as if it did nothing. Compare with the exact percentile of a sample before
#   an alert is built on a digest
# Output seen:
#   of 100 000 delays 10 are 9 s and the others 0.1 s
#                           50 %    90 %    99 %     all
#   numpy                   0.10    0.10    0.10    9.00
#   crick                   0.10    0.10    0.10    9.00
#   fastdigest              0.10    0.10    0.10    9.00
#   tdigest                 0.10    7.22    8.82    9.00
#   pytdigest               0.10    7.22    8.82    9.00
#   tdigest of npm          0.10    7.22    8.82    9.00

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tdigest==0.5.2.2 pytdigest==0.1.4 crick==0.0.8 \
    fastdigest==0.12.0 numpy==2.4.6 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund tdigest@0.1.2 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >digests.py <<'PY'
import numpy
from crick import TDigest as Crick
from fastdigest import TDigest as Fast
from pytdigest import TDigest as Pyt
from tdigest import TDigest as Plain

delays = [0.1] * 99_990 + [9.0] * 10
crick, plain = Crick(), Plain()
for delay in delays:
    crick.add(delay)
    plain.update(delay)
fast, pyt = Fast.from_values(delays), Pyt.compute(numpy.array(delays))
ways = {
    "numpy": lambda q: numpy.quantile(delays, q),
    "crick": crick.quantile,
    "fastdigest": fast.quantile,
    "tdigest": lambda q: plain.percentile(100 * q),
    "pytdigest": pyt.inverse_cdf,
}
print("of 100 000 delays 10 are 9 s and the others 0.1 s")
print(" " * 24 + "50 %    90 %    99 %     all")
for name, way in ways.items():
    print(name.ljust(20), *(f"{float(way(q)):7.2f}" for q in (0.5, 0.9, 0.99, 1)))
PY
cat >digests.cjs <<'JS'
const { TDigest } = require("tdigest");
const digest = new TDigest();
for (let i = 0; i < 99990; i++) digest.push(0.1);
for (let i = 0; i < 10; i++) digest.push(9);
digest.compress();
const shown = [0.5, 0.9, 0.99, 1].map((q) => digest.percentile(q).toFixed(2).padStart(7));
console.log("tdigest of npm".padEnd(20), ...shown);
JS
actual=$(timeout 100 venv/bin/python -W ignore digests.py 2>/dev/null || true; timeout 60 node digests.cjs 2>/dev/null || true)
expected=$(cat <<'TXT'
of 100 000 delays 10 are 9 s and the others 0.1 s
                        50 %    90 %    99 %     all
numpy                   0.10    0.10    0.10    9.00
crick                   0.10    0.10    0.10    9.00
fastdigest              0.10    0.10    0.10    9.00
tdigest                 0.10    7.22    8.82    9.00
pytdigest               0.10    7.22    8.82    9.00
tdigest of npm          0.10    7.22    8.82    9.00
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
