//! The record: one struct, in the order of the JSON.

use crate::json::{Json, ToJson, object};
use crate::scan::{Number, Text};
use crate::source::{Loadavg, Meminfo, Stat, Uptime};

/// What one line of the log says.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The local time: ISO 8601 with six digits of microseconds, without an offset.
    pub time: Text<'a>,
    /// The same instant in seconds since 1970-01-01 00:00 UTC.
    pub timestamp: Number<'a>,
    /// `/proc/stat`.
    pub cpu_data: Stat<'a>,
    /// `/proc/uptime`.
    pub uptime: Uptime<'a>,
    /// `/proc/loadavg`.
    pub loadavg: Loadavg<'a>,
    /// `/proc/meminfo`.
    pub meminfo: Meminfo<'a>,
}

object!(Record: time, timestamp, cpu_data, uptime, loadavg, meminfo);

impl Record<'_> {
    /// Writes a newline, `<timestamp> - {JSON}` and a newline. The first newline is for a log whose last line has none.
    pub fn write_line(&self, line: &mut Json<'_>) {
        line.raw(b"\n");
        line.raw(self.timestamp.digits());
        line.raw(b" - ");
        self.write(line);
        line.raw(b"\n");
    }
}
