//! Standard output, some KB at a time.

use crate::digits;
use crate::sys::{Errno, Fd};

/// What is to be written, and whether it could be.
#[derive(Debug)]
pub struct Out {
    bytes: heapless::Vec<u8, 4096>,
    /// The first failure. From then on nothing is written.
    pub result: Result<(), Errno>,
}

impl Out {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self { bytes: heapless::Vec::new(), result: Ok(()) }
    }

    /// Writes text, now or later.
    #[inline(never)]
    pub fn add(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        self.append(text.as_ref());
        self
    }

    #[inline(never)]
    fn append(&mut self, text: &[u8]) {
        for byte in text {
            if self.bytes.push(*byte).is_err() {
                self.flush();
                let _ = self.bytes.push(*byte);
            }
        }
    }

    /// Writes a number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.add(digits::of(number))
    }

    /// Writes blanks.
    #[inline(never)]
    pub fn blanks(&mut self, count: usize) -> &mut Self {
        for _ in 0..count {
            self.append(b" ");
        }
        self
    }

    /// write(2) of what is still to be written.
    #[inline(never)]
    pub fn flush(&mut self) {
        if self.result.is_ok() {
            self.result = Fd::STDOUT.write_all(&self.bytes);
        }
        self.bytes.clear();
    }
}

impl Default for Out {
    fn default() -> Self {
        Self::new()
    }
}
