//! A block of deflate that has codes of its own (RFC 1951, 3.2.7).
//!
//! BFINAL, BTYPE, HLIT, HDIST, HCLEN, the lengths of the codes, then literals and matches in these codes

use super::code::{Code, assign};
use super::matches::{self, Match, Piece, Places};

// The three alphabets share a table. First literals and lengths: the 256 bytes, the end of the block, the lengths.
const END: usize = 256;
const LENGTH: usize = 257;
/// The first of 30 distances.
const DISTANCE: usize = 286;
/// The first of 19 lengths of codes.
const CODE_LENGTH: usize = DISTANCE + 30;
/// The order in which the lengths of the codes of these 19 are written.
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// A block as it grows.
struct Block<'r> {
    room: &'r mut [u8],
    /// Bytes that it has.
    length: usize,
    /// Bits that are no byte yet, the first one lowest, and how many.
    bits: usize,
    count: u32,
    codes: [Code; CODE_LENGTH + ORDER.len()],
}

/// Writes a text as the last block of a stream; the block's length, which may be more than the room.
pub(super) fn write(text: &[u8], places: &mut Places, room: &mut [u8]) -> usize {
    let codes = [Code::NONE; CODE_LENGTH + ORDER.len()];
    let mut block = Block { codes, room, length: 0, bits: 0, count: 0 };
    // What has no code yet is only counted. Two distances at least: not every decoder takes a code of one symbol.
    block.symbol(DISTANCE, 0, 0);
    block.symbol(DISTANCE + 1, 0, 0);
    block.symbols(text, places);
    block.assign(0, DISTANCE, 15);
    block.assign(DISTANCE, CODE_LENGTH, 15);
    block.code_lengths();
    block.assign(CODE_LENGTH, CODE_LENGTH + ORDER.len(), 7);
    // BFINAL, BTYPE; HLIT, HDIST and HCLEN say that all 286, 30 and 19 codes have their length here.
    block.put(1 | 2 << 1 | 29 << 3 | 29 << 8 | 15 << 13, 17);
    for symbol in &ORDER {
        block.put(block.code_length(CODE_LENGTH + usize::from(*symbol)), 3);
    }
    block.code_lengths();
    block.symbols(text, places);
    block.put(0, 7);
    block.length
}

impl Block<'_> {
    /// Writes the literals and matches of a text, and the end.
    #[cold]
    fn symbols(&mut self, text: &[u8], places: &mut Places) {
        matches::walk(text, places, |piece| match piece {
            Piece::Literal(byte) => self.symbol(byte.into(), 0, 0),
            Piece::Match(Match { length, distance }) => {
                self.number(LENGTH, length - 3, 2);
                self.number(DISTANCE, distance - 1, 1);
            }
        });
        self.symbol(END, 0, 0);
    }

    /// Writes the lengths of the codes of the other alphabets, each by itself: to say that one comes again would save
    /// 0.3 % of a block of records.
    #[cold]
    fn code_lengths(&mut self) {
        for symbol in 0..CODE_LENGTH {
            self.symbol(CODE_LENGTH + self.code_length(symbol), 0, 0);
        }
    }

    fn code_length(&self, symbol: usize) -> usize {
        self.codes.get(symbol).map_or(0, |code| code.length.into())
    }

    fn assign(&mut self, first: usize, end: usize, limit: u16) {
        if let Some(codes) = self.codes.get_mut(first..end) {
            assign(codes, limit);
        }
    }

    /// Writes a number as a symbol and extra bits. The symbol tells the number's highest bits, `1 + kept` of them, and
    /// how many are behind; those are the extra bits. Both tables of RFC 1951 (3.2.5) are made so, but for length 258.
    #[cold]
    fn number(&mut self, first: usize, number: usize, kept: u32) {
        let count = (usize::BITS - 1 - (number | 1).leading_zeros()).saturating_sub(kept);
        let extra = number & ((1 << count) - 1);
        self.symbol(first + (count << kept) as usize + (number >> count), extra, count);
    }

    /// Counts a symbol and, if it has a code, writes that and `count` extra bits.
    #[cold]
    fn symbol(&mut self, symbol: usize, extra: usize, count: u32) {
        let Some(code) = self.codes.get_mut(symbol) else { return };
        code.count += 1;
        let Code { bits, length, .. } = *code;
        if length > 0 {
            self.put(bits.into(), length.into());
            self.put(extra, count);
        }
    }

    /// Writes the `count` bits of a number, up to 24.
    #[cold]
    fn put(&mut self, bits: usize, count: u32) {
        self.bits |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            let [low, ..] = self.bits.to_le_bytes();
            if let Some(byte) = self.room.get_mut(self.length) {
                *byte = low;
            }
            self.length += 1;
            self.bits >>= 8;
            self.count -= 8;
        }
    }
}
