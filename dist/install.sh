#!/bin/sh
# Installs procline from the folder of a release and has it started, now and with each boot; or takes all of it away.
# POSIX sh, with no tool that BusyBox on a router has not.

usage='Usage: sh install.sh [OPTION]...
Install procline, or update it, and start it. No question is asked.

  --prefix DIR  where bin/ and share/ are [where procline is installed, else /usr]
  --no-start    only install
  --uninstall   take everything away but the logs
  --dry-run     only print what would be done
  --help        this text'

set -u
export LC_ALL=C
umask 022

logs=/var/log/pymonitor
unit=/etc/systemd/system/procline.service
prefix=
start=1
uninstall=
dry=
failed=

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	case $1 in
		--prefix) [ $# -gt 1 ] || fail '--prefix: needs a folder'; shift; prefix=$1 ;;
		--prefix=*) prefix=${1#*=} ;;
		--no-start) start= ;;
		--uninstall) uninstall=1 ;;
		--dry-run) dry='without --dry-run: ' ;;
		--help) echo "$usage"; exit ;;
		*) echo "install.sh: $1: no such option
$usage" >&2; exit 2 ;;
	esac
	shift
done
case $prefix in
	/ | [!/]* | *[!A-Za-z0-9/_.-]* | *//*) fail "--prefix: not a folder from / on, of letters, digits, '_', '.' and '-'" ;;
esac
prefix=${prefix%/}
[ -n "$dry" ] || [ "$(id -u)" = 0 ] || fail 'only root can install it; --dry-run shows what it would do'

# This file is in dist/ of a release, or beside dist/.
here=$(cd "$(dirname "$0")" && pwd) || exit
if [ -d "$here/dist" ]; then dist=$here/dist top=$here; else dist=$here top=$(dirname "$here"); fi

# What changes the system goes through one of these, so that --dry-run is whole. What fails ends an installation;
# a removal goes on.
run() {
	if [ -n "$dry" ]; then echo "$*"; return; fi
	"$@" || { failed="it failed: $*"; [ -n "$uninstall" ] || fail "$failed"; }
}

# Starts the service, or the one that runs again.
begin() {
	if [ -z "$start" ]; then :
	elif [ -n "$dry" ]; then echo "$*"
	else "$@" > /dev/null || fail "it is installed, but does not start: $*"; fi
}

