//! A line of the log → the record in it.
//!
//! `1734302332 - {"time":"2024-12-15T22:38:52.725903",…}` → 1734302332 and the JSON
//!
//! Both spellings are read: procline's, and pymonitor's with its blanks.

use super::cursor::{Cursor, Value};
use crate::digits;

/// A record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'t> {
    /// Seconds since 1970-01-01 00:00 UTC, those before the JSON.
    pub timestamp: i64,
    /// The local time where it was recorded: `2024-12-15T22:38:52.725903`, the fraction left out by pymonitor where it
    /// is 0. The first 19 bytes are digits with these signs between them.
    pub time: &'t [u8],
    /// The JSON, from `{` to `}`.
    pub json: &'t [u8],
    /// Whether it is spelled as pymonitor does: with CPU times and interrupt counts multiplied by 100.
    pub is_pymonitor: bool,
}

/// Bytes of date and time up to the seconds.
const TIME: usize = b"2024-12-15T22:38:52".len();

impl<'t> Record<'t> {
    /// The timestamp that a line begins with, and the JSON behind it; nothing if the line is no record. Of the JSON no
    /// more is read than its first byte.
    #[inline(never)]
    pub fn begin(line: &'t [u8]) -> Option<(i64, &'t [u8])> {
        // 2⁶³ has 19 digits. The kernel's clock is not before 1970.
        let length = line.iter().take(20).position(|byte| *byte == b' ')?;
        let (seconds, json) = line.split_at_checked(length)?;
        let timestamp = i64::try_from(digits::parse(seconds)?).ok()?;
        let json = json.strip_prefix(b" - ")?;
        json.starts_with(b"{").then_some((timestamp, json))
    }

    /// Reads the head of the JSON behind a timestamp, which is its time; nothing if it is another's.
    #[inline(never)]
    pub fn head(timestamp: i64, json: &'t [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(json);
        let (_, first) = (cursor.value()?, cursor.key()??);
        let is_pymonitor = cursor.rest().starts_with(b" ");
        match cursor.value()? {
            Value::String(time) if first == b"time" && is_time(time) => {
                Some(Self { timestamp, time, json, is_pymonitor })
            }
            _ => None,
        }
    }

    /// Whether the JSON is whole: reads it to its end.
    #[inline(never)]
    pub fn is_whole(&self) -> bool {
        let mut cursor = Cursor::new(self.json);
        let mut read = || {
            cursor.value()?;
            while cursor.key()?.is_some() {
                cursor.skip()?;
            }
            Some(cursor.is_at_end())
        };
        read() == Some(true)
    }

    /// The date: `2024-12-15`.
    pub fn date(&self) -> &'t [u8] {
        self.time.get(..10).unwrap_or_default()
    }

    /// The time of the day: `22:38:52`.
    pub fn time_of_day(&self) -> &'t [u8] {
        self.time.get(11..TIME).unwrap_or_default()
    }

    /// The timestamp, which is never negative.
    pub const fn seconds(&self) -> u64 {
        self.timestamp.unsigned_abs()
    }

    /// What is behind the point of the time: `725903`.
    pub fn fraction(&self) -> &'t [u8] {
        self.time.get(TIME + 1..).unwrap_or_default()
    }

    /// Milliseconds since 1970-01-01 00:00 UTC, with those of the fraction.
    #[inline(never)]
    pub fn milliseconds(&self) -> i64 {
        let mut fraction = self.fraction().iter();
        let mut digit = || fraction.next().map_or(0, |digit| i64::from(digit & 0x0f));
        (0..3).fold(self.timestamp, |number, _| number.wrapping_mul(10).wrapping_add(digit()))
    }

    /// Seconds of the local time since 1970-01-01 00:00 of the same place.
    pub fn local_seconds(&self) -> i64 {
        super::time::local_seconds(self.time).unwrap_or(0)
    }
}

fn is_time(time: &[u8]) -> bool {
    let form = b"0000-00-00T00:00:00";
    time.len() >= TIME
        && time.iter().zip(form).all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form })
        && time.get(TIME..).is_some_and(super::time::is_fraction)
}
