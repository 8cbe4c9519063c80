//! Decimal digits ↔ numbers.
//!
//! `0042` → 42 → `42`, or in at least four digits `0042`

/// Room for numbers: the largest of dates with its time fits.
pub type Digits = heapless::String<40>;

/// The number that `digits` are; nothing where one is no digit, where there is none, and beyond 64 bits.
pub fn parse(digits: &[u8]) -> Option<u64> {
    let number = digits.iter().try_fold(0, |number: u64, byte| {
        let digit = byte.is_ascii_digit().then_some(byte & 0x0f)?;
        number.checked_mul(10)?.checked_add(digit.into())
    });
    number.filter(|_| !digits.is_empty())
}

/// Appends `before`, and `number` in at least `width` digits.
pub fn push(digits: &mut Digits, before: &str, number: u64, width: u8) {
    let _ = digits.push_str(before);
    if width > 1 || number > 9 {
        push(digits, "", number / 10, width.saturating_sub(1));
    }
    let digit = char::from(b'0' | (number % 10) as u8);
    let _ = digits.push(digit);
}
