//! A run that goes on, on this machine's clock: when it records, how it ends, what it keeps open.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::tempdir;

use crate::common::{
    done, fixture, full_pipe, has_tool, json, not_here, only_file, procline, procline_binary, runs_natively,
    skip_unless_native, skipped, to_log, under_strace,
};

/// A run that is ended with the test.
struct Run(Child);

impl Run {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args(["-s", signal, &self.0.id().to_string()]).status().unwrap().success());
    }

    /// Ends it; its status, and what it complained of.
    fn end(mut self, signal: &str) -> (ExitStatus, String) {
        self.signal(signal);
        self.wait()
    }

    fn wait(&mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "it does not end");
            thread::sleep(Duration::from_millis(5));
        };
        let mut complaint = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        (status, complaint)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The records of the log in a folder.
fn records(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(only_file(folder)).unwrap();
    assert!(text.ends_with('\n'), "{text}");
    text.lines().map(json).collect()
}

/// Waits until something is so.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}: not after 20 seconds");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The lines in a folder's only log, be it not there yet.
fn count(folder: &Path) -> usize {
    let log = fs::read_dir(folder).ok().and_then(|mut entries| entries.next()).map(|entry| entry.unwrap().path());
    log.map_or(0, |log| fs::read_to_string(log).unwrap().lines().count())
}

#[test]
fn five_seconds_give_five_or_six_records_on_the_second() {
    let folder = tempdir().unwrap();
    let run = Run::start(to_log(folder.path()).args(["--interval", "1"]));
    thread::sleep(Duration::from_secs(5));
    let (status, complaint) = run.end("TERM");
    assert_eq!((status.code(), complaint.as_str()), (Some(0), ""));
    let records = records(folder.path());
    // An emulator takes its time to start.
    assert!((5..=6).contains(&records.len()) || !runs_natively(), "{} records", records.len());
    let seconds: Vec<_> = records.iter().map(|record| record["timestamp"].as_i64().unwrap()).collect();
    assert!(seconds.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seconds:?}");
    for record in &records {
        let microseconds: u32 = record["time"].as_str().unwrap()[20..].parse().unwrap();
        assert!(microseconds < 500_000 || !runs_natively(), "{}", record["time"]);
    }
}

#[test]
fn a_longer_interval_waits_for_its_multiple() {
    let folder = tempdir().unwrap();
    let run = Run::start(to_log(folder.path()).args(["--interval=3"]));
    until("two records", || count(folder.path()) == 2);
    assert_eq!(run.end("INT").0.code(), Some(0));
    for record in records(folder.path()) {
        assert_eq!(record["timestamp"].as_i64().unwrap() % 3, 0);
    }
}

#[test]
fn a_signal_ends_it_at_once_where_nothing_is_recorded() {
    for signal in ["TERM", "INT"] {
        let folder = tempdir().unwrap();
        let mut run = Run::start(to_log(folder.path()).args(["--interval", "86400"]));
        // Until it has set up its signals it dies of them, as any program does.
        let status = format!("/proc/{}/status", run.0.id());
        until("blocked signals", || {
            !runs_natively() || fs::read_to_string(&status).unwrap().contains("SigBlk:\t0000000001005002")
        });
        thread::sleep(Duration::from_millis(if runs_natively() { 20 } else { 1000 }));
        let start = Instant::now();
        run.signal(signal);
        assert_eq!(run.wait().0.code(), Some(0));
        assert!(start.elapsed() < Duration::from_secs(2));
        assert_eq!(count(folder.path()), 0);
    }
}

#[test]
fn a_signal_while_a_record_is_made_ends_it_behind_the_record() {
    if skip_unless_native() {
        return;
    }
    let folder = tempdir().unwrap();
    let mut run = Run::start(to_log(folder.path()).args(["--interval", "1"]));
    until("a record", || count(folder.path()) == 1);
    // The next record waits for a second.
    let held = File::open(only_file(folder.path())).unwrap();
    held.lock().unwrap();
    thread::sleep(Duration::from_millis(1300));
    run.signal("TERM");
    assert_eq!(run.wait().0.code(), Some(0));
    drop(held);
    assert_eq!(records(folder.path()).len(), 2);
}