# Copies a file over one that may be running; in what is a text, with what it has to know of this machine.
put() {
	[ -d "${2%/*}" ] || run mkdir -p "${2%/*}"
	[ -z "$dry" ] || { echo "put $2"; return; }
	if case $1 in
		"$dist"/*) sed "s|/usr/bin/procline|$prefix/bin/procline|g" "$1" > "$2.new" ;;
		*.html) sed "s|data-logs=\"[^\"]*\"|data-logs=\"logs/\"|; s|data-cgi=\"[^\"]*\"|data-cgi=\"$cgi\"|" "$1" > "$2.new" ;;
		*) cp "$1" "$2.new" ;;
	esac && chmod "$3" "$2.new" && mv "$2.new" "$2"; then return; fi
	rm -f "$2.new"
	fail "$2 cannot be written"
}

# Puts what somebody may have changed, unless it is there.
put_once() {
	if [ -e "$2" ]; then echo "kept: $2"; else put "$1" "$2" "$3"; fi
}

# Writes a file anew, without procline's lines or with the last line of a file of dist/: all of it, or nothing.
# BusyBox's crond looks each minute whether a file was moved into its folder, and at the files only each hour.
change_line() {
	[ -z "$dry" ] || { echo "change procline's line in $1"; return; }
	file=$1
	if touch "$1" && file=$(readlink -f "$1") && cp -p "$file" "$file.new" &&
		{ grep -v '/bin/procline ' "$file" || [ $? = 1 ]; } > "$file.new" &&
		{ [ $# = 1 ] || tail -n 1 "$2" | sed "s|/usr/bin/procline|$prefix/bin/procline|" >> "$file.new"; } &&
		mv "$file.new" "$file"; then return; fi
	rm -f "$file.new"
	fail "$1 cannot be written"
}
add_line() {
	if grep -qs '/bin/procline ' "$1"; then echo "kept: procline's line in $1"; else change_line "$1" "$2"; fi
}

# What starts services here, and what has procline's line there. rcS is init with Buildroot's scripts, inittab BusyBox
# init without: another init's rcS starts what is in /etc/rc?.d.
find_init() {
	first=$(readlink -f /sbin/init)
	if [ -x /sbin/procd ]; then init=procd service=/etc/init.d/procline
	elif [ -d /run/systemd/system ]; then init=systemd service=$unit
	elif [ -x /sbin/openrc-run ]; then init=openrc service=/etc/init.d/procline
	elif [ "${first##*/}" = systemd ]; then init=systemd service=$unit
	elif [ -e /etc/inittab ] && grep -qs 'init\.d/S??' /etc/init.d/rcS; then init=rcS service=/etc/init.d/S90procline
	elif [ -e /etc/inittab ] && echo "$first" | grep -q busybox; then init=inittab service=/etc/inittab
	elif [ -d /etc/cron.d ]; then init=cron.d service=/etc/cron.d/procline
	elif [ -d /etc/crontabs ]; then init=crontab service=/etc/crontabs/root
	elif [ -d /var/spool/cron/crontabs ]; then init=crontab service=/var/spool/cron/crontabs/root
	else fail "there is no init system or cron that this knows; let yours start" \
		"${prefix:-/usr}/bin/procline --interval 60 --max-bytes 4M"; fi
}

# A byte of a file.
byte() {
	dd if="$1" bs=1 skip="$2" count=1 2> /dev/null | tr -d '\000'
}
is() {
	[ "$1" = "$(printf %b "$2")" ]
}

# The target of this machine's programs, by the header of one: uname says mips of mipsel, too, and tells the width of
# the kernel.
target() {
	for file in /proc/self/exe /bin/busybox /bin/sh; do
		[ "$(dd if="$file" bs=1 skip=1 count=3 2> /dev/null)" != ELF ] || break
	done
	wide=$(byte "$file" 4)
	low=$(byte "$file" 18) high=$(byte "$file" 19) big=
	if is "$(byte "$file" 5)" '\0002'; then big=$low low=$high high=$big big=1; fi
	if is "$low" '\0002' && is "$high" '\0001'; then echo loongarch64-unknown-linux-musl
	elif is "$low" '\0076'; then echo x86_64-unknown-linux-musl
	elif is "$low" '\0003'; then echo i686-unknown-linux-musl
	elif is "$low" '\0267'; then echo aarch64-unknown-linux-musl
	elif is "$low" '\0363' && is "$wide" '\0002'; then echo riscv64gc-unknown-linux-musl
	elif is "$low" '\0024'; then echo powerpc-unknown-linux-musl
	elif is "$low" '\0010' && [ -z "$big" ]; then echo mipsel-unknown-linux-musl
	elif is "$low" '\0010' && is "$wide" '\0002'; then echo mips64-openwrt-linux-musl
	elif is "$low" '\0010'; then echo mips-unknown-linux-musl
	# A processor of ARMv7 or later, with floating point: a Raspberry Pi 1 has ARMv6.
	elif is "$low" '\0050' && uname -m | grep -q '^armv[78]\|^aarch64' && { ! grep -q '^Features' /proc/cpuinfo ||
		grep -q '^Features.*\(vfpv3\|vfpv4\|neon\|asimd\)' /proc/cpuinfo; }; then echo armv7-unknown-linux-musleabihf
	elif is "$low" '\0050'; then echo armv5te-unknown-linux-musleabi
	fi
}

