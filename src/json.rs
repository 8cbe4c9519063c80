//! JSON that grows in the beginning of an array.
//!
//! `{"total":` `6244.31` `,"idle":` `11647.12` `}`
//!
//! serde-json-core writes each piece. One `Serialize` of the whole record instead has a copy of its writer for each
//! kind of field: 1.9 KB more of program. A piece that has no room is left out, and [`Json::finish`] tells.

use core::mem;

use serde::Serializer as _;
use serde_json_core::ser::Serializer;

use crate::digits;
use crate::sys;

/// JSON in the beginning of an array.
#[derive(Debug)]
pub struct Json<'r> {
    room: &'r mut [u8],
    length: usize,
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
        Self { room, length: 0, fits: true }
    }

    /// The number of bytes, or nothing if they did not all fit.
    pub fn finish(&self) -> Option<usize> {
        self.fits.then_some(self.length)
    }

    /// Appends bytes as they are.
    #[inline(never)]
    pub fn raw(&mut self, bytes: &[u8]) {
        // No longer than the bytes: so the loop that copies them needs no look at its end, 6 instructions of 9.
        let end = self.length.wrapping_add(bytes.len());
        let Some(room) = self.room.get_mut(self.length..end) else {
            self.fits = false;
            return;
        };
        self.length = end;
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

    /// Appends the key of an entry of an object. It needs no escape.
    #[inline(never)]
    pub fn key(&mut self, key: &[u8]) {
        self.raw(if self.is_first() { b"\"" } else { b",\"" });
        self.raw(key);
        self.raw(b"\":");
    }

    /// Appends a string that needs no escape.
    #[inline(never)]
    pub fn text(&mut self, text: &str) {
        self.between(b"\"", text.as_bytes(), b"\"");
    }

    /// Appends a text that needs no escape, and what stands before and behind it.
    #[inline(never)]
    pub fn between(&mut self, before: &[u8], text: &[u8], behind: &[u8]) {
        self.raw(before);
        self.raw(text);
        self.raw(behind);
    }

    /// How much was written.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Whether nothing was left out so far.
    pub const fn fits(&self) -> bool {
        self.fits
    }

    /// Notes that something was left out.
    pub const fn lose(&mut self) {
        self.fits = false;
    }

    /// Takes away what was written behind this length, and what was left out there.
    pub fn cut(&mut self, length: usize) {
        (self.length, self.fits) = (length, true);
    }

    /// Takes the second half of what is free.
    pub fn take_half(&mut self) -> &'r mut [u8] {
        let room = mem::take(&mut self.room);
        let (room, half) =
            room.split_at_mut_checked(self.length + room.len().wrapping_sub(self.length) / 2).unwrap_or_default();
        self.room = room;
        half
    }

    /// Appends a key, be it any bytes, and the beginning of an object; where the entry begins. Nothing for no key.
    #[inline(never)]
    pub fn open(&mut self, key: &[u8]) -> usize {
        if key.is_empty() {
            return usize::MAX;
        }
        let start = self.any_key(key);
        self.raw(b"{");
        start
    }

    /// Appends the end of the object that [`Json::open`] began at `start`. One that is empty goes.
    #[inline(never)]
    pub fn close(&mut self, start: usize) {
        if start == usize::MAX {
            return;
        }
        if self.is_first() {
            self.length = start;
        } else {
            self.raw(b"}");
        }
    }

    /// Appends an entry, if `value` is a number. The key needs no escape.
    #[inline(never)]
    pub fn number(&mut self, key: &[u8], value: &[u8]) {
        if is_number(value) {
            self.key(key);
            self.raw(value);
        }
    }

    /// Appends an entry.
    #[inline(never)]
    pub fn count(&mut self, key: &[u8], value: u64) {
        self.number(key, digits::of(value).as_bytes());
    }

    /// Appends an entry, if `value` has any byte.
    #[inline(never)]
    pub fn string(&mut self, key: &[u8], value: &[u8]) {
        if !value.is_empty() {
            self.key(key);
            self.raw(b"\"");
            self.escaped(value, b"\"");
        }
    }

    /// What was appended from `start` on.
    pub fn since(&self, start: usize) -> &[u8] {
        self.room.get(start..self.length).unwrap_or_default()
    }

    /// Takes away the entry that begins at `entry`, or appends its value.
    pub fn value(&mut self, entry: usize, value: &[u8]) {
        if is_number(value) {
            self.raw(value);
        } else {
            self.length = entry;
        }
    }

    /// Appends a key, be it any bytes; where the entry begins.
    #[inline(never)]
    pub fn any_key(&mut self, key: &[u8]) -> usize {
        let start = self.length;
        self.raw(if self.is_first() { b"\"" } else { b",\"" });
        self.escaped(key, b"\":");
        start
    }

    /// Appends a string of any bytes, and its end. What is not UTF-8 is replaced.
    #[inline(never)]
    fn escaped(&mut self, mut rest: &[u8], end: &[u8]) {
        loop {
            // Most names are plain to their end.
            let (plain, behind) = sys::ascii_while(rest, |byte| byte >= b' ' && byte != b'"' && byte != b'\\');
            self.raw(plain.as_bytes());
            let Some(first) = behind.first() else { break };
            let length = letter(behind);
            let (letter, behind) = behind.split_at_checked(length.max(1)).unwrap_or_default();
            rest = behind;
            let low = first & 15;
            let escape =
                [b'\\', b'u', b'0', b'0', b'0' | first >> 4, if low < 10 { b'0' | low } else { b'a' - 10 + low }];
            self.raw(match length {
                0 => "\u{fffd}".as_bytes(),
                1 => &escape,
                _ => letter,
            });
        }
        self.raw(end);
    }

    /// Whether what comes next is the first of its object or list.
    pub fn is_first(&self) -> bool {
        matches!(self.room.get(self.length.wrapping_sub(1)), Some(b'{' | b'['))
    }
}

