//! Which files are read, in which order, and the records in them.
//!
//! The logs come in the order of [`File`]; those of a day are opened together.

mod day;
mod find;

use core::ops::Range;

use self::day::Day;
use super::args::Options;
use super::error::Error;
use super::lines::{Lines, Source};
use super::place::{Place, logs};
use super::record::Record;
use super::time;
use crate::log::File;
use crate::sys::{self, Access, Errno, Fd, Path};

/// Seconds of the last hour.
const HOUR: i64 = 3600;

/// Reads records.
pub struct Reader<'r> {
    options: &'r Options,
    /// The first second.
    pub from: i64,
    /// The last second.
    pub to: i64,
    lines: Lines<'r>,
    source: Option<Source>,
    /// The file that is read, or was read last.
    place: Place,
    /// The logs that come next.
    day: Day,
    /// Whether the log that is read was renamed, and the day goes on in a fresh one.
    is_renamed: bool,
    /// The timestamp of the last record.
    last: i64,
    /// Where the JSON of the last record is, and its timestamp.
    found: (i64, Range<usize>),
    /// What was left out.
    pub left_out: LeftOut,
}

/// What was left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeftOut {
    /// Lines that are no records.
    pub lines: u64,
    /// Gzip files that end within a member, or are none from some place on.
    pub damaged: u64,
    /// Columns that a row has no room for.
    pub columns: u64,
    /// Logs that are no regular files, before the one that is read.
    pub files: u64,
}

impl<'r> Reader<'r> {
    /// A reader of what the options name, in this array.
    pub fn new(options: &'r Options, room: &'r mut [u8]) -> Self {
        let now = options.now.seconds;
        let has_files = !options.files.is_empty();
        let to = options.to.unwrap_or(i64::MAX);
        let from = options.from.unwrap_or_else(|| {
            if has_files {
                i64::MIN
            } else if options.last.is_some() {
                to.min(now) - time::DAY
            } else {
                to.min(now) - HOUR
            }
        });
        let mut reader = Self {
            options,
            from,
            to,
            lines: Lines::new(room),
            source: None,
            place: Place::Named(0),
            day: Day::default(),
            is_renamed: false,
            last: i64::MIN,
            found: (0, 0..0),
            left_out: LeftOut::default(),
        };
        reader.rewind();
        reader
    }

    /// Begins again.
    pub fn rewind(&mut self) {
        self.close();
        self.day.close();
        self.day.passed = 0;
        self.place = if self.options.files.is_empty() {
            Place::Log(File::last(time::day(self.from) - 1))
        } else {
            Place::Named(0)
        };
        (self.left_out, self.lines.too_long, self.last) = (LeftOut::default(), 0, i64::MIN);
    }

    /// Lines that were longer than the array.
    pub const fn too_long(&self) -> u64 {
        self.lines.too_long
    }

    /// Logs that are no regular files. Each is told once, however often it is looked whether the next day has logs.
    pub const fn files(&self) -> u64 {
        self.left_out.files + self.day.passed
    }

    /// Whether standard input is read.
    pub fn is_stream(&self) -> bool {
        matches!(self.place, Place::Named(number) if self.options.files.get(number.wrapping_sub(1)) == Some(&&b"-"[..]))
    }

