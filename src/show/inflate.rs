//! A gzip file (RFC 1952) of one member or many → its bytes, by inflating (RFC 1951).
//!
//! What was inflated last has to stay before what is inflated next: a block refers back to at most 32 KiB of it. So the
//! window is the reader's own array, and nothing is copied into it.

#![expect(clippy::cast_possible_truncation, reason = "letters and bits, whose number is known")]

mod input;

use crate::sys::{Errno, Fd};
use input::{Code, Input};

/// Bytes that a block refers back to at most.
pub const WINDOW: usize = 32 * 1024;

/// Why nothing more is inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The file cannot be read.
    Read(Errno),
    /// It ends within a member, or is no gzip from here on.
    Damaged,
}

/// A file that is being inflated.
#[derive(Debug)]
pub struct Inflate {
    input: Input,
    state: State,
    /// Whether the block is the last one of its member.
    is_last: bool,
    /// Bytes of the member that were inflated, up to [`WINDOW`].
    behind: usize,
    /// The sum of the member's bytes (CRC-32), as far as they are summed.
    sum: u32,
    /// Where in the room those begin that are not summed yet.
    summed: usize,
    letters: Code,
    distances: Code,
}

/// What comes next in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A member, or the end of the file.
    Member,
    /// A block.
    Block,
    /// So many bytes as they are.
    Stored(usize),
    /// A letter or a match, in the codes of the block.
    Codes,
    /// The rest of a match: its length, and how far back it is.
    Match(usize, usize),
    /// Nothing.
    End,
}

impl Inflate {
    /// A gzip file from its beginning on. `begin` was read of it already, and so many bytes are still to be.
    pub fn new(begin: &[u8], rest: u64) -> Self {
        let (input, letters, distances) = (Input::new(begin, rest), Code::new(), Code::new());
        Self { input, state: State::Member, is_last: false, behind: 0, sum: 0, summed: 0, letters, distances }
    }

    /// Most bytes that can be read already.
    pub const BEGIN: usize = Input::BYTES;

    /// What is deflated without the head of a gzip file. `begin` is all of it.
    pub fn of_block(begin: &[u8]) -> Self {
        Self { state: State::Block, ..Self::new(begin, 0) }
    }

    /// Inflates into `room` from `place` on, until it is full or the file ends; the bytes that it has then. What stands
    /// before `place` was inflated last, and is at least [`WINDOW`] of it.
    ///
    /// # Errors
    /// Why nothing more comes. What was inflated before is in `room` with the next call, which gives that length.
    #[inline(never)]
    pub fn read(&mut self, file: &Fd, room: &mut [u8], place: &mut usize) -> Result<(), Stop> {
        self.summed = *place;
        let result = self.inflate(file, room, place);
        self.sum(room, *place);
        if result.is_err() {
            self.state = State::End;
        }
        result
    }

    fn inflate(&mut self, file: &Fd, room: &mut [u8], place: &mut usize) -> Result<(), Stop> {
        loop {
            match self.state {
                State::End => return Ok(()),
                State::Member => {
                    (self.behind, self.sum) = (0, !0);
                    self.state = if self.input.header(file)? { State::Block } else { State::End };
                }
                State::Block if self.is_last => {
                    self.sum(room, *place);
                    self.input.align();
                    let sum = self.input.bits(file, 16)? | self.input.bits(file, 16)? << 16;
                    // The length.
                    for _ in 0..2 {
                        self.input.bits(file, 16)?;
                    }
                    if sum != !self.sum {
                        return Err(Stop::Damaged);
                    }
                    (self.is_last, self.state) = (false, State::Member);
                }
                State::Block => {
                    self.is_last = self.input.bits(file, 1)? == 1;
                    self.state = self.block(file)?;
                }
                State::Stored(0) => self.state = State::Block,
                State::Stored(length) => {
                    let Some(byte) = room.get_mut(*place) else { return Ok(()) };
                    *byte = self.input.bits(file, 8)? as u8;
                    self.state = State::Stored(length - 1);
                    self.forth(1, place);
                }
                State::Match(length, distance) => {
                    let copied = copy(room, *place, length, distance);
                    self.forth(copied, place);
                    if copied < length {
                        self.state = State::Match(length - copied, distance);
                        return Ok(());
                    }
                    self.state = State::Codes;
                }
                State::Codes => {
                    let Some(free) = room.get_mut(*place) else { return Ok(()) };
                    match self.letters.take(&mut self.input, file)? {
                        letter @ 0..=255 => {
                            *free = letter as u8;
                            self.forth(1, place);
                        }
                        END_OF_BLOCK => self.state = State::Block,
                        letter => self.state = self.back_reference(file, letter)?,
                    }
                }
            }
        }
    }

    /// Sums the bytes up to this place.
    #[inline(never)]
    fn sum(&mut self, room: &[u8], place: usize) {
        for byte in room.get(self.summed..place).unwrap_or_default() {
            self.sum ^= u32::from(*byte);
            for _ in 0..2 {
                let half = SUMS.get(self.sum as usize & 15).copied().unwrap_or_default();
                self.sum = half ^ self.sum >> 4;
            }
        }
        self.summed = place;
    }

