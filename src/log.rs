//! The log of a day: its name, its end made whole, and the append.
//!
//! A log whose last byte is no newline was cut by a power failure, a full disk or a SIGKILL. Under its lock the
//! torn piece of a record is taken away, and a last line that is not ours gets its newline. Then the line goes out with one
//! write(2); what cannot be written whole is taken back. Without the lock nothing is ever cut.

mod tail;

use crate::clock::Moment;
use crate::config::Options;
use crate::message::{Explain, Message};
use crate::sys::{self, Access, Errno, Fd};

/// How often the lock is tried again before the record goes out without it: anyone who may read the log may hold it
/// for ever.
const LOCK_TRIES: u8 = 100;
/// Milliseconds between two tries.
const LOCK_PAUSE: u16 = 10;

/// `LOG_PATH/LOG_PREFIX<yyyy-mm-dd>LOG_SUFFIX.log`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    options: &'a Options<'a>,
    moment: Moment,
}

impl<'a> Name<'a> {
    /// The name of the log of the day of `moment`.
    #[must_use]
    pub const fn new(options: &'a Options<'a>, moment: Moment) -> Self {
        Self { options, moment }
    }

    fn open(&self, access: Access) -> Result<Fd, Errno> {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        Fd::open(&[log_path, b"/", log_prefix, self.moment.date().as_bytes(), log_suffix, b".log"], access)
    }
}

impl Explain for Name<'_> {
    fn explain(&self, message: &mut Message) {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        message.quote(log_path).add("/").quote(log_prefix).add(self.moment.date()).quote(log_suffix).add(".log");
    }
}

/// Why nothing was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The folder cannot be made, or no file in it.
    Folder(Errno),
    /// The file cannot be opened, read or written.
    File(Errno),
    /// A symbolic link, a FIFO, a device or a socket has the log's name.
    NotRegular,
    /// Only a part of the line was written, and it could not be taken back. The next run does that.
    Torn(Errno),
}

impl Error {
    /// Says it of this log.
    pub(crate) fn explain(self, name: &Name<'_>, message: &mut Message) {
        match self {
            Self::Folder(errno) => {
                message.quote(name.options.log_path).add(": ").explain(&errno);
                message.add("; choose another folder with --log-path")
            }
            Self::File(errno) => message.explain(name).add(": ").explain(&errno),
            Self::NotRegular => {
                message.explain(name).add(": not a regular file; remove it, or choose another --log-path")
            }
            Self::Torn(errno) => {
                message.explain(name).add(": ").explain(&errno).add("; a part of the record was written")
            }
        };
    }
}

/// Appends the line, which is `on_new_line` without its first byte, a newline. Folder and file are made where they are
/// missing.
///
/// # Errors
/// Whether it is the folder or the file, and the reason.
pub fn append(name: &Name<'_>, on_new_line: &[u8]) -> Result<(), Error> {
    let log = open(name)?;
    let mut tries = LOCK_TRIES;
    let (locked, status) = loop {
        let locked = log.try_lock();
        let status = log.status().map_err(Error::File)?;
        if !status.is_regular {
            return Err(Error::NotRegular);
        }
        if locked != Err(Errno::NOT_NOW) || tries == 0 {
            break (locked, status);
        }
        sys::sleep_milliseconds(LOCK_PAUSE);
        tries -= 1;
    };
    let end = tail::end(log, status.size, locked.is_ok()).map_err(Error::File)?;
    let line = if end.is_whole { on_new_line.get(1..).unwrap_or_default() } else { on_new_line };
    let mut written = 0_usize;
    let only_ours = |written: usize| {
        let ours = end.size.saturating_add(written as u64);
        locked.is_ok() && log.status().is_ok_and(|status| status.size == ours)
    };
    let errno = loop {
        let rest = line.get(written..).unwrap_or_default();
        match log.write(rest) {
            Ok(length) if length == rest.len() => return Ok(()),
            Ok(0) => break Errno::INPUT_OUTPUT,
            // The rest would most often not fit either, and tells why.
            Ok(length) => written = written.saturating_add(length),
            Err(errno) => break errno,
        }
        // Where another wrote behind the piece, or may, it stays, and the record goes out whole, on a line of its own.
        if !only_ours(written) {
            match log.write(on_new_line) {
                Ok(length) if length == on_new_line.len() => return Ok(()),
                Ok(_) => break Errno::NO_SPACE,
                Err(errno) => break errno,
            }
        }
    };
    let taken_back = written == 0 || only_ours(written) && log.truncate(end.size).is_ok();
    Err(if taken_back { Error::File(errno) } else { Error::Torn(errno) })
}

fn open(name: &Name<'_>) -> Result<Fd, Error> {
    let opened = match name.open(Access::Append) {
        Err(Errno::NO_ENTRY) => {
            make_folders(name.options.log_path).map_err(Error::Folder)?;
            name.open(Access::Append)
        }
        opened => opened,
    };
    opened.map_err(|errno| match name.open(Access::Look) {
        // A socket cannot be opened, nor a device that is not there.
        Ok(_) if matches!(errno, Errno::SYMBOLIC_LINK | Errno::NO_DEVICE) => Error::NotRegular,
        // A file that is not there could not be made, which is a matter of its folder.
        Err(Errno::NO_ENTRY | Errno::NOT_A_FOLDER) => Error::Folder(errno),
        _ => Error::File(errno),
    })
}

/// Makes a folder and those above it.
fn make_folders(folder: &[u8]) -> Result<(), Errno> {
    for end in 1..=folder.len() {
        if let Some((parent, b"" | [b'/', ..])) = folder.split_at_checked(end) {
            match sys::make_directory(parent) {
                Ok(()) | Err(Errno::EXISTS) => {}
                Err(errno) => return Err(errno),
            }
        }
    }
    Ok(())
}
