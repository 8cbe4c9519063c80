//! A simulated day: the records of a router in use, a minute apart, with all counters moving.
//!
//! All are made of the first one, that of the fixture `mt7621-router`, by numbers that are the same in each run.

use std::path::Path;

use procline::clock::{Date, LocalTime, Moment};
use procline::config::{LAST_STEP, Options};
use procline::run;
use serde_json::{Number, Value};

/// What of `meminfo` moves.
const MOVING: [&str; 21] = [
    "MemFree",
    "MemAvailable",
    "Buffers",
    "Cached",
    "Active",
    "Inactive",
    "Active(anon)",
    "Inactive(anon)",
    "Active(file)",
    "Inactive(file)",
    "AnonPages",
    "Mapped",
    "Slab",
    "SReclaimable",
    "SUnreclaim",
    "KernelStack",
    "PageTables",
    "Committed_AS",
    "Dirty",
    "Shmem",
    "KReclaimable",
];

/// So many lines, from midnight on.
pub(crate) fn lines(count: u64) -> Vec<String> {
    let midnight = 1_795_000_000 - 1_795_000_000 % 86_400;
    let (mut record, mut random) = (first(), Random(1));
    let mut line = |minute: u64| {
        step(&mut record, &mut random);
        let (hour, left) = (minute / 60 % 24, minute % 60);
        let second = midnight + 60 * minute;
        record["timestamp"] = second.into();
        record["time"] = format!("2026-11-18T{hour:02}:{left:02}:00.{:06}", random.within(100, 2000)).into();
        format!("{second} - {record}\n")
    };
    (0..count).map(&mut line).collect()
}

/// The lines as the blocks of a log: whole ones, as many as a member takes.
pub(crate) fn blocks(lines: &[String]) -> Vec<Vec<u8>> {
    let mut blocks = vec![Vec::new()];
    for line in lines {
        if blocks.last().unwrap().len() + line.len() > procline::bgzf::TEXT {
            blocks.push(Vec::new());
        }
        blocks.last_mut().unwrap().extend(line.bytes());
    }
    blocks
}

fn first() -> Value {
    let procfs = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mt7621-router");
    let procfs = procfs.to_str().unwrap().as_bytes();
    let options = Options { procfs, intr_counters: false, ..Options::default() };
    let date = Date { year: 2026, month: 11, day: 18 };
    let moment = Moment { seconds: 0, microseconds: 0, local: LocalTime { date, hour: 0, minute: 0, second: 0 } };
    let mut room = vec![0; LAST_STEP];
    let line = run::compose(&options, &moment, &mut run::Kept::default(), &mut room).unwrap();
    let json = line.iter().position(|byte| *byte == b'{').unwrap();
    serde_json::from_slice(&line[json..]).unwrap()
}

/// What a minute does.
fn step(record: &mut Value, random: &mut Random) {
    let mut total = [0; 5];
    for cpu in record["cpu_data"]["cpus"].as_array_mut().unwrap() {
        let busy = random.within(20, 1500);
        let user = random.within(0, busy);
        let system = random.within(0, busy - user);
        let iowait = [0, 0, 0, 3][random.below(4)];
        let ticks = [user, system, busy - user - system, 6000 - busy, iowait];
        add_ticks(cpu, ticks);
        for (total, more) in total.iter_mut().zip(ticks) {
            *total += more;
        }
    }
    let cpu_data = &mut record["cpu_data"];
    add_ticks(&mut cpu_data["cpu_total"], total);
    add(&mut cpu_data["intr"]["total"], random.within(30_000, 300_000));
    add(&mut cpu_data["ctxt"], random.within(20_000, 200_000));
    add(&mut cpu_data["processes"], random.within(5, 60));
    cpu_data["procs_running"] = [1, 1, 1, 2, 3][random.below(5)].into();
    let mut sum = 0;
    for (kind, count) in cpu_data["softirq"].as_array_mut().unwrap().iter_mut().enumerate().skip(1) {
        if count.as_u64().unwrap() > 0 {
            let more = random.within(1, if [1, 3, 7, 9].contains(&kind) { 60_000 } else { 500 });
            add(count, more);
            sum += more;
        }
    }
    add(&mut cpu_data["softirq"][0], sum);
    add_hundredths(&mut record["uptime"]["total"], 6000);
    add_hundredths(&mut record["uptime"]["idle"], random.within(15_000, 23_900));
    let loadavg = &mut record["loadavg"];
    for load in ["loadavg_1m", "loadavg_5m", "loadavg_15m"] {
        loadavg[load] = hundredths(random.within(1, 70));
    }
    add(&mut loadavg["last_pid"], random.within(5, 60));
    loadavg["total_procs"] = random.within(60, 65).to_string().into();
    for (name, amount) in record["meminfo"].as_object_mut().unwrap() {
        if MOVING.contains(&name.as_str()) {
            let value: i64 = amount["value"].as_str().unwrap().parse().unwrap();
            let far = i64::try_from(random.within(0, 800)).unwrap() - 400;
            let change = [0, 0, 4, -4, 8, -8, 64, -64, far][random.below(9)];
            amount["value"] = (value + change).max(0).to_string().into();
        }
    }
}

fn add_ticks(cpu: &mut Value, ticks: [u64; 5]) {
    for (key, more) in ["user", "system", "softirq", "idle", "iowait"].into_iter().zip(ticks) {
        add(&mut cpu[key], more);
    }
}

fn add(count: &mut Value, more: u64) {
    *count = (count.as_u64().unwrap() + more).into();
}

fn add_hundredths(number: &mut Value, more: u64) {
    let digits = number.to_string().replace('.', "");
    *number = hundredths(digits.parse::<u64>().unwrap() + more);
}

fn hundredths(number: u64) -> Value {
    let number = format!("{}.{:02}", number / 100, number % 100);
    Value::Number(number.parse::<Number>().unwrap())
}

/// Marsaglia's xorshift: the same numbers in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.within(0, limit as u64 - 1)).unwrap()
    }

    /// From `least` to `most`, both included.
    fn within(&mut self, least: u64, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        least + self.0 % (most - least + 1)
    }
}
