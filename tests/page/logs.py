#!/usr/bin/env python3
"""Makes logs as a router has them.

    tests/page/logs.py days FOLDER --until SECONDS [--days 7] [--interval 60] [--events]
    tests/page/logs.py parts LOG FOLDER
    tests/page/logs.py seconds START COUNT

days: a record each interval, the older half of the days compressed as `--compress` does it. With --events the newest day has
a restart, gaps and an interface that is made anew. parts: a day in all the kinds of files that there can be of it. seconds:
COUNT records, 2 s apart, on standard output.

The machine is that of fixtures/mt7621-router, and all its counters move as on a router in use. A record has 5.7 KB.
"""
import argparse
import gzip
import json
import math
import random
import struct
import sys
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

FIXTURE = Path(__file__).parents[2] / "fixtures" / "mt7621-router" / "with.log"
PREFIX = "awesome_monitoring_"
ZONE = timezone(timedelta(hours=1))
# Seconds from the start of the machine to the first record.
BOOTED = 31.5
BLOCK = 65280
TRAFFIC = {"eth0": 1.0, "br-lan": 0.9, "wan": 1.0, "lan1": 0.5, "phy0-ap0": 0.1, "phy1-ap0": 0.35}


def bgzf(text):
    """Members of at most 64 KiB of text, each with its own length in its header."""
    members = []
    for start in range(0, len(text), BLOCK):
        block = text[start : start + BLOCK]
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        data = deflate.compress(block) + deflate.flush()
        header = struct.pack("<4BI2BH2BHH", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(data) + 25)
        members.append(header + data + struct.pack("<II", zlib.crc32(block), len(block)))
    return b"".join(members)


def line_of(record):
    return f"{record['timestamp']} - {json.dumps(record, separators=(',', ':'))}\n".encode()


