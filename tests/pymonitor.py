#!/usr/bin/env python3
"""A second reading of /proc, to hold procline to: what pymonitor writes, or what procline writes by default.

usage: pymonitor.py [--kernel [--with LIST]] [--procfs DIR] [--sysfs DIR] [--rootfs DIR] [--at SECONDS.MICROSECONDS]

Prints the line that `procline --pymonitor --stdout` must print, byte for byte; with --kernel, the line of `procline
--stdout`, and with --with, that of `procline --stdout --with LIST`. The time zone is that of TZ. It has nothing of
procline in it, and follows the documentation of pymonitor, what its source does, and proc(5). It differs from pymonitor
where that one crashes (columns that a kernel does not have count as 0), and where the README names a difference.
"""

import argparse
import datetime
import json
import os
import re
import sys
import time

HZ = 100
TIMES = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"]


class Digits(str):
    """A number in the digits that the kernel wrote."""


def lines(path):
    with open(path, encoding="ascii", errors="replace", newline="") as file:
        return re.split(r"[\r\n]+", file.read())


class Kernel:
    """Numbers as the kernel has them."""

    def ticks(self, text):
        return int(text)

    def decimal(self, text):
        return Digits(text)

    def processes(self, stat):
        return stat["processes"]

    def time(self, now):
        return now.isoformat(timespec="microseconds")

    def amount(self, line):
        """A whole line: a name, its value and a unit."""
        return re.fullmatch(r"\s*([!#-9;-\[\]-~]+):\s*([0-9]+)(?:\s+([A-Za-z]+))?\s*", line)

    def dump(self, value):
        if isinstance(value, dict):
            return "{" + ",".join(f"{self.dump(key)}:{self.dump(value[key])}" for key in value) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(self.dump, value)) + "]"
        if value is None:
            return "null"
        if isinstance(value, (int, Digits)):
            return str(value)
        return '"' + re.sub(r'["\\\x00-\x1f]', lambda match: f"\\u{ord(match[0]):04x}", value) + '"'


class Pymonitor(Kernel):
    """Numbers as pymonitor has them."""

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

    def dump(self, record):
        return json.dumps(record)


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


# What --with asks for. A file that is not there or cannot be read has no lines, and what nothing stands in is left out.
# These files are read as bytes, since a name in them can be any bytes.

RECEIVE = ["bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast"]
TRANSMIT = ["bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed"]
INTERFACE = ["receive_" + name for name in RECEIVE] + ["transmit_" + name for name in TRANSMIT]
DISK = """
    reads reads_merged sectors_read ms_reading writes writes_merged sectors_written ms_writing in_flight ms_io
    ms_weighted discards discards_merged sectors_discarded ms_discarding flushes ms_flushing
""".split()
OLD_PARTITION = ["reads", "sectors_read", "writes", "sectors_written"]
LOCAL = """
    ext2 ext3 ext4 xfs btrfs f2fs jffs2 ubifs yaffs yaffs2 squashfs erofs cramfs romfs vfat msdos exfat ntfs ntfs3 hfs hfsplus
    iso9660 udf jfs nilfs2 reiserfs bcachefs zfs tmpfs ramfs rootfs devtmpfs overlay
""".encode().split()
EVENTS = "pgpgin pgpgout pswpin pswpout pgfault pgmajfault oom_kill".encode().split()
WEAR = ["max_ec", "bad_peb_count", "reserved_for_bad"]


def put(record, key, value):
    """What is nothing or has no name does not stand in the record, and a key stands in it once."""
    if key and value and key not in record:
        record[key] = value


def content(*path):
    try:
        with open(os.path.join(*path), "rb") as file:
            return file.read()
    except OSError:
        return b""


def bare_lines(*path):
    """The lines of a file that have more than blanks."""
    return [line for line in re.split(rb"[\r\n]", content(*path)) if words(line)]


def words(line):
    return re.findall(rb"[^\x00-\x20]+", line)


def first_words(*path):
    return words(re.split(rb"[\r\n]", content(*path))[0])


def title(line):
    """What is before the last colon of a line's first word, and the words behind it."""
    first, blank, rest = line.lstrip(b" ").partition(b" ")
    name, _, cell = first.rpartition(b":")
    return text(name), words(cell + blank + rest) if name else []


def text(raw):
    """The text that bytes are; each byte that is not of UTF-8 becomes U+FFFD."""
    return re.sub("[\udc80-\udcff]", "\ufffd", raw.decode(errors="surrogateescape"))


