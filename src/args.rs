//! Command line and environment → options.
//!
//! `--log-path /mnt/log --pymonitor` → `Options { log_path: "/mnt/log", pymonitor: true, … }`
//!
//! An option comes before the environment, and that before what is built in. Of an option given twice the last counts.

use crate::config::{Command, Options};
use crate::digits;
use crate::message::{Explain, Message, error};
use crate::options::{self, Known, Row};
use crate::with;
use crate::words;

/// What is wrong with the command line, or with a variable of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageError<'a> {
    /// The argument, or the name of the variable.
    pub argument: &'a [u8],
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Explain for UsageError<'_> {
    fn explain(&self, message: &mut Message) {
        message.quote(self.argument).add(": ").add(self.reason);
    }
}

error!(UsageError<'_>);

/// Puts a value in its place in the options, or tells what is wrong with it.
type Set = for<'a> fn(&mut Options<'a>, &'a [u8]) -> Result<(), &'static str>;

/// The options, in the order of the help.
#[rustfmt::skip] // A row stays together.
const ROWS: &[Row<Set>] = &[
    ("--log-path", "DIR", concat!("the log's folder, made where missing [", env!("PROCLINE_BUILD_LOG_PATH"), "]"),
        |options, value| folder(&mut options.log_path, value)),
    ("--log-prefix", "TEXT", concat!("what the file's name begins with [", env!("PROCLINE_BUILD_LOG_PREFIX"), "]"),
        |options, value| name_part(&mut options.log_prefix, value)),
    ("--log-suffix", "TEXT", concat!("what stands before .log [", env!("PROCLINE_BUILD_LOG_SUFFIX"), "]"),
        |options, value| name_part(&mut options.log_suffix, value)),
    ("--with", "LIST", "record these too: netdev,diskstats,hwmon, or all",
        |options, value| with::named(value).map(|with| options.with = with).ok_or(with::UNKNOWN)),
    ("--stdout", "", "write the line to standard output instead", |options, _| put(&mut options.stdout, true)),
    ("--sync", "", "have the record on the disk when the run ends", |options, _| put(&mut options.sync, true)),
    ("--pymonitor", "", "write exactly what pymonitor writes", |options, _| put(&mut options.pymonitor, true)),
    ("--no-intr-counters", "", "write \"counters\": [], the list is most of a record",
        |options, _| put(&mut options.intr_counters, false)),
    ("--procfs", "DIR", concat!("read from DIR, a procfs or a copy of one [", env!("PROCLINE_BUILD_PROCFS"), "]"),
        |options, value| folder(&mut options.procfs, value)),
    ("--sysfs", "DIR", "read from DIR, a sysfs or a copy of one [/sys]",
        |options, value| folder(&mut options.sysfs, value)),
    ("--rootfs", "DIR", "look for mount points below DIR", |options, value| folder(&mut options.rootfs, value)),
    ("--interval", "SECONDS", "one record each interval, 1 to 86400",
        |options, value| number(value, 86_400).map(|seconds| options.interval = seconds.try_into().ok())
            .ok_or("needs a number of seconds, 1 to 86400")),
    ("--keep-files", "N", "keep the logs of the last N days, 1 to 9999",
        |options, value| number(value, 9999).map(|days| options.keep_files = Some(days))
            .ok_or("needs a number of days, 1 to 9999")),
    ("--max-bytes", "SIZE", "keep all logs within SIZE of disk: 65536, 512k, 4M",
        |options, value| size(value).map(|bytes| options.max_bytes = Some(bytes))
            .ok_or("needs a number of bytes, as 65536, 512k, 4M or 1G")),
    ("--compress", "", "move what is old of a day to its .log.gz",
        |options, _| put(&mut options.compress, true)),
    ("--check", "", "look whether a record could be made and written",
        |options, _| put(&mut options.command, Command::Check)),
    ("--help", "", "this text", |options, _| put(&mut options.command, Command::Help)),
    ("--version", "", "version, commit, target, capacities", |options, _| put(&mut options.command, Command::Version)),
];

/// The variables of the environment. They stand for the first options, in this order. The program has them in the help.
pub(crate) const VARIABLES: &str = "PROCLINE_LOG_PATH PROCLINE_LOG_PREFIX PROCLINE_LOG_SUFFIX PROCLINE_WITH";

/// The help before the options, …
const BEFORE: &str = "\
Usage: procline [OPTION]...
Append one record of /proc to the log of the day.

";

/// … and what is behind the options and the variables.
const BEHIND: &str = "
in the environment do the same. Status: 0 done, 1 failed, 2 wrong command line.
";

/// What `--help` prints.
pub static HELP: [u8; table::<4096>().1] = table().0;
/// What else of the rows the program needs.
static OPTIONS: [Known<Set>; ROWS.len()] = table::<{ HELP.len() }>().2;

/// [`HELP`] in the beginning of an array of this size, its length, and [`OPTIONS`].
const fn table<const BYTES: usize>() -> ([u8; BYTES], usize, [Known<Set>; ROWS.len()]) {
    options::table(BEFORE, ROWS, &["\n", VARIABLES, BEHIND], |_, _| Ok(()))
}

/// Bytes that prefix and suffix have together at most, so that the name of an older part has no more than 255: the
/// date, `.log`, behind it a point and up to nine digits, and `.gz`.
const NAME_PARTS: usize = 255 - 10 - 4 - 10 - 3;

/// Reads the command line, without the program's name, and the variables that `environment` looks up.
///
/// # Errors
/// What is wrong first: in the command line, from its first word on, and then in the environment.
// Not inlined: keeps what it has on the stack off that of a record.
#[inline(never)]
pub fn parse<'a>(
    mut arguments: impl Iterator<Item = &'a [u8]>,
    environment: impl Fn(&[u8]) -> Option<&'a [u8]>,
) -> Result<Options<'a>, UsageError<'a>> {
    let mut options = Options::default();
    let mut given = 0;
    while let Some(argument) = arguments.next() {
        let found = options::find(&HELP, &OPTIONS, argument, &mut arguments);
        let taken = found.and_then(|(option, value, _)| (option.set)(&mut options, value).map(|()| option));
        given |= taken.map_err(|reason| UsageError { argument, reason })?.bit;
        if matches!(options.command, Command::Help | Command::Version) {
            return Ok(options);
        }
    }
    let end = HELP.len() - BEHIND.len();
    let mut variables = HELP.get(end - VARIABLES.len()..end).unwrap_or_default();
    for option in &OPTIONS {
        if variables.is_empty() {
            break;
        }
        let argument = words::take(&mut variables, b' ');
        if given & option.bit == 0
            && let Some(value) = environment(argument)
        {
            (option.set)(&mut options, value).map_err(|reason| UsageError { argument, reason })?;
        }
    }
    if options.pymonitor && options.with != 0 {
        return Err(UsageError { argument: b"--pymonitor", reason: "not together with --with or PROCLINE_WITH" });
    }
    if (options.max_bytes.is_some() || options.compress)
        && options.log_prefix.len() + options.log_suffix.len() > NAME_PARTS
    {
        let argument = if options.compress { &b"--compress"[..] } else { b"--max-bytes" };
        let reason = "needs a --log-prefix and a --log-suffix of at most 228 bytes together";
        return Err(UsageError { argument, reason });
    }
    Ok(options)
}

