//! A gzip file, bit by bit: the headers of its members, and the words of a Huffman code.

use super::Stop;
use crate::sys::Fd;

/// The file, bit by bit.
#[derive(Debug)]
pub(super) struct Input {
    bytes: [u8; Self::BYTES],
    /// What is still to be taken of them.
    place: usize,
    end: usize,
    /// How many bytes are still to be read.
    rest: u64,
    /// Bits that were taken and not used, the next one lowest, and how many.
    bits: u64,
    count: u32,
}

impl Input {
    /// Bytes that are read at once.
    pub(super) const BYTES: usize = 2560;

    /// What was read already, and how much is still to be read.
    pub(super) fn new(begin: &[u8], rest: u64) -> Self {
        let mut input = Self { bytes: [0; Self::BYTES], place: 0, end: 0, rest, bits: 0, count: 0 };
        for (place, byte) in input.bytes.iter_mut().zip(begin) {
            *place = *byte;
            input.end += 1;
        }
        input
    }

    /// The next byte; nothing at the end of the file.
    #[inline(never)]
    fn byte(&mut self, file: &Fd) -> Result<Option<u8>, Stop> {
        if self.place == self.end {
            let most = usize::try_from(self.rest).unwrap_or(usize::MAX).min(self.bytes.len());
            let room = self.bytes.get_mut(..most).unwrap_or_default();
            (self.place, self.end) = (0, file.read(room).map_err(Stop::Read)?);
            self.rest -= self.end as u64;
        }
        let byte = self.bytes.get(self.place..self.end).and_then(|rest| rest.first());
        self.place += usize::from(byte.is_some());
        Ok(byte.copied())
    }

    #[inline]
    pub(super) fn bit(&mut self, file: &Fd) -> Result<usize, Stop> {
        if self.count == 0 {
            self.more(file)?;
        }
        let bit = self.bits as usize & 1;
        self.bits >>= 1;
        self.count -= 1;
        Ok(bit)
    }

    /// Takes so many bits, at most 16, the first one lowest.
    #[inline(never)]
    pub(super) fn bits(&mut self, file: &Fd, count: u32) -> Result<u32, Stop> {
        while self.count < count {
            self.more(file)?;
        }
        let bits = self.bits as u32 & ((1 << (count & 31)) - 1);
        self.bits >>= count & 31;
        self.count -= count;
        Ok(bits)
    }

    /// Takes another byte.
    #[inline(never)]
    fn more(&mut self, file: &Fd) -> Result<(), Stop> {
        let byte = self.byte(file)?.ok_or(Stop::Damaged)?;
        self.bits |= u64::from(byte) << (self.count & 63);
        self.count += 8;
        Ok(())
    }

    /// Drops what is left of a byte.
    pub(super) fn align(&mut self) {
        let rest = self.count % 8;
        self.bits >>= rest;
        self.count -= rest;
    }

    /// Takes the header of a member; whether there is one. Zeros, which a tape or a torn file system leaves at the end,
    /// are passed over, as gzip(1) does.
    pub(super) fn header(&mut self, file: &Fd) -> Result<bool, Stop> {
        while self.bits == 0 {
            let Some(first) = self.byte(file)? else { return Ok(false) };
            (self.bits, self.count) = (first.into(), 8);
        }
        if self.bits(file, 16)? != 0x8b1f || self.bits(file, 8)? != 8 {
            return Err(Stop::Damaged);
        }
        let flags = self.bits(file, 8)?;
        // Time, flags of deflate, system.
        for _ in 0..6 {
            self.bits(file, 8)?;
        }
        // FEXTRA
        if flags & 4 != 0 {
            for _ in 0..self.bits(file, 16)? {
                self.bits(file, 8)?;
            }
        }
        // FNAME, FCOMMENT
        for flag in [8, 16] {
            while flags & flag != 0 && self.bits(file, 8)? != 0 {}
        }
        // FHCRC
        if flags & 2 != 0 {
            self.bits(file, 16)?;
        }
        Ok(true)
    }
}

/// A Huffman code: of letters, of distances, or of lengths.
#[derive(Debug)]
pub(super) struct Code {
    /// How many letters have words of each length.
    counts: [u16; 16],
    /// The letters, in the order of their words.
    letters: [u16; 288],
}

impl Code {
    pub(super) const fn new() -> Self {
        Self { counts: [0; 16], letters: [0; 288] }
    }

    /// The code whose letters have words of these lengths, 0 for none.
    #[inline(never)]
    pub(super) fn set(&mut self, lengths: &[u8]) {
        self.counts = [0; 16];
        let mut letters = self.letters.iter_mut();
        for length in 1..=15 {
            for (letter, _) in lengths.iter().enumerate().filter(|(_, other)| **other == length) {
                letters.next().into_iter().for_each(|place| *place = letter as u16);
                self.counts.get_mut(usize::from(length)).into_iter().for_each(|count| *count += 1);
            }
        }
    }

    /// Takes the next letter. Words of one length are numbers one after the other, and the first of them follows the
    /// last shorter one, doubled.
    #[inline(never)]
    pub(super) fn take(&self, input: &mut Input, file: &Fd) -> Result<u16, Stop> {
        let (mut word, mut first, mut before) = (0_usize, 0_usize, 0_usize);
        for count in self.counts.iter().skip(1) {
            let count = usize::from(*count);
            word |= input.bit(file)?;
            let number = word.wrapping_sub(first);
            if number < count {
                return self.letters.get(before + number).copied().ok_or(Stop::Damaged);
            }
            before += count;
            first = (first + count) << 1;
            word <<= 1;
        }
        Err(Stop::Damaged)
    }
}
