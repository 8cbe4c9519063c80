//! An instant → local date and time.
//!
//! 1734302332 s and 725,903,411 ns → `2024-12-15T22:38:52.725903`

use core::cmp::Ordering;

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

    /// The local date.
    #[must_use]
    pub const fn date(&self) -> Date {
        Date { year: self.local.year, month: self.local.month, day: self.local.day }
    }

    /// The local date and time with six digits of microseconds: `2024-12-15T22:38:52.725903`.
    #[must_use]
    pub fn time(&self) -> Iso {
        let mut iso = self.date().iso();
        push_number(&mut iso, "T", self.local.hour.into(), 2);
        push_number(&mut iso, ":", self.local.minute.into(), 2);
        push_number(&mut iso, ":", self.local.second.into(), 2);
        push_number(&mut iso, ".", self.microseconds.into(), 6);
        iso
    }
}

/// A day. The earlier one is the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// The year of the Gregorian calendar.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Ord for Date {
    fn cmp(&self, other: &Self) -> Ordering {
        let days = |date: &Self| i64::from(date.year) << 16 | i64::from(date.month) << 8 | i64::from(date.day);
        days(self).cmp(&days(other))
    }
}

impl PartialOrd for Date {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Date {
    /// The date in the digits of ISO 8601: `2024-12-15`.
    #[must_use]
    pub fn iso(&self) -> Iso {
        let mut iso = Iso::new();
        let sign = if self.year < 0 { "-" } else { "" };
        push_number(&mut iso, sign, self.year.unsigned_abs().into(), 4);
        push_number(&mut iso, "-", self.month.into(), 2);
        push_number(&mut iso, "-", self.day.into(), 2);
        iso
    }

    /// The date that a text begins with, of the years 0 to 9999 and spelled as [`Date::iso`] does, and what is behind it.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<(Self, &[u8])> {
        let (iso, behind) = text.split_at_checked(10)?;
        let mut numbers = iso.split(|byte| *byte == b'-').map(number);
        let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let (year, month, day) = (i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        let date = Self { year, month, day };
        let is_date = (1..=12).contains(&month) && (1..=31).contains(&day) && date.iso().as_bytes() == iso;
        is_date.then_some((date, behind))
    }
}

/// The number that `digits` are. What is not spelled as [`push_number`] does, is some other number.
pub(crate) fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |number: u32, digit| number.wrapping_mul(10).wrapping_add(u32::from(digit & 0x0f)))
}

/// Appends `before`, and `number` in at least `width` digits. There is room for the largest of dates.
pub(crate) fn push_number(iso: &mut Iso, before: &str, number: u64, width: u8) {
    let _ = iso.push_str(before);
    if width > 1 || number > 9 {
        push_number(iso, "", number / 10, width.saturating_sub(1));
    }
    let digit = char::from(b'0' | (number % 10) as u8);
    let _ = iso.push(digit);
}