#[expect(clippy::unnecessary_wraps, reason = "most rows end with it")]
pub(crate) fn put<T>(place: &mut T, value: T) -> Result<(), &'static str> {
    *place = value;
    Ok(())
}

pub(crate) fn folder<'a>(place: &mut &'a [u8], value: &'a [u8]) -> Result<(), &'static str> {
    if value.is_empty() { Err("needs the name of a folder") } else { put(place, value) }
}

#[expect(clippy::manual_contains, reason = "this loop is 20 bytes, core's search for a byte 200")]
pub(crate) fn name_part<'a>(place: &mut &'a [u8], value: &'a [u8]) -> Result<(), &'static str> {
    let has_slash = value.iter().any(|byte| *byte == b'/');
    if has_slash { Err("part of a file's name, so without a '/'") } else { put(place, value) }
}

/// A number from 1 to `most`.
fn number(value: &[u8], most: u64) -> Option<u64> {
    digits::parse(value).filter(|number| (1..=most).contains(number))
}

/// `512k` → 524288. The units are k, M and G; a large letter and a small one are the same.
fn size(value: &[u8]) -> Option<u64> {
    let (unit, digits) = value.split_last()?;
    let (digits, shift) = match unit.to_ascii_lowercase() {
        b'k' => (digits, 10),
        b'm' => (digits, 20),
        b'g' => (digits, 30),
        _ => (value, 0),
    };
    number(digits, u64::MAX >> shift).map(|number| number << shift)
}
