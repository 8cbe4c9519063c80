//! What fstat(2) and fstatat(2) tell of a file.

use core::ffi::{c_char, c_int, c_long};
use core::mem::MaybeUninit;

#[cfg(not(any(target_arch = "mips", target_arch = "mips64")))]
use libc::stat as Stat;

use super::{Errno, Path, call};

/// The kernel's stat for MIPS, of 32 and of 64 bits.
#[cfg(any(target_arch = "mips", target_arch = "mips64"))]
#[repr(C)]
struct Stat {
    st_dev: u32,
    padding_1: [u32; 3],
    st_ino: u64,
    st_mode: u32,
    st_nlink: u32,
    owner_and_device: [u32; 3],
    padding_2: [u32; 3],
    st_size: i64,
    times_and_block_size: [u32; 8],
    st_blocks: i64,
}

/// The numbers of fstatat(2) and fstat(2), where the kernel's stat is known here: mostly it is libc's or the beginning
/// of that. libc's function has another way for what the kernel has not: 650 bytes of the program for x86-64, 1,400 of
/// that for MIPS.
const NUMBERS: Option<[c_long; 2]> = if cfg!(target_arch = "x86_64") {
    Some([262, 5])
} else if cfg!(any(target_arch = "aarch64", target_arch = "riscv64")) {
    Some([79, 80])
} else if cfg!(not(target_env = "musl")) {
    None
} else if cfg!(target_arch = "x86") {
    Some([300, 197])
} else if cfg!(target_arch = "arm") {
    Some([327, 197])
} else if cfg!(target_arch = "powerpc") {
    Some([291, 197])
} else if cfg!(target_arch = "mips") {
    Some([4293, 4215])
} else if cfg!(target_arch = "mips64") {
    Some([5252, 5005])
} else {
    None
};

/// What is told of a file. The default is that of an empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether it is a regular file: no folder, FIFO, socket or device.
    pub is_regular: bool,
    /// Its length in bytes.
    pub size: u64,
    /// Bytes of disk that it has.
    pub allocated: u64,
    /// Whether it has no name any more: it was removed while it was open.
    pub is_removed: bool,
    /// Which file of which file system it is.
    pub identity: (u64, u64),
}

impl Status {
    /// fstat(2), which is fstatat(2) with an empty path.
    // Not inlined: many places look at an open file.
    #[inline(never)]
    pub(super) fn of_file(file: c_int) -> Result<Self, Errno> {
        Self::of(file, c"".as_ptr(), libc::AT_EMPTY_PATH)
    }

    /// fstatat(2) of a path, without following a symbolic link at its end.
    pub(super) fn of_path(path: Path<'_>) -> Result<Self, Errno> {
        Self::of(libc::AT_FDCWD, path.as_ptr()?, libc::AT_SYMLINK_NOFOLLOW)
    }

    #[allow(clippy::useless_conversion, reason = "a number of another type on some machines")]
    #[expect(clippy::cast_sign_loss, reason = "no file has less than nothing")]
    fn of(folder: c_int, path: *const c_char, flags: c_int) -> Result<Self, Errno> {
        let mut status = MaybeUninit::<Stat>::uninit();
        let room = status.as_mut_ptr();
        let result = match NUMBERS {
            // Linux before 2.6.39 knows no AT_EMPTY_PATH.
            // SAFETY: `room` is valid for the write of a stat.
            Some([_, number]) if flags == libc::AT_EMPTY_PATH => unsafe { call(number, folder, room, 0, 0) }.map(drop),
            // SAFETY: the same, and `path` is a C string.
            Some([number, _]) => unsafe { call(number, folder, path, room, flags) }.map(drop),
            // SAFETY: the same.
            None if unsafe { libc::fstatat(folder, path, room.cast(), flags) } == 0 => Ok(()),
            None => Err(Errno::last()),
        };
        result?;
        // SAFETY: the call wrote it.
        let status = unsafe { status.assume_init() };
        Ok(Self {
            is_regular: status.st_mode & libc::S_IFMT == libc::S_IFREG,
            size: status.st_size as u64,
            allocated: (status.st_blocks as u64).wrapping_mul(512),
            is_removed: status.st_nlink == 0,
            identity: (status.st_dev.into(), status.st_ino),
        })
    }
}
