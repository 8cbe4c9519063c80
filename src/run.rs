//! One record: from /proc to the log.

use core::str::Utf8Error;
use core::{fmt, mem};

use crate::clock::Moment;
use crate::config::{FIRST_STEP, LAST_STEP, Options, PATH_BYTES, SECOND_STEP};
use crate::log;
use crate::message::{self, Explain, Message};
use crate::pymonitor;
use crate::record::Record;
use crate::scan::{Counts, Expected, Number, ParseError, Text};
use crate::source::Source;
use crate::sys::{self, Access, Errno, Fd};

/// Why nothing was recorded.
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
    /// The line cannot be appended to the log.
    Log(log::Name<'a>, log::Error),
    /// The line cannot be written to standard output.
    Stdout(Errno),
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
    fn in_text(error: ParseError, text: &[u8]) -> Self {
        Self::Parse(error.place(text), error.expected)
    }
}

impl Explain for SourceError {
    fn explain(&self, message: &mut Message) {
        match self {
            Self::Read(errno) => message.add(": ").explain(errno).add("; choose another procfs with --procfs"),
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
            Self::Log(name, error) => {
                error.explain(name, message);
                message
            }
            Self::Stdout(errno) => message.add("standard output: ").explain(errno),
        };
    }
}

impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        message::show(self, f)
    }
}

const TOO_LARGE: &str = concat!(
    ": does not fit in ",
    env!("PROCLINE_BUILD_LAST_STEP"),
    " bytes; build with a larger PROCLINE_BUILD_LAST_STEP"
);

impl core::error::Error for Error<'_> {}

/// Writes one record of now: to the log, or to standard output.
///
/// # Errors
/// What stood in the way.
pub fn record<'a>(options: &'a Options<'a>) -> Result<(), Error<'a>> {
    let moment = Moment::now().map_err(Error::Clock)?;
    // So that the first step is tried.
    let mut result = Err(Error::LineSize);
    for (bytes, step) in STEPS {
        if !matches!(result, Err(Error::Source(_, _, SourceError::TooLarge) | Error::LineSize)) {
            break;
        }
        if !sys::stack_holds(bytes.saturating_add(OTHER_STACK)) {
            return Err(Error::StackLimit(bytes));
        }
        result = step(options, moment);
    }
    result
}

/// The arrays that a run tries, smallest first.
const STEPS: [(usize, Step); 3] =
    [(FIRST_STEP, step::<FIRST_STEP>), (SECOND_STEP, step::<SECOND_STEP>), (LAST_STEP, step::<LAST_STEP>)];

type Step = for<'a> fn(&'a Options<'a>, Moment) -> Result<(), Error<'a>>;

/// Bytes of stack for what a run has there beside its array: paths and a message, and a chunk of a torn log.
const OTHER_STACK: usize = 12 * 1024 + 4 * PATH_BYTES;

/// The one array of a run. Never inlined: its caller would have the arrays of all steps on its stack.
#[inline(never)]
fn step<'a, const BYTES: usize>(options: &'a Options<'a>, moment: Moment) -> Result<(), Error<'a>> {
    once(options, moment, &mut [0; BYTES])
}

#[inline(never)]
fn once<'a>(options: &'a Options<'a>, moment: Moment, room: &mut [u8]) -> Result<(), Error<'a>> {
    let on_new_line = compose(options, moment, room)?;
    if options.stdout {
        Fd::STDOUT.write_all(on_new_line.get(1..).unwrap_or_default()).map_err(Error::Stdout)
    } else {
        let name = log::Name::new(options, moment);
        log::append(&name, on_new_line).map_err(|error| Error::Log(name, error))
    }
}

/// Reads the files into the beginning of `room` and writes the line behind them, with a newline before it.
///
/// # Errors
/// Those that concern /proc and the size of `room`.
pub fn compose<'a, 'r>(options: &'a Options<'a>, moment: Moment, room: &'r mut [u8]) -> Result<&'r [u8], Error<'a>> {
    let (time, timestamp) = (moment.time(), moment.timestamp());
    let mut reader = Reader { procfs: options.procfs, file: "", free: room };
    let record = reader.record(&time, &timestamp);
    let mut record = record.map_err(|error| Error::Source(options.procfs, reader.file, error))?;
    if !options.intr_counters {
        record.cpu_data.intr.counters = Counts::default();
    }
    if options.pymonitor {
        pymonitor::change(&mut record);
    }
    let free = reader.free;
    let mut length = record.write_line(free).ok_or(Error::LineSize)?;
    if options.pymonitor {
        length = pymonitor::rewrite(free, length).ok_or(Error::LineSize)?;
    }
    free.get(..length).ok_or(Error::LineSize)
}

/// Reads files below the procfs mount, one behind the other, into one array.
struct Reader<'a, 'r> {
    procfs: &'a [u8],
    /// The file that is read, or was read last.
    file: &'static str,
    free: &'r mut [u8],
}

impl<'r> Reader<'_, 'r> {
    fn record<'t>(&mut self, time: &'t str, timestamp: &'t str) -> Result<Record<'t>, SourceError>
    where
        'r: 't,
    {
        Ok(Record {
            time: Text::checked(time),
            timestamp: Number::checked(timestamp),
            cpu_data: self.source()?,
            uptime: self.source()?,
            loadavg: self.source()?,
            meminfo: self.source()?,
        })
    }

    fn source<S: Source<'r>>(&mut self) -> Result<S, SourceError> {
        self.file = S::PATH;
        let text = self.text()?;
        S::parse(text).map_err(|error| SourceError::in_text(error, text.as_bytes()))
    }

    fn text(&mut self) -> Result<&'r str, SourceError> {
        let fd = Fd::open(&[self.procfs, b"/", self.file.as_bytes()], Access::Read).map_err(SourceError::Read)?;
        let room = mem::take(&mut self.free);
        let mut length = 0_usize;
        loop {
            let rest = room.get_mut(length..).filter(|rest| !rest.is_empty()).ok_or(SourceError::TooLarge)?;
            match fd.read(rest).map_err(SourceError::Read)? {
                0 => break,
                more => length = length.saturating_add(more),
            }
        }
        let (text, free) = room.split_at_mut_checked(length).ok_or(SourceError::TooLarge)?;
        self.free = free;
        let not_text = |error: Utf8Error| ParseError { offset: error.valid_up_to(), expected: Expected::Utf8 };
        str::from_utf8(text).map_err(|error| SourceError::in_text(not_text(error), text))
    }
}
