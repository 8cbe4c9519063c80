//! Why a system call failed, in words: errno(3).
//!
//! Only what the calls of this program can answer with has words here. strerror(3) has all, in three times the room.

use core::ffi::c_int;
use core::fmt;

use crate::config::Decimal;

/// Why a system call failed: a number of errno(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub c_int);

const WORDS: &[(c_int, &str)] = &[
    (libc::EPERM, "operation not permitted"),
    (libc::ENOENT, "no such file or directory"),
    (libc::EIO, "input/output error"),
    (libc::ENXIO, "no such device or address"),
    (libc::EBADF, "bad file descriptor"),
    (libc::EAGAIN, "resource temporarily unavailable"),
    (libc::ENOMEM, "cannot allocate memory"),
    (libc::EACCES, "permission denied"),
    (libc::EEXIST, "file exists"),
    (libc::ENOTDIR, "not a directory"),
    (libc::EISDIR, "is a directory"),
    (libc::EINVAL, "invalid argument"),
    (libc::ENFILE, "too many open files in system"),
    (libc::EMFILE, "too many open files"),
    (libc::EFBIG, "file too large"),
    (libc::ENOSPC, "no space left on device"),
    (libc::EROFS, "read-only file system"),
    (libc::EPIPE, "broken pipe"),
    (libc::ENAMETOOLONG, "file name too long"),
    (libc::ENOSYS, "function not implemented"),
    (libc::ELOOP, "too many levels of symbolic links"),
    (libc::EOVERFLOW, "value too large"),
    (libc::EDQUOT, "disk quota exceeded"),
    (libc::ESTALE, "stale file handle"),
];

impl Errno {
    /// ENOENT: no such file or directory.
    pub const NO_ENTRY: Self = Self(libc::ENOENT);
    /// ENOTDIR: a file where a folder should be.
    pub const NOT_A_FOLDER: Self = Self(libc::ENOTDIR);
    /// EEXIST: there is one already.
    pub const EXISTS: Self = Self(libc::EEXIST);
    /// EIO: the device failed.
    pub const INPUT_OUTPUT: Self = Self(libc::EIO);
    /// EWOULDBLOCK: another has the lock.
    pub const HELD: Self = Self(libc::EWOULDBLOCK);
    /// ELOOP: a symbolic link where none may be.
    pub const SYMBOLIC_LINK: Self = Self(libc::ELOOP);
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match WORDS.iter().find(|(number, _)| *number == self.0) {
            Some((_, words)) => f.write_str(words),
            None => write!(f, "error {} of errno(3)", Decimal(self.0.unsigned_abs() as usize)),
        }
    }
}

impl core::error::Error for Errno {}
