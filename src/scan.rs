//! A cursor over the kernel's text. What it finds there it hands out as checked views.
//!
//! `cpu0 542 0 1405` → the word `cpu0`, the counts 542, 0 and 1405. Nothing is converted or copied.

mod view;

use core::fmt;

use crate::message::{self, Explain, Message};

pub use view::{Count, Counts, Number, Text};
use view::{LARGEST, ZEROS, is_plain};

/// What stands between two words.
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

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    /// The bytes before the place.
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The beginning of `text`.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Whether the text is read to its end.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Skips blanks, and tells whether the line ends there.
    #[inline]
    pub fn is_at_line_end(&mut self) -> bool {
        self.skip_blanks();
        self.next().is_none_or(is_line_end)
    }

    /// Whether a blank or the end of the line comes next.
    #[inline]
    #[must_use]
    pub fn is_at_word_end(&self) -> bool {
        self.next().is_none_or(is_word_end)
    }

    /// The text from here up to `end`, a later place in the same text.
    #[must_use]
    pub fn until(&self, end: &Self) -> &'a str {
        self.text.get(self.at..end.at).unwrap_or_default()
    }

    /// Goes to the first byte of the next line.
    pub fn skip_line(&mut self) {
        self.skip_while(|byte| !is_line_end(byte));
        if !self.is_at_end() {
            self.at += 1;
        }
    }

    /// Goes to the next word, or to the end of the line.
    #[inline]
    pub fn skip_blanks(&mut self) {
        self.skip_while(is_blank);
    }

    /// Takes what comes before the next blank or line end.
    pub fn word(&mut self) -> &'a str {
        self.skip_blanks();
        self.take_while(|byte| !is_word_end(byte))
    }

    /// Takes what a [`Text`] can hold, as long as `belongs` holds.
    pub fn text(&mut self, belongs: impl Fn(u8) -> bool) -> Text<'a> {
        Text(self.take_while(|byte| belongs(byte) && is_plain(byte)))
    }

    /// Takes the next byte if it is this one.
    pub fn byte(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then(|| self.at += 1)
    }

    /// Takes a number and the blanks before it.
    ///
    /// # Errors
    /// [`Expected::Digit`], [`Expected::NoLeadingZero`] (JSON has none), [`Expected::SmallerNumber`].
    pub fn count(&mut self) -> Result<Count<'a>, ParseError> {
        self.numbers(1, 1).map(Count)
    }

    /// Takes all numbers up to the end of the line, of which there must be at least `least`, and the blanks before them.
    ///
    /// # Errors
    /// Those of [`Cursor::count`].
    pub fn counts(&mut self, least: usize) -> Result<Counts<'a>, ParseError> {
        self.numbers(least, usize::MAX).map(Counts)
    }

    /// Takes numbers up to the end of the line, at least `least` and at most `most`, and checks each: a word of digits that
    /// JSON takes for an integer of at most 64 bits.
    fn numbers(&mut self, least: usize, most: usize) -> Result<&'a [u8], ParseError> {
        let mut place = *self;
        place.skip_blanks();
        let start = place;
        let mut found = 0;
        while found < most {
            place.skip_blanks();
            // Most interrupts never happen. A single number is to end before the blank.
            if most > 1
                && let rest = place.rest()
                && rest.starts_with(b"0 ")
            {
                let length = if rest.starts_with(ZEROS) { ZEROS.len() } else { 2 };
                place.at += length;
                found += length / 2;
                continue;
            }
            let number = place;
            let length = place.skip_digits();
            if length == 0 && found >= least && place.is_at_word_end() {
                break;
            }
            number.check_integer(length)?;
            if !place.is_at_word_end() {
                return Err(place.error(Expected::Digit));
            }
            if length >= LARGEST.len() && (length > LARGEST.len() || number.until(&place).as_bytes() > LARGEST) {
                return Err(number.error(Expected::SmallerNumber));
            }
            found += 1;
        }
        *self = place;
        Ok(start.until(&place).as_bytes())
    }

    /// Takes a number that [`Cursor::count`] took before, in a view of checked text.
    pub(crate) fn checked_count(&mut self) -> Option<Count<'a>> {
        self.skip_blanks();
        let start = self.at;
        let length = self.skip_digits();
        (length > 0).then_some(Count(self.text.as_bytes().get(start..self.at).unwrap_or_default()))
    }

    /// Takes a number with a fraction and the blanks before it.
    ///
    /// # Errors
    /// [`Expected::Digit`], [`Expected::NoLeadingZero`], [`Expected::Point`].
    pub fn decimal(&mut self) -> Result<Number<'a>, ParseError> {
        self.skip_blanks();
        let start = *self;
        self.digits()?;
        self.byte(b'.').ok_or(self.error(Expected::Point))?;
        if self.skip_digits() == 0 || !self.is_at_word_end() {
            return Err(self.error(Expected::Digit));
        }
        Ok(Number(start.until(self)))
    }

    /// Takes digits as text.
    ///
    /// # Errors
    /// [`Expected::Digit`], [`Expected::NoLeadingZero`].
    pub fn digits(&mut self) -> Result<Text<'a>, ParseError> {
        let start = *self;
        let length = self.skip_digits();
        start.check_integer(length)?;
        Ok(Text(start.until(self)))
    }

    /// Says that something else was expected at this place.
    #[must_use]
    pub const fn error(&self, expected: Expected) -> ParseError {
        ParseError { offset: self.at, expected }
    }

    /// Checks that JSON takes the `length` digits that come next for an integer: at least one, and no zero before others.
    #[inline]
    fn check_integer(&self, length: usize) -> Result<(), ParseError> {
        match length {
            0 => Err(self.error(Expected::Digit)),
            2.. if self.next() == Some(b'0') => Err(self.error(Expected::NoLeadingZero)),
            _ => Ok(()),
        }
    }

    /// Takes bytes as long as `belongs` holds.
    #[inline]
    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let start = *self;
        self.skip_while(belongs);
        start.until(self)
    }

    #[inline]
    fn skip_while(&mut self, belongs: impl Fn(u8) -> bool) {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while let Some(byte) = bytes.get(at)
            && belongs(*byte)
        {
            at += 1;
        }
        self.at = at;
    }

    /// Goes behind the digits that come next, be they none; how many there are.
    #[inline]
    fn skip_digits(&mut self) -> usize {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        self.at.saturating_sub(start)
    }

    /// The byte at this place, unless it is the end of the text.
    #[inline]
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }
}