#[test]
fn memory_and_descriptors_do_not_grow() {
    if skip_unless_native() {
        return;
    }
    let folder = tempdir().unwrap();
    let mut command = procline();
    command
        .args(["--interval", "1", "--keep-files", "3", "--max-bytes", "1M", "--sync", "--log-path"])
        .arg(folder.path());
    let run = Run::start(&mut command);
    let seen = || {
        let process = format!("/proc/{}", run.0.id());
        // What status tells is counted in batches of pages.
        let memory = fs::read_to_string(format!("{process}/smaps_rollup")).unwrap();
        let memory = memory.lines().find(|line| line.starts_with("Private_Dirty:")).unwrap().to_string();
        let entries = fs::read_dir(format!("{process}/fd")).unwrap();
        let mut open: Vec<_> = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok()).collect();
        open.sort();
        (memory, open)
    };
    // When the second is there, all that comes behind the first was done once. Between two records nothing is open
    // there.
    let seen_after = |records| {
        until("records", || count(folder.path()) == records);
        until("a sleep", || !seen().1.iter().any(|path| path.starts_with(folder.path())));
        seen()
    };
    let first = seen_after(2);
    assert_eq!(seen_after(6), first);
    // The files of /proc stay open.
    for file in ["stat", "uptime", "loadavg", "meminfo"] {
        assert!(first.1.contains(&Path::new("/proc").join(file)), "{first:?}");
    }
    assert_eq!(run.end("TERM").0.code(), Some(0));
}

