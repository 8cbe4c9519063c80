//! The table: a row for each record.
//!
//! ```text
//!                                          CPU%   tasks  load       memory  swap
//! 2026-11-24  user   sys  wait   irq steal  idle run blk    1m  avail used% used%
//! 13:00:00     1.2   0.5   0.0   0.1   0.0  98.2   1   0  0.04  23.2G   1.3     -
//! ```
//!
//! A rate is the difference of two records, divided by what their times differ by. All is computed in integers,
//! and rounded:
//!
//! | unit of a cell | its number |
//! | --- | --- |
//! | `1` | a count |
//! | `t` | tenths: `12.3` |
//! | `h` | hundredths: `0.04`, from 100 on tenths |
//! | `b` | bytes: `999`, `1.0k`, `12.3M` |

mod text;

use self::text::{put, title, write};
use super::columns::{ABSENT, Cell, Column, Columns, WANTS, number};
use super::out::Out;
use super::record::Record;

/// Columns of the terminal for the time.
pub const TIME: usize = 10;
/// Cells that a table can have.
const CELLS: usize = 256;
/// Values that a column can have, and cells.
const VALUES: usize = 9;
/// The values of a record.
type Values = [i64; WANTS];

/// A table that grows row by row.
#[derive(Debug)]
pub struct Table<'c> {
    columns: &'c Columns<'c>,
    /// Whether what is high is shown in colour.
    has_colour: bool,
    /// The date above the rows.
    date: [u8; 10],
    /// The time of the row before in milliseconds, and its values.
    before: Option<(i64, Values)>,
    summary: heapless::Vec<Summary, CELLS>,
    rows: u64,
}

/// What is known of a cell of all rows.
#[derive(Clone, Copy, Debug)]
struct Summary {
    least: i64,
    most: i64,
    sum: i64,
    count: i64,
}

impl<'c> Table<'c> {
    /// A table without rows.
    pub const fn new(columns: &'c Columns<'c>, has_colour: bool) -> Self {
        Self { columns, has_colour, date: [0; 10], before: None, summary: heapless::Vec::new(), rows: 0 }
    }

    /// Takes a record for the one before the first row.
    pub fn begin(&mut self, record: &Record<'_>) {
        self.before = Some((record.milliseconds(), self.values(record)));
    }

    /// Writes the row of a record.
    #[inline(never)]
    pub fn row(&mut self, record: &Record<'_>, out: &mut Out) {
        if record.date() != self.date {
            self.date.iter_mut().zip(record.date()).for_each(|(place, byte)| *place = *byte);
            self.head(out);
        }
        let now = self.values(record);
        let time = record.milliseconds();
        let (milliseconds, old) = match &self.before {
            Some((before, old)) => (time.wrapping_sub(*before), old),
            None => (0, &now),
        };
        let is_restart = self.columns.columns.iter().any(|column| is_restart(column, &now, old));
        let mut is_told = !is_restart;
        out.add(record.time_of_day()).blanks(2);
        let mut cells = 0;
        for column in &self.columns.columns {
            let (now, old) = (values(column, &now), values(column, old));
            let computed =
                if is_restart && column.is_rate() { None } else { compute(column.letter, &now, &old, milliseconds) };
            let mut rest = column.cells;
            if computed.is_none() {
                is_told = true;
                put(b"restart", column.width(), self.has_colour, out);
            }
            let mut computed = computed.as_ref().map_or(&[][..], |cells| &cells[..]).iter();
            while !rest.is_empty() {
                let cell = Cell::take(&mut rest);
                if cells == self.summary.len() {
                    let _ = self.summary.push(Summary { least: i64::MAX, most: i64::MIN, sum: 0, count: 0 });
                }
                let summary = self.summary.get_mut(cells);
                cells += 1;
                if let (Some(value), Some(summary)) = (computed.next(), summary) {
                    summary.add(*value);
                    write(&cell, *value, self.has_colour, out);
                }
            }
        }
        out.add(if is_told { "\n" } else { "  restart\n" });
        self.rows += 1;
        self.before = Some((time, now));
    }

    /// The numbers of a record.
    #[inline(never)]
    fn values(&self, record: &Record<'_>) -> Values {
        let mut values = [ABSENT; WANTS];
        let texts = self.columns.pick(record);
        let mut letter = 0;
        let mut columns = self.columns.columns.iter();
        for (place, (value, text)) in values.iter_mut().zip(texts).take(self.columns.wants.len()).enumerate() {
            if columns.as_slice().first().is_some_and(|column| column.first == place) {
                letter = columns.next().map_or(0, |column| column.letter);
            }
            *value = number(text, if letter == b'h' { 2 } else { 0 });
        }
        values
    }

    /// Writes what stands above the rows of a day.
    fn head(&self, out: &mut Out) {
        out.blanks(TIME);
        for column in &self.columns.columns {
            let mut shown = heapless::Vec::<u8, 64>::new();
            // What is not ASCII, or a control character, is no matter for a terminal.
            let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
            let letters = column.title.iter().map(|byte| if is_plain(byte) { *byte } else { b'?' });
            letters.take(64).for_each(|byte| _ = shown.push(byte));
            title(&shown, column.width(), out);
        }
        out.add("\n").add(self.date);
        for column in &self.columns.columns {
            let mut cells = column.cells;
            while !cells.is_empty() {
                let cell = Cell::take(&mut cells);
                title(cell.title, cell.width, out);
            }
        }
        out.add("\n");
    }

