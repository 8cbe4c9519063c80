//! The codes of an alphabet, none longer than 15 bits (RFC 1951, 3.2.2).
//!
//! A 4 times, B 1 time, C 2 times → A `0`, B `10`, C `11`
//!
//! # Why
//! Huffman's codes need a tree, and something that limits its depth. Here each code has 15 bits at first, and becomes
//! shorter where that saves most for what it takes. With the lengths of the codes written plainly, too, a router's day
//! takes 1.5 % more.

/// A symbol's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    /// How often the symbol occurs, until it has its code.
    pub(super) count: u32,
    /// How many codes of 15 bits are before it.
    pub(super) before: u16,
    /// How many codes of 15 bits begin with it: a power of 2, the less the longer it is; 0 until it has its code.
    pub(super) share: u16,
}

/// How many codes of 15 bits there are.
const ALL: u16 = 1 << 15;

impl Code {
    /// That of a symbol that was not found yet. Each counts as if it had been once, so that all have a code: not every
    /// decoder takes an alphabet of one.
    pub(super) const NONE: Self = Self { count: 1, before: 0, share: 0 };
}

/// Gives codes to the symbols by their counts.
#[cold]
pub(super) fn assign(codes: &mut [Code]) {
    let mut left = ALL;
    for code in &mut *codes {
        // From here on, what one bit less saves for each code of 15 bits that it takes, in parts of such a bit.
        code.count *= u32::from(ALL);
        code.share = 1;
        left -= 1;
    }
    // It ends: the least share is a divisor of all, and of what is left.
    while left > 0 {
        let mut none = Code { count: 0, ..Code::NONE };
        let mut best = &mut none;
        for code in &mut *codes {
            if code.share <= left && code.count > best.count {
                best = code;
            }
        }
        left -= best.share;
        best.share *= 2;
        best.count /= 2;
    }
    let (mut before, mut share) = (0, ALL);
    while share > 0 {
        for code in codes.iter_mut().filter(|code| code.share == share) {
            code.before = before;
            before += share;
        }
        share /= 2;
    }
}
