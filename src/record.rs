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
    /// What else was asked for: entries of JSON, each with a comma before it.
    pub more: &'a [u8],
}

object!(Record: time, timestamp, cpu_data, uptime, loadavg, meminfo; more);

impl Record<'_> {
    /// Writes a newline, `<timestamp> - {JSON}` and a newline into the beginning of `room`; the number of bytes, or
    /// nothing if they do not fit. The first newline is for a log whose last line has none.
    pub fn write_line(&self, room: &mut [u8]) -> Option<usize> {
        let mut line = Json::new(room);
        line.raw(b"\n");
        line.raw(self.timestamp.digits());
        line.raw(b" - ");
        self.write(&mut line);
        line.raw(b"\n");
        line.finish()
    }
}
