//! The end of a log: whether its last line is whole, and what is to be done where it is not.
//!
//! `…}}␊1734302332 - {"time":"2024-1` → `…}}␊`

use crate::sys::{self, Errno, Fd};

/// The end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Bytes of the log.
    pub(super) size: u64,
    /// Whether the log is empty or its last byte is a newline.
    pub(super) is_whole: bool,
}

/// What a record begins with behind its timestamp. It stops where --pymonitor has a blank, so both spellings begin so.
const RECORD: &[u8] = b" - {\"time\":";

/// Milliseconds after which an unchanged end is taken for a torn one: a write that goes on makes the file longer page
/// by page, and whoever writes may not know of the lock.
const PAUSE: u16 = 10;

/// The end of a log of `size` bytes. If `mend`, a torn piece of a record is taken away first, and so are the NUL bytes that
/// a flash file system leaves behind a power failure.
// Never inlined: a run whose log is whole has not the buffers of the others on its stack.
#[inline(never)]
pub(super) fn end(log: &Fd, mut size: u64, mend: bool) -> Result<End, Errno> {
    loop {
        if ends_line(last_bytes(log, size)?) {
            return Ok(End { size, is_whole: true });
        }
        sys::sleep_milliseconds(PAUSE);
        let kept = if mend { keep(log, size)? } else { size };
        let before = size;
        size = log.status()?.size;
        if size != before {
            // Another writes. Nothing that was found is true any more.
            continue;
        }
        // A log that may only grow (chattr +a) keeps its piece, as a line of its own.
        if kept == size || log.truncate(kept).is_err() {
            return Ok(End { size, is_whole: false });
        }
        return Ok(End { size: kept, is_whole: ends_line(last_bytes(log, kept)?) });
    }
}

/// How much of a log whose last line has no newline is to be kept.
fn keep(log: &Fd, size: u64) -> Result<u64, Errno> {
    let text = behind_last(log, size, |byte| byte != 0)?;
    let line = behind_last(log, text, |byte| byte == b'\n')?;
    let mut head = [0; 64];
    let length = usize::try_from(text.saturating_sub(line)).unwrap_or(64).min(64);
    let length = log.read_at(line, head.get_mut(..length).unwrap_or_default())?;
    let head = head.get(..length).unwrap_or_default();
    // No text begins with a NUL: before this line there was more, which is lost.
    if head.starts_with(b"\0") {
        return Ok(line);
    }
    // A record that lacks nothing but its newline is whole.
    let is_torn = is_record(head) && !matches!(&last_bytes(log, text)?, b"}}}" | b"{}}");
    Ok(if is_torn { line } else { text })
}

/// The last bytes before `size`; newlines in place of what is not there, for an empty log is whole.
fn last_bytes(log: &Fd, size: u64) -> Result<[u8; 3], Errno> {
    let mut bytes = [b'\n'; 3];
    let missing = 3_u64.saturating_sub(size);
    let there = bytes.get_mut(usize::try_from(missing).unwrap_or(3)..).unwrap_or_default();
    log.read_at(size.saturating_sub(3), there)?;
    Ok(bytes)
}

fn ends_line(last: [u8; 3]) -> bool {
    last.ends_with(b"\n")
}

/// Bytes that are looked at in one go.
const CHUNK: usize = 4096;

/// The place behind the last byte of this kind, 0 if there is none.
#[inline(never)]
fn behind_last(log: &Fd, size: u64, kind: fn(u8) -> bool) -> Result<u64, Errno> {
    let mut chunk = [0; CHUNK];
    let mut end = size;
    while end > 0 {
        let start = end.saturating_sub(CHUNK as u64);
        let wanted = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
        let length = log.read_at(start, chunk.get_mut(..wanted).unwrap_or_default())?;
        let read = chunk.get(..length).unwrap_or_default();
        if let Some(place) = read.iter().rposition(|byte| kind(*byte)) {
            return Ok(start.saturating_add(place as u64).saturating_add(1));
        }
        end = start;
    }
    Ok(0)
}

/// Whether a line that begins with `head` is a record, or the beginning of one that was cut anywhere.
fn is_record(head: &[u8]) -> bool {
    let digits = head.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = head.get(digits..).unwrap_or_default();
    let known = behind.len().min(RECORD.len());
    (1..=12).contains(&digits) && behind.get(..known) == RECORD.get(..known)
}
