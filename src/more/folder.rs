//! Folders of sysfs: each file in them has one value.

use core::mem;

use crate::digits::{self, Digits};
use crate::json::Json;
use crate::kept;
use crate::sys::{self, Folder, Path, PathRoom};
use crate::with::Row;
use crate::words::{behind_last, word};

/// Numbers of folders or files, in their order; or hashes of names.
type Numbers = heapless::Vec<u64, 128>;

/// What reads the folders of a row.
struct Folders<'f, 'j> {
    json: &'f mut Json<'j>,
    row: &'f Row<'f>,
    /// Where the object of the folder began.
    start: usize,
    /// Room for values.
    room: &'f mut [u8],
    /// The path so far: `/sys/class/hwmon/`, `/sys/class/hwmon/hwmon0`, `/sys/class/hwmon/hwmon0/temp1`
    path: &'f mut PathRoom,
    /// Of the names of all chips.
    hashes: &'f mut Numbers,
}

/// Appends an object for each folder: see [`crate::with`].
#[inline(never)]
pub(super) fn write(sysfs: &[u8], row: &Row<'_>, json: &mut Json<'_>, room: &mut [u8]) {
    let (mut path, mut hashes) = (Path::room(), Numbers::new());
    Path::new(&mut path, &[sysfs, b"/", row.path, b"/"]);
    path.pop();
    let name = word(&mut { row.columns });
    let mut folders = Folders { json, row, start: 0, room, path: &mut path, hashes: &mut hashes };
    if row.kind == b'h' {
        folders.each(name, b"", Folders::note_name);
    }
    folders.each(name, b"", Folders::write_folder);
}

impl Folders<'_, '_> {
    /// For each name in the folder that has a number between `before` and `behind`, in the order of the numbers: calls
    /// `act` with the path as far as the number, and where in it that begins.
    #[inline(never)]
    fn each(&mut self, before: &[u8], behind: &[u8], act: fn(&mut Self, usize)) {
        let mut numbers = Numbers::new();
        list(self.path, before, behind, &mut numbers);
        let length = self.path.len();
        for number in &numbers {
            let mut digits = Digits::new();
            digits::push(&mut digits, "", *number, 1);
            push(self.path, before);
            push(self.path, digits.as_bytes());
            act(self, length + before.len());
            self.path.truncate(length);
        }
    }

    fn note_name(&mut self, _: usize) {
        let _ = self.hashes.push(hash(value(self.path, b"/name", self.room)));
    }

    /// Appends the object of a folder.
    fn write_folder(&mut self, number: usize) {
        self.open(number);
        push(self.path, b"/");
        let (mut columns, mut alone) = (self.row.columns, 0);
        word(&mut columns);
        while let [mark, behind @ ..] = columns {
            let is_marked = *mark < b'a';
            if is_marked {
                columns = behind;
            }
            let file = word(&mut columns);
            if *mark == b'*' {
                self.each(file, b"_input", Self::write_sensor);
                continue;
            }
            let value = value(self.path, file, self.room);
            let key = behind_last(file, b'/');
            if is_marked {
                self.json.string(key, value);
            } else {
                self.json.number(key, value);
            }
            if *mark == b'?' {
                alone = self.json.length();
            }
        }
        self.json.close(self.start, alone);
    }

    /// Begins the object of a folder.
    #[inline(never)]
    fn open(&mut self, number: usize) {
        let mut key = behind_last(self.path, b'/');
        if self.row.kind == b'#' {
            key = self.path.get(number..).unwrap_or_default();
        } else if self.row.kind == b'h' {
            let name = value(self.path, b"/name", self.room);
            let own = hash(name);
            if self.hashes.iter().filter(|hash| **hash == own).count() == 1 && !name.is_empty() {
                self.start = self.json.open(name);
                return;
            }
            let is_named = !name.is_empty();
            let device = device(self.path, self.room);
            if is_named && !device.is_empty() {
                key = device;
            }
        }
        self.start = self.json.open(key);
    }

    /// Appends what a sensor says, under its label.
    fn write_sensor(&mut self, _: usize) {
        let (label_room, room) = self.room.split_at_mut_checked(self.room.len() / 2).unwrap_or_default();
        let label = value(self.path, b"_label", label_room);
        push(self.path, b"_input");
        let value = value(self.path, b"", room);
        let file = behind_last(self.path, b'/');
        let entry = self.json.length();
        self.json.number(if label.is_empty() { file } else { label }, value);
        if self.json.has_again(self.start, entry) {
            self.json.cut(entry);
            self.json.number(file, value);
        }
    }
}

#[inline(never)]
fn push(path: &mut PathRoom, part: &[u8]) {
    let _ = path.extend_from_slice(part);
}

/// The numbers of the names in a folder that have `before` before them and `behind` behind.
#[inline(never)]
fn list(path: &PathRoom, before: &[u8], behind: &[u8], numbers: &mut Numbers) {
    let Ok(folder) = Folder::open(Path::new(&mut Path::room(), &[path])) else { return };
    let mut names = folder.names();
    while let Ok(Some(name)) = names.take() {
        let number = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind)).and_then(digits::parse);
        if let Some(mut number) = number {
            for other in &mut *numbers {
                if *other > number {
                    mem::swap(other, &mut number);
                }
            }
            let _ = numbers.push(number);
        }
    }
    folder.close();
}

/// The name of the device of a chip. Empty where it has none.
#[inline(never)]
fn device<'r>(path: &PathRoom, room: &'r mut [u8]) -> &'r [u8] {
    let link = sys::read_link(Path::new(&mut Path::room(), &[path, b"/device"]), room).unwrap_or_default();
    behind_last(link, b'/')
}

/// A number for a name.
#[inline(never)]
fn hash(name: &[u8]) -> u64 {
    name.iter().fold(1, |hash: u64, byte| hash.wrapping_mul(257).wrapping_add((*byte).into()))
}

/// The value in a file: its text without the end of the line. Empty where it cannot be read.
#[inline(never)]
fn value<'v>(path: &PathRoom, end: &[u8], room: &'v mut [u8]) -> &'v [u8] {
    let length = kept::read_once(&[path, end], room).unwrap_or(0);
    let text = room.get(..length).unwrap_or_default();
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    line.strip_suffix(b"\r").unwrap_or(line)
}
