# Sourced by the scripts beside it: where things are, a server to talk to, stopwatches, medians.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
release=${CARGO_TARGET_DIR:-$root/target}/release
wardgate=${WARDGATE:-$release/wardgate}
plain_server=${PLAIN_SERVER:-$release/examples/plain_server}
scratch=$(mktemp -d)
background=()

# Ends only what was started here.
finish() {
    local process
    for process in "${background[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf "$scratch"
}
trap finish EXIT

# Says which of these commands are missing, and ends.
need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || {
            echo "$0: '$tool' is needed and not installed" >&2
            exit 2
        }
    done
}

# Builds what is timed.
build() {
    [ -n "${SKIP_BUILD:-}" ] && return
    (cd "$root" && cargo build --release --quiet -p wardgate &&
        cargo build --release --quiet -p wardgate-benches --examples)
}

# start_plain BODY_BYTES: starts the bare hyper server and sets `plain` to its address.
start_plain() {
    "$plain_server" "$1" >"$scratch/plain.addr" &
    background+=($!)
    await_line "$scratch/plain.addr"
    plain=$(head -n 1 "$scratch/plain.addr")
}

# await_line FILE: waits for the first line of a file.
await_line() {
    local tries=0
    until [ -s "$1" ]; do
        tries=$((tries + 1))
        [ "$tries" -gt 2000 ] && {
            echo "$0: nothing in $1 after ten seconds" >&2
            exit 2
        }
        sleep 0.005
    done
}

# simple_contract COUNT: a contract of so many simple HTTP interactions, each a case.
simple_contract() {
    cat <<HEAD
wardgate: 1
contract: speed/simple
version: 1.0.0
title: Simple answers
consumer: caller
provider: plain-server
workflow: speed
interactions:
HEAD
    local n
    for n in $(seq 1 "$1"); do
        cat <<INTERACTION
  - name: answer $n
    send: { http: { to: web, method: GET, path: /$n } }
    expect: { reply: { status: 200 } }
INTERACTION
    done
}

# plain_candidate: a candidate file for the bare hyper server, which already runs.
plain_candidate() {
    printf 'name = "plain-server"\n\n[endpoints]\nweb = { url = "http://%s" }\n' "$plain"
}

# Reads numbers, one a line, and prints their median.
median() {
    sort -g | awk '{ v[NR] = $1 } END { if (NR == 0) print "-"; else if (NR % 2) print v[(NR + 1) / 2]; else print (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# column N FILE: one column of what `timed` wrote.
column() {
    awk -v n="$1" '{ print $n }' "$2"
}

# timed FILE COMMAND…: runs a command and adds a line to FILE: wall s and CPU s of the whole process, start to end.
timed() {
    local into=$1 began ended TIMEFORMAT='%U %S'
    shift
    began=$EPOCHREALTIME
    { time "$@" >"$scratch/stdout" 2>"$scratch/stderr"; } 2>"$scratch/cpu" || {
        echo "$0: this failed: $*" >&2
        cat "$scratch/stderr" >&2
        exit 1
    }
    ended=$EPOCHREALTIME
    awk -v began="$began" -v ended="$ended" '{ printf "%.6f %.3f\n", ended - began, $1 + $2 }' \
        "$scratch/cpu" >>"$into"
}

# weighed FILE COMMAND…: runs a command and adds a line to FILE: its largest resident set in MB.
weighed() {
    local into=$1
    shift
    /usr/bin/time -f '%M' -o "$scratch/kb" "$@" >"$scratch/stdout" 2>"$scratch/stderr" || {
        echo "$0: this failed: $*" >&2
        cat "$scratch/stderr" >&2
        exit 1
    }
    awk 'END { printf "%.1f\n", $1 / 1024 }' "$scratch/kb" >>"$into"
}

# What the figures were taken on.
shape() {
    local model
    model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
    echo "$(date -u +%Y-%m-%d), $(nproc) processors ($model), load $(cut -d' ' -f1-3 /proc/loadavg)"
}
