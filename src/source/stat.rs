//! `/proc/stat`: what the CPUs did since the boot, and what interrupted them.
//!
//! `cpu0 542 0 1405 17385 313 0 14 0 0 0` → `{"name":"cpu0","user":542,"nice":0,"system":1405,"idle":17385,…}`
//!
//! Lines of other names (`page`, `swap`, `disk_io:`) are skipped, and so are empty ones. No line but `cpu` must be
//! there, and no order is assumed.

mod cpu;

use super::Source;
use crate::scan::{Count, Counts, Cursor, Expected, Text, object};

pub use cpu::{Cpu, Cpus};

/// `proc_stat(5)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat<'a> {
    /// All CPUs together. Not the sum of the single ones, which come and go.
    pub cpu_total: Cpu<'a>,
    /// The CPUs that are online. Their numbers can have gaps.
    pub cpus: Cpus<'a>,
    /// Interrupts served since the boot.
    pub intr: Intr<'a>,
    /// Context switches since the boot.
    pub ctxt: Count<'a>,
    /// The time of the boot, in seconds since 1970-01-01 00:00 UTC.
    pub btime: Count<'a>,
    /// Processes and threads created since the boot.
    pub processes: Count<'a>,
    /// Tasks that run or wait for a CPU.
    pub procs_running: Count<'a>,
    /// Tasks that wait for a disk.
    pub procs_blocked: Count<'a>,
    /// Softirqs served since the boot: their total, then one count for each kind. Empty before Linux 2.6.31.
    pub softirq: Counts<'a>,
}

object!(Stat: cpu_total, cpus, intr, ctxt, btime, processes, procs_running, procs_blocked, softirq);

/// The line `intr` of `proc_stat(5)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intr<'a> {
    /// All interrupts, unnumbered ones included.
    pub total: Count<'a>,
    /// Interrupts by number. Empty where the kernel tells the total alone.
    pub counters: Counts<'a>,
}

object!(Intr: total, counters);

impl<'a> Source<'a> for Stat<'a> {
    const PATH: &'static str = "stat";

    fn take(cursor: &mut Cursor<'a>) -> Self {
        let mut stat = Self {
            cpu_total: Cpu::default(),
            cpus: Cpus::default(),
            intr: Intr { total: Count::ZERO, counters: Counts::default() },
            ctxt: Count::ZERO,
            btime: Count::default(),
            processes: Count::ZERO,
            procs_running: Count::ZERO,
            procs_blocked: Count::ZERO,
            softirq: Counts::default(),
        };
        let mut first_cpu = None;
        while !cursor.is_at_end() {
            let line = cursor.rest();
            let name = cursor.word();
            // A pattern of bytes would be compared byte by byte, which takes the program more.
            match stat.single(name) {
                Some(count) => {
                    *count = cursor.count();
                    cursor.line_end();
                }
                None if name == b"cpu" => stat.cpu_total = Cpu::parse(Text::start_of(name), cursor),
                None if name == b"intr" => stat.intr = Intr { total: cursor.count(), counters: cursor.counts(0) },
                None if name == b"softirq" => stat.softirq = cursor.counts(0),
                None if cpu::numbered(name).is_some() => {
                    cursor.counts(cpu::LEAST);
                    stat.cpus = Cpus::trusted(cursor.since(first_cpu.get_or_insert(line)));
                }
                None => {}
            }
            cursor.skip_line();
        }
        if stat.cpu_total.name.is_empty() {
            cursor.expected(Expected::CpuLine);
        }
        if stat.btime == Count::default() {
            cursor.expected(Expected::BtimeLine);
        }
        stat
    }
}

impl<'a> Stat<'a> {
    /// The place of the count that a line of this name has.
    fn single(&mut self, name: &[u8]) -> Option<&mut Count<'a>> {
        if name == b"ctxt" {
            Some(&mut self.ctxt)
        } else if name == b"btime" {
            Some(&mut self.btime)
        } else if name == b"processes" {
            Some(&mut self.processes)
        } else if name == b"procs_running" {
            Some(&mut self.procs_running)
        } else if name == b"procs_blocked" {
            Some(&mut self.procs_blocked)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::ParseError;
    use std::string::String;
    use std::vec::Vec;

    fn values(counts: Counts<'_>) -> Vec<u64> {
        counts.iter().map(|count| count.value()).collect()
    }

    fn times(stat: &Stat<'_>) -> Vec<u64> {
        stat.cpu_total.times().map(|(_, time)| time.value()).collect()
    }

    fn parsed(text: &str) -> Stat<'_> {
        Stat::parse(text.as_bytes()).expect(text)
    }

