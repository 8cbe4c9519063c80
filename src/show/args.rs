//! Command line and environment → options of procline-show.
//!
//! `--from -2h --csv` → `Options { from: Some(1795371870), form: Form::Csv, … }`
//!
//! As in [`crate::args`], a row is all there is of an option, and the compiler makes the help of the rows.

use super::columns;
use super::time;
use crate::args::{UsageError, VARIABLES, add, folder, name_part, put};
use crate::clock::Moment;
use crate::config;
use crate::digits;
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

/// An option: its name; what stands for its value in the help, or nothing for a switch; what the help says; [`Set`].
type Row = (&'static str, &'static str, &'static str, Set);

/// Puts a value in its place in the options, or tells what is wrong with it.
type Set = fn(&mut Options, &'static [u8]) -> Result<(), &'static str>;

const TIME: &str = "needs a time, as 13:00, 2026-11-24, 2026-11-24T13:00, -2h or seconds since 1970";

/// The options, in the order of the help. The first three have a variable of the environment each.
#[rustfmt::skip] // A row stays together.
const ROWS: &[Row] = &[
    ("--log-path", "DIR", concat!("the logs' folder [", env!("PROCLINE_BUILD_LOG_PATH"), "]"),
        |options, value| folder(&mut options.logs.log_path, value)),
    ("--log-prefix", "TEXT", concat!("what their names begin with [", env!("PROCLINE_BUILD_LOG_PREFIX"), "]"),
        |options, value| name_part(&mut options.logs.log_prefix, value)),
    ("--log-suffix", "TEXT", concat!("what stands before .log [", env!("PROCLINE_BUILD_LOG_SUFFIX"), "]"),
        |options, value| name_part(&mut options.logs.log_suffix, value)),
    ("--from", "TIME", "13:00, 2026-11-24, 2026-11-24T13:00, -2h, 1795379070",
        |options, value| time::parse(value, &options.now, false).map(|from| options.from = Some(from)).ok_or(TIME)),
    ("--to", "TIME", "the same; a date is the whole day",
        |options, value| time::parse(value, &options.now, true).map(|to| options.to = Some(to)).ok_or(TIME)),
    ("--last", "N", "the last N records",
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
    ("--json", "", "the records as they are, a line each", |options, _| form(options, Form::Json)),
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

/// … the width of a name with its value, …
const BLANKS: &str = "                    ";

/// … and what is behind the options.
const BEHIND: &str = "
PROCLINE_LOG_PATH, PROCLINE_LOG_PREFIX and PROCLINE_LOG_SUFFIX in the
environment stand for options not given. Status: 0 done, 1 no record or an
error, 2 wrong command line.
";

/// What `--help` prints.
pub static HELP: [u8; table::<4096>().1] = table().0;
/// What else of the rows the program needs.
static OPTIONS: [Known; ROWS.len()] = table::<{ HELP.len() }>().2;

/// An option, as the program knows it.
#[derive(Clone, Copy)]
struct Known {
    /// Where its name begins in [`HELP`], and the length of the name.
    at: u16,
    length: u8,
    takes_value: bool,
    set: Set,
}

/// [`HELP`] in the beginning of an array of this size, its length, and [`OPTIONS`].
#[expect(clippy::cast_possible_truncation, reason = "the help is a screen, and a name less than a line")]
const fn table<const BYTES: usize>() -> ([u8; BYTES], usize, [Known; ROWS.len()]) {
    let mut help = [0; BYTES];
    let mut options = [Known { at: 0, length: 0, takes_value: false, set: |_, _| Ok(()) }; ROWS.len()];
    let (mut rest, mut rows, mut places) = (add(&mut help, BEFORE), ROWS, options.as_mut_slice());
    while let ([(name, value, what, set), other_rows @ ..], [place, other_places @ ..]) = (rows, places) {
        rest = add(rest, "  ");
        let at = BYTES - rest.len();
        *place = Known { at: at as u16, length: name.len() as u8, takes_value: !value.is_empty(), set: *set };
        let (_, blanks) = BLANKS.split_at(name.len() + 1 + value.len());
        rest = add(add(add(add(add(add(rest, name), " "), value), blanks), what), "\n");
        (rows, places) = (other_rows, other_places);
    }
    let length = BYTES - add(rest, BEHIND).len();
    (help, length, options)
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
        let row = take(options, argument, &mut arguments)?;
        given |= 1 << row;
        if options.command != Command::Show {
            return Ok(());
        }
    }
    let mut variables = VARIABLES.as_bytes();
    for (row, option) in OPTIONS.iter().take(3).enumerate() {
        let argument = words::take(&mut variables, b' ');
        if given & 1 << row == 0
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
    } else {
        None
    }
}

/// Takes an option from the command line, and its value, be it the next word; or the name of a file. The number of the
/// row, and behind the last one for a file.
fn take(
    options: &mut Options,
    argument: &'static [u8],
    others: &mut impl Iterator<Item = &'static [u8]>,
) -> Result<usize, UsageError<'static>> {
    let wrong = |reason| UsageError { argument, reason };
    if argument == b"-" || !argument.starts_with(b"-") {
        let pushed = options.files.push(argument).map(|()| ROWS.len());
        return pushed.map_err(|_| wrong("more than 64 files"));
    }
    // `--name=value`
    let length = argument.iter().position(|byte| *byte == b'=').unwrap_or(argument.len());
    let (name, rest) = argument.split_at_checked(length).unwrap_or_default();
    let attached = rest.get(1..);
    let row = OPTIONS.iter().position(|option| {
        let start = usize::from(option.at);
        HELP.get(start..start + usize::from(option.length)) == Some(name)
    });
    let row = row.ok_or(wrong("no such option"))?;
    let option = OPTIONS.get(row).ok_or(wrong("no such option"))?;
    let value = match attached {
        Some(_) if !option.takes_value => return Err(wrong("takes no value")),
        None if option.takes_value => {
            others.next().filter(|next| !next.starts_with(b"--")).ok_or(wrong("needs a value"))?
        }
        _ => attached.unwrap_or_default(),
    };
    // Of `--from 25:00` the value is what is wrong, and names itself as `--from=25:00` does.
    let argument = if option.takes_value && attached.is_none() { value } else { argument };
    (option.set)(options, value).map(|()| row).map_err(|reason| UsageError { argument, reason })
}
