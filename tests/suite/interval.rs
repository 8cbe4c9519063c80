//! A run that goes on, with a clock of the test's: what it records when the clock jumps.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use procline::clock::{Date, LocalTime, Moment};
use procline::config::Options;
use procline::interval::{self, Clock};
use procline::run::Recorder;
use procline::sys::{Errno, Event};
use proptest::prelude::*;
use tempfile::{TempDir, tempdir};

use crate::common::{fixture, json, names};

/// What happens to a machine.
enum Change {
    /// The clock is set: forward or back, in milliseconds.
    Clock(i64),
    /// A suspend, in milliseconds.
    Suspend(i64),
    /// Something else.
    Other(Box<dyn FnOnce()>),
}

/// A machine whose time passes only while it is waited for, or a record is made. Times are in milliseconds.
struct Machine {
    /// Since 1970-01-01 00:00 UTC.
    clock: i64,
    since_boot: i64,
    /// Since the boot, when the process is told that the clock was set.
    told: Option<i64>,
    /// How long the kernel takes to tell.
    telling: i64,
    /// When the alarm rings, since the boot, and how often from then on. It stands still in a suspend.
    alarm: (i64, i64),
    /// Of an alarm that rang and a clock that was set, whether the alarm is told first.
    rings_first: bool,
    /// What happens when, since the boot, in this order.
    changes: VecDeque<(i64, Change)>,
    /// When it ends, since the boot.
    end: i64,
    /// How long a record takes, and a look at a clock.
    record: i64,
    look: i64,
    /// Seconds that local time is east of UTC.
    zone: fn(i64) -> i64,
    /// The last look at the clock: since the boot, and by the clock.
    seen: (i64, i64),
    /// When records were made: the look at the clock before each.
    made: Vec<(i64, i64)>,
    /// How many calls there were.
    calls: usize,
}

thread_local! {
    /// How many records were begun that a machine has not heard of: a recorder asks once each for room on the stack.
    static BEGUN: Cell<usize> = const { Cell::new(0) };
}

/// 2026-11-24 05:50:13 UTC.
const NOW: i64 = 1_795_499_413;

impl Machine {
    /// A machine that was started ten seconds before `clock`, and runs for so many seconds.
    fn new(clock: i64, seconds: i64) -> Self {
        Self {
            clock: clock * 1000 + 137,
            since_boot: 10_000,
            told: None,
            telling: 0,
            alarm: (i64::MAX, 1),
            rings_first: true,
            changes: VecDeque::new(),
            end: 10_000 + seconds * 1000,
            record: 2,
            look: 0,
            zone: |_| 0,
            seen: (0, 0),
            made: Vec::new(),
            calls: 0,
        }
    }

    /// Plans a change so many milliseconds after the start.
    fn then(mut self, at: i64, change: Change) -> Self {
        self.changes.push_back((10_000 + at, change));
        self
    }

    /// Lets time pass, up to this one since the boot, or to the first change.
    fn pass(&mut self, until: i64) {
        let next = self.changes.front().map_or(i64::MAX, |(at, _)| *at).max(self.since_boot);
        let passed = (next.min(until) - self.since_boot).max(0);
        (self.since_boot, self.clock) = (self.since_boot + passed, self.clock + passed);
        if next > until {
            return;
        }
        let tell = self.told.unwrap_or(self.since_boot + self.telling);
        match self.changes.pop_front() {
            Some((_, Change::Clock(by))) => (self.clock, self.told) = (self.clock + by, Some(tell)),
            Some((_, Change::Suspend(length))) => {
                (self.since_boot, self.clock) = (self.since_boot + length, self.clock + length);
                self.alarm.0 += length;
                self.told = Some(self.since_boot);
            }
            Some((_, Change::Other(act))) => act(),
            None => {}
        }
    }

    /// Lets time pass that nothing ends early.
    fn pass_all(&mut self, length: i64) {
        let until = self.since_boot + length;
        while self.since_boot < until {
            self.pass(until);
        }
    }