    #[test]
    fn every_line_is_taken() {
        let stat = parsed(
            "cpu  9 2 3 4\nintr 70 0 69 1\nctxt 5\nbtime 6\nprocesses 7\nprocs_running 8\nprocs_blocked 1\nsoftirq 12 5 7\n",
        );
        assert_eq!(times(&stat)[0], 9);
        assert_eq!((stat.intr.total.value(), values(stat.intr.counters)), (70, [0, 69, 1].to_vec()));
        let single = [stat.ctxt, stat.btime, stat.processes, stat.procs_running, stat.procs_blocked];
        assert_eq!(single.map(|count| count.value()), [5, 6, 7, 8, 1]);
        assert_eq!(values(stat.softirq), [12, 5, 7]);
    }

    #[test]
    fn fields_after_a_long_intr_line_are_found() {
        let text = String::from("cpu 1 2 3 4\nintr 5") + &" 0".repeat(20_000) + "\nctxt 6\nbtime 7\n";
        let stat = parsed(&text);
        assert_eq!((stat.intr.counters.iter().count(), stat.ctxt.value()), (20_000, 6));
    }

    #[test]
    fn a_total_alone_as_on_ia64_leaves_the_counters_empty() {
        let stat = parsed("cpu 1 2 3 4\nintr 5\nbtime 7\n");
        assert_eq!((stat.intr.total.value(), values(stat.intr.counters)), (5, Vec::new()));
    }

    #[test]
    fn missing_lines_count_as_0_or_empty() {
        let stat = parsed("cpu 1 2 3 4\nbtime 0\n");
        let single = [stat.intr.total, stat.ctxt, stat.btime, stat.processes, stat.procs_running, stat.procs_blocked];
        assert_eq!(single, [Count::ZERO; 6]);
        assert_eq!((values(stat.intr.counters), values(stat.softirq)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_last_line_whose_counts_add_up_needs_no_newline() {
        for (softirq, adds_up) in [
            ("12 5 7", true),
            ("4294967299 4294967295 4", true),
            ("3 4294967295 4", true),
            ("12 5 7 ", true),
            ("12 5 ", false),
            ("12 5 71", false),
            ("1", false),
            ("", false),
        ] {
            let text = String::from("cpu 1 2 3 4\nbtime 5\nsoftirq ") + softirq;
            let expected = (!adds_up).then_some(ParseError { offset: text.len(), expected: Expected::Newline });
            assert_eq!(Stat::parse(text.as_bytes()).err(), expected, "{text}");
        }
    }

    #[test]
    fn blank_and_unknown_lines_are_skipped() {
        let stat = parsed(
            "\n\ncpu 1 2 3 4\n\npage 1 x\nswap 0 0\ndisk_io: (3,0):(1,1,2,0,0)\ncpufreq 1\nctxtx 1\n \nctxt 9\nbtime 1\n",
        );
        assert_eq!((stat.ctxt.value(), stat.cpus.iter().count()), (9, 0));
    }

    #[test]
    fn a_counter_can_be_as_large_as_64_bits() {
        let stat = parsed("cpu 18446744073709551615 18446744073709551615 0 0\nbtime 1\n");
        assert_eq!(times(&stat)[..2], [u64::MAX, u64::MAX]);
    }

    #[test]
    fn what_is_wrong_is_placed() {
        for (text, offset, expected) in [
            ("", 0, Expected::CpuLine),
            ("cpu0 1 2 3 4\nctxt 5\n", 20, Expected::CpuLine),
            ("cpu 1 2 3\n", 9, Expected::Digit),
            ("cpu 1 2 3 4 5 6 7 8 9 10 11 x\n", 28, Expected::Digit),
            ("cpu 1 2 3 4\ncpu0 12x 2 3 4\n", 19, Expected::Digit),
            ("cpu 1 2 3 4\nctxt\n", 16, Expected::Digit),
            ("cpu 1 2 3 4\nctxt -5\n", 17, Expected::Digit),
            ("cpu 1 2 3 4\nintr 5 0 07\n", 21, Expected::NoLeadingZero),
            ("cpu 1 2 3 4\nintr\n", 16, Expected::Digit),
            ("cpu 1 2 3 4\nsoftirq 1 \u{0}\n", 22, Expected::Digit),
            ("cpu 18446744073709551616 2 3 4\n", 4, Expected::SmallerNumber),
            ("cpu 1 2 3 4\nctxt 5\n", 19, Expected::BtimeLine),
            ("cpu 1 2 3 4\nbtime 5 \nctxt 5 6\n", 28, Expected::Newline),
            ("cpu 1 2 3 4\nbtime 5\nctxt 633", 28, Expected::Newline),
            ("cpu 1 2 3 4\nbtime 5\nprocs_", 26, Expected::Newline),
        ] {
            assert_eq!(Stat::parse(text.as_bytes()), Err(ParseError { offset, expected }), "{text}");
        }
    }
}
