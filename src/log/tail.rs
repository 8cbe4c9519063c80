//! The end of a log: whether its last line is whole, and what is to be done where it is not.
//!
//! `…}}␊1734302332 - {"time":"2024-1` → `…}}␊`

use core::mem;

use super::{Kind, Logs};
use crate::sys::{self, Access, Errno, Fd, SECTOR};

/// What a record begins with behind its timestamp. It stops where --pymonitor has a blank, so both spellings begin so.
const RECORD: &[u8] = b" - {\"time\":";

/// Milliseconds after which an unchanged end is taken for a torn one: a write that goes on makes the file longer page
/// by page, and whoever writes may not know of the lock.
const PAUSE: u16 = 10;

/// The end of a log of `size` bytes, to which a record of `more` bytes is to be appended: where it is, and whether the
/// log is empty or its last byte is a newline. If `mend`, a torn piece of a record is taken away first, and so are the
/// NUL bytes that a flash file system leaves behind a power failure.
pub(super) fn end(log: &Fd, size: u64, more: u64, mend: bool) -> Result<(u64, bool), Errno> {
    if is_whole(log, size, more)? { Ok((size, true)) } else { mended_end(log, size, more, mend) }
}

/// Whether the last byte of a log is a newline, and none of its last `more` bytes was lost. What is lost is read as NUL
/// bytes up to the end of a sector, so one byte of each sector tells.
#[inline(never)] // more than one place looks there
fn is_whole(log: &Fd, size: u64, more: u64) -> Result<bool, Errno> {
    let mut end = size;
    while end > 0 && size - end < more {
        let (start, ends) = log.sector_ends(end)?;
        if ends.contains(&0) || end == size && ends.last() != Some(&b'\n') {
            return Ok(false);
        }
        end = start;
    }
    Ok(true)
}

// Not inlined: keeps the chunk off the stack of a run whose log is whole.
#[cold]
#[inline(never)]
fn mended_end(log: &Fd, mut size: u64, more: u64, mend: bool) -> Result<(u64, bool), Errno> {
    let mut chunk = [0; CHUNK];
    loop {
        let (kept, again) = if mend { find_whole(log, size, &mut chunk)? } else { (size, &[][..]) };
        if kept == size && behind_last(log, 0, size, is_newline)? == size {
            return Ok((size, true));
        }
        sys::sleep_milliseconds(PAUSE);
        // If another writes, nothing that was found is true any more.
        if is_still(log, size) {
            // A log that may only grow (chattr +a) keeps its piece, as a line of its own.
            if kept == size || cut(log, kept).is_err() {
                return Ok((size, false));
            }
            log.write_all(again)?;
        }
        size = log.status()?.size;
        if is_whole(log, size, more)? {
            return Ok((size, true));
        }
    }
}

const fn is_newline(byte: u8) -> bool {
    byte == b'\n'
}

/// How much of a log is to be kept whose last line has no end or has NUL bytes, and what of the rest is to be appended
/// again.
#[cold]
fn find_whole<'c>(log: &Fd, size: u64, chunk: &'c mut [u8; CHUNK]) -> Result<(u64, &'c [u8]), Errno> {
    let end = behind_last(log, 0, size, |byte| byte != 0)?;
    if end < size {
        return Ok((end, &[]));
    }
    let has_end = behind_last(log, size - 1, size, is_newline)? == size;
    let line = behind_last(log, 0, size - 1, is_newline)?;
    let behind_nul = behind_last(log, line, size, |byte| byte == 0)?;
    let head = read(log, line, chunk)?;
    let (is_empty, is_record) = (matches!(head, [] | [0, ..]), is_record(head));
    let is_begun = is_record && !is_closed(log, line, size, chunk)?;
    if behind_nul == line {
        return Ok((if is_begun && !has_end { line } else { size }, &[]));
    }
    let text = read(log, behind_nul, chunk)?;
    // What the NUL bytes stand for is lost, and with it the record whose rest this is: that has a key, or no letter,
    // and does not begin another record.
    let is_rest = (has(text, b"\":") || !text.iter().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()))
        && !has(text, RECORD);
    if is_rest && (is_begun || is_empty) {
        return Ok((line, &[]));
    }
    // Another's line keeps what is before its NUL bytes, and all if it ends or is longer than the chunk.
    let is_all =
        is_empty && !has_end && text.len() < CHUNK && behind_last(log, line, behind_nul, |byte| byte != 0)? == line;
    Ok(if is_all { (line, text) } else { (size, &[]) })
}

