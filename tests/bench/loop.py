#!/usr/bin/env python3
"""What a record costs in a run that goes on, beside a floor that makes the same system calls and nothing else (loop.c).

usage: loop.py PROCLINE [SECONDS]

Both record each second, half a second apart, on one CPU, for SECONDS (default 60). CPU time is what the scheduler has
counted of a process (/proc/PID/schedstat), its wake-ups included; the median of what each second took. Needs cc.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time


def cpu_time(pid):
    """Microseconds on a CPU."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1000


def resident(pid):
    """KiB that are mapped, at most."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def main():
    procline, seconds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 60
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "loop.c")
        floor = os.path.join(folder, "loop")
        subprocess.run(["cc", "-O2", "-static", source, "-o", floor], check=True)
        environment = {"TZ": os.environ.get("TZ", ":/etc/localtime")}
        commands = {
            "floor": [floor, os.path.join(folder, "floor.log")],
            "procline": [procline, "--interval", "1", "--log-path", os.path.join(folder, "log")],
        }
        runs = {name: subprocess.Popen(command, env=environment) for name, command in commands.items()}
        try:
            # A quarter of a second behind the one and before the other; the first records are not counted.
            time.sleep(3 - time.time() % 1 + 0.25)
            took = {name: [] for name in runs}
            for _ in range(seconds):
                before = {name: cpu_time(run.pid) for name, run in runs.items()}
                time.sleep(1)
                for name, run in runs.items():
                    took[name].append(cpu_time(run.pid) - before[name])
            medians = {name: statistics.median(times) for name, times in took.items()}
            print("| | CPU time of a record, µs | × floor | memory, KiB |\n| --- | --: | --: | --: |")
            for name, run in runs.items():
                ratio = medians[name] / medians["floor"]
                print(f"| {name} | {medians[name]:.0f} | {ratio:.2f} | {resident(run.pid)} |")
        finally:
            for run in runs.values():
                run.terminate()
                run.wait()


if __name__ == "__main__":
    main()
