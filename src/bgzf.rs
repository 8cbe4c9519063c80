//! BGZF: members of a gzip file that say how long they are (SAM/BAM specification, section 4.1; RFC 1951 and 1952).
//!
//! text → `1f 8b 08 04 … 'B' 'C' 02 00` BSIZE, one block of deflate, CRC-32, ISIZE
//!
//! # Why
//! No crate was found that compresses without `alloc`. This encoder is small first: a member has one block, with codes
//! of its own, or stored where that is shorter. The text is walked twice, to count and to write, so no list is kept of
//! what was found. Of records that repeat each other it makes less than zlib's level 6 does.

mod block;
mod code;
mod matches;

use matches::Places;

/// Bytes of text that a member takes at most. Stored, they still make a member whose length has 16 bits.
pub const TEXT: usize = 0xff00;

/// Bytes of the largest member.
const MEMBER: usize = 1 << 16;

/// What each member begins with: the header of gzip with the extra field `BC`, up to its value, BSIZE.
const HEAD: [u8; 16] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0];
/// Bytes before the block. BSIZE, the last two, is the length of the member less 1.
pub const BEFORE: usize = HEAD.len() + 2;
/// Bytes behind the block: CRC-32 and ISIZE, the length of the text.
const BEHIND: usize = 8;

/// Bytes of memory that a compression takes beside the text.
pub const ROOM: usize = MEMBER + size_of::<Places>();

/// The member of a text, at most 64 KiB. It is empty where the text is longer than [`TEXT`] or the room shorter than
/// [`ROOM`].
///
/// The room may hold any bytes. Its first 64 KiB are touched only as far as the member goes.
#[inline(never)] // its table of codes is not in the frame of the caller
pub fn member<'r>(text: &[u8], room: &'r mut [u8]) -> &'r [u8] {
    written(text, room).unwrap_or_default()
}

fn written<'r>(text: &[u8], room: &'r mut [u8]) -> Option<&'r [u8]> {
    let (member, places) = room.first_chunk_mut::<ROOM>()?.split_at_mut_checked(MEMBER)?;
    let places = places.as_chunks_mut().0.first_chunk_mut()?;
    // No longer than a block that stores the text: a byte that says so, its length twice.
    let block = member.get_mut(BEFORE..)?.get_mut(..text.len() + 5).filter(|_| text.len() <= TEXT)?;
    let mut length = block::write(text, places, block);
    if length > block.len() {
        length = stored(block, text);
    }
    finish(member, length, text)
}

/// Writes a block of the text as it is (RFC 1951, 3.2.4); its length.
fn stored(room: &mut [u8], text: &[u8]) -> usize {
    if let Some((head, room)) = room.split_first_chunk_mut::<5>() {
        let [low, high, ..] = text.len().to_le_bytes();
        *head = [1, low, high, !low, !high];
        room.copy_from_slice(text);
    }
    text.len() + 5
}

/// Writes what stands before and behind the block of this length; the member.
fn finish<'m>(member: &'m mut [u8], block: usize, text: &[u8]) -> Option<&'m [u8]> {
    let length = BEFORE + block + BEHIND;
    let (head, rest) = member.split_first_chunk_mut()?;
    *head = HEAD;
    let [low, high, ..] = (length - 1).to_le_bytes();
    *rest.first_chunk_mut()? = [low, high];
    let end = u64::from(crc(text)) | (text.len() as u64) << 32;
    *rest.get_mut(2 + block..)?.first_chunk_mut()? = end.to_le_bytes();
    member.get(..length)
}

/// CRC-32 as RFC 1952 has it.
#[cold]
pub fn crc(text: &[u8]) -> u32 {
    let mut crc = !0;
    for byte in text {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// Bytes of the member that begins with `head`, of which the first 18 tell; nothing where no member of BGZF begins so.
pub fn member_size(head: &[u8]) -> Option<usize> {
    let size = head.strip_prefix(HEAD.as_slice())?.first_chunk()?;
    let size = usize::from(u16::from_le_bytes(*size)) + 1;
    // The shortest block, of no text, has 2 bytes. A head whose last bytes did not reach the disk is none.
    (size >= BEFORE + 2 + BEHIND).then_some(size)
}
