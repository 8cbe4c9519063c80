# Begins the script of a copy of a machine: what several of them need.

# Runs a command and prints its status.
try() { "$@" 2>&1; echo "[$?]"; }
# Waits until a command succeeds, at most $1 tenths of a second.
within() {
    tenths=$1
    shift
    until "$@" > /dev/null 2>&1; do
        tenths=$((tenths - 1))
        if [ "$tenths" -le 0 ]; then echo "never: $*"; return; fi
        sleep 0.1
    done
}
# Whether there is a record in what is in a folder.
recorded() { cat "${1:-/var/log/pymonitor}"/* | grep -q '^[0-9]* - {"time":.*}}$'; }
# Waits for another record.
record_within() { rm -f /var/log/pymonitor/*; within "$1" recorded; }
stopped() { ! pidof procline; }
other_pid() { now=$(pidof procline) && [ "$now" != "$1" ]; }
