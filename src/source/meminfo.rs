//! `/proc/meminfo`: what memory is used for.
//!
//! `MemTotal:         280840 kB` → `"MemTotal":{"value":"280840","unit":"kB"}`
//!
//! Which names there are depends on the kernel and its configuration, so all of them are taken as they come. A line
//! of another form is skipped: the table that 2.4 kernels begin with, and some later ones still
//! (`Mem:  260579328 136073216 …`).

use serde::{Serialize, Serializer};

use super::Source;
use crate::scan::{Cursor, Expected, Text, is_plain, object};

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

object!(Amount: value, unit);

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

impl Serialize for Meminfo<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn entries(text: &str) -> Vec<(&str, &str, &str)> {
        let meminfo = Meminfo { text: text.as_bytes(), as_pymonitor: false };
        meminfo.iter().map(|(name, amount)| (name.as_str(), amount.value.as_str(), amount.unit.as_str())).collect()
    }

    #[test]
    fn lines_keep_their_order_name_value_and_unit() {
        let text = "MemTotal:  280840 kB\nActive(anon):  0 kB\nHugePages_Total:   0\nDirectMap4k: 1 kB";
        let expected = [
            ("MemTotal", "280840", "kB"),
            ("Active(anon)", "0", "kB"),
            ("HugePages_Total", "0", ""),
            ("DirectMap4k", "1", "kB"),
        ];
        assert_eq!(entries(text), expected);
    }

    #[test]
    fn what_is_wrong_is_placed() {
        use crate::scan::ParseError;
        for (text, offset, expected) in [
            ("", 0, Expected::MemTotalLine),
            ("MemFree: 1 kB\n\u{1}\u{ff}\n", 18, Expected::MemTotalLine),
            ("MemTotal: 1 kB\nMemFree: 12", 26, Expected::Newline),
            ("MemTotal: 1 kB\nMemFree: 12 k", 28, Expected::Newline),
            ("MemTotal: x\n", 10, Expected::Digit),
        ] {
            assert_eq!(Meminfo::parse(text.as_bytes()), Err(ParseError { offset, expected }), "{text}");
        }
        for text in ["MemFree: 1 kB\nMemTotal: 2 kB\n", "MemTotal: 1 kB\r\nMemFree: 2 kB"] {
            assert!(Meminfo::parse(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn no_blank_after_the_colon_is_needed() {
        assert_eq!(entries("SwapFree:18014398503714728 kB\n"), [("SwapFree", "18014398503714728", "kB")]);
    }

    #[test]
    fn carriage_returns_end_lines() {
        assert_eq!(entries("A: 1 kB\r\nB: 2\r\n"), [("A", "1", "kB"), ("B", "2", "")]);
    }

    #[test]
    fn the_table_of_linux_2_4_is_skipped() {
        let text = "        total:    used:    free:\nMem:  260579328 136073216 124506112\nSwap:        0        0        0\nMemTotal: 7 kB\n";
        assert_eq!(entries(text), [("MemTotal", "7", "kB")]);
    }

    #[test]
    fn pymonitor_minds_other_things() {
        let text = "Mem:  5 6 7\nA:1 kB\n B: 1 kB\nC-D: 1\nE:\t1.5\nF: 2kB\nG_(h): 3 k_2B!\nI: x\nJ: 4\r\n: 5\nK: 6 kB";
        let meminfo = Meminfo { text: text.as_bytes(), as_pymonitor: true };
        let found = meminfo.iter().map(|(name, amount)| (name.as_str(), amount.value.as_str(), amount.unit.as_str()));
        let expected = [
            ("Mem", "5", "6"),
            ("E", "1", ""),
            ("F", "2", "kB"),
            ("G_(h)", "3", "k_2B"),
            ("J", "4", ""),
            ("K", "6", "kB"),
        ];
        assert!(found.eq(expected));
    }

    #[test]
    fn lines_of_another_form_are_skipped() {
        let text = "\n:\n: 5 kB\nA\nB:\nC: x\nD: -1 kB\nE: 1 kB kB\nF: 1 2\nG\"H: 1 kB\nI\\: 1\nJ K: 1\n\u{e4}: 1\nL: 1.5 kB\nN: 5kB\nM: 1 kB";
        assert_eq!(entries(text), [("M", "1", "kB")]);
    }
}
