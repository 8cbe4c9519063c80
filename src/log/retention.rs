//! How much of the log is kept. What is oldest by its name goes first.
//!
//! `--keep-files 3`: `…2024-12-12.log` goes when there are `…13.log`, `…14.log` and `…15.log`.
//!
//! `--max-bytes 64k`: a day goes on in a fresh file each time that it has a quarter of that, and the oldest file goes
//! when the next record would not fit. So three quarters of what is allowed are kept, be it of one day.
//!
//! The file of today goes only where nothing is older. A clock that is back in 1970 costs no day but its own, and with
//! `--max-bytes` one file of a quarter at most, to begin with.

use super::name::{File, Name};
use super::{Error, Reason};
use crate::sys::{self, Errno, Folder, Path, Status};

/// What there is beside the file of today.
#[derive(Default)]
struct Others {
    /// The file that goes first, and the bytes of disk that it takes.
    oldest: Option<(File, u64)>,
    /// The same of the largest.
    largest: Option<(File, u64)>,
    /// The file that goes first, parts of today left out.
    oldest_of_other_days: Option<File>,
    /// Days that have a file.
    days: u64,
    /// Bytes of disk that all take.
    bytes: u64,
    /// Bytes of disk that the folder itself takes.
    folder: u64,
    /// The number of the newest part of today.
    newest_part: u32,
}

impl Others {
    #[inline(never)]
    fn find(name: &Name<'_>) -> Result<Self, Errno> {
        let folder = Folder::open(Path::new(&mut Path::room(), &[name.options.log_path]))?;
        let mut others = Self::default();
        let result = folder.names(|entry| others.count(name, entry)).and_then(|()| folder.status());
        folder.close();
        others.folder = result?.allocated;
        Ok(others)
    }

    // Never inlined: the loop that calls it would have it twice.
    #[inline(never)]
    fn count(&mut self, name: &Name<'_>, entry: &[u8]) -> Result<(), Errno> {
        let Some(other) = Name::parse(name.options, entry).filter(|other| other.file != name.file) else {
            return Ok(());
        };
        let file = other.file;
        let is_of_today = file.date == name.file.date;
        if is_of_today {
            // Whatever has this name, be it a symbolic link: it is taken.
            self.newest_part = self.newest_part.max(file.part);
        }
        let Some(status) = super::status(&other)?.filter(|status| status.is_regular) else { return Ok(()) };
        let bytes = disk(&status, 0);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.oldest.is_none_or(|(oldest, _)| file.is_before(&oldest)) {
            self.oldest = Some((file, bytes));
        }
        if self.largest.is_none_or(|(_, most)| bytes > most) {
            self.largest = Some((file, bytes));
        }
        if !is_of_today {
            if self.oldest_of_other_days.is_none_or(|oldest| file.is_before(&oldest)) {
                self.oldest_of_other_days = Some(file);
            }
            self.days = self.days.saturating_add(u64::from(file.part == File::LAST));
        }
        Ok(())
    }
}

/// Bytes of disk that a file takes with `more` bytes appended, in blocks of 4 KiB as du(1) counts them.
fn disk(status: &Status, more: u64) -> u64 {
    status.allocated.max(status.size.saturating_add(more).saturating_add(4095) & !4095)
}

/// Takes away old days' logs until there are no more than `most` days, the one of `name` among them. Where that one is the
/// oldest, `most` others stay.
// Never inlined, as `Log::make_room` is.
#[inline(never)]
pub(super) fn drop_days<'a>(name: &Name<'a>, most: u64) -> Result<(), Error<'a>> {
    loop {
        let others = Others::find(name).map_err(|errno| name.error(Reason::NotCounted(errno)))?;
        let Some(oldest) = others.oldest_of_other_days else { return Ok(()) };
        let spared = u64::from(oldest.date > name.file.date);
        if others.days < most.saturating_add(spared) {
            return Ok(());
        }
        remove(name, oldest, Reason::Extra)?;
    }
}

/// Makes room for `more` bytes, so that all logs together with their folder take no more than `most` bytes of disk. Tells
/// whether the file of the day, which has this status, is to be opened anew: what it was is an older part now, or gone.
/// Neither befalls it without its lock.
pub(super) fn make_room<'a>(
    name: &Name<'a>,
    log: &Status,
    locked: bool,
    more: u64,
    most: u64,
) -> Result<bool, Error<'a>> {
    let in_the_way = |errno| name.error(Reason::InTheWay(errno));
    loop {
        let others = Others::find(name).map_err(|errno| name.error(Reason::List(errno)))?;
        let least = others.folder.saturating_add(disk(&Status::default(), more));
        if least > most {
            return Err(name.error(Reason::NoRoom(least)));
        }
        let is_long = log.size > 0 && log.size.saturating_add(more) > most / 4;
        if is_long && locked && others.newest_part < File::MOST {
            let part = Name { file: File { part: others.newest_part.saturating_add(1), ..name.file }, ..*name };
            let renamed = sys::rename(name.path(&mut Path::room()), part.path(&mut Path::room()));
            return renamed.map(|()| true).map_err(in_the_way);
        }
        if others.folder.saturating_add(others.bytes).saturating_add(disk(log, more)) <= most {
            return Ok(false);
        }
        // What is larger than all may be cannot stay, so nothing else need go for it.
        let too_large = others.largest.filter(|(_, bytes)| least.saturating_add(*bytes) > most);
        let oldest = others.oldest.filter(|(oldest, _)| log.size == 0 || oldest.is_before(&name.file));
        let Some((file, bytes)) = too_large.or(oldest) else {
            if !locked {
                return Err(in_the_way(Errno::AGAIN));
            }
            remove(name, name.file, Reason::InTheWay)?;
            return Ok(true);
        };
        if name.file.is_before(&file) && bytes > most / 4 {
            return Err(Name { file, ..*name }.error(Reason::Newer));
        }
        remove(name, file, Reason::InTheWay)?;
    }
}

fn remove<'a>(name: &Name<'a>, file: File, reason: fn(Errno) -> Reason) -> Result<(), Error<'a>> {
    let name = Name { file, ..*name };
    sys::remove(name.path(&mut Path::room())).map_err(|errno| name.error(reason(errno)))
}
