//! Machines made up at random: procline reads from their files what they were written from.
//!
//! The expected line is made of the machine, not of its files, so nothing of procline's way to read is in it. The
//! `procfs` crate reads the same files as a peer.

use std::fmt::Write;
use std::fs;

use procfs_core::{CpuTime, ExplicitSystemInfo, FromBufReadSI, FromRead, KernelStats, LoadAverage};
use procline::digits::divide_in_words;
use procline::scan::Number;
use procline::source::stat::Cpu;
use procline::source::{Loadavg, Source, Stat, Uptime};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::common::{INSTANT, compose};

#[derive(Clone, Debug)]
struct Machine {
    columns: usize,
    total: Vec<u64>,
    cpus: Vec<(u16, Vec<u64>)>,
    intr: Option<Vec<u64>>,
    ctxt: Option<u64>,
    btime: u64,
    processes: Option<u64>,
    running_blocked: Option<(u32, u32)>,
    softirq: Option<Vec<u64>>,
    uptime: [(u64, u8); 2],
    loads: [(u16, u8); 3],
    tasks: (u32, u32, u32),
    meminfo: Vec<(String, u64, bool)>,
    crlf: bool,
    junk: usize,
}

/// Lines that no parser shall mind.
const STAT_JUNK: [&str; 5] = ["", "page 5 6", "disk_io: (3,0):(5,5,20,0,0)", "   ", "cpufreq x y"];
/// The same for `meminfo`, and what pymonitor takes of each: name, value and unit.
const MEMINFO_JUNK: [(&str, Option<[&str; 3]>); 5] = [
    ("", None),
    ("        total:    used:", None),
    ("Mem:  260579328 136073216", Some(["Mem", "260579328", "136073216"])),
    ("Odd: 5 kB extra", Some(["Odd", "5", "kB"])),
    ("NoColon 5 kB", None),
];

/// Counters as they are: mostly 0 or small, at times as large as can be.
fn counter() -> impl Strategy<Value = u64> + Clone {
    prop_oneof![4 => Just(0), 4 => 0..100_000_u64, 1 => any::<u64>(), 1 => Just(u64::MAX)]
}

fn machine() -> impl Strategy<Value = Machine> {
    let columns = vec(counter(), 12);
    let stat = (
        4..=12_usize,
        columns.clone(),
        btree_map(0..2000_u16, columns, 0..20),
        option::of(vec(counter(), 1..300)),
        (option::of(counter()), counter(), option::of(counter())),
        option::of(any::<(u32, u32)>()),
        option::of(vec(counter(), 1..12)),
    );
    let rest = (
        [(counter(), 0..100_u8), (counter(), 0..100_u8)],
        [(any::<u16>(), 0..100_u8), (any::<u16>(), 0..100_u8), (any::<u16>(), 0..100_u8)],
        any::<(u32, u32, u32)>(),
        btree_map("[A-Z][A-Za-z0-9_()]{0,20}", (counter(), any::<bool>()), 0..60),
        any::<bool>(),
        0..5_usize,
    );
    (stat, rest).prop_map(|(stat, rest)| {
        let (columns, total, cpus, intr, (ctxt, btime, processes), running_blocked, softirq) = stat;
        let (uptime, loads, tasks, meminfo, crlf, junk) = rest;
        let cpus = cpus.into_iter().collect();
        let amounts = meminfo.into_iter().map(|(name, (value, unit))| (name, value, unit));
        let meminfo = amounts.chain([("MemTotal".to_string(), uptime[0].0, true)]).collect();
        Machine {
            columns,
            total,
            cpus,
            intr,
            ctxt,
            btime,
            processes,
            running_blocked,
            softirq,
            uptime,
            loads,
            tasks,
            meminfo,
            crlf,
            junk,
        }
    })
}

fn join(numbers: &[u64], separator: &str) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

