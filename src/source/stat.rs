//! `/proc/stat`: what the CPUs did since the boot, and what interrupted them.
//!
//! `cpu0 542 0 1405 17385 313 0 14 0 0 0` → `{"name":"cpu0","user":542,"nice":0,"system":1405,"idle":17385,…}`
//!
//! Lines of other names (`page`, `swap`, `disk_io:`) are skipped, and so are empty ones. Only `cpu` and `btime` must be
//! there, and no order is assumed.

mod cpu;

use super::Source;
use crate::json::object;
use crate::scan::{Count, Counts, Cursor, Expected, Text};

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
        // The lines of one count.
        let mut singles = [
            ("ctxt", &mut stat.ctxt),
            ("btime", &mut stat.btime),
            ("processes", &mut stat.processes),
            ("procs_running", &mut stat.procs_running),
            ("procs_blocked", &mut stat.procs_blocked),
        ];
        let mut first_cpu = None;
        while !cursor.is_at_end() {
            let line = cursor.rest();
            let name = cursor.word();
            // A pattern of bytes would be compared byte by byte, which takes the program more.
            match singles.iter_mut().find(|(single, _)| single.as_bytes() == name) {
                Some((_, count)) => {
                    **count = cursor.count();
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
