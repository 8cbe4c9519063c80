//! Every system call of a run fails in turn, with every error it is likely to meet.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

use tempfile::{NamedTempFile, tempdir};

use crate::common::{
    at_instant, complaint, done, fixture, has_tool, json, only_file, procline, procline_binary, skip_unless_native,
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
    ("read,pread64", &["EIO", "EISDIR", "EINVAL", "EBADF"], Outcome::Told),
    ("read,pread64,write,flock", &["EINTR"], Outcome::Recorded),
    ("flock", &["ENOLCK", "EINVAL", "ENOSYS"], Outcome::Recorded),
    ("fstat,newfstatat", &["EIO", "EOVERFLOW"], Outcome::Told),
    ("write", &["ENOSPC", "EDQUOT", "EFBIG", "EIO", "EROFS", "EPIPE"], Outcome::Told),
];

/// A run in which the call `when` on `file` fails: what came of it, or nothing if there is no such call.
fn run_with(call: &str, error: &str, when: u32, file: &Path, logs: &Path) -> Option<Output> {
    let trace = NamedTempFile::new().unwrap();
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-e", &format!("inject={call}:error={error}:when={when}"), "-P"]).arg(file).arg("-o");
    strace
        .arg(trace.path())
        .arg(procline_binary())
        .arg("--procfs")
        .arg(fixture("mt7621-router"))
        .arg("--log-path")
        .arg(logs);
    let output = strace.env_clear().env("TZ", "UTC0").output().unwrap();
    fs::read_to_string(trace).unwrap().contains("(INJECTED)").then_some(output)
}

#[test]
fn each_call_on_each_file_fails_in_turn() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let folder = tempdir().unwrap();
    let logs = folder.path().join("logs");
    done(procline().arg("--procfs").arg(fixture("mt7621-router")).arg("--log-path").arg(&logs).output().unwrap());
    let log = only_file(&logs);
    let record = fs::read_to_string(&log).unwrap();
    let sources = ["stat", "uptime", "loadavg", "meminfo"].map(|file| fixture("mt7621-router").join(file));
    let mut injected = BTreeMap::new();
    for file in sources.iter().chain([&log]) {
        for (calls, errors, outcome) in CALLS {
            for (call, error) in calls.split(',').flat_map(|call| errors.iter().map(move |error| (call, *error))) {
                for when in 1.. {
                    fs::write(&log, &record).unwrap();
                    let Some(output) = run_with(call, error, when, file, &logs) else { break };
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
    for call in ["openat", "read", "pread64", "flock", "write"] {
        assert!(injected.contains_key(call), "{injected:?}");
    }
    let _ = writeln!(std::io::stderr(), "{} faults were injected: {injected:?}", injected.values().sum::<u32>());
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
            let output = run_with("mkdir", error, 1, folder, &logs).expect("the folder is made");
            let message = complaint(output, 1);
            assert!(message.starts_with(&format!("procline: {}: ", logs.display())), "{message}");
            assert!(message.ends_with("; choose another folder with --log-path\n"), "{message}");
            let _ = fs::remove_dir_all(root.path().join("logs"));
            count += 1;
        }
    }
    let _ = writeln!(std::io::stderr(), "{count} faults of mkdir were injected");
    done(run_with("mkdir", "EINTR", 1, &logs, &logs).unwrap());
    assert_eq!(fs::read_to_string(only_file(&logs)).unwrap().lines().count(), 1);
}

#[test]
fn a_log_that_cannot_be_made_shorter_loses_no_record() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let folder = tempdir().unwrap();
    let logs = folder.path().join("logs");
    done(procline().arg("--procfs").arg(fixture("mt7621-router")).arg("--log-path").arg(&logs).output().unwrap());
    let log = only_file(&logs);
    let record = fs::read_to_string(&log).unwrap();
    for error in ["EIO", "EPERM", "EROFS", "EINVAL"] {
        // The torn piece stays, and the record stands on a line of its own.
        fs::write(&log, record.clone() + &record[..100]).unwrap();
        done(run_with("ftruncate", error, 1, &log, &logs).unwrap());
        let text = fs::read_to_string(&log).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[1]), (3, record.trim_end(), &record[..100]), "{error}");
        json(lines[2]);
    }
    fs::write(&log, record.clone() + &record[..100]).unwrap();
    done(run_with("ftruncate", "EINTR", 1, &log, &logs).unwrap());
    assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 2);
}

#[test]
fn a_clock_that_fails_is_told() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o", "/dev/null", "-e", "inject=clock_gettime:error=EINVAL"]);
    strace.arg(procline_binary()).arg("--stdout").env_clear().env("TZ", "UTC0");
    assert_eq!(complaint(strace.output().unwrap(), 1), "procline: clock: invalid argument\n");
}

#[test]
fn reads_of_one_byte_give_the_same_record() {
    let folder = tempdir().unwrap();
    let mut writers = Vec::new();
    for file in ["stat", "uptime", "loadavg", "meminfo"] {
        let fifo = folder.path().join(file);
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let text = fs::read(fixture("mt7621-router").join(file)).unwrap();
        writers.push(thread::spawn(move || {
            let mut pipe = OpenOptions::new().write(true).open(fifo).unwrap();
            for byte in text {
                pipe.write_all(&[byte]).unwrap();
                thread::yield_now();
            }
        }));
    }
    let line = done(procline().args(["--stdout", "--procfs"]).arg(folder.path()).output().unwrap());
    for writer in writers {
        writer.join().unwrap();
    }
    let (line, _) = at_instant(&line);
    assert_eq!(line, fs::read_to_string(fixture("mt7621-router").join("record.log")).unwrap());
}
