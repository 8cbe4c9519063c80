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

/// The lines of one count.
const SINGLE: [&[u8]; 5] = [b"ctxt", b"btime", b"processes", b"procs_running", b"procs_blocked"];

impl<'a> Source<'a> for Stat<'a> {
    const PATH: &'static str = "stat";

    fn take(cursor: &mut Cursor<'a>) -> Self {
        let mut cpu_total = None;
        let mut cpus = Cpus::default();
        let mut first_cpu = None;
        let mut intr = Intr { total: Count::ZERO, counters: Counts::default() };
        let mut single = [Count::ZERO; SINGLE.len()];
        let mut softirq = Counts::default();
        while !cursor.is_at_end() {
            let line = cursor.rest();
            let name = cursor.word();
            match name {
                b"cpu" => cpu_total = Some(Cpu::parse(Text::start_of(name), cursor)),
                b"intr" => intr = Intr { total: cursor.count(), counters: cursor.counts(0) },
                b"softirq" => softirq = cursor.counts(0),
                _ if cpu::numbered(name).is_some() => {
                    cursor.counts(cpu::LEAST);
                    cpus = Cpus::trusted(cursor.since(first_cpu.get_or_insert(line)));
                }
                _ => {
                    if let Some((count, _)) = single.iter_mut().zip(&SINGLE).find(|(_, known)| **known == name) {
                        *count = cursor.count();
                    }
                }
            }
            cursor.skip_line();
        }
        if cpu_total.is_none() {
            cursor.expected(Expected::CpuLine);
        }
        let [ctxt, btime, processes, procs_running, procs_blocked] = single;
        let cpu_total = cpu_total.unwrap_or_default();
        Self { cpu_total, cpus, intr, ctxt, btime, processes, procs_running, procs_blocked, softirq }
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
        let text = String::from("cpu 1 2 3 4\nintr 5") + &" 0".repeat(20_000) + "\nctxt 6\n";
        let stat = parsed(&text);
        assert_eq!((stat.intr.counters.iter().count(), stat.ctxt.value()), (20_000, 6));
    }

    #[test]
    fn a_total_alone_as_on_ia64_leaves_the_counters_empty() {
        let stat = parsed("cpu 1 2 3 4\nintr 5\n");
        assert_eq!((stat.intr.total.value(), values(stat.intr.counters)), (5, Vec::new()));
    }

    #[test]
    fn missing_lines_count_as_0_or_empty() {
        let stat = parsed("cpu 1 2 3 4");
        let single = [stat.intr.total, stat.ctxt, stat.btime, stat.processes, stat.procs_running, stat.procs_blocked];
        assert_eq!(single, [Count::ZERO; 6]);
        assert_eq!((values(stat.intr.counters), values(stat.softirq)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn blank_and_unknown_lines_are_skipped() {
        let stat = parsed(
            "\n\ncpu 1 2 3 4\n\npage 1 x\nswap 0 0\ndisk_io: (3,0):(1,1,2,0,0)\ncpufreq 1\nctxtx 1\n \nctxt 9\n",
        );
        assert_eq!((stat.ctxt.value(), stat.cpus.iter().count()), (9, 0));
    }

    #[test]
    fn a_counter_can_be_as_large_as_64_bits() {
        let stat = parsed("cpu 18446744073709551615 18446744073709551615 0 0\n");
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
        ] {
            assert_eq!(Stat::parse(text.as_bytes()), Err(ParseError { offset, expected }), "{text}");
        }
    }
}
