#!/usr/bin/env bash
# Times `wardgate verify` over 300 simple HTTP interactions against a trivial server with JUnit written, in turns with
# Hurl over the same 300 where it is installed. Prints wall time, CPU time and the largest resident set of each, as
# medians over the rounds, and how long Hurl takes for each second of ours, as the median of the rounds' ratios.
#
#   benches/verify-300.sh [ROUNDS]       21 rounds unless told otherwise
#
# HURL names another hurl, WARDGATE another wardgate; SKIP_BUILD=1 takes what is already built.
#
# Hurl reports one JUnit case a file, Wardgate one an interaction; so Hurl runs the 300 as 300 files, with two jobs and
# with one. As one file of 300 it writes a single JUnit case; that is timed too, as the least that it can do.
set -euo pipefail
# shellcheck source=benches/common.sh
source "$(dirname "$0")/common.sh"

rounds=${1:-21}
count=300
hurl=${HURL:-$(command -v hurl || true)}
need cargo awk sort /usr/bin/time
build
start_plain 2

simple_contract "$count" >"$scratch/contract.yaml"
plain_candidate >"$scratch/candidate.toml"
mkdir "$scratch/hurl"
for n in $(seq 1 "$count"); do
    printf 'GET http://%s/%d\nHTTP 200\n\n' "$plain" "$n" >"$scratch/hurl/$(printf %03d "$n").hurl"
done
cat "$scratch"/hurl/*.hurl >"$scratch/all.hurl"

# Each runs once by way of the stopwatch or the scales that it is given first.
ours() {
    "$1" "$2" "$wardgate" verify "$scratch/contract.yaml" --candidate "$scratch/candidate.toml" \
        --out "$scratch/out" --junit "$scratch/ours.xml" --quiet
}

theirs() {
    local how=$1 into=$2 name=$3
    shift 3
    # It adds to a report that is already there.
    rm -f "$scratch/$name.xml"
    "$how" "$into.$name" "$hurl" --test --report-junit "$scratch/$name.xml" "$@"
}

round() {
    ours "$1" "$scratch/$2.ours"
    [ -n "$hurl" ] || return 0
    theirs "$1" "$scratch/$2" two --jobs 2 "$scratch"/hurl/*.hurl
    theirs "$1" "$scratch/$2" one --jobs 1 "$scratch"/hurl/*.hurl
    theirs "$1" "$scratch/$2" file "$scratch/all.hurl"
}

# judged FILE: how many cases a JUnit file says passed, and that none did not.
judged() {
    if grep -qE '<(failure|error)' "$1"; then
        echo "$0: not every case passed: $1" >&2
        exit 1
    fi
    grep -o '<testcase ' "$1" | wc -l
}

row() {
    local name=$1
    paste -d' ' "$scratch/time.$name" "$scratch/time.ours" | awk '{ print $1 / $3 }' | median >"$scratch/ratio"
    awk -v title="$2" -v cases="$3" -v n="$count" \
        -v wall="$(column 1 "$scratch/time.$name" | median)" \
        -v best="$(column 1 "$scratch/time.$name" | sort -g | head -n 1)" \
        -v cpu="$(column 2 "$scratch/time.$name" | median)" \
        -v mb="$(median <"$scratch/weight.$name")" \
        -v ratio="$(cat "$scratch/ratio")" \
        'BEGIN { printf "| %s | %d | %.1f | %d | %d | %.1f | %.1f | %.2f |\n",
            title, cases, wall * 1000, n / wall, n / best, cpu * 1000, mb, ratio }'
}

# The first runs fill the page cache and are not timed.
for _ in 1 2 3; do round weighed weight; done
before=$(shape)
for _ in $(seq 1 "$rounds"); do round timed time; done

echo "$rounds rounds of $count interactions, JUnit written; $before; load at the end $(cut -d' ' -f1 /proc/loadavg)"
echo
echo '| verifier | JUnit cases | wall ms | interactions/s | best | CPU ms | MB | wall to ours |'
echo '|---|---|---|---|---|---|---|---|'
row ours "$("$wardgate" --version)" "$(judged "$scratch/ours.xml")"
if [ -n "$hurl" ]; then
    version=$("$hurl" --version | awk 'NR == 1 { print $1, $2 }')
    row two "$version, $count files, two jobs" "$(judged "$scratch/two.xml")"
    row one "$version, $count files, one job" "$(judged "$scratch/one.xml")"
    row file "$version, one file" "$(judged "$scratch/file.xml")"
else
    echo
    echo 'hurl is not installed, so there is no pair; see benches/README.md'
fi
