#!/usr/bin/env python3
"""procline-show beside sar: records of both at the same moments, and then each figure of each row has to agree.

    tests/beside-sar.py SECONDS INTERVAL

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


def record(folder, interval, until):
    """Records of both until then."""
    while True:
        now = time.time()
        if now > until:
            return
        # In the middle of a second, so that both have the same one.
        time.sleep(interval - now % interval + 0.2)
        procline = subprocess.Popen([PROCLINE, "--log-path", folder, "--with", "netdev,diskstats"], env=ENVIRONMENT)
        sadc = subprocess.Popen([SADC, "-S", "DISK", "1", "1", folder + "/sa"], env=ENVIRONMENT)
        if procline.wait() or sadc.wait():
            sys.exit("one of the two did not record")


def shown(folder, columns):
    """The rows of the table: the time, and the words behind it."""
    names = sorted(f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".log"))
    table = subprocess.run([SHOW, "--columns", columns] + names, check=True, env=ENVIRONMENT, stdout=subprocess.PIPE,
                           text=True).stdout
    return {line.split()[0]: line.split()[1:] for line in table.splitlines() if line[2:3] == ":" and line[5:6] == ":"}


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


def main():
    seconds, interval = int(sys.argv[1]), int(sys.argv[2])
    threading.Thread(target=traffic, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        record(folder, interval, time.time() + seconds)
        sadf = [SADF, "-j", "-U", folder + "/sa", "--", "-u", "ALL", "-r", "-n", "DEV", "-d", "-p"]
        text = subprocess.run(sadf, check=True, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True).stdout
        moments = json.loads(text)["sysstat"]["hosts"][0]["statistics"]
        moments = {moment["timestamp"]["time"]: moment for moment in moments if "timestamp" in moment}
        disks = [disk["disk-device"] for disk in next(iter(moments.values()))["disk"]]
        columns = ["cpu", "mem", "net:lo"] + ["disk:" + name for name in disks]
        rows = {name: shown(folder, name) for name in columns}
    # What passes between the two records of a moment is in the next row of one of them.
    moment = 0.1 / interval
    compared, wrong = 0, []
    flows = {}

    def compare(time_of_day, what, found, expected, tolerance):
        nonlocal compared
        compared += 1
        if abs(found - expected) > tolerance:
            wrong.append(f"{time_of_day} {what}: {found:.1f}, sar has {expected:.1f}")

    for time_of_day, sar in moments.items():
        cpu = sar["cpu-load"][0]
        expected = [cpu["usr"] + cpu["nice"] + cpu["guest"] + cpu["gnice"], cpu["sys"], cpu["iowait"],
                    cpu["irq"] + cpu["soft"], cpu["steal"], cpu["idle"]]
        names = ("user", "sys", "wait", "irq", "steal", "idle")
        for name, word, other in zip(names, rows["cpu"][time_of_day], expected):
            compare(time_of_day, name, float(word), other, 0.1 + 100 * moment)
        available = sar["memory"]["avail"] * 1024
        compare(time_of_day, "memory available", number(rows["mem"][time_of_day][0]), available, 0.02 * available)
        devices = [("net:lo", net["rxkB"], net["txkB"]) for net in sar["network"]["net-dev"] if net["iface"] == "lo"]
        devices += [("disk:" + disk["disk-device"], disk["rkB"], disk["wkB"]) for disk in sar["disk"]]
        for name, *expected in devices:
            # A disk that was never used is not in the record.
            for word, other, way in zip(rows[name].get(time_of_day, ()), expected, "io"):
                flow = flows.setdefault(name + " " + way, [0, 0])
                flow[0] += number(word)
                flow[1] += other * 1024
    count = len(moments)
    for name, (found, expected) in flows.items():
        # The last moment of all is what they can differ in, and what is rounded.
        found, expected = found / count, expected / count
        compare("all rows", name, found, expected, 2048 + (0.01 + 2 * moment / count) * expected)
    print("\n".join(wrong) or f"{compared} figures of {count} rows are those of sar")
    sys.exit(bool(wrong) or count < seconds // interval - 2 or flows["net:lo i"][1] == 0)


main()
