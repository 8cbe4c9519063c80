//! The lines `cpu` and `cpu<number>` of `/proc/stat`.
//!
//! Linux 2.4 has four columns, each later kernel the same or more; the missing ones count as 0. `guest_nice`, the
//! tenth, is not in the record.

use core::iter;

use crate::json::{Json, ToJson};
use crate::scan::{Count, Counts, Cursor, Text};

/// What one CPU did since the boot, or all together. Times are in ticks of 1/`USER_HZ` s, which is 1/100 s:
///
/// - `user`: in user mode, guests included
/// - `nice`: in user mode with low priority
/// - `system`: in the kernel
/// - `idle`: not doing anything; can go backwards
/// - `iowait`: not doing anything while a disk was awaited; can go backwards
/// - `irq`: serving interrupts
/// - `softirq`: serving softirqs
/// - `steal`: given to others by the hypervisor
/// - `guest`: running guests of KVM; `user` has it too
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpu<'a> {
    /// `cpu`, or `cpu` and a number.
    pub name: Text<'a>,
    /// The columns of the line, as many as the kernel has.
    columns: Counts<'a>,
}

/// The columns that every kernel has.
pub(super) const LEAST: usize = 4;

/// The keys of the times in JSON, in the order of the columns, each with the comma before it, and how long each is. A
/// table of texts would have twice the bytes.
const KEYS: &str = ",\"user\":,\"nice\":,\"system\":,\"idle\":,\"iowait\":,\"irq\":,\"softirq\":,\"steal\":,\"guest\":";
const LENGTHS: [u8; 9] = [8, 8, 10, 8, 10, 7, 11, 9, 9];

impl<'a> Cpu<'a> {
    /// Takes what follows the name on a line: at least [`LEAST`] columns.
    pub(super) fn parse(name: Text<'a>, cursor: &mut Cursor<'a>) -> Self {
        Self { name, columns: cursor.counts(LEAST) }
    }

    /// The times, each with its name.
    pub fn times(&self) -> impl Iterator<Item = (&'static str, Count<'a>)> + use<'a> {
        self.entries().map(|(key, time)| (key.trim_matches([',', '"', ':']), time))
    }

    fn entries(&self) -> impl Iterator<Item = (&'static str, Count<'a>)> + use<'a> {
        let (mut keys, mut columns) = (KEYS, self.columns.iter());
        LENGTHS.iter().map(move |length| {
            let (key, behind) = keys.split_at_checked(usize::from(*length)).unwrap_or_default();
            keys = behind;
            (key, columns.next().unwrap_or(Count::ZERO))
        })
    }
}

impl ToJson for Cpu<'_> {
    fn write(&self, json: &mut Json<'_>) {
        json.raw(b"{\"name\":");
        self.name.write(json);
        for (key, time) in self.entries() {
            time.write_behind(key, json);
        }
        json.raw(b"}");
    }
}

/// The CPUs of `/proc/stat`: the text from the first of their lines to the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpus<'a>(&'a [u8]);

impl<'a> Cpus<'a> {
    /// Views `text`, of which every CPU's line was taken before.
    pub(super) const fn trusted(text: &'a [u8]) -> Self {
        Self(text)
    }

    /// The CPUs in the order of the lines.
    pub fn iter(&self) -> impl Iterator<Item = Cpu<'a>> + use<'a> {
        let mut cursor = Cursor::new(self.0);
        iter::from_fn(move || {
            while !cursor.is_at_end() {
                let name = numbered(cursor.word());
                let columns = cursor.trusted_counts();
                let cpu = name.map(|name| Cpu { name, columns });
                if cpu.is_some() {
                    return cpu;
                }
            }
            None
        })
    }
}

impl ToJson for Cpus<'_> {
    fn write(&self, json: &mut Json<'_>) {
        json.raw(b"[");
        for cpu in self.iter() {
            json.comma();
            cpu.write(json);
        }
        json.raw(b"]");
    }
}

/// The name of a single CPU, if this is one: `cpu` and a number.
pub(super) fn numbered(name: &[u8]) -> Option<Text<'_>> {
    let number = name.strip_prefix(b"cpu")?;
    let is_number = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    is_number.then(|| Text::start_of(name))
}
