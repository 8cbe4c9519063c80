//! The end of a log: whether its last line is whole, and what is to be done where it is not.
//!
//! `…}}␊1734302332 - {"time":"2024-1` → `…}}␊`

use crate::sys::{Errno, Fd};

/// The end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Bytes of the log.
    pub(super) size: u64,
    /// Whether the log is empty or its last byte is a newline.
    pub(super) is_whole: bool,
}

/// What a record begins with behind its timestamp, in both of its spellings.
const RECORD: &[u8] = b" - {\"time\":";

/// The end of a log of `size` bytes. If `mend`, a torn piece of a record is taken away first, and so are the NUL bytes that
/// a flash file system leaves behind a power failure.
pub(super) fn end(log: Fd, size: u64, mend: bool) -> Result<End, Errno> {
    let mut last = [b'\n'];
    if size > 0 {
        log.read_at(size.saturating_sub(1), &mut last)?;
    }
    if last == [b'\n'] || !mend {
        return Ok(End { size, is_whole: last == [b'\n'] });
    }
    let line = behind_last(log, size, |byte| byte == b'\n')?;
    let mut head = [0; 64];
    let length = log.read_at(line, &mut head)?;
    let kept = if is_torn_record(head.get(..length).unwrap_or_default()) {
        line
    } else {
        behind_last(log, size, |byte| byte != 0)?.max(line)
    };
    // A log that may only grow (chattr +a) keeps its piece, as a line of its own.
    if kept < size && log.truncate(kept).is_err() {
        return Ok(End { size, is_whole: false });
    }
    Ok(End { size: kept, is_whole: kept == line })
}

/// The place behind the last byte of this kind, 0 if there is none.
fn behind_last(log: Fd, size: u64, kind: impl Fn(u8) -> bool) -> Result<u64, Errno> {
    let mut chunk = [0; 512];
    let mut end = size;
    while end > 0 {
        let start = end.saturating_sub(512);
        let wanted = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
        let room = chunk.get_mut(..wanted).unwrap_or_default();
        let mut length = 0;
        while let Some(rest) = room.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match log.read_at(start.saturating_add(length as u64), rest)? {
                0 => return Ok(start),
                more => length = length.saturating_add(more),
            }
        }
        if let Some(place) = room.iter().rposition(|byte| kind(*byte)) {
            return Ok(start.saturating_add(place as u64).saturating_add(1));
        }
        end = start;
    }
    Ok(0)
}

/// Whether a line that begins with `head` is a piece of a record, cut anywhere.
fn is_torn_record(head: &[u8]) -> bool {
    let text = head.split(|byte| *byte == 0).next().unwrap_or_default();
    let number = text.strip_prefix(b"-").unwrap_or(text);
    let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = number.get(digits..).unwrap_or_default();
    let known = behind.len().min(RECORD.len());
    digits > 0 && behind.get(..known) == RECORD.get(..known)
}
