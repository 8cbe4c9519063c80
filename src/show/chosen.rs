//! Which records have a row: `--every`, `--last`.

use super::args::Options;
use super::record::Record;

/// Which records have a row: the first one of each so many seconds of local time, but for the first rows.
#[derive(Debug)]
pub struct Chosen {
    seconds: Option<i64>,
    /// The number of the seconds that the last one was in.
    last: Option<i64>,
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
            let part = record.local_seconds().checked_div_euclid(seconds);
            if core::mem::replace(&mut self.last, part) == part {
                return false;
            }
        }
        let is_skipped = self.skipped > 0;
        self.skipped -= u64::from(is_skipped);
        self.is_base = is_skipped && self.skipped == 0;
        !is_skipped
    }
}