def column(raw):
    """The name of a column: visible ASCII of two letters and more, without what JSON escapes; else nothing."""
    return text(raw) if re.fullmatch(rb"[!#-\[\]-~]{2,}", raw) else ""


def number(word):
    return Digits(word.decode()) if re.fullmatch(rb"-?(0|[1-9][0-9]*)(\.[0-9]+)?", word) else None


def named(names, cells):
    """Numbers by name; a cell that is no number is left out."""
    row = {}
    for name, cell in zip(names, cells):
        put(row, name, number(cell))
    return row


def one_number(*path):
    return next(map(number, first_words(*path)), None)


def one_text(*path):
    return text(content(*path).removesuffix(b"\n"))


def numbered(pattern, *path):
    """The entries of a folder that have a name with a number in it, in the order of the numbers."""
    try:
        matches = [re.fullmatch(pattern, entry) for entry in os.listdir(os.path.join(*path))]
    except OSError:
        return []
    return [match[0] for match in sorted(filter(None, matches), key=lambda match: (int(match[1]), match[0]))]


def read_netdev(options):
    netdev = {}
    for line in bare_lines(options.procfs, "net/dev"):
        name, cells = title(line)
        put(netdev, name, named(INTERFACE, cells))
    return netdev


def read_diskstats(options):
    diskstats = {}
    for line in bare_lines(options.procfs, "diskstats"):
        device, name, cells = words(line)[:2], b"".join(words(line)[2:3]), words(line)[3:]
        if all(map(number, device)) and re.search(rb"[1-9]", b"".join(cells)):
            put(diskstats, text(name), named(OLD_PARTITION if len(cells) <= 4 else DISK, cells))
    return diskstats


def read_filesystem(options):
    mounts = {}
    path = os.path.join(options.procfs, "self/mounts")
    for line in bare_lines(path if os.access(path, os.R_OK) else os.path.join(options.procfs, "mounts")):
        device, point, *fstype_and_options = words(line) + [b""] * 3
        # What is mounted later is above, whatever it is, and its place is that of its line.
        mounts.pop(point, None)
        # What a server has below its mount point may never answer.
        if fstype_and_options[0] not in LOCAL:
            mounts = {other: mount for other, mount in mounts.items() if not other.startswith(point + b"/")}
        mounts[point] = (device, *fstype_and_options[:2])
    filesystem = {}
    for point, (device, fstype, how) in mounts.items():
        if fstype in LOCAL:
            device, point = map(without_octal, (device, point))
            put(filesystem, text(point), measured(os.fsencode(options.rootfs) + point, device, fstype, how))
    return filesystem


def without_octal(word):
    return re.sub(rb"\\([0-3][0-7]{2})", lambda match: bytes([int(match[1], 8)]), word)


def measured(path, device, fstype, how):
    try:
        stat = os.statvfs(path)
    except (OSError, ValueError):
        return {}
    unit = stat.f_frsize or stat.f_bsize
    return {
        "device": text(device),
        "fstype": text(fstype),
        "size": stat.f_blocks * unit,
        "free": stat.f_bfree * unit,
        "avail": stat.f_bavail * unit,
        "files": stat.f_files,
        "files_free": stat.f_ffree,
        "readonly": int(how.split(b",")[0] == b"ro"),
    }


def read_thermal_zone(options):
    zones = {}
    folder = os.path.join(options.sysfs, "class/thermal")
    for entry in numbered("thermal_zone([0-9]+)", folder):
        zone = {}
        put(zone, "temp", one_number(folder, entry, "temp"))
        if zone:
            put(zone, "type", one_text(folder, entry, "type"))
            zones[entry.removeprefix("thermal_zone")] = zone
    return zones


def read_hwmon(options):
    folder = os.path.join(options.sysfs, "class/hwmon")
    names = {entry: one_text(folder, entry, "name") for entry in numbered("hwmon([0-9]+)", folder)}
    chips = {}
    for entry, name in names.items():
        key = name if list(names.values()).count(name) == 1 else ""
        sensors = read_sensors(os.path.join(folder, entry))
        if sensors:
            put(sensors, "name", name)
            put(chips, key or device_of(folder, entry) or entry, sensors)
    return chips


def device_of(*path):
    try:
        return text(os.path.basename(os.readlink(os.fsencode(os.path.join(*path, "device")))))
    except OSError:
        return ""


