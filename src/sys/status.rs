//! What fstat(2) and fstatat(2) tell of a file.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
use core::ffi::c_long;
use core::ffi::{c_char, c_int};
use core::mem::MaybeUninit;

use super::{Errno, Path};

/// Where libc's stat is the kernel's, the call is made bare: libc's function has another way for what the kernel has
/// not, which is a sixtieth of the program.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
unsafe fn fstatat(folder: c_int, path: *const c_char, status: *mut libc::stat, flags: c_int) -> c_long {
    // Linux before 2.6.39 knows no AT_EMPTY_PATH.
    if flags == libc::AT_EMPTY_PATH {
        // SAFETY: the conditions are those of this function.
        return unsafe { libc::syscall(libc::SYS_fstat, folder, status) };
    }
    // SAFETY: the conditions are those of this function.
    unsafe { libc::syscall(libc::SYS_newfstatat, folder, path, status, flags) }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
use libc::fstatat;

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
    pub identity: (libc::dev_t, libc::ino_t),
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

    #[expect(clippy::cast_sign_loss, reason = "no file has less than nothing")]
    fn of(folder: c_int, path: *const c_char, flags: c_int) -> Result<Self, Errno> {
        let mut status = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: `path` is a C string, and `status` is valid for the write of a stat.
        Errno::check(unsafe { fstatat(folder, path, status.as_mut_ptr(), flags) })?;
        // SAFETY: the call wrote it.
        let status = unsafe { status.assume_init() };
        Ok(Self {
            is_regular: status.st_mode & libc::S_IFMT == libc::S_IFREG,
            size: status.st_size as u64,
            allocated: (status.st_blocks as u64).wrapping_mul(512),
            is_removed: status.st_nlink == 0,
            identity: (status.st_dev, status.st_ino),
        })
    }
}
