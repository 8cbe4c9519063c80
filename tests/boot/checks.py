#!/usr/bin/env python3
"""What each guest is held to: that procline, on a kernel of another architecture, records what that kernel's files say
and does what the README tells. Each check is a function that raises Failure.

usage: checks.py [--at-once N] [MACHINE …]    prints a table with a row for each machine, of all by default
"""

import argparse
import concurrent.futures
import decimal
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from initramfs import program
from kernels import MACHINES, Failure
from machines import Guest, end_with_signals
from records import expect, fetch, fields, records

# Of ext4, in bytes.
BLOCK = 1024


def logs(guest, path):
    """The lines of all logs in a folder of the guest: {name: [line]}."""
    with tempfile.TemporaryDirectory() as folder:
        fetch(guest, path, folder)
        found = {log.name: log.read_text() for log in sorted(pathlib.Path(folder).iterdir())}
    for name, text in found.items():
        expect(text.endswith("\n"), f"{name} does not end with a newline")
        for line in text.splitlines():
            expect(re.fullmatch(r"(\d+) - \{.*\"timestamp\":\1,.*\}", line) and fields(line), f"{name}: {line!r}")
    return {name: text.splitlines() for name, text in found.items()}


def interval(guest):
    """A boot in 1970, then the right time, then a step back: three logs, with a record each second."""
    output = guest.check("""
        date -s @100000
        procline --interval 1 --no-intr-counters --log-path /tmp/interval & pid=$!
        sleep 4
        date -s @1795000000
        sleep 4
        date -s @1700000000
        sleep 4
        kill $pid
        wait $pid
        echo status $?""")
    expect(output.endswith("status 0"), f"--interval: {output}")
    found = logs(guest, "/tmp/interval")
    days = [f"awesome_monitoring_{day}.log" for day in ("1970-01-02", "2023-11-14", "2026-11-18")]
    expect(list(found) == days, f"--interval: the logs are {list(found)}")
    for name, lines in found.items():
        expect(len(lines) >= 3, f"{name} has {len(lines)} lines")
        seconds = [int(line.split(" - ")[0]) for line in lines]
        expect(seconds == list(range(seconds[0], seconds[0] + len(lines))), f"{name}: {seconds}")
    uptimes = sorted(fields(line)["uptime.total"] for lines in found.values() for line in lines)
    for one, other in zip(uptimes, uptimes[1:]):
        expect(decimal.Decimal("0.4") < other - one < 2, f"--interval: records at {one} and {other} s of uptime")


def max_bytes(guest):
    """60 runs within 64 KiB, on two days, in a tmpfs and on ext4: never more on the disk, and what is kept are the
    newest records, without one that is missing or there twice."""
    for folder in ("/tmp/max", "/mnt/max"):
        output = guest.check(f"""
            mkdir {folder}
            for run in $(seq 60); do
                day=2026-11-1$((7 + run / 50))
                date -s "$day 12:00:00" > /tmp/date
                procline --log-path {folder} --max-bytes 64k --no-intr-counters || exit
                tail -n1 {folder}/*$day.log >> {folder}.all
                du -s -k {folder} | cut -f1
            done""", 120)
        sizes = [int(size) for size in output.split()]
        expect(len(sizes) == 60 and max(sizes) <= 64, f"--max-bytes 64k: {folder} takes {max(sizes)} KiB")
        # A day's parts are .log.1, .log.2, …, .log.
        day_and_part = lambda log: (log[0].split(".")[0], log[0].endswith(".log"), log[0])
        found = sorted(logs(guest, folder).items(), key=day_and_part)
        kept = [line for _, lines in found for line in lines]
        made = guest.get(f"{folder}.all").decode().splitlines()
        expect(len(made) == 60 and kept == made[-len(kept) :], f"{folder} does not keep the newest records")
        size = sum(len(line) + 1 for line in kept)
        expect(size >= 0.6 * 65536 and len(found) > 2, f"--max-bytes 64k keeps {size} bytes in {len(found)} logs")


