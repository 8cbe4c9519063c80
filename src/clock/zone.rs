//! The time zone: how far local time is ahead of UTC, by the rules of tzset(3) and the files of tzfile(5).
//!
//! `CET-1CEST,M3.5.0,M10.5.0/3` at 1734302332 s → 3600 s
//!
//! localtime_r(3) of musl maps the file, keeps the names of the zones, asks for memory, and knows nothing of /etc/TZ.
//! With it a run takes 8 of 155 µs more, and the program 3 KB.

use super::{Date, LocalTime};
use crate::digits;
use crate::message::{Explain, Message, error};
use crate::sys::{self, Access, Fd, Path};

/// The variable that tells the zone.
const TZ: &[u8] = b"TZ";
/// Where the zone is told if `TZ` is not set: on OpenWrt and with uClibc what `TZ` would be, …
const ETC_TZ: &[u8] = b"/etc/TZ";
/// … and elsewhere a file of tzfile(5). OpenWrt has both, and then the first is the newer one.
const LOCALTIME: &[u8] = b"/etc/localtime";

/// Where the zones that `TZ` names are looked for.
const FOLDERS: &[u8] = b"/usr/share/zoneinfo/ /share/zoneinfo/ /etc/zoneinfo/";

/// Bytes of a zone's file and of a line before it. The largest file of the time zone database has 4 KB.
const FILE: usize = 5120;
/// Bytes of what /etc/TZ tells.
const LINE: usize = 256;
/// Bytes of a larger file, as zic(8) can make them.
const LARGE_FILE: usize = 65_536;

/// `TZ` or /etc/TZ names no zone that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What stands before it: `TZ=`, or the name of the file.
    pub place: &'static str,
    /// The value of `TZ`.
    pub zone: &'static [u8],
}

impl Explain for Unknown {
    fn explain(&self, message: &mut Message) {
        message.add(self.place).quote(self.zone).add(": no such time zone; times are in UTC");
    }
}

error!(Unknown);

/// Seconds that local time is ahead of UTC, `now` seconds since 1970-01-01 00:00 UTC. It is UTC where nothing tells of
/// another zone.
pub fn offset(now: i64) -> i32 {
    find(now).unwrap_or(0)
}

/// Whether the zone that `TZ` or /etc/TZ names is known.
///
/// # Errors
/// It is not, and UTC stands for it.
pub fn check() -> Result<(), Unknown> {
    if find(0).is_some() {
        return Ok(());
    }
    Err(sys::environment(TZ).map_or(Unknown { place: "/etc/TZ", zone: b"" }, |zone| Unknown { place: "TZ=", zone }))
}

// Not inlined: a run that stays also checks the zone.
#[inline(never)]
fn find(now: i64) -> Option<i32> {
    let mut room = [0; FILE];
    let (line, room) = room.split_at_mut(LINE);
    let variable = sys::environment(TZ);
    let zone = variable.unwrap_or_else(|| read(&[ETC_TZ], line));
    // It ends before the first blank or newline.
    let zone = zone.split(|byte| *byte <= b' ').next().unwrap_or_default();
    if zone.is_empty() && variable.is_none() {
        return by_file(&[LOCALTIME], room, now).or(Some(0));
    }
    named(zone, room, now)
}

/// The offset by a value of `TZ`; nothing if there is no such zone.
fn named(zone: &[u8], room: &mut [u8], now: i64) -> Option<i32> {
    let name = zone.strip_prefix(b":").unwrap_or(zone);
    match name {
        [] => Some(0),
        [b'/', ..] => by_file(&[name], room, now),
        _ => by_rule(zone, now)
            .or_else(|| FOLDERS.split(|byte| *byte == b' ').find_map(|folder| by_file(&[folder, name], room, now)))
            // These need no file.
            .or_else(|| (name.ends_with(b"UTC") || name.ends_with(b"GMT")).then_some(0)),
    }
}

