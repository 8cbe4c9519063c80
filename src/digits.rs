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

/// The quotient and what is left. A division by 0 gives any numbers.
///
/// Where the machine divides 32 bits alone, the compiler's function for 64 takes a kilobyte of the program. Few numbers
/// are that large, and those are divided bit by bit.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "what is left is less than the divisor")]
pub fn divide(number: u64, by: u32) -> (u64, u32) {
    if cfg!(not(target_pointer_width = "64")) {
        return divide_in_words(number, by);
    }
    let divisor = u64::from(by);
    (number.checked_div(divisor).unwrap_or(0), number.checked_rem(divisor).unwrap_or(0) as u32)
}

/// The same without a division of 64 bits.
#[inline(never)] // four places divide
#[expect(clippy::cast_possible_truncation, reason = "what is left is less than the divisor")]
pub fn divide_in_words(number: u64, by: u32) -> (u64, u32) {
    if let Ok(number) = u32::try_from(number) {
        return (number.checked_div(by).unwrap_or(0).into(), number.checked_rem(by).unwrap_or(0));
    }
    let (mut quotient, mut rest) = (number, 0_u64);
    for _ in 0..u64::BITS {
        rest = rest << 1 | quotient >> 63;
        quotient <<= 1;
        if rest >= by.into() {
            rest -= u64::from(by);
            quotient |= 1;
        }
    }
    (quotient, rest as u32)
}

/// The digits of a number.
#[inline(never)] // many places write one
pub fn of(number: u64) -> Digits {
    let mut digits = Digits::new();
    push(&mut digits, 0, number, 1);
    digits
}

/// Appends `before`, which is ASCII, and 0 for nothing, and `number` in at least `width` digits.
#[expect(clippy::cast_possible_truncation, reason = "a digit")]
pub fn push(digits: &mut Digits, before: u8, number: u64, width: u8) {
    if before > 0 {
        let _ = digits.push(char::from(before & 0x7f));
    }
    let (tens, ones) = divide(number, 10);
    if width > 1 || tens > 0 {
        push(digits, 0, tens, width.saturating_sub(1));
    }
    let _ = digits.push(char::from(b'0' | ones as u8));
}
