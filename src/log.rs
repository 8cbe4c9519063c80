//! The log of a day: its end made whole, the append, what is compressed, and what goes to make room for it.
//!
//! A log whose last byte is no newline was cut by a power failure, a full disk or a SIGKILL, and one whose last line
//! has NUL bytes has lost a sector. Under its lock the torn piece of a record is taken away, and a last line that is
//! not ours gets its newline. Then the line goes out with one write(2); what cannot be written whole is taken back.
//! Before the first record of a log, torn pieces are taken off all others. Without the lock nothing is ever cut.

mod compress;
mod days;
mod error;
mod name;
mod room;
mod tail;

use core::mem;

use crate::config::Command;
use crate::sys::{self, Access, Errno, Fd, Folder, Path, Status};

pub use error::{Error, Reason};
pub use name::{File, Kind, Logs};

/// How often the lock is tried before the record goes out without it: anyone who may read the log may hold it for ever.
const LOCK_TRIES: u8 = 101;
/// Milliseconds between two tries.
const LOCK_PAUSE: u16 = 10;
/// How often a log is opened again that was removed or renamed meanwhile.
const OPEN_TRIES: u8 = 10;

/// Appends the line, which is `on_new_line` without its first byte, a newline. Folder and file are made where they are
/// missing. [`Command::Check`] only looks whether that could be done.
///
/// # Errors
/// Whether it is the folder or the file, and the reason.
// Not inlined: keeps its paths off the stack while the record is read and written.
#[inline(never)]
pub fn append<'a>(logs: &Logs<'a>, on_new_line: &[u8]) -> Result<(), Error<'a>> {
    append_to(logs, on_new_line).map_err(|reason| Error { logs: *logs, reason })
}

fn append_to(logs: &Logs<'_>, on_new_line: &[u8]) -> Result<(), Reason> {
    let options = logs.options;
    if options.command == Command::Check {
        return check(logs);
    }
    let folder = if options.max_bytes.is_some() { Some(room::lock_folder(logs)?) } else { None };
    let result = append_in(logs, folder.as_ref(), on_new_line);
    if let Some(folder) = folder {
        folder.close();
    }
    result
}

fn append_in(logs: &Logs<'_>, folder: Option<&Folder>, on_new_line: &[u8]) -> Result<(), Reason> {
    let (options, more) = (logs.options, on_new_line.len() as u64);
    let (mut compressed, mut may_repeat) = (Ok(()), true);
    let (log, mut result) = loop {
        let log = match (folder, options.max_bytes) {
            (Some(folder), Some(most)) => room::Need { logs, folder, more, most }.open()?,
            _ => Log::open(logs, more).map_err(|errno| reason(logs, errno))?,
        };
        if options.compress && log.locked && compressed.is_ok() && compress::is_full(log.size, more) {
            compressed = compress::set_aside(logs);
            log.fd.close();
            continue;
        }
        if log.size == 0 {
            // What cannot be mended costs no record.
            let _ = tail::mend_others(logs);
            if options.compress {
                compressed = compressed.and_then(|()| compress::move_old(logs, folder, more));
            }
        }
        let result = log.append(on_new_line);
        // Without its lock a log can be compressed and removed while it is written.
        let is_lost = || log.fd.status().is_ok_and(|status| status.is_removed);
        if log.locked || result.is_err() || !mem::take(&mut may_repeat) || !is_lost() {
            break (log, result);
        }
        log.fd.close();
    };
    if options.max_bytes.is_some() && log.locked {
        // Where it fails, the next record has less room.
        let _ = log.trim();
    }
    if options.sync && result.is_ok() {
        result = log.sync(logs).map_err(Reason::NotSynced);
    }
    // The end of the program closes it, but for a run that goes on.
    if options.interval.is_some() {
        log.fd.close();
    }
    result?;
    options.keep_files.map_or(Ok(()), |most| days::drop_old(logs, most))?;
    compressed
}

/// Looks whether the log can be written where it is there, and files be made in its folder. Makes and changes nothing.
#[cold]
#[inline(never)]
fn check(logs: &Logs<'_>) -> Result<(), Reason> {
    match sys::may(logs.path(logs.today, &mut Path::room()), Access::Append) {
        Ok(()) if matches!(logs.status(logs.today), Ok(Some(there)) if !there.is_regular) => Err(Reason::NotRegular),
        Ok(()) | Err(Errno::NOENT | Errno::NOTDIR) => check_folder(logs.options.log_path).map_err(Reason::Folder),
        Err(errno) => Err(Reason::File(errno)),
    }
}

/// Looks whether files can be made in a folder. Where it is missing, the nearest folder above it decides.
fn check_folder(mut folder: &[u8]) -> Result<(), Errno> {
    loop {
        // The slash refuses a file, and is the root where nothing is before it.
        match sys::may(Path::new(&mut Path::room(), &[folder, b"/"]), Access::Folder) {
            Err(Errno::NOENT) => {}
            result => return result,
        }
        let above = folder.iter().rposition(|byte| *byte == b'/');
        folder = above.map_or(b".", |end| folder.get(..end).unwrap_or_default());
    }
}

/// An open log.
struct Log {
    fd: Fd,
    locked: bool,
    /// Its bytes, when the lock was taken or given up, and its end was made whole.
    size: u64,
    /// Whether it is empty or its last byte is a newline.
    is_whole: bool,
}