#[test]
fn files_that_are_asked_for_stay_open_and_what_is_new_is_in_the_next_record() {
    if skip_unless_native() {
        return;
    }
    let folder = tempdir().unwrap();
    let mut command = procline();
    command.args(["--interval", "1", "--with", "all", "--log-path"]).arg(folder.path());
    let run = Run::start(&mut command);
    let open = |records| {
        until("records", || count(folder.path()) == records);
        let entries = fs::read_dir(format!("/proc/{}/fd", run.0.id())).unwrap();
        let paths = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        let mut open: Vec<_> = paths.filter(|path| !path.starts_with(folder.path())).collect();
        open.sort();
        open
    };
    let first = open(2);
    assert_eq!(open(4), first);
    for file in ["net/dev", "mounts", "net/sockstat", "sys/fs/file-nr", "vmstat"] {
        assert!(first.iter().any(|path| path.ends_with(file)), "{file}: {first:?}");
    }
    assert!(!first.iter().any(|path| path.starts_with("/sys")), "{first:?}");
    assert_eq!(run.end("TERM").0.code(), Some(0));

    let (machine, logs) = (tempdir().unwrap(), tempdir().unwrap());
    for file in ["stat", "uptime", "loadavg", "meminfo"] {
        fs::copy(fixture("vm").join(file), machine.path().join(file)).unwrap();
    }
    let mut command = procline();
    command
        .args(["--interval", "1", "--with", "all", "--procfs"])
        .arg(machine.path())
        .arg("--log-path")
        .arg(logs.path());
    let run = Run::start(command.arg("--sysfs").arg(machine.path().join("sysfs")));
    until("a record", || count(logs.path()) == 1);
    fs::create_dir_all(machine.path().join("net")).unwrap();
    fs::create_dir_all(machine.path().join("sysfs/class/thermal/thermal_zone0")).unwrap();
    fs::write(machine.path().join("net/dev"), "eth0: 1 2\n").unwrap();
    fs::write(machine.path().join("sysfs/class/thermal/thermal_zone0/temp"), "5\n").unwrap();
    let before = count(logs.path());
    until("two records", || count(logs.path()) == before + 2);
    fs::write(machine.path().join("net/dev"), "eth0: 1 2\nppp0: 3\n").unwrap();
    let then = count(logs.path());
    until("two records", || count(logs.path()) == then + 2);
    fs::remove_dir_all(machine.path().join("net")).unwrap();
    let last = count(logs.path());
    until("two records", || count(logs.path()) == last + 2);
    assert_eq!(run.end("TERM").0.code(), Some(0));
    let records = records(logs.path());
    let netdev = |place: usize| records[place].get("netdev").map_or(String::new(), ToString::to_string);
    assert_eq!(netdev(0), "");
    assert_eq!(netdev(before + 1), r#"{"eth0":{"receive_bytes":1,"receive_packets":2}}"#);
    assert_eq!(netdev(then + 1), r#"{"eth0":{"receive_bytes":1,"receive_packets":2},"ppp0":{"receive_bytes":3}}"#);
    assert_eq!(netdev(last + 1), "");
    assert_eq!(records[last + 1]["thermal_zone"]["0"]["temp"].to_string(), "5");
}

#[test]
fn a_clock_that_is_set_makes_no_record_and_loses_none() {
    // A machine that somebody works on keeps its clock.
    if skip_unless_native() || env::var_os("PROCLINE_TEST_ALL").is_none() && !not_here("sets this machine's clock") {
        return;
    }
    let folder = tempdir().unwrap();
    let run = Run::start(to_log(folder.path()).args(["--interval", "1"]));
    until("a record", || count(folder.path()) == 1);
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(3300) {
        // To what it is: the kernel tells of that, too.
        let set = Command::new("python3")
            .args(["-c", "import time; c = time.CLOCK_REALTIME; time.clock_settime_ns(c, time.clock_gettime_ns(c))"])
            .stderr(Stdio::null())
            .status();
        if !set.is_ok_and(|status| status.success()) {
            skipped("the clock may not be set here");
            return;
        }
    }
    assert_eq!(run.end("TERM").0.code(), Some(0));
    let seconds: Vec<_> = records(folder.path()).iter().map(|record| record["timestamp"].as_i64().unwrap()).collect();
    assert!((4..=5).contains(&seconds.len()) && seconds.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seconds:?}");
}

#[test]
fn a_file_of_proc_that_stops_working_is_opened_again() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    for error in ["EIO", "ESTALE", "EBADF", "retval=0"] {
        let folder = tempdir().unwrap();
        let (logs, trace) = (folder.path().join("logs"), folder.path().join("trace"));
        let error = if error.contains('=') { error.to_string() } else { format!("error={error}") };
        let inject = format!("inject=preadv:{error}:when=1");
        let options = ["-e", "trace=openat,preadv", "-e", &inject, "-P", "/proc/stat", "-o", trace.to_str().unwrap()];
        let mut run =
            Run::start(&mut under_strace(&options, procline().args(["--interval", "1", "--log-path"]).arg(&logs)));
        until("four records", || count(&logs) == 4);
        // strace passes no signal on, so the one that it started gets it.
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", run.0.id())).unwrap();
        assert!(Command::new("kill").arg(children.trim()).status().unwrap().success());
        assert_eq!((run.wait().1, records(&logs).len()), (String::new(), 4));
        let trace = fs::read_to_string(trace).unwrap();
        let count = |what: &str| trace.lines().filter(|line| line.contains(what)).count();
        assert_eq!((count("openat("), count("(INJECTED)")), (2, 1), "{trace}");
        assert!(count("preadv(") >= 4, "{trace}");
    }
}

#[test]
fn a_mount_over_the_logs_folder_gets_the_records_from_then_on() {
    if skip_unless_native() || !has_tool("unshare") {
        return;
    }
    let folder = tempdir().unwrap();
    let script = "
        \"$@\" & pid=$!
        sleep 2.2; cat \"$LOGS\"/*; echo mounted; mount -t tmpfs none \"$LOGS\" || exit 77
        sleep 2; cat \"$LOGS\"/*; kill $pid; wait $pid; echo ended $?; umount \"$LOGS\"";
    let mut shell = Command::new("unshare");
    shell.args(["-m", "sh", "-c", script, "sh"]).arg(procline_binary()).args(["--interval", "1", "--log-path"]);
    shell.arg(folder.path()).env_clear().env("PATH", "/usr/bin:/bin").env("LOGS", folder.path());
    let output = shell.output().unwrap();
    if output.status.code() == Some(77) || output.stderr.starts_with(b"unshare: ") {
        skipped("a tmpfs cannot be mounted");
        return;
    }
    let text = done(output);
    let (before, after) = text.split_once("mounted\n").unwrap();
    let after = after.strip_suffix("ended 0\n").unwrap();
    let count = |text: &str| text.lines().map(json).count();
    assert!((2..=3).contains(&count(before)) && (1..=3).contains(&count(after)), "{text}");
}

#[test]
fn an_error_is_told_once_on_standard_error() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("proc");
    let mut command = procline();
    command.args(["--interval", "1", "--procfs"]).arg(&missing).arg("--log-path").arg(folder.path().join("logs"));
    let run = Run::start(&mut command);
    thread::sleep(Duration::from_millis(if runs_natively() { 3200 } else { 5000 }));
    let (status, complaint) = run.end("TERM");
    let reason = "no such file or directory; choose another procfs with --procfs";
    assert_eq!((status.code(), complaint), (Some(0), format!("procline: {}/stat: {reason}\n", missing.display())));
}

