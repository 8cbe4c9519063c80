//! The exposition format of Prometheus, 0.0.4, with node_exporter's names: see [`super::families`].
//!
//! ```text
//! # HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
//! # TYPE node_cpu_seconds_total counter
//! node_cpu_seconds_total{cpu="0",mode="user"} 69.22
//! ```
//!
//! All samples of a metric stand together. With timestamps the records are read again for each metric: what is kept of
//! them is nothing, however many they are.

mod text;

use self::text::{UNAME, find, is_left_out, label_value, with_point};
use super::args::Options;
use super::chosen::Chosen;
use super::columns::is_fan;
use super::cursor::{Cursor, Value};
use super::error::Error;
use super::families::{self, Row, has};
use super::out::Out;
use super::reader::Reader;
use super::record::Record;
use crate::digits::{self, Digits};
use crate::sys::{self, Uname};
use crate::words;

/// Writes all metrics of one record; or without one, of all that the reader has but the first ones, each sample with
/// its time. How many records there are.
///
/// # Errors
/// Those of the reader.
pub fn write(
    options: &Options,
    record: Option<&Record<'_>>,
    reader: &mut Reader<'_>,
    skipped: u64,
    out: &mut Out,
) -> Result<u64, Error> {
    let uname = Uname::now();
    let mut families = [0; families::BYTES];
    families::inflate(&mut families);
    let (mut rows, mut row) = (&families[..], Row::default());
    let mut records = 0;
    while !rows.is_empty() && out.result.is_ok() {
        row.take(&mut rows);
        let mut keys = row.star();
        // Any keys come in the order of their bytes. The first round has none yet, and finds the first one.
        let is_any = keys == b"*";
        let mut any = Key::new();
        loop {
            let key = if is_any { &any } else { words::take(&mut keys, b',') };
            let (has_timestamps, has_head, next) = (record.is_none(), false, Key::new());
            let mut metric = Metric { out, uname: &uname, row: &row, key, has_timestamps, has_head, next };
            if let Some(record) = record {
                metric.samples(record);
            } else {
                records = 0;
                reader.rewind();
                let mut chosen = Chosen::new(options, skipped);
                while let Some(record) = reader.take()? {
                    if chosen.takes(&record) {
                        metric.samples(&record);
                        records += 1;
                    }
                }
                if records == 0 {
                    return Ok(0);
                }
            }
            any = metric.next;
            if if is_any { any.is_empty() } else { keys.is_empty() } {
                break;
            }
        }
    }
    Ok(records)
}

/// A key that names a metric. A longer one is none.
type Key = heapless::Vec<u8, 64>;

/// A metric.
struct Metric<'m> {
    out: &'m mut Out,
    uname: &'m Uname,
    row: &'m Row<'m>,
    /// What stands for the `*` in its name.
    key: &'m [u8],
    has_timestamps: bool,
    /// Whether HELP and TYPE are written.
    has_head: bool,
    /// Of all keys that were passed over, the first one behind this key.
    next: Key,
}

impl Metric<'_> {
    /// Writes the samples of a record.
    #[inline(never)]
    fn samples(&mut self, record: &Record<'_>) {
        let [path, rest] = self.row.path;
        let mut cursor = Cursor::new(record.json);
        let mut walk = Walk { metric: self, record, labels: heapless::Vec::new(), rest };
        // What is none of ours has no samples.
        let _ = cursor.value();
        let _ = walk.object(cursor, path);
    }

    /// Writes a text with the key and a suffix for its `*`, spelled as a part of a name is: `Active(anon)` →
    /// `Active_anon_bytes`.
    #[inline(never)]
    fn with_key(&mut self, mut text: &[u8], suffix: &str) {
        let length = text.len();
        let before = words::take(&mut text, b'*');
        self.out.add(before);
        if before.len() < length {
            for byte in self.key.iter().filter(|byte| **byte != b')') {
                self.out.add([if byte.is_ascii_alphanumeric() { *byte } else { b'_' }]);
            }
            self.out.add(suffix);
        }
        self.out.add(text);
    }

    /// Writes a text, the name, and text behind it.
    #[inline(never)]
    fn name(&mut self, before: &str, suffix: &str, behind: &str) {
        let [first, second] = self.row.name;
        self.out.add(before).add(first);
        self.with_key(second, suffix);
        self.out.add(behind);
    }
}

/// A way through a record, to the values of a metric.
struct Walk<'w, 'm> {
    metric: &'w mut Metric<'m>,
    record: &'w Record<'w>,
    /// The labels so far: names and values.
    labels: heapless::Vec<(&'w [u8], &'w [u8]), 8>,
    /// The second part of the path.
    rest: &'w [u8],
}

