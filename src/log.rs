//! The log of a day: its end made whole, the append, and what goes to make room for it.
//!
//! A log whose last byte is no newline was cut by a power failure, a full disk or a SIGKILL. Under its lock the
//! torn piece of a record is taken away, and a last line that is not ours gets its newline. Then the line goes out with one
//! write(2); what cannot be written whole is taken back. Without the lock nothing is ever cut.

mod error;
mod name;
mod retention;
mod tail;

use crate::sys::{self, Access, Errno, Fd, Folder, Path, Status};
use tail::End;

pub use error::{Error, Reason};
pub use name::Name;

/// How often the lock is tried again before the record goes out without it: anyone who may read the log may hold it
/// for ever.
const LOCK_TRIES: u8 = 100;
/// Milliseconds between two tries.
const LOCK_PAUSE: u16 = 10;
/// How often a log is opened anew that another run made an older part of.
const MOVED_TRIES: u8 = 10;

/// Appends the line, which is `on_new_line` without its first byte, a newline. Folder and file are made where they are
/// missing.
///
/// # Errors
/// Whether it is the folder or the file, and the reason.
// Never inlined: its paths would lie on the stack while the record is read and written.
#[inline(never)]
pub fn append<'a>(name: &Name<'a>, on_new_line: &[u8]) -> Result<(), Error<'a>> {
    let options = name.options;
    let log = Log::with_room(name, on_new_line.len() as u64)?;
    let mut result = log.append(on_new_line).map_err(|reason| name.error(reason));
    if options.sync && result.is_ok() {
        result = sync(name, &log).map_err(|errno| name.error(Reason::NotSynced(errno)));
    }
    if let (Ok(()), Some(most)) = (result, options.keep_files) {
        result = retention::drop_days(name, most);
    }
    // The end of the program closes it, but for a run that goes on.
    if options.interval.is_some() {
        log.close();
    }
    result
}

/// An open log.
struct Log {
    fd: Fd,
    locked: bool,
    /// Its end, as it was when the lock was taken or given up, and made whole.
    end: End,
    /// The folder, where there is a limit to its logs, with its lock.
    folder: Option<Folder>,
}

impl Log {
    /// Opens the log of the day, with room for `more` bytes where there is a limit.
    fn with_room<'a>(name: &Name<'a>, more: u64) -> Result<Self, Error<'a>> {
        let mut tries = MOVED_TRIES;
        loop {
            let mut log = Self::open(name)?;
            let Some(most) = name.options.max_bytes else { return Ok(log) };
            let moved = log.make_room(name, more, most, tries > 0);
            if moved == Ok(false) {
                return Ok(log);
            }
            log.close();
            moved?;
            if tries == 0 {
                return Err(name.error(Reason::InTheWay(Errno::AGAIN)));
            }
            tries -= 1;
        }
    }

    /// Makes room for `more` bytes, and keeps others from doing so until the log is closed. Tells whether the log has to be
    /// opened anew: to make room, or, if it shall be looked at, because its name is another file's by now.
    // Never inlined: a run without a limit has not the paths of the others on its stack.
    #[inline(never)]
    fn make_room<'a>(&mut self, name: &Name<'a>, more: u64, most: u64, look: bool) -> Result<bool, Error<'a>> {
        let folder = Folder::open(Path::new(&mut Path::room(), &[name.options.log_path]));
        let folder = self.folder.insert(folder.map_err(|errno| name.error(Reason::List(errno)))?);
        // Runs of two days have two logs, and one limit.
        wait_for_lock(folder.file());
        let found = self.fd.status().and_then(|own| Ok((own, status(name)?)));
        let (own, there) = found.map_err(|errno| name.error(Reason::File(errno)))?;
        // While this run waited for the lock another may have made an older part of it. A file system that gives a file
        // another number each time is not to cost all records.
        if look && there.is_none_or(|there| there.identity != own.identity) {
            return Ok(true);
        }
        retention::make_room(name, &own, self.locked, more, most)
    }

    fn close(self) {
        self.fd.close();
        if let Some(folder) = self.folder {
            folder.close();
        }
    }

    /// Opens it, takes its lock and makes its end whole.
    fn open<'a>(name: &Name<'a>) -> Result<Self, Error<'a>> {
        let fd = open(name)?;
        let locked = wait_for_lock(&fd);
        let end = match fd.status() {
            Ok(status) if status.is_regular => tail::end(&fd, status.size, locked).map_err(Reason::File),
            Ok(_) => Err(Reason::NotRegular),
            Err(errno) => Err(Reason::File(errno)),
        };
        match end {
            Ok(end) => Ok(Self { fd, locked, end, folder: None }),
            Err(reason) => {
                fd.close();
                Err(name.error(reason))
            }
        }
    }

    fn append(&self, on_new_line: &[u8]) -> Result<(), Reason> {
        let Self { fd, end, .. } = self;
        let line = if end.is_whole { on_new_line.get(1..).unwrap_or_default() } else { on_new_line };
        let mut written = 0_usize;
        let only_ours = |written: usize| {
            let ours = end.size.saturating_add(written as u64);
            self.locked && fd.status().is_ok_and(|status| status.size == ours)
        };
        let errno = loop {
            let rest = line.get(written..).unwrap_or_default();
            match fd.write(rest) {
                Ok(length) if length == rest.len() => return Ok(()),
                Ok(0) => break Errno::IO,
                // The rest would most often not fit either, and tells why.
                Ok(length) => written = written.saturating_add(length),
                Err(errno) => break errno,
            }
            // Where another wrote behind the piece, or may, it stays, and the record goes out whole, on a line of its own.
            if !only_ours(written) {
                match fd.write(on_new_line) {
                    Ok(length) if length == on_new_line.len() => return Ok(()),
                    Ok(_) => break Errno::NOSPC,
                    Err(errno) => break errno,
                }
            }
        };
        let taken_back = written == 0 || only_ours(written) && fd.truncate(end.size).is_ok();
        Err(if taken_back { Reason::File(errno) } else { Reason::Torn(errno) })
    }
}

