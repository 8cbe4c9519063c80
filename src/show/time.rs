//! A point in time, as the command line names it → seconds.
//!
//! `13:00`, `2026-11-24`, `2026-11-24T13:00`, `-2h`, `1795379070` → seconds since 1970-01-01 00:00 UTC

use crate::clock::{Date, LocalTime, Moment, zone};
use crate::digits;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// The second that a text names, local times being those of now's time zone; nothing if it names none. A date alone is
/// its first second, or its last one if it is to be the `end`.
pub fn parse(text: &[u8], now: &Moment, end: bool) -> Option<i64> {
    if let Some(ago) = text.strip_prefix(b"-") {
        return now.seconds.checked_sub(duration(ago)?);
    }
    if text.iter().all(u8::is_ascii_digit) {
        // Fewer digits are a time that is spelled otherwise: `13`, `20261124`.
        let is_second = text.len() > 8 || text == b"0";
        return i64::try_from(digits::parse(text)?).ok().filter(|_| is_second);
    }
    if text.contains(&b'-') {
        let local = local_seconds(text)?;
        let is_date = text.len() == 10;
        return Some(if is_date && end { utc(local + DAY) - 1 } else { utc(local) });
    }
    Some(utc(i64::from(now.date().day_number()) * DAY + of_day(text)?))
}

/// `90`, `90s`, `15m`, `2h`, `1d` → seconds, up to 100,000 days.
#[inline(never)]
pub fn duration(text: &[u8]) -> Option<i64> {
    let (unit, number) = text.split_last()?;
    let (number, unit) = match unit {
        b's' => (number, 1),
        b'm' => (number, 60),
        b'h' => (number, 3600),
        b'd' => (number, DAY),
        _ => (text, 1),
    };
    let seconds = i64::try_from(digits::parse(number)?).ok()?.checked_mul(unit)?;
    (seconds <= 100_000 * DAY).then_some(seconds)
}

/// `2026-11-24`, `2026-11-24T13:00`, `2026-11-24 13:00:59.1` → seconds since 1970-01-01 00:00 of the same place.
pub fn local_seconds(text: &[u8]) -> Option<i64> {
    let (iso, rest) = text.split_first_chunk::<10>()?;
    let (date, _) = Date::parse(iso)?;
    // What is no day of its month has another spelling.
    let day = i64::from(date.day_number());
    if !(1..=12).contains(&date.month) || Date::of_day(day).iso().as_bytes() != iso {
        return None;
    }
    let of_day = match rest {
        [] => 0,
        [b'T' | b' ', time @ ..] => of_day(time)?,
        _ => return None,
    };
    Some(day * DAY + of_day)
}

/// `13:00`, `13:00:59`, `13:00:59.9` → seconds since the day began.
#[inline(never)]
fn of_day(text: &[u8]) -> Option<i64> {
    let two = |most: u8, tens: u8, ones: u8| {
        let number = (tens & 0x0f) * 10 + (ones & 0x0f);
        (tens.is_ascii_digit() && ones.is_ascii_digit() && number <= most).then_some(i64::from(number))
    };
    let [hour, h, b':', minute, m, rest @ ..] = text else { return None };
    let second = match rest {
        [] => 0,
        [b':', second, s, fraction @ ..] if is_fraction(fraction) => two(59, *second, *s)?,
        _ => return None,
    };
    Some(two(23, *hour, *h)? * 3600 + two(59, *minute, *m)? * 60 + second)
}

/// Whether this can stand behind the seconds: nothing, or a point and digits.
#[inline(never)]
pub fn is_fraction(text: &[u8]) -> bool {
    text.split_first().is_none_or(|(point, digits)| *point == b'.' && digits.iter().all(u8::is_ascii_digit))
}

/// The second at which the local clock shows this. Of an hour that comes twice it is the first one; one that is left
/// out it is as far behind the gap as the text is behind its beginning.
fn utc(local: i64) -> i64 {
    let guess = local - i64::from(zone::offset(local));
    let earlier = local - i64::from(zone::offset(guess - DAY));
    let is_shown = |second: i64| second + i64::from(zone::offset(second)) == local;
    let later = local - i64::from(zone::offset(guess));
    if is_shown(later) && !is_shown(earlier) { later } else { earlier }
}

/// The day of a second where we are: days since 1970-01-01.
pub fn day(second: i64) -> i32 {
    LocalTime::new(second, zone::offset(second)).date.day_number()
}
