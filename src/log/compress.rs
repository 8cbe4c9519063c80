//! `--compress`: what is old of a day moves from text to the end of its `….log.gz`.
//!
//! When a record would make the log larger than a block, the log becomes an older part. Older parts and the logs of
//! days before are moved, the oldest first: `….log.1` becomes `….log.gz@8014`, text that moves to the end of
//! `….log.gz`, which has 8,014 bytes then. Its lines become members of the format BGZF there, and then it is removed.
//!
//! A run that is cut leaves that file, or has done all. The next run cuts `….log.gz` to the bytes that the name
//! tells, and begins again. So each line is in one place, for all who know the name.

use super::room::{BLOCK, next_part, older_go};
use super::tail::read;
use super::{File, Kind, Lock, Logs, Reason, wait_for_lock};
use crate::bgzf::{self, ROOM, TEXT};
use crate::config::{FIRST_STEP, OTHER_STACK};
use crate::sys::{self, Access, Errno, Fd, Folder};

/// Bytes of stack for a block and what compresses it: a step of [`sys::with_array`]. What is not touched costs nothing.
const STACK: usize = {
    let mut bytes = FIRST_STEP;
    while bytes < TEXT + ROOM {
        bytes *= 2;
    }
    bytes
};

/// Whether a log of this size has no room for a record of `more` bytes in its block.
pub(super) const fn is_full(size: u64, more: u64) -> bool {
    size > 0 && size + more > TEXT as u64
}

/// Makes today's log an older part. Its lock is ours.
#[cold]
#[inline(never)] // keeps its paths off the stack
pub(super) fn set_aside(logs: &Logs<'_>) -> Result<(), Reason> {
    let renamed = logs.folder().and_then(|folder| {
        let result = becomes_part(logs, &folder);
        folder.close();
        result
    });
    renamed.map_err(|errno| Reason::NotCompressed(logs.today, errno))
}

/// Makes today's log an older part, and has that on the disk.
fn becomes_part(logs: &Logs<'_>, folder: &Folder) -> Result<(), Errno> {
    logs.rename(logs.today, next_part(logs, folder)?)?;
    folder.sync()
}

/// Compresses all text that is older than today's log. A record of `more` bytes is to have room behind that. One run
/// does so at a time: it has the lock of the folder, which with `--max-bytes` it has already.
///
/// # Errors
/// [`Reason::NotCompressed`], the first one. Then the lines are still text.
#[cold]
#[inline(never)] // keeps its paths off the stack
pub(super) fn move_old(logs: &Logs<'_>, locked: Option<&Folder>, more: u64) -> Result<(), Reason> {
    let Ok(own) = logs.folder() else { return Ok(()) };
    let folder = locked.unwrap_or(&own);
    let mut result = Ok(());
    let mut behind = if folder.file().try_lock().is_ok() { i32::MIN } else { i32::MAX };
    loop {
        let mut file = logs.today;
        let mut names = folder.names();
        while let Ok(Some((found, status))) = logs.next(&mut names) {
            if found.day > behind && found < file && !found.is(Kind::Compressed) && status.is_regular {
                file = found;
            }
        }
        if file == logs.today {
            break;
        }
        let gz = Logs { today: File::new(file.day, Kind::Compressed, File::LAST), ..*logs };
        if let Err(errno) = move_text(&gz, file, folder, more) {
            // What is newer of that day must not come before it.
            behind = file.day;
            // Not where another writes or reads it, or no room is left within --max-bytes.
            if errno != Errno::AGAIN {
                result = result.and(Err(Reason::NotCompressed(gz.today, errno)));
            }
        }
    }
    own.close();
    result
}

