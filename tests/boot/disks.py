"""A guest with a disk that procline writes its log to, and what that log must hold after a power cut.

Used by cuts.py and states.py. Every record has a number, which stands as its uptime: the guest records a copy of /proc
(fixtures/vm) with the uptime that it was told. Each 20 numbers are a day. The guest reads its disk out as a tar archive
that it writes to a second disk.
"""

import argparse
import dataclasses
import gzip
import io
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zlib

from machines import CHECKOUT, MACHINES, Failure, Guest

FILE_SYSTEM_BYTES = 64 << 20  # the least that F2FS has
SECTORS = FILE_SYSTEM_BYTES // 512
DISK_BYTES = FILE_SYSTEM_BYTES + 4096  # behind the file system stands what was acknowledged
OUT_BYTES = 8 << 20
FLASH_BYTES = 8 << 20
FLASH_ADDRESS = 0x1_0000_0000  # where qemu has the first NVDIMM of a small PC
DAY_RECORDS = 20
FIRST_DAY = 20_000  # days since 1970: 2024-10-04
LIMIT = 128 << 10  # of --max-bytes: two days of 20 records do not fit


@dataclasses.dataclass(frozen=True)
class FileSystem:
    name: str
    make: tuple  # the host's command, a file behind it
    mount: str  # the guest's command
    tears_at: int = 512  # bytes that a cut leaves whole
    flushes_early: bool = False  # see states.py


FILE_SYSTEMS = {
    each.name: each
    for each in (
        FileSystem("ext4", ("mkfs.ext4", "-q", "-F", "-b", "4096"), "mount -t ext4 /dev/vda /mnt"),
        # F2FS takes for granted that a block is written whole, and has no sum over most.
        FileSystem("f2fs", ("mkfs.f2fs", "-q", "-f"), "mount -t f2fs /dev/vda /mnt", 4096, True),
        # Without dirsync vfat writes a new name in parts, some of them 30 s later, and a log that was renamed is empty
        # for as long: fsync(2) of the folder does not help. Status 1 says that errors were mended; a folder that was
        # being made can need a second time.
        FileSystem(
            "vfat", ("mkfs.vfat",), "fsck='fsck.vfat -a /dev/vda'; "
            "{ $fsck || $fsck || [ $? = 1 ]; } > /dev/null 2>&1 && mount -t vfat -o dirsync /dev/vda /mnt",
        ),
        FileSystem(
            "jffs2", (), f"echo flash,{FLASH_ADDRESS:#x},{FLASH_BYTES} > /sys/module/phram/parameters/phram; "
            "mount -t jffs2 mtd0 /mnt",
        ),
    )
}

# collect FIRST COUNT PAUSE TO [OPTION]…: COUNT records, PAUSE microseconds between two of them. What ended with
# status 0 is acknowledged: on the serial line, or where TO is a disk, in a sector behind its file system, without a
# flush.
COLLECT = f"""\
#!/bin/sh
number=$1 last=$(($1 + $2 - 1)) pause=$3 to=$4
shift 4
while [ "$number" -le "$last" ]; do
    if [ $((number % {DAY_RECORDS})) = 0 ]; then
        date -s "@$((({FIRST_DAY} + number / {DAY_RECORDS}) * 86400))" > /dev/null
    fi
    echo "$number.00 $number.00" > /copy/uptime
    if procline --procfs /copy --log-path /mnt/log "$@" 2>&1; then
        if [ "$to" = line ]; then
            echo "done $number"
        else
            printf '%-511s\\n' "done $number" | dd "of=$to" bs=512 seek={SECTORS} conv=notrunc 2> /dev/null
            # A direct read has the kernel write the sector first. busybox has no buffer for a direct write.
            dd "if=$to" of=/dev/null bs=512 skip={SECTORS} count=1 iflag=direct 2> /dev/null
        fi
    else
        echo "failed $number"
    fi
    usleep "$pause"
    number=$((number + 1))
done
"""

# look: what du shows of the log's folder, in KiB; the folder goes to the second disk. A cut in the middle of a long
# name leaves vfat with a file that has only its short one, and fsck.vfat names what it finds: neither is a log.
LOOK = """\
#!/bin/sh
mkdir -p /mnt/log
rm -f /mnt/log/AWESOM~* /mnt/log/FSCK*
du -sk /mnt/log && tar -cf /dev/vdb -C /mnt/log . && blockdev --flushbufs /dev/vdb
"""


def fsck_files():
    """fsck.vfat of this machine, with what it is linked to."""
    paths = ["/usr/sbin/fsck.vfat"]
    libraries = subprocess.run(["ldd", paths[0]], check=True, capture_output=True, text=True).stdout
    paths += re.findall(r"(/\S+) \(0x", libraries)
    return {path.lstrip("/"): pathlib.Path(path).read_bytes() for path in paths}