    /// Writes the least, the mean and the most of each column, where there is more than one row.
    pub fn end(&self, out: &mut Out) {
        for (number, name) in ["least     ", "mean      ", "most      "].into_iter().enumerate() {
            if self.rows < 2 {
                return;
            }
            out.add(name);
            let mut summary = self.summary.iter();
            for column in &self.columns.columns {
                let mut cells = column.cells;
                while !cells.is_empty()
                    && let Some(summary) = summary.next()
                {
                    let value = match number {
                        _ if summary.count == 0 => ABSENT,
                        0 => summary.least,
                        1 => divide(summary.sum, summary.count),
                        _ => summary.most,
                    };
                    write(&Cell::take(&mut cells), value, false, out);
                }
            }
            out.add("\n");
        }
    }
}

impl Summary {
    fn add(&mut self, value: i64) {
        if value != ABSENT {
            self.least = self.least.min(value);
            self.most = self.most.max(value);
            self.sum = self.sum.saturating_add(value);
            self.count += 1;
        }
    }
}

/// The values of a column, and of those behind it.
fn values(column: &Column<'_>, all: &Values) -> [i64; VALUES] {
    let mut values = [ABSENT; VALUES];
    values.iter_mut().zip(all.iter().skip(column.first)).for_each(|(value, number)| *value = *number);
    values
}

/// Whether a column tells that the machine was started between two records: it has another boot time, or CPU times that
/// went back. The kernel's boot time can move by a second, and its times of idle CPUs can go back without that.
fn is_restart(column: &Column<'_>, now: &Values, old: &Values) -> bool {
    let (now, old) = (values(column, now), values(column, old));
    match column.letter {
        b'b' => now[0] != ABSENT && old[0] != ABSENT && now[0].abs_diff(old[0]) > 1,
        b'c' => now
            .iter()
            .zip(old)
            .take(8)
            .enumerate()
            .any(|(place, (now, old))| !matches!(place, 3 | 4) && *now != ABSENT && *now < old),
        _ => false,
    }
}

/// What is made of the values of a column; nothing where a counter went back.
#[inline(never)]
fn compute(letter: u8, now: &[i64; VALUES], old: &[i64; VALUES], milliseconds: i64) -> Option<[i64; VALUES]> {
    let mut cells = [ABSENT; VALUES];
    let mut more = [0; VALUES];
    for (more, (now, old)) in more.iter_mut().zip(now.iter().zip(old)) {
        *more = if *now == ABSENT || *old == ABSENT { ABSENT } else { now.saturating_sub(*old) };
    }
    let [first, second, third, ..] = *now;
    match letter {
        b'c' => {
            let [user, nice, system, idle, wait, irq, softirq, steal, _] = more.map(|more| more.max(0));
            let parts = [user.saturating_add(nice), system, wait, irq.saturating_add(softirq), steal, idle];
            let all = parts.iter().fold(0, |all: i64, part| all.saturating_add(*part));
            // Without the time of idle CPUs nobody knows the whole.
            let all = if more[3] == ABSENT { 0 } else { all };
            cells.iter_mut().zip(parts).for_each(|(cell, part)| *cell = share(part, all));
        }
        b'r' | b'd' => {
            let unit = if letter == b'd' { 512_000 } else { 1000 };
            for (cell, more) in cells.iter_mut().zip(more).take(2) {
                if more == ABSENT || milliseconds <= 0 {
                    continue;
                }
                if more < 0 {
                    return None;
                }
                *cell = divide(more.saturating_mul(unit), milliseconds);
            }
        }
        b'm' => {
            // Before Linux 3.14: what is free, and what can be made free.
            let other = [second, now[3], now[4]].iter().fold(0, |sum: i64, part| sum.saturating_add((*part).max(0)));
            let available = if third == ABSENT { other } else { third };
            if third != ABSENT || second != ABSENT {
                cells[0] = available.saturating_mul(1024);
                cells[1] = used(first, available, 0);
            }
        }
        b's' if second != ABSENT => cells[0] = used(first, second, 0),
        // Of what is used and what is left to all users, as df(1) has it.
        b'f' if first != ABSENT => cells[0] = used(first, second, second.saturating_sub(third)),
        b't' if first != ABSENT => cells[0] = divide(first, 100),
        b'1' | b'h' => cells = *now,
        _ => {}
    }
    Some(cells)
}

/// How much of all, less what nobody can have, is used.
fn used(all: i64, free: i64, kept: i64) -> i64 {
    share(all.saturating_sub(free).max(0), all.saturating_sub(kept))
}

/// The share of a part in all, in tenths of a per cent; [`ABSENT`] of nothing.
fn share(part: i64, all: i64) -> i64 {
    if all > 0 { divide(part.saturating_mul(1000), all) } else { ABSENT }
}

/// Divides, and rounds to the nearest.
#[inline(never)]
fn divide(number: i64, by: i64) -> i64 {
    let half = if number < 0 { -(by / 2) } else { by / 2 };
    number.saturating_add(half).checked_div(by).unwrap_or(0)
}
