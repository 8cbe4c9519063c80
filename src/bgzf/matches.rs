//! Where a text repeats itself: the matches of LZ77.
//!
//! `"user":18,"idle":7,"user":19` → `"user":18,"idle":7,`, 8 bytes as 19 bytes before, `9`

/// The shortest match that is taken. Deflate has matches of 3 bytes, but short ones take more than the digits they are.
const SHORTEST: usize = 6;
/// The longest. 258 could be, too, but has a code of its own.
const LONGEST: usize = 257;
/// A match is nearer than this.
const WINDOW: usize = 1 << 15;
/// Bits of a hash, and how many hashes there are.
const HASH: u32 = 12;
const HASHES: usize = 1 << HASH;
/// How many places are looked at for one match. `"unit":"kB"},"` stands in a record some 50 times, and a search from
/// one of them has to reach the record before.
const TRIES: usize = 64;

/// For each hash of 4 bytes, the last place where such stand, 0 where there is none. Behind these, for each place, the
/// one before it that has the same hash. Places count from 1.
pub(super) type Places = [[u8; 2]; HASHES + WINDOW];

/// What a text is made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    Literal(u8),
    Match(Match),
}

/// Bytes that are the same as those at a distance before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) length: usize,
    pub(super) distance: usize,
}

impl Match {
    /// What a match has to be longer than.
    const NONE: Self = Self { length: SHORTEST - 1, distance: 0 };
}

/// Hands out the pieces of a text in their order.
#[inline]
pub(super) fn walk(text: &[u8], places: &mut Places, mut take: impl FnMut(Piece)) {
    for head in places.iter_mut().take(HASHES) {
        *head = [0; 2];
    }
    // A match waits for a look at the next byte. Where a longer one begins, that waits, and this is a literal.
    let mut waiting = Match::NONE;
    let (mut at, mut end) = (0, 0);
    while at <= text.len() {
        let place = insert(text, places, at);
        if at >= end {
            let longer = longest(text, places, at, place, waiting.length);
            if waiting.distance > 0 && longer.distance == 0 {
                take(Piece::Match(waiting));
                end = at - 1 + waiting.length;
            } else if at > end
                && let Some(byte) = text.get(at - 1)
            {
                take(Piece::Literal(*byte));
            }
            waiting = longer;
        }
        at += 1;
    }
}

/// The longest match for what stands at `at`, out of the chain that begins at `place`, if it is longer than `length`.
fn longest(text: &[u8], places: &Places, at: usize, mut place: usize, mut length: usize) -> Match {
    let mut found = Match::NONE;
    for _ in 0..TRIES {
        let start = place.wrapping_sub(1);
        let distance = at.wrapping_sub(start);
        if place == 0 || distance >= WINDOW || length == LONGEST {
            break;
        }
        // In most places the last 4 bytes that a longer match has are others already.
        let word = |from: usize| text.get(from..from + 4)?.try_into().ok().map(u32::from_ne_bytes);
        let Some(last) = word(at + length - 3) else { break };
        if word(start + length - 3) == Some(last) {
            let goes_on = |far: &usize| text.get(at + far).is_some_and(|byte| text.get(start + far) == Some(byte));
            let same = (0..LONGEST).take_while(goes_on).count();
            if same > length {
                length = same;
                found = Match { length, distance };
            }
        }
        place = get(places, HASHES + start % WINDOW);
    }
    found
}

/// Puts a place into the chain of its hash: the one before it there, or 0.
fn insert(text: &[u8], places: &mut Places, at: usize) -> usize {
    let Some(bytes) = text.get(at..).and_then(<[u8]>::first_chunk::<4>) else { return 0 };
    let hash = u32::from_le_bytes(*bytes).wrapping_mul(0x9e37_79b1) >> (32 - HASH);
    let before = get(places, hash as usize);
    set(places, HASHES + at % WINDOW, before);
    set(places, hash as usize, at + 1);
    before
}

fn get(places: &Places, at: usize) -> usize {
    places.get(at).map_or(0, |place| u16::from_le_bytes(*place).into())
}

fn set(places: &mut Places, at: usize, place: usize) {
    let [low, high, ..] = place.to_le_bytes();
    if let Some(old) = places.get_mut(at) {
        *old = [low, high];
    }
}
