//! The record: one struct, in the order of the JSON.

use serde::Serialize;
use serde_json_core::ser::Serializer;

use crate::scan::{Number, Raw, Text, object};
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
    /// Writes a newline, `<timestamp> - {JSON}` and a newline into the beginning of `room`; the number of bytes, or
    /// nothing if they do not fit. The first newline is for a log whose last line has none.
    pub fn write_line(&self, room: &mut [u8]) -> Option<usize> {
        let mut line = Serializer::new(room);
        Raw(b"\n").serialize(&mut line).ok()?;
        self.timestamp.serialize(&mut line).ok()?;
        Raw(b" - ").serialize(&mut line).ok()?;
        self.serialize(&mut line).ok()?;
        Raw(b"\n").serialize(&mut line).ok()?;
        Some(line.end())
    }
}
