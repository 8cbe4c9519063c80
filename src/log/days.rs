//! `--keep-files N`: the logs of how many days are kept.
//!
//! With N = 3 `…2024-12-12.log` goes when there are `…13.log`, `…14.log` and `…15.log`. The day of the record always
//! stays, so a clock that is back in 1970 costs no day but its own.

use super::{Logs, Reason};
use crate::sys::{Errno, Folder};

/// Days that have a bit each, the day of the record in the middle: 44 years on each side, which are more than the
/// option can keep. A day that is further away counts as the first or the last one: days that share a bit can only be
/// too many that stay.
const DAYS: usize = 1 << 15;
const MIDDLE: i32 = 1 << 14;

/// Removes the logs of all days but the last `most` that have a log.
// Not inlined: keeps the bits off the stack of a run without the option.
#[inline(never)]
pub(super) fn drop_old(logs: &Logs<'_>, most: u64) -> Result<(), Reason> {
    let folder = logs.folder().map_err(Reason::NotCounted)?;
    let result = drop_listed(logs, &folder, most);
    folder.close();
    result.map_err(Reason::NotCounted)?
}

/// The same in an open folder: the first listing counts, the second one removes. That a log cannot be removed is not
/// that the folder cannot be listed.
fn drop_listed(logs: &Logs<'_>, folder: &Folder, most: u64) -> Result<Result<(), Reason>, Errno> {
    let today = logs.today.day;
    let mut has_log = [0_u8; DAYS / 8];
    // No place is before the first one, so the first listing removes nothing.
    let mut first = 0;
    let mut result = Ok(());
    loop {
        let mut names = folder.names();
        while let Some((file, status)) = logs.next(&mut names)? {
            if !status.is_regular {
                continue;
            }
            let place = usize::try_from(file.day - today + MIDDLE).unwrap_or(0).min(DAYS - 1);
            has_log.get_mut(place / 8).into_iter().for_each(|bits| *bits |= 1 << (place % 8));
            // One that cannot be removed does not save the others.
            if place < first
                && file.day != today
                && let Err(errno) = logs.remove(file)
                && result.is_ok()
            {
                result = Err(Reason::Extra(file, errno));
            }
        }
        if first > 0 {
            return Ok(result);
        }
        first = first_kept(most, &has_log);
        if first == 0 {
            return Ok(result);
        }
    }
}

/// The place behind all bits that are set but the last `most`; 0 if there are no more.
fn first_kept(mut most: u64, bits: &[u8]) -> usize {
    for (place, byte) in bits.iter().enumerate().rev().filter(|(_, byte)| **byte != 0) {
        for bit in (0..8).rev().filter(|bit| byte >> bit & 1 == 1) {
            if most == 0 {
                return place * 8 + bit + 1;
            }
            most -= 1;
        }
    }
    0
}