impl Machine {
    /// `/proc/stat`, `/proc/uptime`, `/proc/loadavg` and `/proc/meminfo` of this machine.
    fn files(&self) -> [(&'static str, String); 4] {
        let mut stat = vec![format!("cpu  {}", join(&self.total[..self.columns], " "))];
        stat.extend(
            self.cpus.iter().map(|(number, times)| format!("cpu{number} {}", join(&times[..self.columns], " "))),
        );
        stat.push(STAT_JUNK[self.junk].to_string());
        stat.extend(self.intr.iter().map(|counts| format!("intr {}", join(counts, " "))));
        for (name, value) in [("ctxt", self.ctxt), ("btime", Some(self.btime)), ("processes", self.processes)] {
            stat.extend(value.map(|value| format!("{name} {value}")));
        }
        if let Some((running, blocked)) = self.running_blocked {
            stat.extend([format!("procs_running {running}"), format!("procs_blocked {blocked}")]);
        }
        stat.extend(self.softirq.iter().map(|counts| format!("softirq {}", join(counts, " "))));
        let uptime = self.uptime.map(|(seconds, hundredths)| format!("{seconds}.{hundredths:02}")).join(" ");
        let loads = self.loads.map(|(whole, hundredths)| format!("{whole}.{hundredths:02}")).join(" ");
        let (running, all, last) = self.tasks;
        let mut meminfo = vec![MEMINFO_JUNK[self.junk].0.to_string()];
        for (name, value, has_unit) in &self.meminfo {
            let unit = if *has_unit { " kB" } else { "" };
            meminfo.push(format!("{:<16}{value:>8}{unit}", format!("{name}:")));
        }
        let text = |lines: Vec<String>| {
            let end = if self.crlf { "\r\n" } else { "\n" };
            lines.into_iter().map(|line| line + end).collect()
        };
        [
            ("stat", text(stat)),
            ("uptime", text(vec![uptime])),
            ("loadavg", text(vec![format!("{loads} {running}/{all} {last}")])),
            ("meminfo", text(meminfo)),
        ]
    }

    /// The line for this machine: `space` stands where Python's separators have a blank.
    fn line(&self, pymonitor: bool) -> String {
        let space = if pymonitor { " " } else { "" };
        let ticks = |value: u64| u128::from(value) * if pymonitor { 100 } else { 1 };
        let tick_list = |counts: &[u64]| {
            counts.iter().map(|count| ticks(*count).to_string()).collect::<Vec<_>>().join(&format!(",{space}"))
        };
        let decimal = |whole: u64, hundredths: u8| {
            let digits = format!("{whole}.{hundredths:02}");
            let short = digits.strip_suffix('0').unwrap_or(&digits).to_string();
            if pymonitor { short } else { digits }
        };
        let names = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"];
        let cpu = |name: &str, times: &[u64]| {
            let mut json = format!(r#"{{"name":{space}"{name}""#);
            for (index, key) in names.iter().enumerate() {
                let time = if index < self.columns { ticks(times[index]) } else { 0 };
                write!(json, r#",{space}"{key}":{space}{time}"#).unwrap();
            }
            json + "}"
        };
        let cpus: Vec<_> = self.cpus.iter().map(|(number, times)| cpu(&format!("cpu{number}"), times)).collect();
        let intr = self.intr.clone().unwrap_or_else(|| vec![0]);
        let softirq = join(&self.softirq.clone().unwrap_or_default(), &format!(",{space}"));
        let (btime, [ctxt, processes]) = (self.btime, [self.ctxt, self.processes].map(Option::unwrap_or_default));
        let (running, blocked) = self.running_blocked.unwrap_or_default();
        let [total, idle] = self.uptime.map(|(seconds, hundredths)| decimal(seconds, hundredths));
        let [one, five, fifteen] = self.loads.map(|(whole, hundredths)| decimal(whole.into(), hundredths));
        let amount = |name: &str, value: &str, unit: &str| {
            format!(r#""{name}":{space}{{"value":{space}"{value}",{space}"unit":{space}"{unit}"}}"#)
        };
        let junk = MEMINFO_JUNK[self.junk].1.filter(|_| pymonitor).map(|[name, value, unit]| amount(name, value, unit));
        // pymonitor needs a blank before the value.
        let is_glued = |name: &str, value: u64| name.len() >= 15 && value >= 10_000_000;
        let amounts = self
            .meminfo
            .iter()
            .filter(|(name, value, _)| !(pymonitor && is_glued(name, *value)))
            .map(|(name, value, has_unit)| amount(name, &value.to_string(), if *has_unit { "kB" } else { "" }));
        let amounts: Vec<_> = junk.into_iter().chain(amounts).collect();
        let members = [
            ("time", format!(r#""{}""#, INSTANT.time())),
            ("timestamp", INSTANT.seconds.to_string()),
            (
                "cpu_data",
                object(
                    space,
                    &[
                        ("cpu_total", cpu("cpu", &self.total)),
                        ("cpus", format!("[{}]", cpus.join(&format!(",{space}")))),
                        (
                            "intr",
                            object(
                                space,
                                &[
                                    ("total", ticks(intr[0]).to_string()),
                                    ("counters", format!("[{}]", tick_list(&intr[1..]))),
                                ],
                            ),
                        ),
                        ("ctxt", ctxt.to_string()),
                        ("btime", btime.to_string()),
                        ("processes", if pymonitor { btime } else { processes }.to_string()),
                        ("procs_running", running.to_string()),
                        ("procs_blocked", blocked.to_string()),
                        ("softirq", format!("[{softirq}]")),
                    ],
                ),
            ),
            ("uptime", object(space, &[("total", total), ("idle", idle)])),
            (
                "loadavg",
                object(
                    space,
                    &[
                        ("loadavg_1m", one),
                        ("loadavg_5m", five),
                        ("loadavg_15m", fifteen),
                        ("current_procs", format!(r#""{}""#, self.tasks.0)),
                        ("total_procs", format!(r#""{}""#, self.tasks.1)),
                        ("last_pid", self.tasks.2.to_string()),
                    ],
                ),
            ),
            ("meminfo", format!("{{{}}}", amounts.join(&format!(",{space}")))),
        ];
        format!("{} - {}\n", INSTANT.seconds, object(space, &members))
    }
}

fn object(space: &str, members: &[(&str, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(key, value)| format!(r#""{key}":{space}{value}"#)).collect();
    format!("{{{}}}", members.join(&format!(",{space}")))
}

/// What the `procfs` crate reads from the same text. It takes every line that begins with "cpu" for a CPU, and
/// nothing without a `ctxt`, a `btime` and `processes`.
fn procfs_agrees(machine: &Machine) {
    let [(_, stat), (_, uptime), (_, loadavg), _] = machine.files();
    let system =
        ExplicitSystemInfo { boot_time_secs: 0, ticks_per_second: 100, page_size: 4096, is_little_endian: true };
    let theirs = KernelStats::from_buf_read(stat.as_bytes(), &system).unwrap();
    let ours = Stat::parse(stat.as_bytes()).unwrap();
    let their_times =
        |cpu: &CpuTime| [cpu.user, cpu.nice, cpu.system, cpu.idle, cpu.iowait.unwrap_or(0), cpu.guest.unwrap_or(0)];
    let time = |cpu: &Cpu<'_>, name| cpu.times().find(|(known, _)| *known == name).unwrap().1.value();
    let our_times = |cpu: Cpu<'_>| ["user", "nice", "system", "idle", "iowait", "guest"].map(|name| time(&cpu, name));
    assert_eq!(our_times(ours.cpu_total), their_times(&theirs.total));
    let theirs_each: Vec<_> = theirs.cpu_time.iter().map(their_times).collect();
    assert_eq!(ours.cpus.iter().map(our_times).collect::<Vec<_>>(), theirs_each);
    let our_counts = [ours.ctxt, ours.btime, ours.processes].map(|count| count.value());
    assert_eq!(our_counts, [theirs.ctxt, theirs.btime, theirs.processes]);

    let theirs = LoadAverage::from_read(loadavg.as_bytes()).unwrap();
    let ours = Loadavg::parse(loadavg.as_bytes()).unwrap();
    assert_eq!(ours.current_procs.as_str(), theirs.cur.to_string());
    assert_eq!(ours.total_procs.as_str(), theirs.max.to_string());
    assert_eq!(ours.last_pid.value(), u64::from(theirs.latest_pid));
    for (our, their) in
        [ours.loadavg_1m, ours.loadavg_5m, ours.loadavg_15m].iter().zip([theirs.one, theirs.five, theirs.fifteen])
    {
        assert_eq!(our.digits(), format!("{their:.2}").as_bytes());
    }

    let number = |time: Number<'_>| str::from_utf8(time.digits()).unwrap().parse();
    let theirs = procfs_core::Uptime::from_read(uptime.as_bytes()).unwrap();
    let ours = Uptime::parse(uptime.as_bytes()).unwrap();
    assert_eq!(number(ours.total), Ok(theirs.uptime));
    assert_eq!(number(ours.idle), Ok(theirs.idle));
}

proptest! {
    #[test]
    fn a_division_in_words_is_one_of_64_bits(number: u64, shift in 0..64_u32, by in 1..=u32::MAX) {
        let (number, divisor) = (number >> shift, u64::from(by));
        let (quotient, rest) = divide_in_words(number, by);
        prop_assert_eq!((quotient, u64::from(rest)), (number / divisor, number % divisor));
    }

    #[test]
    fn the_line_says_what_the_machine_is(machine in machine()) {
        let folder = tempfile::tempdir()?;
        for (file, text) in machine.files() {
            fs::write(folder.path().join(file), text)?;
        }
        for pymonitor in [false, true] {
            let line = compose(folder.path(), pymonitor).map_err(TestCaseError::fail)?;
            prop_assert_eq!(line, machine.line(pymonitor));
        }
    }

    #[test]
    fn the_procfs_crate_reads_the_same(mut machine in machine()) {
        machine.junk = 0;
        for value in [&mut machine.ctxt, &mut machine.processes] {
            value.get_or_insert(7);
        }
        procfs_agrees(&machine);
    }
}
