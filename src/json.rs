//! JSON that grows in the beginning of an array.
//!
//! `{"total":` `6244.31` `,"idle":` `11647.12` `}`
//!
//! serde-json-core writes each piece. One `Serialize` of the whole record instead has a copy of its writer for each
//! kind of field: 1 KB more of program. A piece that has no room is left out, and [`Json::finish`] tells.

use serde::Serializer as _;
use serde_json_core::ser::Serializer;

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
        let Some(room) = self.room.get_mut(self.length..).and_then(|free| free.get_mut(..bytes.len())) else {
            self.fits = false;
            return;
        };
        self.length += room.len();
        self.fits &= Serializer::new(room).serialize_bytes(bytes).is_ok();
    }

    /// Appends the comma before an element of a list, unless it is the first one.
    pub fn comma(&mut self) {
        if !self.is_first() {
            self.raw(b",");
        }
    }

    /// Appends the key of an entry of an object. It needs no escape.
    #[inline(never)]
    pub fn key(&mut self, key: &str) {
        self.between(if self.is_first() { "\"" } else { ",\"" }, key, "\":");
    }

    /// Appends a string that needs no escape.
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

    /// Whether what comes next is the first of its object or list.
    fn is_first(&self) -> bool {
        matches!(self.room.get(self.length.wrapping_sub(1)), Some(b'{' | b'['))
    }
}

/// Makes a struct an object of its fields, in this order.
macro_rules! object {
    ($name:ident: $first:ident, $($field:ident),+) => {
        impl $name<'_> {
            /// The keys, in their order.
            pub const KEYS: &'static [&'static str] = &[stringify!($first), $(stringify!($field)),+];
        }

        impl crate::json::ToJson for $name<'_> {
            fn write(&self, json: &mut crate::json::Json<'_>) {
                // All fields: this does not compile where one is left out.
                let Self { $first, $($field),+ } = self;
                json.raw(concat!("{\"", stringify!($first), "\":").as_bytes());
                $first.write(json);
                $(
                    json.raw(concat!(",\"", stringify!($field), "\":").as_bytes());
                    $field.write(json);
                )+
                json.raw(b"}");
            }
        }
    };
}
pub(crate) use object;
