//! Four files, and what has to come of them in an array of some bytes: the line, or what the message begins with.

use crate::json::{Style, line};
use crate::reading::{Reading, ascii};

/// The files, in the order in which they are read.
pub const FILES: [&str; 4] = ["stat", "uptime", "loadavg", "meminfo"];

/// The files of a machine.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// Where they lie.
    pub folder: &'a str,
    /// What is in them.
    pub texts: [&'a [u8]; 4],
}

impl Machine<'_> {
    /// The line that has to be made where there are `room` bytes for the texts, a newline and the line.
    ///
    /// # Errors
    /// What the message begins with where there is no line to be made.
    pub fn line(&self, style: Style, room: usize) -> Result<String, String> {
        let mut free = room;
        let ascii = self.texts.map(ascii);
        let stat = self.read(0, &ascii[0], &mut free)?;
        let uptime = self.read(1, &ascii[1], &mut free)?;
        let loadavg = self.read(2, &ascii[2], &mut free)?;
        let meminfo = self.read(3, &ascii[3], &mut free)?;
        let line = line(style, &stat, &uptime, &loadavg, &meminfo);
        if line.len() < free { Ok(line) } else { Err("the record: does not fit in ".to_string()) }
    }

    fn read<'b, R: Reading<'b>>(&self, file: usize, ascii: &'b str, free: &mut usize) -> Result<R, String> {
        let text = self.texts[file];
        let path = format!("{}/{}", self.folder, FILES[file]);
        // The end of a file is seen with a byte to spare.
        let behind = free.checked_sub(text.len()).filter(|free| *free > 0);
        *free = behind.ok_or(format!("{path}: does not fit in "))?;
        R::read(ascii).map_err(|wrong| {
            let before = &text[..wrong.offset];
            let line = String::from_utf8_lossy(before).matches('\n').count() + 1;
            let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
            format!("{path}:{line}:{column}: {}", wrong.expected)
        })
    }
}
