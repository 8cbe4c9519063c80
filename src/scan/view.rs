//! Checked views: slices of the kernel's text with a proof of what they hold.
//!
//! `1405` → `Count`, which JSON takes as it is. Only the parsers make views, after they have read every byte
//! of them; so a view is written out without a way to fail, and without a conversion.

use serde::{Serialize, Serializer};
use serde_json_core::str::EscapedStr;

/// The digits of `u64::MAX`: what a kernel counter can hold.
pub(super) const LARGEST: &[u8] = b"18446744073709551615";

/// A number from 0 to `u64::MAX`, in the kernel's digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<'a> {
    pub(super) digits: &'a [u8],
    pub(super) hundredfold: bool,
}

impl Count<'_> {
    /// The count of what the kernel does not tell.
    pub const ZERO: Count<'static> = Count { digits: b"0", hundredfold: false };

    /// The kernel's number, for arithmetic.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.digits.iter().fold(0, |value: u64, digit| value.wrapping_mul(10).wrapping_add((digit - b'0').into()))
    }

    /// The same count, to be written multiplied by 100.
    #[must_use]
    pub const fn times_100(self) -> Self {
        Self { hundredfold: true, ..self }
    }
}

impl Serialize for Count<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.hundredfold || self.digits == b"0" {
            return serializer.serialize_bytes(self.digits);
        }
        // Two zeros behind the digits are exact beyond 2^64, where a product would not be.
        let mut product = heapless::Vec::<u8, { LARGEST.len() + 2 }>::new();
        let _ = product.extend_from_slice(self.digits);
        let _ = product.extend_from_slice(b"00");
        serializer.serialize_bytes(&product)
    }
}

/// The counts on the rest of a line: `1 331273 1217`. Written as a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts<'a> {
    pub(super) text: &'a [u8],
    pub(super) hundredfold: bool,
}

impl<'a> Counts<'a> {
    /// The counts, from left to right.
    pub fn iter(&self) -> impl Iterator<Item = Count<'a>> + use<'a> {
        let Self { text, hundredfold } = *self;
        text.split(|byte| matches!(byte, b' ' | b'\t'))
            .filter(|digits| !digits.is_empty())
            .map(move |digits| Count { digits, hundredfold })
    }

    /// The same counts, each to be written multiplied by 100.
    #[must_use]
    pub const fn times_100(self) -> Self {
        Self { hundredfold: true, ..self }
    }
}

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A number with a fraction, in the kernel's digits: `6244.31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal<'a>(pub(super) &'a [u8]);

impl<'a> Decimal<'a> {
    /// The kernel's digits.
    #[must_use]
    pub fn digits(&self) -> &'a str {
        str::from_utf8(self.0).unwrap_or_default()
    }

    /// The same number without the zeros at its end, but for one behind the point: `0.10` → `0.1`, `2.00` → `2.0`.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let mut digits = self.0;
        while let [shorter @ .., b'0'] = digits
            && !shorter.ends_with(b".")
        {
            digits = shorter;
        }
        Self(digits)
    }
}

impl Serialize for Decimal<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// Visible ASCII without `"` and `\`: what JSON takes between quotes as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    /// Checks `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let plain = bytes.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
        if plain { str::from_utf8(bytes).ok().map(Self) } else { None }
    }

    /// The text.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EscapedStr(self.0).serialize(serializer)
    }
}
