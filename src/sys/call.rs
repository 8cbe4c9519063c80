//! The way to the kernel: a system call by its number.
//!
//! The static program takes the function that musl has behind its read(2) and the like. It gives the kernel's answer as
//! it is, errors as numbers below 0. The functions before it, errno(3), and syscall(2), which takes a list of arguments
//! apart, are 800 bytes of the program for x86-64, and 2,200 of that for MIPS. Elsewhere it is syscall(2).

#![expect(clippy::many_single_char_names, reason = "the arguments of a call have no names that fit all calls")]

use core::ffi::{c_int, c_long};

use super::Errno;

#[cfg(all(target_env = "musl", target_feature = "crt-static"))]
unsafe extern "C" {
    #[link_name = "__syscall_cp"]
    fn answer(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long) -> c_long;
}

#[cfg(not(all(target_env = "musl", target_feature = "crt-static")))]
unsafe fn answer(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long) -> c_long {
    // SAFETY: the caller says so.
    let answer = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if answer == -1 { -c_long::from(Errno::last().0) } else { answer }
}

/// What a system call takes: a number, or where something is.
pub(super) trait Argument {
    /// It in a register.
    fn word(self) -> c_long;
}

impl Argument for c_int {
    fn word(self) -> c_long {
        self.into()
    }
}

impl Argument for usize {
    fn word(self) -> c_long {
        self.cast_signed() as c_long
    }
}

impl<T> Argument for *const T {
    fn word(self) -> c_long {
        self.expose_provenance().word()
    }
}

impl<T> Argument for *mut T {
    fn word(self) -> c_long {
        self.expose_provenance().word()
    }
}

/// Makes a system call, again where a signal interrupts it: what it gives. One that takes fewer arguments does not look
/// at the others.
///
/// # Safety
/// The kernel can read and write what it is told the place of, as the manual page of the call says.
pub(super) unsafe fn call(
    number: c_long,
    a: impl Argument,
    b: impl Argument,
    c: impl Argument,
    d: impl Argument,
) -> Result<usize, Errno> {
    // SAFETY: the caller says so.
    result(unsafe { call_4(number, a.word(), b.word(), c.word(), d.word()) })
}

/// The same with five arguments.
///
/// # Safety
/// The same.
pub(super) unsafe fn call_with_5(
    number: c_long,
    a: impl Argument,
    b: impl Argument,
    c: impl Argument,
    d: impl Argument,
    e: impl Argument,
) -> Result<usize, Errno> {
    // SAFETY: the caller says so.
    result(unsafe { call_5(number, a.word(), b.word(), c.word(), d.word(), e.word()) })
}

/// No call here gives more than half of the address space.
#[expect(clippy::cast_possible_truncation, reason = "the number of an error is an int")]
fn result(answer: c_long) -> Result<usize, Errno> {
    usize::try_from(answer).map_err(|_| Errno(answer.wrapping_neg() as c_int))
}

#[inline(never)] // most calls are made here
unsafe fn call_4(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long) -> c_long {
    // SAFETY: the caller says so.
    unsafe { call_5(number, a, b, c, d, 0) }
}

#[inline(never)]
unsafe fn call_5(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long) -> c_long {
    loop {
        // SAFETY: the caller says so.
        let answer = unsafe { answer(number, a, b, c, d, e, 0) };
        if answer != -c_long::from(libc::EINTR) {
            return answer;
        }
    }
}
