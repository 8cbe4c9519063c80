//! A cursor over the kernel's text. What it finds there it hands out as checked views.
//!
//! `cpu0 542 0 1405` → the word `cpu0`, the counts 542, 0 and 1405. Nothing is converted or copied.

mod view;

use core::fmt;

pub use view::{Count, Counts, Decimal, Text};
use view::{LARGEST, is_plain};

/// What stands between two words.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// What ends a line. A carriage return does too: captures made through adb have `\r\n`, which is then the end
/// of a line and an empty line.
const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// A place in a text: the part that is not read yet.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    rest: &'a str,
    length: usize,
}

impl<'a> Cursor<'a> {
    /// The beginning of `text`.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { rest: text, length: text.len() }
    }

    /// Whether the text is read to its end.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Skips blanks, and tells whether the line ends there.
    pub fn is_at_line_end(&mut self) -> bool {
        self.skip_blanks();
        self.next_is(is_line_end)
    }

    /// Whether a blank or the end of the line comes next.
    #[must_use]
    pub fn is_at_word_end(&self) -> bool {
        self.next_is(|byte| is_blank(byte) || is_line_end(byte))
    }

    /// The text from here up to `end`, a later place in the same text.
    #[must_use]
    pub fn until(&self, end: &Self) -> &'a str {
        let length = self.rest.len().saturating_sub(end.rest.len());
        self.rest.get(..length).unwrap_or_default()
    }

    /// Goes to the first byte of the next line.
    pub fn skip_line(&mut self) {
        self.take_while(|byte| !is_line_end(byte));
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    /// Takes what comes before the next blank or line end.
    pub fn word(&mut self) -> &'a str {
        self.skip_blanks();
        self.take_while(|byte| !is_blank(byte) && !is_line_end(byte))
    }

    /// Takes bytes as long as `belongs` holds.
    pub fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest.bytes().position(|byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Takes what a [`Text`] can hold, as long as `belongs` holds.
    pub fn text(&mut self, belongs: impl Fn(u8) -> bool) -> Text<'a> {
        Text(self.take_while(|byte| belongs(byte) && is_plain(byte)))
    }

    /// Takes the next byte if it is this one.
    pub fn byte(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(char::from(byte))?;
        Some(())
    }

    /// Takes a number and the blanks before it.
    ///
    /// # Errors
    /// [`Expected::Digit`], [`Expected::NoLeadingZero`] (JSON has none), [`Expected::SmallerNumber`].
    pub fn count(&mut self) -> Result<Count<'a>, ParseError> {
        self.skip_blanks();
        let start = *self;
        let digits = self.integer()?;
        if !self.is_at_word_end() {
            return Err(self.error(Expected::Digit));
        }
        if digits.len() >= LARGEST.len() && (digits.len() > LARGEST.len() || digits > LARGEST) {
            return Err(start.error(Expected::SmallerNumber));
        }
        Ok(Count(digits))
    }

    /// Takes all numbers up to the end of the line.
    ///
    /// # Errors
    /// Those of [`Cursor::count`].
    pub fn counts(&mut self) -> Result<Counts<'a>, ParseError> {
        self.skip_blanks();
        let start = *self;
        loop {
            self.skip_blanks();
            // Most interrupts never happen.
            while let Some(rest) = self.rest.strip_prefix("0 ") {
                self.rest = rest;
            }
            if self.is_at_line_end() {
                return Ok(Counts(start.until(self)));
            }
            self.count()?;
        }
    }

    /// Takes a number that [`Cursor::count`] took before, in a view of checked text.
    pub(crate) fn checked_count(&mut self) -> Option<Count<'a>> {
        self.skip_blanks();
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        (!digits.is_empty()).then_some(Count(digits))
    }

    /// Takes a number with a fraction and the blanks before it.
    ///
    /// # Errors
    /// [`Expected::Digit`], [`Expected::NoLeadingZero`], [`Expected::Point`].
    pub fn decimal(&mut self) -> Result<Decimal<'a>, ParseError> {
        self.skip_blanks();
        let start = *self;
        self.integer()?;
        self.byte(b'.').ok_or(self.error(Expected::Point))?;
        let fraction = self.take_while(|byte| byte.is_ascii_digit());
        if fraction.is_empty() || !self.is_at_word_end() {
            return Err(self.error(Expected::Digit));
        }
        Ok(Decimal(start.until(self)))
    }

    /// Takes digits as text.
    ///
    /// # Errors
    /// [`Expected::Digit`], [`Expected::NoLeadingZero`].
    pub fn digits(&mut self) -> Result<Text<'a>, ParseError> {
        self.integer().map(Text)
    }

    /// Says that something else was expected at this place.
    #[must_use]
    pub const fn error(&self, expected: Expected) -> ParseError {
        ParseError { offset: self.length.saturating_sub(self.rest.len()), expected }
    }

    /// Takes what JSON takes for an integer: at least one digit, and no zero before others.
    fn integer(&mut self) -> Result<&'a str, ParseError> {
        let start = *self;
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        match digits.as_bytes() {
            [] => Err(start.error(Expected::Digit)),
            [b'0', _, ..] => Err(start.error(Expected::NoLeadingZero)),
            _ => Ok(digits),
        }
    }

    /// Whether the text is at its end or its next byte of this kind.
    fn next_is(&self, kind: impl Fn(u8) -> bool) -> bool {
        self.rest.bytes().next().is_none_or(kind)
    }

    /// Goes to the next word, or to the end of the line.
    pub fn skip_blanks(&mut self) {
        self.take_while(is_blank);
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

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digit => "expected a digit",
            Self::NoLeadingZero => "expected a number without a leading zero",
            Self::SmallerNumber => "expected a number below 2^64",
            Self::Point => "expected a decimal point",
            Self::Slash => "expected a '/'",
            Self::CpuLine => "expected a line \"cpu\"",
            Self::Utf8 => "expected text in UTF-8",
        })
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