/// Bytes of the letter that `text` begins with, in UTF-8; 0 where it is none.
#[inline(never)]
pub(crate) fn letter(text: &[u8]) -> usize {
    let Some((first, behind)) = text.split_first() else { return 0 };
    let length = first.leading_ones();
    if length == 0 {
        return 1;
    }
    let (mut code, mut found) = (u32::from(*first) & (0x7f >> length), 1);
    for byte in behind {
        if byte & 0xc0 != 0x80 || found == length {
            break;
        }
        code = code << 6 | u32::from(byte & 0x3f);
        found += 1;
    }
    // One that is cut short, or longer than it has to be, has the code of a shorter one.
    match char::from_u32(code) {
        Some(letter) if letter.len_utf8() == length as usize && length > 1 => letter.len_utf8(),
        _ => 0,
    }
}

/// Whether JSON takes this for a number.
#[inline(never)]
fn is_number(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    let mut points = 0;
    for byte in digits {
        match byte {
            b'0'..=b'9' => {}
            b'.' => points += 1,
            _ => return false,
        }
    }
    let ([first, ..], [.., last]) = (digits, digits) else { return false };
    points < 2 && *first != b'.' && *last != b'.' && !matches!(digits, [b'0', b'0'..=b'9', ..])
}

/// Makes a struct an object of its fields, in this order.
macro_rules! object {
    ($name:ident: $first:ident, $($field:ident),+) => {
        impl $name<'_> {
            /// The keys, in their order.
            pub const KEYS: &'static [&'static str] = &[stringify!($first), $(stringify!($field)),+];
        }

        impl crate::json::ToJson for $name<'_> {
            // Not inlined: each has a frame of its own, where its fields have short addresses.
            #[inline(never)]
            fn write(&self, json: &mut crate::json::Json<'_>) {
                // All fields: this does not compile where one is left out.
                let Self { $first, $($field),+ } = self;
                $first.write_behind(concat!("{\"", stringify!($first), "\":"), json);
                $($field.write_behind(concat!(",\"", stringify!($field), "\":"), json);)+
                json.raw(b"}");
            }
        }
    };
}
pub(crate) use object;
