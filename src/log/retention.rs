//! How much of the log is kept. What is oldest by its name goes first.
//!
//! `--keep-files 3`: `…2024-12-12.log` goes when there are `…13.log`, `…14.log` and `…15.log`.
//!
//! `--max-bytes 64k`: a day goes on in a fresh file each time that it has a quarter of that, and the oldest file goes
//! when the next record would not fit. So three quarters of what is allowed are kept, be it of one day.
//!
//! The file of today goes only where nothing is older: a clock that is back in 1970 costs no day but its own.

use super::name::{File, Name};
use super::{Error, Reason};
use crate::sys::{self, Errno, Folder, Path, Status};

/// What there is beside the file of today.
struct Others {
    /// The file that goes first.
    oldest: Option<File>,
    /// The same, without the parts of today.
    oldest_of_other_days: Option<File>,
    /// Days that have a file.
    days: u64,
    /// Bytes of disk that all take.
    bytes: u64,
    /// The number of the newest part of today.
    newest_part: u32,
}

impl Others {
    #[inline(never)]
    fn find(name: &Name<'_>, folder: &Folder) -> Result<Self, Errno> {
        let mut others = Self { oldest: None, oldest_of_other_days: None, days: 0, bytes: 0, newest_part: 0 };
        folder.names(|entry| {
            let Some(other) = Name::parse(name.options, entry) else { return Ok(()) };
            let Some(status) = super::status(&other)? else { return Ok(()) };
            let file = other.file;
            if file == name.file || !status.is_regular {
                return Ok(());
            }
            let older = |than: Option<File>| Some(than.map_or(file, |than| than.min(file)));
            others.oldest = older(others.oldest);
            others.bytes = others.bytes.saturating_add(disk(&status, 0));
            if file.date == name.file.date {
                others.newest_part = others.newest_part.max(file.part);
            } else {
                others.oldest_of_other_days = older(others.oldest_of_other_days);
                others.days += u64::from(file.part == File::LAST);
            }
            Ok(())
        })?;
        Ok(others)
    }
}

/// Bytes of disk that a file takes with `more` bytes appended, in blocks of 4 KiB as du(1) counts them.
fn disk(status: &Status, more: u64) -> u64 {
    status.allocated.max(status.size.saturating_add(more).saturating_add(4095) & !4095)
}

/// Takes away old days' logs until there are no more than `most` days, the one of `name` among them. Where that one is the
/// oldest, `most` others stay.
#[inline(never)]
pub(super) fn drop_days<'a>(name: &Name<'a>, most: u64) -> Result<(), Error<'a>> {
    with_folder(name, Reason::NotCounted, |folder| {
        loop {
            let others = Others::find(name, folder).map_err(|errno| name.error(Reason::NotCounted(errno)))?;
            let Some(oldest) = others.oldest_of_other_days else { return Ok(()) };
            let spared = u64::from(oldest.date > name.file.date);
            if others.days < most.saturating_add(spared) {
                return Ok(());
            }
            let oldest = Name { file: oldest, ..*name };
            remove(&oldest).map_err(|errno| oldest.error(Reason::Extra(errno)))?;
        }
    })
}

/// Makes room for `more` bytes, so that all logs together with their folder take no more than `most` bytes of disk. Tells
/// whether the file of the day, which has this status, is to be opened anew: what it was is an older part now, or gone.
#[inline(never)]
pub(super) fn make_room<'a>(name: &Name<'a>, log: &Status, more: u64, most: u64) -> Result<bool, Error<'a>> {
    with_folder(name, Reason::List, |folder| {
        let cannot_list = |errno| name.error(Reason::List(errno));
        let own = folder.status().map_err(cannot_list)?.allocated;
        let least = own.saturating_add(disk(&Status::default(), more));
        if least > most {
            return Err(name.error(Reason::NoRoom(least)));
        }
        loop {
            let others = Others::find(name, folder).map_err(cannot_list)?;
            if log.size > 0 && log.size.saturating_add(more) > most / 4 {
                let part = Name { file: File { part: others.newest_part.saturating_add(1), ..name.file }, ..*name };
                return rename(name, &part).map(|()| true).map_err(|errno| name.error(Reason::InTheWay(errno)));
            }
            if own.saturating_add(others.bytes).saturating_add(disk(log, more)) <= most {
                return Ok(false);
            }
            let oldest = others.oldest.filter(|oldest| log.size == 0 || *oldest < name.file).unwrap_or(name.file);
            let oldest = Name { file: oldest, ..*name };
            remove(&oldest).map_err(|errno| oldest.error(Reason::InTheWay(errno)))?;
            if oldest.file == name.file {
                return Ok(true);
            }
        }
    })
}

fn remove(name: &Name<'_>) -> Result<(), Errno> {
    sys::remove(&name.path()?)
}

fn rename(name: &Name<'_>, to: &Name<'_>) -> Result<(), Errno> {
    sys::rename(&name.path()?, &to.path()?)
}

/// Opens the log's folder, and closes it afterwards.
fn with_folder<'a, T>(
    name: &Name<'a>,
    reason: fn(Errno) -> Reason,
    act: impl FnOnce(&Folder) -> Result<T, Error<'a>>,
) -> Result<T, Error<'a>> {
    let folder = Path::new(&[name.options.log_path]).and_then(|path| Folder::open(&path));
    let folder = folder.map_err(|errno| name.error(reason(errno)))?;
    let result = act(&folder);
    folder.close();
    result
}
