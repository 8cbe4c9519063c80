//! What a row shows: columns, and the values of a record that they are made of.
//!
//! `net:eth0` → `netdev.eth0.receive_bytes`, `netdev.eth0.transmit_bytes` → `rx/s`, `tx/s`
//!
//! A line of `KINDS` is a kind of columns: its name in `--columns`, a letter for what the table makes of the values,
//! its title, the place of the values in the record, and the cells. In a place `@` is the name of a device, of which
//! each has columns, and its title; `*` is any key, and the largest value is taken.
//!
//! | letter | what the table makes of the values |
//! | --- | --- |
//! | `c` | shares of the time between two records |
//! | `b` | nothing: it tells of a restart |
//! | `1`, `h` | themselves; hundredths |
//! | `m`, `s`, `f` | memory, swap, a file system: bytes, or the share that is used |
//! | `r`, `d` | bytes, sectors of 512 bytes: how many a second |
//! | `t` | 1/1000 °C: tenths |
//!
//! A cell is how many columns of the terminal it has, how its number is written (see [`super::table`]), its title, and
//! from which number on it is shown in colour.

mod choose;

use self::choose::Chooser;
use super::cursor::{Cursor, Value};
use super::record::Record;
use crate::digits;
use crate::words;

/// The kinds, in the order of the table. Values with the same first key stand together.
const KINDS: &[u8] = b"\
cpu c CPU% cpu_data/cpu_total/user,nice,system,idle,iowait,irq,softirq,steal,guest \
6tuser:800 6tsys:500 6twait:300 6tirq:300 6tsteal:100 6tidle
boot b boot cpu_data/btime
tasks 1 tasks cpu_data/procs_running,procs_blocked 41run 41blk:5
load h load loadavg/loadavg_1m,loadavg_5m,loadavg_15m 6h1m
mem m memory meminfo/MemTotal,MemFree,MemAvailable,Buffers,Cached/value 7bavail 6tused%:900
swap s swap meminfo/SwapTotal,SwapFree/value 6tused%:500
net r @ netdev/@/receive_bytes,transmit_bytes 8brx/s 8btx/s
disk d @ diskstats/@/sectors_read,sectors_written 8bread/s 8bwrite/s
temp t temp thermal_zone/*/temp 6tC:850
hwmon t hwmon hwmon/*/* 6tC:850
fs f @ filesystem/@/size,free,avail 9tused%:900";

/// A kind of columns.
#[derive(Clone, Copy, Debug)]
struct Kind {
    name: &'static [u8],
    letter: u8,
    title: &'static [u8],
    path: &'static [u8],
    cells: &'static [u8],
}

impl Kind {
    /// Takes the next one.
    #[inline(never)]
    fn take(kinds: &mut &'static [u8]) -> Self {
        let mut cells = words::take(kinds, b'\n');
        let mut word = || words::word(&mut cells);
        let (name, letter, title, path) = (word(), word(), word(), word());
        Self { name, letter: letter.first().copied().unwrap_or_default(), title, path, cells }
    }

    fn is_of_devices(&self) -> bool {
        self.title == b"@"
    }
}

/// The names of `--columns` in the help.
pub const HELP: &str = "cpu,tasks,load,mem,swap,net:eth0,disk:sda,temp,hwmon,fs:/";
/// What is said of a name that is unknown.
pub const UNKNOWN: &str = "needs names of: cpu,tasks,load,mem,swap,net,disk,temp,hwmon,fs, or as net:eth0";

/// Whether all names of a list are known.
pub fn are_known(mut list: &[u8]) -> bool {
    let mut are_known = !list.is_empty() && !list.ends_with(b",");
    while !list.is_empty() {
        let mut device = words::take(&mut list, b',');
        are_known &= !device.ends_with(b":");
        let name = words::take(&mut device, b':');
        let (mut kinds, mut is_known) = (KINDS, false);
        while !kinds.is_empty() {
            let kind = Kind::take(&mut kinds);
            is_known |= kind.name == name && kind.letter != b'b' && (device.is_empty() || kind.is_of_devices());
        }
        are_known &= is_known;
    }
    are_known
}

/// A value that is taken from each record: its keys, of which the last ones can be empty.
pub type Want<'c> = [&'c [u8]; 3];

/// Columns of one kind, and one device.
#[derive(Clone, Copy, Debug)]
pub struct Column<'c> {
    /// What is made of the values.
    pub letter: u8,
    /// What stands above the cells.
    pub title: &'c [u8],
    /// The cells.
    pub cells: &'static [u8],
    /// The place of the first value.
    pub first: usize,
}

impl Column<'_> {
    /// Whether the cells are differences of two records.
    pub const fn is_rate(&self) -> bool {
        matches!(self.letter, b'c' | b'r' | b'd')
    }

    /// Columns of the terminal.
    pub fn width(&self) -> usize {
        width(self.cells)
    }
}

/// Columns of the terminal that cells have.
#[inline(never)]
fn width(mut cells: &'static [u8]) -> usize {
    let mut width = 0;
    while !cells.is_empty() {
        width += Cell::take(&mut cells).width;
    }
    width
}

