#!/usr/bin/env python3
"""States of a disk after a power cut, made from what a guest wrote to it.

usage: states.py [--states N] [--file-system ext4,f2fs,vfat] [--seed S] [--options '--sync …'] [--no-control]
       states.py --image FILE --file-system NAME [--options '--sync …']    tries one that was kept once more

A guest records on a disk, and qemu (blklogwrites) notes each write and flush in order. A cut can leave: all that was
flushed before it, and of the writes behind the last flush none, some or all, each of them whole or only some of its
sectors (of F2FS, blocks). States like these are made of what was noted, the file system is mounted by a guest (vfat
behind `fsck.vfat -a`), procline runs once more, on the same day or on the next one, and the logs are read out. The
guest notes what is acknowledged on the same disk, behind the file system, by a write that flushes nothing: so what
stands before the cut in the order of writes was acknowledged before it. Each such record has to be there, once and in
order; each line has to be a whole record; and du has to be within the limit. Half of the states are of a run with
--max-bytes. The control is the same without --sync, and has to lose records: else nothing was seen.

A write that ended between the beginning and the end of a flush counts as flushed, which is a little more than a disk
promises. F2FS of Linux 6.1 now and then sends its flush while a block of the same fdatasync(2) is still being written
(1 of 400 times and more often under load, as block_rq_issue and block_rq_complete show), so that the disk need not have
it: such a record need not be there before the next flush. How many there were is told, and more than one in ten is a
failure. States are mounted by the guest and not by the host, so that no privilege is needed, each file system has the
same kernel, and a broken one breaks no host; a state takes half a second.

The guest writes in its own time, so the seed alone does not bring a state back: what fails is kept as an image. Prints
what is wrong and how to try it again; and at the end for each file system the counts as JSON and as a row of a table.
"""

import gzip
import pathlib
import random
import struct
import sys
import time

import cuts
import disks
from machines import Failure

SECTOR = 512
MAGIC = 0x6A736677736872
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
RECORDS = 70  # more than --max-bytes leaves, and three changes of the day


def read_writes(path):
    """What blklogwrites noted, as a list of (flags, offset, content); a flush has no content.

    A superblock (magic, version, count of entries, bytes of a sector), then for each entry a sector (where, how many
    sectors, flags, zero) and behind it the sectors that were written.
    """
    content = path.read_bytes()
    magic, _, count, sector_bytes = struct.unpack_from("<QQQI", content)
    if (magic, sector_bytes) != (MAGIC, SECTOR):
        raise Failure(f"{path}: not what blklogwrites writes")
    writes, at = [], SECTOR
    for _ in range(count):
        sector, sectors, flags, _ = struct.unpack_from("<QQQQ", content, at)
        at += SECTOR
        length = sectors * SECTOR
        if flags & DISCARD:
            writes.append((flags, sector * SECTOR, bytes(length)))
        else:
            writes.append((flags, sector * SECTOR, content[at : at + length]))
            at += length
    if at > len(content):
        raise Failure(f"{path}: is cut")
    return writes


def record(bench, file_system, options):
    """A guest's writes while it records: (the disk before the mount, the writes)."""
    bench.make(file_system)
    noted = bench.folder / "noted"
    noted.write_bytes(b"")
    disk = f"driver=blklogwrites,file.driver=file,file.filename={bench.disk},log.driver=file,log.filename={noted}"
    with bench.start(f"{disk},log-sector-size={SECTOR}") as guest:
        before = bench.disk.read_bytes()
        guest.check(f"{disks.set_clock(1)}; {file_system.mount}")
        printed = guest.check(f"collect 1 {RECORDS} 0 /dev/vda {options}", 120)
        if printed.strip():
            raise Failure(f"{file_system.name}: {printed}")
        # The superblock counts what was noted until the last flush. vfat's sync() has none, this has.
        last = disks.DISK_BYTES // SECTOR - 1
        flush = f"dd if=/dev/zero of=/dev/vda bs={SECTOR} seek={last} count=1 conv=notrunc,fsync 2> /dev/null"
        guest.check(f"sync; {flush}")
    writes = read_writes(noted)
    noted.unlink()
    return before, writes


def acknowledged(write):
    """The number that this write acknowledges, or None."""
    _, offset, content = write
    if offset != disks.FILE_SYSTEM_BYTES or not content.startswith(b"done "):
        return None
    return int(content.split()[1])


def flushed_early(writes):
    """How many records were acknowledged when a write was not flushed."""
    count, pending = 0, False
    for write in writes:
        if acknowledged(write) is not None:
            count += pending
        elif write[0] & FLUSH:
            pending = False
        elif write[2]:
            pending = True
    return count


def put(image, offset, content):
    image[offset : offset + len(content)] = content


def put_some(image, pending, tears_at, chance):
    """Writes some of what was not flushed, as a cut may leave it, in its order."""
    share = chance.choice((0, 0.25, 0.5, 0.75, 1))
    piece_share = chance.choice((1, 1, 0.5, 0.9))
    for offset, content in pending:
        if chance.random() >= share:
            continue
        if offset == 0:
            # ext4 does not mount with one half of a superblock, and needs e2fsck then.
            put(image, offset, content)
            continue
        for at in range(0, len(content), tears_at):
            if piece_share == 1 or chance.random() < piece_share:
                put(image, offset + at, content[at : at + tears_at])


