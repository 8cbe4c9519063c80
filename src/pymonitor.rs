//! What `--pymonitor` changes: afterwards the line is byte for byte what pymonitor writes.
//!
//! First the record's values change: pymonitor stores `btime` as `processes`, prints decimals as Python does
//! (`0.10` → `0.1`), and leaves out a fraction of no microseconds. Then the finished line is written anew in its place:
//! pymonitor multiplies CPU times and interrupt counts by 100 (`14898` → `1489800`: two zeros behind the digits are
//! exact beyond 2^64, where a product would not be), and has a blank behind each comma and colon.

use crate::record::Record;

/// Gives the record the values of pymonitor, but for the multiplied ones.
pub fn change(record: &mut Record<'_>) {
    record.time.0 = record.time.0.strip_suffix(".000000").unwrap_or(record.time.0);
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
}

/// The keys between which all numbers are CPU times and interrupt counts.
const MULTIPLIED: [&[u8]; 2] = [b"\"cpu_total\":", b"\"ctxt\":"];

/// Multiplies and spaces out the line in the first `length` bytes of `room`; the new length, or nothing if `room` is
/// too small.
///
/// No string of a record has an escape in it, so quotes alone tell where a string begins and ends.
#[must_use]
pub fn rewrite(room: &mut [u8], length: usize) -> Option<usize> {
    let line = room.get(..length)?;
    let find = |key| (0..length).find(|place| line.get(*place..).is_some_and(|rest| rest.starts_with(key)));
    let [from, to] = MULTIPLIED.map(|key| find(key).unwrap_or(length));
    // The line moves to the end of the room and is written from there to the beginning.
    let gap = room.len().checked_sub(length)?;
    for (place, target) in (gap..room.len()).enumerate().rev() {
        *room.get_mut(target)? = *room.get(place)?;
    }
    let mut written = 0;
    let mut in_string = false;
    let mut not_zero = false;
    for (place, source) in (gap..room.len()).enumerate() {
        let byte = *room.get(source)?;
        // What is written must not reach what is still to be read.
        let mut put = |byte| {
            *room.get_mut(..=source)?.get_mut(written)? = byte;
            written += 1;
            Some(())
        };
        if byte.is_ascii_digit() {
            not_zero |= !in_string && byte != b'0' && (from..to).contains(&place);
        } else if core::mem::take(&mut not_zero) {
            put(b'0')?;
            put(b'0')?;
        }
        put(byte)?;
        in_string ^= byte == b'"';
        if !in_string && matches!(byte, b',' | b':') {
            put(b' ')?;
        }
    }
    Some(written)
}
