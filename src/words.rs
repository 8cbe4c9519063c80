//! Lines and words of a text.
//!
//! `TCP: inuse 5` → `TCP:`, `inuse`, `5`, and then the empty word

/// What is between words. A carriage return is, too: captures made through adb have one at the end of each line.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'=' | b'\r')
}

/// Takes what is before the first such byte, and goes behind that byte.
#[inline(never)]
pub fn take<'t>(rest: &mut &'t [u8], end: u8) -> &'t [u8] {
    let text = *rest;
    let length = text.iter().position(|byte| *byte == end).unwrap_or(text.len());
    *rest = text.get(length + 1..).unwrap_or_default();
    text.get(..length).unwrap_or_default()
}

/// Takes the next line.
pub fn line<'t>(rest: &mut &'t [u8]) -> &'t [u8] {
    take(rest, b'\n')
}

/// Takes the next word. Blanks and `=` are between words; an empty one is the end.
#[inline(never)]
pub fn word<'t>(rest: &mut &'t [u8]) -> &'t [u8] {
    let mut text = *rest;
    while let [byte, behind @ ..] = text
        && is_blank(*byte)
    {
        text = behind;
    }
    let length = text.iter().position(|byte| is_blank(*byte)).unwrap_or(text.len());
    *rest = text.get(length + 1..).unwrap_or_default();
    text.get(..length).unwrap_or_default()
}

/// Takes words up to the one of this number, counted from 1, and gives that one.
#[inline(never)]
pub fn nth<'t>(rest: &mut &'t [u8], number: u8) -> &'t [u8] {
    let mut found = &b""[..];
    for _ in 0..number {
        found = word(rest);
    }
    found
}

/// Whether a text has this word.
#[inline(never)]
pub fn has(mut text: &[u8], word: &[u8]) -> bool {
    while !text.is_empty() {
        if self::word(&mut text) == word {
            return true;
        }
    }
    false
}

/// What is behind the last such byte; all where there is none.
#[inline(never)]
pub fn behind_last(text: &[u8], byte: u8) -> &[u8] {
    let mut place = text.len();
    while let Some(before) = place.checked_sub(1)
        && text.get(before).is_some_and(|other| *other != byte)
    {
        place = before;
    }
    text.get(place..).unwrap_or_default()
}
