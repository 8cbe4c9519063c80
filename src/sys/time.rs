//! The system calls that take or give times.
//!
//! 32-bit machines have two of each: one for times of 64 bits, since Linux 5.1, and an older one for times of 32 bits.
//! libc's functions try both, too, and look for a vDSO first: 1.9 KB of the program for MIPS.

use core::ffi::{c_int, c_long, c_void};

use super::{Errno, Fd, call};
use crate::digits::divide;

/// The numbers of a call: for times of 64 bits, and for times of a word.
struct Numbers(c_long, c_long);

/// What they begin with on 32-bit MIPS.
const FIRST: c_long = if cfg!(any(target_arch = "mips", target_arch = "mips32r6")) { 4000 } else { 0 };

impl Numbers {
    const GET: Self = Self::new(403, libc::SYS_clock_gettime);
    const SET: Self = Self::new(411, libc::SYS_timerfd_settime);

    const fn new(number: c_long, word_number: c_long) -> Self {
        Self(if cfg!(target_pointer_width = "32") { FIRST + number } else { word_number }, word_number)
    }

    /// Makes the call that takes or gives these times, seconds and nanoseconds, by its number and their place.
    fn call<const N: usize>(
        &self,
        times: &mut [i64; N],
        call: impl Fn(c_long, *mut c_void) -> Result<usize, Errno>,
    ) -> Result<(), Errno> {
        let result = call(self.0, times.as_mut_ptr().cast());
        if self.0 == self.1 || result != Err(Errno(libc::ENOSYS)) {
            return result.map(drop);
        }
        let mut words = times.map(|time| time as c_long);
        call(self.1, words.as_mut_ptr().cast())?;
        *times = words.map(i64::from);
        Ok(())
    }
}

/// clock_gettime(2).
fn clock(id: libc::clockid_t) -> Result<(i64, u32), Errno> {
    let mut now = [0; 2];
    // SAFETY: there is room for a timespec.
    Numbers::GET.call(&mut now, |number, now| unsafe { call(number, id, now, 0, 0) })?;
    let [seconds, nanoseconds] = now;
    Ok((seconds, nanoseconds.try_into().unwrap_or(0)))
}

/// The clock, `CLOCK_REALTIME` of clock_gettime(2): seconds since 1970-01-01 00:00 UTC, and nanoseconds.
pub fn real_time() -> Result<(i64, u32), Errno> {
    clock(libc::CLOCK_REALTIME)
}

/// The time since the boot, time in suspend included, `CLOCK_BOOTTIME`: in microseconds. EINVAL before Linux 2.6.39.
pub fn since_boot() -> Result<i64, Errno> {
    let (seconds, nanoseconds) = clock(libc::CLOCK_BOOTTIME)?;
    Ok(seconds.wrapping_mul(1_000_000).wrapping_add(i64::from(nanoseconds / 1000)))
}

/// timerfd_settime(2).
pub(super) fn set_timer(timer: &Fd, flags: c_int, microseconds: i64, interval: i64) -> Result<(), Errno> {
    // The interval, then the time until the timer rings first.
    let (seconds, rest) = divide(microseconds.unsigned_abs(), 1_000_000);
    let mut times = [interval, 0, seconds.cast_signed(), i64::from(rest * 1000)];
    // SAFETY: these are two timespecs, and nothing is to be told of those before.
    Numbers::SET.call(&mut times, |number, times| unsafe { call(number, timer.number(), flags, times, 0) })
}
