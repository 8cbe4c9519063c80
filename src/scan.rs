//! A cursor over the kernel's text. What it finds there it hands out as checked views.
//!
//! `cpu0 542 0 1405` → the word `cpu0`, the counts 542, 0 and 1405. Nothing is converted or copied.

mod error;
mod view;

use core::slice;

use crate::sys;

pub use error::{Expected, ParseError};
pub(crate) use view::is_plain;
pub use view::{Count, Counts, Number, Text};
use view::{LARGEST, zeros};

/// What stands between two words.
#[inline]
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// What ends a line. A carriage return does too: captures made through adb have `\r\n`, which is then the end
/// of a line and an empty line.
const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

const fn is_word_end(byte: u8) -> bool {
    is_blank(byte) || is_line_end(byte)
}

/// Whether a text that lacks its last newline, as some captures do, shows by its end that it was not cut: by a unit, by
/// the two decimals that each kernel prints, or by counts (of `softirq`, in 32 bits) the first of which is the sum of
/// the others.
fn is_whole(text: &[u8]) -> bool {
    let (mut sum, mut first, mut number, mut unit) = (0_u32, 0_u32, 0_u32, 1_u32);
    for byte in text.iter().rev() {
        if byte.is_ascii_digit() {
            number = number.wrapping_add(unit.wrapping_mul((byte & 0x0f).into()));
            unit = unit.wrapping_mul(10);
        } else if is_blank(*byte) {
            first = number;
            sum = sum.wrapping_add(number);
            (number, unit) = (0, 1);
        } else {
            break;
        }
    }
    text.ends_with(b"kB") || text.iter().rev().nth(2) == Some(&b'.') || first != 0 && sum == first.wrapping_mul(2)
}

/// A place in a text, and what was wrong on the way there.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    /// The text from the place on.
    rest: slice::Iter<'a, u8>,
    /// The whole text.
    text: &'a [u8],
    /// The first thing that was wrong. What was taken since then means nothing.
    wrong: Option<ParseError>,
}

impl<'a> Cursor<'a> {
    /// The beginning of `text`.
    pub fn new(text: &'a [u8]) -> Self {
        Self { rest: text.iter(), text, wrong: None }
    }

    /// The beginning of a whole file. Expects [`Expected::Newline`] at its end: one that was cut can end in the middle
    /// of a number.
    #[inline(never)] // each source calls it
    pub fn of_file(text: &'a [u8]) -> Self {
        let mut cursor = Self::new(text);
        if text.last().is_some_and(|byte| !is_line_end(*byte)) && !is_whole(text) {
            cursor.wrong = Some(ParseError { offset: text.len(), expected: Expected::Newline });
        }
        cursor
    }

    /// What was taken, if nothing was wrong.
    ///
    /// # Errors
    /// What was wrong first.
    pub fn finish<T>(self, taken: T) -> Result<T, ParseError> {
        self.wrong.map_or(Ok(taken), Err)
    }

    /// What was wrong first, and the text.
    pub fn wrong(&self) -> Option<(ParseError, &'a [u8])> {
        self.wrong.map(|error| (error, self.text))
    }

    /// Notes that something else was expected at this place.
    #[cold]
    #[inline(never)]
    pub fn expected(&mut self, expected: Expected) {
        self.wrong.get_or_insert(ParseError { offset: self.text.len().saturating_sub(self.rest.len()), expected });
    }

    /// Whether the text is read to its end.
    pub fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// Skips blanks, and tells whether the line ends there.
    #[inline]
    pub fn is_at_line_end(&mut self) -> bool {
        self.skip_blanks();
        self.next().is_none_or(is_line_end)
    }

    /// Whether a blank or the end of the line comes next.
    #[inline]
    pub fn is_at_word_end(&self) -> bool {
        self.next().is_none_or(is_word_end)
    }

