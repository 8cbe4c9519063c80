"""What a guest starts with: an archive with busybox, procline, dist/, some modules of its kernel, and the shell scripts
that make it obey the host."""

import lzma
import os
import pathlib
import re
import shlex
import subprocess

from kernels import CHECKOUT, Failure, fetch, one

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

# A line from the host is a mark and a command in base64; the answer is what the command prints, and behind that the
# mark and the status. The line is raw: nothing is echoed, and no byte means anything.
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


def program(target):
    """The static procline of a target, built where it is missing, and not again when its source changes. It is
    TARGET/procline in the folder that $PROCLINE_PROGRAMS names, or in the one where .ci/targets leaves it."""
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
        **{str(path.relative_to(CHECKOUT)): path.read_bytes() for path in CHECKOUT.glob("dist/*/*") if path.is_file()},
        **files,
    }
    folders = {"dev", "proc", "sys", "tmp", "run", "mnt", "root", "sbin", "var/log", "var/run", "etc/init.d"}
    folders |= set(tree)
    folders = {str(parent) for path in folders for parent in pathlib.PurePath(path, "x").parents} - {"."} - set(tree)
    entries = [(path, 0o040755, b"") for path in sorted(folders)]
    entries.append(("bin/sh", 0o120777, b"busybox"))
    for path, content in tree.items():
        entries.append((path, 0o100755, content.encode() if isinstance(content, str) else content))
    return b"".join(entry(*each) for each in [*entries, ("TRAILER!!!", 0, b"")])


def entry(path, mode, content):
    name = path.encode() + b"\0"
    numbers = [0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
    header = b"070701" + b"".join(b"%08X" % number for number in numbers) + name
    return header + bytes(-len(header) % 4) + content + bytes(-len(content) % 4)
