//! What fstat(2) and lstat(2) tell of a file.

use core::ffi::c_int;
use core::mem;

use super::{Errno, Path};

/// Where libc's stat is the kernel's, its calls are made bare: libc's functions have another way for what the kernel has not,
/// which is a sixtieth of the program.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
mod call {
    use core::ffi::{c_char, c_int, c_long};

    pub(super) unsafe fn fstat(file: c_int, status: *mut libc::stat) -> c_long {
        // SAFETY: the conditions are those of this function.
        unsafe { libc::syscall(libc::SYS_fstat, file, status) }
    }

    pub(super) unsafe fn lstat(path: *const c_char, status: *mut libc::stat) -> c_long {
        // SAFETY: the conditions are those of this function.
        unsafe { libc::syscall(libc::SYS_newfstatat, libc::AT_FDCWD, path, status, libc::AT_SYMLINK_NOFOLLOW) }
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
mod call {
    pub(super) use libc::{fstat, lstat};
}

/// What is told of a file. The default is that of an empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether it is a regular file: no folder, FIFO, socket or device.
    pub is_regular: bool,
    /// Its length in bytes.
    pub size: u64,
    /// Bytes of disk that it has.
    pub allocated: u64,
    /// Which file of which file system it is.
    pub identity: (libc::dev_t, libc::ino_t),
}

impl Status {
    /// fstat(2).
    pub(super) fn of_file(file: c_int) -> Result<Self, Errno> {
        // SAFETY: a stat of zeros is valid.
        let mut status: libc::stat = unsafe { mem::zeroed() };
        // SAFETY: `status` is valid for the write of a stat.
        Errno::check(unsafe { call::fstat(file, &raw mut status) })?;
        Ok(Self::new(&status))
    }

    /// lstat(2).
    pub(super) fn of_path(path: Path<'_>) -> Result<Self, Errno> {
        let path = path.as_ptr()?;
        // SAFETY: a stat of zeros is valid.
        let mut status: libc::stat = unsafe { mem::zeroed() };
        // SAFETY: `path` is a C string, and `status` is valid for the write of a stat.
        Errno::check(unsafe { call::lstat(path, &raw mut status) })?;
        Ok(Self::new(&status))
    }

    fn new(status: &libc::stat) -> Self {
        Self {
            is_regular: status.st_mode & libc::S_IFMT == libc::S_IFREG,
            size: u64::try_from(status.st_size).unwrap_or(0),
            allocated: u64::try_from(status.st_blocks).unwrap_or(0).saturating_mul(512),
            identity: (status.st_dev, status.st_ino),
        }
    }
}