class Router:
    """A router in use. `step` lets a time pass and gives the record."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.record = json.loads(FIXTURE.read_text().split(" - ", 1)[1])
        for name in ("netstat", "snmp", "softnet", "diskstats"):
            self.record.pop(name, None)
        netdev = self.record["netdev"]
        self.record["netdev"] = {name: netdev.get(name, dict(netdev["eth0"])) for name in TRAFFIC}
        self.record["filesystem"] = {
            "/overlay": {"device": "ubi0_1", "fstype": "ubifs", "size": 80_000_000, "free": 61_000_000, "avail": 58_000_000,
                         "files": 0, "files_free": 0, "readonly": 0},
            "/tmp": {"device": "tmpfs", "fstype": "tmpfs", "size": 128_000_000, "free": 120_000_000, "avail": 120_000_000,
                     "files": 31000, "files_free": 30000, "readonly": 0},
        }
        self.record["diskstats"] = {"mmcblk0": dict.fromkeys(("reads", "sectors_read", "writes", "sectors_written", "ms_io"), 100)}
        total = 250_600
        self.memory(total, free=110_000, buffers=9_000, cached=52_000)

    def memory(self, total, free, buffers, cached):
        meminfo = self.record["meminfo"]
        values = {"MemTotal": total, "MemFree": free, "Buffers": buffers, "Cached": cached, "SReclaimable": 4000,
                  "MemAvailable": int(free + 0.8 * cached), "SwapTotal": 0, "SwapFree": 0}
        for name, value in values.items():
            meminfo[name]["value"] = str(int(value))

    def restart(self):
        """The counters begin again."""
        record = self.record
        record["uptime"] = {"total": 0, "idle": 0}
        for device in record["netdev"].values():
            device.update(dict.fromkeys(device, 0))
        for cpu in [record["cpu_data"]["cpu_total"], *record["cpu_data"]["cpus"]]:
            cpu.update({key: 0 for key in cpu if key != "name"})
        record["cpu_data"].update({"ctxt": 0, "processes": 100})
        record["cpu_data"]["intr"]["total"] = 0

    def anew(self, interface):
        """An interface goes and comes."""
        device = self.record["netdev"][interface]
        device.update(dict.fromkeys(device, 0))

    def step(self, second, elapsed):
        """The record at `second`, `elapsed` seconds after the one before."""
        record, rng = self.record, self.random
        moment = datetime.fromtimestamp(second, ZONE)
        hour = moment.hour + moment.minute / 60
        use = 0.12 + 0.88 * max(0, math.sin((hour - 7) / 17 * math.pi)) ** 2 * (0.7 + 0.3 * math.sin(second / 1700))
        record["timestamp"] = second
        record["time"] = moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{rng.randint(0, 2000):06}"
        record["uptime"]["total"] = round(record["uptime"]["total"] + elapsed, 2)
        busy = min(0.95, 0.05 + 0.45 * use * rng.uniform(0.6, 1.3) + (0.4 if rng.random() < 0.01 else 0))
        self.stat(busy, elapsed)
        for at, name in enumerate(("loadavg_1m", "loadavg_5m", "loadavg_15m")):
            before = record["loadavg"][name]
            record["loadavg"][name] = round(before + (2.2 * busy - before) / (1 + 4 * at), 2)
        record["loadavg"]["total_procs"] = str(61 + int(6 * use))
        free = 118_000 - 45_000 * use + rng.randint(-1500, 1500)
        self.memory(250_600, free, 9_000 + 1_000 * use, 52_000 + 9_000 * use)
        for name, share in TRAFFIC.items():
            device, burst = record["netdev"][name], rng.choice([0.2, 0.5, 1, 1, 1.5, 3])
            down = int(share * use * burst * elapsed * 2_600_000)
            up = int(down * rng.uniform(0.05, 0.2))
            for way, count in (("receive", down), ("transmit", up)):
                device[f"{way}_bytes"] += count
                device[f"{way}_packets"] += count // 900
        record["conntrack"]["count"] = int(240 + 1900 * use * rng.uniform(0.8, 1.1))
        for at, chip in enumerate(record["hwmon"].values()):
            chip["temp1_input"] = int(1000 * (46 + 6 * at + 13 * use + rng.uniform(-0.6, 0.6)))
        record["filesystem"]["/tmp"]["free"] = 120_000_000 - int((second % 86400) * 150)
        disk = record["diskstats"]["mmcblk0"]
        disk["sectors_written"] += int(elapsed * 60 * rng.random())
        disk["sectors_read"] += int(elapsed * 200 * rng.random() ** 6)
        disk["ms_io"] += int(elapsed * 20 * rng.random())
        return line_of(record)

    def stat(self, busy, elapsed):
        data, rng = self.record["cpu_data"], self.random
        for cpu in data["cpus"]:
            ticks = int(100 * elapsed)
            own = int(ticks * min(1, busy * rng.uniform(0.7, 1.3)))
            iowait = rng.choice([0, 0, 0, int(0.01 * ticks)])
            grown = {"user": int(0.31 * own), "nice": int(0.04 * own), "system": int(0.22 * own), "irq": int(0.03 * own)}
            grown.update(softirq=own - sum(grown.values()), iowait=iowait, idle=max(0, ticks - own - iowait))
            for name, value in grown.items():
                cpu[name] += value
                data["cpu_total"][name] += value
        data["intr"]["total"] += int(elapsed * (900 + 5000 * busy))
        data["intr"]["counters"] = []
        data["ctxt"] += int(elapsed * (1500 + 9000 * busy))
        data["processes"] += rng.randint(1, 40)
        data["procs_running"] = rng.choice([1, 1, 1, 2, 3])


def days(folder, count, until, interval, events):
    folder.mkdir(parents=True, exist_ok=True)
    router = Router()
    last = datetime.fromtimestamp(until, ZONE).date()
    for back in range(count - 1, -1, -1):
        day = last - timedelta(days=back)
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp())
        lines, elapsed = [], interval
        for at in range(86400 // interval):
            second = midnight + at * interval
            if second > until:
                break
            if events and back == 0:
                if at == 300:
                    router.anew("wan")
                if at == 500:
                    router.restart()
                    elapsed = BOOTED
                if 490 <= at < 500 or 700 <= at < 760:
                    elapsed += interval
                    continue
            lines.append(router.step(second, elapsed))
            elapsed = interval
        text = b"".join(lines)
        log = folder / f"{PREFIX}{day}.log"
        if back >= count - count // 2:
            log.with_name(log.name + ".gz").write_bytes(bgzf(text))
        else:
            log.write_bytes(text)


def parts(log, folder):
    folder.mkdir(parents=True, exist_ok=True)
    lines = log.read_bytes().splitlines(keepends=True)

    def text(start, end):
        return b"".join(lines[start:end])

    def write(ending, content):
        (folder / (log.name + ending)).write_bytes(content)

    write(".2.gz", bgzf(text(0, 100)))
    write(".10.gz", gzip.compress(text(100, 200)))
    members = bgzf(text(200, 400))
    # Text is moving to the end of this one, where its first members are, and a torn one.
    write(".gz", members + bgzf(text(400, 440))[:-700])
    write(f".gz@{len(members)}", text(400, 500))
    write(".3", text(500, 600))
    write(".11", text(600, 700))
    # The last line is torn.
    write("", text(700, len(lines)) + lines[0][:900])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_subparsers(required=True, dest="what")
    of = what.add_parser("days")
    of.add_argument("folder", type=Path)
    of.add_argument("--days", type=int, default=7)
    of.add_argument("--until", type=int, required=True)
    of.add_argument("--interval", type=int, default=60)
    of.add_argument("--events", action="store_true")
    of = what.add_parser("parts")
    of.add_argument("log", type=Path)
    of.add_argument("folder", type=Path)
    of = what.add_parser("seconds")
    of.add_argument("start", type=int)
    of.add_argument("count", type=int)
    options = parser.parse_args()
    if options.what == "days":
        days(options.folder, options.days, options.until, options.interval, options.events)
    elif options.what == "parts":
        parts(options.log, options.folder)
    else:
        router, elapsed = Router(), 2
        if options.start < 86400:
            # The clock has not been set since the machine was started.
            router.restart()
            elapsed = options.start
        for at in range(options.count):
            sys.stdout.buffer.write(router.step(options.start + 2 * at, elapsed))
            elapsed = 2


if __name__ == "__main__":
    main()
