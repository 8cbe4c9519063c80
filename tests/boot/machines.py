#!/usr/bin/env python3
"""Machines that procline is tried on: kernels of Debian in qemu-system, without KVM.

A machine is a kernel package, downloaded and unpacked but not installed, and a small initramfs: Debian's static busybox,
a few modules, the static procline and dist/. The host talks with a guest by its serial line alone. All that is fetched
lies in one cache folder outside the checkout. A class, since a guest is a process that has to be ended:

    with Guest(MACHINES["amd64"]) as guest:
        print(guest.check("uname -a; procline --stdout"))

usage: machines.py [MACHINE [COMMAND]]    boots one and runs a command in it; without a name, lists them
"""

import base64
import contextlib
import dataclasses
import gzip
import hashlib
import json
import lzma
import os
import pathlib
import re
import secrets
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Machine:
    name: str
    target: str  # of procline
    architecture: str  # Debian's
    suite: str  # Debian's; each is the last that has the kernel, or the first
    kernel: str  # a package that depends on the kernel's
    qemu: tuple  # the program and what makes the machine
    console: str
    bus: str  # the module that finds virtio devices
    disk: str  # qemu's device for a disk
    also: tuple = ()  # targets whose programs run there, too


MACHINES = {
    machine.name: machine
    for machine in (
        Machine(
            "amd64", "x86_64-unknown-linux-musl", "amd64", "bookworm", "linux-image-amd64",
            ("qemu-system-x86_64", "-M", "q35", "-cpu", "max"), "ttyS0", "virtio_pci", "virtio-blk-pci",
            ("i686-unknown-linux-musl",),
        ),
        Machine(
            "i386", "i686-unknown-linux-musl", "i386", "bookworm", "linux-image-686-pae",
            ("qemu-system-i386", "-M", "q35"), "ttyS0", "virtio_pci", "virtio-blk-pci",
        ),
        Machine(
            "arm64", "aarch64-unknown-linux-musl", "arm64", "bookworm", "linux-image-arm64",
            ("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53"), "ttyAMA0", "virtio_mmio", "virtio-blk-device",
        ),
        Machine(
            "arm64-16k", "aarch64-unknown-linux-musl", "arm64", "trixie", "linux-image-arm64-16k",
            ("qemu-system-aarch64", "-M", "virt", "-cpu", "max"), "ttyAMA0", "virtio_mmio", "virtio-blk-device",
        ),
        Machine(
            "armhf", "armv7-unknown-linux-musleabihf", "armhf", "bookworm", "linux-image-armmp",
            ("qemu-system-arm", "-M", "virt", "-cpu", "cortex-a15"), "ttyAMA0", "virtio_mmio", "virtio-blk-device",
            ("armv5te-unknown-linux-musleabi",),
        ),
        Machine(
            "mipsel", "mipsel-unknown-linux-musl", "mipsel", "bookworm", "linux-image-4kc-malta",
            ("qemu-system-mipsel", "-M", "malta"), "ttyS0", "virtio_pci", "virtio-blk-pci",
        ),
        Machine(
            "riscv64", "riscv64gc-unknown-linux-musl", "riscv64", "trixie", "linux-image-riscv64",
            ("qemu-system-riscv64", "-M", "virt"), "ttyS0", "virtio_mmio", "virtio-blk-device",
        ),
    )
}

# What is kept of a kernel's modules.
MODULES = "arch block crypto fs lib drivers/block drivers/mtd drivers/nvdimm drivers/virtio drivers/pci drivers/scsi"

APT = """\
Dir::State::Lists "{0}/lists";
Dir::State::status "{0}/status";
Dir::Cache "{0}";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{0}/sources";
APT::Architecture "{1}";
APT::Architectures {{ "{1}"; }};
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
"""

INIT = """\
#!/bin/busybox sh
export PATH=/sbin:/usr/sbin:/bin:/usr/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
while read -r module; do insmod "/modules/$module"; done < /modules/order
# init makes its console sane, with an echo, whenever it starts something.
export CONSOLE=/dev/null
exec init
"""

