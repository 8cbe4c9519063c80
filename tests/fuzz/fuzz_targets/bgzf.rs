//! The encoder: any bytes come back from their member by miniz_oxide, and what tells the size of a member is one.
//!
//! The first byte of an input chooses by its lowest 4 bits how often the others are repeated, 1 to 16 times.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use miniz_oxide::inflate::decompress_to_vec;
use procline::bgzf::{ROOM, TEXT, crc, member, member_size};

thread_local! {
    /// Where members are made: it holds what the input before left there.
    static MEMORY: RefCell<Vec<u8>> = RefCell::new(vec![0xa5; ROOM]);
}

fuzz_target!(|input: &[u8]| {
    if let Some(size) = member_size(input) {
        let told = usize::from(input[16]) + 256 * usize::from(input[17]) + 1;
        assert!(input.starts_with(b"\x1f\x8b\x08\x04") && size == told && size >= 28, "{size}");
    }
    let Some((times, text)) = input.split_first() else { return };
    let text = text.repeat(usize::from(*times % 16) + 1);
    MEMORY.with_borrow_mut(|memory| {
        let member = member(&text, memory);
        if text.len() > TEXT {
            assert!(member.is_empty());
            return;
        }
        assert!(member.len() <= text.len() + 31);
        assert_eq!(member_size(member), Some(member.len()));
        let (block, end) = member[18..].split_at(member.len() - 26);
        assert!(decompress_to_vec(block).expect("it can be inflated") == text);
        assert_eq!(end, [crc(&text), u32::try_from(text.len()).expect("it is short")].map(u32::to_le_bytes).concat());
    });
});