    /// The text from here on.
    pub fn rest(&self) -> &'a [u8] {
        self.rest.as_slice()
    }

    /// The beginning of `text`, which was the rest at an earlier place, up to this one.
    pub fn since(&self, text: &'a [u8]) -> &'a [u8] {
        text.get(..text.len().wrapping_sub(self.rest.len())).unwrap_or_default()
    }

    /// Goes to the first byte of the next line.
    pub fn skip_line(&mut self) {
        self.skip_while(|byte| !is_line_end(byte));
        self.rest.next();
    }

    /// Expects [`Expected::Newline`]: no more words.
    pub fn line_end(&mut self) {
        if !self.is_at_line_end() {
            self.expected(Expected::Newline);
        }
    }

    /// Goes to the next word, or to the end of the line.
    #[inline]
    pub fn skip_blanks(&mut self) {
        self.skip_while(is_blank);
    }

    /// Takes what comes before the next blank or line end.
    pub fn word(&mut self) -> &'a [u8] {
        self.skip_blanks();
        self.take_while(|byte| !is_word_end(byte))
    }

    /// Takes digits, be they none.
    pub fn digits(&mut self) -> Text<'a> {
        self.text(|byte| byte.is_ascii_digit())
    }

    /// Takes text as long as `belongs` holds, which is only for what a [`Text`] can hold ([`is_plain`]).
    #[inline]
    pub(crate) fn text(&mut self, belongs: impl Fn(u8) -> bool) -> Text<'a> {
        let (text, rest) = sys::ascii_while(self.rest(), belongs);
        self.rest = rest.iter();
        Text(text)
    }

    /// Takes the next byte if it is this one, and tells whether it is.
    pub fn byte(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        if is_next {
            self.rest.next();
        }
        is_next
    }

    /// Takes a number and the blanks before it. Expects [`Expected::Digit`], [`Expected::NoLeadingZero`] (JSON has
    /// none), [`Expected::SmallerNumber`].
    pub fn count(&mut self) -> Count<'a> {
        Count(self.numbers(1, 1))
    }

    /// Takes all numbers up to the end of the line, of which there must be at least `least`, and the blanks before
    /// them. Expects what [`Cursor::count`] does.
    pub fn counts(&mut self, least: usize) -> Counts<'a> {
        Counts(self.numbers(least, usize::MAX))
    }

    /// Takes numbers up to the end of the line, at least `least` and at most `most`, and checks each: a word of digits
    /// that JSON takes for an integer of at most 64 bits.
    fn numbers(&mut self, least: usize, most: usize) -> &'a [u8] {
        self.skip_blanks();
        let start = self.rest();
        let mut found = 0;
        while found < most {
            self.skip_blanks();
            // Most interrupts never happen. A single number is to end before the blank.
            let zeros = if most > 1 { zeros(self.rest()) } else { 0 };
            if zeros > 0 {
                self.rest.nth(2 * zeros - 1);
                found += zeros;
                continue;
            }
            let number = self.rest();
            let length = self.skip_digits();
            if length == 0 && found >= least && self.is_at_word_end() {
                break;
            }
            if length > 1 && self.since(number).starts_with(b"0") {
                self.rest = number.iter();
                self.expected(Expected::NoLeadingZero);
                break;
            }
            if length == 0 || !self.is_at_word_end() {
                self.expected(Expected::Digit);
                break;
            }
            if length >= LARGEST.len() && (length > LARGEST.len() || self.since(number) > LARGEST) {
                self.rest = number.iter();
                self.expected(Expected::SmallerNumber);
                break;
            }
            found += 1;
        }
        self.since(start)
    }

    /// Takes a line of numbers that [`Cursor::counts`] took before, in a view of checked text.
    pub(crate) fn trusted_counts(&mut self) -> Counts<'a> {
        let counts = Counts(self.take_while(|byte| !is_line_end(byte)));
        self.skip_line();
        counts
    }

    /// Takes a number with a fraction and the blanks before it. Expects what [`Cursor::integer`] does, and
    /// [`Expected::Point`].
    pub fn decimal(&mut self) -> Number<'a> {
        self.skip_blanks();
        let start = self.rest();
        self.integer();
        if !self.byte(b'.') {
            self.expected(Expected::Point);
        }
        if self.skip_digits() == 0 || !self.is_at_word_end() {
            self.expected(Expected::Digit);
        }
        Number(self.since(start))
    }

    /// Takes digits as text. Expects [`Expected::Digit`], [`Expected::NoLeadingZero`].
    pub fn integer(&mut self) -> Text<'a> {
        let start = self.rest();
        let digits = self.digits();
        if digits.is_empty() {
            self.expected(Expected::Digit);
        }
        if digits.as_str().len() > 1 && digits.as_str().starts_with('0') {
            self.rest = start.iter();
            self.expected(Expected::NoLeadingZero);
        }
        digits
    }

    /// Takes bytes as long as `belongs` holds.
    #[inline]
    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let start = self.rest();
        self.skip_while(belongs);
        self.since(start)
    }

    /// Goes behind the bytes for which `belongs` holds, be they none; how many there are.
    #[expect(clippy::inline_always, reason = "else a record takes 7,000 instructions more")]
    #[inline(always)]
    pub fn skip_while(&mut self, belongs: impl Fn(u8) -> bool) -> usize {
        let start = self.rest.len();
        while self.next().is_some_and(&belongs) {
            self.rest.next();
        }
        start.wrapping_sub(self.rest.len())
    }

    /// Goes behind the digits that come next, be they none; how many there are.
    #[inline]
    fn skip_digits(&mut self) -> usize {
        self.skip_while(|byte| byte.is_ascii_digit())
    }

    /// The byte at this place, unless it is the end of the text.
    #[inline]
    fn next(&self) -> Option<u8> {
        self.rest().first().copied()
    }
}
