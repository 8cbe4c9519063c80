//! Every system call of a run fails in turn, with every error it is likely to meet.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output};
use std::thread;
use std::time::Duration;

use tempfile::{NamedTempFile, tempdir};

use crate::common::{
    complaint, done, fixture, has_tool, json, only_file, procline, procline_binary, recorded, skip_unless_native,
    to_log, under_strace,
};

/// What a failed call may do to a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Status 1, a message that names the file, and the log as it was.
    Told,
    /// The record is made all the same.
    Recorded,
}

/// The calls on a file, the errors each is made to fail with, and what then happens.
const CALLS: [(&str, &[&str], Outcome); 7] = [
    ("openat", &["EACCES", "EMFILE", "ENFILE", "ENOMEM", "EIO", "EPERM"], Outcome::Told),
    ("openat", &["EINTR"], Outcome::Recorded),
    ("read,preadv", &["EIO", "EISDIR", "EINVAL", "EBADF"], Outcome::Told),
    ("read,preadv,write,flock", &["EINTR"], Outcome::Recorded),
    ("flock", &["ENOLCK", "EINVAL", "ENOSYS"], Outcome::Recorded),
    ("fstat,newfstatat", &["EIO", "EOVERFLOW"], Outcome::Told),
    ("write", &["ENOSPC", "EDQUOT", "EFBIG", "EIO", "EROFS", "EPIPE"], Outcome::Told),
];

/// strace, which does this to calls on `file` and writes what it sees to `trace`.
fn strace(injection: &str, file: &Path, trace: &Path) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-e", &format!("inject={injection}"), "-P"]).arg(file).arg("-o").arg(trace);
    strace.env_clear().env("TZ", "UTC0").env("PATH", "/usr/bin:/bin");
    strace
}

/// A run in which the call `when` on `file` fails: what came of it, or nothing if there is no such call.
fn run_with(call: &str, error: &str, when: u32, file: &Path, logs: &Path) -> Option<Output> {
    let trace = NamedTempFile::new().unwrap();
    let mut strace = strace(&format!("{call}:error={error}:when={when}"), file, trace.path());
    strace.arg(procline_binary()).arg("--procfs").arg(fixture("mt7621-router")).arg("--log-path").arg(logs);
    let output = strace.output().unwrap();
    fs::read_to_string(trace).unwrap().contains("(INJECTED)").then_some(output)
}

#[test]
fn each_call_on_each_file_fails_in_turn() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let (folder, log, record) = recorded();
    let sources = ["stat", "uptime", "loadavg", "meminfo"].map(|file| fixture("mt7621-router").join(file));
    let mut injected = BTreeMap::new();
    for file in sources.iter().chain([&log]) {
        for (calls, errors, outcome) in CALLS {
            for (call, error) in calls.split(',').flat_map(|call| errors.iter().map(move |error| (call, *error))) {
                for when in 1.. {
                    fs::write(&log, &record).unwrap();
                    let Some(output) = run_with(call, error, when, file, folder.path()) else { break };
                    *injected.entry(call).or_insert(0) += 1;
                    let message = String::from_utf8(output.stderr).unwrap();
                    let text = fs::read_to_string(&log).unwrap();
                    let context = format!("{} {call} {error} {when}: {message}", file.display());
                    if outcome == Outcome::Told {
                        assert_eq!(output.status.code(), Some(1), "{context}");
                        assert!(message.starts_with(&format!("procline: {}: ", file.display())), "{context}");
                        assert_eq!(text, record, "{context}");
                    } else {
                        assert_eq!((output.status.code(), message.as_str()), (Some(0), ""), "{context}");
                        assert_eq!(text.lines().map(json).count(), 2, "{context}");
                    }
                }
            }
        }
    }
    for call in ["openat", "read", "preadv", "fstat", "flock", "write"] {
        assert!(injected.contains_key(call), "{injected:?}");
    }
    let _ = writeln!(std::io::stderr(), "{} faults were injected: {injected:?}", injected.values().sum::<u32>());
}

#[test]
fn each_call_on_what_is_asked_for_fails_in_turn_and_costs_no_record() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let machine = fixture("mt7621-router");
    let sysfs = machine.join("sysfs");
    let whole = |output: Output| json(&done(output));
    let command = || {
        let mut command = procline();
        command.args(["--stdout", "--with", "all", "--procfs"]).arg(&machine).arg("--sysfs").arg(&sysfs);
        command
    };
    let expected = whole(command().output().unwrap());
    let mut count = 0;
    for (file, name) in [
        ("net/dev", "netdev"),
        ("self/mounts", "filesystem"),
        ("sysfs/class/hwmon", "hwmon"),
        ("sysfs/class/hwmon/hwmon0/temp1_input", "hwmon"),
        ("sysfs/class/ubi", "flash"),
        ("sysfs/class/ubi/ubi0/max_ec", "flash"),
        ("sys/net/netfilter/nf_conntrack_count", "conntrack"),
        ("net/snmp", "snmp"),
    ] {
        let path = machine.join(file);
        assert!(path.exists(), "{file}");
        for call in ["openat", "read", "fstat", "newfstatat", "lseek", "getdents64", "close"] {
            for error in ["EACCES", "EMFILE", "EIO", "EINVAL", "EAGAIN", "ENODATA", "EOPNOTSUPP", "EINTR"] {
                let trace = NamedTempFile::new().unwrap();
                let mut strace = strace(&format!("{call}:error={error}:when=1"), &path, trace.path());
                let command = command();
                let found = whole(strace.arg(procline_binary()).args(command.get_args()).output().unwrap());
                if !fs::read_to_string(trace).unwrap().contains("(INJECTED)") {
                    break;
                }
                count += 1;
                let (found, expected) = (found.as_object().unwrap(), expected.as_object().unwrap());
                for (key, value) in expected.iter().skip(6).filter(|(key, _)| *key != "filesystem") {
                    let is_whole = found.get(key) == Some(value);
                    assert!(is_whole || key == name, "{file} {call} {error}: {key}");
                    assert!(is_whole || error != "EINTR", "{file} {call} {error}: {key}");
                }
                assert!(found.keys().all(|key| expected.contains_key(key)), "{file} {call} {error}");
            }
        }
    }
    let _ = writeln!(std::io::stderr(), "{count} faults of what --with asks for were injected");
    assert!(count > 100, "{count}");
}

