# What .ci/packages runs on the copy of a machine, behind tests/suite/dist/wait.sh, with the packages in /shared. It
# prints what `expected` has.

state() { systemctl is-enabled "$1"; systemctl is-active "$1"; }
options() { tr '\0' ' ' < "/proc/$(pidof procline)/cmdline"; echo; }
# What a package left.
files() {
    find /etc /usr/bin /usr/lib/systemd /usr/share /var/lib/systemd /var/log -path '*procline*' -o -path '*pymonitor*' |
        grep -v '\.log$' | LC_ALL=C sort
}
# As an update that asks nobody does it.
install() {
    dpkg --force-confdef --force-confold -i "$@" > /tmp/dpkg 2>&1 || cat /tmp/dpkg
    grep -i warn /tmp/dpkg
}

echo '== deb: installed'
install /shared/older/*.deb
state procline
systemd-analyze verify procline.service procline-record.service procline-record.timer
options
echo '== deb: options of somebody'
echo 'OPTIONS="--interval 1 --keep-files 2"' >> /etc/default/procline
pid=$(pidof procline)
echo '== deb: upgraded'
install /shared/*.deb
[ "$(pidof procline)" != "$pid" ] || echo 'it is not started again'
options
within 200 recorded
tail -n 1 /etc/default/procline
ls /etc/default/procline.*
echo '== deb: disabled, and installed again'
systemctl -q disable --now procline
install /shared/*.deb
systemctl is-enabled procline
echo "== deb: installed after install.sh's unit"
cp /usr/lib/systemd/system/procline.service /etc/systemd/system/
install /shared/*.deb
grep '^procline: ' /tmp/dpkg
rm /etc/systemd/system/procline.service
echo '== deb: removed'
systemctl -q enable --now procline
dpkg -r procline > /dev/null
pidof procline
recorded && echo 'the logs are kept'
files
echo '== deb: installed where policy-rc.d says no'
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
install /shared/*.deb
state procline
rm /usr/sbin/policy-rc.d
systemctl -q enable procline-record.timer
echo '== deb: purged'
dpkg -P procline > /dev/null
files
echo '== deb: installed in an image, without systemd'
unshare --mount sh -c '
    mount -t tmpfs none /run
    dpkg -i /shared/*.deb > /dev/null 2>&1
    systemctl is-enabled procline'
pidof procline
dpkg -P procline > /dev/null
files

rpm() { command rpm --force-debian --nodeps --dbpath /tmp/rpm "$@" 2>&1; }
echo '== rpm: installed'
rpm -i /shared/older/*.rpm
state procline
systemctl start procline
echo 'OPTIONS="--interval 1 --keep-files 3"' >> /etc/default/procline
pid=$(pidof procline)
echo '== rpm: upgraded'
rpm -U /shared/*.rpm
[ "$(pidof procline)" != "$pid" ] || echo 'it is not started again'
options
within 200 recorded
ls /etc/default/procline.*
rpm -V procline
echo '== rpm: removed'
rpm -e procline
pidof procline
recorded && echo 'the logs are kept'
files
rm -r /etc/default/procline.* /var/log/pymonitor /var/log/private/pymonitor

mkdir /tmp/pacman
pacman() {
    command pacman --noconfirm --noprogressbar --dbpath /tmp/pacman --cachedir /tmp --arch x86_64 "$@" \
        > /tmp/out 2>&1 || cat /tmp/out
}
echo '== Arch: installed'
pacman -U /shared/older/*.zst
systemctl daemon-reload
state procline
systemctl -q enable --now procline
echo 'OPTIONS="--interval 1 --keep-files 4"' >> /etc/default/procline
echo '== Arch: upgraded'
pacman -U /shared/*.zst
systemctl restart procline
options
ls /etc/default/procline.*
echo '== Arch: removed'
systemctl -q disable --now procline
pacman -R procline
files
