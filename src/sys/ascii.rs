//! Text that was found to be ASCII. It is no system call, but cannot be had without `unsafe` for as little: to check
//! whole texts with [`str::from_utf8`] takes a hundredth of the program.

/// What `text` begins with, as long as `belongs` holds and it is ASCII, and what is behind it.
#[inline]
pub fn ascii_while(text: &[u8], belongs: impl Fn(u8) -> bool) -> (&str, &[u8]) {
    let mut rest = text.iter();
    while rest.as_slice().first().is_some_and(|byte| belongs(*byte) && byte.is_ascii()) {
        rest.next();
    }
    let ascii = text.get(..text.len().wrapping_sub(rest.len())).unwrap_or_default();
    // SAFETY: ASCII is UTF-8, and each of these bytes was found to be ASCII.
    (unsafe { core::str::from_utf8_unchecked(ascii) }, rest.as_slice())
}
