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
pub struct UsageError<'a> {
    /// The argument, or the name of the variable.
    pub argument: &'a [u8],
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with an argument, or with a variable of the environment.
// `WORDS` has the words, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such option.
    Unknown,
    /// Not an option.
    Stray,
    /// The option takes a value, and none follows, or the next option.
    NoValue,
    /// The option takes no value, and has one.
    Value,
    /// The name of a folder is needed, and is empty.
    NoFolder,
    /// A part of a file's name is needed, and has a `/`.
    Slash,
    /// A number of seconds is needed.
    NoSeconds,
    /// A number of files is needed.
    NoFiles,
    /// A number of bytes is needed.
    NoBytes,
}

impl Explain for UsageError<'_> {
    fn explain(&self, message: &mut Message) {
        message.quote(self.argument).add(": ").line(WORDS, self.reason as usize);
    }
}

/// The words of each [`Reason`], in their order.
const WORDS: &[u8] = b"\
no such option
not an option
needs a value
takes no value
needs the name of a folder
part of a file's name, so without a '/'
needs a number of seconds, 1 to 86400
needs a number of files, 1 to 9999
needs a number of bytes, as 65536, 512k, 4M or 1G";

impl fmt::Display for UsageError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        message::show(self, f)
    }
}

impl core::error::Error for UsageError<'_> {}

/// The options, a line each. Those that take a value come first, then the other ones of [`Options`], then what is no run;
/// [`parse`] makes the options of a run of them in this order.
const OPTIONS: &[u8] = b"\
--log-path
--log-prefix
--log-suffix
--procfs
--interval
--keep-files
--max-bytes
--stdout
--pymonitor
--no-intr-counters
--sync
--help
--version";

/// How many there are.
const COUNT: usize = {
    let (mut count, mut rest) = (1, OPTIONS);
    while let [byte, behind @ ..] = rest {
        count += (*byte == b'\n') as usize;
        rest = behind;
    }
    count
};

/// How many take a value.
const WITH_VALUE: usize = 7;

/// The variables of the environment that do what the first options do.
const VARIABLES: [&CStr; 3] = [c"PROCLINE_LOG_PATH", c"PROCLINE_LOG_PREFIX", c"PROCLINE_LOG_SUFFIX"];

/// Reads the command line, without the program's name, and the variables that `environment` looks up.
///
/// # Errors
/// The first argument that cannot be there, or else the first value that is wrong, in the order of the fields of [`Options`], be
/// it an option's or a variable's.
// Never inlined: what it has on the stack is not there any more when the record is taken.
#[inline(never)]
pub fn parse<'a>(
    mut arguments: impl Iterator<Item = &'a [u8]>,
    environment: impl Fn(&CStr) -> Option<&'a [u8]>,
) -> Result<Command<'a>, UsageError<'a>> {
    let mut options = [Given { argument: b"", value: None }; COUNT];
    while let Some(argument) = arguments.next() {
        let error = |reason| Err(UsageError { argument, reason });
        let (name, attached) = split(argument);
        let Some(option) = OPTIONS.split(|byte| *byte == b'\n').position(|known| known == name) else {
            return error(if matches!(name, [b'-', _, ..]) { Reason::Unknown } else { Reason::Stray });
        };
        let value = if option < WITH_VALUE {
            attached.or_else(|| arguments.next().filter(|next| !next.starts_with(b"--")))
        } else if attached.is_none() {
            Some(argument)
        } else {
            return error(Reason::Value);
        };
        if value.is_none() {
            return error(Reason::NoValue);
        }
        if let Some(given) = options.get_mut(option) {
            *given = Given { argument, value };
        }
        match &options {
            [.., Given { value: Some(_), .. }, _] => return Ok(Command::Help),
            [.., Given { value: Some(_), .. }] => return Ok(Command::Version),
            _ => {}
        }
    }
    for (given, variable) in options.iter_mut().zip(VARIABLES) {
        if given.value.is_none() {
            *given = Given { argument: variable.to_bytes(), value: environment(variable) };
        }
    }
    let [log_path, log_prefix, log_suffix, procfs, interval, keep_files, max_bytes, switches @ ..] = &options;
    let [stdout, pymonitor, no_intr_counters, sync, ..] = switches;
    let default = Options::default();
    Ok(Command::Record(Options {
        log_path: log_path.text(default.log_path, is_folder, Reason::NoFolder)?,
        log_prefix: log_prefix.text(default.log_prefix, is_name_part, Reason::Slash)?,
        log_suffix: log_suffix.text(default.log_suffix, is_name_part, Reason::Slash)?,
        procfs: procfs.text(default.procfs, is_folder, Reason::NoFolder)?,
        stdout: stdout.value.is_some(),
        pymonitor: pymonitor.value.is_some(),
        intr_counters: no_intr_counters.value.is_none(),
        interval: interval.number(false, 86_400, Reason::NoSeconds)?.and_then(|seconds| seconds.try_into().ok()),
        keep_files: keep_files.number(false, 9999, Reason::NoFiles)?,
        max_bytes: max_bytes.number(true, u64::MAX, Reason::NoBytes)?,
        sync: sync.value.is_some(),
    }))
}

