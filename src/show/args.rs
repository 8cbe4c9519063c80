//! Command line and environment → options of procline-show.
//!
//! `--from -2h --csv` → `Options { from: Some(1795371870), form: Form::Csv, … }`
//!
//! What is no option is the name of a file.

use super::columns;
use super::time;
use crate::args::{UsageError, VARIABLES, folder, name_part, put};
use crate::clock::Moment;
use crate::config;
use crate::digits;
use crate::options::{self, Known, Row};
use crate::sys;
use crate::words;

/// Most files that one run reads.
pub const FILES: usize = 64;

/// What a run shall do.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is asked for instead of records.
    pub command: Command,
    /// The folder and the names of the logs.
    pub logs: config::Options<'static>,
    /// The files to be read instead of the logs; `-` is standard input.
    pub files: heapless::Vec<&'static [u8], FILES>,
    /// What is written.
    pub form: Form,
    /// Whether Prometheus gets all records, with their times.
    pub timestamps: bool,
    /// The first second that is asked for.
    pub from: Option<i64>,
    /// The last one.
    pub to: Option<i64>,
    /// Seconds from one row to the next.
    pub every: Option<i64>,
    /// How many records are asked for, the last ones.
    pub last: Option<u64>,
    /// The columns, as [`columns::are_known`] takes them.
    pub columns: Option<&'static [u8]>,
    /// Whether it goes on as the log grows.
    pub follow: bool,
    /// When the run began.
    pub now: Moment,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Records.
    Show,
    /// The text of `--help`.
    Help,
    /// The text of `--version`.
    Version,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table for a terminal.
    Table,
    /// Comma-separated values.
    Csv,
    /// A line of JSON each record.
    Json,
    /// The exposition format of Prometheus.
    Prometheus,
}

/// Puts a value in its place in the options, or tells what is wrong with it.
type Set = fn(&mut Options, &'static [u8]) -> Result<(), &'static str>;

const TIME: &str = "needs a time, as 13:00, 2026-11-24, 2026-11-24T13:00, -2h or seconds since 1970";

/// The options, in the order of the help. The first three have a variable of the environment each.
#[rustfmt::skip] // A row stays together.
const ROWS: &[Row<Set>] = &[
    ("--log-path", "DIR", concat!("the logs' folder [", env!("PROCLINE_BUILD_LOG_PATH"), "]"),
        |options, value| folder(&mut options.logs.log_path, value)),
    ("--log-prefix", "TEXT", concat!("what their names begin with [", env!("PROCLINE_BUILD_LOG_PREFIX"), "]"),
        |options, value| name_part(&mut options.logs.log_prefix, value)),
    ("--log-suffix", "TEXT", concat!("what stands before .log [", env!("PROCLINE_BUILD_LOG_SUFFIX"), "]"),
        |options, value| name_part(&mut options.logs.log_suffix, value)),
    ("--from", "TIME", "13:00, 2026-11-24, 2026-11-24T13:00, -2h, 1795379070",
        |options, value| time::parse(value, &options.now, false).map(|from| options.from = Some(from)).ok_or(TIME)),
    ("--to", "TIME", "the same; of a date its end",
        |options, value| time::parse(value, &options.now, true).map(|to| options.to = Some(to)).ok_or(TIME)),
    ("--last", "N", "the last N rows",
        |options, value| digits::parse(value).filter(|last| *last > 0).map(|last| options.last = Some(last))
            .ok_or("needs a number of records")),
    ("--every", "TIME", "one row for each 15m, 1h, 1d",
        |options, value| time::duration(value).filter(|every| *every > 0).map(|every| options.every = Some(every))
            .ok_or("needs a duration, as 90s, 15m, 1h or 1d")),
    ("--columns", "LIST", columns::HELP,
        |options, value| if columns::are_known(value) { put(&mut options.columns, Some(value)) } else {
            Err(columns::UNKNOWN) }),
    ("--follow", "", "go on as the log grows", |options, _| put(&mut options.follow, true)),
    ("--csv", "", "comma-separated values, in the kernel's digits", |options, _| form(options, Form::Csv)),
    ("--json", "", "the records, a line each", |options, _| form(options, Form::Json)),
    ("--prometheus", "", "the last record for Prometheus", |options, _| form(options, Form::Prometheus)),
    ("--timestamps", "", "with --prometheus: all records, with their times",
        |options, _| put(&mut options.timestamps, true)),
    ("--help", "", "this text", |options, _| put(&mut options.command, Command::Help)),
    ("--version", "", "version, commit, target", |options, _| put(&mut options.command, Command::Version)),
];

/// The help before the options, …
const BEFORE: &str = "\
Usage: procline-show [OPTION]... [FILE]...
Show what procline recorded: the last hour of its logs, or all of each FILE;
that can be a gzip file, or - for standard input.

";

/// … and what is behind the options.
const BEHIND: &str = "
PROCLINE_LOG_PATH, PROCLINE_LOG_PREFIX and PROCLINE_LOG_SUFFIX in the
environment stand for options not given. Status: 0 done, 1 no record or an
error, 2 wrong command line.
";

/// What `--help` prints.
pub static HELP: [u8; table::<4096>().1] = table().0;
/// What else of the rows the program needs.
static OPTIONS: [Known<Set>; ROWS.len()] = table::<{ HELP.len() }>().2;

/// [`HELP`] in the beginning of an array of this size, its length, and [`OPTIONS`].
const fn table<const BYTES: usize>() -> ([u8; BYTES], usize, [Known<Set>; ROWS.len()]) {
    options::table(BEFORE, ROWS, &[BEHIND], |_, _| Ok(()))
}

fn form(options: &mut Options, form: Form) -> Result<(), &'static str> {
    if options.form != Form::Table && options.form != form {
        return Err("not with another of --csv, --json and --prometheus");
    }
    put(&mut options.form, form)
}

