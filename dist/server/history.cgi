#!/bin/sh
# CGI: answers a scrape by Prometheus with the records of the last hour, each sample with its time.
# /cgi-bin/history of BusyBox httpd, uhttpd (-x /cgi-bin) or lighttpd (mod_cgi). procline has to record each minute.
#
# A scrape after an outage fills the gap: Prometheus takes what is newer than what it has. Where another target gives it
# newer samples of the same series, it needs out_of_order_time_window: 1h.

# Looked at first: where there is no record, the scrape is to fail, not to be empty.
if procline-show --json > /dev/null; then
	printf 'Status: 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\r\n'
	procline-show --prometheus --timestamps
else
	printf 'Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\n\r\n'
	echo 'no record; the messages of the web server tell why'
fi
