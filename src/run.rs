//! One record: from /proc to the log.
//!
//! The first of a run opens the files of /proc, and reads them once. In a run that goes on they stay open, and
//! preadv(2) from the beginning has the kernel write them again: opening them is half of what a record costs.

mod error;

use core::{mem, slice};

use crate::clock::Moment;
use crate::config::{Command, FIRST_STEP, LAST_STEP, OTHER_STACK, Options};
use crate::json::Json;
use crate::kept;
use crate::log::{self, Logs};
use crate::more;
use crate::pymonitor;
use crate::record::Record;
use crate::scan::{Counts, Cursor, Number, Text};
use crate::source::Source;
use crate::sys::{self, Fd};
use crate::with;

pub use error::{Error, SourceError};

/// Writes one record of now: to the log, or to standard output. [`Command::Check`] only looks whether it could.
///
/// # Errors
/// What stood in the way.
pub fn record<'a>(options: &'a Options<'a>) -> Result<(), Error<'a>> {
    let moment = Moment::now().map_err(Error::Clock)?;
    Recorder::new(options, sys::stack_holds).record(moment)
}

/// What stays from one record to the next.
#[derive(Debug)]
pub struct Recorder<'a> {
    options: &'a Options<'a>,
    /// The bytes of the array that is tried first: those that were too small are not tried again.
    bytes: usize,
    stack_holds: fn(usize) -> bool,
    kept: Kept,
}

impl<'a> Recorder<'a> {
    /// A recorder that has recorded nothing yet. `stack_holds` tells whether the stack may grow by so many bytes:
    /// [`sys::stack_holds`] does for the program, and not for a thread. It has to be right: the stack is moved as far.
    // Not inlined: a run of one record makes one, and so does a run that goes on.
    #[inline(never)]
    pub fn new(options: &'a Options<'a>, stack_holds: fn(usize) -> bool) -> Self {
        Self {
            options,
            bytes: if options.with == 0 { FIRST_STEP } else { 4 * FIRST_STEP },
            stack_holds,
            kept: Kept::default(),
        }
    }

    /// Writes the record of `moment`: to the log, or to standard output.
    ///
    /// # Errors
    /// What stood in the way.
    pub fn record(&mut self, moment: Moment) -> Result<(), Error<'a>> {
        let mut bytes = self.bytes;
        self.kept.is_bare = false;
        loop {
            if !(self.stack_holds)(bytes.saturating_add(OTHER_STACK)) {
                if self.options.with == 0 || self.kept.is_bare {
                    return Err(Error::StackLimit(bytes));
                }
                // What else is asked for costs no record.
                (self.kept.is_bare, bytes) = (true, FIRST_STEP);
                continue;
            }
            self.bytes = bytes;
            self.kept.has_larger = bytes < LAST_STEP;
            let (options, kept) = (self.options, &mut self.kept);
            let mut result = Err(Error::LineSize);
            sys::with_array(bytes, |room| result = once(options, &moment, kept, room));
            if !self.kept.has_larger
                || !matches!(result, Err(Error::Source(_, _, SourceError::TooLarge) | Error::LineSize))
            {
                return result;
            }
            bytes *= 4;
        }
    }

    /// Closes the files of /proc, so that the next record opens them again.
    pub fn forget(&mut self) {
        self.kept.files.iter_mut().filter_map(Option::take).for_each(Fd::close);
    }
}

/// What a record leaves to the next one.
#[derive(Debug, Default)]
pub struct Kept {
    /// The files that stay open, in the order in which they are read.
    files: [Option<Fd>; SOURCES + with::COUNT],
    /// Whether the stack is too small for what else is asked for, so that it is left out.
    is_bare: bool,
    /// Whether there is a larger array to be tried. Then a text that leaves less room than it took is not even parsed:
    /// a line is longer than its texts.
    has_larger: bool,
    /// Whether standard output may have got a part of a line.
    is_torn: bool,
}

/// The files of a record: one for each field, but for the two that the clock gives.
const SOURCES: usize = Record::KEYS.len() - 2;

/// The end of the line.
const END: &[u8] = b"}\n";

#[inline(never)] // its frame lies behind the array, and not in the one that moves the stack
fn once<'a>(options: &'a Options<'a>, moment: &Moment, kept: &mut Kept, room: &mut [u8]) -> Result<(), Error<'a>> {
    let on_new_line = compose(options, moment, kept, room)?;
    if options.stdout && options.command == Command::Check {
        Ok(())
    } else if options.stdout {
        let line = if kept.is_torn { on_new_line } else { on_new_line.get(1..).unwrap_or_default() };
        let written = Fd::STDOUT.write_all(line);
        kept.is_torn = written.is_err();
        written.map_err(Error::Stdout)
    } else {
        log::append(&Logs::new(options, moment.date()), on_new_line).map_err(Error::Log)
    }
}

