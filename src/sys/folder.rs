//! The system calls on a folder and on names.

use core::ffi::c_long;
use core::mem::MaybeUninit;

use super::{Access, Errno, Fd, Path, Status, call};

/// An open folder.
#[derive(Debug)]
pub struct Folder(Fd);

/// Room for some of a folder's entries, the longest of which has 280 bytes. The kernel lays them out at multiples of 8
/// bytes. A run on a small stack lists a folder, too.
#[repr(align(8))]
struct Entries([u8; 512]);

/// What an entry, a `linux_dirent64` of getdents(2), has before its name: its length at the end, and its type.
const HEAD: usize = 19;

impl Folder {
    /// openat(2).
    pub fn open(path: Path<'_>) -> Result<Self, Errno> {
        Fd::open(path, Access::Folder).map(Self)
    }

    /// lseek(2): its names, from the first one on.
    #[inline(never)] // more than one place lists a folder
    pub fn names(&self) -> Names<'_> {
        // The beginning of an open folder is always there.
        // SAFETY: no preconditions.
        let _ = unsafe { call(libc::SYS_lseek, self.0.number(), 0, libc::SEEK_SET, 0) };
        Names { folder: self, entries: Entries([0; 512]), place: 0, end: 0 }
    }

    /// fstat(2).
    pub fn status(&self) -> Result<Status, Errno> {
        self.0.status()
    }

    /// fsync(2): puts the names on the disk.
    pub fn sync(&self) -> Result<(), Errno> {
        // SAFETY: no preconditions.
        unsafe { call(libc::SYS_fsync, self.0.number(), 0, 0, 0) }.map(drop)
    }

    /// The open file that the folder is, to lock it.
    pub const fn file(&self) -> &Fd {
        &self.0
    }

    /// close(2). Gives back the lock.
    pub fn close(self) {
        self.0.close();
    }
}

/// The names in a folder. One that is made or removed meanwhile may be among them or not.
pub struct Names<'f> {
    folder: &'f Folder,
    entries: Entries,
    /// Where the next entry begins, and where the last one ends.
    place: usize,
    end: usize,
}

impl Names<'_> {
    /// getdents64(2), where what it gave before is used up: the next name.
    pub fn take(&mut self) -> Result<Option<&[u8]>, Errno> {
        if self.place == self.end {
            let (fd, room, size) = (self.folder.0.number(), self.entries.0.as_mut_ptr(), self.entries.0.len());
            // SAFETY: `room` is valid for writes of `size` bytes, and the kernel writes no more.
            (self.place, self.end) = (0, unsafe { call(libc::SYS_getdents64, fd, room, size, 0) }?);
        }
        let rest = self.entries.0.get(self.place..self.end).unwrap_or_default();
        let Some(([.., low, high, _], name)) = rest.split_first_chunk::<HEAD>() else { return Ok(None) };
        self.place += usize::from(u16::from_ne_bytes([*low, *high]));
        Ok(name.split(|byte| *byte == 0).next())
    }
}

/// mkdirat(2) with mode 0755.
pub fn make_folder(path: Path<'_>) -> Result<(), Errno> {
    let path = path.as_ptr()?;
    // SAFETY: `path` is a C string.
    unsafe { call(libc::SYS_mkdirat, libc::AT_FDCWD, path, 0o755, 0) }.map(drop)
}

/// lstat(2); nothing if there is no such path.
pub fn status_of(path: Path<'_>) -> Result<Option<Status>, Errno> {
    if_there(Status::of_path(path))
}

/// unlinkat(2). That there is no such path is no error.
pub fn remove(path: Path<'_>) -> Result<(), Errno> {
    let path = path.as_ptr()?;
    // SAFETY: `path` is a C string.
    if_there(unsafe { call(libc::SYS_unlinkat, libc::AT_FDCWD, path, 0, 0) }).map(drop)
}

/// Its last argument, flags, is none: the one behind those of [`call`].
#[cfg(any(target_arch = "riscv64", target_arch = "loongarch64"))]
const RENAME: c_long = libc::SYS_renameat2;
#[cfg(not(any(target_arch = "riscv64", target_arch = "loongarch64")))]
const RENAME: c_long = libc::SYS_renameat;

/// renameat(2), or renameat2(2) where the kernel has that alone. That there is no such path is no error.
pub fn rename(from: Path<'_>, to: Path<'_>) -> Result<(), Errno> {
    let (from, to) = (from.as_ptr()?, to.as_ptr()?);
    // SAFETY: both are C strings.
    if_there(unsafe { call(RENAME, libc::AT_FDCWD, from, libc::AT_FDCWD, to) }).map(drop)
}

/// readlinkat(2): what a symbolic link points to, its beginning if `room` is too small; nothing if it is none.
pub fn read_link<'r>(path: Path<'_>, room: &'r mut [u8]) -> &'r [u8] {
    let (Ok(path), start, size) = (path.as_ptr(), room.as_mut_ptr(), room.len()) else { return &[] };
    // SAFETY: `path` is a C string, `room` is valid for writes of `size` bytes, and the kernel writes no more.
    let length = unsafe { call(libc::SYS_readlinkat, libc::AT_FDCWD, path, start, size) };
    room.get(..length.unwrap_or(0)).unwrap_or_default()
}

#[cfg(target_env = "musl")]
use libc::statfs as Space;
#[cfg(not(target_env = "musl"))]
use libc::statfs64 as Space;

/// statfs(2) of the file system in which a path is: its bytes, those that are free, those that are free for all users,
/// its inodes, and those that are free.
#[allow(
    clippy::cast_sign_loss,
    clippy::unnecessary_cast,
    reason = "of another type on each architecture, and never negative"
)]
#[inline(never)] // its frame is not that of who writes the numbers
pub fn space(path: Path<'_>, numbers: &mut [u64; 5]) -> Result<(), Errno> {
    let path = path.as_ptr()?;
    let mut space = MaybeUninit::<Space>::uninit();
    #[cfg(target_pointer_width = "64")]
    // SAFETY: `path` is a C string, and `space` is valid for the write of a statfs.
    unsafe { call(libc::SYS_statfs, path, space.as_mut_ptr(), 0, 0) }?;
    #[cfg(target_pointer_width = "32")]
    // SAFETY: the same, of one with numbers of 64 bits.
    unsafe { call(libc::SYS_statfs64, path, size_of::<Space>(), space.as_mut_ptr(), 0) }?;
    // SAFETY: the call wrote it.
    let space = unsafe { space.assume_init_ref() };
    let unit = if space.f_frsize == 0 { space.f_bsize as u64 } else { space.f_frsize as u64 };
    *numbers = [
        space.f_blocks.wrapping_mul(unit),
        space.f_bfree.wrapping_mul(unit),
        space.f_bavail.wrapping_mul(unit),
        space.f_files,
        space.f_ffree,
    ];
    Ok(())
}

/// faccessat(2): whether this process may read and write a file, or make files in a folder.
///
/// # Errors
/// Those of access(2): EACCES, EROFS, ENOENT.
pub fn may(path: Path<'_>, access: Access) -> Result<(), Errno> {
    let path = path.as_ptr()?;
    let mode = libc::W_OK | if access == Access::Folder { libc::X_OK } else { libc::R_OK };
    // SAFETY: `path` is a C string.
    unsafe { call(libc::SYS_faccessat, libc::AT_FDCWD, path, mode, 0) }.map(drop)
}

fn if_there<T>(result: Result<T, Errno>) -> Result<Option<T>, Errno> {
    match result {
        Ok(there) => Ok(Some(there)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}
