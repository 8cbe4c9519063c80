#!/usr/bin/env python3
"""The clock of a guest with two CPUs is set forward and back, again and again, while `procline --interval 1` runs. By
the new clock a record is due at each full second, and none elsewhere. Wrong is a step that gives a record at once, or
leaves out one, or is followed by a gap of two intervals or by two records less than half an interval apart.

A gap and a pair are measured by the `uptime` of the records, which no step changes. Which records are due is told by
the steps, which step.c writes down, and with each for how long a CPU stood still: by so much a record may be late.

usage: steps.py [--steps N] [--guests N] [--seed N] [--program FILE]
"""

import argparse
import concurrent.futures
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from initramfs import program
from kernels import MACHINES, Failure
from machines import Guest, end_with_signals

# Seconds: where a CPU stood still for longer, a step is not judged. A record can wait for both CPUs, one that takes the
# interrupt and one that runs the process, and step.c sets no clock so soon after a full second.
STILL = 0.15
# And what else two times that are compared may be apart: a record's uptime is read after its time.
NEAR = 0.1


def build(folder):
    path = pathlib.Path(folder, "step")
    source = pathlib.Path(__file__).with_name("step.c")
    subprocess.run(["gcc", "-static", "-O2", "-Wall", "-Wextra", "-Werror", "-o", path, source], check=True)
    return path.read_bytes()


def run(steps, seed, binary):
    """The steps and the records of a guest: [(since the boot, clock before, clock after, stood still)], the last one
    being the end, and [(uptime, clock)]."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"step": build(folder), "usr/bin/stepped": pathlib.Path(binary).read_bytes()}
    with Guest(MACHINES["amd64"], files=files, cpus=2) as guest:
        guest.check(
            f"""
            stepped --interval 1 --stdout --no-intr-counters > /tmp/records & pid=$!
            sleep 2
            /step {steps} {seed} > /tmp/steps || exit
            kill $pid
            wait $pid""",
            60 + 5 * steps,
        )
        told = guest.get("/tmp/steps").decode().splitlines()
        lines = guest.get("/tmp/records", 300).decode().splitlines()
    if len(told) != steps + 1:
        raise Failure(f"{len(told) - 1} of {steps} steps")
    records = []
    for line in lines:
        record = json.loads(line.split(" - ", 1)[1])
        micros = re.search(r"\.(\d{6})$", record["time"])[1]
        records.append((record["uptime"]["total"], record["timestamp"] + int(micros) / 1e6))
    return [tuple(int(word) / 1e9 for word in line.split()) for line in told], records


def stillness(steps, number):
    """For how long a CPU stood still before a step and behind it; the first step is 1, and 0 the time before it."""
    return max(step[3] for step in steps[max(number - 1, 0) : number + 1])


def judged(steps):
    return [number for number in range(1, len(steps)) if stillness(steps, number) < STILL]


def faults(steps, records):
    """What is wrong, as [(the step's number, what)], of all steps."""
    found = []
    for (one, _), (other, _) in zip(records, records[1:]):
        number = sum(step[0] < other for step in steps)
        near = NEAR + 2 * stillness(steps, number)
        if other - one < 0.5 - near:
            found.append((number, f"a pair {other - one:.2f} s apart"))
        if other - one > 2 + near:
            found.append((number, f"a gap of {other - one:.2f} s"))
    for number, ((boot, _, clock, _), (until, last, _, _)) in enumerate(zip(steps, steps[1:]), 1):
        near = NEAR + 2 * stillness(steps, number)
        # A step is of 3 s or more, so a record's clock shows between which steps it was made.
        here = [at for up, at in records if abs((at - up) - (clock - boot)) < 1 and boot - 1 < up < until + 1]
        for at in here:
            if at % 1 > near:
                found.append((number, f"a record {at - clock:.2f} s after the step and {at % 1:.2f} s after a second"))
        before = max((up for up, _ in records if up < boot), default=0)
        for due in range(math.ceil(clock), math.floor(last) + 1):
            # A record is due only half an interval after the last one, or later. And a second that is full before the
            # process wakes up cannot be told from one that the step leapt over.
            is_due = due - clock > near and boot + due - clock - before > 0.5 + near
            if is_due and due not in map(math.floor, here):
                found.append((number, f"no record {due - clock:.2f} s after the step"))
    return found


def clock_steps(count, seed, binary):
    """Steps in one guest: (how many went wrong, how many were judged, a sentence)."""
    steps, records = run(count, seed, binary)
    fair = judged(steps)
    wrong = [(number, what) for number, what in faults(steps, records) if number in fair]
    for step, what in wrong:
        print(f"seed {seed}: step {step}: {what} (stood still: {stillness(steps, step):.2f} s)", file=sys.stderr)
    apart = [other - one for (one, _), (other, _) in zip(records, records[1:])]
    late = max(at % 1 for _, at in records)
    return len({step for step, _ in wrong}), len(fair), (
        f"seed {seed}: {count} clock steps, {len(fair)} of them judged, {len(records)} records, "
        f"{min(apart):.2f} to {max(apart):.2f} s apart, at most {late:.2f} s after a full second"
    )


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=25, help="in all guests together")
    parser.add_argument("--guests", type=int, default=1, help="how many run at the same time")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--program")
    options = parser.parse_args(arguments)
    end_with_signals()
    binary = options.program or program(MACHINES["amd64"].target)
    each = math.ceil(options.steps / options.guests)
    with concurrent.futures.ThreadPoolExecutor(options.guests) as pool:
        seeds = range(options.seed, options.seed + options.guests)
        results = list(pool.map(lambda seed: clock_steps(each, seed, binary), seeds))
    for *_, sentence in results:
        print(sentence)
    wrong, fair = (sum(result[column] for result in results) for column in (0, 1))
    if wrong:
        sys.exit(f"{wrong} of {fair} clock steps went wrong")
    if fair < each * options.guests / 2:
        sys.exit("the host is too busy: most clock steps could not be judged")


if __name__ == "__main__":
    main(sys.argv[1:])
