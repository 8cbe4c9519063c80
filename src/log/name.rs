//! The names of logs: one for each day, and where a day is long, for its older parts.
//!
//! `awesome_monitoring_2024-12-15.log` is where the day goes on, `….log.1` its oldest part, `….log.2` the next. What is
//! compressed of the day is in `….log.gz`, before that in `….log.1.gz`; and `….log.gz@8014` is text that moves to the
//! end of `….log.gz`, from byte 8014 on.

use crate::clock::Date;
use crate::config::Options;
use crate::digits::{self, Digits};
use crate::message::Message;
use crate::sys::{self, Access, Errno, Fd, Folder, Names, Path, PathRoom, Status};

/// One of the logs. The earlier one is the lesser: the order is by the date in the name, never by the clock. Of a day
/// what is compressed is earlier than what moves there, and that is earlier than all other text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Days from 1970-01-01 to its date.
    pub day: i32,
    /// What it is, a [`Kind`] in the highest two bits, and the number in its name. A field for each of the two would be
    /// 300 bytes of program.
    place: u32,
}

/// What a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `….log.gz`, or `….log.1.gz`.
    Compressed,
    /// `….log.gz@8014`.
    Moving,
    /// `….log`, or `….log.1`.
    Text,
}

impl File {
    /// The largest number in a name. The smallest of an older part is 1.
    pub const MOST: u32 = 999_999_999;
    /// In place of the number of a part, where the day goes on.
    pub const LAST: u32 = (1 << KIND) - 1;

    /// The file of this kind and number.
    pub const fn new(day: i32, kind: Kind, number: u32) -> Self {
        Self { day, place: (kind as u32) << KIND | number }
    }

    /// The log where a day goes on.
    pub const fn last(day: i32) -> Self {
        Self::new(day, Kind::Text, Self::LAST)
    }

    /// The same with another number.
    #[must_use]
    pub const fn with(self, number: u32) -> Self {
        Self { day: self.day, place: self.place & !Self::LAST | number }
    }

    /// The number in its name, or [`File::LAST`].
    pub const fn number(self) -> u32 {
        self.place & Self::LAST
    }

    /// Whether it is of this kind.
    pub const fn is(self, kind: Kind) -> bool {
        self.place >> KIND == kind as u32
    }
}

/// Where the bits of a kind are: the largest number of 30 bits is larger than [`File::MOST`].
const KIND: u32 = 30;

/// The logs that the options name, as a record of this day sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logs<'a> {
    pub(super) options: &'a Options<'a>,
    pub(super) today: File,
}

impl<'a> Logs<'a> {
    /// The logs for a record of this day.
    pub fn new(options: &'a Options<'a>, date: Date) -> Self {
        Self { options, today: File::last(date.day_number()) }
    }

    /// The log that has this name in the folder. A name that differs in the least is not one of ours.
    // Not inlined: its path is not on the stack beside another one.
    #[inline(never)]
    pub(crate) fn parse(&self, name: &[u8]) -> Option<File> {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        let (date, behind) = Date::parse(name.get(log_prefix.len()..)?)?;
        let behind = behind.get(log_suffix.len() + b".log".len()..)?;
        let (kind, number) = match behind {
            [number @ .., b'.', b'g', b'z'] => (Kind::Compressed, number),
            [b'.', b'g', b'z', number @ ..] => (Kind::Moving, number),
            number => (Kind::Text, number),
        };
        let number = match number {
            [] => File::LAST,
            [_, number @ ..] => {
                let least = u32::from(kind != Kind::Moving);
                digits::parse(number)?.try_into().ok().filter(|number| (least..=File::MOST).contains(number))?
            }
        };
        let file = File::new(date.day_number(), kind, number);
        // Whatever was passed over, or taken for a number or for a day: this is how the name of that file is spelled.
        let mut room = Path::room();
        let path = self.path(file, &mut room);
        (path.as_bytes().get(log_path.len() + 1..)? == name).then_some(file)
    }

    /// Spells the path of a log.
    #[inline(never)] // many places spell a path
    pub(crate) fn path<'r>(&self, file: File, room: &'r mut PathRoom) -> Path<'r> {
        Path::new(room, &self.parts(file, &spell(file)))
    }

    /// Appends the path of a log to a message.
    pub(crate) fn tell(&self, file: File, message: &mut Message) {
        for part in self.parts(file, &spell(file)) {
            message.quote(part);
        }
    }

    /// What a path is made of, the date and the number among it.
    #[inline(never)] // both spell it
    fn parts<'p>(&'p self, file: File, (date, number): &'p (Digits, Digits)) -> [&'p [u8]; 9] {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        let gz = |kind| if file.is(kind) { &b".gz"[..] } else { b"" };
        let (date, number) = (date.as_bytes(), number.as_bytes());
        [log_path, b"/", log_prefix, date, log_suffix, b".log", gz(Kind::Moving), number, gz(Kind::Compressed)]
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
    pub(crate) fn open(&self, file: File, access: Access) -> Result<Fd, Errno> {
        Fd::open(self.path(file, &mut Path::room()), access)
    }

    /// lstat(2) of a log; nothing if there is none.
    pub(super) fn status(&self, file: File) -> Result<Option<Status>, Errno> {
        sys::status_of(self.path(file, &mut Path::room()))
    }

    /// Opens the folder, to list it or to lock it.
    pub(crate) fn folder(&self) -> Result<Folder, Errno> {
        Folder::open(Path::new(&mut Path::room(), &[self.options.log_path]))
    }

    /// rename(2) of a log.
    pub(super) fn rename(&self, from: File, to: File) -> Result<(), Errno> {
        sys::rename(self.path(from, &mut Path::room()), self.path(to, &mut Path::room()))
    }

    /// unlink(2) of a log.
    pub(super) fn remove(&self, file: File) -> Result<(), Errno> {
        sys::remove(self.path(file, &mut Path::room()))
    }
}

/// The date of a log, and its number, with the mark before it: `2024-12-15`, and `.1`, `@8014` or nothing.
fn spell(file: File) -> (Digits, Digits) {
    let mut number = Digits::new();
    if file.number() != File::LAST {
        digits::push(&mut number, if file.is(Kind::Moving) { b'@' } else { b'.' }, file.number().into(), 1);
    }
    (Date::of_day(file.day.into()).iso(), number)
}
