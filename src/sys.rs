//! The system calls of a run: every call of libc is here and in the files of `sys/`.
//!
//! Each function does one thing, starts over where a signal can interrupt it (EINTR), and gives the reason of a failure
//! as [`Errno`]. No function here allocates; nor does what they call. What else cannot be done without `unsafe` is here
//! too: paths, the environment, the stack, and text that was found to be ASCII.

#![expect(unsafe_code, reason = "libc's functions are unsafe to call; this is where they are called")]
#![expect(clippy::missing_errors_doc, reason = "each fails as the manual page of the call that it names says")]

mod alarm;
mod ascii;
mod call;
mod errno;
mod file;
mod folder;
mod stack;
#[cfg(all(
    target_env = "musl",
    target_feature = "crt-static",
    not(target_arch = "x86"),
    not(feature = "beside-tests")
))]
mod start;
mod status;
mod terminal;
mod time;

use core::ffi::{c_char, c_int, c_long, c_ulong};
use core::{ptr, slice};

pub use alarm::{Alarm, Event};
pub use ascii::ascii_while;
use call::{call, call_with_5};
pub use errno::Errno;
pub use file::{Access, Fd, SECTOR, fill};
pub use folder::{Folder, Names, make_folder, may, read_link, remove, rename, space, status_of};
pub use stack::{give_back, stack_holds, with_array};
pub use status::Status;
pub use terminal::{Uname, page_size};
pub use time::{real_time, since_boot};

use crate::config::PATH_BYTES;
use crate::message::Message;

// The libc crate asks for no library on musl, so this does.
#[link(name = "c")]
unsafe extern "C" {
    static mut environ: *const *const c_char;
}

#[allow(deprecated, reason = "libc says so of time_t on musl, where it is to become what is asked for here")]
const _: () = assert!(
    size_of::<libc::time_t>() == 8,
    "time_t ends in 2038: build with CARGO_CFG_LIBC_UNSTABLE_TIME64=1 in the environment, as .cargo/config.toml has it"
);

impl Errno {
    /// The reason why the last function of libc failed.
    fn last() -> Self {
        // SAFETY: no preconditions.
        let number = unsafe { libc::__errno_location() };
        // SAFETY: the pointer is valid for as long as the thread lives.
        Self(unsafe { *number })
    }
}

/// Makes a write that would end the program an error instead: EPIPE for SIGPIPE, EFBIG for SIGXFSZ.
pub fn block_write_signals() {
    block([libc::SIGPIPE, libc::SIGXFSZ]);
}

/// A set of signals, as the kernel has it.
type Signals = [c_ulong; SIGNALS / c_ulong::BITS as usize];

/// How many signals the kernel knows.
const SIGNALS: usize =
    if cfg!(any(target_arch = "mips", target_arch = "mips64", target_arch = "mips32r6", target_arch = "mips64r6")) {
        128
    } else {
        64
    };

/// sigprocmask(2): keeps signals back, each of the first 32. Gives the set of them. The bare call takes a set as it is,
/// where libc has four functions.
fn block(numbers: [c_int; 2]) -> Signals {
    let mut signals = Signals::default();
    signals[0] = numbers.iter().fold(0, |set, number| set | 1 << (number - 1));
    let (before, size) = (ptr::null::<Signals>(), size_of::<Signals>());
    // SAFETY: `signals` is valid, and nothing is to be told of what was blocked before.
    let _ = unsafe { call(libc::SYS_rt_sigprocmask, libc::SIG_BLOCK, &raw const signals, before, size) };
    signals
}

/// ppoll(2) of no file: waits. Where a signal interrupts it, it goes on for what is left of the time.
pub fn sleep_milliseconds(milliseconds: u16) {
    let mut time = [0, c_long::from(milliseconds) * 1_000_000];
    // SAFETY: `time` is a timespec of the kernel's, in which it puts what is left; there is no file and no set.
    let _ = unsafe { call(libc::SYS_ppoll, 0, 0, &raw mut time, 0) };
}

/// Writes a message to standard error, with one write(2).
pub fn say(message: &Message) {
    // There is nowhere to tell that this cannot be written, and records are not to wait for it.
    let _ = Fd::STDERR.write(message.as_bytes());
}

/// Ends the program at once: _exit(2).
pub fn exit(status: c_int) -> ! {
    loop {
        // SAFETY: no preconditions.
        let _ = unsafe { call(libc::SYS_exit_group, status, 0, 0, 0) };
    }
}