    fn forth(&mut self, bytes: usize, place: &mut usize) {
        *place += bytes;
        self.behind = (self.behind + bytes).min(WINDOW);
    }

    /// The length and the distance of a match.
    fn back_reference(&mut self, file: &Fd, letter: u16) -> Result<State, Stop> {
        let number = usize::from(letter) - 257;
        let (extra, base) = LENGTHS.get(number).ok_or(Stop::Damaged)?;
        let length = usize::from(*base) + self.input.bits(file, (*extra).into())? as usize;
        let number = usize::from(self.distances.take(&mut self.input, file)?);
        // 1, 2, 3, 4, 5, 7, 9, 13, …: two for each number of bits from 0 on, the first four without.
        let extra = (number / 2).saturating_sub(1);
        let base = if number < 2 { number } else { (2 + number % 2) << extra };
        let distance = 1 + base + self.input.bits(file, extra as u32)? as usize;
        if distance > self.behind { Err(Stop::Damaged) } else { Ok(State::Match(length, distance)) }
    }

    /// Reads the head of a block.
    #[inline(never)]
    fn block(&mut self, file: &Fd) -> Result<State, Stop> {
        let input = &mut self.input;
        match input.bits(file, 2)? {
            0 => {
                input.align();
                let (length, complement) = (input.bits(file, 16)?, input.bits(file, 16)?);
                if length ^ complement == 0xffff { Ok(State::Stored(length as usize)) } else { Err(Stop::Damaged) }
            }
            1 => {
                let mut lengths = [8; 288];
                lengths.iter_mut().skip(144).take(112).for_each(|length| *length = 9);
                lengths.iter_mut().skip(256).take(24).for_each(|length| *length = 7);
                self.letters.set(&lengths);
                self.distances.set(&[5; 30]);
                Ok(State::Codes)
            }
            2 => self.codes(file).map(|()| State::Codes),
            _ => Err(Stop::Damaged),
        }
    }

    /// Reads the codes of a block: the lengths of their words, which are in a code of their own.
    fn codes(&mut self, file: &Fd) -> Result<(), Stop> {
        let input = &mut self.input;
        let letters = 257 + input.bits(file, 5)? as usize;
        let distances = 1 + input.bits(file, 5)? as usize;
        let known = 4 + input.bits(file, 4)? as usize;
        let mut lengths = [0; 288 + 32];
        for place in ORDER.iter().take(known) {
            let length = input.bits(file, 3)? as u8;
            lengths.get_mut(usize::from(*place)).into_iter().for_each(|place| *place = length);
        }
        self.letters.set(lengths.get(..19).unwrap_or_default());
        lengths = [0; 288 + 32];
        let mut rest = lengths.get_mut(..letters + distances).ok_or(Stop::Damaged)?.iter_mut();
        let mut last = 0;
        while rest.len() > 0 {
            let (length, times) = match self.letters.take(input, file)? {
                16 => (last, 3 + input.bits(file, 2)?),
                17 => (0, 3 + input.bits(file, 3)?),
                18 => (0, 11 + input.bits(file, 7)?),
                length => (length as u8, 1),
            };
            for _ in 0..times {
                *rest.next().ok_or(Stop::Damaged)? = length;
            }
            last = length;
        }
        let (letters, rest) = lengths.split_at_checked(letters).unwrap_or_default();
        self.letters.set(letters);
        self.distances.set(rest.get(..distances).unwrap_or_default());
        Ok(())
    }
}

/// Copies what was inflated `distance` bytes before `place`, as far as there is room; the number of bytes.
#[inline(never)]
fn copy(room: &mut [u8], place: usize, length: usize, distance: usize) -> usize {
    let end = (place + length).min(room.len());
    let (Some(from), Some(part)) = (place.checked_sub(distance), room.get_mut(..end)) else { return length };
    // A match may reach into what it writes, so it goes byte by byte.
    for to in place..end {
        let byte = part.get(to - place + from).copied().unwrap_or_default();
        part.get_mut(to).into_iter().for_each(|place| *place = byte);
    }
    end.saturating_sub(place)
}

/// CRC-32 of four bits.
const SUMS: [u32; 16] = sums();

const fn sums() -> [u32; 16] {
    let mut sums = [0; 16];
    let (mut number, mut rest) = (0, sums.as_mut_slice());
    while let [sum, others @ ..] = rest {
        *sum = number;
        let mut bit = 0;
        while bit < 4 {
            *sum = if *sum & 1 == 1 { *sum >> 1 ^ 0xedb8_8320 } else { *sum >> 1 };
            bit += 1;
        }
        (number, rest) = (number + 1, others);
    }
    sums
}

/// Ends a block.
const END_OF_BLOCK: u16 = 256;

/// Of the letters from 257 on: how many bits follow, and the least length.
#[rustfmt::skip]
const LENGTHS: [(u8, u16); 29] = [
    (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (0, 8), (0, 9), (0, 10), (1, 11), (1, 13),
    (1, 15), (1, 17), (2, 19), (2, 23), (2, 27), (2, 31), (3, 35), (3, 43), (3, 51), (3, 59),
    (4, 67), (4, 83), (4, 99), (4, 115), (5, 131), (5, 163), (5, 195), (5, 227), (0, 258),
];

/// The order in which the lengths of the code of lengths stand.
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
