//! The end of a log: whether its last line is whole, and what is to be done where it is not.
//!
//! `…}}␊1734302332 - {"time":"2024-1` → `…}}␊`

use core::mem;

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

/// The end of a log of `size` bytes. If `mend`, a torn piece of a record is taken away first, and so are the NUL bytes
/// that a flash file system leaves behind a power failure.
pub(super) fn end(log: &Fd, size: u64, mend: bool) -> Result<End, Errno> {
    if ends_line(log, size)? { Ok(End { size, is_whole: true }) } else { mended_end(log, size, mend) }
}

fn ends_line(log: &Fd, size: u64) -> Result<bool, Errno> {
    let mut last = [b'\n'];
    if size > 0 {
        log.read_at(size - 1, &mut last)?;
    }
    Ok(last == [b'\n'])
}

// Not inlined: keeps the chunk off the stack of a run whose log is whole.
#[cold]
#[inline(never)]
fn mended_end(log: &Fd, mut size: u64, mend: bool) -> Result<End, Errno> {
    let mut chunk = [0; CHUNK];
    while !ends_line(log, size)? {
        sys::sleep_milliseconds(PAUSE);
        let (kept, again) = if mend { find_whole(log, size, &mut chunk)? } else { (size, &[][..]) };
        // If another writes, nothing that was found is true any more.
        let now = log.status()?.size;
        if now == size {
            // A log that may only grow (chattr +a) keeps its piece, as a line of its own.
            if kept == size || cut(log, kept).is_err() {
                return Ok(End { size, is_whole: false });
            }
            log.write_all(again)?;
        }
        size = log.status()?.size;
    }
    Ok(End { size, is_whole: true })
}

/// How much of a log whose last line has no newline is to be kept, and what of the rest is to be appended again.
fn find_whole<'c>(log: &Fd, size: u64, chunk: &'c mut [u8; CHUNK]) -> Result<(u64, &'c [u8]), Errno> {
    let end = behind_last(log, size, |byte| byte != 0)?;
    if end < size {
        return Ok((end, &[]));
    }
    let line = behind_last(log, size, |byte| byte == b'\n')?;
    let length = log.read_at(line, chunk)?;
    let start = chunk.get(..length).unwrap_or_default();
    if !start.starts_with(b"\0") {
        let is_torn = is_record(start) && !is_closed(log, line, size)?;
        return Ok((if is_torn { line } else { size }, &[]));
    }
    let place = behind_last(log, size, |byte| byte == 0)?;
    let length = log.read_at(place, chunk)?;
    let text = chunk.get(..length).unwrap_or_default();
    // What the NUL bytes stand for is lost, and with it a record whose rest this is: that has a key, or no letter.
    let is_ours = text.windows(2).any(|pair| pair == b"\":")
        || !text.iter().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    let is_all = length < CHUNK;
    Ok(match (is_ours, is_all) {
        (true, _) => (line, &[]),
        (false, true) => (line, text),
        // A line of another that is longer than the chunk stays as it is.
        (false, false) => (size, &[]),
    })
}

/// Whether a line that begins with `head` is a record, or the beginning of one that was cut anywhere.
fn is_record(head: &[u8]) -> bool {
    let digits = head.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut behind = head.get(digits..).unwrap_or_default().iter().zip(RECORD);
    (1..=12).contains(&digits) && behind.all(|(byte, expected)| byte == expected)
}

/// Whether a line has the brace that closes its first one, be there more behind it. Braces in strings do not count.
fn is_closed(log: &Fd, mut place: u64, end: u64) -> Result<bool, Errno> {
    let (mut depth, mut in_string, mut is_escaped) = (0_u32, false, false);
    while place < end {
        let mut chunk = [0; CHUNK];
        let length = log.read_at(place, &mut chunk)?;
        for byte in chunk.get(..length).unwrap_or_default() {
            match byte {
                _ if mem::take(&mut is_escaped) => {}
                b'\\' => is_escaped = in_string,
                b'"' => in_string = !in_string,
                b'{' if !in_string => depth = depth.wrapping_add(1),
                b'}' if !in_string && depth == 1 => return Ok(true),
                b'}' if !in_string => depth = depth.wrapping_sub(1),
                _ => {}
            }
        }
        place = place.saturating_add(CHUNK as u64);
    }
    Ok(false)
}

/// Bytes that are looked at in one go.
const CHUNK: usize = 4096;

/// The place behind the last byte of this kind, 0 if there is none.
#[inline(never)] // more than one place looks back
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

/// Takes away what stands behind the first `size` bytes of a log that has as many. ftruncate(2) makes a file longer
/// that another made shorter meanwhile, with NUL bytes, which no log has: these go again.
pub(super) fn cut(log: &Fd, mut size: u64) -> Result<(), Errno> {
    loop {
        log.truncate(size)?;
        let end = behind_last(log, size, |byte| byte != 0)?;
        if end == size || log.status()?.size != size {
            return Ok(());
        }
        size = end;
    }
}
