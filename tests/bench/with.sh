#!/usr/bin/env bash
# What each source of --with adds to a record: bytes, of three machines of fixtures/, and µs of a run on this machine, with
# each and without in turns. PROGRAM=… names the static program, ROUNDS=200 how often it runs with each.
#
# The file systems of a fixture are those of this machine's disk, so they count as this machine's.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${PROGRAM:-target/x86_64-unknown-linux-musl/release/procline}
machines='mt7621-router raspberry-pi-3 x86-64cpu-gaps'
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
gcc -O2 tests/bench/launch.c -o "$work/launch"

mapfile -t sources < <("$program" --with=? 2>&1 | sed 's/.*all,//; s/;.*//' | tr , '\n')
[ ${#sources[@]} -gt 10 ] || { echo 'no sources found in the message'; exit 1; }
commands=(--- "$program" --log-path "$work/log")
for source in "${sources[@]}" all; do commands+=(--- "$program" --log-path "$work/log" --with "$source"); done
"$work/launch" "${ROUNDS:-200}" "$work/nothing" "${commands[@]}" |
    awk '{wall[$1] = wall[$1] " " $2} END {for (command in wall) print command, wall[command]}' | sort -n |
    while read -r command times; do tr ' ' '\n' <<< "$times" | sort -n | awk '{all[NR] = $1} END {print all[int((NR + 1) / 2)]}'; done > "$work/times"

bytes() { "$program" --stdout --procfs "fixtures/$1" --sysfs "fixtures/$1/sysfs" ${2:+--with "$2"} | wc -c; }
printf '%-14s' source
printf '%16s' $machines 'µs here'
echo
number=0
for source in '' "${sources[@]}" all; do
    number=$((number + 1))
    printf '%-14s' "${source:-(none)}"
    for machine in $machines; do
        alone=0
        [ -z "$source" ] || alone=$(bytes "$machine")
        printf '%16d' $(($(bytes "$machine" "$source") - alone))
    done
    awk -v line=$number 'NR == 1 {base = $1} NR == line {printf "%16.0f%s\n", line == 1 ? $1 : $1 - base, line == 1 ? "" : sprintf(" (%.2f)", $1 / base)}' "$work/times"
done
