//! `/proc/meminfo`: what memory is used for.
//!
//! `MemTotal:         280840 kB` → `"MemTotal":{"value":"280840","unit":"kB"}`
//!
//! Which names there are depends on the kernel and its configuration, so all of them are taken as they come. A line
//! of another form is skipped: the table that 2.4 kernels begin with, and some later ones still
//! (`Mem:  260579328 136073216 …`).

use super::Source;
use crate::json::{Json, ToJson};
use crate::scan::{Cursor, Expected, Text, is_plain};

/// `proc_meminfo(5)`: the whole text. Lines are checked while they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meminfo<'a> {
    text: &'a [u8],
    /// Whether lines are read as pymonitor reads them.
    pub as_pymonitor: bool,
}

/// An amount. Both parts are strings in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount<'a> {
    /// The kernel's digits.
    pub value: Text<'a>,
    /// `kB`, which is 1,024 bytes; empty where the value is a number of pages.
    pub unit: Text<'a>,
}

impl<'a> Meminfo<'a> {
    /// Names and amounts in the order of the lines.
    pub fn iter(&self) -> impl Iterator<Item = (Text<'a>, Amount<'a>)> + use<'a> {
        let Self { text, as_pymonitor } = *self;
        let mut cursor = Cursor::new(text);
        core::iter::from_fn(move || {
            while !cursor.is_at_end() {
                let entry = entry(&mut cursor, as_pymonitor);
                cursor.skip_line();
                if entry.is_some() {
                    return entry;
                }
            }
            None
        })
    }
}

/// Takes a line of the form `name: value [unit]`.
///
/// pymonitor asks for a name of letters, digits, `_`, `(` and `)` at the beginning of the line, and for a blank behind
/// the colon. Its unit is the word behind the value, of digits or none at all, and it does not mind what comes then:
/// `Mem:  260579328 136073216 124506112` → `"Mem":{"value":"260579328","unit":"136073216"}`
fn entry<'a>(line: &mut Cursor<'a>, as_pymonitor: bool) -> Option<(Text<'a>, Amount<'a>)> {
    if !as_pymonitor {
        line.skip_blanks();
    }
    // Most bytes are letters, so they are asked for first.
    let name = line.text(|byte| {
        let is_in_its_names = || byte.is_ascii_digit() || matches!(byte, b'_' | b'(' | b')');
        byte.is_ascii_alphabetic() || if as_pymonitor { is_in_its_names() } else { byte != b':' && is_plain(byte) }
    });
    let has_colon = line.byte(b':');
    let has_gap = line.is_at_word_end();
    line.skip_blanks();
    let value = line.digits();
    let has_end = line.is_at_word_end();
    line.skip_blanks();
    let unit = line.text(|byte| byte.is_ascii_alphabetic() || as_pymonitor && (byte.is_ascii_digit() || byte == b'_'));
    let whole = has_colon
        && !name.is_empty()
        && !value.is_empty()
        && if as_pymonitor { has_gap } else { has_end && line.is_at_line_end() };
    whole.then_some((name, Amount { value, unit }))
}

impl<'a> Source<'a> for Meminfo<'a> {
    const PATH: &'static str = "meminfo";

    fn take(cursor: &mut Cursor<'a>) -> Self {
        let text = cursor.rest();
        while cursor.word() != b"MemTotal:" && !cursor.is_at_end() {
            cursor.skip_line();
        }
        if cursor.is_at_end() {
            cursor.expected(Expected::MemTotalLine);
        }
        cursor.count();
        Self { text, as_pymonitor: false }
    }
}

impl ToJson for Meminfo<'_> {
    fn write(&self, json: &mut Json<'_>) {
        json.raw(b"{");
        // In pieces as long as can be: with more of them a record takes 5,000 instructions more.
        let mut before = &b"\""[..];
        for (name, amount) in self.iter() {
            json.between(before, name.as_str().as_bytes(), b"\":{\"value\":\"");
            json.between(amount.value.as_str().as_bytes(), b"\",\"unit\":\"", amount.unit.as_str().as_bytes());
            before = b"\"},\"";
        }
        json.raw(if before.len() > 1 { b"\"}}" } else { b"}" });
    }
}
