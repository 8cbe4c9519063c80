"""A guest's records, held to what tests/pymonitor.py reads in the same files of /proc."""

import decimal
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import time

from kernels import CHECKOUT, Failure

FILES = "stat uptime loadavg meminfo"
# These only grow, so a live record has to lie between two readings.
COUNTERS = re.compile(r"cpu_data\.(cpu_total|cpus|intr|ctxt|btime|processes|softirq)\b|uptime\.|loadavg\.last_pid")


def expect(holds, message):
    if not holds:
        raise Failure(message)


def fetch(guest, path, folder):
    """Copies a folder of the guest to one of the host."""
    guest.check(f"tar -C {path} -cf /tmp/fetched.tar .")
    with tarfile.open(fileobj=io.BytesIO(guest.get("/tmp/fetched.tar"))) as archive:
        archive.extractall(folder)
    guest.check("rm /tmp/fetched.tar")


def fields(line):
    """{path: value} of a record, in its order, with the digits that it has."""
    found = {}

    def add(path, value):
        if isinstance(value, dict):
            for name, inner in value.items():
                add(f"{path}.{name}" if path else name, inner)
        elif isinstance(value, list):
            found[f"{path}.length"] = len(value)
            for number, inner in enumerate(value):
                add(f"{path}.{number}", inner)
        else:
            found[path] = value

    add("", json.loads(line.split(" - ", 1)[1], parse_float=decimal.Decimal))
    return found


def second_reading(line, folder, style):
    """What tests/pymonitor.py makes of the files in a folder, with the clock of a record."""
    seconds, micros = re.match(r'(\d+) - \{"time": ?"[^".]*\.?(\d*)"', line).groups()
    command = [sys.executable, CHECKOUT / "tests/pymonitor.py", "--procfs", folder, "--at", f"{seconds}.{micros or 0}"]
    command += ["--kernel"] if style == "kernel" else []
    environment = {**os.environ, "TZ": "UTC0"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def hold_exactly(line, folder, style):
    expected = second_reading(line, folder, style)
    ours, theirs = fields(line), fields(expected)
    for path in [*theirs, *ours]:
        expect(ours.get(path) == theirs.get(path), f"{style}: {path} is {ours.get(path)}, not {theirs.get(path)}")
    expect(line == expected, f"{style}: not byte for byte {expected!r}: {line!r}")


def hold_between(line, before, after, style):
    first, last = (fields(second_reading(line, folder, style)) for folder in (before, after))
    ours = fields(line)
    expect(list(first) == list(ours), f"{style}: has other fields: {set(first) ^ set(ours) or 'another order'}")
    for path, value in ours.items():
        if path in ("time", "timestamp") or path.endswith((".name", ".unit")):
            expect(value == first[path], f"{style}: {path} is {value}, not {first[path]}")
            continue
        low, value, high = (decimal.Decimal(each[path]) for each in (first, ours, last))
        if not COUNTERS.match(path):
            # What goes up and down may have done both meanwhile: some MB, or a few processes.
            room = 4096 if path.startswith("meminfo.") else 4
            low, high = min(low, high) - room, max(low, high) + room
        expect(low <= value <= high, f"{style}: {path} is {value}, not from {low} to {high}")


def records(guest, command="procline"):
    """One record by default and one with --pymonitor: exactly what a copy of the files says, and of the files
    themselves what lies between a reading before and one after."""
    guest.check(f"""
        copy() {{ mkdir -p $1; for file in {FILES}; do cat /proc/$file > $1/$file; done; }}
        rm -rf /tmp/records
        set -e
        for style in kernel pymonitor; do
            folder=/tmp/records/$style option=
            [ $style = kernel ] || option=--pymonitor
            copy $folder/before
            date +%s > $folder/from
            {command} $option --log-path $folder/log
            date +%s > $folder/to
            copy $folder/after
            {command} $option --procfs $folder/before --stdout > $folder/exact
        done""")
    with tempfile.TemporaryDirectory() as folder:
        fetch(guest, "/tmp/records", folder)
        for style in ("kernel", "pymonitor"):
            here = pathlib.Path(folder, style)
            hold_exactly((here / "exact").read_text(), here / "before", style)
            (log,) = (here / "log").iterdir()
            line = log.read_text()
            hold_between(line, here / "before", here / "after", style)
            now = int(line.split(" - ")[0])
            expect(int((here / "from").read_text()) <= now <= int((here / "to").read_text()), f"{now} is not the time")
            day = time.strftime("%Y-%m-%d", time.gmtime(now))
            expect(log.name == f"awesome_monitoring_{day}.log", f"{log.name} on {day}")
