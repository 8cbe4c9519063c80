//! What is wrong with a text: where, and what was expected there.
//!
//! Byte 17 of `cpu 1 2 3 4\nctxt -5`, [`Expected::Digit`] → line 2, column 6, `expected a digit`

use crate::message::{Explain, Message, error};

/// What stands in a text where something else was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Bytes before the place.
    pub offset: usize,
    /// What should stand there.
    pub expected: Expected,
}

/// What a parser expected.
// `WORDS` has the words, in this order.
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
    /// The line of `stat` for the time of the boot.
    BtimeLine,
    /// The line of `meminfo` for all memory.
    MemTotalLine,
    /// The end of a line: there is another word, or the text was cut.
    Newline,
}

impl Explain for Expected {
    fn explain(&self, message: &mut Message) {
        message.add("expected a ").line(WORDS, *self as usize);
    }
}

/// The words of each, in their order.
const WORDS: &[u8] = b"\
digit
number without a leading zero
number below 2^64
decimal point
'/'
line \"cpu\"
line \"btime\"
line \"MemTotal\"
newline";

error!(Expected);

impl ParseError {
    /// Line and column of the error in `text`, both counted from 1, the column in bytes.
    pub fn place(&self, text: &[u8]) -> (usize, usize) {
        let before = text.get(..self.offset).unwrap_or(text);
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len);
        (line, column + 1)
    }
}