/// What stands in a text where something else was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Bytes before the place.
    pub offset: usize,
    /// What should stand there.
    pub expected: Expected,
}

/// What a parser expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// One of `0` to `9`.
    Digit,
    /// A number that does not begin with a zero before other digits.
    NoLeadingZero,
    /// A number of at most 64 bits.
    SmallerNumber,
    /// The point of a decimal number.
    Point,
    /// The `/` between two numbers of `loadavg`.
    Slash,
    /// The line of `stat` for all CPUs together.
    CpuLine,
    /// Text, which proc(5) is throughout.
    Utf8,
}

impl Explain for Expected {
    fn explain(&self, message: &mut Message) {
        message.add(match self {
            Self::Digit => "expected a digit",
            Self::NoLeadingZero => "expected a number without a leading zero",
            Self::SmallerNumber => "expected a number below 2^64",
            Self::Point => "expected a decimal point",
            Self::Slash => "expected a '/'",
            Self::CpuLine => "expected a line \"cpu\"",
            Self::Utf8 => "expected text in UTF-8",
        });
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        message::show(self, f)
    }
}

impl ParseError {
    /// Line and column of the error in `text`, both counted from 1, the column in bytes.
    #[must_use]
    pub fn place(&self, text: &[u8]) -> (usize, usize) {
        let before = text.get(..self.offset).unwrap_or(text);
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len);
        (line, column + 1)
    }
}
