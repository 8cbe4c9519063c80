//! JSON that grows in the beginning of an array.
//!
//! `{"total":` `6244.31` `,"idle":` `11647.12` `}`
//!
//! serde-json-core writes each piece. One `Serialize` of the whole record instead has a copy of its writer for each
//! kind of field: 1.9 KB more of program. A piece that has no room is left out, and [`Json::finish`] tells.

use serde::Serializer as _;
use serde_json_core::ser::Serializer;

use crate::digits::{self, Digits};
use crate::sys;
use crate::words::take;

/// JSON in the beginning of an array.
#[derive(Debug)]
pub struct Json<'r> {
    room: &'r mut [u8],
    length: usize,
    /// Where the value of the last key begins.
    value: usize,
    fits: bool,
}

/// What has a form in JSON.
pub trait ToJson {
    /// Appends it.
    fn write(&self, json: &mut Json<'_>);

    /// Appends it behind `key`, which is all that stands before it.
    fn write_behind(&self, key: &str, json: &mut Json<'_>) {
        json.raw(key.as_bytes());
        self.write(json);
    }
}

impl<'r> Json<'r> {
    /// Nothing yet.
    pub const fn new(room: &'r mut [u8]) -> Self {
        Self { room, length: 0, value: 0, fits: true }
    }

    /// The number of bytes, or nothing if they did not all fit.
    pub fn finish(&self) -> Option<usize> {
        self.fits.then_some(self.length)
    }

    /// Appends bytes as they are.
    #[inline(never)]
    pub fn raw(&mut self, bytes: &[u8]) {
        // No longer than the bytes: so the loop that copies them needs no look at its end, 6 instructions of 9.
        let Some(room) = self.room.get_mut(self.length..).and_then(|free| free.get_mut(..bytes.len())) else {
            self.fits = false;
            return;
        };
        self.length += room.len();
        self.fits &= Serializer::new(room).serialize_bytes(bytes).is_ok();
    }

    /// Appends two pieces as they are.
    #[inline(never)]
    pub fn pair(&mut self, first: &str, second: &[u8]) {
        self.raw(first.as_bytes());
        self.raw(second);
    }

    /// Appends the comma before an element of a list, unless it is the first one.
    pub fn comma(&mut self) {
        if !self.is_first() {
            self.raw(b",");
        }
    }

    /// Appends a string that needs no escape.
    #[inline(never)]
    pub fn text(&mut self, text: &str) {
        self.between("\"", text, "\"");
    }

    /// Appends a text that needs no escape, and what stands before and behind it.
    #[inline(never)]
    pub fn between(&mut self, before: &str, text: &str, behind: &str) {
        self.raw(before.as_bytes());
        self.raw(text.as_bytes());
        self.raw(behind.as_bytes());
    }

    /// How much was written.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Takes away what was written behind this length, and what was left out there.
    pub fn cut(&mut self, length: usize) {
        (self.length, self.fits) = (length, true);
    }

    /// Appends a key, be it any bytes, and the beginning of an object; where the entry begins.
    #[inline(never)]
    pub fn open(&mut self, key: &[u8]) -> usize {
        let start = self.length;
        self.any_key(key);
        self.raw(b"{");
        start
    }

    /// Appends the end of the object that began at `start`. One that is empty, or that ends at `alone`, goes.
    #[inline(never)]
    pub fn close(&mut self, start: usize, alone: usize) {
        if self.is_first() || self.length == alone {
            self.length = start;
        } else {
            self.raw(b"}");
        }
    }

    /// Appends an entry, if `value` is a number.
    #[inline(never)]
    pub fn number(&mut self, key: &[u8], value: &[u8]) {
        if is_number(value) {
            self.any_key(key);
            self.raw(value);
        }
    }

    /// Appends an entry.
    #[inline(never)]
    pub fn count(&mut self, key: &[u8], value: u64) {
        let mut digits = Digits::new();
        digits::push(&mut digits, "", value, 1);
        self.number(key, digits.as_bytes());
    }

    /// Appends an entry, if `value` has any byte.
    #[inline(never)]
    pub fn string(&mut self, key: &[u8], value: &[u8]) {
        if !value.is_empty() {
            self.any_key(key);
            self.escaped(value);
        }
    }