/// Reads the files into the beginning of `room` and writes the line behind them, with a newline before it.
///
/// # Errors
/// Those that concern /proc and the size of `room`.
// Not inlined: its views are not on the stack while the line is appended.
#[inline(never)]
pub fn compose<'a, 'r>(
    options: &'a Options<'a>,
    moment: &Moment,
    kept: &mut Kept,
    room: &'r mut [u8],
) -> Result<&'r [u8], Error<'a>> {
    let time = moment.time();
    let timestamp = moment.timestamp();
    let mut reader = Reader {
        options,
        file: "",
        free: room,
        has_larger: kept.has_larger,
        kept: kept.files.iter_mut(),
        result: Ok(()),
    };
    let mut record = Record {
        time: Text::trusted(&time),
        timestamp: Number::trusted(timestamp.as_bytes()),
        cpu_data: reader.source(),
        uptime: reader.source(),
        loadavg: reader.source(),
        meminfo: reader.source(),
    };
    reader.result.map_err(|error| Error::Source(options.procfs, reader.file, error))?;
    if !options.intr_counters {
        record.cpu_data.intr.counters = Counts::default();
    }
    if options.pymonitor {
        pymonitor::change(&mut record);
    }
    let free = reader.free;
    let mut line = Json::new(free);
    record.write_line(&mut line);
    if line.fits() && options.with != 0 && !kept.is_bare {
        // What else is asked for stands before the end of the line.
        let end = line.length() - END.len();
        line.cut(end);
        let fits = more::write(options, reader.kept, &mut line);
        if !fits && kept.has_larger {
            return Err(Error::LineSize);
        }
        line.raw(END);
        if !line.fits() {
            line.cut(end);
            line.raw(END);
        }
    }
    let mut length = line.finish().ok_or(Error::LineSize)?;
    if options.pymonitor {
        length = pymonitor::rewrite(free, length).ok_or(Error::LineSize)?;
    }
    free.get(..length).ok_or(Error::LineSize)
}

/// Reads files below the procfs mount, one behind the other, into one array.
struct Reader<'a, 'r, 'k> {
    options: &'a Options<'a>,
    /// The file that was read last.
    file: &'static str,
    free: &'r mut [u8],
    has_larger: bool,
    /// Those that are still to be read.
    kept: slice::IterMut<'k, Option<Fd>>,
    /// What was wrong with that file. Then no other is read.
    result: Result<(), SourceError>,
}

impl<'r> Reader<'_, 'r, '_> {
    /// What the next file says, or whatever stands for it if something is wrong.
    // Not inlined: each source has a frame of its own, so their views do not make one large one.
    #[inline(never)]
    fn source<S: Source<'r>>(&mut self) -> S {
        let text = self.text(S::PATH);
        let mut cursor = Cursor::of_file(text);
        let source = S::take(&mut cursor);
        self.check(&cursor);
        source
    }

    #[inline(never)] // each source calls it
    fn check(&mut self, cursor: &Cursor<'_>) {
        if let (Ok(()), Some((error, text))) = (self.result, cursor.wrong()) {
            self.result = Err(SourceError::in_text(error, text));
        }
    }

    fn text(&mut self, file: &'static str) -> &'r [u8] {
        if self.result.is_err() {
            return b"";
        }
        self.file = file;
        let room = mem::take(&mut self.free);
        self.read_text(room).unwrap_or_else(|error| {
            self.result = Err(error);
            b""
        })
    }

    fn read_text(&mut self, room: &'r mut [u8]) -> Result<&'r [u8], SourceError> {
        let mut nothing = None;
        let kept = self.kept.next().unwrap_or(&mut nothing);
        let parts = [self.options.procfs, b"/", self.file.as_bytes()];
        let length = kept::read(self.options, kept, &parts, room).map_err(SourceError::Read)?;
        // Where no byte is left there may be more to read.
        let least = if self.has_larger { length.max(1) } else { 1 };
        let (text, free) =
            room.split_at_mut_checked(length).filter(|(_, free)| free.len() >= least).ok_or(SourceError::TooLarge)?;
        self.free = free;
        Ok(text)
    }
}
