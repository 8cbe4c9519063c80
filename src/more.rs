//! What is asked for beyond the four files: from the kernel's text to JSON.
//!
//! `eth0: 4046496815 5 0 …` → `,"netdev":{"eth0":{"receive_bytes":4046496815,"receive_packets":5,…}}`
//!
//! The rows of [`crate::with`] say how each file is read. Nothing here can cost a record: what this kernel does not
//! have, or what cannot be read, is left out, and so is an object in which nothing stands.

mod filesystem;
mod folder;
mod lines;

use core::slice;

use crate::config::Options;
use crate::json::Json;
use crate::kept;
use crate::sys::{Fd, PathRoom};
use crate::with::{ALL, NAMES, ROWS};
use crate::words::{take, word};

/// What reads the sources.
struct Sources<'s, 'r> {
    options: &'s Options<'s>,
    files: slice::IterMut<'s, Option<Fd>>,
    json: &'s mut Json<'r>,
    /// Room for texts.
    room: &'r mut [u8],
    /// Those that are still to be read.
    rows: &'static [u8],
    /// Whether nothing was left out for want of room.
    fits: bool,
}

/// A file or folder, as a row tells of it.
struct Part<'t> {
    kind: u8,
    path: &'t [u8],
    columns: &'t [u8],
}

/// Reads what is asked for, and appends an entry for each source; whether all had room. What has none is left out. What
/// is free in `json` is for the texts, too. `files` are the places of files that may stay open.
#[inline(never)]
pub fn write(options: &Options<'_>, files: slice::IterMut<'_, Option<Fd>>, json: &mut Json<'_>) -> bool {
    let room = json.take_half();
    let mut sources = Sources { options, files, json, room, rows: ROWS, fits: true };
    let mut names = NAMES;
    let mut set = if options.with & ALL == 0 { options.with } else { u32::MAX };
    // That of all.
    take(&mut names, b',');
    while set > 1 {
        set >>= 1;
        sources.write(take(&mut names, b','), set & 1 != 0);
    }
    sources.fits
}

impl Sources<'_, '_> {
    /// Appends the entry of a source, if it is wanted.
    #[inline(never)]
    fn write(&mut self, name: &[u8], is_wanted: bool) {
        let start = if is_wanted { self.json.open(name) } else { 0 };
        loop {
            let row = take(&mut self.rows, b'\n');
            if is_wanted {
                self.read(row);
            }
            if !row.ends_with(b"&") {
                break;
            }
        }
        if !self.json.fits() {
            self.json.cut(start);
            self.fits = false;
        } else if is_wanted {
            self.json.close(start);
        }
    }

    /// Reads a file or folder.
    #[inline(never)]
    fn read(&mut self, mut row: &[u8]) {
        // Each has its place among the files, be it used or not.
        let ([kind, path @ ..], Some(file)) = (word(&mut row), self.files.next()) else { return };
        let part = Part { kind: *kind, path, columns: row };
        if part.kind < b'0' {
            return folder::write(self.options.sysfs, &part, self.json, self.room);
        }
        // A copy of the files may have the mounts in another place alone.
        if part.kind == b'm' && !self.json.is_first() {
            return;
        }
        let length = kept::read(self.options, file, &[self.options.procfs, path], self.room).unwrap_or(0);
        let (text, free) = self.room.split_at_checked(length).unwrap_or_default();
        if free.is_empty() {
            self.json.lose();
        }
        if part.kind == b'm' {
            filesystem::write(self.options.rootfs, text, self.json);
        } else {
            lines::write(&part, text, self.json);
        }
    }
}

/// Appends a part of a path.
#[inline(never)]
fn push(path: &mut PathRoom, part: &[u8]) {
    // One that does not fit leaves a path that is not there, or of a folder.
    let _ = path.extend_from_slice(part);
}
