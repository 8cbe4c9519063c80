"""Measures programs beside each other and prints what a run of each costs, as a Markdown table.

usage: compare.py --launcher PROGRAM [--rounds N] [--json FILE] [--exporter PROGRAM] --- NAME COMMAND [ARGUMENT]...
                  [--- NAME COMMAND [ARGUMENT]...]...

The launcher is launch.c. Each program appends its standard output to a file. Wall time is from the start to the moment
that the launcher learns of the end, CPU time what the kernel charges to the program and its children; both are medians,
and neither is taken under ptrace(2). The first program is what the others are compared to.
"""

import argparse
import datetime
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

import exporter
import traced

WARM_UP = 3
TRACED_RUNS = 5
# ATOPACCT: atop would otherwise switch on process accounting for the whole machine.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C", "ATOPACCT": ""}


def timed(launcher, rounds, output, commands):
    """For each command the medians of wall time, CPU time and faults."""
    words = [word for command in commands for word in ("---", *command)]
    launched = subprocess.run(
        [launcher, str(WARM_UP + rounds), output, *words], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True
    )
    runs = [[] for _ in commands]
    for line in launched.stdout.splitlines():
        number, *values = line.split()
        runs[int(number)].append([float(value) for value in values])
    return [[statistics.median(column) for column in zip(*values[WARM_UP:])] for values in runs]


def traced_medians(command, output):
    """The medians of memory, system calls and bytes of files; none where ptrace(2) is not allowed."""
    with open(output, "ab") as appended, open(os.devnull, "r+b") as nothing:
        descriptors = [nothing.fileno(), appended.fileno(), nothing.fileno()]
        try:
            runs = [traced.run(command, ENVIRONMENT, descriptors) for _ in range(TRACED_RUNS)]
        except OSError as error:
            print(f"no memory and no system calls: {error}", file=sys.stderr)
            return None, None, None
    return [statistics.median(values) for values in zip(*runs)]


def measure(options, programs):
    cpus = os.sched_getaffinity(0)
    # On one CPU, a start is not sometimes a move to another.
    os.sched_setaffinity(0, {max(cpus)})
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "output")
        times = timed(options.launcher, options.rounds, output, [command for _, command in programs])
        rows = []
        for (name, command), (wall, cpu, faults) in zip(programs, times):
            resident, calls, size = traced_medians(command, output)
            rows.append({
                "name": name, "wall_us": round(wall, 1), "cpu_us": round(cpu, 1), "resident_kib": resident,
                "faults": round(faults), "system_calls": calls, "file_bytes": size,
            })  # fmt: skip
    os.sched_setaffinity(0, cpus)
    if options.exporter:
        rows.append(exporter.measure(options.exporter, options.rounds))
    return rows


def machine():
    """What ran this, without its name."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        model = re.search(r"^(?:model name|Hardware|cpu model)\s*:\s*(.+)$", file.read(), re.MULTILINE)
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": model.group(1) if model else os.uname().machine,
        "cpus": os.cpu_count(),
        "kernel": "Linux " + re.match(r"[0-9.]*", os.uname().release).group(),
    }


COLUMNS = {
    "wall_us": "wall time, µs",
    "cpu_us": "CPU time, µs",
    "resident_kib": "peak resident, KiB",
    "faults": "minor faults",
    "system_calls": "system calls",
    "file_bytes": "program and libraries, bytes",
}


def table(rows):
    yield f"| program | {' | '.join(COLUMNS.values())} | wall time × the first |"
    yield f"| --- |{' --: |' * (len(COLUMNS) + 1)}"
    for row in rows:
        cells = ["–" if row[key] is None else f"{row[key]:,.0f}" for key in COLUMNS]
        yield f"| {row['name']} | {' | '.join(cells)} | {row['wall_us'] / rows[0]['wall_us']:.2f} |"


def programs_of(words):
    programs = []
    for word in words:
        if word == "---":
            programs.append([])
        else:
            programs[-1].append(word)
    return [(name, command) for name, *command in programs]


def main():
    start = sys.argv.index("---")
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json")
    parser.add_argument("--exporter")
    options = parser.parse_args(sys.argv[1:start])
    rows = measure(options, programs_of(sys.argv[start:]))
    measured = {**machine(), "rounds": options.rounds, "programs": rows}
    print("\n".join(table(rows)))
    print("\n{cpu}, {cpus} CPUs, {kernel}, {date}. Medians of {rounds} runs of each.".format(**measured))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(measured, file, indent=1, ensure_ascii=False)
            file.write("\n")


if __name__ == "__main__":
    main()
