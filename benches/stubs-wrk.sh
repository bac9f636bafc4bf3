#!/usr/bin/env bash
# Loads the stubs with wrk beside a bare hyper server that answers bodies of the same length, in turns, so that each ratio
# is of two runs right after one another: one record held and 1,000, over FHIR and as canned answers over HTTP. Then the
# time from the start of `wardgate stubs up` to the first answer.
#
#   benches/stubs-wrk.sh [ROUNDS [SECONDS]]      7 rounds of 3 s for each server unless told otherwise
#
# Server and wrk share the processors, so what is compared is answers for the same processor time of both together.
# WARDGATE names another wardgate; SKIP_BUILD=1 takes what is already built; CONNECTIONS (64) and STARTS (21) are theirs.
set -euo pipefail
# shellcheck source=benches/common.sh
source "$(dirname "$0")/common.sh"

rounds=${1:-7}
seconds=${2:-3}
connections=${CONNECTIONS:-64}
starts=${STARTS:-21}
need cargo awk sort sed curl wrk
build

# up NAME: runs the stubs under load and sets NAME_control, NAME_fhir and NAME_web to their URLs.
up() {
    local ready=$scratch/$1.json
    "$wardgate" stubs up --quiet --fhir 127.0.0.1:0 --stub web=http --ready-file "$ready" >"$scratch/$1.out" &
    background+=($!)
    await_line "$ready"
    local url=':"\(http:[^"]*\)"'
    printf -v "$1_control" '%s' "$(sed "s,.*\"control\"$url.*,\1," "$ready")"
    printf -v "$1_fhir" '%s' "$(sed "s,.*\"fhir\":{[^}]*\"url\"$url.*,\1," "$ready")"
    printf -v "$1_web" '%s' "$(sed "s,.*\"web\":{[^}]*\"url\"$url.*,\1," "$ready")"
}

patients() {
    local n
    for n in $(seq 1 "$1"); do
        printf '{"resourceType":"Patient","id":"p%d","active":true,"name":[{"family":"Smith","given":["Ann"]}],"birthDate":"1970-01-01"}\n' "$n"
    done
}

# routes COUNT BODY
routes() {
    local n
    for n in $(seq 1 "$1"); do
        printf '{"path":"/p%d","body":%s}\n' "$n" "$2"
    done
}

# hold CONTROL COUNT: fills both stubs with so many.
hold() {
    patients "$2" >"$scratch/patients"
    curl --silent --fail --data-binary "@$scratch/patients" "$1/partners/fhir/held/Patient" >"$scratch/held"
    body=$(curl --silent --fail "${3}/Patient/p1")
    routes "$2" "$body" >"$scratch/routes"
    curl --silent --fail --data-binary "@$scratch/routes" "$1/partners/web/held/routes" >"$scratch/held"
}

# rate URL: answers a second. Anything but 200, and any error of a socket, ends it all.
rate() {
    wrk --threads 2 --connections "$connections" --duration "${seconds}s" "$1" >"$scratch/wrk"
    if grep -q 'Non-2xx\|Socket errors' "$scratch/wrk"; then
        echo "$0: $1 did not answer well" >&2
        cat "$scratch/wrk" >&2
        exit 1
    fi
    sed -n 's,^Requests/sec: *,,p' "$scratch/wrk"
}

up one
up many
# shellcheck disable=SC2154
hold "$one_control" 1 "$one_fhir"
# shellcheck disable=SC2154
hold "$many_control" 1000 "$many_fhir"
start_plain "${#body}"

# shellcheck disable=SC2154
names=('FHIR read, 1 held' 'FHIR read, 1,000 held' 'HTTP, 1 route' 'HTTP, 1,000 routes')
# shellcheck disable=SC2154
urls=("$one_fhir/Patient/p1" "$many_fhir/Patient/p500" "$one_web/p1" "$many_web/p500")

for url in "http://$plain/" "${urls[@]}"; do
    rate "$url" >/dev/null
done
for _ in $(seq 1 "$rounds"); do
    for place in "${!urls[@]}"; do
        bare=$(rate "http://$plain/")
        ours=$(rate "${urls[$place]}")
        echo "$bare $ours" >>"$scratch/rates.$place"
    done
done

echo "$rounds rounds of $seconds s, $connections connections, bodies of ${#body} bytes; $(shape)"
echo
echo '| stub | answers/s | bare hyper/s beside it | ratio | ratios from … to … |'
echo '|---|---|---|---|---|'
for place in "${!urls[@]}"; do
    file=$scratch/rates.$place
    awk '{ printf "%.3f\n", $2 / $1 }' "$file" | sort -g >"$scratch/ratios"
    printf '| %s | %.0f | %.0f | %.2f | %.2f … %.2f |\n' "${names[$place]}" \
        "$(awk '{ print $2 }' "$file" | median)" "$(awk '{ print $1 }' "$file" | median)" \
        "$(median <"$scratch/ratios")" "$(head -n 1 "$scratch/ratios")" "$(tail -n 1 "$scratch/ratios")"
done

# From here on only the processes that are being started run.
kill "${background[@]}"
wait "${background[@]}" 2>/dev/null || true
background=()

# first_answer PORT: milliseconds from the start of a process to its first answer on a port that is free again.
first_answer() {
    local began=${EPOCHREALTIME/[.,]/} line
    "$wardgate" stubs up --quiet --fhir "127.0.0.1:$1" >"$scratch/start.out" &
    local process=$!
    background+=("$process")
    until { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null; do :; done
    printf 'GET /Patient HTTP/1.1\r\nhost: localhost\r\n\r\n' >&3
    read -r line <&3
    local ended=${EPOCHREALTIME/[.,]/}
    exec 3<&- 3>&-
    kill "$process"
    wait "$process"
    background=()
    case $line in
    'HTTP/1.1 200'*) echo $((ended - began)) ;;
    *)
        echo "$0: the first answer was $line" >&2
        exit 1
        ;;
    esac
}

# shellcheck disable=SC2154
port=${one_fhir##*:}
for _ in $(seq 1 "$starts"); do
    first_answer "$port" >>"$scratch/starts"
done
echo
awk '{ printf "%.1f\n", $1 / 1000 }' "$scratch/starts" | sort -g >"$scratch/sorted"
printf 'First answer %s ms after the start in the median of %d starts, %s … %s ms\n' \
    "$(median <"$scratch/sorted")" "$starts" "$(head -n 1 "$scratch/sorted")" "$(tail -n 1 "$scratch/sorted")"
