//! `/proc/uptime`: how long the system runs, and how long its CPUs had nothing to do.
//!
//! `6244.31 11647.12` → `"uptime":{"total":6244.31,"idle":11647.12}`

use super::Source;
use crate::scan::{Cursor, Number, object};

/// `proc_uptime(5)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uptime<'a> {
    /// Time since the boot, in seconds, time in suspend included.
    pub total: Number<'a>,
    /// Time that all CPUs together were idle, in seconds.
    pub idle: Number<'a>,
}

object!(Uptime: total, idle);

impl<'a> Source<'a> for Uptime<'a> {
    const PATH: &'static str = "uptime";

    fn take(cursor: &mut Cursor<'a>) -> Self {
        let uptime = Self { total: cursor.decimal(), idle: cursor.decimal() };
        cursor.line_end();
        uptime
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Expected, ParseError};

    #[test]
    fn the_numbers_are_the_kernels_and_one_decimal_as_from_lxcfs_is_enough() {
        let texts = [
            ("6244.31 11647.10\n", ["6244.31", "11647.10"]),
            ("0.0 0.0\n", ["0.0", "0.0"]),
            // Two decimals show that nothing was cut but the newline.
            ("6244.31 11647.10", ["6244.31", "11647.10"]),
        ];
        for (text, expected) in texts {
            let uptime = Uptime::parse(text.as_bytes()).unwrap();
            assert_eq!([uptime.total, uptime.idle].map(|time| time.digits()), expected.map(str::as_bytes));
        }
    }

    #[test]
    fn what_is_wrong_is_placed() {
        for (text, offset, expected) in [
            ("", 0, Expected::Digit),
            ("1.5\n", 3, Expected::Digit),
            ("1.5\n2.5\n", 3, Expected::Digit),
            ("1 2\n", 1, Expected::Point),
            ("1. 2.0\n", 2, Expected::Digit),
            ("1.5x 2.0\n", 3, Expected::Digit),
            ("1.5 -2.0\n", 4, Expected::Digit),
            ("01.5 2.0\n", 0, Expected::NoLeadingZero),
            ("1.5 1e3\n", 5, Expected::Point),
            ("1.50 2.50 3.50\n", 10, Expected::Newline),
            ("1.50 2.5", 8, Expected::Newline),
        ] {
            assert_eq!(Uptime::parse(text.as_bytes()), Err(ParseError { offset, expected }), "{text}");
        }
    }
}