# A line from the host is a mark and a command in base64; the answer is what the command prints, and behind that the mark
# and the status. The line is raw: nothing is echoed, and no byte means anything.
AGENT = """\
#!/bin/sh
stty raw -echo
echo agent-is-ready
while read -r mark text; do
    sh -c "$(echo "$text" | base64 -d)" < /dev/null 2>&1
    status=$?
    printf '\\n%s %s\\n' "$mark" "$status"
done
"""


class Failure(Exception):
    pass


# The guests that run.
running = set()


def end_with_signals():
    """SIGTERM ends the guests, and then the script in its usual way, which removes its files."""

    def end(*_):
        for guest in list(running):
            guest.process.kill()
        sys.exit("ended by SIGTERM")

    signal.signal(signal.SIGTERM, end)


def cache():
    folder = os.environ.get("PROCLINE_CACHE")
    if not folder:
        folder = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "procline-targets")
    return pathlib.Path(folder) / "boot"


def fetch(machine):
    """The folder with the machine's kernel, modules and busybox, filled where it is not."""
    key = hashlib.sha256(repr((machine.suite, machine.kernel, machine.architecture, MODULES)).encode()).hexdigest()[:16]
    folder = cache() / f"{machine.architecture}-{key}"
    if folder.exists():
        return folder
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as work:
        work = pathlib.Path(work)
        download(machine, work)
        whole = work / "whole"
        whole.mkdir()
        (package,) = work.glob("busybox-static_*.deb")
        unpack(package, whole, "./bin/busybox", "./usr/bin/busybox")
        (package,) = work.glob("linux-image-*.deb")
        wanted = [f"*/lib/modules/*/kernel/{part}/*" for part in MODULES.split()]
        unpack(package, whole, "./boot/vmlinu*", "*/modules.builtin", *wanted)
        # Two that fetch at once do the same; the first one stays.
        with contextlib.suppress(OSError):
            whole.rename(folder)
    return folder


def download(machine, work):
    """The packages, with an apt of its own: the machine's own sources, for another architecture and suite."""
    for name in ("lists/partial", "archives/partial", "sources"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    stanzas = pathlib.Path("/etc/apt/sources.list.d/debian.sources").read_text().split("\n\n")
    stanza = next(stanza for stanza in stanzas if "-security" not in stanza)
    stanza = re.sub(r"^Suites:.*", f"Suites: {machine.suite}", stanza, flags=re.M)
    (work / "sources/debian.sources").write_text(stanza)
    (work / "conf").write_text(APT.format(work, machine.architecture))
    environment = {**os.environ, "APT_CONFIG": str(work / "conf")}

    def apt(*command):
        return subprocess.run(command, cwd=work, env=environment, check=True, capture_output=True, text=True).stdout

    apt("apt-get", "-qq", "update")
    depends = apt("apt-cache", "depends", machine.kernel)
    kernel = re.search(r"Depends: (linux-image-\d\S*)", depends)[1]
    apt("apt-get", "-qq", "download", kernel, "busybox-static")


def unpack(package, folder, *wanted):
    # Patterns that match nothing are for packages of another suite.
    tar = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", folder, "--wildcards", *wanted], stdin=tar.stdout, stderr=subprocess.DEVNULL)
    if tar.wait():
        raise Failure(f"{package}: cannot be unpacked")


def one(folder, pattern):
    found = sorted(folder.glob(pattern))
    if not found:
        raise Failure(f"{folder}: has no {pattern}")
    return found[0]


def program(target):
    """The static procline of a target; $PROCLINE_PROGRAMS may name the folder where it is as TARGET/procline."""
    folder = pathlib.Path(os.environ.get("PROCLINE_PROGRAMS") or CHECKOUT / "target/targets")
    path = folder / target / "procline"
    if not path.exists():
        script = f". .ci/toolchain; prepare; build {target} {shlex.quote(str(folder))}"
        subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=CHECKOUT, check=True)
    return path


