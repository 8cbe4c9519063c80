//! Command line and environment → options.
//!
//! `--log-path /mnt/log --pymonitor` → `Command::Record(Options { log_path: "/mnt/log", pymonitor: true, … })`
//!
//! `--option value` and `--option=value` are the same. An option comes before the environment, and that before
//! what is built in. Of an option given twice the last counts.

use core::ffi::CStr;
use core::fmt;

use crate::config::Options;
use crate::message::{self, Explain, Message};

/// What the command line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// A record.
    Record(Options<'a>),
    /// The text of `--help`.
    Help,
    /// The text of `--version`.
    Version,
}

/// What is wrong with the command line, or with a variable of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageError<'a> {
    /// There is no such option.
    Unknown(&'a [u8]),
    /// Not an option.
    Stray(&'a [u8]),
    /// The option takes a value, and none follows, or the next option.
    NoValue(&'a [u8]),
    /// The option takes no value, and has one.
    Value(&'a [u8]),
    /// This option or variable needs the name of a folder, and has an empty one.
    NoFolder(&'a [u8]),
    /// This option or variable is a part of a file's name, and has a `/`.
    Slash(&'a [u8]),
}

impl Explain for UsageError<'_> {
    fn explain(&self, message: &mut Message) {
        let (argument, reason) = match self {
            Self::Unknown(argument) => (argument, ": no such option"),
            Self::Stray(argument) => (argument, ": not an option"),
            Self::NoValue(argument) => (argument, ": needs a value"),
            Self::Value(argument) => (argument, ": takes no value"),
            Self::NoFolder(argument) => (argument, ": needs the name of a folder"),
            Self::Slash(argument) => (argument, ": part of a file's name, so without a '/'"),
        };
        message.quote(argument).add(reason);
    }
}

impl fmt::Display for UsageError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        message::show(self, f)
    }
}

impl core::error::Error for UsageError<'_> {}

/// Reads the command line, without the program's name, and the variables that `environment` looks up.
///
/// # Errors
/// The first argument or variable that is wrong.
pub fn parse<'a>(
    mut arguments: impl Iterator<Item = &'a [u8]>,
    environment: impl Fn(&CStr) -> Option<&'a [u8]>,
) -> Result<Command<'a>, UsageError<'a>> {
    let mut options = Options::default();
    let mut values = [None; WITH_VALUE.len()];
    while let Some(argument) = arguments.next() {
        let (name, attached) = split(argument);
        if let Some(((.., check), value)) = WITH_VALUE.iter().zip(&mut values).find(|((known, ..), _)| *known == name) {
            let found = attached.or_else(|| arguments.next().filter(|next| !next.starts_with(b"--")));
            *value = Some(check(argument, found.ok_or(UsageError::NoValue(argument))?)?);
            continue;
        }
        let mut text = None;
        match name {
            b"--stdout" => options.stdout = true,
            b"--pymonitor" => options.pymonitor = true,
            b"--no-intr-counters" => options.intr_counters = false,
            b"--help" => text = Some(Command::Help),
            b"--version" => text = Some(Command::Version),
            [b'-', _, ..] => return Err(UsageError::Unknown(argument)),
            _ => return Err(UsageError::Stray(argument)),
        }
        match (attached, text) {
            (Some(_), _) => return Err(UsageError::Value(argument)),
            (None, Some(text)) => return Ok(text),
            (None, None) => {}
        }
    }
    for ((_, variable, check), value) in WITH_VALUE.iter().zip(&mut values) {
        // A variable that an option replaces may hold anything.
        if value.is_none()
            && let Some(variable) = variable
            && let Some(found) = environment(variable)
        {
            *value = Some(check(variable.to_bytes(), found)?);
        }
    }
    let [log_path, log_prefix, log_suffix, procfs] = values;
    options.log_path = log_path.unwrap_or(options.log_path);
    options.log_prefix = log_prefix.unwrap_or(options.log_prefix);
    options.log_suffix = log_suffix.unwrap_or(options.log_suffix);
    options.procfs = procfs.unwrap_or(options.procfs);
    Ok(Command::Record(options))
}

/// The options that take a value: the variable of the environment that does the same, and what a value must be.
const WITH_VALUE: [(&[u8], Option<&CStr>, Check); 4] = [
    (b"--log-path", Some(c"PROCLINE_LOG_PATH"), folder),
    (b"--log-prefix", Some(c"PROCLINE_LOG_PREFIX"), name_part),
    (b"--log-suffix", Some(c"PROCLINE_LOG_SUFFIX"), name_part),
    (b"--procfs", None, folder),
];

/// Checks the value of an option or a variable, the name of which comes first.
type Check = for<'a> fn(&'a [u8], &'a [u8]) -> Result<&'a [u8], UsageError<'a>>;

/// `--name=value` → `--name` and `value`.
fn split(argument: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut parts = argument.splitn(2, |byte| *byte == b'=');
    (parts.next().unwrap_or_default(), parts.next())
}

fn folder<'a>(whose: &'a [u8], value: &'a [u8]) -> Result<&'a [u8], UsageError<'a>> {
    if value.is_empty() { Err(UsageError::NoFolder(whose)) } else { Ok(value) }
}

#[expect(clippy::manual_contains, reason = "this loop is 20 bytes, core's search for a byte 200")]
fn name_part<'a>(whose: &'a [u8], value: &'a [u8]) -> Result<&'a [u8], UsageError<'a>> {
    if value.iter().any(|byte| *byte == b'/') { Err(UsageError::Slash(whose)) } else { Ok(value) }
}
