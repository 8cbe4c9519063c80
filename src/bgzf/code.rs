//! The codes of an alphabet: Huffman's, of a limited length (RFC 1951, 3.2.2).
//!
//! A 4 times, B 1 time, C 2 times → A `0`, B `10`, C `11`

/// A symbol's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    /// How often the symbol occurs.
    pub(super) count: u32,
    /// The code, its first bit the lowest.
    pub(super) bits: u16,
    /// Its number of bits; 0 where the symbol does not occur.
    pub(super) length: u16,
}

impl Code {
    /// That of a symbol that does not occur.
    pub(super) const NONE: Self = Self { count: 0, bits: 0, length: 0 };
}

/// Huffman's tree. A node is its weight, and behind that its own place: the least number is the lightest node and tells
/// where it is. A node that has its parent is [`PLACED`] and the parent's place; at last it is its depth.
///
/// The symbols have the places from 1, and the other nodes those behind. Place 0 is above the root.
type Tree = [u32; PLACES];
/// Room for the largest alphabet, which has 286 symbols, and a node for each but one.
const PLACES: usize = 1 << PLACE;
/// Bits of a place.
const PLACE: u32 = 10;
/// A node that is not looked for any more, as those of symbols that do not occur.
const PLACED: u32 = 1 << 31;

/// Gives codes to the symbols by their counts, of which two at least are not 0. None is longer than `limit`.
#[cold]
pub(super) fn assign(codes: &mut [Code], limit: u16) {
    // Where a code gets too long, what is rare is taken for less rare.
    while lengths(codes) > limit {}
    let mut next = 0;
    for length in 1..16 {
        for code in codes.iter_mut().filter(|code| code.length == length) {
            code.bits = next;
            // One more, in a number whose highest bit comes first.
            let mut bit = 1 << (length - 1);
            while next & bit != 0 {
                next ^= bit;
                bit >>= 1;
            }
            next |= bit;
        }
    }
}

/// Sets all lengths, and halves the counts. The greatest length.
fn lengths(codes: &mut [Code]) -> u16 {
    let mut tree = [0; PLACES];
    let mut end = 1;
    set(&mut tree, 0, PLACED);
    for code in &mut *codes {
        set(&mut tree, end, if code.count == 0 { PLACED } else { code.count << PLACE | end });
        code.count -= code.count / 2;
        end += 1;
    }
    loop {
        let (mut least, mut second) = (PLACED, PLACED);
        for node in tree.iter().take(end as usize) {
            second = second.min(*node.max(&least));
            least = least.min(*node);
        }
        if second == PLACED {
            set(&mut tree, least, 0);
            break;
        }
        set(&mut tree, least, PLACED | end);
        set(&mut tree, second, PLACED | end);
        set(&mut tree, end, ((least >> PLACE) + (second >> PLACE)) << PLACE | end);
        end += 1;
    }
    // From the root down. What has no parent has depth 0.
    set(&mut tree, 0, u32::MAX);
    for place in 1..end {
        let place = end - place;
        let depth = get(&tree, get(&tree, place)).wrapping_add(1);
        set(&mut tree, place, depth);
    }
    let mut greatest = 0;
    for (code, depth) in codes.iter_mut().zip(tree.iter().skip(1)) {
        code.length = (depth & 0xffff) as u16;
        greatest = greatest.max(code.length);
    }
    greatest
}

/// The node at the place that is in these bits.
fn get(tree: &Tree, place: u32) -> u32 {
    tree.get(place as usize % PLACES).copied().unwrap_or_default()
}

fn set(tree: &mut Tree, place: u32, node: u32) {
    if let Some(old) = tree.get_mut(place as usize % PLACES) {
        *old = node;
    }
}
