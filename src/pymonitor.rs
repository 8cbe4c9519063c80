//! What `--pymonitor` changes: afterwards the line is byte for byte what pymonitor writes.
//!
//! First the record's values change: pymonitor stores `btime` as `processes`, prints decimals as Python does (`0.10` →
//! `0.1`), leaves out a fraction of no microseconds, and reads the lines of `meminfo` in its own way. Then the finished
//! line is written again in its place: pymonitor multiplies CPU times and interrupt counts by 100 (`14898` → `1489800`:
//! two zeros behind the digits are exact beyond 2^64, where a product would not be), and has a blank behind each comma
//! and colon.

use crate::record::Record;

/// Gives the record the values of pymonitor, but for the multiplied ones.
pub fn change(record: &mut Record<'_>) {
    record.time = record.time.without(".000000");
    record.cpu_data.processes = record.cpu_data.btime;
    let uptime = &mut record.uptime;
    let loadavg = &mut record.loadavg;
    for decimal in [
        &mut uptime.total,
        &mut uptime.idle,
        &mut loadavg.loadavg_1m,
        &mut loadavg.loadavg_5m,
        &mut loadavg.loadavg_15m,
    ] {
        *decimal = decimal.trimmed();
    }
    record.meminfo.as_pymonitor = true;
}

/// From the first of these keys on all numbers are CPU times and interrupt counts, up to the second.
// A test holds them to the fields of `Stat`.
pub const MULTIPLIED: [&[u8]; 2] = [b"\"cpu_total\":", b"\"ctxt\":"];

/// Multiplies and spaces out the line in the first `length` bytes of `room`; the new length, or nothing if `room` is
/// too small.
///
/// No string of a record has an escape in it, so quotes alone tell where a string begins and ends.
pub fn rewrite(room: &mut [u8], length: usize) -> Option<usize> {
    // The line moves to the end of the room and is written from there to the beginning.
    let gap = room.len().checked_sub(length)?;
    room.copy_within(..length, gap);
    let mut written = 0;
    let mut in_string = false;
    let mut multiplied = false;
    let mut not_zero = false;
    let mut keys = MULTIPLIED.iter();
    for source in gap..room.len() {
        let rest = room.get(source..)?;
        let byte = *rest.first()?;
        if byte == b'"' {
            in_string = !in_string;
            if keys.as_slice().first().is_some_and(|key| rest.starts_with(key)) {
                multiplied = !multiplied;
                keys.next();
            }
        }
        // What is written must not reach what is still to be read.
        let mut put = |byte| {
            *room.get_mut(..=source)?.get_mut(written)? = byte;
            written += 1;
            Some(())
        };
        if byte.is_ascii_digit() {
            not_zero |= multiplied && !in_string && byte != b'0';
        } else if core::mem::take(&mut not_zero) {
            put(b'0')?;
            put(b'0')?;
        }
        put(byte)?;
        if !in_string && matches!(byte, b',' | b':') {
            put(b' ')?;
        }
    }
    Some(written)
}