/// Compresses a text, to the end of the file that `gz` calls today's. Where that is not to grow, it becomes an older
/// part, and the text is found again.
fn move_text(gz: &Logs<'_>, name: File, folder: &Folder, more: u64) -> Result<(), Errno> {
    if !sys::stack_holds(STACK + OTHER_STACK) {
        return Err(Errno::NOMEM);
    }
    let text = gz.open(name, Access::AppendIfThere)?;
    // Who waits for the lock of a log that became an older part has it for a moment.
    let result = match wait_for_lock(&text) {
        Lock::NotGot => Err(Errno::AGAIN),
        _ => move_locked(gz, name, folder, &text, more),
    };
    text.close();
    result
}

fn move_locked(gz: &Logs<'_>, name: File, folder: &Folder, text: &Fd, more: u64) -> Result<(), Errno> {
    let file = gz.open(gz.today, Access::Append)?;
    let result = Move { gz, folder, text, file: &file, more }.all(name);
    if file.status().is_ok_and(|status| status.is_regular && status.size == 0) {
        let _ = gz.remove(gz.today);
    }
    file.close();
    result
}

/// Whether a member ends at this place. What another program compressed has none.
#[cold]
fn ends_at(file: &Fd, end: u64) -> bool {
    let (mut place, mut head) = (0, [0; bgzf::BEFORE]);
    while place < end
        && let Some(size) = bgzf::member_size(read(file, place, &mut head).unwrap_or_default())
    {
        place += size as u64;
    }
    place == end
}

/// A text that moves to the end of a file.
struct Move<'m, 'a> {
    gz: &'m Logs<'a>,
    folder: &'m Folder,
    text: &'m Fd,
    file: &'m Fd,
    more: u64,
}

impl Move<'_, '_> {
    /// Moves it, which has this name.
    fn all(&self, name: File) -> Result<(), Errno> {
        let there = self.file.status()?;
        if !there.is_regular {
            return Err(Errno::NXIO);
        }
        let mut start = u32::try_from(there.size).unwrap_or(u32::MAX);
        let mut is_large = false;
        if name.is(Kind::Moving) {
            start = start.min(name.number());
        } else {
            is_large = start > File::MOST || self.gz.options.max_bytes.is_some_and(|most| there.allocated > most / 4);
        }
        if is_large || !ends_at(self.file, start.into()) {
            return becomes_part(self.gz, self.folder);
        }
        let moving = File::new(name.day, Kind::Moving, start);
        self.gz.rename(name, moving)?;
        self.folder.sync()?;
        let mut result = Ok(());
        sys::with_array(STACK, |room| {
            result = self.lines(start.into(), room);
            sys::give_back(room);
        });
        let result = result.and_then(|()| self.gz.remove(moving));
        if result.is_err() {
            let _ = self.file.truncate(start.into());
        }
        result
    }

    #[cold]
    #[inline(never)] // its frame lies behind the array
    fn lines(&self, start: u64, room: &mut [u8]) -> Result<(), Errno> {
        let (room, memory) = room.split_at_mut_checked(TEXT).unwrap_or_default();
        self.file.truncate(start)?;
        let end = self.text.status()?.size;
        let mut last = [b'\n'];
        read(self.text, end.saturating_sub(1), &mut last)?;
        if last != [b'\n'] {
            self.text.write_all(b"\n")?;
        }
        let mut place = 0;
        while place < end {
            let text = read(self.text, place, room)?;
            let lines = text.iter().rposition(|byte| *byte == b'\n').map_or(text.len(), |last| last + 1);
            // Another cut it off.
            if lines == 0 {
                return Err(Errno::AGAIN);
            }
            let member = bgzf::member(text.get(..lines).unwrap_or_default(), memory);
            older_go(self.gz, self.folder, self.file, member.len() as u64 + self.more + BLOCK)?;
            self.file.write_all(member)?;
            place += lines as u64;
        }
        self.file.sync()?;
        self.folder.sync()?;
        // A run that did not get the lock may have written meanwhile, and another program removed the file.
        if self.text.status()?.size == place && !self.file.status()?.is_removed { Ok(()) } else { Err(Errno::AGAIN) }
    }
}
