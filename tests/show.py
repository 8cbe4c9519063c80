#!/usr/bin/env python3
"""A second reading of the log, for the tests of procline-show: what it should write, from json and fractions.

    show.py made                            a log of some hours, in which all happens that can
    show.py table WIDTH COLUMNS FILE        the table; COLUMNS is a list, or - for those that fit
    show.py csv - COLUMNS FILE
    show.py prometheus last|all - FILE      the samples, without node_uname_info, in the order of their names
    show.py samples                         the same of what procline-show wrote, on standard input
"""
import datetime
import json
import os
import re
import sys
from fractions import Fraction

# Bytes of a page of the machine that runs procline-show, which an emulator may have otherwise.
PAGE = int(os.environ.get("PAGE_BYTES") or os.sysconf("SC_PAGESIZE"))

HERE = os.path.dirname(os.path.abspath(__file__))


def made():
    """Minutes of a VM, with a restart, an interface that was made anew, a gap, a clock that was set back by a second, a
    counter of idle CPUs that goes back, and the hour that comes twice, in both spellings."""
    with open(f"{HERE}/../fixtures/vm/with.log") as file:
        record = json.loads(file.read().split(" - ", 1)[1])
    record["thermal_zone"] = {"0": {"type": "cpu-thermal", "temp": 47774}, "1": {"type": "wlan", "temp": -3250}}
    record["filesystem"] = {"/": {"device": "/dev/root", "fstype": "ext4", "size": 4000000000, "free": 1500000000,
                                  "avail": 1300000000, "files": 1000, "files_free": 900, "readonly": 0}}
    record["netdev"]["lowpan0"] = dict(record["netdev"]["eth0"])
    cpu, net, disk = record["cpu_data"]["cpu_total"], record["netdev"]["eth0"], record["diskstats"]["vda"]
    # 2026-10-25 02:30 in Berlin, summer time; 30 minutes later it is 02:00.
    second = 1792888200
    offset = 7200
    for minute in range(100):
        second += 3600 if minute == 60 else -1 if minute == 70 else 60
        if second >= 1792890000:
            offset = 3600
        for number, key in enumerate(("user", "nice", "system", "idle", "iowait", "softirq", "steal")):
            cpu[key] += (minute * 37 + number * 101) % 700
        if minute == 20:
            cpu["idle"] -= 900
        net["receive_bytes"] += minute * minute * 977
        net["transmit_bytes"] += minute * 1_000_003
        disk["sectors_read"] += minute * 11
        disk["sectors_written"] += minute % 7
        if minute == 40:
            net["receive_bytes"] = 17
        if minute == 50:
            for key in ("user", "nice", "system", "idle", "iowait", "softirq", "steal"):
                cpu[key] = minute
            record["cpu_data"]["btime"] += 86400
        record["cpu_data"]["procs_running"] = 1 + minute % 5
        record["loadavg"]["loadavg_1m"] = minute * 1.37
        record["meminfo"]["MemAvailable"]["value"] = str(24350780 - minute * 4096)
        record["meminfo"]["SwapTotal"]["value"] = "1000" if minute > 30 else "0"
        record["meminfo"]["SwapFree"]["value"] = str(1000 - minute if minute > 30 else 0)
        record["thermal_zone"]["1"]["temp"] = -3250 + minute * 777
        record["filesystem"]["/"]["free"] -= 1_234_567
        record["timestamp"] = second
        at = datetime.datetime.fromtimestamp(second, datetime.timezone.utc) + datetime.timedelta(seconds=offset)
        record["time"] = at.strftime("%Y-%m-%dT%H:%M:%S") + ".%06d" % (minute * 1009)
        line = json.dumps(record, separators=(",", ":"))
        if minute % 7 == 3:
            line = json.dumps(as_pymonitor(record))
        print(f"{second} - {line}")


def as_pymonitor(record):
    """What pymonitor makes of it: ticks and interrupts are multiplied, and the boot is in the place of the processes."""
    record = json.loads(json.dumps(record))
    stat = record["cpu_data"]
    for cpu in [stat["cpu_total"], *stat["cpus"]]:
        for key in cpu:
            if key != "name":
                cpu[key] *= 100
    stat["intr"]["total"] *= 100
    stat["processes"] = stat["btime"]
    return record


