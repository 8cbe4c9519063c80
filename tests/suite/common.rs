//! What the tests share: the program, the fixtures, a line taken apart.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs, io};

use procline::args;
use procline::clock::{Date, LocalTime, Moment};
use procline::config::Options;
use procline::run;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// The instant of all expected records.
pub(crate) const INSTANT: Moment = Moment {
    seconds: 1_734_302_332,
    microseconds: 725_903,
    local: LocalTime { date: Date { year: 2024, month: 12, day: 15 }, hour: 22, minute: 38, second: 52 },
};

/// The file of the program under test.
pub(crate) fn procline_binary() -> OsString {
    env::var_os("PROCLINE_TEST_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_procline").into())
}

/// The file of procline-show, which is beside that.
pub(crate) fn show_binary() -> OsString {
    match env::var_os("PROCLINE_TEST_BINARY") {
        Some(procline) => Path::new(&procline).with_file_name("procline-show").into(),
        None => env!("CARGO_BIN_EXE_procline-show").into(),
    }
}

/// The program under test, with an environment that holds nothing of this machine's.
pub(crate) fn procline() -> Command {
    run(procline_binary())
}

/// procline-show, the same.
pub(crate) fn procline_show() -> Command {
    run(show_binary())
}

fn run(program: OsString) -> Command {
    let mut command = match env::var("PROCLINE_TEST_RUNNER") {
        Ok(runner) if !runner.is_empty() => {
            let mut words = runner.split_whitespace();
            let mut command = Command::new(words.next().unwrap());
            command.args(words).arg(program);
            command
        }
        _ => Command::new(program),
    };
    command.env_clear().env("TZ", "UTC0").stdin(Stdio::null());
    command
}

/// Whether the program runs as it is, so that strace and resource limits see it and nothing else.
pub(crate) fn runs_natively() -> bool {
    env::var_os("PROCLINE_TEST_RUNNER").is_none_or(|runner| runner.is_empty())
}

/// Whether `tool` is there. Where it is not, says so past the test harness, or fails if all tests are asked for.
pub(crate) fn has_tool(tool: &str) -> bool {
    let there = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    there || skipped(&format!("{tool} is not installed"))
}

/// Says that the running test is skipped for want of a tool or a right, and fails if all tests are asked for. Always
/// false.
pub(crate) fn skipped(reason: &str) -> bool {
    assert!(env::var_os("PROCLINE_TEST_ALL").is_none(), "{reason}");
    not_here(reason)
}

/// Says that the running test has nothing to test in this run. Always false.
pub(crate) fn not_here(reason: &str) -> bool {
    let thread = std::thread::current();
    let _ = writeln!(io::stderr(), "SKIPPED {}: {reason}", thread.name().unwrap_or_default());
    false
}

/// A test of a part that emulation or another machine's kernel does not give.
pub(crate) fn skip_unless_native() -> bool {
    !runs_natively() && !not_here("does not work under an emulator")
}

/// The folder of one machine.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The one file in a folder.
pub(crate) fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// A folder with a log of today that holds one record.
pub(crate) fn recorded() -> (TempDir, PathBuf, String) {
    let folder = tempdir().unwrap();
    done(to_log(folder.path()).output().unwrap());
    let log = only_file(folder.path());
    let record = fs::read_to_string(&log).unwrap();
    (folder, log, record)
}

/// The program under test, told to append a record of a small machine to the log in `folder`.
pub(crate) fn to_log(folder: &Path) -> Command {
    let mut command = procline();
    command.arg("--procfs").arg(fixture("mt7621-router")).arg("--log-path").arg(folder);
    command
}

/// The same command under strace, with these options of strace's.
pub(crate) fn under_strace(options: &[&str], command: &Command) -> Command {
    let mut strace = Command::new("strace");
    strace.arg("-qq").args(options).arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    strace.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace
}

/// A FIFO in a folder, open for writing without waiting, and the number of bytes with which it is full.
pub(crate) fn full_pipe(folder: &Path) -> (PathBuf, File, usize) {
    let fifo = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut full = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(&fifo).unwrap();
    let mut length = 0;
    while let Ok(written) = full.write(&[b'x'; 4096]) {
        length += written;
    }
    (fifo, full, length)
}

