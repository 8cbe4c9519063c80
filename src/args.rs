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
    /// This option needs a number of seconds.
    NoSeconds(&'a [u8]),
    /// This option needs a number of files.
    NoFiles(&'a [u8]),
    /// This option needs a number of bytes.
    NoBytes(&'a [u8]),
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
            Self::NoSeconds(argument) => (argument, ": needs a number of seconds, 1 to 86400"),
            Self::NoFiles(argument) => (argument, ": needs a number of files, 1 to 9999"),
            Self::NoBytes(argument) => (argument, ": needs a number of bytes, as 65536, 512k, 4M or 1G"),
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
    let mut given = [false; WITH_VALUE.len()];
    while let Some(argument) = arguments.next() {
        let (name, attached) = split(argument);
        if let Some(((.., set), given)) = WITH_VALUE.iter().zip(&mut given).find(|((known, ..), _)| *known == name) {
            let value = attached.or_else(|| arguments.next().filter(|next| !next.starts_with(b"--")));
            set(&mut options, argument, value.ok_or(UsageError::NoValue(argument))?)?;
            *given = true;
            continue;
        }
        let mut text = None;
        match name {
            b"--stdout" => options.stdout = true,
            b"--pymonitor" => options.pymonitor = true,
            b"--no-intr-counters" => options.intr_counters = false,
            b"--sync" => options.sync = true,
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
    for ((_, variable, set), given) in WITH_VALUE.iter().zip(given) {
        // A variable that an option replaces may hold anything.
        if !given
            && let Some(variable) = variable
            && let Some(value) = environment(variable)
        {
            set(&mut options, variable.to_bytes(), value)?;
        }
    }
    Ok(Command::Record(options))
}

/// The options that take a value: the variable of the environment that does the same, and what sets the option.
const WITH_VALUE: [(&[u8], Option<&CStr>, Set); 7] = [
    (b"--log-path", Some(c"PROCLINE_LOG_PATH"), |options, whose, value| {
        folder(whose, value).map(|folder| options.log_path = folder)
    }),
    (b"--log-prefix", Some(c"PROCLINE_LOG_PREFIX"), |options, whose, value| {
        name_part(whose, value).map(|part| options.log_prefix = part)
    }),
    (b"--log-suffix", Some(c"PROCLINE_LOG_SUFFIX"), |options, whose, value| {
        name_part(whose, value).map(|part| options.log_suffix = part)
    }),
    (b"--procfs", None, |options, whose, value| folder(whose, value).map(|folder| options.procfs = folder)),
    (b"--interval", None, |options, whose, value| {
        let seconds = number(value).and_then(|seconds| u32::try_from(seconds).ok());
        let seconds = seconds.filter(|seconds| (1..=86_400).contains(seconds));
        seconds.map(|seconds| options.interval = Some(seconds)).ok_or(UsageError::NoSeconds(whose))
    }),
    (b"--keep-files", None, |options, whose, value| {
        let files = number(value).filter(|files| (1..=9999).contains(files));
        files.map(|files| options.keep_files = Some(files)).ok_or(UsageError::NoFiles(whose))
    }),
    (b"--max-bytes", None, |options, whose, value| {
        size(value).map(|bytes| options.max_bytes = Some(bytes)).ok_or(UsageError::NoBytes(whose))
    }),
];

/// Checks a value and sets the option that it is for. Between them comes the argument or variable to complain of.
type Set = for<'a> fn(&mut Options<'a>, &'a [u8], &'a [u8]) -> Result<(), UsageError<'a>>;

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

/// Decimal digits and nothing else → their number, if it has 64 bits.
fn number(digits: &[u8]) -> Option<u64> {
    let (first, rest) = digits.split_first()?;
    let digit = |byte: &u8| byte.is_ascii_digit().then_some(u64::from(*byte & 0x0f));
    rest.iter().try_fold(digit(first)?, |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?))
}

/// `512k` → 524288. The units are k, M and G; a large letter and a small one are the same.
fn size(text: &[u8]) -> Option<u64> {
    let (digits, unit) = match text {
        [digits @ .., b'k' | b'K'] => (digits, 1 << 10),
        [digits @ .., b'm' | b'M'] => (digits, 1 << 20),
        [digits @ .., b'g' | b'G'] => (digits, 1 << 30),
        digits => (digits, 1),
    };
    number(digits)?.checked_mul(unit).filter(|bytes| *bytes > 0)
}
