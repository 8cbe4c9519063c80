//! `/proc/uptime`: how long the system runs, and how long its CPUs had nothing to do.
//!
//! `6244.31 11647.12` → `"uptime":{"total":6244.31,"idle":11647.12}`

use super::Source;
use crate::json::object;
use crate::scan::{Cursor, Number};

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
