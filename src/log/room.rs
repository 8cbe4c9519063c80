//! `--max-bytes SIZE`: what goes to make room for a record.
//!
//! A day goes on in a fresh file each time that its log has a quarter of SIZE, and the oldest file goes when the next
//! record would not fit. So three quarters of SIZE are kept, be it of one day. Each step is taken only where there can
//! be room in the end: else nothing is renamed or removed.
//!
//! The oldest file goes first, by its name. Today's goes when none is older, and after it later days' go, for a clock
//! that is back in 1970; but none of them if one has more than a quarter of SIZE: then the record has no room.

use core::mem;

use super::{File, Kind, Log, Logs, Reason, reason, wait_for_lock};
use crate::sys::{Errno, Fd, Folder, Status};

/// Bytes of disk that the folder and its logs take, today's left out.
struct Found {
    folder: u64,
    /// The logs that go before today's.
    older: Side,
    /// Those that go after it.
    newer: Side,
    /// The one that goes first, with its bytes: today's if there is none.
    oldest: (File, u64),
    /// The number of the newest part of today.
    newest_part: u32,
}

/// The logs on one side of today's.
struct Side {
    /// Bytes of all.
    sum: u64,
    /// The largest one, with its bytes: 0 if there is none.
    largest: (File, u64),
}

impl Side {
    #[inline(never)] // there are two sides
    fn count(&mut self, log: (File, u64)) {
        self.sum += log.1;
        if log.1 > self.largest.1 {
            self.largest = log;
        }
    }
}

impl Found {
    /// Bytes of all, if today's log has so many.
    fn sum(&self, today: u64) -> u64 {
        self.folder + self.older.sum + self.newer.sum + today
    }

    // Not inlined: more than one place lists the folder.
    #[inline(never)]
    fn list(logs: &Logs<'_>, folder: &Folder) -> Result<Self, Errno> {
        let (today, side) = (logs.today, || Side { sum: 0, largest: (logs.today, 0) });
        let folder_bytes = folder.status()?.allocated;
        let mut found =
            Self { folder: folder_bytes, older: side(), newer: side(), oldest: (today, u64::MAX), newest_part: 0 };
        let mut names = folder.names();
        while let Some((file, status)) = logs.next(&mut names)? {
            if file == today {
                continue;
            }
            if file.day == today.day && file.number() <= File::MOST && !file.is(Kind::Moving) {
                // Whatever has this name, be it a symbolic link: it is taken.
                found.newest_part = found.newest_part.max(file.number());
            }
            if status.is_regular {
                let log = (file, disk(&status, 0));
                if found.oldest.0 == today || file < found.oldest.0 {
                    found.oldest = log;
                }
                let side = if file < today { &mut found.older } else { &mut found.newer };
                side.count(log);
            }
        }
        Ok(found)
    }
}

/// Bytes of disk that a file takes at once.
pub(super) const BLOCK: u64 = 4096;

/// Bytes of disk that a file takes with `more` bytes appended, in blocks as du(1) counts them. Its size is below 2⁶³.
/// What is more than 2⁴⁸ counts as that, so that no sum of such is too large.
fn disk(status: &Status, more: u64) -> u64 {
    status.allocated.max((status.size + more).next_multiple_of(BLOCK)).min(1 << 48)
}

/// What is to be done next to make room.
enum Step {
    /// Nothing: there is room.
    Append,
    /// This log goes.
    Remove(File),
    /// Today's log becomes this older part.
    Rename(File),
}

/// Where there is room.
#[derive(PartialEq, Eq)]
enum Room {
    /// In the file that is open.
    Here,
    /// In a fresh one: the file that is open was renamed or removed.
    InFreshFile,
}

/// A record that needs room.
pub(super) struct Need<'n, 'a> {
    pub(super) logs: &'n Logs<'a>,
    pub(super) folder: &'n Folder,
    /// Its bytes.
    pub(super) more: u64,
    /// Bytes of disk that all logs and their folder may take.
    pub(super) most: u64,
}