# Whether a package of the system has brought procline, here or where packages have it: its service and options are the
# same ones.
packaged() {
	for file in ${prefix:+"$prefix/bin/procline"} /usr/bin/procline; do
		dpkg -S "$file" || rpm -qf "$file" || pacman -Qo "$file" || apk info -W "$file" ||
			opkg search "$file" | grep . || continue
		return
	done
	return 1
}

# Where a program of the release is: alone in its archive, or one of all targets.
program() {
	for file in "$top/$1" "$top/$1-$target"; do
		[ ! -f "$file" ] || { echo "$file"; return; }
	done
}

# Where the program is that the service starts.
installed() {
	sed -n "/^#/! s|.*[^A-Za-z0-9/_.-]\(/[A-Za-z0-9/_.-]*\)/bin/procline\([ \"'].*\)*\$|\1|p" "$service" 2> /dev/null |
		head -n 1
}

# The unit of before a package takes precedence over the package's own.
remove_unit() {
	enabled=$(systemctl is-enabled procline 2> /dev/null)
	run rm "$unit"
	[ "$enabled" != enabled ] || run systemctl -q reenable procline
	[ ! -d /run/systemd/system ] || { run systemctl -q daemon-reload; run systemctl -q try-restart procline; }
}

# BusyBox init starts what is new, but may leave what runs alone: an older program, or one whose line is gone. What ends
# starts again by its line.
reread_inittab() {
	run kill -HUP 1
	# shellcheck disable=SC2016 # for another shell
	run sh -c 'kill $(pidof procline) 2> /dev/null; true'
}

install_service() {
	case $init in
		procd)
			put "$dist/procd/procline.init" "$service" 755
			put_once "$dist/procd/procline.config" /etc/config/procline 600
			put "$dist/procd/procline.keep" /lib/upgrade/keep.d/procline 644
			# The user that it runs as.
			grep -q '^procline:' /etc/passwd || run sh -c '. /lib/functions.sh; user_add procline'
			run "$service" enable
			# reload_config knows the file from now on.
			[ -z "$start" ] || { run "$service" restart; run reload_config; }
			;;
		systemd)
			[ -d /run/systemd/system ] || start=
			put "$dist/systemd/procline.service" "$service" 644
			[ -z "$start" ] || run systemctl -q daemon-reload
			run systemctl -q enable procline
			begin systemctl restart procline
			;;
		openrc)
			put "$dist/openrc/procline" "$service" 755
			put_once "$dist/openrc/procline.confd" /etc/conf.d/procline 644
			run rc-update -q add procline default
			begin rc-service procline restart
			;;
		rcS)
			put "$dist/busybox/S90procline" "$service" 755
			begin "$service" restart
			;;
		inittab)
			add_line "$service" "$dist/busybox/inittab"
			[ -z "$start" ] || reread_inittab
			;;
		cron.d) put_once "$dist/cron/procline" "$service" 644 ;;
		crontab) add_line "$service" "$dist/cron/busybox.crontab" ;;
	esac
}

remove_service() {
	case $init in
		procd)
			[ ! -x "$service" ] || { run "$service" stop; run "$service" disable; }
			run rm -f "$service" /etc/config/procline /lib/upgrade/keep.d/procline
			run sed -i '/^procline:/d' /etc/passwd /etc/shadow
			;;
		systemd)
			if [ -e "$service" ]; then
				[ ! -d /run/systemd/system ] || run systemctl -q stop procline
				run systemctl -q disable procline
			fi
			run rm -rf "$service" "$service.d" /etc/default/procline
			[ ! -d /run/systemd/system ] || run systemctl -q daemon-reload
			;;
		openrc)
			[ ! -e "$service" ] || run rc-service -q procline stop
			[ ! -e /etc/runlevels/default/procline ] || run rc-update -q delete procline default
			run rm -f "$service" /etc/conf.d/procline
			[ -n "$(ls -A /etc/conf.d 2> /dev/null)" ] || run rm -rf /etc/conf.d
			;;
		rcS)
			[ ! -e "$service" ] || run "$service" stop
			run rm -f "$service" /etc/default/procline
			;;
		inittab | crontab)
			! grep -qs '/bin/procline ' "$service" || change_line "$service"
			[ "$init" = crontab ] || reread_inittab
			;;
		cron.d) run rm -f "$service" ;;
	esac
}