#[test]
fn behind_a_piece_of_a_line_standard_output_gets_the_next_one_on_a_line_of_its_own() {
    if skip_unless_native() || !has_tool("prlimit") {
        return;
    }
    let folder = tempdir().unwrap();
    let file = folder.path().join("output");
    let output = OpenOptions::new().append(true).create(true).open(&file).unwrap();
    let mut command = Command::new("prlimit");
    command.arg("--fsize=5000:unlimited").arg(procline_binary()).args(["--stdout", "--interval", "1"]);
    let mut run = Run::start(command.env_clear().env("TZ", "UTC0").stdout(output));
    until("a piece", || fs::metadata(&file).unwrap().len() == 5000);
    assert!(
        Command::new("prlimit")
            .args(["--fsize=unlimited", "--pid", &run.0.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let lines = || fs::read_to_string(&file).unwrap().lines().map(str::to_string).collect::<Vec<_>>();
    until("two records more", || lines().len() == 4);
    run.signal("TERM");
    let (status, complaint) = run.wait();
    assert_eq!(
        (status.code(), complaint.as_str()),
        (Some(0), "procline: standard output: file too large\nprocline: recording again\n")
    );
    for line in [0, 2, 3] {
        json(&lines()[line]);
    }
}

#[test]
fn a_full_standard_error_keeps_nothing_from_being_recorded() {
    let folder = tempdir().unwrap();
    let (_, full, _) = full_pipe(folder.path());
    let start = Instant::now();
    let mut command = procline();
    let status = command.args(["--stdout", "--procfs", "/nonexistent"]).stderr(full).status().unwrap();
    assert!(status.code() == Some(1) && start.elapsed() < Duration::from_secs(5));
}

#[test]
fn standard_output_gets_a_line_each_time_and_a_reader_that_leaves_ends_it() {
    let mut command = procline();
    command.args(["--stdout", "--interval", "1"]).stdout(Stdio::piped());
    let mut run = Run::start(&mut command);
    let mut reader = BufReader::new(run.0.stdout.take().unwrap());
    for _ in 0..2 {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        json(&line);
    }
    drop(reader);
    let (status, complaint) = run.wait();
    assert_eq!((status.code(), complaint.as_str()), (Some(1), "procline: standard output: broken pipe\n"));
    assert_eq!(status.signal(), None);
}
