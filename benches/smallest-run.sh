#!/usr/bin/env bash
# Times the smallest useful runs, each of one case with every report written: whole processes, less the time that the
# candidate takes to start by itself.
#
#   benches/smallest-run.sh [ROUNDS]     21 rounds unless told otherwise
#
# - running: one HTTP case against a server that already runs
# - started: the same, the server started by Wardgate
# - hub: one HL7 v2 case of the shipped suites against the reference hub, which Wardgate starts and which acts on two
#   partners; its time includes the hub's work and the barrier that closes the case
#
# WARDGATE names another wardgate; SKIP_BUILD=1 takes what is already built.
set -euo pipefail
# shellcheck source=benches/common.sh
source "$(dirname "$0")/common.sh"

rounds=${1:-21}
hub_contract=$root/contracts/suites/appointments/booking.yaml
hub_case='appointments/booking :: an S12 books the appointment'
need cargo awk sort mkfifo
build
start_plain 2

simple_contract 1 >"$scratch/contract.yaml"
plain_candidate >"$scratch/running.toml"
cat >"$scratch/started.toml" <<CANDIDATE
name = "plain-server"
command = ["$plain_server", "2"]

[endpoints]
web = { log = '(127\.0\.0\.1:\d+)' }

[ready]
log = '127\.0\.0\.1:\d+'
CANDIDATE

verify() {
    timed "$1" "$wardgate" verify --workers 1 --out "$scratch/out" --quiet "${@:2}"
}

# ready FILE PATTERN COMMAND…: starts a server and adds a line to FILE: seconds until its output says that it serves.
ready() {
    local into=$1 pattern=$2 began line served='' process
    shift 2
    rm -f "$scratch/says"
    mkfifo "$scratch/says"
    began=$EPOCHREALTIME
    "$@" >"$scratch/says" 2>&1 &
    process=$!
    while read -r line; do
        if [[ $line == *$pattern* ]]; then
            served=$EPOCHREALTIME
            break
        fi
    done <"$scratch/says"
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
    [ -n "$served" ] || {
        echo "$0: it never said '$pattern': $*" >&2
        exit 1
    }
    awk -v began="$began" -v served="$served" 'BEGIN { printf "%.6f\n", served - began }' >>"$into"
}

round() {
    verify "$scratch/$1.running" "$scratch/contract.yaml" --candidate "$scratch/running.toml"
    verify "$scratch/$1.started" "$scratch/contract.yaml" --candidate "$scratch/started.toml"
    verify "$scratch/$1.hub" "$hub_contract" --case "$hub_case"
    ready "$scratch/$1.started.own" 127.0.0.1 "$plain_server" 2
    rm -rf "$scratch/state" "$scratch/charges"
    mkdir "$scratch/charges"
    ready "$scratch/$1.hub.own" 'hub ready' "$wardgate" hub --ehr http://127.0.0.1:9/fhir \
        --ledger http://127.0.0.1:9/api/v2.0 --pharmacy 127.0.0.1:9 --state "$scratch/state" \
        --charges "$scratch/charges" --timezone Europe/Berlin
}

row() {
    local whole own
    whole=$(column 1 "$scratch/time.$1" | median)
    own=$([ -f "$scratch/time.$1.own" ] && median <"$scratch/time.$1.own" || echo 0)
    awk -v name="$1" -v whole="$whole" -v own="$own" -v cpu="$(column 2 "$scratch/time.$1" | median)" 'BEGIN {
        printf "| %s | %.1f | %.1f | %.1f | %.1f |\n", name, whole * 1000, own * 1000, (whole - own) * 1000, cpu * 1000
    }'
}

# The first runs fill the page cache and are not counted.
round warm
before=$(shape)
for _ in $(seq 1 "$rounds"); do round time; done

echo "$rounds runs of one case; medians; $before; load at the end $(cut -d' ' -f1 /proc/loadavg)"
echo
echo '| run | whole process ms | the candidate'"'"'s own start ms | beyond it ms | CPU ms, candidate included |'
echo '|---|---|---|---|---|'
for name in running started hub; do row "$name"; done