    /// A look at one of the clocks, or the beginning of a sleep. Whatever is called behind a record hears of it.
    fn look(&mut self) {
        self.calls += 1;
        if BEGUN.take() > 0 {
            self.made.push(self.seen);
            self.pass_all(self.record);
        }
        self.pass_all(self.look);
    }

    /// Runs procline on it; the messages.
    fn run(&mut self, options: Options<'_>) -> Vec<String> {
        let messages = RefCell::new(Vec::new());
        let say = |message: &procline::message::Message| {
            messages.borrow_mut().push(String::from_utf8_lossy(message.as_bytes()).into_owned());
        };
        let recorder = Recorder::new(&options, |_| {
            BEGUN.set(BEGUN.get() + 1);
            true
        });
        interval::run(recorder, options.interval.unwrap(), self, say).unwrap();
        messages.into_inner()
    }

    /// Runs it where all goes well; the folder of its logs.
    fn records(&mut self, interval: u32) -> TempDir {
        let folder = tempdir().unwrap();
        assert_eq!(self.run(options(interval, folder.path())), Vec::<String>::new());
        assert_eq!(lines(folder.path()).len(), self.made.len());
        folder
    }

    /// Seconds of the clock at which it recorded, from `start` on.
    fn seconds_from(&self, start: i64) -> Vec<i64> {
        self.made.iter().map(|(_, clock)| clock / 1000 - start).collect()
    }

    /// The same, in seconds of the records, which can be late by less than one after a step.
    fn recorded(&self, start: i64) -> Vec<i64> {
        self.made.iter().map(|(_, clock)| (clock / 1000 - start) / 60 * 60).collect()
    }

    /// Milliseconds from one record to the next.
    fn gaps(&self) -> Vec<i64> {
        self.made.windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }
}

impl Clock for Machine {
    fn now(&mut self) -> Result<Moment, Errno> {
        self.look();
        let seconds = self.clock.div_euclid(1000);
        let microseconds = u32::try_from(self.clock.rem_euclid(1000) * 1000).unwrap();
        let local = local_time(seconds + (self.zone)(seconds));
        self.seen = (self.since_boot, self.clock);
        Ok(Moment { seconds, microseconds, local })
    }

    fn since_boot(&mut self) -> Result<i64, Errno> {
        self.look();
        Ok(self.since_boot * 1000)
    }

    fn set(&mut self, microseconds: i64, interval: i64) -> Result<(), Errno> {
        self.look();
        self.alarm = (self.since_boot + (microseconds + 999) / 1000, interval * 1000);
        Ok(())
    }

    fn wait(&mut self) -> Result<Event, Errno> {
        self.look();
        loop {
            if self.since_boot >= self.end {
                return Ok(Event::Ended);
            }
            let (ring, interval) = self.alarm;
            let told = self.told.is_some_and(|told| self.since_boot >= told);
            if self.since_boot >= ring && (self.rings_first || !told) {
                self.alarm.0 += ((self.since_boot - ring) / interval + 1) * interval;
                return Ok(Event::Rang);
            }
            if told {
                self.told = None;
                return Ok(Event::ClockSet);
            }
            self.pass(ring.min(self.end).min(self.told.unwrap_or(i64::MAX)));
        }
    }
}

/// A record of a small machine each `interval` seconds. The log's names begin with the date.
fn options(interval: u32, logs: &Path) -> Options<'_> {
    Options {
        procfs: concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/mt7621-router").as_bytes(),
        log_path: logs.as_os_str().as_bytes(),
        log_prefix: b"",
        interval: Some(interval),
        ..Options::default()
    }
}

