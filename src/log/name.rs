//! The names of logs: one for each day, and where a day is long, for its older parts.
//!
//! `awesome_monitoring_2024-12-15.log` is where the day goes on, `….log.1` its oldest part, `….log.2` the next.

use crate::clock::{self, Date, Iso, Moment};
use crate::config::Options;
use crate::message::{Explain, Message};
use crate::sys::{Path, PathRoom};

/// Which of the logs a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) date: Date,
    /// The number of an older part, from 1 on.
    pub(super) part: u32,
}

impl File {
    /// In place of a part's number: the file where the day goes on.
    pub(super) const LAST: u32 = u32::MAX;
    /// The largest number of a part.
    pub(super) const MOST: u32 = 999_999_999;

    /// Whether this one goes before the other. The order is by the date in the name, never by the clock.
    #[inline(never)]
    pub(super) fn is_before(&self, other: &Self) -> bool {
        (self.date, self.part) < (other.date, other.part)
    }
}

/// `LOG_PATH/LOG_PREFIX<yyyy-mm-dd>LOG_SUFFIX.log`, and for an older part `.<number>` behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    pub(super) options: &'a Options<'a>,
    pub(super) file: File,
}

impl<'a> Name<'a> {
    /// The name of the log of the day of `moment`.
    #[must_use]
    pub const fn new(options: &'a Options<'a>, moment: Moment) -> Self {
        Self { options, file: File { date: moment.date(), part: File::LAST } }
    }

    /// The log that has this name in the log's folder. A name that differs in the least is not one of ours.
    pub(super) fn parse(options: &'a Options<'a>, name: &[u8]) -> Option<Self> {
        let (date, behind) = Date::parse(name.get(options.log_prefix.len()..)?)?;
        let part = match behind.get(options.log_suffix.len() + b".log".len()..)? {
            [] => File::LAST,
            [_, digits @ ..] => clock::number(digits),
        };
        let found = Self { options, file: File { date, part } };
        // Whatever was passed over and taken for a number: this is how its name is spelled.
        let mut room = Path::room();
        let path = found.path(&mut room);
        let folder = path.as_bytes().strip_suffix(name)?;
        let is_ours = part == File::LAST || (1..=File::MOST).contains(&part);
        (is_ours && folder.len() == options.log_path.len() + 1).then_some(found)
    }

    /// Spells the path.
    #[inline(never)]
    pub(super) fn path<'r>(&self, room: &'r mut PathRoom) -> Path<'r> {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        Path::new(
            room,
            &[
                log_path,
                b"/",
                log_prefix,
                self.file.date.iso().as_bytes(),
                log_suffix,
                b".log",
                self.number().as_bytes(),
            ],
        )
    }

    /// What an older part has behind the name of its day: `.1`.
    fn number(&self) -> Iso {
        let mut number = Iso::new();
        if self.file.part != File::LAST {
            clock::push_number(&mut number, ".", self.file.part.into(), 1);
        }
        number
    }
}

impl Explain for Name<'_> {
    fn explain(&self, message: &mut Message) {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        message.quote(log_path).add("/").quote(log_prefix).add(self.file.date.iso());
        message.quote(log_suffix).add(".log").add(self.number());
    }
}