/// What the command line or the environment says of an option.
#[derive(Clone, Copy)]
struct Given<'a> {
    /// What to complain of: the argument, or the name of the variable.
    argument: &'a [u8],
    /// Its value. That of an option without one is the argument.
    value: Option<&'a [u8]>,
}

impl<'a> Given<'a> {
    fn text(&self, default: &'a [u8], is_right: fn(&[u8]) -> bool, reason: Reason) -> Result<&'a [u8], UsageError<'a>> {
        let value = self.value.unwrap_or(default);
        if is_right(value) { Ok(value) } else { Err(UsageError { argument: self.argument, reason }) }
    }

    /// A number from 1 to `most`, which may have a `unit`.
    fn number(&self, unit: bool, most: u64, reason: Reason) -> Result<Option<u64>, UsageError<'a>> {
        let Some(value) = self.value else { return Ok(None) };
        let number = number(value, unit).filter(|number| (1..=most).contains(number));
        if number.is_some() { Ok(number) } else { Err(UsageError { argument: self.argument, reason }) }
    }
}

/// `--name=value` → `--name` and `value`.
fn split(argument: &[u8]) -> (&[u8], Option<&[u8]>) {
    let length = argument.iter().take_while(|byte| **byte != b'=').count();
    let (name, rest) = argument.split_at_checked(length).unwrap_or_default();
    (name, rest.get(1..))
}

fn is_folder(value: &[u8]) -> bool {
    !value.is_empty()
}

#[expect(clippy::manual_contains, reason = "this loop is 20 bytes, core's search for a byte 200")]
fn is_name_part(value: &[u8]) -> bool {
    !value.iter().any(|byte| *byte == b'/')
}

/// `1` → 1, and where a `unit` may follow `512k` → 524288; nothing else. The units are k, M and G; a large letter and a small one
/// are the same.
fn number(text: &[u8], unit: bool) -> Option<u64> {
    let (digits, unit) = match text {
        [digits @ .., b'k' | b'K'] if unit => (digits, 1 << 10),
        [digits @ .., b'm' | b'M'] if unit => (digits, 1 << 20),
        [digits @ .., b'g' | b'G'] if unit => (digits, 1 << 30),
        digits => (digits, 1),
    };
    let (first, rest) = digits.split_first()?;
    let digit = |byte: &u8| byte.is_ascii_digit().then_some(u64::from(*byte & 0x0f));
    let number =
        rest.iter().try_fold(digit(first)?, |number: u64, byte| number.checked_mul(10)?.checked_add(digit(byte)?));
    number?.checked_mul(unit)
}
