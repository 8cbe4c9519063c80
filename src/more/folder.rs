//! Folders of sysfs: each file in them has one value.

use super::{Part, push};
use crate::digits;
use crate::json::Json;
use crate::kept;
use crate::sys::{self, Folder, Path, PathRoom};
use crate::words::{behind_last, take, word};

/// What reads the folders of a row.
struct Folders<'f, 'j> {
    json: &'f mut Json<'j>,
    part: &'f Part<'f>,
    /// The names of all chips, as keys.
    names: Json<'f>,
    /// Where the entries of the folder begin.
    start: usize,
    /// Room for values.
    room: &'f mut [u8],
    /// The path so far: `/sys/class/hwmon/`, `/sys/class/hwmon/hwmon0`, `/sys/class/hwmon/hwmon0/temp1`
    path: &'f mut PathRoom,
}

/// Appends an object for each folder: see [`crate::with`].
#[inline(never)]
pub(super) fn write(sysfs: &[u8], part: &Part<'_>, json: &mut Json<'_>, room: &mut [u8]) {
    let (names, room) = room.split_at_mut_checked(room.len() / 2).unwrap_or_default();
    let mut path = Path::room();
    push(&mut path, sysfs);
    push(&mut path, part.path);
    let mut folders = Folders { json, part, names: Json::new(names), start: 0, room, path: &mut path };
    let before = word(&mut { part.columns });
    if part.kind == b'*' {
        folders.each(before, b"", Folders::note_name);
    }
    folders.each(before, b"", Folders::write_folder);
}

impl Folders<'_, '_> {
    /// For each name in the folder that has a number between `before` and `behind`, in the order of the numbers: calls
    /// `act` with the path as far as the number, and the length of `before`.
    #[inline(never)]
    fn each(&mut self, before: &[u8], behind: &[u8], act: fn(&mut Self, usize)) {
        let folder = Folder::open(Path::ended(self.path));
        self.path.pop();
        let Ok(folder) = folder else { return };
        let mut names = folder.names();
        let mut numbers = [false; 256];
        while let Ok(Some(name)) = names.take() {
            if let Some(number) =
                name.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind)).and_then(digits::parse)
                && let Some(place) = usize::try_from(number).ok().and_then(|number| numbers.get_mut(number))
            {
                *place = true;
            }
        }
        folder.close();
        let length = self.path.len();
        for (number, is_there) in (0..).zip(&numbers) {
            if *is_there {
                push(self.path, before);
                push(self.path, digits::of(number).as_bytes());
                act(self, before.len());
                self.path.truncate(length);
            }
        }
    }

    fn note_name(&mut self, _: usize) {
        self.names.any_key(value(self.path, b"/name", self.room));
    }

    /// Appends the object of a folder.
    fn write_folder(&mut self, before: usize) {
        let key = behind_last(self.path, b'/');
        let key = if self.part.kind == b'#' { key.get(before..).unwrap_or_default() } else { key };
        let start = if self.part.kind == b'*' { self.key(b"/name", b"") } else { self.json.any_key(key) };
        self.json.raw(b"{");
        self.start = self.json.length();
        let mut columns = self.part.columns;
        word(&mut columns);
        while let [mark, file @ ..] = word(&mut columns) {
            if *mark == b'*' {
                push(self.path, b"/");
                self.each(file, b"_input", Self::write_sensor);
                self.path.pop();
                continue;
            }
            let value = value(self.path, file, self.room);
            let key = behind_last(file, b'/');
            if *mark == b'#' {
                self.json.number(key, value);
            } else if *mark == b'"' || !self.json.is_first() {
                self.json.string(key, value);
            }
        }
        self.json.close(start);
    }

    /// Appends what a sensor says.
    fn write_sensor(&mut self, _: usize) {
        let entry = self.key(b"_label", b"_input");
        self.json.value(entry, value(self.path, b"", self.room));
    }

    /// Appends what a file says as the key of a chip or of a sensor. Where there is none, or another has it, a chip has
    /// the name of its device, and a sensor that of its file; where the entry begins.
    #[inline(never)]
    fn key(&mut self, file: &[u8], end: &[u8]) -> usize {
        let key = value(self.path, file, self.room);
        let entry = self.json.any_key(key);
        push(self.path, end);
        let text = self.json.since(entry);
        let others = if end.is_empty() { self.names.since(0) } else { self.json.since(self.start) };
        if key.is_empty() || count(others, text.strip_prefix(b",").unwrap_or(text)) > 1 {
            self.json.cut(entry);
            let length = self.path.len();
            push(self.path, b"/device");
            let device = sys::read_link(Path::ended(self.path), self.room);
            self.path.truncate(length);
            self.json.any_key(behind_last(if device.is_empty() { self.path } else { device }, b'/'));
        }
        entry
    }
}

/// How often a text stands in another.
#[inline(never)]
fn count(mut text: &[u8], part: &[u8]) -> usize {
    let mut count = 0;
    while let [_, behind @ ..] = text {
        count += usize::from(text.starts_with(part));
        text = behind;
    }
    count
}

/// The value in a file: its first line. Empty where it cannot be read.
#[inline(never)]
fn value<'v>(path: &mut PathRoom, end: &[u8], room: &'v mut [u8]) -> &'v [u8] {
    let length = path.len();
    push(path, end);
    let read = kept::read_once(Path::ended(path), room).unwrap_or(0);
    path.truncate(length);
    let line = take(&mut room.get(..read).unwrap_or_default(), b'\n');
    line.strip_suffix(b"\r").unwrap_or(line)
}
