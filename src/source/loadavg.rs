//! `/proc/loadavg`: how many tasks want to run.
//!
//! `0.01 0.02 0.00 2/339 5328` → `"loadavg":{"loadavg_1m":0.01,…,"current_procs":"2","total_procs":"339","last_pid":5328}`

use super::Source;
use crate::scan::{Count, Cursor, Expected, Number, Text, object};

/// `proc_loadavg(5)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loadavg<'a> {
    /// Tasks that run or wait for a CPU or a disk, averaged over 1 minute.
    pub loadavg_1m: Number<'a>,
    /// The same, averaged over 5 minutes.
    pub loadavg_5m: Number<'a>,
    /// The same, averaged over 15 minutes.
    pub loadavg_15m: Number<'a>,
    /// Tasks that can run at this moment. A string in the record.
    pub current_procs: Text<'a>,
    /// All tasks there are. A string in the record.
    pub total_procs: Text<'a>,
    /// The PID last given out, in the PID namespace of the reader.
    pub last_pid: Count<'a>,
}

object!(Loadavg: loadavg_1m, loadavg_5m, loadavg_15m, current_procs, total_procs, last_pid);

impl<'a> Source<'a> for Loadavg<'a> {
    const PATH: &'static str = "loadavg";

    fn take(cursor: &mut Cursor<'a>) -> Self {
        let loads = [cursor.decimal(), cursor.decimal(), cursor.decimal()];
        cursor.skip_blanks();
        let current_procs = cursor.integer();
        if !cursor.byte(b'/') {
            cursor.expected(Expected::Slash);
        }
        let total_procs = cursor.integer();
        let last_pid = cursor.count();
        cursor.line_end();
        let [loadavg_1m, loadavg_5m, loadavg_15m] = loads;
        Self { loadavg_1m, loadavg_5m, loadavg_15m, current_procs, total_procs, last_pid }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::ParseError;

    #[test]
    fn every_field_is_taken() {
        let found = Loadavg::parse(b"0.01 12.50 0.00 2/339 4193111\n").unwrap();
        let loads = [found.loadavg_1m, found.loadavg_5m, found.loadavg_15m];
        assert_eq!(loads.map(|load| load.digits()), [&b"0.01"[..], b"12.50", b"0.00"]);
        assert_eq!([found.current_procs, found.total_procs].map(|text| text.as_str()), ["2", "339"]);
        assert_eq!(found.last_pid.value(), 4_193_111);
    }

    #[test]
    fn what_is_wrong_is_placed() {
        for (text, offset, expected) in [
            ("0.01 0.02\n0.00 2/339 1\n", 9, Expected::Digit),
            ("0.01 0.02 0.00 2 339 1\n", 16, Expected::Slash),
            ("0.01 0.02 0.00 /339 1\n", 15, Expected::Digit),
            ("0.01 0.02 0.00 1/ 2 3\n", 17, Expected::Digit),
            ("0.01 0.02 0.00 2/339\n", 20, Expected::Digit),
            ("0.01 0.02 0.00 2/339x 1\n", 20, Expected::Digit),
            ("0.01 0.02 0.00 2/339 01\n", 21, Expected::NoLeadingZero),
            ("0.01 0.02 0.00 2/339 18446744073709551616\n", 21, Expected::SmallerNumber),
            ("0.01 0.02 0.00 2/339 1 2\n", 23, Expected::Newline),
            ("0.01 0.02 0.00 2/339 53", 23, Expected::Newline),
        ] {
            assert_eq!(Loadavg::parse(text.as_bytes()), Err(ParseError { offset, expected }), "{text}");
        }
    }
}
