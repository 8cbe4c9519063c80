//! The program: what it appends, what it says, how it ends.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::common::{
    self, complaint, done, has_tool, json, only_file, procline, skip_unless_native, under_strace, unprivileged,
};

/// A copy of a fixture with one file changed.
fn bent(fixture: &str, file: &str, text: &[u8]) -> TempDir {
    let folder = tempdir().unwrap();
    let from = common::fixture(fixture);
    for name in ["stat", "uptime", "loadavg", "meminfo"] {
        fs::copy(from.join(name), folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join(file), text).unwrap();
    folder
}

#[test]
fn a_run_appends_one_line_to_the_log_of_the_day() {
    let folder = tempdir().unwrap();
    for _ in 0..3 {
        assert_eq!(done(procline().arg("--log-path").arg(folder.path()).output().unwrap()), "");
    }
    let log = only_file(folder.path());
    let text = fs::read_to_string(&log).unwrap();
    let records: Vec<Value> = text.lines().map(json).collect();
    assert_eq!((records.len(), text.ends_with("}}\n")), (3, true));
    let date = &records[0]["time"].as_str().unwrap()[..10];
    assert_eq!(log.file_name().unwrap().to_str(), Some(format!("awesome_monitoring_{date}.log").as_str()));
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn the_record_is_of_this_machine() {
    let record = json(&done(procline().arg("--stdout").output().unwrap()));
    let stat = fs::read_to_string("/proc/stat").unwrap();
    let btime = stat.lines().find_map(|line| line.strip_prefix("btime ")).unwrap();
    assert_eq!(record["cpu_data"]["btime"].to_string(), btime);
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap();
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap();
    assert_eq!(record["meminfo"]["MemTotal"]["value"].as_str(), total.split_whitespace().next());
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(now - record["timestamp"].as_u64().unwrap() < 60);
}

#[test]
fn the_time_is_that_of_the_clock_in_the_zone_of_tz() {
    let before = std::time::UNIX_EPOCH.elapsed().unwrap();
    let folder = tempdir().unwrap();
    done(procline().env("TZ", "XXX-14").arg("--log-path").arg(folder.path()).output().unwrap());
    let after = std::time::UNIX_EPOCH.elapsed().unwrap();
    let log = only_file(folder.path());
    let record = json(&fs::read_to_string(&log).unwrap());
    let (time, timestamp) = (record["time"].as_str().unwrap(), record["timestamp"].as_u64().unwrap());
    let microseconds: u64 = time[20..].parse().unwrap();
    let found = Duration::from_secs(timestamp) + Duration::from_micros(microseconds);
    assert!((before..after).contains(&(found + Duration::from_micros(1))), "{before:?} {found:?} {after:?}");
    // 14 hours east of Greenwich.
    let seconds = (timestamp + 14 * 3600) % 86_400;
    assert_eq!(time[11..19], format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    assert!(log.to_str().unwrap().ends_with(&format!("_{}.log", &time[..10])));
}

#[test]
fn a_name_that_is_too_long_is_told() {
    let folder = tempdir().unwrap();
    let logs = folder.path().join("logs");
    let output = procline().arg("--log-path").arg(&logs).args(["--log-prefix", &"x".repeat(300)]).output().unwrap();
    let message = complaint(output, 1);
    assert!(message.contains("/xxx") && message.ends_with(".log: file name too long\n"), "{message}");
}

#[test]
fn the_longest_prefix_and_suffix_leave_room_for_the_number_of_a_part() {
    let folder = tempdir().unwrap();
    let (prefix, suffix) = ("p".repeat(200), "s".repeat(28));
    let mut command = common::to_log(folder.path());
    command.args(["--log-prefix", &prefix, "--log-suffix", &suffix, "--max-bytes", "64k"]);
    done(command.output().unwrap());
    let log = only_file(folder.path());
    let record = fs::read_to_string(&log).unwrap();
    fs::write(&log, record.repeat(6)).unwrap();
    fs::write(log.with_extension("log.999999998"), &record).unwrap();
    done(command.output().unwrap());
    let part = log.with_extension("log.999999999");
    assert_eq!(part.file_name().unwrap().len(), 252);
    assert_eq!(fs::read_to_string(part).unwrap(), record.repeat(6));

    let message = complaint(command.arg(format!("--log-suffix={suffix}s")).output().unwrap(), 2);
    assert!(message.contains("--log-prefix and a --log-suffix of at most 228 bytes together"), "{message}");
}

#[test]
fn the_folder_is_made_with_those_above_it() {
    let folder = tempdir().unwrap();
    let deep = folder.path().join("a//b/c/");
    done(procline().arg("--log-path").arg(&deep).output().unwrap());
    only_file(&deep);
    assert_eq!(fs::metadata(&deep).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn prefix_and_suffix_are_of_the_options_or_the_environment() {
    let folder = tempdir().unwrap();
    let environment = [("PROCLINE_LOG_PREFIX", "box-"), ("PROCLINE_LOG_SUFFIX", "_env")];
    let mut command = procline();
    command.env("PROCLINE_LOG_PATH", folder.path()).envs(environment).arg("--log-suffix=-option");
    done(command.output().unwrap());
    let name = only_file(folder.path()).file_name().unwrap().to_str().unwrap().to_string();
    assert!(name.starts_with("box-2") && name.ends_with("-option.log"), "{name}");
}

#[test]
fn stdout_leaves_the_log_alone() {
    let folder = tempdir().unwrap();
    let logs = folder.path().join("logs");
    let line = done(procline().arg("--stdout").arg("--log-path").arg(&logs).output().unwrap());
    assert_eq!((line.lines().count(), line.ends_with("}}\n")), (1, true));
    assert!(!logs.exists());
}

#[test]
fn interrupt_counters_can_be_left_out() {
    let record = json(&done(procline().args(["--stdout", "--no-intr-counters"]).output().unwrap()));
    assert_eq!(record["cpu_data"]["intr"]["counters"], Value::Array(Vec::new()));
    assert!(record["cpu_data"]["intr"]["total"].is_number());
}

#[test]
fn a_thousand_cpus_and_16000_interrupts_are_recorded_whole() {
    let times = " 18446744073709551615".repeat(10);
    let mut stat = format!("cpu {times}\n");
    for number in 0..1024 {
        writeln!(stat, "cpu{number}{times}").unwrap();
    }
    let counts: Vec<_> = (0..16_000_u64)
        .map(|number| number % 3 * (9_000_000_000_000_000_000 - number))
        .map(|count| count.to_string())
        .collect();
    writeln!(stat, "intr 99999999 {}\nctxt 5\nbtime 6\nprocs_blocked 7", counts.join(" ")).unwrap();
    let folder = bent("vm", "stat", stat.as_bytes());
    for option in [None, Some("--pymonitor")] {
        let output = procline().args(["--stdout", "--procfs"]).arg(folder.path()).args(option).output().unwrap();
        let record = json(&done(output));
        let found = &record["cpu_data"];
        assert_eq!(found["cpus"].as_array().unwrap().len(), 1024);
        assert_eq!(found["cpus"][1023]["name"], "cpu1023");
        assert_eq!(found["procs_blocked"], 7);
        let hundredfold = if option.is_some() { "00" } else { "" };
        let expected =
            counts.iter().map(|count| if count == "0" { count.clone() } else { count.clone() + hundredfold });
        let counters = found["intr"]["counters"].as_array().unwrap();
        assert!(counters.iter().map(Value::to_string).eq(expected));
    }
}

#[test]
fn what_does_not_fit_is_an_error_that_names_file_and_variable() {
    let variable = "does not fit in 2097152 bytes; build with a larger PROCLINE_BUILD_FIRST_STEP\n";
    let stat = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/vm/stat")).unwrap();
    for (blanks, what) in [(2_100_000, "/stat"), (2_094_864, "/meminfo"), (2_091_864, "the record")] {
        let folder = bent("vm", "stat", (stat.clone() + &" ".repeat(blanks) + "\n").as_bytes());
        let output = procline().args(["--stdout", "--procfs"]).arg(folder.path()).output().unwrap();
        let message = complaint(output, 1);
        assert!(message.ends_with(&format!("{what}: {variable}")), "{blanks}: {message}");
    }
}

#[test]
fn an_error_in_a_file_is_placed_by_line_and_column() {
    for (file, text, place) in [
        ("stat", "cpu  1 2 3 4\ncpu0 12x 3 4 5\n", "stat:2:8: expected a digit"),
        ("stat", "intr 5\n", "stat:2:1: expected a line \"cpu\""),
        ("stat", "cpu 1 2 3 18446744073709551616\n", "stat:1:11: expected a number below 2^64"),
        ("uptime", "12 13\n", "uptime:1:3: expected a decimal point"),
        ("loadavg", "0.00 0.00 00.1 1/2 3\n", "loadavg:1:11: expected a number without a leading zero"),
        ("loadavg", "0.00 0.00 0.1 1 2 3\n", "loadavg:1:16: expected a '/'"),
        ("stat", "cpu 1 2 3 4\nbtime 5\nctxt 633", "stat:3:9: expected a newline"),
        ("stat", "cpu 1 2 3 4\nbtime 5 6\n", "stat:2:9: expected a newline"),
        ("stat", "cpu 1 2 3 4\nctxt 5\n", "stat:3:1: expected a line \"btime\""),
        ("uptime", "6244.31 11647.1", "uptime:1:16: expected a newline"),
        ("loadavg", "0.00 0.00 0.00 1/2 3 4\n", "loadavg:1:22: expected a newline"),
        ("meminfo", "MemTotal: 5 kB\nMemFree: 4", "meminfo:2:11: expected a newline"),
        ("meminfo", "\u{1}\u{ff}\nx\n", "meminfo:3:1: expected a line \"MemTotal\""),
    ] {
        let folder = bent("vm", file, text.as_bytes());
        let logs = folder.path().join("logs");
        let mut command = procline();
        command.arg("--procfs").arg(folder.path()).arg("--log-path").arg(&logs);
        let expected = format!("procline: {}/{place}\n", folder.path().display());
        assert_eq!(complaint(command.output().unwrap(), 1), expected);
        assert!(!logs.exists(), "something was recorded");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for file in ["stat", "uptime", "loadavg", "meminfo"] {
        let folder = bent("vm", file, b"");
        fs::remove_file(folder.path().join(file)).unwrap();
        let output = procline().args(["--stdout", "--procfs"]).arg(folder.path()).output().unwrap();
        let expected = format!(
            "procline: {}/{file}: no such file or directory; choose another procfs with --procfs\n",
            folder.path().display()
        );
        assert_eq!(complaint(output, 1), expected);
    }
}

#[test]
fn what_is_no_regular_file_below_procfs_is_named_without_waiting() {
    let folder = bent("vm", "meminfo", b"");
    let meminfo = folder.path().join("meminfo");
    let expected =
        format!("procline: {}: not a regular file; choose another procfs with --procfs\n", meminfo.display());
    let refused = |what: &str| {
        for (interval, status) in [(None, 1), (Some("--interval=1"), 0)] {
            let run = procline();
            let mut command = Command::new("timeout");
            command.args(["--preserve-status", "-k5", "2"]).arg(run.get_program()).args(run.get_args());
            command.args(["--stdout", "--procfs"]).arg(folder.path()).args(interval).env_clear().env("TZ", "UTC0");
            assert_eq!(complaint(command.output().unwrap(), status), expected, "{what}");
        }
        fs::remove_file(&meminfo).unwrap();
    };
    fs::remove_file(&meminfo).unwrap();
    let make_fifo = || assert!(Command::new("mkfifo").arg(&meminfo).status().unwrap().success());
    make_fifo();
    refused("a FIFO without a writer");
    make_fifo();
    let _writer = OpenOptions::new().read(true).write(true).open(&meminfo).unwrap();
    refused("a FIFO with a writer");
    let _socket = UnixListener::bind(&meminfo).unwrap();
    refused("a socket");
    symlink("/dev/null", &meminfo).unwrap();
    refused("a device");
}

#[test]
fn a_folder_that_may_not_be_written_is_named() {
    if skip_unless_native() {
        return;
    }
    let folder = tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    for logs in [folder.path().to_path_buf(), folder.path().join("new")] {
        let (_program, mut command) = unprivileged(procline().arg("--log-path").arg(&logs));
        let output = command.output().unwrap();
        let expected =
            format!("procline: {}: permission denied; choose another folder with --log-path\n", logs.display());
        assert_eq!(complaint(output, 1), expected);
    }
}

#[test]
fn a_file_in_the_folders_place_is_told() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let output = procline().arg("--log-path").arg(&file).output().unwrap();
    let expected = format!("procline: {}: not a directory; choose another folder with --log-path\n", file.display());
    assert_eq!(complaint(output, 1), expected);
}

#[test]
fn a_path_that_is_too_long_is_told() {
    let long = format!("/tmp/{}", "x/".repeat(3000));
    let output = procline().arg("--log-path").arg(&long).output().unwrap();
    let message = complaint(output, 1);
    assert!(message.starts_with("procline: /tmp/x/x/") && message.contains('\u{fffd}'), "{message}");
    assert!(message.ends_with(": file name too long\n"), "{message}");
}

#[test]
fn a_long_argument_is_cut_and_its_fault_told() {
    let output = procline().arg(format!("--{}", "z".repeat(5000))).output().unwrap();
    let message = complaint(output, 2);
    assert!(
        message.starts_with("procline: --zzz") && message.ends_with("\u{fffd}: no such option; see procline --help\n")
    );
}

#[test]
fn a_message_is_one_line_whatever_it_quotes() {
    let folder = tempdir().unwrap();
    let at = |name: &[u8]| folder.path().join(OsStr::from_bytes(name));
    let shown = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at(b"a\nb"), "").unwrap();
    let output = procline().arg(OsStr::from_bytes(b"--a\n\x1b[1m\t\x7f\xc3\xa4")).output().unwrap();
    let expected = "procline: --a\\x0a\\x1b[1m\\x09\\x7f\u{e4}: no such option; see procline --help\n";
    assert_eq!(complaint(output, 2), expected);
    let output = procline().arg("--log-path").arg(at(b"a\nb")).output().unwrap();
    let expected = format!("procline: {}: not a directory; choose another folder with --log-path\n", shown("a\\x0ab"));
    assert_eq!(complaint(output, 1), expected);
    let output = procline().arg("--stdout").arg("--procfs").arg(at(b"\x01")).output().unwrap();
    let reason = "no such file or directory; choose another procfs with --procfs";
    assert_eq!(complaint(output, 1), format!("procline: {}/stat: {reason}\n", shown("\\x01")));
    // What is cut is cut before it is longer than a path.
    let message = complaint(procline().arg("\n".repeat(3000)).output().unwrap(), 2);
    assert_eq!(message.matches("\\x0a").count(), 256);
    assert!(message.ends_with("\\x0a\u{fffd}: not an option; see procline --help\n"), "{message}");
}

#[test]
fn a_wrong_command_line_is_status_2_and_leads_to_help() {
    for (arguments, message) in [
        (&["--bogus"] as &[&str], "--bogus: no such option"),
        (&["--stdout", "stray"], "stray: not an option"),
        (&["--log-path"], "--log-path: needs a value"),
        (&["--log-path="], "--log-path=: needs the name of a folder"),
        (&["--log-prefix", "a/b"], "--log-prefix: part of a file's name, so without a '/'"),
        (&["--pymonitor=1"], "--pymonitor=1: takes no value"),
    ] {
        let output = procline().args(arguments).output().unwrap();
        assert_eq!(complaint(output, 2), format!("procline: {message}; see procline --help\n"));
    }
    let output = procline().env("PROCLINE_LOG_PATH", "").output().unwrap();
    let expected = "procline: PROCLINE_LOG_PATH: needs the name of a folder; see procline --help\n";
    assert_eq!(complaint(output, 2), expected);
}

#[test]
fn help_fits_a_screen_and_shows_the_defaults() {
    let help = done(procline().arg("--help").output().unwrap());
    assert!(help.lines().count() <= 24 && help.lines().all(|line| line.len() <= 80), "{help}");
    for default in ["[/var/log/pymonitor]", "[awesome_monitoring_]", "[]", "[/proc]"] {
        assert!(help.contains(default), "{default}");
    }
}

#[test]
fn version_shows_what_is_built_in() {
    let version = done(procline().arg("--version").output().unwrap());
    let mut lines = version.lines();
    assert_eq!(lines.next(), Some(concat!("procline ", env!("CARGO_PKG_VERSION"))));
    for (line, start) in lines.zip(["commit   ", "target   ", "capacity 8192 to 2097152 bytes"]) {
        assert!(line.starts_with(start) && line.len() > start.len(), "{version}");
    }
}

#[test]
fn output_that_cannot_be_written_is_told() {
    for option in ["--stdout", "--help", "--version"] {
        let output = procline().arg(option).stdout(File::create("/dev/full").unwrap()).output().unwrap();
        assert_eq!(complaint(output, 1), "procline: standard output: no space left on device\n");
    }
}

#[test]
fn the_readme_names_every_setting() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let build = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/build.rs")).unwrap();
    let settings: Vec<_> = build
        .lines()
        .filter(|line| line.contains("Kind::"))
        .filter_map(|line| line.trim().strip_prefix("(\""))
        .collect();
    assert!(settings.len() >= 7, "{settings:?}");
    for setting in settings {
        let mut words = setting.split('"');
        let (name, default) = (words.next().unwrap(), words.nth(1).unwrap());
        let row = format!("| `PROCLINE_BUILD_{name}` | `{default}` |").replace("``", "");
        assert!(readme.contains(&row), "{row} is not in the README's table");
    }
}

#[test]
fn the_log_is_written_with_one_write() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let folder = tempdir().unwrap();
    let trace = folder.path().join("trace");
    let options = ["-f", "-e", "trace=write,writev,pwrite64,pwritev", "-o", trace.to_str().unwrap()];
    done(under_strace(&options, procline().arg("--log-path").arg(folder.path().join("log"))).output().unwrap());
    let trace = fs::read_to_string(trace).unwrap();
    assert_eq!(trace.lines().filter(|line| line.contains("write")).count(), 1, "{trace}");
}

#[test]
fn a_bad_setting_stops_the_build() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = tempdir().unwrap();
    let program = folder.path().join("build");
    let build = concat!(env!("CARGO_MANIFEST_DIR"), "/build.rs");
    let status = Command::new(rustc).args(["--edition=2024", build, "-o"]).arg(&program).status().unwrap();
    assert!(status.success());
    let run = |settings: &[(&str, &str)]| {
        let mut command = Command::new(&program);
        command.env_clear().envs(settings.iter().copied()).env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"));
        command.env("OUT_DIR", folder.path());
        let output = command.stderr(Stdio::null()).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (good, output) = run(&[("PROCLINE_BUILD_LOG_PATH", "/mnt/log"), ("PROCLINE_BUILD_COMMIT", "abc")]);
    assert!(good && output.contains("cargo::rustc-env=PROCLINE_BUILD_LOG_PATH=/mnt/log\n"), "{output}");
    let (good, output) = run(&[("PROCLINE_BUILD_FIRST_STEP", "4096")]);
    assert!(good && output.contains("cargo::rustc-env=PROCLINE_LAST_STEP=1048576\n"), "{output}");
    for (name, value, reason) in [
        ("PROCLINE_BUILD_LOGPATH", "/x", "PROCLINE_BUILD_LOGPATH is not a setting"),
        ("PROCLINE_BUILD_LOG_PATH", "", "must name a folder"),
        ("PROCLINE_BUILD_PROCFS", "proc", "must name a folder, from / on"),
        ("PROCLINE_BUILD_FIRST_STEP", "+9000", "must be a number of bytes"),
        ("PROCLINE_BUILD_LOG_PREFIX", "a/b", "has no '/'"),
        ("PROCLINE_BUILD_LOG_SUFFIX", "a\nb", "control character"),
        ("PROCLINE_BUILD_FIRST_STEP", "8k", "must be a number of bytes from 2048 to"),
        ("PROCLINE_BUILD_FIRST_STEP", "65536", "must be a number of bytes from 2048 to 32768"),
        ("PROCLINE_BUILD_FIRST_STEP", "1000000000000", "must be a number of bytes from 2048 to"),
        ("PROCLINE_BUILD_LAST_STEP", "1048576", "PROCLINE_BUILD_LAST_STEP is not a setting"),
    ] {
        let (good, output) = run(&[(name, value)]);
        assert!(!good && output.contains("cargo::error=") && output.contains(reason), "{name}={value}: {output}");
    }
}
