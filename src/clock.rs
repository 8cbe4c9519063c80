//! An instant → local date and time.
//!
//! 1734302332 s and 725,903,411 ns → `2024-12-15T22:38:52.725903`

use crate::sys::{self, Errno, LocalTime};

/// A date, or a date and a time, in the digits of ISO 8601.
pub type Iso = heapless::String<40>;

/// The instant of a record. One reading of the clock serves its timestamp, its time and the name of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub seconds: i64,
    /// Microseconds since the beginning of the second.
    pub microseconds: u32,
    /// Date and time where we are.
    pub local: LocalTime,
}

impl Moment {
    /// The instant of now: `CLOCK_REALTIME` of clock_gettime(2), and the local time for it by localtime_r(3).
    ///
    /// # Errors
    /// EOVERFLOW if the year does not fit an `int`.
    pub fn now() -> Result<Self, Errno> {
        let (seconds, nanoseconds) = sys::real_time()?;
        Ok(Self { seconds, microseconds: nanoseconds / 1000, local: sys::local_time(seconds)? })
    }

    /// The seconds: `1734302332`.
    #[must_use]
    pub fn timestamp(&self) -> Iso {
        let mut digits = Iso::new();
        push_number(&mut digits, if self.seconds < 0 { "-" } else { "" }, self.seconds.unsigned_abs(), 1);
        digits
    }

    /// The local date: `2024-12-15`.
    #[must_use]
    pub fn date(&self) -> Iso {
        let mut iso = Iso::new();
        let sign = if self.local.year < 0 { "-" } else { "" };
        push_number(&mut iso, sign, self.local.year.unsigned_abs().into(), 4);
        push_number(&mut iso, "-", self.local.month.into(), 2);
        push_number(&mut iso, "-", self.local.day.into(), 2);
        iso
    }

    /// The local date and time with six digits of microseconds: `2024-12-15T22:38:52.725903`.
    #[must_use]
    pub fn time(&self) -> Iso {
        let mut iso = self.date();
        push_number(&mut iso, "T", self.local.hour.into(), 2);
        push_number(&mut iso, ":", self.local.minute.into(), 2);
        push_number(&mut iso, ":", self.local.second.into(), 2);
        push_number(&mut iso, ".", self.microseconds.into(), 6);
        iso
    }
}

/// Appends `before`, and `number` in at least `width` digits. There is room for the largest of dates.
fn push_number(iso: &mut Iso, before: &str, number: u64, width: u8) {
    let _ = iso.push_str(before);
    if width > 1 || number > 9 {
        push_number(iso, "", number / 10, width.saturating_sub(1));
    }
    let digit = char::from_digit(u32::try_from(number % 10).unwrap_or(0), 10);
    let _ = iso.push(digit.unwrap_or_default());
}