/// Whether a text has this part.
#[cold]
#[inline(never)] // more than one part is looked for
fn has(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Whether a line that begins with `head` is a record, or the beginning of one that was cut anywhere, be it by a NUL
/// byte.
#[cold]
fn is_record(head: &[u8]) -> bool {
    let mut behind = head;
    while let [b'0'..=b'9', rest @ ..] = behind {
        behind = rest;
    }
    let mut pairs = behind.iter().zip(RECORD).take_while(|(byte, _)| **byte != 0);
    (1..=12).contains(&(head.len() - behind.len())) && pairs.all(|(byte, expected)| byte == expected)
}

/// Whether a line has the brace that closes its first one, be there more behind it, and nothing of it is lost. Braces
/// in strings do not count.
#[cold]
fn is_closed(log: &Fd, mut place: u64, end: u64, chunk: &mut [u8; CHUNK]) -> Result<bool, Errno> {
    let (mut depth, mut in_string, mut is_escaped) = (0_u32, false, false);
    while place < end {
        for byte in read(log, place, chunk)? {
            match byte {
                0 => return Ok(false),
                _ if mem::take(&mut is_escaped) => {}
                b'\\' => is_escaped = in_string,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b'{' => depth = depth.wrapping_add(1),
                b'}' if depth == 1 => return Ok(true),
                b'}' => depth = depth.wrapping_sub(1),
                _ => {}
            }
        }
        place += CHUNK as u64;
    }
    Ok(false)
}

/// Bytes that are looked at in one go: of most machines a record.
const CHUNK: usize = 8 * SECTOR;

/// The place behind the last byte of this kind from `start` on, which it is if there is none.
#[cold]
#[inline(never)] // more than one place looks back
fn behind_last(log: &Fd, start: u64, mut end: u64, kind: fn(u8) -> bool) -> Result<u64, Errno> {
    let mut chunk = [0; CHUNK];
    while end > start {
        let place = end.saturating_sub(CHUNK as u64);
        let wanted = chunk.get_mut(..usize::try_from(end - place).unwrap_or(0)).unwrap_or_default();
        if let Some(last) = read(log, place, wanted)?.iter().rposition(|byte| kind(*byte)) {
            return Ok((place + last as u64 + 1).max(start));
        }
        end = place;
    }
    Ok(start)
}

/// What a log has from `place` on, as much as the chunk takes.
#[inline(never)] // more than one place reads
pub(super) fn read<'c>(log: &Fd, place: u64, chunk: &'c mut [u8]) -> Result<&'c [u8], Errno> {
    let length = log.read_at(place, chunk)?;
    Ok(chunk.get(..length).unwrap_or_default())
}

/// Whether a log has as many bytes as before.
#[inline(never)] // more than one place asks
pub(super) fn is_still(log: &Fd, size: u64) -> bool {
    log.status().is_ok_and(|status| status.size == size)
}

/// Takes away what stands behind the first `size` bytes of a log that has as many. ftruncate(2) makes a file longer
/// that another made shorter meanwhile, with NUL bytes, which no log has: these go again.
#[cold]
pub(super) fn cut(log: &Fd, mut size: u64) -> Result<(), Errno> {
    loop {
        log.truncate(size)?;
        let end = behind_last(log, 0, size, |byte| byte != 0)?;
        if end == size || log.status()?.size != size {
            return Ok(());
        }
        size = end;
    }
}

/// Takes torn pieces off the ends of all logs but today's, since the next run may never append to them. A log whose
/// lock another has, to which another writes, or that cannot be made shorter stays as it is.
// Not inlined: keeps its names off the stack of a run whose log is there.
#[cold]
#[inline(never)]
pub(super) fn mend_others(logs: &Logs<'_>) -> Result<(), Errno> {
    let folder = logs.folder()?;
    let mut names = folder.names();
    while let Ok(Some((file, status))) = logs.next(&mut names) {
        if file != logs.today
            && !file.is(Kind::Compressed)
            && status.is_regular
            && let Ok(log) = logs.open(file, Access::AppendIfThere)
        {
            let _ = mend(&log, logs.options.sync);
            log.close();
        }
    }
    folder.close();
    Ok(())
}

/// How far back a lost sector is looked for in another day's log.
const LAST_LINE: u64 = 64 * 1024;

fn mend(log: &Fd, sync: bool) -> Result<(), Errno> {
    log.try_lock()?;
    let size = log.status()?.size;
    if is_whole(log, size, LAST_LINE)? {
        return Ok(());
    }
    let kept = whole_part(log, size)?;
    if kept == size {
        return Ok(());
    }
    sys::sleep_milliseconds(PAUSE);
    if is_still(log, size) {
        cut(log, kept)?;
        if sync {
            log.sync()?;
        }
    }
    Ok(())
}

/// How much of another day's log is to be kept. Text that would have to be written again stays with its NUL bytes: what
/// fails there would not be told.
#[cold]
#[inline(never)] // keeps the chunk off the stack where all logs are whole
fn whole_part(log: &Fd, size: u64) -> Result<u64, Errno> {
    let mut chunk = [0; CHUNK];
    let (kept, again) = find_whole(log, size, &mut chunk)?;
    Ok(if again.is_empty() { kept } else { size })
}