impl<'w, 'm: 'w> Walk<'w, 'm> {
    /// Goes through an object, or through a list, along the path. It calls itself once for each part of the path.
    fn object(&mut self, mut cursor: Cursor<'w>, mut path: &'w [u8]) -> Option<()> {
        let labels = self.labels.len();
        if path.is_empty() {
            path = core::mem::take(&mut self.rest);
        }
        let mut keys = words::take(&mut path, b'/');
        let is_last = path.is_empty() && self.rest.is_empty();
        let rest = self.rest;
        if let Some(mut others) = keys.strip_prefix(b"+") {
            while !others.is_empty() {
                self.other_label(cursor, words::take(&mut others, b'+'));
            }
            return self.object(cursor, path);
        }
        if keys == b"#" {
            while cursor.element()? {
                let mut element = cursor;
                cursor.skip()?;
                element.value()?;
                let name = find(element, b"name").unwrap_or_default();
                self.label(b"cpu", name.strip_prefix(b"cpu").unwrap_or(name));
                self.object(element, path);
                self.labels.truncate(labels);
                self.rest = rest;
            }
            return Some(());
        }
        let label = keys.strip_prefix(b"@").map(|rest| {
            keys = rest;
            words::take(&mut keys, b':')
        });
        while let Some(key) = cursor.key()? {
            let mut inside = cursor;
            cursor.skip()?;
            if !self.is_on_path(key, keys, label.is_some()) {
                continue;
            }
            if let Some(label) = label {
                self.label(label, key);
            }
            match inside.value()? {
                Value::Number(value) | Value::String(value) if is_last => _ = self.value(key, value),
                Value::Object | Value::List if !is_last => _ = self.object(inside, path),
                _ => {}
            }
            self.labels.truncate(labels);
            self.rest = rest;
        }
        Some(())
    }

    /// Whether a key is one of those of the path.
    fn is_on_path(&mut self, key: &[u8], keys: &[u8], is_label: bool) -> bool {
        let metric = &mut *self.metric;
        if keys == b"*" {
            let is_next = key > metric.key && (metric.next.is_empty() || *key < metric.next[..]);
            if is_next && let Ok(next) = Key::from_slice(key) {
                metric.next = next;
            }
            return key == metric.key;
        }
        if is_label && keys.is_empty() {
            return metric.row.path[0] != b"diskstats/@device" || !is_left_out(key);
        }
        // The list of the keys is that of the metrics.
        let mut keys = if !is_label && has(keys, b',') && !metric.key.is_empty() { metric.key } else { keys };
        let mut is_one = false;
        while !keys.is_empty() {
            is_one |= words::take(&mut keys, b',') == key;
        }
        is_one
    }

    #[inline(never)]
    fn label(&mut self, name: &'w [u8], value: &'w [u8]) {
        let _ = self.labels.push((name, value));
    }

    /// Adds the label that a part of a path names: `fstype`, `chip_name:name`, `mode=user`.
    fn other_label(&mut self, object: Cursor<'w>, other: &'w [u8]) {
        let (mut key, mut value) = (other, other);
        let name = words::take(&mut value, b'=');
        if !value.is_empty() {
            return self.label(name, value);
        }
        let name = words::take(&mut key, b':');
        if let Some(value) = find(object, if key.is_empty() { name } else { key }) {
            self.label(name, value);
        }
    }

    /// Writes a sample; nothing where the value is none.
    fn value(&mut self, key: &[u8], text: &'w [u8]) -> Option<()> {
        let (letter, is_pymonitor) = (self.metric.row.letter, self.record.is_pymonitor);
        let (mut text, mut factor, mut suffix) = (text, 1, "");
        match letter {
            b'2' | b'i' if is_pymonitor => text = text.strip_suffix(b"00").unwrap_or(text),
            // pymonitor stores the time of the boot there.
            b'f' if is_pymonitor => return None,
            b'd' if is_fan(key) => return None,
            b'r' if !is_fan(key) => return None,
            b'M' => match self.labels.pop()?.1 {
                b"kB" => (factor, suffix) = (1024, "_bytes"),
                b"" => {}
                _ => return None,
            },
            b's' => factor = 512,
            b'p' => factor = sys::page_size(),
            // The fraction is added.
            b'T' if has(text, b'.') => return None,
            b'x' => text = b"1",
            b'z' => text = b"0",
            b'U' => {
                text = b"1";
                let mut labels = UNAME;
                for field in 0..Uname::FIELDS {
                    self.label(words::word(&mut labels), self.metric.uname.field(field));
                }
            }
            _ => {}
        }
        let mut number = Digits::new();
        if factor == 1 {
            let places = if letter == b'd' { 3 } else { letter.wrapping_sub(b'0') };
            with_point(&mut number, text, if places > 6 { 0 } else { places.into() })?;
        } else {
            number = digits::of(digits::parse(text)?.checked_mul(factor)?);
        }
        let metric = &mut *self.metric;
        if !core::mem::replace(&mut metric.has_head, true) {
            metric.name("# HELP ", suffix, " ");
            metric.with_key(metric.row.help, suffix);
            metric.name("\n# TYPE ", suffix, " ");
            metric.out.add(metric.row.kind()).add("\n");
        }
        metric.name("", suffix, "");
        let out = &mut *metric.out;
        let mut before = "{";
        for (name, value) in &self.labels {
            out.add(before).add(name).add("=\"");
            label_value(value, out);
            before = "\",";
        }
        out.add(if self.labels.is_empty() { " " } else { "\"} " }).add(number);
        if letter == b'T' {
            out.add(".").add(self.record.fraction()).add(if self.record.fraction().is_empty() { "0" } else { "" });
        }
        if metric.has_timestamps {
            out.add(" ").number(self.record.milliseconds().unsigned_abs());
        }
        out.add("\n");
        Some(())
    }
}