/// The same command for a user who may read and write nothing but what all may; and the folder of the program, which
/// has to stay for as long as it runs.
pub(crate) fn unprivileged(command: &Command) -> (TempDir, Command) {
    let folder = tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("procline");
    // By another process: a child that another test starts meanwhile would keep the copy open for writing, and an open
    // one cannot be run.
    assert!(Command::new("cp").arg(command.get_program()).arg(&program).status().unwrap().success());
    let mut unprivileged = Command::new(program);
    unprivileged.args(command.get_args()).env_clear().env("TZ", "UTC0").stdin(Stdio::null());
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        unprivileged.uid(65534).gid(65534);
    }
    (folder, unprivileged)
}

/// The folders of `fixtures/`, one a machine.
pub(crate) fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(folders.len() > 10, "{folders:?}");
    folders
}

/// The line that the library makes of the files in `procfs` at [`INSTANT`], with the largest array there is.
pub(crate) fn compose(procfs: &Path, pymonitor: bool) -> Result<String, String> {
    compose_at(INSTANT, procfs, pymonitor)
}

/// The same with these options.
pub(crate) fn compose_with(procfs: &Path, words: &[&str]) -> Result<String, String> {
    let sysfs = procfs.join("sysfs");
    let folders = [b"--procfs", procfs.as_os_str().as_bytes(), b"--sysfs", sysfs.as_os_str().as_bytes()];
    let words = folders.into_iter().chain(words.iter().map(|word| word.as_bytes()));
    compose_by(INSTANT, &args::parse(words, |_| None).unwrap())
}

/// The same at another instant.
pub(crate) fn compose_at(moment: Moment, procfs: &Path, pymonitor: bool) -> Result<String, String> {
    compose_by(moment, &Options { procfs: procfs.as_os_str().as_bytes(), pymonitor, ..Options::default() })
}

fn compose_by(moment: Moment, options: &Options<'_>) -> Result<String, String> {
    let mut room = vec![0; procline::config::LAST_STEP];
    let line =
        run::compose(options, &moment, &mut run::Kept::default(), &mut room).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(line[1..].to_vec()).unwrap())
}

/// Takes the time out of a line: the line as it would be at [`INSTANT`], and the timestamp it had.
pub(crate) fn at_instant(line: &str) -> (String, i64) {
    let (timestamp, json) = line.split_once(" - ").unwrap_or_else(|| panic!("no line: {line}"));
    let record: Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(record["timestamp"].to_string(), timestamp);
    let time = record["time"].as_str().unwrap();
    let expected = json.replacen(time, INSTANT.time().as_str(), 1).replacen(timestamp, &INSTANT.seconds.to_string(), 1);
    (format!("{} - {expected}", INSTANT.seconds), timestamp.parse().unwrap())
}

/// A record of this second, whose clock is UTC's.
pub(crate) fn record_at(second: i64) -> String {
    let record = fs::read_to_string(fixture("vm").join("record.log")).unwrap();
    let (_, json) = record.split_once(" - ").unwrap();
    let date = LocalTime::new(second, 0);
    let time = format!("{}T{:02}:{:02}:{:02}", date.date.iso(), date.hour, date.minute, date.second);
    let json = json.replacen("2024-12-15T22:38:52.725903", &time, 1).replacen("1734302332", &second.to_string(), 1);
    format!("{second} - {json}")
}

/// The JSON of a line.
pub(crate) fn json(line: &str) -> Value {
    let (_, json) = line.split_once(" - ").unwrap_or_else(|| panic!("no line: {line}"));
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// Standard output of a run that shall be done, with nothing to complain of.
pub(crate) fn done(output: Output) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), complaint.as_str()), (Some(0), ""));
    String::from_utf8(output.stdout).unwrap()
}

/// The message of a run that shall end with `status`, and write nothing to standard output.
pub(crate) fn complaint(output: Output, status: i32) -> String {
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(status), 0), "{complaint}");
    complaint
}
