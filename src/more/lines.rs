//! A file of lines: rows by name, or numbers by name.

use crate::digits::{self, Digits};
use crate::json::Json;
use crate::with::Row;
use crate::words::{self, behind_last, nth, word};

/// The columns of a partition before Linux 2.6.25.
const OF_FOUR: &[u8] = b"reads sectors_read writes sectors_written";

/// What reads the lines of a file.
struct Lines<'t, 'j> {
    json: &'t mut Json<'j>,
    row: &'t Row<'t>,
    /// What is left of the line, and the names of its columns.
    cells: &'t [u8],
    columns: &'t [u8],
    /// The name of the line above, and its cells.
    name_above: &'t [u8],
    above: &'t [u8],
    /// Lines of CPUs so far.
    number: u64,
}

/// Appends what the lines of `text` say: see [`crate::with`].
#[inline(never)]
pub(super) fn write(row: &Row<'_>, mut text: &[u8], json: &mut Json<'_>) {
    let top = json.length();
    if row.kind == b'1' {
        json.open(behind_last(row.path, b'/'));
    }
    let mut lines = Lines { json, row, cells: b"", columns: b"", name_above: b"", above: b"", number: 0 };
    while !text.is_empty() {
        lines.cells = words::line(&mut text);
        lines.write_line();
    }
    if row.kind == b'1' {
        lines.json.close(top, 0);
    }
}

impl<'t> Lines<'t, '_> {
    #[inline(never)]
    fn write_line(&mut self) {
        let mut digits = Digits::new();
        self.columns = self.row.columns;
        let name = match self.row.kind {
            b'-' => {
                while self.write_cell() {}
                return;
            }
            b':' => self.name(),
            b'x' => {
                let own = hexadecimal(nth(&mut { self.cells }, 13));
                digits::push(&mut digits, "", own.unwrap_or(self.number), 1);
                self.cells
            }
            count => nth(&mut self.cells, count & 0x0f),
        };
        if name.is_empty() {
            return;
        }
        if self.row.kind == b'3' {
            self.choose_columns();
        }
        if self.columns == b"^" {
            self.columns = if name == self.name_above { self.above } else { b"" };
            (self.above, self.name_above) = (self.cells, name);
        }
        self.number += 1;
        let start = self.json.open(if self.row.kind == b'x' { digits.as_bytes() } else { name });
        while self.write_cell() {}
        self.json.close(start, 0);
    }

    /// Takes the name before the last colon.
    #[inline(never)]
    fn name(&mut self) -> &'t [u8] {
        let line = self.cells;
        self.cells = behind_last(line, b':');
        let mut name = line.get(..line.len().wrapping_sub(self.cells.len() + 1)).unwrap_or_default();
        while let [b' ' | b'\t', behind @ ..] = name {
            name = behind;
        }
        name
    }

    /// A disk that did nothing has none, one of four cells has others.
    #[inline(never)]
    fn choose_columns(&mut self) {
        if !self.cells.iter().any(|byte| matches!(byte, b'1'..=b'9')) {
            self.columns = b"";
            return;
        }
        let mut cells = self.cells;
        if !nth(&mut cells, 4).is_empty() && word(&mut cells).is_empty() {
            self.columns = OF_FOUR;
        }
    }

    /// Appends the next cell under the name of its column; whether there is one.
    #[inline(never)]
    fn write_cell(&mut self) -> bool {
        let is_pair = self.columns.starts_with(b"=");
        let key = word(if is_pair { &mut self.cells } else { &mut self.columns });
        let cell = word(&mut self.cells);
        if key.is_empty() || cell.is_empty() {
            return false;
        }
        let is_wanted = if is_pair { self.columns.len() == 1 || words::has(self.columns, key) } else { key != b"." };
        if is_wanted {
            if self.row.kind != b'x' {
                self.json.number(key, cell);
            } else if let Some(number) = hexadecimal(cell) {
                self.json.count(key, number);
            }
        }
        true
    }
}

/// `00000f1a` → 3866
#[inline(never)]
fn hexadecimal(digits: &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for digit in digits {
        number = number.checked_mul(16)? | u64::from(char::from(*digit).to_digit(16)?);
    }
    (!digits.is_empty()).then_some(number)
}
