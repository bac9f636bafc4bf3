#!/usr/bin/env bash
# Times the main job: every shipped suite against the reference hub, with every report written.
#
#   benches/suite.sh [RUNS]              3 runs unless told otherwise
#
# WARDGATE names another wardgate; SKIP_BUILD=1 takes what is already built. The processes of the hub count as CPU.
set -euo pipefail
# shellcheck source=benches/common.sh
source "$(dirname "$0")/common.sh"

runs=${1:-3}
need cargo awk sort /usr/bin/time
build

# measure WORKERS: one line of the table.
measure() {
    local file=$scratch/time.$1 _
    for _ in $(seq 1 "$runs"); do
        timed "$file" "$wardgate" verify "$root/contracts/suites" --workers "$1" --out "$scratch/out" --quiet
    done
    weighed "$file.mb" "$wardgate" verify "$root/contracts/suites" --workers "$1" --out "$scratch/out" --quiet
    awk -v workers="$1" -v wall="$(column 1 "$file" | median)" -v cpu="$(column 2 "$file" | median)" \
        -v mb="$(cat "$file.mb")" -v worst="$(column 1 "$file" | sort -g | tail -n 1)" \
        'BEGIN { printf "| %d | %.2f | %.2f | %.2f | %.0f |\n", workers, wall, worst, cpu, mb }'
}

echo "$runs runs of every shipped suite; medians; $(shape)"
echo
echo '| workers | wall s | longest s | CPU s | MB |'
echo '|---|---|---|---|---|'
for workers in 1 2 4; do measure "$workers"; done
cases=$(grep -o '"cases":[0-9]*' "$scratch/out/latest/summary.json" | head -n 1)
echo
echo "${cases#*:} cases, all passed"