def keep_files(guest):
    """One record on each of six days, three of them kept."""
    guest.check("""
        for day in 1 2 3 4 5 6; do
            date -s "2026-11-0$day 12:00:00" > /tmp/date
            procline --log-path /tmp/keep --keep-files 3 || exit
        done""")
    kept = list(logs(guest, "/tmp/keep"))
    expect(kept == [f"awesome_monitoring_2026-11-0{day}.log" for day in (4, 5, 6)], f"--keep-files 3 keeps {kept}")


def sync(guest, disk):
    """With --sync a record is on the disk when the run ends. Without, it is not there yet, so this test can see."""
    guest.check("mount /dev/vda /mnt && sync")
    guest.check("procline --log-path /mnt/unsynced")
    unsynced = guest.get(guest.check("ls /mnt/unsynced/*"))
    expect(unsynced not in disk.read_bytes(), "a record without --sync was on the disk at once")
    for _ in range(3):
        guest.check("procline --sync --log-path /mnt/synced")
        content = disk.read_bytes()
        synced = guest.get(guest.check("ls /mnt/synced/*"))
        expect(synced.splitlines(True)[-1] in content, "a record with --sync is not on the disk")


def log_of_size(guest, log, size):
    """Makes a log of this size: a hole, the end of its line, and a record."""
    length = int(guest.check("(echo && procline --stdout) > /tmp/record; stat -c %s /tmp/record"))
    guest.check(f"truncate -s 0 {log}; truncate -s {size - length} {log} && cat /tmp/record >> {log}")


def large_logs(guest):
    """Logs that grow over 2^31 and 2^32 bytes, in a tmpfs and on ext4, are appended to like others."""
    for folder in ("/tmp/large", "/mnt/large"):
        for power in (31, 32):
            guest.check(f"mkdir {folder}")
            log = guest.check(f"echo {folder}/log$(date +%Y-%m-%d).log")
            # The first record lies across the border, the second behind it.
            log_of_size(guest, log, 2**power - 500)
            run = f"procline --log-path {folder} --log-prefix log"
            guest.check(f"{run} && {run}")
            grown = int(guest.check(f"stat -c %s {log}")) - (2**power - 500)
            lines = guest.check(f"tail -c {grown} {log}").splitlines()
            expect(len(lines) == 2 and all(fields(line) for line in lines), f"{folder}: 2^{power} bytes: {lines}")
            expect(grown == sum(len(line) + 1 for line in lines), f"{folder}: 2^{power}: {grown} bytes more")
            guest.check(f"rm -r {folder}")


def largest_log(guest):
    """A record that the largest file of ext4 has no room for is an error that says so, and nothing of it stays."""
    guest.check("mkdir /mnt/largest")
    log = guest.check("echo /mnt/largest/log$(date +%Y-%m-%d).log")
    size = (2**32 - 1) * BLOCK
    log_of_size(guest, log, size - 500)
    status, output = guest.run("procline --log-path /mnt/largest --log-prefix log")
    expect(status == 1 and output == f"procline: {log}: file too large\n", f"the largest log: {status}: {output}")
    expect(int(guest.check(f"stat -c %s {log}")) == size - 500, "the largest log has a piece of a record")
    guest.check("rm -r /mnt/largest")


def init_script(guest):
    guest.check("rm -rf /var/log/pymonitor; cp /dist/busybox/S90procline /etc/init.d/; mkdir -p /etc/default")
    script = "/etc/init.d/S90procline"
    status, output = guest.run(f"date -s '2026-11-20 10:00:56' > /tmp/date; {script} start && {script} start")
    expect(status == 0 and output.count("OK") == 2 and "running already" in output, f"S90procline start: {output}")
    expect("is running" in guest.check(f"{script} status"), "S90procline status")
    wait_for_record(guest, "S90procline")
    expect("OK" in guest.check(f"{script} restart"), "S90procline restart")
    expect("OK" in guest.check(f"{script} stop"), "S90procline stop")
    expect(guest.run(f"{script} status")[0] == 3, "S90procline status after stop")
    status, output = guest.run(f"echo OPTIONS=--keep-fils > /etc/default/procline; {script} start")
    refused = status == 1 and "FAIL" in output and "no such option" in output
    expect(refused, f"S90procline with a wrong option: {output}")
    guest.check(f"rm /etc/default/procline {script}")