def arguments():
    files = {"bin/collect": COLLECT, "bin/look": LOOK, **fsck_files()}
    for name in ("stat", "uptime", "loadavg", "meminfo"):
        files[f"copy/{name}"] = (CHECKOUT / "fixtures/vm" / name).read_bytes()
    # What F2FS and vfat ask for by name alone is named here.
    modules = ("ext4", "crc32_generic", "f2fs", "vfat", "nls_cp437", "nls_ascii", "jffs2", "phram")
    return {"modules": modules, "files": files, "memory": 192}


class Bench:
    """A folder with the disks, and a guest that was saved when it had booted and starts in less than half a second.
    What it knew of a disk then is forgotten before a disk is mounted; the disks are not in what was saved, but the
    flash is, as the guest's memory: start() writes it anew."""

    def __init__(self):
        memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.temporary = tempfile.TemporaryDirectory(dir=memory, prefix="procline-boot-")
        self.folder = pathlib.Path(self.temporary.name)
        self.arguments = arguments()
        self.disk, self.out, self.flash, self.state = (self.folder / name for name in ("disk", "out", "flash", "state"))
        self.disk.write_bytes(bytes(DISK_BYTES))
        self.flash.write_bytes(bytes(FLASH_BYTES))
        self.out.write_bytes(bytes(OUT_BYTES))
        with self.guest(f"file={self.disk},format=raw") as guest:
            guest.save(self.state)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def guest(self, disk, state=None):
        flash = f"memory-backend-file,id=flash,share=on,mem-path={self.flash},size={FLASH_BYTES}"
        more = ["-M", "nvdimm=on", "-m", f"{self.arguments['memory']},slots=1,maxmem=1G", "-object", flash]
        more += ["-device", "nvdimm,memdev=flash"]
        disks = [disk, f"file={self.out},format=raw"]
        return Guest(MACHINES["amd64"], disks=disks, more=more, state=state, **self.arguments)

    def start(self, disk=None):
        """The guest, just booted; its disk and flash are what the last one left."""
        flash = self.flash.read_bytes()
        guest = self.guest(disk or f"file={self.disk},format=raw", self.state)
        try:
            guest.check("blockdev --flushbufs /dev/vda; blockdev --flushbufs /dev/vdb")
            self.put_flash(flash)
        except BaseException:
            guest.kill()
            raise
        return guest

    def put_flash(self, content):
        # In place: qemu has the file mapped.
        with self.flash.open("r+b") as file:
            file.write(content)

    def make(self, file_system):
        """An empty file system; a flash that is erased is one for jffs2."""
        if file_system.make:
            make_disk(file_system, self.disk)
        else:
            self.put_flash(b"\xff" * FLASH_BYTES)

    def image(self, file_system):
        return self.disk if file_system.make else self.flash

    def logs(self):
        """{name: content} of the log's folder, as the guest's `look` left it."""
        with tarfile.open(fileobj=io.BytesIO(self.out.read_bytes())) as archive:
            members = [member for member in archive.getmembers() if member.isfile()]
            return {member.name.removeprefix("./"): archive.extractfile(member).read() for member in members}


def make_disk(file_system, path):
    with open(path, "wb") as file:
        file.truncate(FILE_SYSTEM_BYTES)
    subprocess.run([*file_system.make, path], check=True, stdout=subprocess.DEVNULL)
    os.truncate(path, DISK_BYTES)


def set_clock(number):
    """The guest's command that sets its clock as it is at a record of this number."""
    return f"date -s @{(FIRST_DAY + number // DAY_RECORDS) * 86400 + number % DAY_RECORDS * 60} > /dev/null"


@dataclasses.dataclass
class Counts:
    looks: int = 0  # cuts or states
    checked: int = 0
    lost: int = 0
    twice: int = 0
    glued: int = 0
    torn: int = 0
    over: int = 0
    other: int = 0  # what failed in another way: a mount, a run, a record that is not what was written

    def add(self, more):
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(more, field.name))

    def bad(self):
        return self.lost + self.twice + self.glued + self.torn + self.over + self.other


def tell_counts(file_system, cut, seconds, counts):
    counted = {"file_system": file_system.name, "cut": cut, "seconds": round(seconds), **vars(counts)}
    print(json.dumps(counted), flush=True)


def control_loses(file_system, counts):
    """Tells what the control without --sync lost, and whether it did."""
    lost = f"{counts.lost} records lost in {counts.looks} cuts"
    print(f"{file_system.name}, the control without --sync: {lost}", flush=True)
    if not counts.lost:
        print(f"{file_system.name}: the control lost nothing, so a record that --sync loses would not be seen")
    return counts.lost > 0


def print_table(cut, rows):
    """The counts of each file system as a table in Markdown."""
    headings = ("file system", "cut", "times", "acknowledged records checked", "lost", "twice", "glued", "torn")
    headings += ("over the limit", "other")
    print("|", " | ".join(headings), "|")
    print("|", " | ".join("---" for _ in headings), "|")
    for file_system, counts in rows:
        print("|", " | ".join(map(str, (file_system.name, cut, *dataclasses.astuple(counts)))), "|")


