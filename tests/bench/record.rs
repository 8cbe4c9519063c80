//! How fast a record is made of its texts, beside the crates `procfs-core` and `serde_json`, and a search for line
//! ends.
//!
//! ```text
//! cargo bench                       # all, in 90 seconds
//! cargo bench -- --quick            # a first impression, in 15
//! cargo bench -- scan/procline      # those of this name
//! ```
//!
//! `scan` is bytes → checked struct, and `write` is struct → JSON, the lists of interrupts included. Both give their
//! speed in bytes of the four texts of a machine, so all rows of a machine compare. Neither reads a file:
//! `tests/bench/whole.sh` measures programs. The texts are the same in each iteration, so a processor learns the
//! branches of small ones by heart; those of 16,000 interrupts it cannot.
//!
//! `cargo bench` builds with the profile of a release, so this is the code that ships: for size (`opt-level = "z"`),
//! with LTO. Only that panics unwind here. The other crates are built alike; `CARGO_PROFILE_BENCH_OPT_LEVEL=3 cargo
//! bench` is how they like it best. `procfs-core` skips interrupts and softirqs, which are most of a large `stat`;
//! `procfs-core+intr` does not, so it is the row that does the same work.

#![allow(clippy::unwrap_used, reason = "a benchmark of texts that are right")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;
use std::{array, fs};

use criterion::{BenchmarkId, Criterion, Throughput};
use procfs_core::{ExplicitSystemInfo, FromBufRead as _, FromBufReadSI as _, FromRead as _};
use procline::json::Json;
use procline::record::Record;
use procline::scan::{Cursor, Text};
use procline::source::Source;
use serde::Serialize;

/// The files of /proc, in the order of [`Machine::texts`].
const FILES: [&str; 4] = ["stat", "uptime", "loadavg", "meminfo"];

/// What the kernel of one machine says.
struct Machine {
    name: String,
    texts: [String; 4],
}

impl Machine {
    /// A folder of `fixtures/`.
    fn fixture(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
        Self { name: name.to_string(), texts: FILES.map(|file| fs::read_to_string(folder.join(file)).unwrap()) }
    }

    /// A machine that has run for weeks, always the same. Of its interrupts, 7 in 10 never happened, as on real ones.
    fn generated(cpus: u64, interrupts: u64) -> Self {
        let mut random = Random(cpus);
        let mut stat = String::new();
        for cpu in 0..=cpus {
            let name = cpu.checked_sub(1).map_or("cpu ".to_string(), |number| format!("cpu{number}"));
            let [user, nice, system, idle, iowait, softirq, steal] = array::from_fn(|_| random.count(9));
            writeln!(stat, "{name} {user} {nice} {system} {idle} {iowait} 0 {softirq} {steal} 0 0").unwrap();
        }
        write!(stat, "intr {}", random.count(11)).unwrap();
        for _ in 0..interrupts {
            let count = if random.below(10) < 7 { 0 } else { random.count(10) };
            write!(stat, " {count}").unwrap();
        }
        write!(stat, "\nctxt {}\nbtime 1795365903\nprocesses {}\n", random.count(11), random.count(8)).unwrap();
        write!(stat, "procs_running {cpus}\nprocs_blocked 0\nsoftirq").unwrap();
        for _ in 0..11 {
            write!(stat, " {}", random.count(10)).unwrap();
        }
        stat.push('\n');
        let [_, _, _, meminfo] = Self::fixture("vm").texts;
        let uptime = "1834502.31 70913371.06\n".to_string();
        let loadavg = format!("{cpus}.07 {cpus}.12 {cpus}.00 {cpus}/{} 3117204\n", cpus * 20);
        Self { name: format!("{cpus}-cpus-{interrupts}-interrupts"), texts: [stat, uptime, loadavg, meminfo] }
    }

    /// The bytes of all texts.
    fn bytes(&self) -> u64 {
        self.texts.iter().map(|text| text.len() as u64).sum()
    }
}

/// Marsaglia's xorshift: the same numbers in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// A number of up to `digits` digits, where each length is as likely as the others.
    fn count(&mut self, digits: u64) -> u64 {
        let length = u32::try_from(1 + self.below(digits)).unwrap();
        self.below(10_u64.pow(length))
    }
}

