//! The encoder: what it makes of a text is what others make the text of.

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use procline::bgzf::{ROOM, TEXT, crc, member, member_size};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::{done, has_tool};
use crate::day;

/// The member of a text, made in memory that holds anything.
fn made(text: &[u8]) -> Vec<u8> {
    let mut room = vec![0xa5; ROOM];
    let member = member(text, &mut room).to_vec();
    assert!(member.len() <= 1 << 16 && member.len() <= text.len() + 31, "{} bytes", member.len());
    member
}

/// The text of a member, each byte of which is as the specification has it.
fn text_of(member: &[u8]) -> Vec<u8> {
    assert_eq!(member_size(member), Some(member.len()));
    let (head, rest) = member.split_at(18);
    assert_eq!(head[..16], *b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0");
    let (block, end) = rest.split_at(rest.len() - 8);
    let mut text = vec![0; TEXT];
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, read, written) = decompress(&mut DecompressorOxide::new(), block, &mut text, 0, flags);
    assert_eq!((status, read), (TINFLStatus::Done, block.len()));
    text.truncate(written);
    assert_eq!(end[..4], crc(&text).to_le_bytes());
    assert_eq!(end[4..], u32::try_from(written).unwrap().to_le_bytes());
    text
}

/// Bytes without order.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Noise of 64 different bytes, and in it some of which each is as often as the two before it together: Huffman's code
/// of the rarest has more than 15 bits.
fn steep() -> Vec<u8> {
    let mut text: Vec<_> = noise(60_000).iter().map(|byte| byte & 63).collect();
    // The end of the block, which is there once, is the rarest of all.
    let (mut rare, mut counts) = (Vec::new(), (1, 2));
    for byte in 100..114 {
        rare.extend(vec![byte; counts.0]);
        counts = (counts.1, counts.0 + counts.1);
    }
    for (place, byte) in rare.into_iter().enumerate() {
        text[place * 37] = byte;
    }
    text
}

/// What a command makes of its standard input.
fn piped(command: &mut Command, input: &[u8]) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).unwrap());
        done(child.wait_with_output().unwrap())
    })
}

#[test]
fn a_text_of_any_length_comes_back() {
    for length in [0, 1, 2, 3, 4, 5, 257, 258, 259, 32_767, 32_768, 32_769, TEXT - 1, TEXT] {
        let counting = (0..=255).cycle().take(length).collect();
        // What comes again at the largest distances.
        let half = noise(32_767).into_iter().cycle().take(length).collect();
        for text in [vec![b'x'; length], counting, half, noise(length)] {
            assert!(text_of(&made(&text)) == text, "{length} bytes");
        }
    }
}

#[test]
fn a_text_that_is_too_long_and_a_room_that_is_too_small_give_nothing() {
    assert_eq!(member(&vec![0; TEXT + 1], &mut vec![0; ROOM]), b"");
    assert_eq!(member(b"text", &mut vec![0; ROOM - 1]), b"");
}

#[test]
fn bytes_without_order_are_stored() {
    let text = noise(TEXT);
    let member = made(&text);
    assert_eq!((member.len(), &member[18..23]), (TEXT + 31, &b"\x01\x00\xff\xff\x00"[..]));
    assert!(member[23..].starts_with(&text));
    assert_eq!(made(b"")[16..], *b"\x1e\0\x01\0\0\xff\xff\0\0\0\0\0\0\0\0");
}

#[test]
fn no_code_gets_too_long() {
    let text = steep();
    let member = made(&text);
    assert!(text_of(&member) == text);
    assert!(member.len() * 10 < text.len() * 8, "{} bytes of {}", member.len(), text.len());
}

#[test]
fn a_text_is_stored_where_that_is_shorter() {
    let text: Vec<_> = noise(2000).iter().map(|byte| byte & 127).collect();
    let is_stored = |length: &usize| {
        let member = made(&text[..*length]);
        assert!(text_of(&member) == text[..*length], "{length} bytes");
        member[18] == 1
    };
    // The longer the text, the more is left of its codes' lengths; and each length in between is met.
    let stored = (0..2000).filter(is_stored).count();
    assert!((500..1900).contains(&stored), "{stored}");
}

#[test]
fn the_crc_is_that_of_the_specification() {
    assert_eq!((crc(b""), crc(b"123456789")), (0, 0xcbf4_3926));
}

#[test]
fn a_member_tells_its_size_by_its_first_18_bytes() {
    let member = made(b"text");
    for length in 0..=member.len() {
        assert_eq!(member_size(&member[..length]), (length >= 18).then_some(member.len()));
    }
    for place in 0..16 {
        let mut foreign = member.clone();
        foreign[place] ^= 1;
        assert_eq!(member_size(&foreign), None, "byte {place}");
    }
    let with_size = |low, high| member_size(&[&member[..16], &[low, high]].concat());
    assert_eq!([with_size(0, 0), with_size(26, 0)], [None; 2]);
    assert_eq!([with_size(27, 0), with_size(255, 255)], [Some(28), Some(65_536)]);
}

#[test]
fn a_day_takes_no_more_than_zlib_makes_of_it() {
    let lines = day::lines(1440);
    let blocks = day::blocks(&lines);
    let members: Vec<_> = blocks.iter().map(|block| made(block)).collect();
    for (block, member) in blocks.iter().zip(&members) {
        assert!(text_of(member) == *block);
    }
    let (text, members) = (lines.concat(), members.concat());
    assert!(members.len() * 8 < text.len(), "{} bytes of {}", members.len(), text.len());

    if !has_tool("python3") || !has_tool("gzip") {
        return;
    }
    assert!(piped(Command::new("gzip").arg("-dc"), &members) == text);
    let gunzip = "import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))";
    assert!(piped(Command::new("python3").args(["-c", gunzip]), &members) == text);
    // Level 6, and as many bytes around each block.
    let zlib = "import sys, zlib
def length(text):
    to = zlib.compressobj(6, 8, -15)
    return len(to.compress(text)) + len(to.flush()) + 26
print(sum(length(sys.stdin.buffer.read(int(size))) for size in sys.argv[1:]))";
    let sizes = blocks.iter().map(|block| block.len().to_string());
    let theirs = piped(Command::new("python3").args(["-c", zlib]).args(sizes), text.as_bytes());
    let theirs: usize = theirs.trim().parse().unwrap();
    let figures = format!("a day of {} bytes takes {}, with zlib {theirs}", text.len(), members.len());
    let _ = writeln!(std::io::stderr(), "{figures}");
    assert!(members.len() <= theirs, "{figures}");
}

proptest! {
    #[test]
    fn any_bytes_come_back(text in vec(any::<u8>(), 0..3000)) {
        prop_assert_eq!(text_of(&made(&text)), text);
    }

    /// Of few different bytes there are matches of any length and distance.
    #[test]
    fn few_bytes_come_back(text in vec(b'0'..b'4', 0..3000), times in 1..20_usize) {
        let text = text.repeat(times);
        prop_assert_eq!(text_of(&made(&text)), text);
    }

    /// Records differ here and there.
    #[test]
    fn records_come_back(record in vec(any::<u8>(), 1..3000), changes in vec(any::<(u16, u8)>(), 0..100)) {
        let mut text = record.repeat(TEXT / record.len());
        let length = text.len();
        for (place, byte) in changes {
            text[usize::from(place) % length] = byte;
        }
        prop_assert_eq!(text_of(&made(&text)), text);
    }
}
