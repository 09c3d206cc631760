#!/usr/bin/env bash
# junit-missing-counts: a JUnit suite without an "errors" attribute turns errors into passes
#
# Packages: npm test-results-parser 0.4.6; PyPI junitparser 5.0.3 for comparison
# A good guess: how many tests passed is counted from the tests; the attributes of the suite are
#   optional and only a summary
# Seen: test-results-parser reads tests and failures from the suite and takes what is left as passed,
#   so that an errored and a skipped test count as passed; the list of tests beside it says FAIL and
#   SKIP
# For whoever streams job results: a notification "3 passed, 1 failed" for one pass, one failure, one
#   error and one skip; write all counts
# Output seen:
#   test-results-parser  passed 3 failed 1 errors 0 skipped 0 | tests: PASS FAIL FAIL SKIP
#   junitparser          passed 1 failed 1 errors 1 skipped 1

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check junitparser==5.0.3 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund test-results-parser@0.4.6 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >report.xml <<'XML'
<testsuites><testsuite name="s" tests="4" failures="1"><testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><error/></testcase><testcase name="d"><skipped/></testcase></testsuite></testsuites>
XML
cat >run.mjs <<'JS'
import results from "test-results-parser";
const r = results.parse({ type: "junit", files: ["report.xml"] });
console.log("test-results-parser  passed", r.passed, "failed", r.failed, "errors", r.errors, "skipped", r.skipped, "| tests:", r.suites[0].cases.map((c) => c.status).join(" "));
JS
cat >run.py <<'PY'
from junitparser import JUnitXml
x = JUnitXml.fromfile("report.xml")
x.update_statistics()
print("junitparser          passed", x.tests - x.failures - x.errors - x.skipped, "failed", x.failures, "errors", x.errors, "skipped", x.skipped)
PY
actual=$(timeout 100 node run.mjs 2>/dev/null || true; timeout 100 venv/bin/python -W ignore run.py 2>/dev/null || true)
expected=$(cat <<'TXT'
test-results-parser  passed 3 failed 1 errors 0 skipped 0 | tests: PASS FAIL FAIL SKIP
junitparser          passed 1 failed 1 errors 1 skipped 1
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
