//! The bytes of a file, as they are or inflated → its lines.
//!
//! All is in one array: what is read or inflated goes behind the part of a line that is there already. A line that is
//! longer than the array is left out.

use core::ops::Range;

use super::inflate::{self, Inflate, Stop};
use crate::sys::{self, Errno, Fd};

/// Bytes that are read at once: few enough to be in the cache of the processor still when they are looked at, and no
/// more memory than that is touched.
const PIECE: usize = 4 * 1024;
/// Bytes that are read at first, to see what the file is.
const BEGIN: usize = 2048;
/// Milliseconds after which a pipe that has nothing is tried again.
const EMPTY_PAUSE: u16 = 10;

/// An open file.
#[derive(Debug)]
pub struct Source {
    /// The file.
    pub file: Fd,
    /// Where it is read on: bytes from its beginning.
    pub position: u64,
    /// Bytes that are to be read of it.
    limit: u64,
    inflate: Option<Inflate>,
    /// Whether it is a gzip file that ends within a member, or is none from some place on.
    pub is_damaged: bool,
}

impl Source {
    /// A file that was opened, and is at this position. A gzip file is read up to the limit, text to its end.
    pub const fn new(file: Fd, position: u64, limit: u64) -> Self {
        Self { file, position, limit, inflate: None, is_damaged: false }
    }

    /// Whether it is a gzip file.
    pub const fn is_gzip(&self) -> bool {
        self.inflate.is_some()
    }

    /// Reads into `room` from `place` on; where what is there then ends.
    fn read(&mut self, room: &mut [u8], place: usize) -> Result<usize, Errno> {
        let (_, free) = room.split_at_mut_checked(place).unwrap_or_default();
        let mut end = place;
        if self.inflate.is_none() {
            let is_first = self.position == 0;
            let most = if is_first { BEGIN } else { PIECE }.min(free.len());
            let most = most.min(usize::try_from(self.limit).unwrap_or(most));
            let free = free.get_mut(..most).unwrap_or_default();
            let read = read_when_there(&self.file, free)?;
            self.position += read as u64;
            let begin = free.get(..read).unwrap_or_default();
            if !is_first || !begin.starts_with(&[0x1f, 0x8b]) {
                return Ok(place + read);
            }
            self.inflate = Some(Inflate::new(begin, self.limit - read as u64));
        }
        let most = (place + PIECE).min(room.len());
        if let (Some(inflate), Some(room)) = (&mut self.inflate, room.get_mut(..most)) {
            match inflate.read(&self.file, room, &mut end) {
                Ok(()) => {}
                Err(Stop::Damaged) => self.is_damaged = true,
                Err(Stop::Read(errno)) => return Err(errno),
            }
        }
        Ok(end)
    }
}

/// read(2). Waits where there is nothing yet in a pipe that is not waited for (`O_NONBLOCK`).
fn read_when_there(file: &Fd, room: &mut [u8]) -> Result<usize, Errno> {
    loop {
        match file.read(room) {
            Err(Errno::AGAIN) => sys::sleep_milliseconds(EMPTY_PAUSE),
            result => return result,
        }
    }
}

/// The lines of one file after the other.
#[derive(Debug)]
pub struct Lines<'r> {
    room: &'r mut [u8],
    /// Where the next line begins.
    start: usize,
    /// Up to where no newline is.
    looked: usize,
    /// Where what was read ends.
    end: usize,
    /// Whether the beginning of this line is gone.
    is_cut: bool,
    /// Lines that were left out because they are longer than the array.
    pub too_long: u64,
}

impl<'r> Lines<'r> {
    /// No line yet. Two thirds of the array are what the longest line may have.
    pub const fn new(room: &'r mut [u8]) -> Self {
        Self { room, start: 0, looked: 0, end: 0, is_cut: false, too_long: 0 }
    }

    /// What stands there.
    pub fn get(&self, line: Range<usize>) -> &[u8] {
        self.room.get(line).unwrap_or_default()
    }

    /// Forgets what is left of a file.
    pub fn clear(&mut self) {
        (self.start, self.looked, self.end, self.is_cut) = (0, 0, 0, false);
    }

    /// Where the next line stands, until the next one is asked for; nothing at the end of the file. What has no newline
    /// at its end is a line, unless the file is to grow.
    ///
    /// # Errors
    /// Those of read(2).
    #[inline(never)]
    pub fn next(&mut self, source: &mut Source, grows: bool) -> Result<Option<Range<usize>>, Errno> {
        loop {
            let rest = self.room.get(self.looked..self.end).unwrap_or_default();
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                let line = self.start..self.looked + length;
                self.start = line.end + 1;
                self.looked = self.start;
                if core::mem::take(&mut self.is_cut) {
                    continue;
                }
                return Ok(Some(line));
            }
            self.looked = self.end;
            self.make_room(if source.is_gzip() { inflate::WINDOW } else { 0 });
            let end = source.read(self.room, self.end)?;
            if end == self.end {
                let line = self.start..end;
                if grows || line.is_empty() {
                    return Ok(None);
                }
                (self.start, self.looked) = (end, end);
                return Ok(if core::mem::take(&mut self.is_cut) { None } else { Some(line) });
            }
            self.end = end;
        }
    }

    /// Moves what is still needed to the beginning of the array: the line that has no end yet, and as much as a block
    /// can refer back to.
    fn make_room(&mut self, window: usize) {
        if self.end - self.start > self.room.len() / 3 * 2 {
            self.too_long += u64::from(!self.is_cut);
            (self.start, self.is_cut) = (self.end, true);
        }
        let gone = self.start.min(self.end.saturating_sub(window));
        // musl copies a text onto itself byte by byte.
        if gone > 0 && self.end <= self.room.len() {
            self.room.copy_within(gone..self.end, 0);
        }
        self.start -= gone;
        self.end -= gone;
        self.looked = self.end;
    }
}