/// The offset by a file of tzfile(5); nothing if there is none, or it is larger than [`LARGE_FILE`].
fn by_file(path: &[&[u8]], room: &mut [u8], now: i64) -> Option<i32> {
    let most = room.len();
    match read(path, room) {
        file if file.len() < most => in_file(file, now),
        _ if most < LARGE_FILE && sys::stack_holds(LARGE_FILE + 4096) => by_large_file(path, now),
        _ => None,
    }
}

// Not inlined: keeps the large array off the stack of a run whose zone has a file of the usual size.
#[cold]
#[inline(never)]
#[expect(clippy::large_stack_arrays, reason = "the stack is looked at before")]
fn by_large_file(path: &[&[u8]], now: i64) -> Option<i32> {
    by_file(path, &mut [0; LARGE_FILE], now)
}

/// What is in a file, or as much of it as there is `room` for; nothing if there is none.
fn read<'r>(path: &[&[u8]], room: &'r mut [u8]) -> &'r [u8] {
    let length = Fd::open(Path::new(&mut Path::room(), path), Access::ReadNow).and_then(|file| {
        // A file that is smaller comes whole.
        let length = file.read(room);
        file.close();
        length
    });
    length.ok().and_then(|length| room.get(..length)).unwrap_or_default()
}

/// The offset by a file of tzfile(5); nothing if it is no such file. What it says of leap seconds is left out, for the
/// kernel's clock has none.
pub fn in_file(file: &[u8], now: i64) -> Option<i32> {
    // The second version has all again, with times of 64 bits, behind what the first one has.
    let (mut width, mut block) = (4, Block::parse(file, 4)?);
    if file.get(4) != Some(&0) {
        (width, block) = (8, Block::parse(block.behind, 8)?);
    }
    let is_later = |time: &&[u8]| {
        let time = match time.first_chunk() {
            Some(time) => i64::from_be_bytes(*time),
            None => time.first_chunk().map_or(0, |time| i32::from_be_bytes(*time).into()),
        };
        time > now
    };
    let later = block.times.rchunks(width).take_while(is_later).count();
    if later == 0
        && let Some(offset) = rule_in(block.behind).and_then(|rule| by_rule(rule, now))
    {
        return Some(offset);
    }
    // Before the first change it is the first kind.
    let kind = block.kinds.iter().rev().nth(later).unwrap_or(&0);
    let offset = block.types.get(usize::from(*kind) * TYPE..)?.first_chunk()?;
    Some(i32::from_be_bytes(*offset))
}

/// Bytes of a kind of local time: its offset, whether it is daylight saving time, the place of its name.
const TYPE: usize = 6;

/// What a file of tzfile(5) has, once for each version.
struct Block<'a> {
    /// When local time changes, in order.
    times: &'a [u8],
    /// To which kind of local time.
    kinds: &'a [u8],
    /// The kinds of local time.
    types: &'a [u8],
    /// What stands behind the block.
    behind: &'a [u8],
}

impl<'a> Block<'a> {
    /// Reads a block whose times have `width` bytes.
    fn parse(file: &'a [u8], width: usize) -> Option<Self> {
        let (header, rest) = file.strip_prefix(b"TZif")?.split_at_checked(40)?;
        let mut counts = [0; 6];
        for (count, bytes) in counts.iter_mut().zip(header.get(16..)?.chunks_exact(4)) {
            *count = u16::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?.into();
        }
        let [in_utc, in_standard, leaps, times, types, characters] = counts;
        let (bytes, rest) = rest.split_at_checked(times * width)?;
        let (kinds, rest) = rest.split_at_checked(times)?;
        let (types, rest) = rest.split_at_checked(types * TYPE)?;
        let behind = rest.get(characters + leaps * (width + 4) + in_standard + in_utc..)?;
        Some(Self { times: bytes, kinds, types, behind })
    }
}

