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

/// For each hash of 4 bytes, the last place where such stand. Behind these, for each place, the one before it that has
/// the same hash. Where there is none, any place will do: what stands there is looked at.
pub(super) type Places = [[u8; 2]; HASHES + WINDOW];

/// Bytes that are the same as those at a distance before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) length: usize,
    /// 0 if there are none.
    pub(super) distance: usize,
}

impl Match {
    /// What a match has to be longer than.
    pub(super) const NONE: Self = Self { length: SHORTEST - 1, distance: 0 };
}

/// Forgets all places, so that a second walk finds what the first one did.
pub(super) fn clear(places: &mut Places) {
    for head in places.iter_mut().take(HASHES) {
        *head = [0; 2];
    }
}

/// The longest match for what stands at `at`, out of the chain that begins at `start`, if it is longer than `length`.
pub(super) fn longest(text: &[u8], places: &Places, at: usize, mut start: usize, mut length: usize) -> Match {
    let (mut found, mut nearer) = (Match::NONE, 0);
    for _ in 0..TRIES {
        let distance = at.wrapping_sub(start);
        if distance <= nearer || distance >= WINDOW {
            break;
        }
        // In most places the last byte that a longer match has is another already.
        let same = |far: &usize| text.get(at + far).is_some_and(|byte| text.get(start + far) == Some(byte));
        if same(&length) {
            let longer = (0..LONGEST).take_while(same).count();
            if longer > length {
                length = longer;
                found = Match { length, distance };
            }
        }
        nearer = distance;
        start = get(places, HASHES + start % WINDOW);
    }
    found
}

/// Puts a place into the chain of its hash: the one before it there.
pub(super) fn insert(text: &[u8], places: &mut Places, at: usize) -> usize {
    let Some(bytes) = text.get(at..).and_then(<[u8]>::first_chunk::<4>) else { return at };
    let hash = u32::from_le_bytes(*bytes).wrapping_mul(0x9e37_79b1) >> (32 - HASH);
    let before = get(places, hash as usize);
    set(places, HASHES + at % WINDOW, before);
    set(places, hash as usize, at);
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
