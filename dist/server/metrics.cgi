#!/bin/sh
# CGI: answers a scrape by Prometheus with a record of now.
# /cgi-bin/metrics of BusyBox httpd, uhttpd (-x /cgi-bin) or lighttpd (mod_cgi). It needs no log and keeps none.

WITH=all

# The whole text first: where something fails, the scrape is to fail, not to be empty.
if metrics=$(procline --stdout --with "$WITH" | procline-show --prometheus -); then
	printf 'Status: 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\r\n%s\n' "$metrics"
else
	printf 'Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\n\r\n'
	echo 'no record; the messages of the web server tell why'
fi
