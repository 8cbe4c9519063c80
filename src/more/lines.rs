//! A file of lines: rows by name, or numbers by name.

use super::Part;
use crate::digits::{self, Digits};
use crate::json::Json;
use crate::scan::Text;
use crate::words::{behind_last, nth, take, word};

/// What reads the lines of a file.
struct Lines<'t, 'j> {
    json: &'t mut Json<'j>,
    part: &'t Part<'t>,
    /// What is left of the line, and the names of its columns.
    line: &'t [u8],
    columns: &'t [u8],
    /// Lines of CPUs so far.
    number: u64,
}

/// Appends what the lines of a text say: see [`crate::with`].
#[inline(never)]
pub(super) fn write(part: &Part<'_>, mut text: &[u8], json: &mut Json<'_>) {
    let start = json.open(if part.kind == b'1' { behind_last(part.path, b'/') } else { b"" });
    let mut lines = Lines { json, part, line: b"", columns: part.columns, number: 0 };
    while !text.is_empty() {
        lines.line = take(&mut text, b'\n');
        lines.write_line();
    }
    lines.json.close(start);
}

impl<'t> Lines<'t, '_> {
    #[inline(never)]
    fn write_line(&mut self) {
        let digits: Digits;
        let name = match self.part.kind {
            b':' => self.title(),
            b'^' => {
                let name = self.title();
                if self.columns.is_empty() {
                    self.columns = self.line;
                    return;
                }
                name
            }
            b'x' => {
                let own = hexadecimal(nth(&mut { self.line }, 13));
                digits = digits::of(own.unwrap_or(self.number));
                self.number += 1;
                digits.as_bytes()
            }
            b'v' => {
                let (key, mut columns) = (word(&mut self.line), self.columns);
                while !columns.is_empty() {
                    if word(&mut columns) == key {
                        self.columns = columns;
                        self.json.number(key, word(&mut self.line));
                    }
                }
                return;
            }
            count => nth(&mut self.line, count & 0x0f),
        };
        if self.part.kind == b'3' {
            self.choose_columns();
        }
        if name.is_empty() && self.part.kind != b'0' {
            return;
        }
        let start = self.json.open(name);
        loop {
            let mut key = word(if self.columns == b" +" { &mut self.line } else { &mut self.columns });
            let mut cell = word(&mut self.line);
            if self.part.kind == b'1' {
                key = take(&mut cell, b'=');
            }
            if cell.is_empty() {
                break;
            }
            // A `.` is no name; those of the kernel need no escape.
            if key.len() > 1 && (self.part.columns.len() > 2 || Text::start_of(key).as_str().len() == key.len()) {
                if self.part.kind != b'x' {
                    self.json.number(key, cell);
                } else if let Some(number) = hexadecimal(cell) {
                    self.json.count(key, number);
                }
            }
        }
        self.json.close(start);
        self.columns = self.part.columns;
    }

    /// Takes the name before the last colon of what stands before the next blank.
    #[inline(never)]
    fn title(&mut self) -> &'t [u8] {
        while let [b' ', behind @ ..] = self.line {
            self.line = behind;
        }
        let line = self.line;
        let word = take(&mut self.line, b' ');
        let length = word.len().wrapping_sub(behind_last(word, b':').len() + 1);
        self.line = line.get(length.wrapping_add(1)..).unwrap_or_default();
        word.get(..length).unwrap_or_default()
    }

    /// A disk that did nothing has none, one of four cells has others.
    #[inline(never)]
    fn choose_columns(&mut self) {
        if !self.line.iter().any(|byte| matches!(byte, b'1'..=b'9')) {
            self.line = b"";
        }
        if !nth(&mut { self.line }, 5).is_empty() {
            nth(&mut self.columns, 4);
        }
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