/// What procline makes of the texts.
fn ours(machine: &Machine) -> Record<'_> {
    fn source<'a, S: Source<'a>>(text: &'a str) -> S {
        S::parse(black_box(text.as_bytes())).unwrap()
    }
    let [stat, uptime, loadavg, meminfo] = &machine.texts;
    Record {
        time: Text::start_of(b"2024-12-15T22:38:52.725903"),
        timestamp: Cursor::new(b"1734302332.0").decimal(),
        cpu_data: source(stat),
        uptime: source(uptime),
        loadavg: source(loadavg),
        meminfo: source(meminfo),
    }
}

/// What the crate `procfs-core` makes of the texts, and behind it what it skips.
#[derive(Serialize)]
struct Theirs {
    stat: procfs_core::KernelStats,
    /// `procfs_core::Uptime`, which serde does not know.
    uptime: (f64, f64),
    loadavg: procfs_core::LoadAverage,
    meminfo: procfs_core::Meminfo,
    interrupts: Vec<Vec<u64>>,
}

fn theirs(machine: &Machine) -> Theirs {
    let system =
        ExplicitSystemInfo { boot_time_secs: 0, ticks_per_second: 100, page_size: 4096, is_little_endian: true };
    let [stat, uptime, loadavg, meminfo] = machine.texts.each_ref().map(|text| black_box(text.as_bytes()));
    let uptime = procfs_core::Uptime::from_read(uptime).unwrap();
    Theirs {
        stat: procfs_core::KernelStats::from_buf_read(stat, &system).unwrap(),
        uptime: (uptime.uptime, uptime.idle),
        loadavg: procfs_core::LoadAverage::from_read(loadavg).unwrap(),
        meminfo: procfs_core::Meminfo::from_buf_read(meminfo).unwrap(),
        interrupts: Vec::new(),
    }
}

/// The lines `intr` and `softirq`, read as anyone would with the standard library.
fn interrupts(machine: &Machine) -> Vec<Vec<u64>> {
    let [stat, ..] = &machine.texts;
    let lists = black_box(stat).lines().filter_map(|line| line.strip_prefix("intr ").or(line.strip_prefix("softirq ")));
    lists.map(|list| list.split_ascii_whitespace().map(|count| count.parse().unwrap()).collect()).collect()
}

fn theirs_with_interrupts(machine: &Machine) -> Theirs {
    Theirs { interrupts: interrupts(machine), ..theirs(machine) }
}

/// What no parser can beat: every byte is looked at, with the instructions for that.
fn line_ends(machine: &Machine) -> usize {
    machine.texts.iter().map(|text| memchr::memchr_iter(b'\n', black_box(text.as_bytes())).count()).sum()
}

fn scan(criterion: &mut Criterion, machines: &[Machine]) {
    let mut group = criterion.benchmark_group("scan");
    for machine in machines {
        group.throughput(Throughput::Bytes(machine.bytes()));
        let named = |what| BenchmarkId::new(what, &machine.name);
        group.bench_function(named("procline"), |bencher| bencher.iter(|| black_box(ours(machine))));
        group.bench_function(named("procfs-core"), |bencher| bencher.iter(|| black_box(theirs(machine))));
        group.bench_function(named("procfs-core+intr"), |bencher| {
            bencher.iter(|| black_box(theirs_with_interrupts(machine)));
        });
        group.bench_function(named("line-ends"), |bencher| bencher.iter(|| black_box(line_ends(machine))));
    }
}

fn write(criterion: &mut Criterion, machines: &[Machine]) {
    let mut group = criterion.benchmark_group("write");
    let mut line = vec![0; procline::config::LAST_STEP];
    for machine in machines {
        group.throughput(Throughput::Bytes(machine.bytes()));
        let named = |what| BenchmarkId::new(what, &machine.name);
        let record = ours(machine);
        group.bench_function(named("procline"), |bencher| {
            bencher.iter(|| {
                let mut json = Json::new(black_box(&mut line));
                black_box(&record).write_line(&mut json);
                json.finish().unwrap()
            });
        });
        let record = theirs_with_interrupts(machine);
        group.bench_function(named("serde_json"), |bencher| {
            bencher.iter(|| serde_json::to_writer(black_box(line.as_mut_slice()), black_box(&record)).unwrap());
        });
    }
}

fn main() {
    let machines = [
        Machine::generated(1, 16),
        Machine::fixture("mt7621-router"),
        Machine::fixture("vm"),
        Machine::generated(64, 1_000),
        Machine::generated(256, 4_000),
        Machine::generated(1_024, 16_000),
    ];
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1_500))
        .nresamples(20_000)
        .without_plots()
        .configure_from_args();
    scan(&mut criterion, &machines);
    write(&mut criterion, &machines);
    criterion.final_summary();
}
