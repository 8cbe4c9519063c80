# machine.sh WORK ROOT COMMAND…: makes a copy of the machine that a root folder is, and runs COMMAND as its first process.
#
# The copy is an overlay of the folder, in namespaces of its own: what is installed or changed there is gone with its
# first process, and so is every other process. WORK/setup, a part of a script, installs what a test wants. Nothing there
# may set the clock, which is this machine's.
set -eu
work=$1 folder=$2

if [ -z "${INSIDE-}" ]; then
    # systemd wants a cgroup to make others in; the test removes it.
    cgroups=$(findmnt -t cgroup2 -n -o TARGET | head -n 1)
    [ -n "$cgroups" ] || { echo 'no cgroup2 is mounted' >&2; exit 1; }
    mkdir "$cgroups/procline-${work##*/}"
    echo 0 > "$cgroups/procline-${work##*/}/cgroup.procs"
    INSIDE=1 exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio unshare --mount --propagation private --pid \
        --uts --ipc --net --cgroup --fork --kill-child sh "$0" "$@"
fi

shift 2
mount -t tmpfs none "$work/machine"
cd "$work/machine"
mkdir upper scratch root
mount -t overlay -o lowerdir="$folder",upperdir=upper,workdir=scratch none root
cd root
mount -t proc none proc
# The kernel's settings are not the copy's own.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro none sys
mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs -o mode=755 none run
mount -t tmpfs -o mode=755 none dev
for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 none dev/pts
ln -s pts/ptmx dev/ptmx
# A file, so that a test can read what is written there.
touch dev/kmsg
mkdir shared
mount --bind "$work/shared" shared
. "$work/setup"
mkdir run/old
pivot_root . run/old
umount -l /run/old
touch /shared/ready
exec env -i PATH="${MACHINE_PATH:-/usr/sbin:/usr/bin}" TZ=UTC0 container=test "$@"