def read_sensors(chip):
    sensors = {}
    for kind in "temp", "fan":
        for entry in numbered(f"{kind}([0-9]+)_input", chip):
            label = one_text(chip, entry.replace("_input", "_label"))
            put(sensors, entry if not label or label in sensors else label, one_number(chip, entry))
    return sensors


def read_conntrack(options):
    folder = os.path.join(options.procfs, "sys/net/netfilter")
    conntrack = {}
    for key in "count", "max":
        put(conntrack, key, one_number(folder, f"nf_conntrack_{key}"))
    return conntrack


def read_filefd(options):
    return named(["allocated", "maximum"], first_words(options.procfs, "sys/fs/file-nr")[::2])


def read_pressure(options):
    pressure = {}
    for resource in "cpu", "io", "memory", "irq":
        found = {}
        for line in bare_lines(options.procfs, "pressure", resource):
            kind, *pairs = words(line)
            pairs = [pair.partition(b"=") for pair in pairs]
            put(found, text(kind), named([column(key) for key, _, _ in pairs], [value for _, _, value in pairs]))
        put(pressure, resource, found)
    return pressure


def read_vmstat(options):
    vmstat = {}
    for line in bare_lines(options.procfs, "vmstat"):
        name, value, *_ = words(line) + [b""]
        if name in EVENTS:
            put(vmstat, text(name), number(value))
    return vmstat


def read_sockstat(options):
    sockstat = {}
    for line in bare_lines(options.procfs, "net/sockstat"):
        name, pairs = title(line)
        put(sockstat, name, named(map(column, pairs[::2]), pairs[1::2]))
    return sockstat


def read_softnet(options):
    softnet = {}
    for place, line in enumerate(bare_lines(options.procfs, "net/softnet_stat")):
        cells = [from_hexadecimal(word) for word in words(line)]
        cpu = number(cells[12]) if len(cells) > 12 else None
        put(softnet, str(cpu or place), named(["processed", "dropped", "time_squeeze"], cells))
    return softnet


def from_hexadecimal(word):
    return str(int(word, 16)).encode() if re.fullmatch(rb"[0-9A-Fa-f]+", word) else b""


def read_flash(options):
    flash = {}
    folder = os.path.join(options.sysfs, "class/ubi")
    for entry in numbered("ubi([0-9]+)", folder):
        put(flash, entry, {key: value for key in WEAR if (value := one_number(folder, entry, key))})
    folder = os.path.join(options.sysfs, "block")
    for entry in numbered("mmcblk([0-9]+)", folder):
        card = {}
        for key in "life_time", "pre_eol_info":
            put(card, key, one_text(folder, entry, "device", key))
        put(flash, entry, card)
    return flash


def groups(*path):
    """Groups of two lines: the words of one are the names of the numbers in the next one of the same name."""
    found = {}
    headers = {}
    for line in bare_lines(*path):
        name, cells = title(line)
        if name in headers:
            put(found, name, named(map(column, headers.pop(name)), cells))
        else:
            headers[name] = cells
    return found


def read_netstat(options):
    return groups(options.procfs, "net/netstat")


def read_snmp(options):
    return groups(options.procfs, "net/snmp")


# In the order of the record.
WITH = {
    "netdev": read_netdev,
    "diskstats": read_diskstats,
    "filesystem": read_filesystem,
    "thermal_zone": read_thermal_zone,
    "hwmon": read_hwmon,
    "conntrack": read_conntrack,
    "filefd": read_filefd,
    "pressure": read_pressure,
    "vmstat": read_vmstat,
    "sockstat": read_sockstat,
    "softnet": read_softnet,
    "flash": read_flash,
    "netstat": read_netstat,
    "snmp": read_snmp,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel", action="store_true")
    parser.add_argument("--with", dest="names", metavar="LIST", help=f"all, or of {','.join(WITH)}")
    parser.add_argument("--procfs", default="/proc")
    parser.add_argument("--sysfs", default="/sys")
    parser.add_argument("--rootfs", default="")
    parser.add_argument("--at")
    options = parser.parse_args()
    names = options.names.split(",") if options.names else []
    if names == ["all"]:
        names = list(WITH)
    if not set(names) <= set(WITH) or (names and not options.kernel):
        parser.error(f"--with goes with --kernel, and takes of {','.join(WITH)}")
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
    for name, read in WITH.items():
        if name in names:
            put(record, name, read(options))
    sys.stdout.buffer.write(f"{seconds} - {style.dump(record)}\n".encode())


if __name__ == "__main__":
    main()
