#!/usr/bin/env bash
# Replays the committed corpus, then looks for inputs that procline and the second reading disagree on.
#
# usage: tests/fuzz/run.sh [SECONDS] [TARGET...]
#
# SECONDS for each target, default 60; 0 only replays. Without a TARGET all are run, two at a time. Needs a nightly
# toolchain and a C++ compiler; cargo-fuzz is installed where it is missing, into the user's cache folder.
# FUZZ_JOBS=1 runs one at a time. FUZZ_FOUND=DIR keeps the inputs that reach new code, in DIR/TARGET; what the corpus
# lacks of them is added to it, and the names that are there stay, by
#   target/<host>/release/TARGET -set_cover_merge=1 -use_counters=0 corpus/TARGET DIR/TARGET
set -euo pipefail
cd "$(dirname "$0")"
unset CARGO_TARGET_DIR RUSTFLAGS
cache=${XDG_CACHE_HOME:-$HOME/.cache}/procline-fuzz

stop() { printf '%s: %s\n' "$0" "$*" >&2; exit 1; }

seconds=${1:-60}
[[ $seconds =~ ^[0-9]+$ ]] || stop "$seconds: not a number of seconds"
if [ $# -gt 1 ]; then targets=("${@:2}"); else targets=(stat uptime loadavg meminfo record command_line with bgzf show); fi
for target in "${targets[@]}"; do
    [ -f "fuzz_targets/$target.rs" ] || stop "$target: no such target"
done

host=$(rustc +nightly -vV 2> /dev/null | sed -n 's|^host: ||p' || true)
[ -n "$host" ] || stop 'no nightly toolchain: rustup toolchain install nightly'
export PATH=$PATH:$cache/bin
command -v cargo-fuzz > /dev/null || cargo install --quiet --locked cargo-fuzz --root "$cache"
# The sanitizer would look for what safe code cannot do, at a third of the speed; what `unsafe` there is are system calls.
# Sums that wrap and assertions are checked (Cargo.toml).
cargo +nightly fuzz build --fuzz-dir . --sanitizer none

# The folder that stands for /proc is written before each record: in memory, where that can be had.
TMPDIR=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/procline-fuzz.XXXXXX")
trap 'rm -rf "$TMPDIR"' EXIT
export TMPDIR found=${FUZZ_FOUND:-$TMPDIR} seconds host RUST_BACKTRACE=0

# A text of 4 KiB has every form of line; longer ones take longer and say no more.
declare -A longest=([uptime]=128 [loadavg]=128 [command_line]=2048)

# Prints the outcome of a target in a line: what it ran, and where the input lies that it stopped at.
run() {
    local target=$1 length=$2 program=target/$host/release/$1 log=$TMPDIR/$1.log new=$found/$1/
    local options=(-timeout=10 -rss_limit_mb=1024 -print_final_stats=1 "-artifact_prefix=artifacts/$target/")
    mkdir -p "artifacts/$target" "$new"
    if "$program" "${options[@]}" -runs=0 "corpus/$target" > "$log" 2>&1 && { [ "$seconds" = 0 ] ||
        "$program" "${options[@]}" -max_total_time="$seconds" -max_len="$length" -dict=proc.dict "$new" "corpus/$target" >> "$log" 2>&1; }
    then outcome='nothing found'
    else outcome="FAILED at $(sed -n 's|^.*Test unit written to |tests/fuzz/|p' "$log")"
    fi
    printf '%-12s %9s runs, %6s/s, coverage %4s, %3s new: %s\n' "$target" \
        "$(awk '/^stat::number_of_executed_units:/ { all += $2 } END { print all + 0 }' "$log")" \
        "$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log" | tail -n1)" \
        "$(grep -o 'cov: [0-9]*' "$log" | tail -n1 | cut -c6-)" "$(ls "$new" | wc -l)" "$outcome"
    [ "$outcome" = 'nothing found' ] && return
    awk '/panicked at/ { on = 1 } on || /ERROR: libFuzzer/ { print substr($0, 1, 2000) } /ERROR: libFuzzer/ { on = 0 }' "$log"
    return 1
}
export -f run

for target in "${targets[@]}"; do
    printf '%s\0%s\0' "$target" "${longest[$target]:-4096}"
done | xargs -0 -n2 -P "${FUZZ_JOBS:-2}" bash -c 'run "$@"' run
