//! What fails with a log, in words.
//!
//! `/var/log/pymonitor`, [`Reason::Folder`] →
//! `/var/log/pymonitor: permission denied; choose another folder with --log-path`

use super::{File, Logs};
use crate::message::{Explain, Message};
use crate::sys::Errno;

/// What failed with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error<'a> {
    /// The logs, as the record saw them.
    pub logs: Logs<'a>,
    /// What failed, and whether something was appended.
    pub reason: Reason,
}

/// What failed with a log. Nothing was appended but where the words say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The folder cannot be made, or no file in it.
    Folder(Errno),
    /// The folder's logs cannot be measured.
    List(Errno),
    /// The file cannot be opened, read or written.
    File(Errno),
    /// A symbolic link, a FIFO, a device or a socket has the log's name.
    NotRegular,
    /// The record with its folder takes so many bytes of disk, which is more than all logs may.
    NoRoom(u64),
    /// This log has to go or to be renamed to make room, and cannot. EAGAIN if another has its lock.
    InTheWay(File, Errno),
    /// This log leaves no room, and does not go for a record of an earlier day: it has more than a quarter of what is
    /// allowed.
    Newer(File),
    /// Only a part of the line was written, and it could not be taken back. The next run does that.
    Torn(Errno),
    /// The record was appended, but may not be on the disk.
    NotSynced(Errno),
    /// The record was appended, but the days that have a log cannot be counted.
    NotCounted(Errno),
    /// The record was appended, but this log, which has to go, cannot be removed.
    Extra(File, Errno),
    /// The record was appended, but older ones were not moved to this file.
    NotCompressed(File, Errno),
}

impl Reason {
    /// The error of the call that failed, if one did.
    pub(super) fn errno(self) -> Option<Errno> {
        match self {
            Reason::Folder(errno)
            | Reason::List(errno)
            | Reason::File(errno)
            | Reason::InTheWay(_, errno)
            | Reason::Torn(errno)
            | Reason::NotSynced(errno)
            | Reason::NotCounted(errno)
            | Reason::Extra(_, errno)
            | Reason::NotCompressed(_, errno) => Some(errno),
            Reason::NotRegular | Reason::NoRoom(_) | Reason::Newer(_) => None,
        }
    }
}

impl Explain for Error<'_> {
    fn explain(&self, message: &mut Message) {
        match self.reason {
            Reason::Folder(_) | Reason::List(_) | Reason::NotCounted(_) => {
                _ = message.quote(self.logs.options.log_path);
            }
            Reason::InTheWay(file, _)
            | Reason::Newer(file)
            | Reason::Extra(file, _)
            | Reason::NotCompressed(file, _) => self.logs.tell(file, message),
            _ => self.logs.tell(self.logs.today, message),
        }
        message.add(": ");
        if let Reason::NoRoom(bytes) = self.reason {
            message.add("a record and the folder take ").number(usize::try_from(bytes).unwrap_or(usize::MAX));
        }
        if let Some(errno) = self.reason.errno() {
            message.explain(&errno);
        }
        // The compiler takes these for the numbers that it has for the reasons, as long as both have one order.
        let number = match self.reason {
            Reason::Folder(_) => 0,
            Reason::List(_) => 1,
            Reason::File(_) => 2,
            Reason::NotRegular => 3,
            Reason::NoRoom(_) => 4,
            Reason::InTheWay(..) => 5,
            Reason::Newer(_) => 6,
            Reason::Torn(_) => 7,
            Reason::NotSynced(_) => 8,
            Reason::NotCounted(_) => 9,
            Reason::Extra(..) => 10,
            Reason::NotCompressed(..) => 11,
        };
        if number >= WRITTEN {
            message.add("; the record was written, but");
        }
        message.line(WORDS, number);
    }
}

/// From this line on the words are of a record that was written.
const WRITTEN: usize = 8;

/// The words of each [`Reason`], in their order; behind those of its [`Errno`], if it has one. [`Reason::File`] has no
/// more than those.
const WORDS: &[u8] = b"\
; choose another folder with --log-path
; cannot measure the logs (--max-bytes)

not a regular file; remove it, or choose another --log-path
 bytes of disk, more than --max-bytes allows
; cannot be removed to make room for the record (--max-bytes)
newer than the record, and leaves it no room; remove it, set the clock, or raise --max-bytes
; a part of the record was written
 may not be on the disk
 the days cannot be counted (--keep-files)
 this log cannot be removed (--keep-files)
 older ones were not compressed (--compress)";
