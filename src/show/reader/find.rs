//! Where a log is read from for `--from`.
//!
//! A long log is not read from its beginning. Its lines are in the order of time, but for a clock that was set back
//! meanwhile, and then halving would miss rows. So the log is looked at in [`PROBES`] places, and is read from the last
//! one before the first that is of `--from` or later. Only what was recorded while the clock was ahead for less than
//! one part of these is missed.

use crate::show::record::Record;
use crate::sys::{Errno, Fd};

/// A log that has less is read from its beginning.
const LARGE: u64 = 512 * 1024;
/// How many places of a large log are looked at.
const PROBES: u64 = 32;

/// The place of a line in a plain log from which on it is to be read for what is of this second or later.
pub(super) fn find(file: &Fd, from: i64) -> Result<u64, Errno> {
    let status = file.status()?;
    if !status.is_regular || status.size < LARGE || from == i64::MIN {
        return Ok(0);
    }
    let mut found = 0;
    for probe in 1..PROBES {
        match line_behind(file, status.size / PROBES * probe)? {
            Some((place, timestamp)) if timestamp < from => found = place,
            Some(_) => break,
            None => {}
        }
    }
    Ok(found)
}

/// The first record that begins behind a place in a log, not too far away: where it begins, and its timestamp.
fn line_behind(file: &Fd, mut place: u64) -> Result<Option<(u64, i64)>, Errno> {
    let mut chunk = [0; 1024];
    for _ in 0..64 {
        let length = file.read_at(place, &mut chunk)?;
        let text = chunk.get(..length).unwrap_or_default();
        let newline = text.iter().position(|byte| *byte == b'\n');
        place += newline.map_or(length, |newline| newline + 1) as u64;
        if newline.is_some() {
            let length = file.read_at(place, chunk.get_mut(..64).unwrap_or_default())?;
            let begin = chunk.get(..length).unwrap_or_default();
            return Ok(Record::begin(begin).map(|(timestamp, _)| (place, timestamp)));
        }
    }
    Ok(None)
}
