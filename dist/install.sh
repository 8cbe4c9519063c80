#!/bin/sh
# Installs procline from the folder of a release and has it started, now and with each boot; or takes all of it away.
# POSIX sh, with no tool that BusyBox on a router has not.

usage='Usage: sh install.sh [OPTION]...
Install procline, or update it, and start it. No question is asked.

  --prefix DIR  where bin/ and share/ are [/usr]
  --no-start    only install
  --uninstall   take everything away but the logs
  --dry-run     only print what would be done
  --help        this text'

set -u
export LC_ALL=C
umask 022

logs=/var/log/pymonitor
prefix=/usr
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
	/ | *[!A-Za-z0-9/_.-]* | *//*) fail "--prefix: not a folder from / on, of letters, digits, '_', '.' and '-'" ;;
	/*) prefix=${prefix%/} ;;
	*) fail "--prefix: not a folder from / on" ;;
esac
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
	if [ -z "$start" ]; then return; fi
	if [ -n "$dry" ]; then echo "$*"; else "$@" > /dev/null || fail "it is installed, but does not start: $*"; fi
}

# Copies a file over one that may be running; in what is a text, with what it has to know of this machine.
put() {
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

# Writes a file anew, without procline's lines or with the last line of a file of dist/: all of it, or nothing. BusyBox's
# crond looks each minute at its folder, but at files that were not moved there only each hour.
change_line() {
	[ -z "$dry" ] || { echo "change procline's line in $1"; return; }
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
take_lines() {
	! grep -qs '/bin/procline ' "$1" || change_line "$1"
}

# What starts services here. rcS is init with Buildroot's scripts, inittab BusyBox init without: another init's rcS
# starts what is in /etc/rc?.d.
init() {
	first=$(readlink -f /sbin/init)
	if [ -x /sbin/procd ]; then echo procd
	elif [ -d /run/systemd/system ]; then echo systemd
	elif [ -x /sbin/openrc-run ]; then echo openrc
	elif [ "${first##*/}" = systemd ]; then echo systemd
	elif [ -e /etc/inittab ] && grep -qs 'init\.d/S??' /etc/init.d/rcS; then echo rcS
	elif [ -e /etc/inittab ] && echo "$first" | grep -q busybox; then echo inittab
	elif [ -d /etc/cron.d ]; then echo cron.d
	elif [ -n "$(crontab_folder)" ]; then echo crontab
	else
		fail "there is no init system or cron that this knows; let yours start" \
			"$prefix/bin/procline --interval 60 --max-bytes 4M"
	fi
}

crontab_folder() {
	for folder in /etc/crontabs /var/spool/cron/crontabs; do
		[ ! -d "$folder" ] || { echo "$folder"; return; }
	done
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
	elif is "$low" '\0050'; then
		# A processor of ARMv7 or later, with floating point: a Raspberry Pi 1 has ARMv6.
		case $(uname -m) in
			armv7* | armv8* | aarch64)
				if grep -q '^Features' /proc/cpuinfo && ! grep -q '^Features.*\(vfpv3\|vfpv4\|neon\|asimd\)' /proc/cpuinfo; then
					echo armv5te-unknown-linux-musleabi
				else
					echo armv7-unknown-linux-musleabihf
				fi
				;;
			*) echo armv5te-unknown-linux-musleabi ;;
		esac
	fi
}

# Whether a package of the system has brought procline.
packaged() {
	file=$prefix/bin/procline
	dpkg -S "$file" || rpm -qf "$file" || pacman -Qo "$file" || apk info -W "$file" || opkg search "$file" | grep .
}

# Where a program of the release is: alone in its archive, or one of all targets.
program() {
	for file in "$top/$1" "$top/$1-$target"; do
		[ ! -f "$file" ] || { echo "$file"; return; }
	done
}

# The user that procd's service runs as.
add_user() {
	grep -q '^procline:' /etc/passwd || run sh -c '. /lib/functions.sh; user_add procline'
}
remove_user() {
	run sed -i '/^procline:/d' /etc/passwd /etc/shadow
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
			put "$dist/procd/procline.init" /etc/init.d/procline 755
			put_once "$dist/procd/procline.config" /etc/config/procline 600
			put "$dist/procd/procline.keep" /lib/upgrade/keep.d/procline 644
			add_user
			run /etc/init.d/procline enable
			[ -z "$start" ] || run /etc/init.d/procline restart
			# So that it knows the file from now on.
			[ -z "$start" ] || run reload_config
			;;
		systemd)
			[ -d /run/systemd/system ] || start=
			put "$dist/systemd/procline.service" /etc/systemd/system/procline.service 644
			[ -z "$start" ] || run systemctl -q daemon-reload
			run systemctl -q enable procline
			begin systemctl restart procline
			;;
		openrc)
			put "$dist/openrc/procline" /etc/init.d/procline 755
			# A fresh Debian has no such folder.
			[ -d /etc/conf.d ] || run mkdir /etc/conf.d
			put_once "$dist/openrc/procline.confd" /etc/conf.d/procline 644
			run rc-update -q add procline default
			begin rc-service procline restart
			;;
		rcS)
			put "$dist/busybox/S90procline" /etc/init.d/S90procline 755
			begin /etc/init.d/S90procline restart
			;;
		inittab)
			add_line /etc/inittab "$dist/busybox/inittab"
			[ -z "$start" ] || reread_inittab
			;;
		cron.d)
			put_once "$dist/cron/procline" /etc/cron.d/procline 644
			;;
		crontab)
			add_line "$(crontab_folder)/root" "$dist/cron/busybox.crontab"
			;;
	esac
}