impl Options {
    /// What is built in, where it is now this moment.
    pub fn new(now: Moment) -> Self {
        Self {
            command: Command::Show,
            logs: config::Options::default(),
            files: heapless::Vec::new(),
            form: Form::Table,
            timestamps: false,
            from: None,
            to: None,
            every: None,
            last: None,
            columns: None,
            follow: false,
            now,
        }
    }
}

/// Reads the command line, without the program's name, and the environment.
///
/// # Errors
/// What is wrong first.
pub fn parse(
    options: &mut Options,
    mut arguments: impl Iterator<Item = &'static [u8]>,
) -> Result<(), UsageError<'static>> {
    let mut given = 0_u32;
    while let Some(argument) = arguments.next() {
        given |= take(options, argument, &mut arguments)?;
        if options.command != Command::Show {
            return Ok(());
        }
    }
    let mut variables = VARIABLES.as_bytes();
    for option in OPTIONS.iter().take(3) {
        let argument = words::take(&mut variables, b' ');
        if given & option.bit == 0
            && let Some(value) = sys::environment(argument)
        {
            (option.set)(options, value).map_err(|reason| UsageError { argument, reason })?;
        }
    }
    check(options).map_or(Ok(()), |(argument, reason)| Err(UsageError { argument, reason }))
}

/// Options that do not go together.
fn check(options: &Options) -> Option<(&'static [u8], &'static str)> {
    let reads_again = options.last.is_some() || options.timestamps;
    let has_stdin = options.files.contains(&&b"-"[..]);
    let is_last = options.form == Form::Prometheus && !options.timestamps;
    if options.timestamps && options.form != Form::Prometheus {
        Some((b"--timestamps", "needs --prometheus"))
    } else if options.columns.is_some() && matches!(options.form, Form::Json | Form::Prometheus) {
        Some((b"--columns", "not with --json or --prometheus"))
    } else if is_last && (options.every.is_some() || options.last.is_some()) {
        Some((b"--prometheus", "needs --timestamps, beside --every or --last"))
    } else if reads_again && has_stdin {
        Some((b"-", "not with --last or --timestamps, which read twice"))
    } else if options.follow && (reads_again || options.form == Form::Prometheus) {
        Some((b"--follow", "not with --last or --prometheus"))
    } else if options.from > options.to && options.to.is_some() {
        Some((b"--from", "is later than --to"))
    } else {
        None
    }
}

/// Takes an option from the command line, and its value, be it the next word; or the name of a file. The bit of the
/// option, and none for a file.
fn take(
    options: &mut Options,
    argument: &'static [u8],
    others: &mut impl Iterator<Item = &'static [u8]>,
) -> Result<u32, UsageError<'static>> {
    let wrong = |argument, reason| UsageError { argument, reason };
    if argument == b"-" || !argument.starts_with(b"-") {
        return options.files.push(argument).map(|()| 0).map_err(|_| wrong(argument, "more than 64 files"));
    }
    let found = options::find(&HELP, &OPTIONS, argument, others);
    let (option, value, is_next) = found.map_err(|reason| wrong(argument, reason))?;
    // Of `--from 25:00` the value is what is wrong, and names itself as `--from=25:00` does.
    let argument = if is_next { value } else { argument };
    (option.set)(options, value).map(|()| option.bit).map_err(|reason| wrong(argument, reason))
}