/// A column of the table.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// How many columns of the terminal it has, with the blank before it.
    pub width: usize,
    /// How its number is written.
    pub unit: u8,
    /// Its title.
    pub title: &'static [u8],
    /// From which number on it is shown in colour.
    pub high: i64,
}

impl Cell {
    /// Takes the next one.
    #[inline(never)]
    pub fn take(cells: &mut &'static [u8]) -> Self {
        let mut cell = words::word(cells);
        let title = words::take(&mut cell, b':');
        let (head, title) = title.split_first_chunk().unwrap_or((&[0; 2], title));
        let high = if cell.is_empty() { i64::MAX } else { number(cell, 0) };
        Self { width: usize::from(head[0] & 0x0f), unit: head[1], title, high }
    }
}

/// Most values that a row is made of.
pub const WANTS: usize = 192;

/// What a row is made of.
#[derive(Debug, Default)]
pub struct Columns<'c> {
    /// The columns.
    pub columns: heapless::Vec<Column<'c>, 96>,
    /// The values of all.
    pub wants: heapless::Vec<Want<'c>, WANTS>,
    /// How many there was no room for.
    pub left_out: u64,
}

/// The texts of the values of a record, an empty one where it has none.
pub type Texts<'t> = [&'t [u8]; WANTS];

impl<'c> Columns<'c> {
    /// Adds the columns that are asked for. Without that, of a table as many as fit this part of a terminal beside each
    /// other, and of CSV all. Which devices there are tells the first record; their names are kept in `names`.
    pub fn choose(
        &mut self,
        asked: Option<&'static [u8]>,
        record: &Record<'_>,
        names: &'c mut [u8],
        terminal: Option<usize>,
    ) {
        let (is_table, free) = (terminal.is_some(), terminal.unwrap_or(0));
        let mut chooser = Chooser { asked, columns: self, names, free, is_table };
        let mut kinds = KINDS;
        while !kinds.is_empty() {
            // Of what the record does not have there are none.
            let _ = chooser.kind(&Kind::take(&mut kinds), Cursor::new(record.json));
        }
    }

    /// Whether there is any to be seen.
    pub fn has_any(&self) -> bool {
        self.columns.iter().any(|column| !column.cells.is_empty())
    }

    /// Takes the values from a record, the kernel's where pymonitor multiplied them.
    pub fn pick<'t>(&self, record: &Record<'t>) -> Texts<'t> {
        let mut texts = [&b""[..]; WANTS];
        let mut cursor = Cursor::new(record.json);
        // The record was read to its end before.
        let _ = cursor.value();
        let _ = pick(&mut cursor, &self.wants, &mut texts, 0);
        for (text, want) in texts.iter_mut().zip(&self.wants) {
            if record.is_pymonitor && want[1] == b"cpu_total" {
                *text = text.strip_suffix(b"00").unwrap_or(text);
            }
        }
        texts
    }
}

/// Takes what is wanted from an object, of which the keys before are `depth`. It calls itself for each key of a path,
/// so three times at most.
#[inline(never)]
fn pick<'t>(cursor: &mut Cursor<'t>, wants: &[Want<'_>], texts: &mut [&'t [u8]], depth: usize) -> Option<()> {
    while let Some(key) = cursor.key()? {
        let is_wanted = |want: &Want<'_>| want.get(depth).is_some_and(|other| *other == key || *other == b"*");
        let start = wants.iter().position(is_wanted).unwrap_or(wants.len());
        let (_, wants) = wants.split_at_checked(start)?;
        let (_, texts) = texts.split_at_mut_checked(start)?;
        let ([want, ..], [text, ..]) = (wants, &mut *texts) else {
            cursor.skip()?;
            continue;
        };
        let value = *cursor;
        match cursor.value()? {
            Value::Object => {
                let count = wants.iter().take_while(|want| is_wanted(want)).count();
                pick(cursor, wants.get(..count)?, texts.get_mut(..count)?, depth + 1)?;
            }
            Value::List => {
                *cursor = value;
                cursor.skip()?;
            }
            Value::String(value) | Value::Number(value) => {
                let is_last = want.get(depth + 1).is_none_or(|key| key.is_empty());
                if is_last && (want[1] != b"*" || !is_fan(key) && number(value, 0) > number(text, 0)) {
                    *text = value;
                }
            }
        }
    }
    Some(())
}
/// Whether a sensor turns: hwmon has fans beside temperatures, each under its label.
pub fn is_fan(label: &[u8]) -> bool {
    label.windows(3).any(|part| part.eq_ignore_ascii_case(b"fan"))
}

/// There is no number.
pub const ABSENT: i64 = i64::MIN;

/// A number, with so many digits behind its point moved before it: 2 makes hundredths of it. [`ABSENT`] where it is
/// none, or has more than 63 bits.
#[inline(never)]
pub fn number(text: &[u8], decimals: u32) -> i64 {
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    let is_negative = rest.len() < text.len();
    let whole = digits::parse(words::take(&mut rest, b'.')).and_then(|whole| i64::try_from(whole).ok());
    let Some(mut number) = whole else { return ABSENT };
    let mut fraction = rest.iter();
    for _ in 0..decimals {
        let digit = fraction.next().map_or(0, |byte| i64::from(byte & 0x0f));
        number = number.saturating_mul(10).saturating_add(digit);
    }
    if is_negative { -number } else { number }
}
