//! Names, labels and numbers, as the exposition format has them.

use crate::digits::Digits;
use crate::json;
use crate::show::cursor::{Cursor, Value};
use crate::show::out::Out;

/// The labels of uname(2), in the order of [`crate::sys::Uname`].
pub(super) const UNAME: &[u8] = b"sysname nodename release version machine domainname";

/// Whether node_exporter leaves a disk out: a partition, a disk in memory, a loop, a floppy. It has a pattern,
/// `^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$`.
pub(super) fn is_left_out(name: &[u8]) -> bool {
    let mut stem = name;
    while let [before @ .., b'0'..=b'9'] = stem {
        stem = before;
    }
    stem.len() < name.len()
        && match stem {
            b"ram" | b"zram" | b"loop" | b"fd" | [b'h' | b's' | b'v', b'd', _] | [b'x', b'v', b'd', _] => true,
            _ => stem.starts_with(b"nvme") && stem.ends_with(b"p"),
        }
}

/// Writes the value of a label: a string of JSON, or plain text. A quote, a backslash and a newline have an escape
/// each; another control character is shown as JSON spells it.
#[inline(never)]
pub(super) fn label_value(value: &[u8], out: &mut Out) {
    let mut rest = value;
    while !rest.is_empty() {
        let length = json::letter(rest);
        let (letter, others) = rest.split_at_checked(length.max(1)).unwrap_or_default();
        let (shown, behind) = match rest {
            [b'\\', b'n', behind @ ..] | [b'\\', b'u', b'0', b'0', b'0', b'a', behind @ ..] => (&b"\\n"[..], behind),
            [b'\\', b'u', b'0', b'0', b'2', b'2', behind @ ..] | [b'\\', b'"', behind @ ..] | [b'"', behind @ ..] => {
                (&b"\\\""[..], behind)
            }
            [b'\\', b'u', b'0', b'0', b'5', b'c', behind @ ..] | [b'\\', b'\\', behind @ ..] | [b'\\', behind @ ..] => {
                (&b"\\\\"[..], behind)
            }
            _ if length == 0 => ("\u{fffd}".as_bytes(), others),
            _ => (letter, others),
        };
        out.add(shown);
        rest = behind;
    }
}

/// Appends a number, with the point moved by so many digits to the left; nothing where the text is none.
#[inline(never)]
pub(super) fn with_point(number: &mut Digits, text: &[u8], places: usize) -> Option<()> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let mut points = 0;
    let is_decimal = digits.iter().all(|byte| {
        points += usize::from(*byte == b'.');
        byte.is_ascii_digit() || places == 0 && *byte == b'.' && points == 1
    });
    // One number that is none, and Prometheus takes nothing of the text.
    if digits.len() == points || !is_decimal || text.len() > 24 {
        return None;
    }
    let mut add = |byte: u8| _ = number.push(char::from(byte));
    if digits.len() < text.len() {
        add(b'-');
    }
    // At least one digit stands before the point.
    let zeros = (places + 1).saturating_sub(digits.len());
    let all = core::iter::repeat_n(b'0', zeros).chain(digits.iter().copied());
    for (place, digit) in all.enumerate() {
        if places > 0 && place == zeros + digits.len() - places {
            add(b'.');
        }
        add(digit);
    }
    Some(())
}

/// The value of a key in an object, from the place of the cursor on.
pub(super) fn find<'t>(mut object: Cursor<'t>, key: &[u8]) -> Option<&'t [u8]> {
    object.find(key)?;
    match object.value()? {
        Value::String(value) | Value::Number(value) => Some(value),
        _ => None,
    }
}
