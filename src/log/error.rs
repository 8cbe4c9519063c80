//! What fails with a log, in words.
//!
//! `/var/log/pymonitor`, [`Reason::Folder`] → `/var/log/pymonitor: permission denied; choose another folder with --log-path`

use super::{File, Logs};
use crate::message::{Explain, Message};
use crate::sys::Errno;

/// What failed with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error<'a> {
    pub(super) logs: Logs<'a>,
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
    /// This log leaves no room, and does not go for a record of an earlier day: it has more than a quarter of what is allowed.
    Newer(File),
    /// Only a part of the line was written, and it could not be taken back. The next run does that.
    Torn(Errno),
    /// The record was appended, but may not be on the disk.
    NotSynced(Errno),
    /// The record was appended, but the days that have a log cannot be counted.
    NotCounted(Errno),
    /// The record was appended, but this log, which has to go, cannot be removed.
    Extra(File, Errno),
}

impl Explain for Error<'_> {
    fn explain(&self, message: &mut Message) {
        match self.reason {
            Reason::Folder(_) | Reason::List(_) | Reason::NotCounted(_) => {
                _ = message.quote(self.logs.options.log_path);
            }
            Reason::InTheWay(file, _) | Reason::Newer(file) | Reason::Extra(file, _) => self.logs.tell(file, message),
            _ => self.logs.tell(self.logs.today, message),
        }
        message.add(": ");
        if let Reason::NoRoom(bytes) = self.reason {
            message.add("a record and the folder take ").number(usize::try_from(bytes).unwrap_or(usize::MAX));
        }
        let (number, errno) = match self.reason {
            Reason::Folder(errno) => (0, Some(errno)),
            Reason::List(errno) => (1, Some(errno)),
            Reason::File(errno) => (2, Some(errno)),
            Reason::NotRegular => (3, None),
            Reason::NoRoom(_) => (4, None),
            Reason::InTheWay(_, errno) => (5, Some(errno)),
            Reason::Newer(_) => (6, None),
            Reason::Torn(errno) => (7, Some(errno)),
            Reason::NotSynced(errno) => (8, Some(errno)),
            Reason::NotCounted(errno) => (9, Some(errno)),
            Reason::Extra(_, errno) => (10, Some(errno)),
        };
        if let Some(errno) = errno {
            message.explain(&errno);
        }
        message.line(WORDS, number);
    }
}

/// The words of each [`Reason`], in their order; behind those of its [`Errno`], if it has one. [`Reason::File`] has no more than
/// those.
const WORDS: &[u8] = b"\
; choose another folder with --log-path
; cannot measure the logs (--max-bytes)

not a regular file; remove it, or choose another --log-path
 bytes of disk, more than --max-bytes allows
; cannot be removed to make room for the record (--max-bytes)
newer than the record, and leaves it no room; remove it, set the clock, or allow more with --max-bytes
; a part of the record was written
; the record was written, but may not be on the disk
; the record was written, but the days cannot be counted (--keep-files)
; the record was written, but this old log cannot be removed (--keep-files)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Date;
    use crate::config::Options;
    use std::string::String;

    #[test]
    fn each_reason_has_its_words() {
        let log = "/var/log/pymonitor/awesome_monitoring_1970-01-01.log: ";
        let folder = "/var/log/pymonitor: ";
        let denied = Errno(libc::EACCES);
        let options = Options::default();
        let logs = Logs::new(&options, Date { year: 1970, month: 1, day: 1 });
        let file = logs.today;
        for (reason, beginning, end) in [
            (Reason::Folder(denied), folder, "permission denied; choose another folder with --log-path"),
            (Reason::List(denied), folder, "permission denied; cannot measure the logs (--max-bytes)"),
            (Reason::File(denied), log, "permission denied"),
            (Reason::NotRegular, log, "not a regular file; remove it, or choose another --log-path"),
            (
                Reason::NoRoom(8192),
                log,
                "a record and the folder take 8192 bytes of disk, more than --max-bytes allows",
            ),
            (
                Reason::InTheWay(file, denied),
                log,
                "permission denied; cannot be removed to make room for the record (--max-bytes)",
            ),
            (
                Reason::Newer(file),
                log,
                "newer than the record, and leaves it no room; remove it, set the clock, or allow more with --max-bytes",
            ),
            (Reason::Torn(denied), log, "permission denied; a part of the record was written"),
            (Reason::NotSynced(denied), log, "permission denied; the record was written, but may not be on the disk"),
            (
                Reason::NotCounted(denied),
                folder,
                "permission denied; the record was written, but the days cannot be counted (--keep-files)",
            ),
            (
                Reason::Extra(file, denied),
                log,
                "permission denied; the record was written, but this old log cannot be removed (--keep-files)",
            ),
        ] {
            let mut message = Message::default();
            message.explain(&Error { logs, reason });
            assert_eq!(String::from_utf8_lossy(message.as_bytes()), String::from(beginning) + end);
        }
    }
}
