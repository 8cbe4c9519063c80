#!/usr/bin/env bash
# What a whole run of procline costs, beside a floor and beside other programs that record the same. Prints a Markdown table.
#
#   tests/bench/whole.sh [JSON]     also writes the numbers to the file JSON, for chart.py
#
# ROUNDS=200   runs of each program, in shuffled order
# PROCLINE=…   the program to measure; by default the static one in target/, else the release build, which it makes
#
# Needs python3 and a C compiler, for the launcher; the floor is for x86-64. sysstat, atop, procps, busybox and
# prometheus-node-exporter are measured where they are installed. A line on standard error tells of each that is not.
set -euo pipefail
json=${1:+$(realpath -m "$1")}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

missing() { echo "not measured: $*" >&2; }

programs=()
# add NAME COMMAND ARGUMENT…: a program for the table, if it is there and does a first run. The distribution's own come first.
add() {
    local name=$1 command
    if ! command=$(PATH=/usr/bin:/bin:/usr/lib/sysstat:/usr/lib64/sa:$PATH type -P "$2"); then
        missing "$name: $2 is not installed"
        return
    fi
    if ! "$command" "${@:3}" > /dev/null 2> "$work/complaint"; then
        missing "$name: $(head -1 "$work/complaint")"
        return
    fi
    programs+=(--- "$name" "$command" "${@:3}")
}

compiler=$(type -P cc || type -P gcc) || { echo 'the launcher needs a C compiler' >&2; exit 1; }
"$compiler" -O2 "$here/launch.c" -o "$work/launch"

# The image of the floor has its code and nothing else, neither pages of a C library nor tables for a linker.
bare=(-static -nostdlib -Os -s -fno-pie -no-pie -fno-stack-protector -fno-asynchronous-unwind-tables
    -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,noexecstack)
if [ "$(uname -m)" = x86_64 ]; then
    "$compiler" "${bare[@]}" "$here/floor.c" -o "$work/floor"
    "$compiler" "${bare[@]}" -DEMPTY "$here/floor.c" -o "$work/empty"
    add 'floor' "$work/floor" "$work/floor.log"
    add 'floor, a second time' "$work/floor" "$work/floor.log"
    add 'a program that only ends' "$work/empty"
else
    missing 'floor: it is written for x86-64'
fi

target=${CARGO_TARGET_DIR:-$root/target}
procline=${PROCLINE:-$target/x86_64-unknown-linux-musl/release/procline}
if [ -n "${PROCLINE:-}" ] && [ ! -x "$procline" ]; then echo "PROCLINE=$procline: no such program" >&2; exit 1; fi
if [ ! -x "$procline" ]; then
    (cd "$root" && cargo build --quiet --release)
    procline=$target/release/procline
fi
kind=static
if LC_ALL=C grep -q 'ld-linux\|ld-musl' "$procline"; then kind=dynamic; fi
add "procline, $kind" "$(realpath "$procline")" --log-path "$work/procline"

files='/proc/stat /proc/uptime /proc/loadavg /proc/meminfo'
add 'sh, cat of the four files' sh -c "cat $files >> $work/sh.log"
add 'busybox sh, the same' busybox sh -c "cat $files >> $work/busybox.log"
add 'python3, tests/pymonitor.py' python3 "$root/tests/pymonitor.py"
add 'vmstat' vmstat
add 'sadc' sadc -F -L 1 1 "$work/sadc.log"
ATOPACCT= add 'atop -w' atop -w "$work/atop.log" 1 1

exporter=$(type -P prometheus-node-exporter || type -P node_exporter || true)
[ -n "$exporter" ] || missing 'prometheus-node-exporter: it is not installed'

python3 -B "$here/compare.py" --launcher "$work/launch" --rounds "${ROUNDS:-200}" \
    ${json:+--json "$json"} ${exporter:+--exporter "$exporter"} "${programs[@]}"
