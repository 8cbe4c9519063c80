//! `/proc/loadavg`: how many tasks want to run.
//!
//! `0.01 0.02 0.00 2/339 5328` →
//! `"loadavg":{"loadavg_1m":0.01,…,"current_procs":"2","total_procs":"339","last_pid":5328}`

use super::Source;
use crate::json::object;
use crate::scan::{Count, Cursor, Expected, Number, Text};

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
