//! The lines `cpu` and `cpu<number>` of `/proc/stat`.
//!
//! Linux 2.4 has four columns, each later kernel the same or more; the missing ones count as 0. `guest_nice`, the
//! tenth, is not in the record.

use serde::{Serialize, Serializer};

use crate::scan::{Count, Cursor, ParseError, Text};

/// What one CPU did since the boot, or all together. Times are in ticks of 1/`USER_HZ` s, which is 1/100 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cpu<'a> {
    /// `cpu`, or `cpu` and a number.
    pub name: Text<'a>,
    /// Time in user mode, guests included.
    pub user: Count<'a>,
    /// Time in user mode with low priority.
    pub nice: Count<'a>,
    /// Time in the kernel.
    pub system: Count<'a>,
    /// Time not doing anything. Can go backwards.
    pub idle: Count<'a>,
    /// Time not doing anything while a disk was awaited. Can go backwards.
    pub iowait: Count<'a>,
    /// Time serving interrupts.
    pub irq: Count<'a>,
    /// Time serving softirqs.
    pub softirq: Count<'a>,
    /// Time the hypervisor gave to others.
    pub steal: Count<'a>,
    /// Time running guests of KVM; `user` has it too.
    pub guest: Count<'a>,
}

impl<'a> Cpu<'a> {
    /// Takes what follows the name on a line: at least the four columns that every kernel has.
    pub(super) fn parse(name: Text<'a>, cursor: &mut Cursor<'a>) -> Result<Self, ParseError> {
        let start = *cursor;
        Self::check(cursor)?;
        Ok(Self::checked(name, start))
    }

    /// Goes behind the times and checks them: at least the four columns that every kernel has.
    pub(super) fn check(cursor: &mut Cursor<'_>) -> Result<(), ParseError> {
        cursor.counts(4).map(drop)
    }

    /// Takes the times that [`Cpu::check`] went behind.
    fn checked(name: Text<'a>, mut times: Cursor<'a>) -> Self {
        let [user, nice, system, idle, iowait, irq, softirq, steal, guest] =
            core::array::from_fn(|_| times.checked_count().unwrap_or(Count::ZERO));
        Self { name, user, nice, system, idle, iowait, irq, softirq, steal, guest }
    }
}

/// The CPUs of `/proc/stat`: the text from the first of their lines to the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpus<'a>(&'a str);

impl<'a> Cpus<'a> {
    /// Views `text`, every CPU's line of which [`Cpu::check`] went behind.
    pub(super) const fn checked(text: &'a str) -> Self {
        Self(text)
    }

    /// The CPUs in the order of the lines.
    pub fn iter(&self) -> impl Iterator<Item = Cpu<'a>> + use<'a> {
        let mut cursor = Cursor::new(self.0);
        core::iter::from_fn(move || {
            while !cursor.is_at_end() {
                let cpu = numbered(cursor.word()).map(|name| Cpu::checked(name, cursor));
                cursor.skip_line();
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
pub(super) fn numbered(name: &str) -> Option<Text<'_>> {
    let number = name.strip_prefix("cpu")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Text::checked(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Stat};
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn names(text: &str) -> Vec<&str> {
        Stat::parse(text).expect(text).cpus.iter().map(|cpu| cpu.name.as_str()).collect()
    }

    #[test]
    fn gaps_in_the_numbers_stay() {
        let text = "cpu 1 1 1 1\ncpu0 1 1 1 1\ncpu3 1 1 1 1\ncpu17 1 1 1 1\nctxt 1\n";
        assert_eq!(names(text), ["cpu0", "cpu3", "cpu17"]);
    }

    #[test]
    fn other_lines_between_are_no_cpus() {
        let text = "cpu0 1 1 1 1\n\ncpufreq 1\ncpu 2 2 2 2\r\ncpu1 1 1 1 1\r\nctxt 1\n";
        assert_eq!(names(text), ["cpu0", "cpu1"]);
    }

    #[test]
    fn zeros_count_and_blanks_between_them_do_not() {
        for text in ["cpu  0 0 0 0\n", "cpu 0  0 0 0\n", "cpu 0 \t 0  0 0  \n", "cpu 0 0 0 0 0 0 0 0 0 0\n"] {
            assert_eq!(Stat::parse(text).map(|stat| stat.cpu_total.idle.value()), Ok(0), "{text}");
        }
        for text in ["cpu 0 0 0\n", "cpu 0  0  0 \n", "cpu\n"] {
            assert!(Stat::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn columns_from_4_to_12_are_taken_and_missing_ones_count_as_0() {
        for columns in 4..=12 {
            let text = (1..=columns).fold(String::from("cpu "), |text, column: u64| text + " " + &column.to_string());
            let cpu = Stat::parse(&text).expect(&text).cpu_total;
            let Cpu { user, nice, system, idle, iowait, irq, softirq, steal, guest, .. } = cpu;
            let times = [user, nice, system, idle, iowait, irq, softirq, steal, guest].map(|time| time.value());
            assert!(times.into_iter().eq((1..=9).map(|column| if column <= columns { column } else { 0 })), "{text}");
        }
    }
}