def module(path):
    content = path.read_bytes()
    return lzma.decompress(content) if path.suffix == ".xz" else content


def modules(folder, names):
    """The modules of these names and what they need, in the order in which they can be loaded: {name: content}."""
    paths = {}
    for path in folder.rglob("*.ko*"):
        paths[path.name.split(".")[0].replace("-", "_")] = path
    builtin = one(folder, "**/modules.builtin").read_text()
    builtin = {line.rsplit("/")[-1].split(".")[0].replace("-", "_") for line in builtin.splitlines()}
    found = {}

    def add(name):
        # ext4 and F2FS ask for a checksum by an alias, "crypto-crc32c".
        name = re.sub(r"^crypto_(.*)", r"\1_generic", name.replace("-", "_"))
        if name in found or name in builtin:
            return
        if name not in paths:
            raise Failure(f"{folder}: has no module {name}")
        content = module(paths[name])
        # "softdep=pre: …" is what a module asks for without being linked to it.
        for needed in re.findall(rb"\b(?:depends=|softdep=pre: )([^\0]*)\0", content):
            for other in re.split(r"[ ,]+", needed.decode()):
                if other:
                    add(other)
        found[name] = content

    for name in names:
        add(name)
    return found


def initramfs(machine, names, files):
    """The text of a cpio archive in the form "newc"; `files` are more of {path: content}."""
    folder = fetch(machine)
    found = modules(folder, names)
    tree = {
        "init": INIT,
        "agent": AGENT,
        "etc/inittab": f"{machine.console}::respawn:/agent\n",
        "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
        "bin/busybox": one(folder, "**/bin/busybox").read_bytes(),
        "usr/bin/procline": program(machine.target).read_bytes(),
        "modules/order": "".join(f"{name}.ko\n" for name in found),
        **{f"modules/{name}.ko": content for name, content in found.items()},
        **{f"dist/{path.relative_to(CHECKOUT / 'dist')}": path.read_bytes() for path in (CHECKOUT / "dist").glob("*/*")},
        **files,
    }
    folders = {"dev", "proc", "sys", "tmp", "run", "mnt", "root", "sbin", "var/log", "var/run", "etc/init.d"}
    folders |= set(tree)
    folders = {str(parent) for path in folders for parent in pathlib.PurePath(path, "x").parents} - {"."} - set(tree)
    entries = [(path, 0o040755, b"") for path in sorted(folders)]
    entries.append(("bin/sh", 0o120777, b"busybox"))
    entries += [(path, 0o100755, content.encode() if isinstance(content, str) else content) for path, content in tree.items()]
    return b"".join(entry(*each) for each in [*entries, ("TRAILER!!!", 0, b"")])


def entry(path, mode, content):
    name = path.encode() + b"\0"
    numbers = [0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
    header = b"070701" + b"".join(b"%08X" % number for number in numbers) + name
    return header + bytes(-len(header) % 4) + content + bytes(-len(content) % 4)


class Guest:
    """A machine that runs. `disks` are values of qemu's -drive, as "file=PATH,format=raw"; `modules` are loaded beside
    what finds the disks; `files` are {path: content} of the initramfs; `state` is a file that save() made of a guest
    with the same arguments."""

    def __init__(self, machine, disks=(), modules=(), files=None, cpus=1, memory=256, state=None, boot="", more=()):
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
        return gzip.decompress(base64.b64decode(self.check(f"set -o pipefail; gzip -c < {shlex.quote(path)} | base64", timeout)))


def main(arguments):
    if not arguments:
        for machine in MACHINES.values():
            print(f"{machine.name}: {machine.kernel} of {machine.suite}, {machine.target}")
        return
    end_with_signals()
    started = time.monotonic()
    with Guest(MACHINES[arguments[0]]) as guest:
        print(f"booted in {time.monotonic() - started:.1f} s")
        print(guest.check(" ".join(arguments[1:]) or "uname -a; procline --stdout --no-intr-counters"))


if __name__ == "__main__":
    main(sys.argv[1:])
