//! A block of deflate that has codes of its own (RFC 1951, 3.2.7).
//!
//! BFINAL, BTYPE, HLIT, HDIST, HCLEN, the lengths of the codes, then literals and matches in these codes

use super::code::{Code, assign};
use super::matches::{self, Match, Places, insert, longest};

// The two alphabets share a table. First literals and lengths: the 256 bytes, the end of the block, the lengths.
const END: usize = 256;
const LENGTH: usize = 257;
/// The first of 30 distances.
const DISTANCE: usize = 286;
/// How many codes there are.
const CODES: usize = DISTANCE + 30;

/// A block as it grows.
struct Block<'r> {
    room: &'r mut [u8],
    /// Bytes that it has.
    length: usize,
    /// Bits that are no byte yet, the first one lowest, and how many.
    bits: usize,
    count: u32,
    codes: [Code; CODES],
}

/// Writes a text as the last block of a stream; the block's length, which may be more than the room.
pub(super) fn write(text: &[u8], places: &mut Places, room: &mut [u8]) -> usize {
    let codes = [Code::NONE; CODES];
    let mut block = Block { codes, room, length: 0, bits: 0, count: 0 };
    // What has no code yet is only counted.
    block.symbols(text, places);
    let (literals, distances) = block.codes.split_at_mut_checked(DISTANCE).unwrap_or_default();
    assign(literals);
    assign(distances);
    // BFINAL, BTYPE; HLIT, HDIST and HCLEN say that all 286, 30 and 19 codes have their length here. The first three of
    // the 19, which stand for lengths that come again, have none …
    block.put(1 | 2 << 1 | 29 << 3 | 29 << 8 | 15 << 13, 17 + 3 * 3);
    // … and the other 16, one for each length, four bits. So the code of a length is its number.
    for _ in 0..16 {
        block.put(4, 3);
    }
    for symbol in 0..CODES {
        let share = block.codes.get(symbol).map_or(0, |code| code.share);
        block.code(share.leading_zeros() << 11, 1 << 11);
    }
    block.symbols(text, places);
    block.put(0, 7);
    block.length
}

impl Block<'_> {
    /// Writes the literals and matches of a text, and the end.
    #[cold]
    fn symbols(&mut self, text: &[u8], places: &mut Places) {
        matches::clear(places);
        // A match waits for a look at the next byte. Where a longer one begins, that waits, and this is a literal.
        let mut waiting = Match::NONE;
        let (mut at, mut end) = (0, 0);
        while at <= text.len() {
            let start = insert(text, places, at);
            if at >= end {
                let longer = longest(text, places, at, start, waiting.length);
                if waiting.distance > 0 && longer.distance == 0 {
                    self.number(LENGTH, waiting.length - 3, 2);
                    self.number(DISTANCE, waiting.distance - 1, 1);
                    end = at - 1 + waiting.length;
                } else if at > end
                    && let Some(byte) = text.get(at - 1)
                {
                    self.symbol((*byte).into(), 0, 0);
                }
                waiting = longer;
            }
            at += 1;
        }
        self.symbol(END, 0, 0);
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
        let Code { before, share, .. } = *code;
        if share > 0 {
            self.code(before.into(), share.into());
            self.put(extra, count);
        }
    }

    /// Writes a code by its [`Code::before`] and [`Code::share`], its highest bit first.
    #[cold]
    fn code(&mut self, before: u32, share: u32) {
        let mut bit = 1 << 14;
        while bit >= share {
            self.put((before & bit != 0).into(), 1);
            bit /= 2;
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
