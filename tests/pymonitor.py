#!/usr/bin/env python3
"""A second reading of /proc, to hold procline to: what pymonitor writes, or what procline writes by default.

usage: pymonitor.py [--kernel] [--procfs DIR] [--at SECONDS.MICROSECONDS]

Prints the line that `procline --pymonitor --stdout` must print, byte for byte; with --kernel, the line of `procline
--stdout`. The time zone is that of TZ. It has nothing of procline in it, and follows the documentation of pymonitor,
what its source does, and proc(5). It differs from pymonitor where that one crashes (columns that a kernel does not have
count as 0), and where the README names a difference.
"""

import argparse
import datetime
import json
import re
import time

HZ = 100
TIMES = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"]


def lines(path):
    with open(path, encoding="ascii", errors="replace", newline="") as file:
        return re.split(r"[\r\n]+", file.read())


class Kernel:
    """Numbers as the kernel has them."""

    separators = (",", ":")

    def ticks(self, text):
        return int(text)

    def decimal(self, text):
        return f"<{text}>"

    def processes(self, stat):
        return stat["processes"]

    def time(self, now):
        return now.isoformat(timespec="microseconds")

    def amount(self, line):
        """A whole line: a name, its value and a unit."""
        return re.fullmatch(r"\s*([!#-9;-\[\]-~]+):\s*([0-9]+)(?:\s+([A-Za-z]+))?\s*", line)

    def dump(self, record):
        return re.sub(r'"<([0-9.]+)>"', r"\1", json.dumps(record, separators=self.separators))


class Pymonitor(Kernel):
    """Numbers as pymonitor has them."""

    separators = (", ", ": ")

    def ticks(self, text):
        return int(text) * HZ

    def decimal(self, text):
        return float(text)

    def processes(self, stat):
        return stat["btime"]

    def time(self, now):
        return now.isoformat()

    def amount(self, line):
        """What a line begins with: a name, a blank, the value, and a word behind it; then anything."""
        return re.match(r"([A-Za-z0-9_()]+):[ \t]+([0-9]+)[ \t]*([A-Za-z0-9_]*)", line)


def read_stat(path, style):
    def cpu(words):
        times = [style.ticks(word) for word in words[1:]]
        times += [0] * (len(TIMES) - len(times))
        return {"name": words[0], **dict(zip(TIMES, times))}

    stat = {
        "cpu_total": None,
        "cpus": [],
        "intr": {"total": 0, "counters": []},
        "ctxt": 0,
        "btime": 0,
        "processes": 0,
        "procs_running": 0,
        "procs_blocked": 0,
        "softirq": [],
    }
    for line in lines(path):
        words = line.split()
        if not words:
            continue
        name = words[0]
        if name == "cpu":
            stat["cpu_total"] = cpu(words)
        elif re.fullmatch(r"cpu[0-9]+", name):
            stat["cpus"].append(cpu(words))
        elif name == "intr":
            counts = [style.ticks(word) for word in words[1:]]
            stat["intr"] = {"total": counts[0], "counters": counts[1:]}
        elif name == "softirq":
            stat["softirq"] = [int(word) for word in words[1:]]
        elif name in ("ctxt", "btime", "processes", "procs_running", "procs_blocked"):
            stat[name] = int(words[1])
    stat["processes"] = style.processes(stat)
    return stat


def read_uptime(path, style):
    total, idle = lines(path)[0].split()[:2]
    return {"total": style.decimal(total), "idle": style.decimal(idle)}


def read_loadavg(path, style):
    one, five, fifteen, procs, last_pid = lines(path)[0].split()[:5]
    current, total = procs.split("/")
    return {
        "loadavg_1m": style.decimal(one),
        "loadavg_5m": style.decimal(five),
        "loadavg_15m": style.decimal(fifteen),
        "current_procs": current,
        "total_procs": total,
        "last_pid": int(last_pid),
    }


def read_meminfo(path, style):
    meminfo = {}
    for line in lines(path):
        match = style.amount(line)
        if match:
            name, value, unit = match.groups()
            meminfo[name] = {"value": value, "unit": unit or ""}
    return meminfo


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel", action="store_true")
    parser.add_argument("--procfs", default="/proc")
    parser.add_argument("--at")
    options = parser.parse_args()
    style = Kernel() if options.kernel else Pymonitor()
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    microseconds = nanoseconds // 1000
    if options.at:
        seconds, microseconds = map(int, options.at.split("."))
    now = datetime.datetime.fromtimestamp(seconds).replace(microsecond=microseconds)
    record = {
        "time": style.time(now),
        "timestamp": seconds,
        "cpu_data": read_stat(f"{options.procfs}/stat", style),
        "uptime": read_uptime(f"{options.procfs}/uptime", style),
        "loadavg": read_loadavg(f"{options.procfs}/loadavg", style),
        "meminfo": read_meminfo(f"{options.procfs}/meminfo", style),
    }
    print(f"{seconds} - {style.dump(record)}")


if __name__ == "__main__":
    main()
