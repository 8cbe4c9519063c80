//! What `--pymonitor` changes: afterwards the line is byte for byte what pymonitor writes.
//!
//! pymonitor multiplies times and interrupt counts by 100, stores `btime` as `processes`, prints decimals as Python
//! does (`0.10` → `0.1`), leaves out a fraction of no microseconds, and writes `", "` and `": "` where JSON
//! needs no blank. First the record's values change, then the finished line is spaced out.

use crate::record::Record;

/// Gives the record the values of pymonitor.
pub fn change(record: &mut Record<'_>) {
    record.time.0 = record.time.0.strip_suffix(".000000").unwrap_or(record.time.0);
    let stat = &mut record.cpu_data;
    stat.cpu_total = stat.cpu_total.times_100();
    stat.cpus = stat.cpus.times_100();
    stat.intr.total = stat.intr.total.times_100();
    stat.intr.counters = stat.intr.counters.times_100();
    stat.processes = stat.btime;
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

/// Puts a blank behind each comma and colon outside of strings, of the line in the first `length` bytes of `room`;
/// the new length, or nothing if `room` is too small.
///
/// The timestamp before the JSON has neither, and no string of a record has an escape in it, so quotes alone tell where a string begins and ends.
#[must_use]
pub fn space_out(room: &mut [u8], length: usize) -> Option<usize> {
    let separators = outside_strings(room.get(..length)?).filter(|byte| is_separator(*byte)).count();
    let spaced = length.checked_add(separators)?;
    room.get(..spaced)?;
    // From the end to the beginning, so that nothing is written over that is still to be read.
    let mut to = spaced;
    let mut in_string = false;
    for from in (0..length).rev() {
        let byte = *room.get(from)?;
        in_string ^= byte == b'"';
        if !in_string && is_separator(byte) {
            to = to.checked_sub(1)?;
            *room.get_mut(to)? = b' ';
        }
        to = to.checked_sub(1)?;
        *room.get_mut(to)? = byte;
    }
    Some(spaced)
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b',' | b':')
}

fn outside_strings(json: &[u8]) -> impl Iterator<Item = u8> {
    let mut in_string = false;
    json.iter().copied().filter(move |byte| {
        in_string ^= *byte == b'"';
        !in_string
    })
}
