//! The lines `cpu` and `cpu<number>` of `/proc/stat`.
//!
//! Linux 2.4 has four columns, each later kernel the same or more; the missing ones count as 0. `guest_nice`, the
//! tenth, is not in the record.

use core::iter;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

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

/// The times, in the order of the columns.
const TIMES: [&str; 9] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"];

impl<'a> Cpu<'a> {
    /// Takes what follows the name on a line: at least [`LEAST`] columns.
    pub(super) fn parse(name: Text<'a>, cursor: &mut Cursor<'a>) -> Self {
        Self { name, columns: cursor.counts(LEAST) }
    }

    /// The times, each with its name.
    pub fn times(&self) -> impl Iterator<Item = (&'static str, Count<'a>)> + use<'a> {
        let mut columns = self.columns.iter();
        TIMES.iter().map(move |name| (*name, columns.next().unwrap_or(Count::ZERO)))
    }
}

impl Serialize for Cpu<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut cpu = serializer.serialize_map(None)?;
        cpu.serialize_entry(&Text::key("name"), &self.name)?;
        for (name, time) in self.times() {
            cpu.serialize_entry(&Text::key(name), &time)?;
        }
        cpu.end()
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

impl Serialize for Cpus<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The name of a single CPU, if this is one: `cpu` and a number.
pub(super) fn numbered(name: &[u8]) -> Option<Text<'_>> {
    let number = name.strip_prefix(b"cpu")?;
    let is_number = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    is_number.then(|| Text::start_of(name))
}

#[cfg(test)]
mod tests {
    use crate::source::{Source, Stat};
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn names(text: &str) -> Vec<&str> {
        Stat::parse(text.as_bytes()).expect(text).cpus.iter().map(|cpu| cpu.name.as_str()).collect()
    }

    #[test]
    fn gaps_in_the_numbers_stay() {
        let text = "cpu 1 1 1 1\ncpu0 1 1 1 1\ncpu3 1 1 1 1\ncpu17 1 1 1 1\nbtime 1\n";
        assert_eq!(names(text), ["cpu0", "cpu3", "cpu17"]);
    }

    #[test]
    fn other_lines_between_are_no_cpus() {
        let text = "cpu0 1 1 1 1\n\ncpufreq 1\ncpu 2 2 2 2\r\ncpu1 1 1 1 1\r\nbtime 1\n";
        assert_eq!(names(text), ["cpu0", "cpu1"]);
    }

    #[test]
    fn zeros_count_and_blanks_between_them_do_not() {
        for line in ["cpu  0 0 0 0\n", "cpu 0  0 0 0\n", "cpu 0 \t 0  0 0  \n", "cpu 0 0 0 0 0 0 0 0 0 0\n"] {
            let text = String::from(line) + "btime 1\n";
            let total = Stat::parse(text.as_bytes()).expect(&text).cpu_total;
            assert_eq!(total.times().map(|(_, time)| time.value()).collect::<Vec<_>>(), [0; 9], "{text}");
        }
        for text in ["cpu 0 0 0\n", "cpu 0  0  0 \n", "cpu\n"] {
            assert!(Stat::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn columns_from_4_to_12_are_taken_and_missing_ones_count_as_0() {
        for columns in 4..=12 {
            let text = (1..=columns).fold(String::from("cpu "), |text, column: u64| text + " " + &column.to_string());
            let text = text + "\nbtime 1\n";
            let cpu = Stat::parse(text.as_bytes()).expect(&text).cpu_total;
            let times = cpu.times().map(|(_, time)| time.value());
            assert!(times.eq((1..=9).map(|column| if column <= columns { column } else { 0 })), "{text}");
        }
    }
}
