#!/bin/sh
# Answers with the names of procline's logs, lines.cgi?names, and with their lines since a time, lines.cgi?since=SECONDS (since
# 1970). The page asks it for the names, and where the web server cannot send a part of a file, as OpenWrt's uhttpd cannot,
# for what is new.

# An option of /etc/config/procline, where there is such a file, or else the default.
setting() {
	uci -q get "procline.main.$1" 2> /dev/null || echo "$2"
}

path=${PROCLINE_LOG_PATH-$(setting log_path /var/log/pymonitor)}
prefix=${PROCLINE_LOG_PREFIX-$(setting log_prefix awesome_monitoring_)}
suffix=${PROCLINE_LOG_SUFFIX-$(setting log_suffix '')}

if [ "$QUERY_STRING" = names ]; then
	printf 'Content-Type: text/plain\r\nCache-Control: no-store\r\n\r\n'
	for file in "$path/$prefix"????-??-??"$suffix.log"*; do
		[ ! -f "$file" ] || echo "${file##*/}"
	done
	exit
fi
since=${QUERY_STRING#since=}
case $since in
'' | *[!0-9]*)
	printf 'Status: 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nnames or since=SECONDS is missing\n'
	exit
	;;
esac
printf 'Content-Type: text/plain\r\nCache-Control: no-store\r\n\r\n'

# The logs of the newest two days, and of the newest one the newest older part: the one with the highest number.
before='' log=''
for file in "$path/$prefix"????-??-??"$suffix.log"; do
	before=$log log=$file
done
[ -f "$log" ] || exit 0
part='' number=0
for file in "$log".[0-9]*; do
	this=${file##*.}
	case $this in *[!0-9]*) continue ;; esac
	[ "$this" -le "$number" ] || part=$file number=$this
done
for file in "$before" "$part" "$log"; do
	[ ! -f "$file" ] || awk -v since="$since" '$1 + 0 >= since + 0' "$file"
done
