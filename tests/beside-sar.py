#!/usr/bin/env python3
"""procline-show beside sar: records of both at the same moments, and then each figure of each row has to agree.

    tests/beside-sar.py record FOLDER SECONDS INTERVAL
    tests/beside-sar.py compare FOLDER

For each interval one run of procline and one of sadc, a moment apart, so that both see the same counters but for what
happened in that moment. sadf and procline-show then make rates of them. Names of programs come from the environment:
PROCLINE, PROCLINE_SHOW, SADC, SADF.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

PROCLINE = os.environ.get("PROCLINE", "target/release/procline")
SHOW = os.environ.get("PROCLINE_SHOW", "target/release/procline-show")
SADC = os.environ.get("SADC", "/usr/lib/sysstat/sadc")
SADF = os.environ.get("SADF", "sadf")
ENVIRONMENT = {**os.environ, "TZ": "UTC0", "LC_ALL": "C", "S_TIME_FORMAT": "ISO"}


def record(folder, seconds, interval):
    """Records of both for so long, and something to record."""
    threading.Thread(target=traffic, daemon=True).start()
    end = time.time() + seconds
    while (now := time.time()) < end:
        # In the middle of a second, so that both have the same one.
        time.sleep(interval - now % interval + 0.2)
        procline = subprocess.Popen([PROCLINE, "--log-path", folder, "--with", "netdev,diskstats"], env=ENVIRONMENT)
        sadc = subprocess.Popen([SADC, "-S", "DISK", "1", "1", folder + "/sa"], env=ENVIRONMENT)
        if procline.wait() or sadc.wait():
            sys.exit("one of the two did not record")


def second(time_of_day):
    """`00:01:05` → 65"""
    hours, minutes, seconds = time_of_day.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def shown(folder, columns):
    """The rows of the table: the second of each, and the words behind the time."""
    names = sorted(f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".log"))
    table = subprocess.run([SHOW, "--columns", columns] + names, check=True, env=ENVIRONMENT, stdout=subprocess.PIPE,
                           text=True).stdout
    lines = [line.split() for line in table.splitlines() if line[2:3] == ":" and line[5:6] == ":"]
    return {second(words[0]): words[1:] for words in lines}


def number(text):
    """`1.2k` → 1228.8"""
    digits = text.rstrip("kMGT")
    return float(digits) * 1024 ** " kMGT".index(text[len(digits):] or " ")


def traffic():
    """A steady flow over lo, and onto the disk, so that there is something to compare."""
    server = socket.create_server(("127.0.0.1", 0))
    sender, (receiver, _) = socket.create_connection(server.getsockname()), server.accept()
    with tempfile.NamedTemporaryFile() as file:
        while True:
            sender.sendall(bytes(20_000))
            for _ in range(20):
                receiver.recv(1000, socket.MSG_WAITALL)
            os.pwrite(file.fileno(), os.urandom(100_000), 0)
            os.fsync(file.fileno())
            time.sleep(0.03)


def sar(folder):
    """The rows of sar: the second of each, and what sadf says of it."""
    sadf = [SADF, "-j", "-U", folder + "/sa", "--", "-u", "ALL", "-r", "-n", "DEV", "-d", "-p"]
    text = subprocess.run(sadf, check=True, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True).stdout
    moments = json.loads(text)["sysstat"]["hosts"][0]["statistics"]
    return [(second(moment["timestamp"]["time"]), moment) for moment in moments if "timestamp" in moment]


def partner(seconds, begin, end):
    """The row of procline-show that goes from one moment of sar to the next, and how many seconds of it are not the
    same: most often none, since both programs ran in the same second. None where more than half of it is not."""
    found = [min(range(len(seconds)), key=lambda row: abs(seconds[row] - moment)) for moment in (begin, end)]
    apart = abs(seconds[found[0]] - begin) + abs(seconds[found[1]] - end)
    return (seconds[found[1]] if found[1] == found[0] + 1 and apart <= (end - begin) / 2 else None), apart


def compare(folder):
    """Tells what does not agree; whether all does."""
    moments = sar(folder)
    disks = [disk["disk-device"] for disk in moments[0][1]["disk"]]
    rows = {name: shown(folder, name) for name in ["cpu", "mem", "net:lo"] + ["disk:" + name for name in disks]}
    figures, wrong, alone = 0, [], []
    flows = {}
    # Of all rows that are compared: their seconds, and those that can be in one of the two alone. The rows follow each
    # other, so that what is missing in one is in the next, but at the first and at the last of all.
    total, loose = 0, 0.2

    def hold(time_of_day, what, found, expected, tolerance):
        nonlocal figures
        figures += 1
        if abs(found - expected) > tolerance:
            wrong.append(f"{time_of_day} {what}: {found:.1f}, sar has {expected:.1f}")

    # The first row of sar has no row before it that would tell when it begins.
    for (begin, _), (end, moment) in zip(moments, moments[1:]):
        time_of_day = moment["timestamp"]["time"]
        row, apart = partner(list(rows["cpu"]), begin, end)
        if row is None:
            alone.append(time_of_day)
            continue
        # What passes between the two records of a moment is in the next row of one of them.
        slack = (0.1 + apart) / (end - begin)
        total, loose = total + end - begin, loose + apart
        cpu = moment["cpu-load"][0]
        expected = [cpu["usr"] + cpu["nice"] + cpu["guest"] + cpu["gnice"], cpu["sys"], cpu["iowait"],
                    cpu["irq"] + cpu["soft"], cpu["steal"], cpu["idle"]]
        for name, word, other in zip(("user", "sys", "wait", "irq", "steal", "idle"), rows["cpu"][row], expected):
            hold(time_of_day, name, float(word), other, 0.1 + 100 * slack)
        available = moment["memory"]["avail"] * 1024
        hold(time_of_day, "memory available", number(rows["mem"][row][0]), available, 0.02 * available)
        devices = [("net:lo", net["rxkB"], net["txkB"]) for net in moment["network"]["net-dev"] if net["iface"] == "lo"]
        devices += [("disk:" + disk["disk-device"], disk["rkB"], disk["wkB"]) for disk in moment["disk"]]
        for name, *expected in devices:
            # A disk that was never used is not in the record.
            for word, other, way in zip(rows[name].get(row, ()), expected, "io"):
                flow = flows.setdefault(name + " " + way, [0, 0])
                flow[0] += number(word) * (end - begin)
                flow[1] += other * 1024 * (end - begin)
    count = len(moments) - 1 - len(alone)
    for name, (found, expected) in flows.items():
        # They can differ in what was in one of the two alone, and in what is rounded.
        found, expected = found / total, expected / total
        hold("all rows", name, found, expected, 2048 + (0.01 + loose / total) * expected)
    if alone:
        print(f"{len(alone)} rows of sar have no partner:", *alone)
    print("\n".join(wrong) or f"{figures} figures of {count} rows are those of sar")
    return not wrong and len(alone) * 100 <= count and flows["net:lo i"][1] > 0


def main():
    if sys.argv[1] == "record":
        record(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.exit(not compare(sys.argv[2]))


main()
