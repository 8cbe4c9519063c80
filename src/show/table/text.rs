//! Titles and numbers, as the table has them.

use crate::digits::{self, Digits};
use crate::show::columns::{ABSENT, Cell};
use crate::show::out::Out;

/// What makes the text behind it yellow, …
const YELLOW: &str = "\x1b[33m";
/// … and what ends that.
const NORMAL: &str = "\x1b[0m";

/// Writes a title at the right of so many columns. What is longer loses its beginning, so that a blank stays before it.
pub(super) fn title(text: &[u8], width: usize, out: &mut Out) {
    put(text.get((text.len() + 1).saturating_sub(width)..).unwrap_or_default(), width, false, out);
}

/// Writes a text at the right of so many columns.
#[inline(never)]
pub(super) fn put(text: &[u8], width: usize, has_colour: bool, out: &mut Out) {
    out.blanks(width.saturating_sub(text.len()));
    if has_colour {
        out.add(YELLOW);
    }
    out.add(text);
    if has_colour {
        out.add(NORMAL);
    }
}

/// Writes a number.
#[inline(never)]
pub(super) fn write(cell: &Cell, value: i64, has_colour: bool, out: &mut Out) {
    if value == ABSENT {
        return put(b"-", cell.width, false, out);
    }
    let mut text = Digits::new();
    let (mut size, mut unit) = (value.unsigned_abs(), cell.unit);
    let mut suffix = b"kMGTPE".iter();
    let mut last = None;
    if unit == b'b' && size >= 1000 {
        // Tenths of the unit in which less than 1,000 are left.
        size = size.saturating_mul(10);
        while size >= 9995 {
            size = size.saturating_add(512) / 1024;
            last = suffix.next();
        }
        unit = b't';
    } else if unit == b'h' && size >= 10_000 {
        (size, unit) = (size / 10, b't');
    }
    let (scale, digits) = match unit {
        b't' => (10, 1),
        b'h' => (100, 2),
        _ => (1, 0),
    };
    digits::push(&mut text, if value < 0 { b'-' } else { 0 }, size / scale, 1);
    if digits > 0 {
        digits::push(&mut text, b'.', size % scale, digits);
    }
    if let Some(last) = last {
        let _ = text.push(char::from(*last));
    }
    put(text.as_bytes(), cell.width, has_colour && value >= cell.high, out);
}