def records(path):
    """Each record, and its JSON as it stands."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            text = line.split(" - ", 1)[1].rstrip("\n")
            record = json.loads(text, parse_int=str, parse_float=str)
            record["pymonitor"] = text.startswith('{"time": ')
            yield record


def value(record, *path):
    for key in path:
        if not isinstance(record, dict) or key not in record:
            return None
        record = record[key]
    return record


def integer(record, *path):
    text = value(record, *path)
    return int(text) if text is not None and re.fullmatch("-?[0-9]+", text) else None


def ticks_of(record, *path):
    number = integer(record, *path)
    return number // 100 if path[0] == "cpu_data" and record["pymonitor"] and number is not None else number


def milliseconds(record):
    return int(record["timestamp"] + (record["time"][20:] + "000")[:3])


def rounded(fraction):
    """Half away from 0."""
    return int(abs(fraction) + Fraction(1, 2)) * (-1 if fraction < 0 else 1)


def share(part, whole):
    return rounded(Fraction(1000 * part, whole)) if whole > 0 else None


CPU = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
#        name: title, cells with their widths and units
KINDS = {
    "cpu": ("CPU%", [(title, 6, "tenths") for title in ("user", "sys", "wait", "irq", "steal", "idle")]),
    "tasks": ("tasks", [("run", 4, "one"), ("blk", 4, "one")]),
    "load": ("load", [("1m", 6, "hundredths")]),
    "mem": ("memory", [("avail", 7, "bytes"), ("used%", 6, "tenths")]),
    "swap": ("swap", [("used%", 6, "tenths")]),
    "net": (None, [("rx/s", 8, "bytes"), ("tx/s", 8, "bytes")]),
    "disk": (None, [("read/s", 8, "bytes"), ("write/s", 8, "bytes")]),
    "temp": ("temp", [("C", 6, "tenths")]),
    "hwmon": ("hwmon", [("C", 6, "tenths")]),
    "fs": (None, [("used%", 9, "tenths")]),
}
SECTIONS = {"net": "netdev", "disk": "diskstats", "fs": "filesystem"}
NEEDS = {"temp": "thermal_zone", "hwmon": "hwmon"}
RATES = ("cpu", "net", "disk")


def is_part(disk, other):
    """sda1 of sda, mmcblk0p1 and mmcblk0boot0 of mmcblk0; not dm-10 of dm-1."""
    pattern = re.escape(other) + (r"\D.*" if other[-1].isdigit() else r"\d.*")
    return re.fullmatch(pattern, disk) is not None


def columns(first, asked, width, for_table):
    """The kinds and devices that are shown."""
    chosen, free = [], width - 10

    def take(kind, device):
        nonlocal free
        if asked is not None:
            if kind in asked or f"{kind}:{device}" in asked:
                chosen.append((kind, device))
            return
        columns = sum(cell[1] for cell in KINDS[kind][1])
        if not for_table or columns <= free:
            free -= columns
            chosen.append((kind, device))

    for kind in KINDS:
        if kind not in SECTIONS:
            if kind not in NEEDS or NEEDS[kind] in first:
                take(kind, "")
            continue
        before = None
        for device, values in first.get(SECTIONS[kind], {}).items():
            if for_table and asked is None:
                numbers = [number for key, number in values.items() if key not in ("device", "fstype")]
                if device == "lo" or device.startswith("loop") or kind == "disk" and before and is_part(device, before) or all(n == "0" for n in numbers):
                    continue
            before = device
            take(kind, device)
    return chosen


def cells(kind, device, now, old, seconds):
    """The cells, or None where a counter went back."""
    def difference(*path):
        later, earlier = ticks_of(now, *path), ticks_of(old, *path)
        return None if later is None or earlier is None else later - earlier

    if kind == "cpu":
        ticks = {key: max(difference("cpu_data", "cpu_total", key) or 0, 0) for key in CPU}
        if difference("cpu_data", "cpu_total", "idle") is None:
            return [None] * 6
        parts = [ticks["user"] + ticks["nice"], ticks["system"], ticks["iowait"], ticks["irq"] + ticks["softirq"],
                 ticks["steal"], ticks["idle"]]
        return [share(part, sum(parts)) for part in parts]
    if kind in ("net", "disk"):
        keys, unit = (("receive_bytes", "transmit_bytes"), 1) if kind == "net" else (("sectors_read", "sectors_written"), 512)
        rates = []
        for key in keys:
            more = difference(SECTIONS[kind], device, key)
            if more is None or seconds <= 0:
                rates.append(None)
            elif more < 0:
                return None
            else:
                rates.append(rounded(more * unit / seconds))
        return rates
    if kind == "tasks":
        return [integer(now, "cpu_data", "procs_running"), integer(now, "cpu_data", "procs_blocked")]
    if kind == "load":
        whole, _, rest = now["loadavg"]["loadavg_1m"].partition(".")
        return [int(whole + (rest + "00")[:2])]
    memory = lambda name: integer(now, "meminfo", name, "value")
    if kind == "mem":
        available = memory("MemAvailable")
        if available is None:
            available = sum(memory(name) or 0 for name in ("MemFree", "Buffers", "Cached"))
        return [available * 1024, share(max(memory("MemTotal") - available, 0), memory("MemTotal"))]
    if kind == "swap":
        total, free = memory("SwapTotal"), memory("SwapFree")
        if total is None or free is None:
            return [None]
        return [share(max(total - free, 0), total)]
    if kind in NEEDS:
        numbers = hot(now, NEEDS[kind])
        return [rounded(Fraction(max(numbers), 100)) if numbers else None]
    entry = now.get("filesystem", {}).get(device, {})
    size, free, available = (integer(entry, key) for key in ("size", "free", "avail"))
    return [None if None in (size, free, available) else share(max(size - free, 0), size - free + available)]


def hot(now, section):
    return [int(number) for entry in now.get(section, {}).values() for key, number in entry.items()
            if key not in ("type", "name") and "fan" not in key.lower()]


def is_restart(now, old):
    if abs(integer(now, "cpu_data", "btime") - integer(old, "cpu_data", "btime")) > 1:
        return True
    return any(ticks_of(now, "cpu_data", "cpu_total", key) < ticks_of(old, "cpu_data", "cpu_total", key)
               for key in CPU if key not in ("idle", "iowait"))


def spelled(number, unit):
    if number is None:
        return "-"
    sign, size, suffix = "-" if number < 0 else "", abs(number), ""
    if unit == "tenths":
        return f"{sign}{size // 10}.{size % 10}"
    if unit == "hundredths":
        return f"{sign}{size // 100}.{size % 100:02}" if size < 10_000 else f"{sign}{size // 100}.{size % 100 // 10}"
    if unit == "one" or size < 1000:
        return f"{sign}{size}"
    size *= 10
    for suffix in "kMGTPE":
        size = (size + 512) // 1024
        if size < 9995:
            break
    return f"{sign}{size // 10}.{size % 10}{suffix}"


def as_recorded(name):
    """A name as the record has it: a control character, a quote and a backslash by their number."""
    return re.sub(r'[\0-\x1f"\\]', lambda sign: "\\u%04x" % ord(sign[0]), name)


def device_title(name, width):
    """The end of a name, in ASCII."""
    return "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in as_recorded(name).encode())[-(width - 1):].rjust(width)


def table(width, asked, path):
    old, date, chosen, summary = None, None, None, []
    for now in records(path):
        if chosen is None:
            chosen = columns(now, asked, width, True)
            shown = [(kind, cell) for kind, _ in chosen for cell in KINDS[kind][1]]
            summary = [[] for _ in shown]
        if now["time"][:10] != date:
            date = now["time"][:10]
            print(" " * 10 + "".join(device_title(KINDS[kind][0] or device, sum(cell[1] for cell in KINDS[kind][1]))
                                     for kind, device in chosen))
            print(date + "".join(cell[0].rjust(cell[1]) for _, cell in shown))
        row, place, said = now["time"][11:19].ljust(10), 0, False
        restart = old is not None and is_restart(now, old)
        for kind, device in chosen:
            some = KINDS[kind][1]
            seconds = Fraction(milliseconds(now) - milliseconds(old), 1000) if old else 0
            numbers = cells(kind, device, now, old or now, seconds)
            if kind in RATES and old and (restart or numbers is None):
                row += "restart".rjust(sum(cell[1] for cell in some))
                said = True
                place += len(some)
                continue
            for cell, number in zip(some, numbers):
                row += spelled(number, cell[2]).rjust(cell[1])
                if number is not None:
                    summary[place].append(number)
                place += 1
        print(row + ("  restart" if restart and not said else ""))
        old = now
    if len(list(records(path))) < 2:
        return
    for title, of in (("least", min), ("mean", lambda some: rounded(Fraction(sum(some), len(some)))), ("most", max)):
        print(title.ljust(10) + "".join(spelled(of(some) if some else None, cell[2]).rjust(cell[1])
                                        for some, (_, cell) in zip(summary, shown)))


PATHS = {
    "cpu": [f"cpu_data.cpu_total.{key}" for key in CPU + ("guest",)],
    "tasks": ["cpu_data.procs_running", "cpu_data.procs_blocked"],
    "load": [f"loadavg.loadavg_{span}" for span in ("1m", "5m", "15m")],
    "mem": [f"meminfo.{name}" for name in ("MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached")],
    "swap": ["meminfo.SwapTotal", "meminfo.SwapFree"],
    "net": ["receive_bytes", "transmit_bytes"],
    "disk": ["sectors_read", "sectors_written"],
    "temp": ["thermal_zone.*.temp"],
    "hwmon": ["hwmon.*.*"],
    "fs": ["size", "free", "avail"],
}


def csv_text(name):
    name = as_recorded(name)
    return '"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name


def csv(asked, path):
    chosen = None
    for now in records(path):
        if chosen is None:
            chosen = columns(now, asked, 0, False)
            if not chosen:
                return
            names = []
            for kind, device in chosen:
                prefix = f"{SECTIONS[kind]}.{device}." if kind in SECTIONS else ""
                names += [prefix + name for name in PATHS[kind]]
            print(",".join(["time", "timestamp"] + [csv_text(name) for name in names]))
        row = [now["time"], now["timestamp"]]
        for kind, device in chosen:
            for name in PATHS[kind]:
                if kind in SECTIONS:
                    found = value(now, SECTIONS[kind], device, name)
                elif kind in NEEDS:
                    found = str(max(hot(now, NEEDS[kind]), default=""))
                else:
                    found = value(now, *name.split("."), *(["value"] if kind in ("mem", "swap") else []))
                    if kind == "cpu" and now["pymonitor"] and found:
                        found = str(int(found) // 100)
                row.append(found or "")
        print(",".join(row))


def samples(now, is_pymonitor):
    """Each sample: name, labels, number."""
    ticks = 10_000 if is_pymonitor else 100
    counts = 100 if is_pymonitor else 1
    cpu = now["cpu_data"]
    seconds = now["timestamp"] + ("." + now["time"].split(".")[1] if "." in now["time"] else "")
    yield "node_time_seconds", {}, Fraction(seconds)
    for entry in cpu["cpus"]:
        name = entry["name"][3:]
        for mode in CPU:
            yield "node_cpu_seconds_total", {"cpu": name, "mode": mode}, Fraction(int(entry[mode]), ticks)
        yield "node_cpu_guest_seconds_total", {"cpu": name, "mode": "user"}, Fraction(int(entry["guest"]), ticks)
    yield "node_intr_total", {}, Fraction(int(cpu["intr"]["total"]), counts)
    for key, name in (("ctxt", "context_switches_total"), ("btime", "boot_time_seconds"), ("procs_running", "procs_running"),
                      ("procs_blocked", "procs_blocked")):
        yield f"node_{name}", {}, Fraction(cpu[key])
    if not is_pymonitor:
        yield "node_forks_total", {}, Fraction(cpu["processes"])
    for span in ("1", "5", "15"):
        yield f"node_load{span}", {}, Fraction(now["loadavg"][f"loadavg_{span}m"])
    for key, entry in now["meminfo"].items():
        name = key.replace("(", "_").replace(")", "")
        if entry["unit"] == "kB":
            yield f"node_memory_{name}_bytes", {}, Fraction(int(entry["value"]) * 1024)
        elif entry["unit"] == "":
            yield f"node_memory_{name}", {}, Fraction(entry["value"])
    for device, entry in now.get("netdev", {}).items():
        for key, number in entry.items():
            yield f"node_network_{key}_total", {"device": device}, Fraction(number)
    names = {"reads": ("reads_completed_total", 1), "reads_merged": ("reads_merged_total", 1),
             "sectors_read": ("read_bytes_total", 512), "ms_reading": ("read_time_seconds_total", Fraction(1, 1000)),
             "writes": ("writes_completed_total", 1), "writes_merged": ("writes_merged_total", 1),
             "sectors_written": ("written_bytes_total", 512), "ms_writing": ("write_time_seconds_total", Fraction(1, 1000)),
             "in_flight": ("io_now", 1), "ms_io": ("io_time_seconds_total", Fraction(1, 1000)),
             "ms_weighted": ("io_time_weighted_seconds_total", Fraction(1, 1000)),
             "discards": ("discards_completed_total", 1), "discards_merged": ("discards_merged_total", 1),
             "sectors_discarded": ("discarded_sectors_total", 1), "ms_discarding": ("discard_time_seconds_total", Fraction(1, 1000)),
             "flushes": ("flush_requests_total", 1), "ms_flushing": ("flush_requests_time_seconds_total", Fraction(1, 1000))}
    for device, entry in now.get("diskstats", {}).items():
        if re.fullmatch(r"(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+", device):
            continue
        for key, number in entry.items():
            name, factor = names[key]
            yield f"node_disk_{name}", {"device": device}, int(number) * factor
    for mount, entry in now.get("filesystem", {}).items():
        labels = {"device": entry["device"], "fstype": entry["fstype"], "mountpoint": mount}
        for key, name in (("size", "size_bytes"), ("free", "free_bytes"), ("avail", "avail_bytes"), ("files", "files"),
                          ("files_free", "files_free"), ("readonly", "readonly")):
            yield f"node_filesystem_{name}", labels, Fraction(entry[key])
        yield "node_filesystem_device_error", labels, Fraction(0)
    for zone, entry in now.get("thermal_zone", {}).items():
        yield "node_thermal_zone_temp", {"zone": zone, "type": entry["type"]}, Fraction(int(entry["temp"]), 1000)
    for chip, entry in now.get("hwmon", {}).items():
        yield "node_hwmon_chip_names", {"chip": chip, "chip_name": entry["name"]}, Fraction(1)
        for sensor, number in entry.items():
            if sensor != "name":
                is_fan = "fan" in sensor.lower()
                yield (f"node_hwmon_{'fan_rpm' if is_fan else 'temp_celsius'}", {"chip": chip, "sensor": sensor},
                       Fraction(int(number), 1 if is_fan else 1000))
    for key, name in (("count", "entries"), ("max", "entries_limit")):
        if key in now.get("conntrack", {}):
            yield f"node_nf_conntrack_{name}", {}, Fraction(now["conntrack"][key])
    for key in ("allocated", "maximum"):
        if "filefd" in now:
            yield f"node_filefd_{key}", {}, Fraction(now["filefd"][key])
    for resource, entry in now.get("pressure", {}).items():
        if resource != "irq" and "some" in entry:
            yield f"node_pressure_{resource}_waiting_seconds_total", {}, Fraction(int(entry["some"]["total"]), 10**6)
        if resource != "cpu" and "full" in entry:
            yield f"node_pressure_{resource}_stalled_seconds_total", {}, Fraction(int(entry["full"]["total"]), 10**6)
    for key, number in now.get("vmstat", {}).items():
        yield f"node_vmstat_{key}", {}, Fraction(number)
    for protocol, entry in now.get("sockstat", {}).items():
        for key, number in entry.items():
            if protocol in ("sockets", "TCP", "UDP", "UDPLITE", "RAW", "FRAG"):
                yield f"node_sockstat_{protocol}_{key}", {}, Fraction(number)
            if key == "mem":
                yield f"node_sockstat_{protocol}_mem_bytes", {}, Fraction(int(number) * PAGE)
    for number, entry in now.get("softnet", {}).items():
        for key, name in (("processed", "processed"), ("dropped", "dropped"), ("time_squeeze", "times_squeezed")):
            yield f"node_softnet_{name}_total", {"cpu": number}, Fraction(entry[key])
    taken = {
        "snmp": r"Icmp_(InErrors|InMsgs|OutMsgs)|Ip_Forwarding|Tcp_(ActiveOpens|CurrEstab|InErrs|InSegs|OutRsts|OutSegs|"
                r"PassiveOpens|RetransSegs)|Udp_(InDatagrams|InErrors|NoPorts|OutDatagrams|RcvbufErrors|SndbufErrors)|"
                r"UdpLite_InErrors",
        "netstat": r"IpExt_(InOctets|OutOctets)|TcpExt_(Listen(Drops|Overflows)|Syncookies(Failed|Recv|Sent)|TCPOFOQueue|"
                   r"TCPRcvQDrop|TCPSynRetrans|TCPTimeouts)",
    }
    for section, pattern in taken.items():
        for protocol, entry in now.get(section, {}).items():
            for key, number in entry.items():
                if re.fullmatch(pattern, f"{protocol}_{key}"):
                    yield f"node_netstat_{protocol}_{key}", {}, Fraction(number)


def escaped(label):
    """As the format has it. A control character but the newline is shown as JSON spells it."""
    known = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
    return "".join(known.get(letter, letter if letter >= " " else f"\\\\u{ord(letter):04x}") for letter in label)


def prometheus(which, path):
    """Sorted lines: a sample in each, its labels sorted, its number as a fraction."""
    every = list(records(path))
    lines = []
    for now in every if which == "all" else every[-1:]:
        for name, labels, number in samples(now, now["pymonitor"]):
            if abs(number) >= 2**64:
                continue
            shown = ",".join(f'{label}="{escaped(labels[label])}"' for label in sorted(labels))
            lines.append(f"{name}{{{shown}}} {Fraction(number)}" + (f" {milliseconds(now)}" if which == "all" else ""))
    print("\n".join(sorted(lines)))


def written():
    """Sorts what procline-show wrote, and checks its form: HELP, TYPE and then all samples of a metric, each once."""
    lines, heads, metric = [], set(), None
    for line in sys.stdin:
        if line.startswith("# HELP "):
            metric = line.split(" ")[2]
            assert metric not in heads, line
            heads.add(metric)
            kind = next(sys.stdin)
            assert re.fullmatch(rf"# TYPE {metric} (counter|gauge|untyped)\n", kind), kind
            continue
        found = re.fullmatch(r'([a-zA-Z_:][\w:]*)(?:\{((?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (-?[0-9.]+)( -?\d+)?\n', line)
        assert found and found[1] == metric, line
        labels = ",".join(sorted(re.findall(r'\w+="(?:[^"\\]|\\.)*"', found[2] or "")))
        if metric != "node_uname_info":
            lines.append(f"{metric}{{{labels}}} {Fraction(found[3])}{found[4] or ''}")
    assert len(lines) == len(set(lines))
    print("\n".join(sorted(lines)))


def main():
    command = sys.argv[1]
    if command == "made":
        made()
        return
    if command == "samples":
        written()
        return
    how, asked, path = sys.argv[2:]
    asked = None if asked == "-" else asked.split(",")
    if command == "table":
        table(int(how), asked, path)
    elif command == "csv":
        csv(asked, path)
    else:
        prometheus(how, path)


main()
