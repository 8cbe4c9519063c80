//! The system calls of a run: every call of libc is in this file.
//!
//! Each function does one thing, starts over where a signal interrupted it (EINTR), and gives the reason of a failure
//! as [`Errno`]. No function here allocates; nor does what they call, but for localtime_r(3) on some systems.

#![expect(unsafe_code, reason = "libc's functions are unsafe to call; this is where they are called")]

use core::ffi::{CStr, c_char, c_int};
use core::{fmt, mem, ptr};

use crate::config::PATH_BYTES;

// The libc crate asks for no library on musl, so this does.
#[link(name = "c")]
unsafe extern "C" {}

const _: () = assert!(
    size_of::<libc::time_t>() == 8,
    "time_t ends in 2038: build with RUSTFLAGS=--cfg=libc_unstable_time64 (.cargo/config.toml has it, \
     and a RUSTFLAGS of yours replaces what that file says)"
);

/// Why a system call failed: errno(3). Displayed in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub c_int);

impl Errno {
    /// ENOENT: no such file or directory.
    pub const NO_ENTRY: Self = Self(libc::ENOENT);
    /// EEXIST: there is one already.
    pub const EXISTS: Self = Self(libc::EEXIST);

    /// The reason of the last call that failed.
    fn last() -> Self {
        // SAFETY: it has no conditions.
        let number = unsafe { libc::__errno_location() };
        // SAFETY: the pointer is valid for as long as the thread lives.
        Self(unsafe { *number })
    }

    /// The result of a call that gives -1 where it failed.
    fn check(result: c_int) -> Result<c_int, Self> {
        if result == -1 { Err(Self::last()) } else { Ok(result) }
    }

    /// The length that a call gives, or -1 where it failed.
    fn check_length(length: isize) -> Result<usize, Self> {
        usize::try_from(length).map_err(|_| Self::last())
    }
}

/// Calls until no signal interrupts.
fn uninterrupted<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno(libc::EINTR)) => {}
            result => return result,
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: strerror(3) takes any number.
        let words = unsafe { libc::strerror(self.0) };
        // SAFETY: it gives a string, which stays as it is until the next call; there is one thread.
        let words = unsafe { CStr::from_ptr(words) }.to_str().unwrap_or("unknown error");
        // In the middle of a sentence: "Permission denied" in small letters, but not "I/O error".
        let mut letters = words.chars();
        match (letters.next(), letters.clone().next()) {
            (Some(first), Some(second)) if second.is_ascii_lowercase() => {
                write!(f, "{}{}", first.to_ascii_lowercase(), letters.as_str())
            }
            _ => f.write_str(words),
        }
    }
}

impl core::error::Error for Errno {}

/// An open file, closed when dropped.
#[derive(Debug, PartialEq, Eq)]
pub struct Fd(c_int);

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Appending, by us alone: made with mode 0644 where missing, refused where the name is a symbolic
    /// link, and without waiting for the other end of a FIFO.
    Append,
}

impl Fd {
    /// Standard output.
    pub const STDOUT: mem::ManuallyDrop<Self> = mem::ManuallyDrop::new(Self(1));
    /// Standard error.
    pub const STDERR: mem::ManuallyDrop<Self> = mem::ManuallyDrop::new(Self(2));

    /// open(2). Close-on-exec.
    ///
    /// # Errors
    /// Those of open(2).
    pub fn open(path: &CStr, access: Access) -> Result<Self, Errno> {
        let flags = libc::O_CLOEXEC
            | match access {
                Access::Read => libc::O_RDONLY,
                Access::Append => libc::O_WRONLY | libc::O_APPEND | libc::O_CREAT | libc::O_NOFOLLOW | libc::O_NONBLOCK,
            };
        let mode: libc::mode_t = 0o644;
        // musl's open(3) adds an fcntl(2) for O_CLOEXEC, its openat(3) does not.
        // SAFETY: `path` is a C string.
        let open = || Errno::check(unsafe { libc::openat(libc::AT_FDCWD, path.as_ptr(), flags, mode) });
        uninterrupted(open).map(Self)
    }

    /// read(2): into the beginning of `room`; the number of bytes, 0 at the end of the file.
    ///
    /// # Errors
    /// Those of read(2).
    pub fn read(&self, room: &mut [u8]) -> Result<usize, Errno> {
        // SAFETY: `room` is valid for writes of `room.len()` bytes, and the kernel writes no more.
        uninterrupted(|| Errno::check_length(unsafe { libc::read(self.0, room.as_mut_ptr().cast(), room.len()) }))
    }

    /// write(2): the number of bytes written, which can be fewer than there are.
    ///
    /// # Errors
    /// Those of write(2).
    pub fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        // SAFETY: `bytes` is valid for reads of `bytes.len()` bytes, and the kernel reads no more.
        uninterrupted(|| Errno::check_length(unsafe { libc::write(self.0, bytes.as_ptr().cast(), bytes.len()) }))
    }

    /// write(2) until all is written: for pipes and terminals.
    ///
    /// # Errors
    /// Those of write(2).
    pub fn write_all(&self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            let written = self.write(bytes)?;
            bytes = bytes.get(written..).unwrap_or_default();
        }
        Ok(())
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours, and nothing uses it from here on.
        let _ = unsafe { libc::close(self.0) };
    }
}

