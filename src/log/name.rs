//! The names of logs: one for each day, and where a day is long, for its older parts.
//!
//! `awesome_monitoring_2024-12-15.log` is where the day goes on, `….log.1` its oldest part, `….log.2` the next.

use crate::clock::Date;
use crate::config::Options;
use crate::digits::{self, Digits};
use crate::message::Message;
use crate::sys::{self, Access, Errno, Fd, Folder, Names, Path, PathRoom, Status};

/// One of the logs. The earlier one is the lesser: the order is by the date in the name, never by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Days from 1970-01-01 to its date.
    pub day: i32,
    /// The number of an older part, from 1 on; [`File::LAST`] for the file where the day goes on.
    pub part: u32,
}

impl File {
    /// In place of a part's number: the file where the day goes on.
    pub const LAST: u32 = u32::MAX;
    /// The largest number of a part.
    pub const MOST: u32 = 999_999_999;
}

/// The logs that the options name, as a record of this day sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logs<'a> {
    pub(super) options: &'a Options<'a>,
    pub(super) today: File,
}

impl<'a> Logs<'a> {
    /// The logs for a record of this day.
    pub fn new(options: &'a Options<'a>, date: Date) -> Self {
        Self { options, today: File { day: date.day_number(), part: File::LAST } }
    }

    /// The log that has this name in the folder. A name that differs in the least is not one of ours.
    // Not inlined: its path is not on the stack beside another one.
    #[inline(never)]
    pub(super) fn parse(&self, name: &[u8]) -> Option<File> {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        let (date, behind) = Date::parse(name.get(log_prefix.len()..)?)?;
        let part = match behind.get(log_suffix.len() + b".log".len()..)? {
            [] => File::LAST,
            [_, number @ ..] => {
                digits::parse(number)?.try_into().ok().filter(|part| (1..=File::MOST).contains(part))?
            }
        };
        let file = File { day: date.day_number(), part };
        // Whatever was passed over, or taken for a number or for a day: this is how the name of that file is spelled.
        let mut room = Path::room();
        let path = self.path(file, &mut room);
        (path.as_bytes().get(log_path.len() + 1..)? == name).then_some(file)
    }

    /// Spells the path of a log.
    #[inline(never)] // many places spell a path
    pub(super) fn path<'r>(&self, file: File, room: &'r mut PathRoom) -> Path<'r> {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        let date = iso(file);
        Path::new(room, &[log_path, b"/", log_prefix, date.as_bytes(), log_suffix, b".log", number(file).as_bytes()])
    }

    /// Appends the path of a log to a message.
    pub(super) fn tell(&self, file: File, message: &mut Message) {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        message.quote(log_path).add("/").quote(log_prefix).add(iso(file));
        message.quote(log_suffix).add(".log").add(number(file));
    }

    /// The next log among the names of the folder, with what lstat(2) tells of it.
    // Not inlined: more than one place goes through the folder.
    #[inline(never)]
    pub(super) fn next(&self, names: &mut Names<'_>) -> Result<Option<(File, Status)>, Errno> {
        while let Some(name) = names.take()? {
            let Some(file) = self.parse(name) else { continue };
            match self.status(file) {
                Ok(Some(status)) => return Ok(Some((file, status))),
                Ok(None) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(None)
    }

    /// open(2) of a log.
    // Not inlined: its path is not on the stack while the log is looked at.
    #[inline(never)]
    pub(super) fn open(&self, file: File, access: Access) -> Result<Fd, Errno> {
        Fd::open(self.path(file, &mut Path::room()), access)
    }

    /// lstat(2) of a log; nothing if there is none.
    pub(super) fn status(&self, file: File) -> Result<Option<Status>, Errno> {
        sys::status_of(self.path(file, &mut Path::room()))
    }

    /// Opens the folder, to list it or to lock it.
    pub(super) fn folder(&self) -> Result<Folder, Errno> {
        Folder::open(Path::new(&mut Path::room(), &[self.options.log_path]))
    }

    /// rename(2) of the log of the day.
    pub(super) fn rename_today(&self, to: File) -> Result<(), Errno> {
        sys::rename(self.path(self.today, &mut Path::room()), self.path(to, &mut Path::room()))
    }

    /// unlink(2) of a log.
    pub(super) fn remove(&self, file: File) -> Result<(), Errno> {
        sys::remove(self.path(file, &mut Path::room()))
    }
}

/// The date: `2024-12-15`.
fn iso(file: File) -> Digits {
    Date::of_day(file.day.into()).iso()
}

/// What an older part has behind the name of its day: `.1`.
fn number(file: File) -> Digits {
    let mut number = Digits::new();
    if file.part != File::LAST {
        digits::push(&mut number, b'.', file.part.into(), 1);
    }
    number
}
