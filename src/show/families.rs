//! What Prometheus gets of a record: `families.txt` has a row for each metric, or for several that are named alike.
//!
//! ```text
//! / node_network_ netdev/@device
//! c 0 *_total receive_bytes,receive_packets Network device statistic *.
//! ```
//!
//! A row is the type (counter, gauge, untyped), a letter for what becomes of the value, the name, where the values are
//! in the record, and the help. Before name and place goes what the row with the `/` above says. Names, types and helps
//! are node_exporter's.
//!
//! | in a place | which keys |
//! | --- | --- |
//! | `a`, `a,b` | this one, these; each a metric of its own where the name has a `*` |
//! | `*` | all, each a metric of its own |
//! | `@label`, `@label:a,b` | all, these; the key is the value of this label |
//! | `#` | none: a list, of which each element has the label `cpu` of its `name` |
//! | `+label`, `+label:key`, `+label=value` | none: another label, the value of that key, or this one |
//!
//! | letter | what becomes of a value |
//! | --- | --- |
//! | `0` to `6` | so many digits stand behind the point: of ticks of 1/100 s, milliseconds, microseconds |
//! | `i`, `f` | interrupts, which pymonitor multiplies by 100, as ticks; forks, which it does not have |
//! | `M` | kB → bytes, which the name then tells; pages stay |
//! | `s`, `p` | sectors of 512 bytes, pages → bytes |
//! | `d`, `r` | of a sensor: 1/1000 °C → °C, if it is no fan; nothing, if it is one |
//! | `x`, `z` | it is 1; it is 0 |
//! | `T`, `U` | the second and its fraction; the labels of uname(2) and 1 |

use super::inflate::Inflate;
use crate::config::bytes;
use crate::sys::Fd;
use crate::words;

/// Bytes of the rows.
pub const BYTES: usize = bytes(env!("PROCLINE_FAMILIES"));

/// `families.txt`, deflated by `build.rs`: a third of its bytes.
static DEFLATED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/families.deflate"));

// What is more would be missing at the end.
const _: () = assert!(DEFLATED.len() <= Inflate::BEGIN);

/// Inflates the rows into this array.
pub fn inflate(room: &mut [u8; BYTES]) {
    // It ends where the array is full, so nothing is read of the file.
    let _ = Inflate::of_block(DEFLATED).read(&Fd::STDERR, room, &mut 0);
}

/// A row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row<'t> {
    /// `c`, `g` or `u`.
    kind: u8,
    /// What becomes of the values.
    pub letter: u8,
    /// The name, in two parts.
    pub name: [&'t [u8]; 2],
    /// Where the values are, in two parts.
    pub path: [&'t [u8]; 2],
    /// The help.
    pub help: &'t [u8],
}

impl<'t> Row<'t> {
    /// Goes on to the next row.
    #[inline(never)]
    pub fn take(&mut self, rows: &mut &'t [u8]) {
        loop {
            let mut line = words::take(rows, b'\n');
            let mut part = || words::take(&mut line, b' ');
            let kind = part().first().copied().unwrap_or_default();
            if kind == b'/' {
                (self.name[0], self.path[0]) = (part(), part());
                continue;
            }
            let letter = part().first().copied().unwrap_or_default();
            let (name, path) = (part(), part());
            (self.kind, self.letter, self.name[1], self.path[1], self.help) = (kind, letter, name, path, line);
            return;
        }
    }

    /// The type.
    pub const fn kind(&self) -> &'static str {
        match self.kind {
            b'c' => "counter",
            b'g' => "gauge",
            _ => "untyped",
        }
    }

    /// The keys that stand for the `*` of the name: a list, or `*` for any; none where the name has no `*`.
    pub fn star(&self) -> &'t [u8] {
        let mut path = if has(self.name[1], b'*') { self.path[1] } else { b"" };
        while !path.is_empty() {
            let keys = words::take(&mut path, b'/');
            if keys == b"*" || has(keys, b',') {
                return keys;
            }
        }
        b""
    }
}

/// Whether a text has this byte.
#[inline(never)]
#[expect(clippy::manual_contains, reason = "this loop is 20 bytes, core's search for a byte 400")]
pub fn has(text: &[u8], byte: u8) -> bool {
    text.iter().any(|other| *other == byte)
}
