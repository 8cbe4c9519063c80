//! Why there is no record, in words.
//!
//! `/proc`, `stat`, line 2, column 8, [`Expected::Digit`] → `/proc/stat:2:8: expected a digit`

use crate::clock::zone;
use crate::log;
use crate::message::{Explain, Message, error};
use crate::scan::{Expected, ParseError};
use crate::sys::Errno;

/// What failed. Nothing was recorded but where the log's error says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<'a> {
    /// The clock's time has no date.
    Clock(Errno),
    /// A file of /proc, below this mount, gives nothing.
    Source(&'a [u8], &'static str, SourceError),
    /// The texts fit the array of the last step, and the line behind them does not.
    LineSize,
    /// The stack limit does not allow an array of this many bytes.
    StackLimit(usize),
    /// Something failed with the log.
    Log(log::Error<'a>),
    /// The line cannot be written to standard output.
    Stdout(Errno),
    /// The time zone is not known, which is no reason not to record.
    Zone(zone::Unknown),
}

/// Why a file of /proc gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// It cannot be read.
    Read(Errno),
    /// It is not what proc(5) says, at this line and column.
    Parse((usize, usize), Expected),
    /// The texts up to this one do not fit the array of the last step.
    TooLarge,
}

impl SourceError {
    #[cold]
    #[inline(never)]
    pub(super) fn in_text(error: ParseError, text: &[u8]) -> Self {
        Self::Parse(error.place(text), error.expected)
    }
}

impl Explain for SourceError {
    fn explain(&self, message: &mut Message) {
        match self {
            Self::Read(errno) => {
                message.add(": ");
                let message =
                    if *errno == Errno::NXIO { message.add("not a regular file") } else { message.explain(errno) };
                message.add("; choose another procfs with --procfs")
            }
            Self::Parse((line, column), expected) => {
                message.add(":").number(*line).add(":").number(*column).add(": ").explain(expected)
            }
            Self::TooLarge => message.add(TOO_LARGE),
        };
    }
}

impl Explain for Error<'_> {
    fn explain(&self, message: &mut Message) {
        match self {
            Self::Clock(errno) => message.add("clock: ").explain(errno),
            Self::Source(procfs, file, error) => message.quote(procfs).add("/").add(file).explain(error),
            Self::LineSize => message.add("the record").add(TOO_LARGE),
            Self::StackLimit(bytes) => {
                message.add("the record needs ").number(*bytes);
                message.add(" bytes of stack, more than its limit (ulimit -s) allows")
            }
            Self::Log(error) => message.explain(error),
            Self::Stdout(errno) => message.add("standard output: ").explain(errno),
            Self::Zone(unknown) => message.explain(unknown),
        };
    }
}

const TOO_LARGE: &str =
    concat!(": does not fit in ", env!("PROCLINE_LAST_STEP"), " bytes; build with a larger PROCLINE_BUILD_FIRST_STEP");

error!(Error<'_>);