/// Waits a second for a lock. Whether it was got.
fn wait_for_lock(fd: &Fd) -> bool {
    let mut tries = LOCK_TRIES;
    loop {
        match fd.try_lock() {
            Err(Errno::AGAIN) if tries > 0 => {}
            result => return result.is_ok(),
        }
        sys::sleep_milliseconds(LOCK_PAUSE);
        tries -= 1;
    }
}

/// Puts the record on the disk, and where it is the first of its file, the file's name.
fn sync(name: &Name<'_>, log: &Log) -> Result<(), Errno> {
    log.fd.sync()?;
    if log.end.size > 0 {
        return Ok(());
    }
    let folder = Folder::open(Path::new(&mut Path::room(), &[name.options.log_path]))?;
    let result = folder.sync();
    folder.close();
    result
}

fn open<'a>(name: &Name<'a>) -> Result<Fd, Error<'a>> {
    let mut room = Path::room();
    let path = name.path(&mut room);
    let mut opened = Fd::open(path, Access::Append);
    if matches!(opened, Err(Errno::NOENT)) {
        make_folders(name.options.log_path).map_err(|errno| name.error(Reason::Folder(errno)))?;
        opened = Fd::open(path, Access::Append);
    }
    opened.map_err(|errno| {
        name.error(match sys::status_of(path) {
            // A socket cannot be opened, nor a device that is not there.
            Ok(Some(_)) if matches!(errno, Errno::LOOP | Errno::NXIO) => Reason::NotRegular,
            // A file that is not there could not be made, which is a matter of its folder.
            Ok(None) | Err(Errno::NOTDIR) => Reason::Folder(errno),
            _ => Reason::File(errno),
        })
    })
}

/// What is there under this name; nothing if there is nothing.
fn status(name: &Name<'_>) -> Result<Option<Status>, Errno> {
    sys::status_of(name.path(&mut Path::room()))
}

/// Makes a folder and those above it.
#[cold]
#[inline(never)]
fn make_folders(folder: &[u8]) -> Result<(), Errno> {
    for end in 1..=folder.len() {
        if let Some((parent, b"" | [b'/', ..])) = folder.split_at_checked(end) {
            match sys::make_folder(Path::new(&mut Path::room(), &[parent])) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
    }
    Ok(())
}