impl Log {
    /// Opens today's log for a record of `more` bytes, takes its lock and makes its end whole.
    // Not inlined: more than one place opens it.
    #[inline(never)]
    fn open(logs: &Logs<'_>, more: u64) -> Result<Self, Errno> {
        let mut tries = OPEN_TRIES;
        loop {
            let fd = open(logs)?;
            let lock = wait_for_lock(&fd);
            let locked = lock != Lock::NotGot;
            let end = match fd.status() {
                // As open(2) says of a socket.
                Ok(status) if !status.is_regular => Err(Errno::NXIO),
                // A file system that gives a file a new number each time does not cost all records.
                Ok(status) if tries > 0 && is_gone(logs, &status, lock) => Ok(None),
                Ok(status) => tail::end(&fd, status.size, more, locked).map(Some),
                Err(errno) => Err(errno),
            };
            if let Ok(Some((size, is_whole))) = end {
                return Ok(Self { fd, locked, size, is_whole });
            }
            fd.close();
            end?;
            tries -= 1;
        }
    }

    fn append(&self, on_new_line: &[u8]) -> Result<(), Reason> {
        let mut rest = match on_new_line {
            [_, line @ ..] if self.is_whole => line,
            line => line,
        };
        // What the log has if nobody else wrote to it.
        let mut size = self.size;
        let only_ours = |size: u64| self.locked && tail::is_still(&self.fd, size);
        let mut is_last_try = false;
        let errno = loop {
            match self.fd.write(rest) {
                Ok(length) if length == rest.len() => return Ok(()),
                Ok(_) if is_last_try => break Errno::NOSPC,
                Ok(0) => break Errno::IO,
                Ok(length) => {
                    size += length as u64;
                    is_last_try = !only_ours(size);
                    // Where another wrote behind the piece, or may, it stays, and the record goes out whole on its own
                    // line. Else the rest follows: it would most often not fit either, and tells why.
                    rest = if is_last_try { on_new_line } else { rest.get(length..).unwrap_or_default() };
                }
                Err(errno) => break errno,
            }
        };
        let taken_back = size == self.size || only_ours(size) && tail::cut(&self.fd, self.size).is_ok();
        Err(if taken_back { Reason::File(errno) } else { Reason::Torn(errno) })
    }

    /// Gives back what the file system allocated ahead of the end: XFS takes up to as much again as the log has.
    /// ftruncate(2) to the size that a file has does that.
    fn trim(&self) -> Result<(), Errno> {
        let status = self.fd.status()?;
        // Less than that can be a block.
        if status.allocated > status.size + 16 * 1024 { tail::cut(&self.fd, status.size) } else { Ok(()) }
    }

    /// Puts the record on the disk, and where it is the first of its file, the file's name.
    fn sync(&self, logs: &Logs<'_>) -> Result<(), Errno> {
        self.fd.sync()?;
        if self.size > 0 {
            return Ok(());
        }
        let folder = logs.folder()?;
        let result = folder.sync();
        folder.close();
        result
    }
}

/// Whether a log was removed, or renamed, before its lock was got: what is appended to it would be lost. A name can
/// become another file's while one waits; where the lock was free, no call is spent on that.
fn is_gone(logs: &Logs<'_>, log: &Status, lock: Lock) -> bool {
    let has_name = || matches!(logs.status(logs.today), Ok(Some(there)) if there.identity == log.identity);
    log.is_removed || lock != Lock::AtOnce && !has_name()
}

/// How a lock was got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    /// At the first try.
    AtOnce,
    /// Another had it before.
    AfterWaiting,
    /// Another has it still, or the file system has no locks.
    NotGot,
}

/// Waits a second for a lock.
fn wait_for_lock(fd: &Fd) -> Lock {
    let mut lock = Lock::AtOnce;
    for _ in 0..LOCK_TRIES {
        match fd.try_lock() {
            Err(Errno::AGAIN) => {}
            result => return if result.is_ok() { lock } else { Lock::NotGot },
        }
        lock = Lock::AfterWaiting;
        sys::sleep_milliseconds(LOCK_PAUSE);
    }
    Lock::NotGot
}

fn open(logs: &Logs<'_>) -> Result<Fd, Errno> {
    match logs.open(logs.today, Access::Append) {
        Err(Errno::NOENT) => make_folders(logs).and_then(|()| logs.open(logs.today, Access::Append)),
        opened => opened,
    }
}

/// Why today's log cannot be opened.
#[cold]
#[inline(never)]
fn reason(logs: &Logs<'_>, errno: Errno) -> Reason {
    match logs.status(logs.today) {
        Ok(Some(_)) if matches!(errno, Errno::LOOP | Errno::NXIO) => Reason::NotRegular,
        // A file that is not there could not be made, which is a matter of its folder.
        Ok(None) | Err(Errno::NOTDIR) => Reason::Folder(errno),
        _ => Reason::File(errno),
    }
}

/// Makes the folder and those above it.
#[cold]
#[inline(never)]
fn make_folders(logs: &Logs<'_>) -> Result<(), Errno> {
    let folder = logs.options.log_path;
    for last in 0..folder.len() {
        if let Some((parent, b"" | [b'/', ..])) = folder.split_at_checked(last + 1) {
            match sys::make_folder(Path::new(&mut Path::room(), &[parent])) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
    }
    Ok(())
}