def make_states(before, writes, file_system, points, chances):
    """For each point, a place in `writes` and all of them in order: (the disk cut there, the numbers that have to be on
    it, the last number that was acknowledged)."""
    flushed = bytearray(before)
    pending, done, late, at, last = [], [], [], 0, 0
    for point, chance in zip(points, chances):
        for write in writes[at:point]:
            flags, offset, content = write
            number = acknowledged(write)
            if number is not None:
                last = number
                (late if pending and file_system.flushes_early else done).append(number)
                put(flushed, offset, content)
                continue
            if flags & FLUSH:
                for earlier, some in pending:
                    put(flushed, earlier, some)
                done += late
                pending.clear()
                late.clear()
            if flags & FUA:
                put(flushed, offset, content)
            elif content:
                pending.append((offset, content))
        at = point
        image = bytearray(flushed)
        put_some(image, pending, file_system.tears_at, chance)
        yield image, list(done), last


def one_state(bench, guest, file_system, options, limit, done, last, next_day):
    """Mounts what is on the disk, and holds it to the numbers that have to be there."""
    # The record that was being written, and one that may have ended without its acknowledgement.
    tried = [*range(1, last + 2), last + 2]
    number = last + 2
    if next_day:
        number += -number % disks.DAY_RECORDS
        tried[-1] = number
    logs, kib, others = cuts.look(bench, guest, file_system, number, options, done)
    guest.check("umount /mnt; blockdev --flushbufs /dev/vda")
    counts, wrong = disks.judge(logs, kib, done, tried, limit)
    counts.other += len(others)
    # The record of the last run is not of the cut.
    counts.checked -= 1
    return counts, wrong + others


def try_again(bench, file_system, options, path):
    """The counts of a state that was kept, on the same day and on the next one."""
    image = gzip.decompress(pathlib.Path(path).read_bytes())
    last = acknowledged((0, disks.FILE_SYSTEM_BYTES, image[disks.FILE_SYSTEM_BYTES :])) or 0
    limit = disks.LIMIT if f"--max-bytes {disks.LIMIT}" in options else None
    counts = disks.Counts()
    for next_day in (False, True):
        bench.disk.write_bytes(image)
        with bench.start() as guest:
            done = list(range(1, last + 1))
            found, wrong = one_state(bench, guest, file_system, options, limit, done, last, next_day)
        print(*wrong, sep="\n")
        counts.add(found)
    return counts


def all_states(bench, file_system, options, limit, numbers, seed, control=False):
    """The counts of the states of one guest's writes."""
    if limit is not None:
        options += f" --max-bytes {limit}"
    before, writes = record(bench, file_system, options)
    counts = disks.Counts()
    if file_system.flushes_early and not control and (early := flushed_early(writes)):
        print(f"{file_system.name}: {early} of {RECORDS} records were flushed before they were written", flush=True)
        counts.other += early > RECORDS / 10
    chances = [random.Random(f"{seed} {file_system.name} {number}") for number in numbers]
    chosen = [(chance.randrange(len(writes) + 1), number, chance) for number, chance in zip(numbers, chances)]
    chosen.sort(key=lambda each: each[:2])
    guest = None
    try:
        points, chances = [point for point, _, _ in chosen], [chance for _, _, chance in chosen]
        images = make_states(before, writes, file_system, points, chances)
        for (point, number, chance), (image, done, last) in zip(chosen, images):
            bench.disk.write_bytes(image)
            next_day = chance.random() < 0.5
            try:
                guest = guest or bench.start()
                found, wrong = one_state(bench, guest, file_system, options, limit, done, last, next_day)
            except Failure as failure:
                found, wrong = disks.Counts(looks=1, other=1), [str(failure)]
                if guest:
                    guest.kill()
                guest = None
            counts.add(found)
            if wrong and not control:
                print(f"{file_system.name}: state {number}, cut before write {point}:", *wrong[:20], sep="\n    ")
                kept = disks.keep(file_system, image, f"state-{seed}-{number}")
                print(f"    --file-system {file_system.name} --options '{options}' --image {kept}", flush=True)
    finally:
        if guest:
            guest.kill()
    return counts


def main(arguments):
    parser = disks.command_line(__doc__, "states", 200, "ext4,f2fs,vfat")
    parser.add_argument("--image")
    wanted = parser.parse_args(arguments)
    rows, bad = [], False
    with disks.Bench() as bench:
        if wanted.image:
            counts = try_again(bench, disks.FILE_SYSTEMS[wanted.file_system], wanted.options, wanted.image)
            return int(counts.bad() > 0)
        for file_system, share in disks.shares(wanted.states, wanted.file_system):
            started = time.monotonic()
            counts = disks.Counts()
            for limit, numbers in ((None, range(share // 2)), (disks.LIMIT, range(share // 2, share))):
                counts.add(all_states(bench, file_system, wanted.options, limit, numbers, wanted.seed))
            bad |= counts.bad() > 0
            rows.append((file_system, counts))
            disks.tell_counts(file_system, "writes replayed", time.monotonic() - started, counts)
            if not wanted.no_control:
                unsynced = wanted.options.replace("--sync", "")
                control = all_states(bench, file_system, unsynced, None, range(10), wanted.seed, control=True)
                bad |= not disks.control_loses(file_system, control)
    disks.print_table("writes replayed", rows)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