    /// Whether the key of the entry that begins at `entry` stands between `start` and that already.
    #[inline(never)]
    pub fn has_again(&self, start: usize, entry: usize) -> bool {
        let mut rest = self.room.get(start..entry).unwrap_or_default();
        let Some(key @ [_, ..]) = self.room.get(entry + 1..self.value) else { return false };
        while let [_, behind @ ..] = rest {
            if rest.starts_with(key) {
                return true;
            }
            rest = behind;
        }
        false
    }

    #[inline(never)]
    fn any_key(&mut self, key: &[u8]) {
        self.comma();
        self.escaped(key);
        self.raw(b":");
        self.value = self.length;
    }

    /// Appends a string of any bytes. What is not UTF-8 is replaced.
    #[inline(never)]
    fn escaped(&mut self, mut rest: &[u8]) {
        self.raw(b"\"");
        loop {
            // Most names are plain to their end.
            let (plain, behind) = sys::ascii_while(rest, |byte| byte >= b' ' && byte != b'"' && byte != b'\\');
            self.raw(plain.as_bytes());
            rest = behind;
            let Some(first) = rest.first() else { break };
            let length = letter(rest);
            let (letter, behind) = rest.split_at_checked(length.max(1)).unwrap_or_default();
            rest = behind;
            let low = first & 15;
            let control =
                [b'\\', b'u', b'0', b'0', b'0' | first >> 4, if low < 10 { b'0' | low } else { b'a' - 10 + low }];
            self.raw(match first {
                _ if length == 0 => "\u{fffd}".as_bytes(),
                ..b' ' => &control,
                b'"' => b"\\\"",
                b'\\' => b"\\\\",
                _ => letter,
            });
        }
        self.raw(b"\"");
    }

    /// Whether what comes next is the first of its object or list.
    fn is_first(&self) -> bool {
        matches!(self.room.get(self.length.wrapping_sub(1)), Some(b'{' | b'['))
    }
}

/// Bytes of the letter that `text` begins with, in UTF-8; 0 where it is none.
fn letter(text: &[u8]) -> usize {
    let Some((first, behind)) = text.split_first() else { return 0 };
    let length = first.leading_ones() as usize;
    if length < 2 {
        return 1 - length;
    }
    let mut code = u32::from(*first) & (0x7f >> length);
    for byte in behind.iter().take(length - 1) {
        if byte & 0xc0 != 0x80 {
            return 0;
        }
        code = code << 6 | u32::from(byte & 0x3f);
    }
    // One that is cut short, or longer than it has to be, has the code of a shorter one.
    match char::from_u32(code) {
        Some(letter) if letter.len_utf8() == length => length,
        _ => 0,
    }
}

/// Whether JSON takes this for a number, and its integer part has no more than 64 bits.
#[inline(never)]
fn is_number(word: &[u8]) -> bool {
    let mut fraction = word.strip_prefix(b"-").unwrap_or(word);
    let whole = take(&mut fraction, b'.');
    let has_zeros = whole.len() > 1 && whole.starts_with(b"0");
    !has_zeros && digits::parse(whole).is_some() && !word.ends_with(b".") && fraction.iter().all(u8::is_ascii_digit)
}

/// Makes a struct an object of its fields, in this order. What stands behind the `;` is entries as they are.
macro_rules! object {
    ($name:ident: $first:ident, $($field:ident),+ $(; $more:ident)?) => {
        impl $name<'_> {
            /// The keys, in their order.
            pub const KEYS: &'static [&'static str] = &[stringify!($first), $(stringify!($field)),+];
        }

        impl crate::json::ToJson for $name<'_> {
            fn write(&self, json: &mut crate::json::Json<'_>) {
                // All fields: this does not compile where one is left out.
                let Self { $first, $($field),+ $(, $more)? } = self;
                $first.write_behind(concat!("{\"", stringify!($first), "\":"), json);
                $($field.write_behind(concat!(",\"", stringify!($field), "\":"), json);)+
                $(json.raw($more);)?
                json.raw(b"}");
            }
        }
    };
}
pub(crate) use object;
