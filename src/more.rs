//! What is asked for beyond the four files: from the kernel's text to JSON.
//!
//! `eth0: 4046496815 5 0 …` → `,"netdev":{"eth0":{"receive_bytes":4046496815,"receive_packets":5,…}}`
//!
//! The rows of [`crate::with`] say how each file is read. Nothing here can cost a record: what this kernel does not
//! have, or what cannot be read, is left out, and so is an object in which nothing stands.

mod filesystem;
mod folder;
mod lines;

use crate::config::Options;
use crate::json::Json;
use crate::kept;
use crate::sys::Fd;
use crate::with::{self, Row};

/// The files that stay open, one for each row.
pub type Files = [Option<Fd>; with::COUNT];

/// Reads what `with` asks for, and appends it to `json`, each as an entry of the record; the length. `room` is for the
/// texts.
///
/// Where a text fills `room`, or `json`: nothing if there is a larger array; else what does not fit is left out.
#[inline(never)]
pub fn write(
    options: &Options<'_>,
    with: u32,
    files: &mut Files,
    json: &mut Json<'_>,
    room: &mut [u8],
    has_larger: bool,
) -> Option<usize> {
    let (mut rows, mut set, mut start) = (with::ROWS, with, None);
    for file in files {
        if set == 0 {
            break;
        }
        let row = Row::take(&mut rows);
        if set & 1 != 0 {
            if row.name != with::SAME {
                close(json, start);
                start = Some(json.open(row.name));
            }
            // The rows that go on with an object that did not fit are left out, too.
            if let Some(object) = start
                && (read(options, &row, file, json, room).is_none() || json.finish().is_none())
            {
                if has_larger {
                    return None;
                }
                json.cut(object);
                start = None;
            }
        }
        set >>= 1;
    }
    close(json, start);
    json.finish()
}

/// Ends the object of a source, if there is one.
#[inline(never)]
fn close(json: &mut Json<'_>, start: Option<usize>) {
    if let Some(start) = start {
        json.close(start, 0);
    }
}

/// Reads what one row tells of.
#[inline(never)]
fn read(
    options: &Options<'_>,
    row: &Row<'_>,
    file: &mut Option<Fd>,
    json: &mut Json<'_>,
    room: &mut [u8],
) -> Option<()> {
    if row.is_folder() {
        folder::write(options.sysfs, row, json, room);
        return Some(());
    }
    let length = match text(options, row.path, file, room) {
        // A copy of the files may have it there alone.
        None if row.kind == b'm' => text(options, b"mounts", file, room),
        length => length,
    };
    let length = length.unwrap_or(0);
    let (text, free) = room.split_at_checked(length).unwrap_or_default();
    if free.is_empty() {
        return None;
    }
    if row.kind == b'm' {
        filesystem::write(options.rootfs, text, json);
    } else {
        lines::write(row, text, json);
    }
    Some(())
}

/// Reads a file of /proc; the number of bytes.
#[inline(never)]
fn text(options: &Options<'_>, path: &[u8], file: &mut Option<Fd>, room: &mut [u8]) -> Option<usize> {
    kept::read(options, file, &[options.procfs, b"/", path], room).ok()
}
