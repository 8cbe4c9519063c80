"""The machines that procline is tried on, and their kernels: packages of Debian's, downloaded and unpacked but not
installed. They lie in one cache folder outside the checkout, each under a name that tells what was fetched."""

import contextlib
import dataclasses
import hashlib
import os
import pathlib
import re
import subprocess
import tempfile

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    pass


@dataclasses.dataclass(frozen=True)
class Machine:
    name: str
    target: str  # of procline
    architecture: str  # Debian's
    suite: str  # Debian's; each is the last that has the kernel, or the first
    kernel: str  # a package that depends on the kernel's; "" where tests/boot/big-endian built it
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


def cache():
    folder = os.environ.get("PROCLINE_CACHE")
    if not folder:
        folder = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "procline-targets")
    return pathlib.Path(folder) / "boot"


# There where tests/boot/big-endian has built them, for Debian has no big-endian kernel any more.
BUILT = (
    Machine(
        "malta-be", "mips-unknown-linux-musl", "mips", "", "",
        ("qemu-system-mips", "-M", "malta"), "ttyS0", "virtio_pci", "virtio-blk-pci",
    ),
    Machine(
        "malta64-be", "mips64-openwrt-linux-musl", "mips64", "", "",
        ("qemu-system-mips64", "-M", "malta", "-cpu", "5KEc"), "ttyS0", "virtio_pci", "virtio-blk-pci",
        ("mips-unknown-linux-musl",),
    ),
)
MACHINES.update({machine.name: machine for machine in BUILT if (cache() / machine.name).exists()})


def fetch(machine):
    """The folder with the machine's kernel, modules and busybox, filled where it is not."""
    if machine in BUILT:
        return cache() / machine.name
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