/// A path, as C has it: with a NUL at its end; or nothing at all, where it had no room. That is told as ENAMETOOLONG
/// when the path is used, as the kernel tells of its own limit.
#[derive(Clone, Copy, Debug)]
pub struct Path<'r>(&'r [u8]);

/// Room for the longest path.
pub type PathRoom = heapless::Vec<u8, PATH_BYTES>;

impl<'r> Path<'r> {
    /// Room for one.
    pub const fn room() -> PathRoom {
        PathRoom::new()
    }

    /// Spells the path that the parts, none of which has a NUL, are together.
    #[inline(never)] // many places spell a path
    pub fn new(room: &'r mut PathRoom, parts: &[&[u8]]) -> Self {
        room.clear();
        let fits = parts.iter().chain([&&b"\0"[..]]).all(|part| room.extend_from_slice(part).is_ok());
        Self(if fits { room } else { b"" })
    }

    /// The path in `room`, where it puts a NUL behind it.
    #[inline(never)] // more than one place
    pub fn ended(room: &'r mut PathRoom) -> Self {
        Self(if room.push(0).is_ok() { room } else { b"" })
    }

    /// The path without its NUL. It is empty where it had no room.
    pub fn as_bytes(&self) -> &'r [u8] {
        self.0.split_last().map_or(&[], |(_, path)| path)
    }

    /// A C string that lives as long as the room does.
    fn as_ptr(self) -> Result<*const c_char, Errno> {
        if self.0.is_empty() { Err(Errno(libc::ENAMETOOLONG)) } else { Ok(self.0.as_ptr().cast()) }
    }
}

/// The value of `name` in the environment: environ(7).
// Not inlined: more than one place looks there. getenv(3) does the same, in a hundredth of the program.
#[inline(never)]
pub fn environment(name: &[u8]) -> Option<&'static [u8]> {
    // SAFETY: it is set before `main`, never to null, and nothing changes it.
    let mut variables = unsafe { environ };
    'next: loop {
        // SAFETY: it stands on a variable, or on the null behind them.
        let mut variable = unsafe { *variables }.cast::<u8>();
        if variable.is_null() {
            return None;
        }
        // SAFETY: the null is not reached yet, so there is a next one.
        variables = unsafe { variables.add(1) };
        for expected in name {
            // SAFETY: no byte before this one was the NUL at the end, for all were as expected.
            let byte = unsafe { *variable };
            if byte != *expected {
                continue 'next;
            }
            // SAFETY: this one is not the NUL either.
            variable = unsafe { variable.add(1) };
        }
        // SAFETY: the same.
        if unsafe { *variable } == b'=' {
            // SAFETY: this one is not the NUL either.
            variable = unsafe { variable.add(1) };
            // SAFETY: what is left of a C string is one, and it stays.
            return Some(unsafe { text(variable) });
        }
    }
}

/// A C string that stays. strlen(3), which looks at more than one byte at once, is 100 bytes of the program, and what
/// the compiler makes of a loop whose reads are not volatile.
#[inline(never)] // more than one place has one
unsafe fn text(start: *const u8) -> &'static [u8] {
    let mut end = start;
    // SAFETY: no byte before this one was the NUL.
    while unsafe { end.read_volatile() } != 0 {
        // SAFETY: this one is not the NUL either.
        end = unsafe { end.add(1) };
    }
    // SAFETY: these are the bytes before the NUL.
    unsafe { slice::from_raw_parts(start, end.addr().wrapping_sub(start.addr())) }
}

/// The words of the command line, the program's name first.
#[derive(Debug)]
pub struct Arguments(*const *const c_char);

impl Arguments {
    /// The `argv` of `main`.
    ///
    /// # Safety
    /// `argv` points to C strings that stay for as long as the program runs, and a null behind them.
    pub const unsafe fn new(argv: *const *const c_char) -> Self {
        Self(argv)
    }
}

impl Iterator for Arguments {
    type Item = &'static [u8];

    // Not inlined: more than one place takes an argument.
    #[inline(never)]
    fn next(&mut self) -> Option<&'static [u8]> {
        // SAFETY: `self.0` stands on a pointer of `argv` or on the null behind them, and never goes past that.
        let argument = unsafe { ptr::read(self.0) };
        if argument.is_null() {
            return None;
        }
        // SAFETY: the null is not reached yet, so there is a next one.
        self.0 = unsafe { self.0.add(1) };
        // SAFETY: `argv` holds C strings, and they stay.
        Some(unsafe { text(argument.cast()) })
    }
}