# How the options are changed.
options() {
	case $init in
		procd) echo 'uci set procline.main.interval=10; uci commit procline; reload_config' ;;
		openrc) echo /etc/conf.d/procline ;;
		systemd | rcS) echo 'OPTIONS in /etc/default/procline' ;;
		*) echo "$service" ;;
	esac
}

package=
if packaged > /dev/null 2>&1; then
	if [ -z "$uninstall" ] || [ ! -f "$unit" ]; then fail 'a package has brought procline: update or remove that'; fi
	package=1 init=systemd service=$unit
else find_init; fi
there=$(installed)
prefix=${prefix:-${there:-/usr}}
manuals=$prefix/share/man
# Where the page goes, with its script and a way to the logs. OpenWrt's web server shows what is in /www; elsewhere the
# folder is one that a web server can be given.
if [ "$init" = procd ] && [ -d /www ]; then
	own=/www/procline site=$own scripts=/www/cgi-bin cgi=/cgi-bin/procline-lines
else
	own=$prefix/share/procline site=$own/www scripts=$site/cgi-bin cgi=cgi-bin/procline-lines
fi

if [ -n "$uninstall" ]; then
	[ -n "$there" ] || [ -e "$prefix/bin/procline" ] || { echo 'procline is not installed'; exit; }
	if [ -n "$package" ]; then remove_unit; else remove_service; fi
	if [ -z "$package" ] || [ "$prefix" != /usr ]; then
		run rm -rf "$own" "$scripts/procline-lines"
		run rm -f "$prefix/bin/procline" "$prefix/bin/procline-show" \
			"$manuals/man8/procline.8" "$manuals/man1/procline-show.1"
		[ "$prefix" = /usr ] || run sh -c "rmdir '$manuals/man8' '$manuals/man1' 2> /dev/null; true"
	fi
	[ -z "$failed" ] || fail "$failed"
	if [ -n "$package" ]; then echo "${dry}$unit is gone; the package's stays"
	else echo "${dry}procline is gone; its logs are in $logs"; fi
	exit
fi

target=$(target)
[ -n "$target" ] || fail "no procline is built for this machine ($(uname -m))"
procline=$(program procline)
[ -n "$procline" ] || fail "this release has no procline-$target, which this machine needs"
[ -x "$procline" ] || chmod +x "$procline"
version=$("$procline" --version 2> /dev/null | grep '^procline ')
[ -n "$version" ] || fail "$procline does not run here; this machine is $target"

put "$procline" "$prefix/bin/procline" 755
show=$(program procline-show)
[ -z "$show" ] || put "$show" "$prefix/bin/procline-show" 755
for manual in "$dist"/man/*; do
	folder=$manuals/man${manual##*.}
	if [ "$prefix" != /usr ] || [ -d "$folder" ]; then put "$manual" "$folder/${manual##*/}" 644; fi
done
page=$top/index.html
if [ -f "$page" ]; then
	put "$page" "$site/index.html" 644
	put "$dist/www/lines.cgi" "$scripts/procline-lines" 755
	run ln -sfn "$logs" "$site/logs"
else page=; fi
install_service
if [ -n "$start" ]; then when='records each minute'; else when='starts with the next boot'; fi
echo "$dry$version is installed and $when; the log is in $logs"
echo "look at it:  tail -n 1 $logs/*.log${show:+, or procline-show}${page:+, or the page in $site}"
echo "its options: $(options)"
