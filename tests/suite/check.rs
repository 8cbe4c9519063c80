//! `--check`: it says what a run would say, and leaves nothing behind.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output};

use tempfile::tempdir;

use crate::common::{
    complaint, done, fixture, has_tool, names, procline, recorded, skip_unless_native, to_log, under_strace,
    unprivileged,
};

/// What the same command says with `--check` beside its options.
fn check(command: &Command) -> Output {
    let mut check = Command::new(command.get_program());
    check.args(command.get_args()).arg("--check").env_clear();
    check.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        check.current_dir(folder);
    }
    check.output().unwrap()
}

#[test]
fn a_check_of_what_can_run_says_nothing_and_leaves_nothing() {
    let folder = tempdir().unwrap();
    for logs in ["", "new", "new/and//deeper/"] {
        let mut command = to_log(&folder.path().join(logs));
        assert_eq!(done(check(&command)), "");
        command.args(["--interval", "1", "--max-bytes", "1M", "--keep-files", "3", "--sync", "--pymonitor"]);
        assert_eq!(done(check(&command)), "");
    }
    for logs in [".", "new", "new/deeper"] {
        assert_eq!(done(check(to_log(logs.as_ref()).current_dir(folder.path()))), "");
    }
    assert_eq!(names(folder.path()), [""; 0]);

    let (folder, log, record) = recorded();
    assert_eq!(done(check(&to_log(folder.path()))), "");
    assert_eq!((names(folder.path()).len(), fs::read_to_string(log).unwrap()), (1, record));
}

#[test]
fn a_check_of_standard_output_does_not_look_at_the_log() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(done(check(to_log(&file).arg("--stdout"))), "");
    complaint(check(&to_log(&file)), 1);
}

#[test]
fn a_check_finds_a_wrong_command_line() {
    for (words, message) in [
        (&["--max-bytes", "4X"] as &[&str], "--max-bytes: needs a number of bytes, as 65536, 512k, 4M or 1G"),
        (&["--no-such"], "--no-such: no such option"),
        (&["--interval", "60", "stray"], "stray: not an option"),
    ] {
        let expected = format!("procline: {message}; see procline --help\n");
        assert_eq!(complaint(check(procline().args(words)), 2), expected);
        assert_eq!(complaint(procline().arg("--check").args(words).output().unwrap(), 2), expected);
    }
    let expected = "procline: PROCLINE_LOG_PATH: needs the name of a folder; see procline --help\n";
    assert_eq!(complaint(check(procline().env("PROCLINE_LOG_PATH", "")), 2), expected);
}

#[test]
fn a_check_says_what_a_run_says_of_proc() {
    let folder = tempdir().unwrap();
    let mut command = procline();
    command.arg("--procfs").arg(folder.path()).arg("--log-path").arg(folder.path().join("logs"));
    let mut said = Vec::new();
    let stat = fs::read_to_string(fixture("vm").join("stat")).unwrap();
    for (file, text) in [("stat", "intr 5\n"), ("stat", &stat), ("uptime", "12 13\n")] {
        fs::write(folder.path().join(file), text).unwrap();
        let message = complaint(check(&command), 1);
        assert_eq!(complaint(command.output().unwrap(), 1), message);
        said.push(message);
    }
    said.dedup();
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(names(folder.path()), ["stat", "uptime"]);
}

#[test]
fn a_check_says_what_a_run_says_of_the_log() {
    if skip_unless_native() {
        return;
    }
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "").unwrap();
    fs::create_dir(at("denied")).unwrap();
    fs::create_dir(at("open")).unwrap();
    done(to_log(&at("open")).output().unwrap());
    let log = at("open").join(&names(&at("open"))[0]);
    fs::set_permissions(&log, Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(at("open"), Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(at("denied"), Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    for logs in ["file", "file/below", "denied", "denied/below/deeper", "open"] {
        let (_program, mut command) = unprivileged(procline().arg("--log-path").arg(at(logs)));
        let message = complaint(command.output().unwrap(), 1);
        command.arg("--check");
        assert_eq!(complaint(command.output().unwrap(), 1), message, "{logs}");
    }
    // root may write the file, and a run of root does.
    fs::set_permissions(&log, Permissions::from_mode(0o644)).unwrap();
    symlink(at("open"), at("link")).unwrap();
    assert_eq!(done(check(&to_log(&at("link")))), "");
}

#[test]
fn a_check_makes_no_call_that_changes_anything() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let folder = tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut command = to_log(&folder.path().join("new/logs"));
    command.args(["--check", "--interval", "60", "--max-bytes", "1M"]);
    done(under_strace(&["-f", "-o", trace.to_str().unwrap()], &command).output().unwrap());
    let trace = fs::read_to_string(trace).unwrap();
    assert!(trace.contains(fixture("mt7621-router").join("meminfo").to_str().unwrap()), "{trace}");
    for call in ["write(", "mkdir", "O_CREAT", "O_RDWR", "flock(", "unlink", "rename", "truncate", "timerfd"] {
        assert!(!trace.contains(call), "{call}: {trace}");
    }
}

#[test]
fn a_misspelt_time_zone_is_told() {
    let folder = tempdir().unwrap();
    let message = complaint(check(to_log(folder.path()).env("TZ", "Europe/Berln")), 1);
    assert_eq!(message, "procline: TZ=Europe/Berln: no such time zone; times are in UTC\n");
    for zone in ["UTC0", "UTC", "GMT", ":UTC", "", "CET-1CEST,M3.5.0,M10.5.0/3"] {
        assert_eq!(done(check(to_log(folder.path()).env("TZ", zone))), "", "{zone}");
    }
}

#[test]
fn a_log_that_is_no_file_is_told() {
    for kind in ["fifo", "link", "folder"] {
        let folder = tempdir().unwrap();
        done(to_log(folder.path()).output().unwrap());
        let log = folder.path().join(&names(folder.path())[0]);
        fs::remove_file(&log).unwrap();
        match kind {
            "fifo" => assert!(Command::new("mkfifo").arg(&log).status().unwrap().success()),
            "link" => symlink("/dev/null", &log).unwrap(),
            _ => fs::create_dir(&log).unwrap(),
        }
        let message = complaint(check(&to_log(folder.path())), 1);
        assert!(message.ends_with(": not a regular file; remove it, or choose another --log-path\n"), "{message}");
    }
}
