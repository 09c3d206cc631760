#!/usr/bin/env bash
# json-schema-durations: whether half a second, "PT0.5S", is of the format duration depends on the validator
#
# Packages: PyPI jsonschema 4.26.0 with isoduration 20.11.0, jsonschema-rs 0.61.2, pydantic
#   2.14.4; npm ajv 8.20.0 with ajv-formats 3.0.1, @cfworker/json-schema 4.1.6, zod 4.6.7
# A good guess: the format duration of JSON Schema is ISO 8601, so all take PT0.5S and PT1H30S,
#   and none a negative one
# Seen: JSON Schema names the grammar of RFC 3339, which knows whole numbers only and no hours
#   with seconds without minutes: jsonschema-rs and @cfworker/json-schema keep to it; ajv-formats
#   takes PT1H30S; zod takes both and a decimal comma, jsonschema these and a minus; pydantic (no
#   JSON Schema validator, but often behind one) takes all
# For whoever streams job results: a configuration of time limits that one service writes and
#   checks, "PT0.5S" or "PT1H30S", is refused by the next one under the same schema; limits below
#   a second cannot be written so that all take them: use whole milliseconds as a number
# Output seen:
#                          PT30S    PT0.5S   PT0,5S   PT1H30S  -PT5S    P1W      P1Y2W
#   jsonschema             yes      yes      yes      yes      yes      yes      no
#   jsonschema-rs          yes      no       no       no       no       yes      no
#   pydantic               yes      yes      yes      yes      yes      yes      yes
#   ajv-formats            yes      no       no       yes      no       yes      no
#   @cfworker/json-schema  yes      no       no       no       no       yes      no
#   zod                    yes      yes      yes      yes      no       yes      no

set -euo pipefail
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sed -n '2,/^$/{s/^# \{0,1\}//p}' "$self"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jsonschema==4.26.0 \
    isoduration==20.11.0 \
    jsonschema-rs==0.61.2 \
    pydantic==2.14.4 >pip.log 2>&1 || { cat pip.log; exit 2; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ajv@8.20.0 \
    ajv-formats@3.0.1 \
    @cfworker/json-schema@4.1.6 \
    zod@4.6.7 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >check.py <<'PY'
from datetime import timedelta
import jsonschema, jsonschema_rs, pydantic

TEXTS = ["PT30S", "PT0.5S", "PT0,5S", "PT1H30S", "-PT5S", "P1W", "P1Y2W"]
schema = {"type": "string", "format": "duration"}
first = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
second = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
third = pydantic.TypeAdapter(timedelta)

def taken(text):
    try:
        third.validate_python(text)
        return True
    except pydantic.ValidationError:
        return False

print(" ".join([" " * 22] + [t.ljust(8) for t in TEXTS]).rstrip())
for name, check in (("jsonschema", first.is_valid), ("jsonschema-rs", second.is_valid), ("pydantic", taken)):
    print(" ".join([name.ljust(22)] + [("yes" if check(t) else "no").ljust(8) for t in TEXTS]).rstrip())
PY
cat >check.mjs <<'JS'
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { Validator } from "@cfworker/json-schema";
import { z } from "zod";

const TEXTS = ["PT30S", "PT0.5S", "PT0,5S", "PT1H30S", "-PT5S", "P1W", "P1Y2W"];
const schema = { type: "string", format: "duration" };
const ajv = new Ajv();
(addFormats.default ?? addFormats)(ajv);
const cfworker = new Validator(schema, "2020-12");
const checks = {
  "ajv-formats": ajv.compile(schema),
  "@cfworker/json-schema": (text) => cfworker.validate(text).valid,
  zod: (text) => z.iso.duration().safeParse(text).success,
};
for (const [name, check] of Object.entries(checks)) console.log(name.padEnd(22), TEXTS.map((t) => (check(t) ? "yes" : "no").padEnd(8)).join(" ").trimEnd());
JS
actual=$(timeout 100 venv/bin/python -W ignore check.py 2>/dev/null || true; timeout 100 node check.mjs 2>/dev/null || true)
expected=$(cat <<'TXT'
                       PT30S    PT0.5S   PT0,5S   PT1H30S  -PT5S    P1W      P1Y2W
jsonschema             yes      yes      yes      yes      yes      yes      no
jsonschema-rs          yes      no       no       no       no       yes      no
pydantic               yes      yes      yes      yes      yes      yes      yes
ajv-formats            yes      no       no       yes      no       yes      no
@cfworker/json-schema  yes      no       no       no       no       yes      no
zod                    yes      yes      yes      yes      no       yes      no
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