def command_line(text, what, count, names):
    """What both ways of cutting the power can be told: how often, on which file systems, and with which options."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(f"--{what}", type=int, default=count, help="of all file systems together")
    parser.add_argument("--file-system", default=names)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--options", default="--sync", help="of procline")
    parser.add_argument("--no-control", action="store_true")
    return parser


def shares(total, names):
    """(file system, its share of the total) for each of the names, separated by commas."""
    wanted = [FILE_SYSTEMS[name] for name in names.split(",")]
    return [(each, total // len(wanted) + (at < total % len(wanted))) for at, each in enumerate(wanted)]


NAME = re.compile(r"awesome_monitoring_(?P<day>\d{4}-\d\d-\d\d)\.log(\.gz@(?P<start>\d+)|(\.(?P<part>\d+))?(?P<gz>\.gz)?)")


def in_order(names):
    """Log files by age, the oldest first: of a day what is compressed, what moves there, and text; parts by number."""

    def age(name):
        found = NAME.fullmatch(name)
        if not found:
            raise Failure(f"{name}: not the name of a log")
        kind = 1 if found["start"] else 0 if found["gz"] else 2
        return found["day"], kind, int(found["part"] or sys.maxsize)

    return sorted(names, key=age)


def uncut(logs):
    """The logs, what is compressed without its bytes behind the place from which a text moves there."""
    logs = dict(logs)
    for name in list(logs):
        path, moves, start = name.rpartition(".gz@")
        if moves and path + ".gz" in logs:
            logs[path + ".gz"] = logs[path + ".gz"][: int(start)]
    return logs


REFERENCE = {}


def read_record(line):
    """The number of a whole record, None of another line. All but time and uptime must be as in every record."""
    try:
        seconds, text = line.decode().split(" - ", 1)
        record = json.loads(text)
        number, rest = divmod(float(record["uptime"]["total"]), 1)
    except (ValueError, KeyError, TypeError):
        return None
    whole = seconds == str(record["timestamp"]) and rest == 0 and record["uptime"]["idle"] == number
    text = re.sub(r'"time":"[^"]*","timestamp":\d+|"uptime":\{[^}]*\}', "", text)
    if not whole or text != REFERENCE.setdefault("text", text):
        return None
    return int(number)


def judge(logs, kib, done, tried, limit):
    """Holds the logs to the numbers that were acknowledged and to those that were tried, both in order. Returns counts
    and what is wrong, in words. With a limit the oldest may be gone, but half of the limit has to be kept."""
    counts = Counts(looks=1)
    wrong = []

    def fail(field, text):
        setattr(counts, field, getattr(counts, field) + 1)
        wrong.append(f"{field}: {text}")

    present = []
    logs = uncut(logs)
    for name in in_order(logs):
        try:
            content = gzip.decompress(logs[name]) if name.endswith(".gz") else logs[name]
        except (EOFError, OSError, zlib.error) as error:
            fail("torn", f"{name}: {error}")
            continue
        lines = content.split(b"\n")
        if lines.pop():
            fail("torn", f"{name} ends in {content[-60:]!r}")
        for at, line in enumerate(lines, 1):
            number = read_record(line)
            if number is not None:
                present.append(number)
            elif line.count(b'"timestamp":') > 1:
                fail("glued", f"{name}:{at}: {line[:60]!r}…{line[-60:]!r}")
            else:
                fail("torn", f"{name}:{at}: {line[:60]!r}…{line[-60:]!r}, {line.count(0)} NULs")
    for before, after in itertools.pairwise(present):
        if before >= after:
            fail("twice", f"{after} stands behind {before}")
    for number in sorted(set(present) - set(tried)):
        fail("other", f"{number} was never written")
    required = [number for number in done if limit is None or not present or number >= min(present)]
    counts.checked = len(required)
    for number in sorted(set(required) - set(present)):
        fail("lost", f"{number}")
    if limit is not None:
        if kib * 1024 > limit:
            fail("over", f"{kib} KiB, more than {limit} bytes")
        if len(required) < len(done) and sum(map(len, logs.values())) < limit // 2:
            fail("lost", f"older ones went, and {sum(map(len, logs.values()))} bytes are kept of {limit}")
    return counts, wrong


def keep(file_system, content, name):
    """Keeps an image that failed; returns its path, or why there is none."""
    folder = CHECKOUT / "target/boot"
    folder.mkdir(parents=True, exist_ok=True)
    if sum(1 for _ in folder.iterdir()) >= 20:
        return f"not kept, {folder} has 20"
    path = folder / f"{name}.{file_system.name}.gz"
    path.write_bytes(gzip.compress(content, 1))
    return path