impl Need<'_, '_> {
    /// The next step, where today's log has this status, and is ours to rename or remove if `locked`.
    fn step(&self, today: &Status, locked: bool) -> Result<Step, Reason> {
        let Self { logs, folder, more, most } = *self;
        let found = Found::list(logs, folder).map_err(Reason::List)?;
        let alone = found.folder + more.next_multiple_of(BLOCK);
        if alone > most {
            return Err(Reason::NoRoom(alone));
        }
        let (large, largest_newer, with_today) = (most / 4, found.newer.largest, disk(today, more));
        // What stays when all has gone that may go.
        if !locked && found.folder + with_today + found.newer.sum > most {
            return Err(Reason::InTheWay(logs.today, Errno::AGAIN));
        }
        if locked && largest_newer.1 > large && alone + found.newer.sum > most {
            return Err(Reason::Newer(largest_newer.0));
        }
        if locked && today.size > 0 && with_today > large && found.newest_part < File::MOST {
            return Ok(Step::Rename(logs.today.with(found.newest_part + 1)));
        }
        if found.sum(with_today) <= most {
            return Ok(Step::Append);
        }
        // What is larger than all may be cannot stay, so nothing else need go for it.
        let (largest_older, bytes) = found.older.largest;
        let oldest = found.oldest.0;
        Ok(Step::Remove(if alone + bytes > most {
            largest_older
        } else if today.size == 0 || oldest < logs.today {
            oldest
        } else {
            logs.today
        }))
    }

    /// Removes the oldest log, if it may go. Whether it has gone.
    fn drop_oldest(&self) -> bool {
        Found::list(self.logs, self.folder).is_ok_and(|found| {
            let (file, bytes) = found.oldest;
            (file < self.logs.today || bytes <= self.most / 4) && self.logs.remove(file).is_ok()
        })
    }

    /// Opens today's log with room for the record.
    // Not inlined: keeps its paths off the stack of a run without the option.
    #[inline(never)]
    pub(super) fn open(&self) -> Result<Log, Reason> {
        let logs = self.logs;
        let was_there = logs.status(logs.today) != Ok(None);
        let mut may_drop = true;
        loop {
            let log = match Log::open(logs, self.more) {
                Ok(log) => log,
                // The file system has as many files as it can have.
                Err(Errno::NOSPC | Errno::DQUOT) if mem::take(&mut may_drop) && self.drop_oldest() => continue,
                Err(errno) => return Err(reason(logs, errno)),
            };
            let room = self.make_room(&log);
            if room == Ok(Room::Here) {
                return Ok(log);
            }
            // It was made for nothing, and nobody can have written to it: the lock is ours.
            if room.is_err() && !was_there && log.locked && log.size == 0 {
                let _ = logs.remove(logs.today);
            }
            log.fd.close();
            room?;
        }
    }

    /// Takes steps until there is room in the open log, or its name is free.
    fn make_room(&self, log: &Log) -> Result<Room, Reason> {
        let logs = self.logs;
        loop {
            let today = log.fd.status().map_err(Reason::File)?;
            let (file, result) = match self.step(&today, log.locked)? {
                Step::Append => return Ok(Room::Here),
                Step::Remove(file) => (file, logs.remove(file)),
                Step::Rename(part) => (logs.today, logs.rename(logs.today, part)),
            };
            result.map_err(|errno| Reason::InTheWay(file, errno))?;
            if file == logs.today {
                // F2FS would bring a fresh file of the same name back and the renamed one not. That it fails is told
                // when the record is synced.
                if logs.options.sync {
                    let _ = self.folder.sync();
                }
                return Ok(Room::InFreshFile);
            }
        }
    }
}

/// What today's log is called as an older part.
#[cold]
pub(super) fn next_part(logs: &Logs<'_>, folder: &Folder) -> Result<File, Errno> {
    match Found::list(logs, folder)?.newest_part {
        File::MOST => Err(Errno::NOSPC),
        newest => Ok(logs.today.with(newest + 1)),
    }
}

/// Makes older logs go until today's, which is compressed and open, can have `more` bytes more.
///
/// # Errors
/// EAGAIN where no older one is left, and those of the calls.
#[cold]
pub(super) fn older_go(logs: &Logs<'_>, folder: &Folder, file: &Fd, more: u64) -> Result<(), Errno> {
    let Some(most) = logs.options.max_bytes else { return Ok(()) };
    loop {
        let found = Found::list(logs, folder)?;
        if found.sum(disk(&file.status()?, more)) <= most {
            return Ok(());
        }
        if found.oldest.0 >= logs.today {
            return Err(Errno::AGAIN);
        }
        logs.remove(found.oldest.0)?;
    }
}

/// Opens the folder with its lock. Runs of two days have two logs and one limit, so each holds the lock from its first
/// look until its record is written.
pub(super) fn lock_folder(logs: &Logs<'_>) -> Result<Folder, Reason> {
    let mut folder = logs.folder();
    if matches!(folder, Err(Errno::NOENT)) {
        super::make_folders(logs).map_err(Reason::Folder)?;
        folder = logs.folder();
    }
    let folder = folder.map_err(Reason::List)?;
    wait_for_lock(folder.file());
    Ok(folder)
}
