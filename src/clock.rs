//! An instant → local date and time.
//!
//! 1734302332 s and 725,903,411 ns → `2024-12-15T22:38:52.725903`

pub mod zone;

use crate::digits::{self, Digits};
use crate::sys::{self, Errno};

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
    /// The instant of now: `CLOCK_REALTIME` of clock_gettime(2), and the local time for it, of the zone that tzset(3)
    /// tells of.
    ///
    /// # Errors
    /// Those of clock_gettime(2).
    pub fn now() -> Result<Self, Errno> {
        let (seconds, nanoseconds) = sys::real_time()?;
        Ok(Self { seconds, microseconds: nanoseconds / 1000, local: LocalTime::new(seconds, zone::offset(seconds)) })
    }

    /// The seconds: `1734302332`.
    pub fn timestamp(&self) -> Digits {
        let mut seconds = Digits::new();
        digits::push(&mut seconds, if self.seconds < 0 { b'-' } else { 0 }, self.seconds.unsigned_abs(), 1);
        seconds
    }

    /// The local date.
    pub const fn date(&self) -> Date {
        self.local.date
    }

    /// The local date and time with six digits of microseconds: `2024-12-15T22:38:52.725903`.
    pub fn time(&self) -> Digits {
        let mut iso = self.date().iso();
        digits::push(&mut iso, b'T', self.local.hour.into(), 2);
        digits::push(&mut iso, b':', self.local.minute.into(), 2);
        digits::push(&mut iso, b':', self.local.second.into(), 2);
        digits::push(&mut iso, b'.', self.microseconds.into(), 6);
        iso
    }
}

/// Date and time of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The date.
    pub date: Date,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

impl LocalTime {
    /// The date and time, `seconds` since 1970-01-01 00:00 UTC, of a place that is `offset` seconds ahead of UTC.
    // Not inlined: a rule for the time zone asks for the local year.
    #[inline(never)]
    pub fn new(seconds: i64, offset: i32) -> Self {
        let local = seconds.saturating_add(offset.into());
        let (day, second) = day_and_second(local);
        let part = |number: u32| u8::try_from(number).unwrap_or(0);
        Self {
            date: Date::of_day(day),
            hour: part(second / 3600),
            minute: part(second / 60 % 60),
            second: part(second % 60),
        }
    }
}

/// The day, from 1970-01-01 on, and the second of it. What is before the year 0 is taken for its first of March.
fn day_and_second(seconds: i64) -> (i64, u32) {
    let since_march = seconds.saturating_add(i64::from(MARCH_OF_0) * i64::from(DAY)).max(0);
    let (days, second) = digits::divide(since_march.unsigned_abs(), DAY);
    (days.cast_signed() - i64::from(MARCH_OF_0), second)
}

/// Seconds of a day.
const DAY: u32 = 86_400;
/// Days of 400 years.
const DAYS_OF_400_YEARS: u32 = 146_097;
/// Days of four years, one of which is a leap year.
const DAYS_OF_4_YEARS: u32 = 1461;
/// Days from the first of March in the year 0 to 1970-01-01.
const MARCH_OF_0: i32 = 719_468;

/// A day. The earlier one is the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year of the Gregorian calendar.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Date {
    /// The date, `seconds` since 1970-01-01 00:00 of the same place. The kernel's clock is not before that, and not
    /// behind 2554; a time before the year 0 is taken for its first of March, and one that is later than 5,000,000 for
    /// that.
    pub fn at(seconds: i64) -> Self {
        Self::of_day(day_and_second(seconds).0)
    }

    /// The day, so many days since 1970-01-01. It has the same limits.
    // Not inlined: more than one place has days.
    #[inline(never)]
    pub fn of_day(days: i64) -> Self {
        // A year that begins in March has its leap day at its end, and a time of 400 years always as many days.
        let days = days.saturating_add(MARCH_OF_0.into()).clamp(0, 1_800_000_000);
        let days = u32::try_from(days).unwrap_or(0);
        let day = days % DAYS_OF_400_YEARS;
        let century = (4 * day + 3) / DAYS_OF_400_YEARS;
        // As if each century had a leap year at its end.
        let day = day + century - century / 4;
        let year = (4 * day + 3) / DAYS_OF_4_YEARS;
        let day = day - year * DAYS_OF_4_YEARS / 4;
        // Months of 31, 30, 31, 30, 31 days, and again.
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let year = days / DAYS_OF_400_YEARS * 400 + year;
        let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
        let part = |number: u32| u8::try_from(number).unwrap_or(0);
        Self { year: i32::try_from(year).unwrap_or(0), month: part(month), day: part(day) }
    }

    /// Days from 1970-01-01 to this day, of a year from 1 on.
    pub fn day_number(&self) -> i32 {
        Self::first_of(self.year, self.month.into()) + i32::from(self.day) - 1
    }

    /// Days from 1970-01-01 to the first day of a month of a year from 1 on. The 13th month is the first one of the
    /// next year.
    // Not inlined: a rule has four dates.
    #[inline(never)]
    pub fn first_of(year: i32, month: i32) -> i32 {
        let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
        let year = year.unsigned_abs();
        let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month.unsigned_abs() + 2) / 5;
        i32::try_from(days).unwrap_or(0) - MARCH_OF_0
    }

    /// The date in the digits of ISO 8601: `2024-12-15`.
    pub fn iso(&self) -> Digits {
        let mut iso = Digits::new();
        let sign = if self.year < 0 { b'-' } else { 0 };
        digits::push(&mut iso, sign, self.year.unsigned_abs().into(), 4);
        digits::push(&mut iso, b'-', self.month.into(), 2);
        digits::push(&mut iso, b'-', self.day.into(), 2);
        iso
    }

    /// The date that a text begins with, of the years 1 to 9999, and what is behind it. What is not spelled as
    /// [`Date::iso`] does gives some date or none.
    pub(crate) fn parse(text: &[u8]) -> Option<(Self, &[u8])> {
        let (iso, behind) = text.split_first_chunk::<10>()?;
        let two = |tens: u8, ones: u8| (tens & 0x0f) * 10 + (ones & 0x0f);
        let date = Self {
            year: i32::from(two(iso[0], iso[1])) * 100 + i32::from(two(iso[2], iso[3])),
            month: two(iso[5], iso[6]),
            day: two(iso[8], iso[9]),
        };
        (date.year > 0).then_some((date, behind))
    }
}