/// The offset by a rule as POSIX has it for `TZ`: `CET-1CEST,M3.5.0,M10.5.0/3`; nothing if this is none. Without dates
/// daylight saving time is that of the USA, as everywhere.
pub fn by_rule(rule: &[u8], now: i64) -> Option<i32> {
    let mut rest = Rule(rule);
    rest.name()?;
    let standard = -rest.time()?;
    if rest.0.is_empty() {
        return Some(standard);
    }
    rest.name()?;
    let summer = if matches!(rest.0, [] | [b',', ..]) { standard + 3600 } else { -rest.time()? };
    if rest.0.is_empty() {
        rest = Rule(b",M3.2.0,M11.1.0");
    }
    let year = LocalTime::new(now, standard).date.year;
    let begin = rest.change(year)? - i64::from(standard);
    let end = rest.change(year)? - i64::from(summer);
    let is_summer = if begin <= end { begin <= now && now < end } else { begin <= now || now < end };
    rest.0.is_empty().then_some(if is_summer { summer } else { standard })
}

/// What is left of a rule.
struct Rule<'a>(&'a [u8]);

impl Rule<'_> {
    /// Takes a byte, if it comes next.
    #[inline(never)] // many places take a byte
    fn byte(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// Takes bytes as long as `belongs` holds.
    #[inline(never)] // more than one place takes bytes
    fn take(&mut self, belongs: fn(&u8) -> bool) -> &[u8] {
        let all = self.0;
        while let [byte, rest @ ..] = self.0
            && belongs(byte)
        {
            self.0 = rest;
        }
        all.get(..all.len() - self.0.len()).unwrap_or_default()
    }

    /// Takes the name of a zone: letters, or anything in angle brackets.
    fn name(&mut self) -> Option<()> {
        if self.byte(b'<').is_some() {
            self.take(|byte| *byte != b'>');
            return self.byte(b'>');
        }
        (!self.take(u8::is_ascii_alphabetic).is_empty()).then_some(())
    }

    /// Takes a number up to `most`.
    fn number(&mut self, most: i32) -> Option<i32> {
        let taken = self.take(u8::is_ascii_digit);
        let number = i32::try_from(digits::parse(taken)?).ok()?;
        (taken.len() <= 3 && number <= most).then_some(number)
    }

    /// Takes a time of the day, with a sign or without: `2`, `-1:30`, `02:00:00`. It is in seconds, and can be one of
    /// the days before or after.
    fn time(&mut self) -> Option<i32> {
        let sign = if self.byte(b'-').is_some() { -1 } else { 1 };
        if sign > 0 {
            self.byte(b'+');
        }
        let mut time = self.number(167)? * 3600;
        for unit in [60, 1] {
            if self.byte(b':').is_some() {
                time += self.number(59)? * unit;
            }
        }
        Some(time * sign)
    }

    /// Takes a date and a time at which local time changes: `,M3.5.0/2`. It is in seconds since 1970-01-01 00:00, by
    /// the local clock in that year.
    fn change(&mut self, year: i32) -> Option<i64> {
        self.byte(b',')?;
        let day = if self.byte(b'M').is_some() {
            // The fifth Sunday is the last one, be it the fourth.
            let month = self.number(12)?;
            self.byte(b'.')?;
            let week = self.number(5)?;
            self.byte(b'.')?;
            let first = Date::first_of(year, month);
            // 1970-01-01 was a Thursday.
            let day = first + (self.number(6)? - first - 4).rem_euclid(7) + (week - 1) * 7;
            if day >= Date::first_of(year, month + 1) { day - 7 } else { day }
        } else {
            let is_julian = self.byte(b'J').is_some();
            let day = self.number(365)?;
            // Days from 0, or with the J from 1 to 365: the 29th of February has none.
            let (month, first) = if !is_julian {
                (1, 0)
            } else if day < 60 {
                (1, 1)
            } else {
                (3, 60)
            };
            Date::first_of(year, month) + day - first
        };
        let time = if self.byte(b'/').is_some() { self.time()? } else { 2 * 3600 };
        Some(i64::from(day) * 86_400 + i64::from(time))
    }
}

/// The rule behind a block, which stands between two newlines.
fn rule_in(text: &[u8]) -> Option<&[u8]> {
    let rule = text.strip_prefix(b"\n")?;
    rule.get(..rule.iter().position(|byte| *byte == b'\n')?)
}