#[test]
fn each_call_on_a_missing_folder_fails_in_turn() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let root = tempdir().unwrap();
    let logs = root.path().join("logs/of/procline");
    let mut count = 0;
    for folder in [&root.path().join("logs"), &root.path().join("logs/of"), &logs] {
        for error in ["EACCES", "EROFS", "ENOSPC", "EDQUOT", "EMLINK", "EPERM", "EIO"] {
            let output = run_with("mkdirat", error, 1, folder, &logs).expect("the folder is made");
            let message = complaint(output, 1);
            assert!(message.starts_with(&format!("procline: {}: ", logs.display())), "{message}");
            assert!(message.ends_with("; choose another folder with --log-path\n"), "{message}");
            let _ = fs::remove_dir_all(root.path().join("logs"));
            count += 1;
        }
    }
    let _ = writeln!(std::io::stderr(), "{count} faults of mkdirat were injected");
    done(run_with("mkdirat", "EINTR", 1, &logs, &logs).unwrap());
    assert_eq!(fs::read_to_string(only_file(&logs)).unwrap().lines().count(), 1);
}

#[test]
fn a_log_that_cannot_be_made_shorter_loses_no_record() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let (folder, log, record) = recorded();
    for error in ["EIO", "EPERM", "EROFS", "EINVAL"] {
        // The torn piece stays, and the record stands on a line of its own.
        fs::write(&log, record.clone() + &record[..100]).unwrap();
        done(run_with("ftruncate", error, 1, &log, folder.path()).unwrap());
        let text = fs::read_to_string(&log).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[1]), (3, record.trim_end(), &record[..100]), "{error}");
        json(lines[2]);
    }
    fs::write(&log, record.clone() + &record[..100]).unwrap();
    done(run_with("ftruncate", "EINTR", 1, &log, folder.path()).unwrap());
    assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 2);
}

#[test]
fn a_clock_that_fails_is_told() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let inject = ["-o", "/dev/null", "-e", "inject=clock_gettime:error=EINVAL"];
    assert_eq!(
        complaint(under_strace(&inject, procline().arg("--stdout")).output().unwrap(), 1),
        "procline: clock: invalid argument\n"
    );
}

/// Starts a run whose call `when` of this name on the log takes so long.
fn slow_run(call: &str, microseconds: u32, when: u32, log: &Path, command: &[&str], machine: &str) -> Child {
    let injection = format!("{call}:delay_enter={microseconds}:when={when}");
    let mut strace = strace(&injection, log, Path::new("/dev/null"));
    strace.args(command).arg(procline_binary()).arg("--procfs").arg(fixture(machine)).arg("--log-path");
    strace.arg(log.parent().unwrap()).spawn().unwrap()
}

#[test]
fn a_heal_that_stands_still_cuts_nobodys_record() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let (folder, log, record) = recorded();
    fs::write(&log, record.clone() + &record[..100]).unwrap();
    let mut slow = slow_run("preadv", 1_500_000, 3, &log, &[], "mt7621-router");
    thread::sleep(Duration::from_millis(300));
    // It waits for its second and appends without the lock.
    done(to_log(folder.path()).output().unwrap());
    assert!(slow.wait().unwrap().success());
    let text = fs::read_to_string(&log).unwrap();
    assert_eq!(text.lines().filter(|line| line.len() >= record.len() - 1).map(json).count(), 3, "{text}");
}

#[test]
fn a_rest_is_not_written_behind_anothers_record() {
    if skip_unless_native() || !has_tool("strace") || !has_tool("prlimit") {
        return;
    }
    let (folder, log, _) = recorded();
    let before = fs::metadata(&log).unwrap().len();
    let reader = File::open(&log).unwrap();
    reader.lock().unwrap();
    // The first write of this run meets a limit, and before the second there is room again, and a record of another.
    let limited = ["sh", "-c", &format!("echo $$ > {}/pid; exec \"$@\"", folder.path().display()), "sh", "prlimit"];
    let limit = format!("--fsize={}:unlimited", before + 5000);
    let command: Vec<_> = limited.into_iter().chain([limit.as_str()]).collect();
    let mut slow = slow_run("write", 6_000_000, 2, &log, &command, "arm64-256cpu");
    for _ in 0..1000 {
        if fs::metadata(&log).unwrap().len() > before {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    done(to_log(folder.path()).output().unwrap());
    let pid = fs::read_to_string(folder.path().join("pid")).unwrap();
    let raised = Command::new("prlimit").args(["--fsize=unlimited", "--pid", pid.trim()]).status().unwrap();
    assert!(raised.success() && slow.wait().unwrap().success());
    let text = fs::read_to_string(&log).unwrap();
    let lengths: Vec<_> = text.lines().filter(|line| !line.is_empty()).map(str::len).collect();
    assert_eq!((lengths.len(), lengths[1]), (4, 5000), "{lengths:?}");
    for line in [0, 2, 3] {
        json(text.lines().filter(|line| !line.is_empty()).nth(line).unwrap());
    }
}