def inittab(guest):
    """BusyBox init starts the line of dist/, and again when procline is killed."""
    guest.check("rm -rf /var/log/pymonitor; cp /etc/inittab /tmp/inittab; cat /dist/busybox/inittab >> /etc/inittab")
    guest.check("date -s '2026-11-20 10:00:54' > /tmp/date; kill -HUP 1")
    first = guest.check(f"{UNTIL}; until_true pidof procline")
    guest.check(f"kill -9 {first}")
    second = guest.check(f"{UNTIL}; until_true pidof procline")
    expect(second.split()[-1] != first.split()[-1], "BusyBox init did not start procline again")
    wait_for_record(guest, "inittab")
    guest.check("cp /tmp/inittab /etc/inittab; kill -HUP 1; killall procline; sleep 1; ! pidof procline")


def crontab(guest):
    guest.check("rm -rf /var/log/pymonitor; date -s '2026-11-20 10:00:55' > /tmp/date")
    guest.check("mkdir -p /var/spool/cron/crontabs; cp /dist/cron/busybox.crontab /var/spool/cron/crontabs/root; crond")
    wait_for_record(guest, "crond")
    guest.check("killall crond")


# Tries a command for 30 s.
UNTIL = "until_true() { for try in $(seq 150); do \"$@\" && return; sleep 0.2; done; return 1; }"


def wait_for_record(guest, what):
    """The record of 10:01:00, some seconds after a clock that was set to less."""
    guest.check(f"{UNTIL}; until_true test -s /var/log/pymonitor/awesome_monitoring_2026-11-20.log")
    ((_, lines),) = logs(guest, "/var/log/pymonitor").items()
    moment = fields(lines[0])["time"]
    expect(len(lines) == 1 and moment.startswith("2026-11-20T10:01:0"), f"{what}: {len(lines)} lines, of {moment}")


def hold(machine):
    """Boots a machine and makes all checks; returns the cells of a row of the table."""
    started = time.monotonic()
    programs = {f"other/{target}": program(target).read_bytes() for target in machine.also}
    with tempfile.TemporaryDirectory() as work:
        disk = pathlib.Path(work, "disk")
        subprocess.run(["mkfs.ext4", "-q", "-F", "-b", str(BLOCK), disk, "64M"], check=True, capture_output=True)
        with Guest(machine, [f"file={disk},format=raw"], ["ext4"], programs) as guest:
            kernel = guest.check("uname -r")
            page = guest.check("awk '$1 == \"KernelPageSize:\" {print $2; exit}' /proc/self/smaps")
            checks = [("records", lambda: records(guest))]
            for path in programs:
                checks.append((f"records of {path}", lambda path=path: records(guest, f"/{path}")))
            checks.append(("sync", lambda: sync(guest, disk)))
            for check in (interval, max_bytes, keep_files, large_logs, largest_log, init_script, inittab, crontab):
                checks.append((check.__name__, lambda check=check: check(guest)))
            for name, check in checks:
                try:
                    check()
                except Failure as failure:
                    raise Failure(f"{machine.name}: {name}: {failure}") from None
    seconds = time.monotonic() - started
    print(f"{machine.name}: {len(checks)} checks in {seconds:.0f} s", file=sys.stderr)
    targets = ", ".join(f"`{target}`" for target in (machine.target, *machine.also))
    return [machine.name, kernel, f"{page} KiB", targets, len(checks), f"{seconds:.0f}"]


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("machines", nargs="*", metavar="MACHINE")
    options = parser.parse_args(arguments)
    end_with_signals()
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        futures = [pool.submit(hold, MACHINES[name]) for name in options.machines or MACHINES]
        failures = [failure for future in futures if (failure := future.exception())]
    for failure in failures:
        print(failure, file=sys.stderr)
    rows = [future.result() for future in futures if not future.exception()]
    print("| machine | kernel | pages | programs | checks | seconds |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    if failures:
        sys.exit(f"{len(failures)} machines fail")


if __name__ == "__main__":
    main(sys.argv[1:])