/// mkdir(2) with mode 0755.
///
/// # Errors
/// Those of mkdir(2).
pub fn make_directory(path: &CStr) -> Result<(), Errno> {
    // SAFETY: `path` is a C string.
    Errno::check(unsafe { libc::mkdir(path.as_ptr(), 0o755) }).map(drop)
}

/// Whether there is a file of this name, be it a symbolic link that leads nowhere: lstat(2).
#[must_use]
pub fn exists(path: &CStr) -> bool {
    // SAFETY: a stat of zeros is valid.
    let mut status: libc::stat = unsafe { mem::zeroed() };
    // SAFETY: `path` is a C string, and `status` is valid for the write of a stat.
    Errno::check(unsafe { libc::lstat(path.as_ptr(), &raw mut status) }).is_ok()
}

/// Ends the program at once: abort(3).
pub fn abort() -> ! {
    // SAFETY: it has no conditions.
    unsafe { libc::abort() }
}

/// A path of at most `PATH_BYTES` bytes, its NUL included.
pub type Path = heapless::CString<PATH_BYTES>;

/// The parts, put together.
///
/// # Errors
/// ENAMETOOLONG if they are longer than a [`Path`]; EINVAL if one of them has a NUL.
pub fn path(parts: &[&[u8]]) -> Result<Path, Errno> {
    let mut path = Path::new();
    for part in parts {
        path.extend_from_bytes(part).map_err(|error| match error {
            heapless::c_string::ExtendError::Capacity(_) => Errno(libc::ENAMETOOLONG),
            heapless::c_string::ExtendError::InteriorNul { .. } => Errno(libc::EINVAL),
        })?;
    }
    Ok(path)
}

/// The clock, `CLOCK_REALTIME`: seconds since 1970-01-01 00:00 UTC, and nanoseconds.
///
/// # Errors
/// Those of clock_gettime(2).
pub fn real_time() -> Result<(i64, u32), Errno> {
    // SAFETY: a timespec of zeros is valid.
    let mut now: libc::timespec = unsafe { mem::zeroed() };
    // SAFETY: `now` is valid for the write of a timespec.
    Errno::check(unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) })?;
    Ok((now.tv_sec, now.tv_nsec.try_into().unwrap_or(0)))
}

/// Date and time of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The year of the Gregorian calendar.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60.
    pub second: u8,
}

/// localtime_r(3): the date and time at `seconds`, where the environment's `TZ` or /etc/localtime says we are.
///
/// # Errors
/// EOVERFLOW if the year does not fit an `int`.
pub fn local_time(seconds: i64) -> Result<LocalTime, Errno> {
    // SAFETY: a tm of zeros is valid: numbers, and a null pointer to a name.
    let mut tm: libc::tm = unsafe { mem::zeroed() };
    // SAFETY: both are valid for the call, and no other thread changes the environment.
    let result = unsafe { libc::localtime_r(&raw const seconds, &raw mut tm) };
    if result.is_null() {
        return Err(Errno::last());
    }
    let field = |number: c_int| u8::try_from(number).unwrap_or(0);
    Ok(LocalTime {
        year: tm.tm_year.saturating_add(1900),
        month: field(tm.tm_mon).saturating_add(1),
        day: field(tm.tm_mday),
        hour: field(tm.tm_hour),
        minute: field(tm.tm_min),
        second: field(tm.tm_sec),
    })
}

/// getenv(3): the value of `name` in the environment.
#[must_use]
pub fn environment(name: &CStr) -> Option<&'static CStr> {
    // SAFETY: `name` is a C string, and no other thread changes the environment.
    let value = unsafe { libc::getenv(name.as_ptr()) };
    // SAFETY: a value that is there is a C string, and this program never changes its environment.
    (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) })
}

/// The words of the command line, the program's name first.
#[derive(Debug)]
pub struct Arguments(*const *const c_char);

impl Arguments {
    /// The `argv` of `main`.
    ///
    /// # Safety
    /// `argv` points to C strings that stay for as long as the program runs, and a null behind them.
    #[must_use]
    pub const unsafe fn new(argv: *const *const c_char) -> Self {
        Self(argv)
    }
}

impl Iterator for Arguments {
    type Item = &'static CStr;

    fn next(&mut self) -> Option<&'static CStr> {
        // SAFETY: `self.0` stands on a pointer of `argv` or on the null behind them, and never goes past that.
        let argument = unsafe { ptr::read(self.0) };
        if argument.is_null() {
            return None;
        }
        // SAFETY: the null is not reached yet, so there is a next one.
        self.0 = unsafe { self.0.add(1) };
        // SAFETY: `argv` holds C strings, and they stay.
        Some(unsafe { CStr::from_ptr(argument) })
    }
}
