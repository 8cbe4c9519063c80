#!/usr/bin/env python3
"""Power cuts: a guest records without pause, qemu is killed at a random moment, the guest starts again from its disk.

usage: cuts.py [--cuts N] [--file-system ext4,f2fs,vfat,jffs2] [--seed S] [--options '--sync …'] [--no-control]

A life of a disk is up to five cuts; every second life has --max-bytes. After each cut the file system is mounted (vfat
behind `fsck.vfat -a`), procline runs once more, on the same day or on another one, and the logs are read out. Each
record that the guest acknowledged on the serial line has to be there, once and in order; each line has to be a whole
record; and du has to be within the limit. The control is the same without --sync, and has to lose records: else nothing
was seen.

A SIGKILL takes what the guest's memory had. What qemu was told to write is with the host's kernel, flushed or not, and
stays: that a flush is missing, states.py sees, and this does not. jffs2 is on a flash that is memory of the guest, held
by a file of the host (phram, on the memory of an NVDIMM), and has every store until the kill. Its writes do not wait in
the kernel's memory, so its control may lose nothing, and there is none.

Prints what is wrong, with the seed; and at the end for each file system the counts as JSON and as a row of a table.
"""

import random
import select
import sys
import time

import disks
from machines import Failure

CUTS_OF_A_LIFE = 5


def read_acknowledged(lines, done):
    """Adds the numbers of "done N" to `done`; returns the other lines."""
    others = []
    for line in lines:
        word, _, number = line.rstrip("\r").partition(" ")
        if word == "done":
            done.append(int(number))
        else:
            others.append(line)
    return others


def cut(guest, seconds):
    """Kills qemu after so many seconds; returns the whole lines that it has sent."""
    # What is not read soon fills the line, and stops the guest's acknowledgements: each byte takes a buffer of its own.
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([guest.line], [], [], left)[0]:
            guest.rest += guest.line.recv(65536)
    guest.process.kill()
    guest.process.wait()
    while select.select([guest.line], [], [], 5)[0]:
        some = guest.line.recv(65536)
        if not some:
            break
        guest.rest += some
    return guest.rest.decode(errors="replace").split("\n")[:-1]


def look(bench, guest, file_system, number, options, done):
    """Mounts the disk, records once more and reads the logs out: (logs, KiB, what else was printed)."""
    guest.check(f"{disks.set_clock(number)}; {file_system.mount}")
    others = read_acknowledged(guest.check(f"collect {number} 1 0 line {options}").splitlines(), done)
    kib = int(guest.check("look").split()[0])
    return bench.logs(), kib, [line for line in others if line]


def one_life(bench, file_system, options, limit, cuts, chance, tell):
    """The counts of some cuts of one disk, which is empty at first."""
    bench.make(file_system)
    if limit is not None:
        options += f" --max-bytes {limit}"
    counts = disks.Counts()
    done, tried, number, judged = [], [], 1, 0
    for at in range(cuts + 1):
        before = bench.image(file_system).read_bytes()
        try:
            with bench.start() as guest:
                tried.append(number)
                logs, kib, others = look(bench, guest, file_system, number, options, done)
                found, wrong = disks.judge(logs, kib, done, tried, limit)
                # Each record counts once, at the first cut behind it.
                found.looks, found.checked, judged = int(at > 0), min(found.checked, len(done) - judged), len(done)
                lines = []
                if at < cuts:
                    guest.send(f"collect {number + 1} 100000 {chance.randrange(30000)} line {options}")
                    lines, last = guest.wait_for(lambda line: line.startswith(("done", "failed")), 60)
                    lines += [last, *cut(guest, chance.random())]
        except Failure as failure:
            found, wrong, lines, others = disks.Counts(looks=1, other=1), [str(failure)], [], []
        before_cut = len(done)
        others += read_acknowledged(lines, done)
        found.other += len(others)
        counts.add(found)
        if wrong or others:
            tell(at, wrong + others, before)
            break
        # One was under way, and what the guest said last may not have left it.
        tried += range(number + 1, number + 4 + len(done) - before_cut)
        number = tried[-1] + 1
        if chance.random() < 0.5:
            # The next day.
            number += -number % disks.DAY_RECORDS
    return counts


def all_lives(bench, file_system, options, cuts, seed, control=False):
    """The counts of so many cuts of one file system."""
    counts = disks.Counts()
    life = 0
    while counts.looks < cuts and (not control or not counts.lost):
        chance = random.Random(f"{seed} {file_system.name} {life}")
        limit = disks.LIMIT if life % 2 else None

        def tell(at, wrong, before, life=life):
            if control:
                return
            name = f"cut-{seed}-{life}-{at}"
            print(f"{file_system.name}: --seed {seed}, life {life}, before cut {at}:", *wrong[:20], sep="\n    ")
            print(f"    the disk as it was found: {disks.keep(file_system, before, name)}")

        counts.add(one_life(bench, file_system, options, limit, min(CUTS_OF_A_LIFE, cuts - counts.looks), chance, tell))
        life += 1
    return counts


def main(arguments):
    wanted = disks.command_line(__doc__, "cuts", 30, "ext4,f2fs,vfat,jffs2").parse_args(arguments)
    rows, bad = [], False
    with disks.Bench() as bench:
        for file_system, share in disks.shares(wanted.cuts, wanted.file_system):
            started = time.monotonic()
            counts = all_lives(bench, file_system, wanted.options, share, wanted.seed)
            bad |= counts.bad() > 0
            rows.append((file_system, counts))
            disks.tell_counts(file_system, "SIGKILL", time.monotonic() - started, counts)
            if not wanted.no_control and file_system.name != "jffs2":
                unsynced = wanted.options.replace("--sync", "")
                control = all_lives(bench, file_system, unsynced, 3, wanted.seed, control=True)
                bad |= not disks.control_loses(file_system, control)
    disks.print_table("SIGKILL", rows)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
