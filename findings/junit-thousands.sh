#!/usr/bin/env bash
# junit-thousands: a JUnit time of "1,234.5" is 1234.5 s, 1 s, or nothing
#
# Packages: PyPI junitparser 5.0.3, junit2html 31.1.4; npm junit-to-ctrf 0.0.14, test-results-parser
#   0.4.6, junit2json 4.0.0
# A good guess: Surefire and JUnit 5 wrote such times for years, from 1000 s on (SUREFIRE-2176,
#   junit-framework 1381), so readers know the comma, or they refuse the file
# Seen: the two Python readers give 1234.5 s; junit-to-ctrf gives 1000 ms, test-results-parser null,
#   junit2json the text as it is; none complains
# For whoever streams job results: the slowest tests of all, sweeps and soak tests, show up as the
#   fastest; write seconds without separators, and take the commas out of reports that come from Java
# Output seen:
#   junitparser          [1234.5] s
#   junit2html           [1234.5] s
#   junit-to-ctrf        [1000] ms
#   test-results-parser  [null] ms
#   junit2json           ["1,234.5"] s

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check junitparser==5.0.3 \
    junit2html==31.1.4 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund junit-to-ctrf@0.0.14 \
    test-results-parser@0.4.6 \
    junit2json@4.0.0 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >report.xml <<'XML'
<testsuites><testsuite name="s" tests="1" failures="0" errors="0" skipped="0" time="1,234.5"><testcase name="soak" classname="c" time="1,234.5"/></testsuite></testsuites>
XML
cat >run.py <<'PY'
from junit2htmlreport.parser import Junit
from junitparser import JUnitXml
print("junitparser         ", [c.time for s in JUnitXml.fromfile("report.xml") for c in s], "s")
print("junit2html          ", [c.duration for s in Junit("report.xml").suites for k in s.classes.values() for c in k.cases], "s")
PY
cat >run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { convertJUnitToCTRFReport } from "junit-to-ctrf";
import { parse } from "junit2json";
import results from "test-results-parser";
console.log = () => {};
const say = (...a) => process.stdout.write(a.join(" ") + "\n");
const ctrf = await convertJUnitToCTRFReport("report.xml", {});
say("junit-to-ctrf       ", JSON.stringify(ctrf.results.tests.map((t) => t.duration)), "ms");
const trp = results.parse({ type: "junit", files: ["report.xml"] });
say("test-results-parser ", JSON.stringify(trp.suites[0].cases.map((c) => c.duration)), "ms");
const json = await parse(readFileSync("report.xml", "utf8"));
say("junit2json          ", JSON.stringify(json.testsuite[0].testcase.map((c) => c.time)), "s");
JS
actual=$(timeout 100 venv/bin/python -W ignore run.py 2>/dev/null || true; timeout 100 node run.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
junitparser          [1234.5] s
junit2html           [1234.5] s
junit-to-ctrf        [1000] ms
test-results-parser  [null] ms
junit2json           ["1,234.5"] s
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
