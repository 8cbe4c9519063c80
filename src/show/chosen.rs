//! Which records have a row: `--every`, `--last`.
//!
//! In autumn the local time goes back by an hour: `--every 15m` and `--every 1h` have rows of both hours, `--every 1d`
//! has one row of that day.

use super::args::Options;
use super::record::Record;

/// Which records have a row: the first one of each so many seconds of local time, but for the first rows.
#[derive(Debug)]
pub struct Chosen {
    seconds: Option<i64>,
    /// Of the last record: which of these seconds it was in, and what its local time was ahead of UTC.
    last: Option<(Option<i64>, i64)>,
    /// Rows that are still to be passed over.
    skipped: u64,
    /// Whether the record was the last one of these: the first row has its rates from it.
    pub is_base: bool,
}

impl Chosen {
    /// None chosen yet. So many rows are passed over.
    pub const fn new(options: &Options, skipped: u64) -> Self {
        Self { seconds: options.every, last: None, skipped, is_base: false }
    }

    /// Whether a record has a row.
    #[inline(never)]
    pub fn takes(&mut self, record: &Record<'_>) -> bool {
        self.is_base = false;
        if let Some(seconds) = self.seconds {
            let local = record.local_seconds();
            let (part, ahead) = (local.checked_div_euclid(seconds), local.wrapping_sub(record.timestamp));
            let last = self.last.replace((part, ahead));
            if last.is_some_and(|(last, before)| last == part && before.wrapping_sub(ahead) < seconds) {
                return false;
            }
        }
        let is_skipped = self.skipped > 0;
        self.skipped -= u64::from(is_skipped);
        self.is_base = is_skipped && self.skipped == 0;
        !is_skipped
    }
}