/// Date and time of seconds since 1970, the proleptic Gregorian calendar.
fn local_time(seconds: i64) -> LocalTime {
    let (mut days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let is_leap = |year: i32| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let mut year = 1970;
    while days >= 365 + i64::from(is_leap(year)) {
        days -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let part = |number: i64| u8::try_from(number).unwrap();
    LocalTime {
        date: Date { year, month, day: part(days + 1) },
        hour: part(second / 3600),
        minute: part(second / 60 % 60),
        second: part(second % 60),
    }
}

/// The lines of all logs in a folder, in the order of the names.
fn lines(folder: &Path) -> Vec<String> {
    let text: String = names(folder).iter().map(|name| fs::read_to_string(folder.join(name)).unwrap()).collect();
    text.lines().map(str::to_string).collect()
}

#[test]
fn a_record_is_made_at_each_multiple_of_the_interval() {
    for (interval, expected) in [(1, vec![1, 2, 3, 4, 5, 6, 7, 8, 9]), (5, vec![2, 7]), (60, vec![])] {
        let mut machine = Machine::new(NOW, 9);
        let folder = machine.records(interval);
        assert_eq!(machine.seconds_from(NOW), expected);
        for line in lines(folder.path()) {
            assert_eq!(line.split_once(" - ").unwrap().0.parse::<i64>().unwrap() % i64::from(interval), 0);
        }
    }
}

#[test]
fn a_week_of_records_has_no_drift() {
    let mut machine = Machine::new(NOW, 7 * 86_400);
    let folder = tempdir().unwrap();
    let messages = machine.run(Options { intr_counters: false, keep_files: Some(3), ..options(60, folder.path()) });
    assert_eq!((messages.len(), machine.made.len()), (0, 7 * 1440));
    assert!(machine.made.iter().all(|(_, clock)| clock % 60_000 == 0));
    // A sleep and a look at the clock for each; before the first a look at both clocks, and the alarm; and the sleep
    // that ends it.
    assert_eq!(machine.calls, 2 * 7 * 1440 + 4);
    assert_eq!(names(folder.path()), ["2026-11-29.log", "2026-11-30.log", "2026-12-01.log"]);
}

#[test]
fn a_boot_in_1970_goes_on_by_the_clock_when_ntp_has_set_it() {
    let folder = tempdir().unwrap();
    for day in 21..=23 {
        fs::write(folder.path().join(format!("2026-11-{day}.log")), "1 - {}\n").unwrap();
    }
    let mut machine = Machine::new(10, 400).then(100_000, Change::Clock((NOW - 110) * 1000));
    let messages = machine.run(Options { keep_files: Some(4), ..options(60, folder.path()) });
    // One record in 1970, at 00:01:00; then at 05:51:00 and each minute, 38 seconds after the clock was set.
    assert_eq!((messages.len(), machine.seconds_from(0)[0]), (0, 60));
    assert_eq!(machine.seconds_from(NOW)[1..], [47, 107, 167, 227, 287]);
    assert_eq!(machine.gaps()[0], 97_000 - 137 + 137);
    // The day in 1970 is the one too many, and none of the year.
    let kept = ["2026-11-21.log", "2026-11-22.log", "2026-11-23.log", "2026-11-24.log"];
    assert_eq!(names(folder.path()), kept);
    let record = json(&lines(folder.path())[3]);
    assert_eq!(
        (record["time"].as_str(), &record["timestamp"]),
        (Some("2026-11-24T05:51:00.000000"), &(NOW + 47).into())
    );
}

#[test]
fn a_boot_in_2033_and_back_records_on_and_keeps_the_history() {
    let folder = tempdir().unwrap();
    for day in 1..=23 {
        fs::write(folder.path().join(format!("2026-11-{day:02}.log")), "1 - {}\n").unwrap();
    }
    let years = 200_000_000;
    let mut machine = Machine::new(NOW + years, 600).then(300_000, Change::Clock(-years * 1000));
    let messages = machine.run(Options { keep_files: Some(30), ..options(60, folder.path()) });
    assert_eq!((messages.len(), machine.made.len()), (0, 10));
    assert!(machine.gaps().iter().all(|gap| (30_000..=90_000).contains(gap)), "{:?}", machine.gaps());
    let found = names(folder.path());
    assert_eq!((found.len(), found[0].as_str(), found[23].as_str()), (25, "2026-11-01.log", "2026-11-24.log"));
    assert!(found[24].starts_with("2033-03-"), "{found:?}");
}

#[test]
fn a_step_of_a_second_at_the_moment_of_a_record_neither_repeats_nor_skips_it() {
    // The record at 05:51:00 is due 47 s after the start, less the 137 ms that had passed of its second.
    for (step, at, expected) in [
        (1000, 46_863 - 1, [0, 60, 120]),
        (1000, 46_863 + 1, [0, 60, 120]),
        (1000, 46_863 + 500, [0, 60, 120]),
        (-1000, 46_863 - 1, [0, 60, 120]),
        (-1000, 46_863 + 1, [0, 60, 120]),
        (-1000, 46_863 + 500, [0, 60, 120]),
    ] {
        let mut machine = Machine::new(NOW, 180).then(at, Change::Clock(step));
        machine.records(60);
        assert_eq!(machine.recorded(NOW + 47), expected, "{step} at {at}");
    }
    // With a record each second the one that comes again is due again.
    let mut machine = Machine::new(NOW, 6).then(2_864, Change::Clock(-1000)).then(4_864, Change::Clock(1000));
    machine.records(1);
    assert!(machine.gaps().iter().all(|gap| (500..=1500).contains(gap)), "{:?}", machine.made);
}

#[test]
fn a_clock_that_is_set_at_the_moment_of_a_record_costs_none() {
    // To what it is, or a little off, as hwclock(8) does at the full second.
    for step in [0, 3, 40, 900, -3, -40, -900] {
        for at in [46_862, 46_863, 46_864] {
            let mut machine = Machine::new(NOW, 180).then(at, Change::Clock(step));
            machine.records(60);
            assert_eq!(machine.recorded(NOW + 47), [0, 60, 120], "{step} at {at}");
        }
    }
}

#[test]
fn a_clock_set_back_by_hours_leaves_no_gap() {
    for hours in [1, 3, 24 * 365 * 20] {
        let mut machine = Machine::new(NOW, 600).then(200_000, Change::Clock(-hours * 3_600_000));
        machine.records(60);
        assert_eq!(machine.gaps(), [60_000; 9], "{hours}");
    }
}

#[test]
fn a_clock_set_forward_by_hours_makes_no_burst() {
    for hours in [1, 3, 24 * 365 * 20] {
        let mut machine = Machine::new(NOW, 600).then(200_000, Change::Clock(hours * 3_600_000 + 7000));
        machine.records(60);
        assert_eq!(machine.made.len(), 10);
        assert!(machine.gaps().iter().all(|gap| (30_000..=90_000).contains(gap)), "{:?}", machine.gaps());
    }
}

#[test]
fn after_a_suspend_of_an_hour_one_record_follows_at_the_next_multiple() {
    let mut machine = Machine::new(NOW, 4200).then(200_000, Change::Suspend(3_600_000));
    machine.records(60);
    let seconds = machine.seconds_from(NOW + 47);
    assert_eq!(seconds, [0, 60, 120, 3780, 3840, 3900, 3960, 4020, 4080, 4140]);
}

/// Central Europe: an hour east of Greenwich, and two in summer, in 2026.
fn central_europe(seconds: i64) -> i64 {
    if (1_774_746_000..1_792_890_000).contains(&seconds) { 7200 } else { 3600 }
}

#[test]
fn daylight_saving_changes_nothing_but_the_local_time() {
    // 2026-03-29 01:00 UTC and 2026-10-25 01:00 UTC.
    for (change, expected) in [
        (1_774_746_000, ["2026-03-29T00:00:00", "2026-03-29T01:00:00", "2026-03-29T03:00:00", "2026-03-29T04:00:00"]),
        (1_792_890_000, ["2026-10-25T01:00:00", "2026-10-25T02:00:00", "2026-10-25T02:00:00", "2026-10-25T03:00:00"]),
    ] {
        let mut machine = Machine::new(change - 7300, 4 * 3600 - 100);
        machine.zone = central_europe;
        let folder = machine.records(3600);
        assert_eq!(machine.gaps(), [3_600_000; 3]);
        let lines = lines(folder.path());
        let times: Vec<_> = lines.iter().map(|line| json(line)["time"].as_str().unwrap()[..19].to_string()).collect();
        assert_eq!(times, expected);
    }
    // The local day has 23 hours, and then 25, and each record is in the log of its own.
    for (start, day, hours) in [(1_774_738_800, "2026-03-29", 23), (1_792_879_200, "2026-10-25", 25)] {
        let mut machine = Machine::new(start - 1800, 27 * 3600);
        machine.zone = central_europe;
        let folder = machine.records(3600);
        let log = fs::read_to_string(folder.path().join(format!("{day}.log"))).unwrap();
        assert_eq!(log.lines().count(), hours, "{day}");
    }
}

#[test]
fn a_record_that_takes_longer_than_the_interval_is_followed_by_one_and_not_by_many() {
    let mut machine = Machine::new(NOW, 60);
    machine.record = 2300;
    machine.records(1);
    // One after the other, and none of them for a second that is long past.
    assert!(machine.gaps().iter().all(|gap| (2000..=4000).contains(gap)), "{:?}", machine.gaps());
}

#[test]
fn a_folder_that_is_deleted_is_made_again() {
    let root = tempdir().unwrap();
    let logs = root.path().join("log/pymonitor");
    let deleted = root.path().join("log");
    let delete = Change::Other(Box::new(move || fs::remove_dir_all(deleted).unwrap()));
    let mut machine = Machine::new(NOW, 300).then(150_000, delete);
    assert_eq!(machine.run(options(60, &logs)), Vec::<String>::new());
    assert_eq!((machine.made.len(), lines(&logs).len()), (5, 3));
}

#[test]
fn an_error_is_told_once_and_again_when_it_changes_or_ends() {
    let root = tempdir().unwrap();
    let procfs = root.path().join("proc");
    let logs = root.path().join("logs");
    let make = |with: &[&str]| {
        let (with, procfs): (Vec<_>, _) = (with.iter().map(ToString::to_string).collect(), procfs.clone());
        Change::Other(Box::new(move || {
            fs::create_dir_all(&procfs).unwrap();
            for file in with {
                fs::copy(fixture("mt7621-router").join(&file), procfs.join(&file)).unwrap();
            }
        }))
    };
    let bend = {
        let file = procfs.join("loadavg");
        Change::Other(Box::new(move || fs::write(file, "x\n").unwrap()))
    };
    let mut machine = Machine::new(NOW, 1200)
        .then(200_000, make(&["stat"]))
        .then(400_000, make(&["uptime", "loadavg", "meminfo"]))
        .then(600_000, bend)
        .then(800_000, make(&["loadavg"]));
    let messages = machine.run(Options { procfs: procfs.as_os_str().as_bytes(), ..options(60, &logs) });
    let folder = procfs.display();
    let missing = "no such file or directory; choose another procfs with --procfs";
    assert_eq!(
        messages,
        [
            format!("procline: {folder}/stat: {missing}\n"),
            format!("procline: {folder}/uptime: {missing}\n"),
            "procline: recording again\n".to_string(),
            format!("procline: {folder}/loadavg:1:1: expected a digit\n"),
            "procline: recording again\n".to_string(),
        ]
    );
    // Of 20 records those from 400 to 600 seconds and from 800 on.
    assert_eq!((machine.made.len(), lines(&logs).len()), (20, 4 + 7));
}

#[test]
fn a_file_that_is_replaced_by_another_is_read_anew() {
    let root = tempdir().unwrap();
    let procfs = root.path().join("proc");
    fs::create_dir(&procfs).unwrap();
    for file in ["stat", "uptime", "loadavg", "meminfo"] {
        fs::copy(fixture("mt7621-router").join(file), procfs.join(file)).unwrap();
    }
    let replace = {
        let procfs = procfs.clone();
        Change::Other(Box::new(move || {
            fs::write(procfs.join("new"), "1.25 2.50\n").unwrap();
            fs::rename(procfs.join("new"), procfs.join("uptime")).unwrap();
        }))
    };
    let logs = root.path().join("logs");
    let mut machine = Machine::new(NOW, 200).then(100_000, replace);
    machine.run(Options { procfs: procfs.as_os_str().as_bytes(), ..options(60, &logs) });
    let lines = lines(&logs);
    let uptimes: Vec<_> = lines.iter().map(|line| json(line)["uptime"]["total"].to_string()).collect();
    assert_eq!((uptimes.len(), uptimes[2].as_str(), uptimes[0] == uptimes[2]), (3, "1.25", false));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// However the clock jumps, and whenever: each record is at a multiple of the interval, and neither gap nor
    /// pile-up.
    #[test]
    fn jumps_make_neither_gaps_nor_bursts(
        interval in prop::sample::select(vec![1_i64, 7, 60, 600]),
        jumps in prop::collection::vec((1..20_000_i64, prop_oneof![-1500..1500_i64, -100_000_000..100_000_000_i64]), 0..12),
        (telling, rings_first, look) in (0..4_i64, any::<bool>(), 0..3_i64),
    ) {
        // A jump at a time that is given in thousandths of the interval, so that they fall anywhere in it.
        let mut machine = Machine { telling, rings_first, look, ..Machine::new(NOW, interval * 20) };
        let mut jumps: Vec<_> = jumps.into_iter().map(|(at, by)| (at * interval, by)).collect();
        jumps.sort_unstable();
        for (at, by) in &jumps {
            machine = machine.then(*at, Change::Clock(*by));
        }
        let folder = tempdir().unwrap();
        machine.run(options(u32::try_from(interval).unwrap(), folder.path()));
        let milliseconds = interval * 1000;
        for (at, clock) in &machine.made {
            // A clock that is set at the very moment of a record is what that record is told. A small jump over a
            // record makes it late.
            let jumped = |within: i64| jumps.iter().any(|(jump, _)| (at - within..=*at).contains(&(jump + 10_000)));
            let late = if jumped(30) { 2000 } else { 8 };
            prop_assert!(jumped(3) || clock % milliseconds <= late, "{clock}");
        }
        let (start, end) = (10_000, 10_000 + milliseconds * 20);
        let times: Vec<_> = [start].into_iter().chain(machine.made.iter().map(|(at, _)| *at)).chain([end]).collect();
        for pair in times.windows(2) {
            // A jump just before a record is due puts it off by less than an interval, and so does one that makes it
            // late.
            let jumps = jumps.iter().filter(|(at, _)| (pair[0] - 30..=pair[1]).contains(&(at + start))).count();
            let most = milliseconds * (1 + i64::try_from(jumps).unwrap()) + 20;
            prop_assert!(pair[1] - pair[0] <= most, "{times:?}");
        }
        for pair in times[1..times.len() - 1].windows(2) {
            prop_assert!(pair[1] - pair[0] >= milliseconds / 2 - 20, "{times:?}");
        }
    }

    /// One step, of which the process is told before the time that passed at the same moment, or behind it, or later.
    #[test]
    fn a_single_step_makes_no_gap_of_two_and_no_pair_closer_than_half(
        interval in prop::sample::select(vec![1_i64, 7, 60]),
        // In thousandths of the interval, or in milliseconds about the moment of a record.
        at in prop_oneof![(0..6000_i64).prop_map(|at| (at, 0)), (1..6_i64, -5..30_i64).prop_map(|(at, off)| (at * 1000, off))],
        by in prop_oneof![-2500..2500_i64, -100_000_000..100_000_000_i64, (-3000..3000_i64).prop_map(|seconds| seconds * 1000)],
        (telling, rings_first, look) in (0..4_i64, any::<bool>(), 0..3_i64),
    ) {
        // The first multiple of the clock is a whole interval from the start.
        let start = NOW / interval * interval;
        let step = Change::Clock(by);
        let milliseconds = interval * 1000;
        let mut machine = Machine { telling, rings_first, look, ..Machine::new(start, interval * 10) };
        machine.clock = start * 1000;
        machine = machine.then((at.0 * interval + at.1).max(0), step);
        machine.records(u32::try_from(interval).unwrap());
        let times: Vec<_> = [10_000].into_iter().chain(machine.made.iter().map(|(at, _)| *at)).collect();
        let end = [10_000 + milliseconds * 10];
        // Set by whole intervals at the very moment of a record, the clock is at the next multiple when the next one is
        // due.
        let most = 2 * milliseconds + 12;
        for (one, next) in times.iter().zip(times[1..].iter().chain(&end)) {
            prop_assert!(next - one < most, "{times:?}");
        }
        for gap in machine.gaps() {
            prop_assert!(gap >= milliseconds / 2 - 12, "{times:?}");
        }
    }
}
