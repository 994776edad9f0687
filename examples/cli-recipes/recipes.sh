#!/usr/bin/env bash
# The recipes of README.md, on a vault of their own: `recipes.sh PHM`, PHM being the program.
set -euo pipefail
phm=$(realpath "$1")
python=${PHM_TEST_PYTHON:-python3}
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
cd "$home"
export PHM_DATA_DIR=$home/vault PHM_KEY_FILE=$home/key
# What jq would do, for those who have none.
field() { "$python" -c 'import json, sys; found = json.load(sys.stdin)
for name in sys.argv[1].split("."): found = found[int(name) if name.isdigit() else name]
print(found)' "$1"; }

(umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >key)
code=$("$phm" init --key-file key --json | field recovery_code)
[ ${#code} -ge 24 ]
asha=$("$phm" profile add "Asha Example" --birth-date 1961-04-03 --sex female --json | field profile)

cat >bundle.json <<'BUNDLE'
{"resourceType": "Bundle", "type": "collection", "entry": [
  {"resource": {"resourceType": "Patient", "id": "p1", "name": [{"text": "Mira Example"}]}},
  {"resource": {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}, "code": {"text": "Asthma"}}},
  {"resource": {"resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": "Patient/p1"},
    "category": [{"coding": [{"code": "laboratory"}]}], "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]},
    "effectiveDateTime": "2026-04-03", "valueQuantity": {"value": 6.4, "code": "%", "system": "http://unitsofmeasure.org"}}}]}
BUNDLE
[ "$("$phm" import bundle.json --new-profile --dry-run --json | field totals.added)" = 3 ]
mira=$("$phm" import bundle.json --new-profile --json | field imports.0.profiles.0)
# One result of 2026.
years=$("$phm" export --profile "$mira" --format csv | grep ,lab-result, | cut -d, -f3 | cut -c1-4 | sort | uniq -c | tr -s ' ')
[ "$years" = " 1 2026" ]
[ "$("$phm" profile list --json | grep -o '"profile"' | wc -l)" = 2 ]
"$phm" import undo "$("$phm" import list --json | field imports.0.import)" --json | grep -q '"undone":true\|"undone": true'

"$phm" export --profile "$asha" --format fhir-bundle -o asha.json --json >/dev/null
grep -q '"resourceType"' asha.json
[ "$("$phm" verify --json | field ok)" = True ]
"$phm" backup nightly.phmb --json >/dev/null
[ "$("$phm" backup drill nightly.phmb --json | field ok)" = True ]
echo "the recipes of the command line do as they say"
