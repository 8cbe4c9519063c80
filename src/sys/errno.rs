//! Why a system call failed, in words: errno(3).
//!
//! Only what the calls of this program can answer with has words here. strerror(3) has all, in three times the room.

use core::ffi::c_int;

use crate::message::{Explain, Message, error};

/// Why a system call failed: a number of errno(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub c_int);

/// The numbers that have words.
#[rustfmt::skip]
const NUMBERS: [u16; 23] = short([
    libc::EPERM, libc::ENOENT, libc::EIO, libc::ENXIO, libc::EBADF, libc::EAGAIN, libc::ENOMEM,
    libc::EACCES, libc::ENOTDIR, libc::EISDIR, libc::EINVAL, libc::ENFILE, libc::EMFILE,
    libc::EFBIG, libc::ENOSPC, libc::EROFS, libc::EPIPE, libc::ENAMETOOLONG, libc::ENOSYS,
    libc::ELOOP, libc::EOVERFLOW, libc::EDQUOT, libc::ESTALE,
]);

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the largest is 1133")]
const fn short<const N: usize>(numbers: [c_int; N]) -> [u16; N] {
    let mut short = [0; N];
    let (mut from, mut to) = (numbers.as_slice(), short.as_mut_slice());
    while let ([number, other_numbers @ ..], [place, other_places @ ..]) = (from, to) {
        *place = *number as u16;
        (from, to) = (other_numbers, other_places);
    }
    short
}

/// Their words, a line each. A table of numbers and words would have twice the bytes.
const WORDS: &[u8] = b"\
operation not permitted
no such file or directory
input/output error
no such device or address
bad file descriptor
resource temporarily unavailable
cannot allocate memory
permission denied
not a directory
is a directory
invalid argument
too many open files in system
too many open files
file too large
no space left on device
read-only file system
broken pipe
file name too long
function not implemented
too many levels of symbolic links
value too large for defined data type
disk quota exceeded
stale file handle";

impl Errno {
    /// ENOENT: no such file or directory.
    pub const NOENT: Self = Self(libc::ENOENT);
    /// ENOTDIR: a file where a folder should be.
    pub const NOTDIR: Self = Self(libc::ENOTDIR);
    /// EEXIST: there is one already.
    pub const EXIST: Self = Self(libc::EEXIST);
    /// EIO: the device failed.
    pub const IO: Self = Self(libc::EIO);
    /// EAGAIN: another has the lock, or a pipe is full.
    pub const AGAIN: Self = Self(libc::EAGAIN);
    /// ENOMEM: the stack is too small.
    pub const NOMEM: Self = Self(libc::ENOMEM);
    /// ENOSPC: the disk is full.
    pub const NOSPC: Self = Self(libc::ENOSPC);
    /// EDQUOT: the user's quota is full.
    pub const DQUOT: Self = Self(libc::EDQUOT);
    /// ENXIO: a socket, or a device without its driver.
    pub const NXIO: Self = Self(libc::ENXIO);
    /// ELOOP: a symbolic link where none may be.
    pub const LOOP: Self = Self(libc::ELOOP);
    /// EPIPE: nobody reads any more.
    pub const PIPE: Self = Self(libc::EPIPE);
    /// ECANCELED: the clock was set while a timer was.
    pub const CANCELED: Self = Self(libc::ECANCELED);
}

impl Explain for Errno {
    fn explain(&self, message: &mut Message) {
        match NUMBERS.iter().position(|number| c_int::from(*number) == self.0) {
            Some(place) => message.line(WORDS, place),
            None => message.add("error ").number(self.0.unsigned_abs() as usize).add(" of errno(3)"),
        };
    }
}

error!(Errno);
