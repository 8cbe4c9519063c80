//! Checked views: slices of the kernel's text with a proof of what they hold.
//!
//! `1405` → `Count`, which JSON takes as it is. Only the parsers make views, after they have read every byte
//! of them; so a view is written out without a way to fail, and without a conversion. Where a cursor
//! tells of something wrong, the views that it gave hold nothing.

use crate::digits;
use crate::json::{Json, ToJson};
use crate::sys;

/// The digits of `u64::MAX`: what a kernel counter can hold.
pub(super) const LARGEST: &[u8] = b"18446744073709551615";

/// A number from 0 to `u64::MAX`, in the kernel's digits. The default is none yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count<'a>(pub(super) &'a [u8]);

impl Count<'_> {
    /// The count of what the kernel does not tell.
    pub const ZERO: Count<'static> = Count(b"0");

    /// The number, for arithmetic.
    pub fn value(&self) -> u64 {
        digits::parse(self.0).unwrap_or(0)
    }
}

impl ToJson for Count<'_> {
    fn write(&self, json: &mut Json<'_>) {
        json.raw(self.0);
    }

    fn write_behind(&self, key: &str, json: &mut Json<'_>) {
        json.pair(key, self.0);
    }
}

/// The counts on the rest of a line: `1 331273 1217`. Written as a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts<'a>(pub(super) &'a [u8]);

impl<'a> Counts<'a> {
    /// The counts, from left to right.
    pub fn iter(&self) -> impl Iterator<Item = Count<'a>> + use<'a> {
        self.0.split(|byte| is_gap(*byte)).filter(|digits| !digits.is_empty()).map(Count)
    }
}

/// Whether a byte of checked counts is no digit: blanks are all that they have between them.
const fn is_gap(byte: u8) -> bool {
    byte <= b' '
}

/// How many of the next four counts are 0, up to the first other one. Each has to have a space behind it, and all eight
/// bytes have to be there: what this does not find, a look at each count does.
#[inline]
pub(super) fn zeros(text: &[u8]) -> usize {
    let Some(next) = text.first_chunk() else { return 0 };
    let differs = u64::from_le_bytes(*next) ^ u64::from_le_bytes(*b"0 0 0 0 ");
    differs.trailing_zeros() as usize / 16
}

/// Four of them, as they stand in a list of JSON behind others.
const ZERO_LIST: &[u8] = b",0,0,0,0";

impl ToJson for Counts<'_> {
    fn write(&self, json: &mut Json<'_>) {
        json.raw(b"[");
        let (mut comma, mut rest) = (0, self.0);
        while !rest.is_empty() {
            // Most interrupts never happen, so up to four zeros are written as one.
            let zeros = zeros(rest);
            if zeros > 0 {
                json.raw(ZERO_LIST.get(1 - comma..2 * zeros).unwrap_or_default());
                (comma, rest) = (1, rest.get(2 * zeros..).unwrap_or_default());
                continue;
            }
            let end = rest.iter().position(|byte| is_gap(*byte)).unwrap_or(rest.len());
            let (digits, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            if !digits.is_empty() {
                json.raw(b",".get(1 - comma..).unwrap_or_default());
                json.raw(digits);
                comma = 1;
            }
            rest = behind.get(1..).unwrap_or_default();
        }
        json.raw(b"]");
    }
}

/// A number with a sign or a fraction, where it has one: `6244.31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a>(pub(super) &'a [u8]);

impl<'a> Number<'a> {
    /// Views `digits`, which are what JSON takes for a number.
    pub(crate) const fn trusted(digits: &'a [u8]) -> Self {
        Self(digits)
    }

    /// The digits.
    pub const fn digits(&self) -> &'a [u8] {
        self.0
    }

    /// The same number without the zeros at its end, but for one behind the point: `0.10` → `0.1`, `2.00` → `2.0`.
    pub fn trimmed(self) -> Self {
        let mut digits = self.0;
        while let Some(shorter) = digits.strip_suffix(b"0")
            && !shorter.ends_with(b".")
        {
            digits = shorter;
        }
        Self(digits)
    }
}

impl ToJson for Number<'_> {
    fn write(&self, json: &mut Json<'_>) {
        json.raw(self.0);
    }

    fn write_behind(&self, key: &str, json: &mut Json<'_>) {
        json.pair(key, self.0);
    }
}

/// What JSON takes between quotes as it is.
pub(crate) const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\')
}

/// Visible ASCII without `"` and `\`: what JSON takes between quotes as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text<'a>(pub(super) &'a str);

impl<'a> Text<'a> {
    /// Views `text`, which is such text.
    pub(crate) const fn trusted(text: &'a str) -> Self {
        Self(text)
    }

    /// What `bytes` begin with, as far as they are such text.
    // Not inlined: more than one place has a text that is checked already.
    #[inline(never)]
    pub fn start_of(bytes: &'a [u8]) -> Self {
        Self(sys::ascii_while(bytes, is_plain).0)
    }

    /// The same without this at its end.
    pub fn without(self, end: &str) -> Self {
        Self(self.0.strip_suffix(end).unwrap_or(self.0))
    }

    /// Whether it has no byte.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl ToJson for Text<'_> {
    fn write(&self, json: &mut Json<'_>) {
        json.text(self.0);
    }
}
