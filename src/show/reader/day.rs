//! The logs of a day, opened together.
//!
//! Meanwhile procline can move lines from one of them to another: the log becomes an older part, and that moves to the
//! end of `….log.gz`. So all are opened before the first one is read, and where something moved before the last one was
//! open, they are opened again. Then each line is in one of the open files, and stays there.

use crate::log::{File, Kind};
use crate::show::args::Options;
use crate::show::error::Error;
use crate::show::place::{Place, logs};
use crate::sys::{Access, Errno, Fd};

/// Most files that are opened together. Of a day that has more, the others come later.
const FILES: usize = 32;
/// How often they are opened at most, while something moves each time.
const TRIES: usize = 100;

/// The first logs behind some log, in their order.
type List = heapless::Vec<File, FILES>;

/// The open files.
#[derive(Debug, Default)]
pub(super) struct Day {
    /// The last one is the next to be read: the log, the file, and the bytes of it that are to be read.
    files: heapless::Vec<(File, Fd, u64), FILES>,
    /// Whether the day can have more of them.
    pub(super) is_full: bool,
    /// How many were passed over because they are no regular files.
    pub(super) passed: u64,
}

impl Day {
    /// Takes the next file.
    pub(super) fn take(&mut self) -> Option<(File, Fd, u64)> {
        self.files.pop()
    }

    /// Whether there is a next file.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Closes all files.
    pub(super) fn close(&mut self) {
        while let Some((_, file, _)) = self.files.pop() {
            file.close();
        }
    }

    /// Opens the logs of the first day that has one behind `log`, up to `last_day`.
    ///
    /// # Errors
    /// That the folder cannot be listed, or a file not be opened.
    pub(super) fn open(&mut self, options: &Options, mut log: File, last_day: i32) -> Result<(), Error> {
        let mut passed = 0;
        for _ in 0..TRIES {
            self.close();
            self.passed = passed;
            let listed = list(options, log, last_day)?;
            self.is_full = listed.is_full();
            let failed = |log, errno| Error::File(Place::Log(log), errno);
            let mut is_there = true;
            for log in listed.iter().rev() {
                match logs(options).open(*log, Access::ReadNow) {
                    // A FIFO could keep us waiting for ever.
                    Ok(file) if !file.status().is_ok_and(|status| status.is_regular) => {
                        file.close();
                        self.passed += 1;
                    }
                    Ok(file) => {
                        let bytes = bytes(*log, &file, &listed).map_err(|errno| failed(*log, errno))?;
                        let _ = self.files.push((*log, file, bytes));
                    }
                    Err(Errno::NOENT) => is_there = false,
                    Err(errno) => return Err(failed(*log, errno)),
                }
            }
            let has_size = |(log, file, size): &(File, Fd, u64)| bytes(*log, file, &listed) == Ok(*size);
            if is_there && list(options, log, last_day)? == listed && self.files.iter().all(has_size) {
                match listed.last() {
                    // The next day may have logs.
                    Some(last) if self.is_empty() => (log, passed) = (*last, self.passed),
                    _ => break,
                }
            }
        }
        Ok(())
    }
}

/// How many bytes of a log are to be read. Text is read to its end. What is compressed ends where text moves to, and is
/// not read beyond the end that it has now.
fn bytes(log: File, file: &Fd, listed: &List) -> Result<u64, Errno> {
    if !log.is(Kind::Compressed) {
        return Ok(u64::MAX);
    }
    let moving = listed.iter().find(|other| other.is(Kind::Moving) && log.number() == File::LAST);
    moving.map_or_else(|| Ok(file.status()?.size), |moving| Ok(moving.number().into()))
}

/// The logs behind this one, of the first day that has one, up to the last day.
///
/// # Errors
/// That the folder cannot be listed.
pub(super) fn list(options: &Options, log: File, last_day: i32) -> Result<List, Error> {
    let logs = logs(options);
    let folder = logs.folder().map_err(Error::Folder)?;
    let mut list = List::new();
    let mut names = folder.names();
    while let Some(name) = names.take().map_err(Error::Folder)? {
        let Some(mut other) = logs.parse(name).filter(|other| *other > log && other.day <= last_day) else {
            continue;
        };
        let day = list.first().map_or(other.day, |first| first.day);
        if other.day < day {
            list.clear();
        }
        if other.day <= day {
            // Each goes before the first one that is later. The last one falls out where the list is full.
            for place in &mut list {
                if *place > other {
                    core::mem::swap(place, &mut other);
                }
            }
            let _ = list.push(other);
        }
    }
    folder.close();
    Ok(list)
}