    /// The next record; nothing behind the last one.
    ///
    /// # Errors
    /// That a file cannot be opened or read, or the folder be listed.
    pub fn take(&mut self) -> Result<Option<Record<'_>>, Error> {
        Ok(if self.advance()? { self.record() } else { None })
    }

    /// The record that was found last.
    pub fn record(&self) -> Option<Record<'_>> {
        let (timestamp, place) = self.found.clone();
        Record::head(timestamp, self.lines.get(place))
    }

    /// Finds the next record; whether there is one.
    ///
    /// # Errors
    /// Those of [`Reader::take`].
    pub fn advance(&mut self) -> Result<bool, Error> {
        loop {
            let Some(source) = &mut self.source else {
                if !self.open_next()? {
                    return Ok(false);
                }
                continue;
            };
            let grows = self.options.follow;
            let line = self.lines.next(source, grows);
            if let Some(line) = line.map_err(|errno| self.failed(errno))? {
                if self.look(line) {
                    return Ok(true);
                }
            } else if self.is_renamed {
                self.begin_anew();
            } else if grows && !self.has_following()? {
                return Ok(false);
            } else {
                self.close();
            }
        }
    }

    /// Whether a line is a record, and asked for.
    fn look(&mut self, place: Range<usize>) -> bool {
        let line = self.lines.get(place.clone());
        // A copy by way of Windows.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some((timestamp, json)) = Record::begin(line) else {
            self.left_out.lines += u64::from(!line.is_empty());
            return false;
        };
        if !(self.from..=self.to).contains(&timestamp) {
            return false;
        }
        if !Record::head(timestamp, json).is_some_and(|record| record.is_whole()) {
            self.left_out.lines += 1;
            return false;
        }
        let end = place.start + line.len();
        self.found = (timestamp, end - json.len()..end);
        self.last = timestamp;
        true
    }

    /// Waits a second for more, where the last file is at its end. What became of the log meanwhile is seen: that it
    /// was renamed, and goes on in a fresh one, or that it was emptied. A renamed one is read to its end.
    ///
    /// # Errors
    /// Those of fstat(2).
    pub fn wait(&mut self) -> Result<(), Error> {
        sys::sleep_milliseconds(1000);
        let (Some(source), Place::Log(log)) = (&self.source, self.place) else { return Ok(()) };
        let status = source.file.status().map_err(|errno| self.failed(errno))?;
        let there = sys::status_of(logs(self.options).path(log, &mut Path::room()));
        self.is_renamed = matches!(there, Ok(Some(there)) if there.identity != status.identity);
        if status.size < source.position {
            self.begin_anew();
        }
        Ok(())
    }

    /// Opens the last log again, by its name.
    fn begin_anew(&mut self) {
        self.close();
        self.is_renamed = false;
        if let Place::Log(log) = &mut self.place {
            *log = log.with(log.number().saturating_sub(1));
        }
    }

    fn close(&mut self) {
        if let Some(source) = self.source.take() {
            self.left_out.damaged += u64::from(source.is_damaged);
            source.file.close();
        }
        self.lines.clear();
    }

    fn failed(&self, errno: Errno) -> Error {
        Error::File(self.place, errno)
    }

    /// Opens the next file; whether there is one.
    fn open_next(&mut self) -> Result<bool, Error> {
        let (file, bytes) = match self.place {
            Place::Named(number) => {
                let Some(name) = self.options.files.get(number) else { return Ok(false) };
                self.place = Place::Named(number + 1);
                let open = || match *name {
                    b"-" => Fd::stdin(),
                    name => Fd::open(Path::new(&mut Path::room(), &[name]), Access::ReadNow),
                };
                (open().map_err(|errno| self.failed(errno))?, u64::MAX)
            }
            Place::Log(log) => {
                self.open_day(log)?;
                let Some((log, file, bytes)) = self.day.take() else { return Ok(false) };
                self.left_out.files += core::mem::take(&mut self.day.passed);
                self.place = Place::Log(log);
                (file, bytes)
            }
        };
        let position = find::find(&file, self.from).and_then(|place| {
            if place > 0 {
                file.seek(place)?;
            }
            Ok(place)
        });
        self.source = Some(Source::new(file, position.map_err(|errno| self.failed(errno))?, bytes));
        Ok(true)
    }

    /// Opens the logs behind this one, unless there are open ones.
    #[inline(never)]
    fn open_day(&mut self, log: File) -> Result<(), Error> {
        if self.day.is_empty() {
            // What was made in the meantime may be what is left of more, and is for the next run.
            let has_more = self.day.is_full || self.options.follow;
            let last = if has_more { log } else { File::last(log.day) };
            self.day.open(self.options, last, self.last_day())?;
        }
        Ok(())
    }

    /// Whether there is a file behind the one that is read.
    fn has_following(&mut self) -> Result<bool, Error> {
        match self.place {
            Place::Named(number) => Ok(number < self.options.files.len()),
            Place::Log(log) => {
                self.open_day(log)?;
                Ok(!self.day.is_empty())
            }
        }
    }

    /// The day of the last second, and one more: a log has the date of the place where it was recorded, which may be
    /// east of here. What was recorded west of here and has the date before is not looked for, since the day before is
    /// long, and may be compressed.
    fn last_day(&self) -> i32 {
        if self.to == i64::MAX { i32::MAX } else { time::day(self.to) + 1 }
    }
}
