#!/bin/sh
# What the feed's tests run on a target, with the package's name and version.

procline --version | grep -qx "$1 $2" || exit 1
folder=$(mktemp -d)
procline --log-path "$folder" && grep -q '^[0-9]* - {"time":.*"MemTotal"' "$folder"/*.log
status=$?
rm -r "$folder"
exit "$status"
