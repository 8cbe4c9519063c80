//! Command line and environment → options.
//!
//! `--log-path /mnt/log --pymonitor` → `Command::Record(Options { log_path: "/mnt/log", pymonitor: true, … })`
//!
//! `--option value` and `--option=value` are the same. An option comes before the environment, and that before
//! what is built in. Of an option given twice the last counts.

use core::ffi::CStr;
use core::fmt;

use crate::config::{Lossy, Options};

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

impl fmt::Display for UsageError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(argument) => write!(f, "{}: no such option", Lossy(argument)),
            Self::Stray(argument) => write!(f, "{}: not an option", Lossy(argument)),
            Self::NoValue(argument) => write!(f, "{}: needs a value", Lossy(argument)),
            Self::Value(argument) => write!(f, "{}: takes no value", Lossy(argument)),
            Self::NoFolder(argument) => write!(f, "{}: needs the name of a folder", Lossy(argument)),
            Self::Slash(argument) => write!(f, "{}: part of a file's name, so without a '/'", Lossy(argument)),
        }
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
    let [mut log_path, mut log_prefix, mut log_suffix, mut procfs] = [None; 4];
    while let Some(argument) = arguments.next() {
        let (name, attached) = split(argument);
        let takes_value: Option<(_, Check<'a>)> = match name {
            b"--log-path" => Some((&mut log_path, folder)),
            b"--log-prefix" => Some((&mut log_prefix, name_part)),
            b"--log-suffix" => Some((&mut log_suffix, name_part)),
            b"--procfs" => Some((&mut procfs, folder)),
            _ => None,
        };
        if let Some((option, check)) = takes_value {
            let value = attached.or_else(|| arguments.next().filter(|next| !next.starts_with(b"--")));
            *option = Some(check(argument, value.ok_or(UsageError::NoValue(argument))?)?);
            continue;
        }
        match name {
            b"--stdout" | b"--pymonitor" | b"--no-intr-counters" | b"--help" | b"--version" if attached.is_some() => {
                return Err(UsageError::Value(argument));
            }
            b"--stdout" => options.stdout = true,
            b"--pymonitor" => options.pymonitor = true,
            b"--no-intr-counters" => options.intr_counters = false,
            b"--help" => return Ok(Command::Help),
            b"--version" => return Ok(Command::Version),
            [b'-', _, ..] => return Err(UsageError::Unknown(argument)),
            _ => return Err(UsageError::Stray(argument)),
        }
    }
    options.procfs = procfs.unwrap_or(options.procfs);
    // A variable that an option replaces may hold anything.
    for (option, given, variable, check) in [
        (&mut options.log_path, log_path, c"PROCLINE_LOG_PATH", folder as Check<'a>),
        (&mut options.log_prefix, log_prefix, c"PROCLINE_LOG_PREFIX", name_part),
        (&mut options.log_suffix, log_suffix, c"PROCLINE_LOG_SUFFIX", name_part),
    ] {
        *option = match (given, environment(variable)) {
            (Some(given), _) => given,
            (None, Some(value)) => check(variable.to_bytes(), value)?,
            (None, None) => *option,
        };
    }
    Ok(Command::Record(options))
}

/// Checks the value of an option or a variable of the environment.
type Check<'a> = fn(&'a [u8], &'a [u8]) -> Result<&'a [u8], UsageError<'a>>;

/// `--name=value` → `--name` and `value`.
fn split(argument: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut parts = argument.splitn(2, |byte| *byte == b'=');
    (parts.next().unwrap_or_default(), parts.next())
}

fn folder<'a>(whose: &'a [u8], value: &'a [u8]) -> Result<&'a [u8], UsageError<'a>> {
    if value.is_empty() { Err(UsageError::NoFolder(whose)) } else { Ok(value) }
}

fn name_part<'a>(whose: &'a [u8], value: &'a [u8]) -> Result<&'a [u8], UsageError<'a>> {
    if value.contains(&b'/') { Err(UsageError::Slash(whose)) } else { Ok(value) }
}
