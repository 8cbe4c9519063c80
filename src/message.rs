//! A message: what a run that fails says on standard error.
//!
//! `/proc/stat`, `:`, 2, `:`, 8, `: expected a digit` → `/proc/stat:2:8: expected a digit`
//!
//! A message is put together without `core::fmt`, which has ways to fill and to align and takes the program three times
//! the bytes. Errors have their words in [`Explain`], and `Display` shows these.

use core::{fmt, slice};

use crate::config::PATH_BYTES;
use crate::digits;

/// Two paths and a sentence. What does not fit is cut.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Message(heapless::Vec<u8, { 2 * PATH_BYTES + REASON }>);

/// Bytes for the reason, beside what is quoted.
const REASON: usize = 256;

impl Message {
    /// Appends text.
    pub fn add(&mut self, part: impl AsRef<[u8]>) -> &mut Self {
        self.append(part.as_ref());
        self
    }

    /// Appends what the command line or the environment said. A control character is shown as `\x0a`, so that the
    /// message stays one line. U+FFFD stands for what is more than a path can have, or would leave no room for the
    /// reason.
    pub fn quote(&mut self, part: &[u8]) -> &mut Self {
        let most = (self.0.len() + PATH_BYTES).min(self.0.capacity() - REASON);
        for byte in part {
            if self.0.len() >= most {
                return self.add("\u{fffd}");
            }
            let low = byte & 0x0f;
            let shown = [b'\\', b'x', b'0' | byte >> 4, low + if low < 10 { b'0' } else { b'a' - 10 }];
            self.append(if byte.is_ascii_control() { &shown } else { slice::from_ref(byte) });
        }
        self
    }

    /// Appends a number.
    pub fn number(&mut self, number: usize) -> &mut Self {
        self.add(digits::of(number as u64))
    }

    /// Appends the line of this number, the first one of `lines` being 0. Words in lines have half the bytes of a table
    /// of words.
    // Not inlined: more than one error has such words.
    #[inline(never)]
    pub fn line(&mut self, lines: &[u8], number: usize) -> &mut Self {
        let mut newlines = 0;
        for byte in lines {
            if *byte == b'\n' {
                newlines += 1;
            } else if newlines == number {
                self.append(&[*byte]);
            }
        }
        self
    }

    /// Appends what another has to say.
    pub fn explain(&mut self, what: &impl Explain) -> &mut Self {
        what.explain(self);
        self
    }

    /// Takes all words away.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The message.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    #[inline(never)] // all that adds words ends here
    fn append(&mut self, part: &[u8]) {
        for byte in part {
            // One byte stays free for the newline.
            if self.0.len() + 1 < self.0.capacity() {
                let _ = self.0.push(*byte);
            }
        }
    }

    /// Makes it `procline: <what is wrong><advice>`, a line for standard error.
    pub fn complain(&mut self, what: &impl Explain, advice: &str) -> &Self {
        self.clear();
        self.add("procline: ").explain(what).end(advice)
    }

    // Not inlined: there are several kinds of errors.
    #[inline(never)]
    fn end(&mut self, advice: &str) -> &Self {
        self.add(advice);
        let _ = self.0.push(b'\n');
        self
    }
}

/// What has words for a message.
pub trait Explain {
    /// Appends the words.
    fn explain(&self, message: &mut Message);
}

impl Explain for &str {
    fn explain(&self, message: &mut Message) {
        message.add(self);
    }
}

/// Makes an error of what has words: `core::fmt` shows these.
macro_rules! error {
    ($name:ty) => {
        impl core::error::Error for $name {}

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                crate::message::show(self, f)
            }
        }
    };
}
pub(crate) use error;

/// Shows the words to `core::fmt`. Bytes that are no UTF-8 become U+FFFD.
///
/// # Errors
/// Those of `f`.
pub fn show(what: &impl Explain, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut message = Message::default();
    what.explain(&mut message);
    message.as_bytes().utf8_chunks().try_for_each(|chunk| {
        f.write_str(chunk.valid())?;
        f.write_str(if chunk.invalid().is_empty() { "" } else { "\u{fffd}" })
    })
}
