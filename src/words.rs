//! Lines and words of a text.
//!
//! `TCP: inuse 5` → `TCP:`, `inuse`, `5`, and then the empty word

/// Each byte of it is 1.
const ONES: usize = usize::MAX / 0xff;

/// Takes what comes first, as long as `belongs` holds.
#[inline]
fn take_while<'t>(rest: &mut &'t [u8], belongs: impl Fn(u8) -> bool) -> &'t [u8] {
    let (text, mut behind) = (*rest, rest.iter());
    while behind.as_slice().first().is_some_and(|byte| belongs(*byte)) {
        behind.next();
    }
    *rest = behind.as_slice();
    text.get(..text.len().wrapping_sub(rest.len())).unwrap_or_default()
}

/// Takes what is before the first such byte, and goes behind that byte.
#[inline(never)]
pub fn take<'t>(rest: &mut &'t [u8], end: u8) -> &'t [u8] {
    let text = *rest;
    // Lines are long, so as many bytes are looked at together as the machine takes at once: none of them is 0 where
    // taking 1 from each borrows from none.
    while let Some((next, behind)) = rest.split_first_chunk() {
        let differs = usize::from_ne_bytes(*next) ^ ONES.wrapping_mul(end.into());
        if differs.wrapping_sub(ONES) & !differs & (ONES << 7) != 0 {
            break;
        }
        *rest = behind;
    }
    take_while(rest, |byte| byte != end);
    let length = text.len().wrapping_sub(rest.len());
    *rest = rest.get(1..).unwrap_or_default();
    text.get(..length).unwrap_or_default()
}

/// Takes the next word of a line, and the blanks before it. An empty one is the end.
#[inline(never)]
pub fn word<'t>(rest: &mut &'t [u8]) -> &'t [u8] {
    // Captures made through adb have a carriage return at the end of each line.
    take_while(rest, |byte| byte <= b' ');
    take_while(rest, |byte| byte > b' ')
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
