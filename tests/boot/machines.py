#!/usr/bin/env python3
"""Guests: kernels of Debian in qemu-system, without KVM. kernels.py has the machines, initramfs.py what is in them. The
host talks with a guest by its serial line alone. A class, since a guest is a process that has to be ended:

    with Guest(MACHINES["amd64"]) as guest:
        print(guest.check("uname -a; procline --stdout"))

usage: machines.py [MACHINE [COMMAND]]    boots one and runs a command in it; without a name, lists them
"""

import base64
import gzip
import json
import re
import secrets
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from initramfs import initramfs
from kernels import CHECKOUT, MACHINES, Failure, fetch, one

# The guests that run, and whether no more may be started.
running = set()
ended = threading.Event()


def end_with_signals():
    """SIGTERM ends the guests, and then the script in its usual way, which removes its files."""

    def end(*_):
        ended.set()
        for guest in list(running):
            guest.process.kill()
        sys.exit("ended by SIGTERM")

    signal.signal(signal.SIGTERM, end)


class Guest:
    """A machine that runs. `disks` are values of qemu's -drive, as "file=PATH,format=raw"; `modules` are loaded beside
    what finds the disks; `files` are {path: content} of the initramfs; `state` is a file that save() made of a guest
    with the same arguments."""

    def __init__(self, machine, disks=(), modules=(), files=None, cpus=1, memory=256, state=None, boot="", more=()):
        if ended.is_set():
            raise Failure(f"{machine.name}: ended by SIGTERM")
        self.machine = machine
        self.rest = b""
        folder = fetch(machine)
        self.line, line = socket.socketpair()
        self.monitor, monitor = socket.socketpair()
        command = [*machine.qemu, "-accel", "tcg", "-m", str(memory), "-smp", str(cpus)]
        command += ["-nodefaults", "-display", "none", "-no-reboot", "-no-user-config"]
        command += ["-chardev", f"socket,id=line,fd={line.fileno()}", "-serial", "chardev:line"]
        command += ["-chardev", f"socket,id=qmp,fd={monitor.fileno()}", "-mon", "chardev=qmp,mode=control"]
        for number, disk in enumerate(disks):
            command += ["-drive", f"if=none,id=disk{number},{disk}", "-device", f"{machine.disk},drive=disk{number}"]
        if state:
            command += ["-incoming", f"exec:cat {shlex.quote(str(state))}"]
        command += more
        names = [machine.bus, "virtio_blk", *modules] if disks else list(modules)
        with tempfile.NamedTemporaryFile() as archive:
            archive.write(initramfs(machine, names, files or {}))
            archive.flush()
            command += ["-kernel", str(one(folder, "boot/vmlinu*")), "-initrd", archive.name]
            command += ["-append", f"console={machine.console} quiet loglevel=0 panic=-1 {boot}"]
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, pass_fds=(line.fileno(), monitor.fileno())
            )
            running.add(self)
            line.close()
            monitor.close()
            self.replies = self.monitor.makefile("rb")
            try:
                # qemu has read the files when it answers.
                self.monitor.settimeout(60)
                self.replies.readline()
                self.qmp("qmp_capabilities")
                if state:
                    # A byte that comes before the serial port has its state is lost.
                    self.wait_until("query-status", "running")
                else:
                    self.wait_for(lambda text: text == "agent-is-ready", 300)
            except BaseException:
                self.kill()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        """Ends qemu at once, by SIGKILL. What the guest's disks were told is with the host's kernel, and stays."""
        self.process.kill()
        self.process.wait()
        running.discard(self)
        self.line.close()
        self.replies.close()
        self.monitor.close()

    def qmp(self, command, **arguments):
        self.monitor.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            text = self.replies.readline()
            if not text:
                raise Failure(f"{self.machine.name}: qemu has ended")
            reply = json.loads(text)
            if "error" in reply:
                raise Failure(f"{self.machine.name}: {command}: {reply['error']['desc']}")
            if "return" in reply:
                return reply["return"]

    def wait_until(self, question, wanted, timeout=120):
        until = time.monotonic() + timeout
        while (status := self.qmp(question).get("status")) != wanted:
            if status == "failed" or time.monotonic() > until:
                raise Failure(f"{self.machine.name}: {question}: {status}, not {wanted}")
            time.sleep(0.02)

    def save(self, path):
        """Writes the running machine, without its disks, to a file; it stands still from here on."""
        self.qmp("migrate", uri=f"exec:cat > {shlex.quote(str(path))}")
        self.wait_until("query-migrate", "completed")

    def next_line(self, timeout):
        """The next line of the serial line, without its end."""
        until = time.monotonic() + timeout
        while b"\n" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.line], [], [], left)[0]:
                raise Failure(f"{self.machine.name}: nothing for {timeout} s, behind {self.rest[-2000:]!r}")
            some = self.line.recv(65536)
            if not some:
                raise Failure(f"{self.machine.name}: has ended, behind {self.rest[-2000:]!r}")
            self.rest += some
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode(errors="replace")

    def wait_for(self, wanted, timeout):
        """The lines before the one that is wanted, and that one."""
        until = time.monotonic() + timeout
        before = []
        while True:
            try:
                line = self.next_line(until - time.monotonic())
            except Failure as failure:
                raise Failure(f"{failure} and {before[-20:]}") from None
            if wanted(line.rstrip("\r")):
                return before, line
            before.append(line)

    def send(self, command):
        """Starts a command; what it prints and then the line `MARK STATUS` come by next_line(). Returns the mark."""
        mark = f"mark-{secrets.token_hex(4)}"
        self.line.sendall(f"{mark} {base64.b64encode(command.encode()).decode()}\n".encode())
        return mark

    def run(self, command, timeout=60):
        """Runs a command of the guest's shell: (status, what it printed on both outputs)."""
        mark = self.send(command)
        lines, last = self.wait_for(lambda line: re.fullmatch(rf"{mark} \d+", line), timeout)
        return int(last.split()[1]), "\n".join(lines)

    def check(self, command, timeout=60):
        """What a command prints, without the newlines at its end. It must succeed."""
        status, output = self.run(command, timeout)
        if status:
            raise Failure(f"{self.machine.name}: {command}: status {status}: {output}")
        return output.rstrip("\n")

    def put(self, path, content):
        """Writes a file; what is large should be in the initramfs instead."""
        quoted = shlex.quote(path)
        self.check(f": > {quoted}")
        for at in range(0, len(content), 6000):
            self.check(f"echo {base64.b64encode(content[at : at + 6000]).decode()} | base64 -d >> {quoted}")

    def get(self, path, timeout=60):
        """A file's bytes. All of a file of /proc are of one moment."""
        text = self.check(f"set -o pipefail; gzip -c < {shlex.quote(path)} | base64", timeout)
        return gzip.decompress(base64.b64decode(text))


def main(arguments):
    if not arguments:
        for machine in MACHINES.values():
            origin = f"{machine.kernel} of {machine.suite}" if machine.kernel else "tests/boot/big-endian"
            print(f"{machine.name}: {origin}, {machine.target}")
        return
    end_with_signals()
    started = time.monotonic()
    with Guest(MACHINES[arguments[0]]) as guest:
        print(f"booted in {time.monotonic() - started:.1f} s")
        print(guest.check(" ".join(arguments[1:]) or "uname -a; procline --stdout --no-intr-counters"))


if __name__ == "__main__":
    main(sys.argv[1:])