remove_service() {
	case $init in
		procd)
			[ ! -x /etc/init.d/procline ] || { run /etc/init.d/procline stop; run /etc/init.d/procline disable; }
			run rm -f /etc/init.d/procline /etc/config/procline /lib/upgrade/keep.d/procline
			remove_user
			;;
		systemd)
			if [ -e /etc/systemd/system/procline.service ]; then
				[ ! -d /run/systemd/system ] || run systemctl -q stop procline
				run systemctl -q disable procline
			fi
			run rm -rf /etc/systemd/system/procline.service /etc/systemd/system/procline.service.d /etc/default/procline
			[ ! -d /run/systemd/system ] || run systemctl -q daemon-reload
			;;
		openrc)
			[ ! -e /etc/init.d/procline ] || run rc-service -q procline stop
			[ ! -e /etc/runlevels/default/procline ] || run rc-update -q delete procline default
			run rm -f /etc/init.d/procline /etc/conf.d/procline
			[ -n "$(ls -A /etc/conf.d 2> /dev/null)" ] || run rm -rf /etc/conf.d
			;;
		rcS)
			[ ! -e /etc/init.d/S90procline ] || run /etc/init.d/S90procline stop
			run rm -f /etc/init.d/S90procline /etc/default/procline
			;;
		inittab)
			take_lines /etc/inittab
			reread_inittab
			;;
		cron.d)
			run rm -f /etc/cron.d/procline
			;;
		crontab)
			take_lines "$(crontab_folder)/root"
			;;
	esac
}

# Where the page goes, with its script and a way to the logs. OpenWrt's web server shows what is in /www; elsewhere the
# folder is one that a web server can be given.
page_places() {
	if [ "$init" = procd ] && [ -d /www ]; then
		own=/www/procline site=$own scripts=/www/cgi-bin cgi=/cgi-bin/procline-lines
	else
		own=$prefix/share/procline site=$own/www scripts=$site/cgi-bin cgi=cgi-bin/procline-lines
	fi
}

install_page() {
	for folder in "$site" "$scripts"; do [ -d "$folder" ] || run mkdir -p "$folder"; done
	put "$page" "$site/index.html" 644
	put "$dist/www/lines.cgi" "$scripts/procline-lines" 755
	run ln -sfn "$logs" "$site/logs"
}

remove_page() {
	run rm -rf "$own" "$scripts/procline-lines"
}

# How the options are changed.
options() {
	case $init in
		procd) echo 'uci set procline.main.interval=10; uci commit procline; reload_config' ;;
		openrc) echo /etc/conf.d/procline ;;
		systemd | rcS) echo 'OPTIONS in /etc/default/procline' ;;
		inittab) echo /etc/inittab ;;
		cron.d) echo /etc/cron.d/procline ;;
		crontab) echo "$(crontab_folder)/root" ;;
	esac
}

if packaged > /dev/null 2>&1; then fail 'a package has brought procline: update or remove that'; fi
init=$(init) || exit
manuals=$prefix/share/man
page_places

if [ -n "$uninstall" ]; then
	remove_service
	remove_page
	run rm -f "$prefix/bin/procline" "$prefix/bin/procline-show" "$manuals/man8/procline.8" "$manuals/man1/procline-show.1"
	[ -z "$failed" ] || fail "$failed"
	echo "${dry}procline is gone; its logs are in $logs"
	exit
fi

target=$(target)
[ -n "$target" ] || fail "no procline is built for this machine ($(uname -m))"
procline=$(program procline)
[ -n "$procline" ] || fail "this release has no procline-$target, which this machine needs"
[ -x "$procline" ] || chmod +x "$procline"
version=$("$procline" --version 2> /dev/null | head -n 1)
case $version in
	procline\ *) ;;
	*) fail "$procline does not run here; this machine is $target" ;;
esac

[ -d "$prefix/bin" ] || run mkdir -p "$prefix/bin"
put "$procline" "$prefix/bin/procline" 755
show=$(program procline-show)
[ -z "$show" ] || put "$show" "$prefix/bin/procline-show" 755
for manual in "$dist"/man/*; do
	folder=$manuals/man${manual##*.}
	[ ! -d "$folder" ] || put "$manual" "$folder/${manual##*/}" 644
done
page=$top/index.html
if [ -f "$page" ]; then install_page; else page=; fi
install_service
if [ -n "$start" ]; then when='records each minute'; else when='starts with the next boot'; fi
echo "$dry$version is installed and $when; the log is in $logs"
echo "look at it:  tail -n 1 $logs/*.log${show:+, or procline-show}${page:+, or the page in $site}"
echo "its options: $(options)"
