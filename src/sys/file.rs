//! The system calls on files.
//!
//! Those whose arguments have one register each are made bare. musl's functions for most of them are points where a
//! thread may be cancelled, which is 50 bytes each. pread(2) and ftruncate(2) have an offset of 64 bits: how 32-bit
//! machines take that apart, libc knows.

use core::ffi::{c_int, c_long};
use core::ptr;

use super::{Errno, Path, Status, sleep_milliseconds, uninterrupted};

/// An open file, which has one owner: what is closed cannot be used again. The end of the program closes it too, so a
/// run of one record makes no call for that. A run that goes on calls [`Fd::close`].
#[derive(Debug, PartialEq, Eq)]
pub struct Fd(pub(super) c_int);

/// How a log is opened.
const APPEND: c_int = libc::O_RDWR | libc::O_APPEND | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;

/// Bytes of a disk that are written or lost together.
pub const SECTOR: usize = 512;

/// Milliseconds after which a full pipe is tried again.
const FULL_PAUSE: u16 = 10;

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading: waits for no other end of a FIFO, and a terminal does not become the controlling one.
    ReadNow,
    /// Appending, and looking at what is there: made with mode 0644 where missing, refused where the name is a symbolic
    /// link, and without waiting for the other end of a FIFO.
    Append,
    /// The same, but nothing is made.
    AppendIfThere,
    /// Listing: refused where it is no folder.
    Folder,
}

impl Fd {
    /// Standard output.
    pub const STDOUT: Self = Self(1);
    /// Standard error.
    pub const STDERR: Self = Self(2);

    /// openat(2). Close-on-exec, and never a standard descriptor, even where these
    /// are closed.
    pub fn open(path: Path<'_>, access: Access) -> Result<Self, Errno> {
        let flags = libc::O_CLOEXEC
            | libc::O_LARGEFILE
            | match access {
                Access::ReadNow => libc::O_NONBLOCK | libc::O_NOCTTY,
                Access::Folder => libc::O_DIRECTORY,
                Access::Append => APPEND | libc::O_CREAT,
                Access::AppendIfThere => APPEND,
            };
        let mode: libc::mode_t = 0o644;
        let path = path.as_ptr()?;
        // musl's open(3) adds an fcntl(2) for O_CLOEXEC. The bare call takes no list of arguments apart.
        // SAFETY: `path` is a C string.
        let open = || Self::check(unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) });
        loop {
            let file = uninterrupted(open)?;
            // A closed standard descriptor is given out first. It stays taken, by what is opened first to be read.
            if file.0 > Self::STDERR.0 {
                return Ok(file);
            }
        }
    }

    /// The file that a bare call gives, or -1 where it failed.
    #[expect(clippy::cast_possible_truncation, reason = "a descriptor is an int")]
    pub(super) fn check(result: c_long) -> Result<Self, Errno> {
        Errno::check(result as c_int).map(Self)
    }

    /// read(2): into the beginning of `room`; the number of bytes, 0 at the end of the file.
    pub fn read(&self, room: &mut [u8]) -> Result<usize, Errno> {
        // SAFETY: `room` is valid for writes of `room.len()` bytes, and the kernel writes no more.
        let mut read = || unsafe { libc::syscall(libc::SYS_read, self.0, room.as_mut_ptr(), room.len()) };
        uninterrupted(|| Errno::check_length(read()))
    }

    /// read(2) until the end of the file, or until `room` is full; the number of bytes.
    pub fn read_all(&self, room: &mut [u8]) -> Result<usize, Errno> {
        fill(room, |_, rest| self.read(rest))
    }

    /// pread(2) from `offset` on, until the end of the file, or until `room` is full; the number of bytes.
    pub fn read_at(&self, offset: u64, room: &mut [u8]) -> Result<usize, Errno> {
        fill(room, |length, rest| {
            let place = file_offset(offset + length as u64)?;
            let (start, free) = (rest.as_mut_ptr().cast(), rest.len());
            // SAFETY: `rest` is valid for writes of `free` bytes from `start` on, and the kernel writes no more.
            uninterrupted(|| Errno::check_length(unsafe { libc::pread(self.0, start, free, place) }))
        })
    }

    /// preadv(2) of what ends at `end`, back to where a sector begins, nine sectors at most: where that is, and the
    /// last byte that is read of each sector, that before `end` last. A byte that is not there is a blank.
    ///
    /// The other bytes are read into one place, each sector over the one before: room for all would be a page of stack.
    pub fn sector_ends(&self, end: u64) -> Result<(u64, [u8; 9]), Errno> {
        let mut others = [0_u8; SECTOR];
        let mut ends = [b' '; 9];
        let one_place = others.as_mut_ptr().cast();
        let mut parts = [[libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 }; 2]; 9];
        let mut start = end;
        for ([before, last], byte) in parts.iter_mut().zip(&mut ends).rev() {
            let Some(place) = start.checked_sub(1) else { break };
            start = place - place % SECTOR as u64;
            *before = libc::iovec { iov_base: one_place, iov_len: usize::try_from(place - start).unwrap_or(0) };
            *last = libc::iovec { iov_base: (&raw mut *byte).cast(), iov_len: 1 };
        }
        let (first, offset) = (parts.as_ptr().cast(), file_offset(start)?);
        // SAFETY: each part is valid for writes of its length, and nothing else looks there meanwhile.
        uninterrupted(|| Errno::check_length(unsafe { libc::preadv(self.0, first, 2 * 9, offset) }))?;
        Ok((start, ends))
    }

    /// write(2): the number of bytes written, which can be fewer than there are.
    pub fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        // SAFETY: `bytes` is valid for reads of `bytes.len()` bytes, and the kernel reads no more.
        let write = || unsafe { libc::syscall(libc::SYS_write, self.0, bytes.as_ptr(), bytes.len()) };
        uninterrupted(|| Errno::check_length(write()))
    }

    /// write(2) until all is written. Waits where another made the file one that does not wait (`O_NONBLOCK` of a
    /// pipe).
    ///
    /// # Errors
    /// Those of write(2), and EIO where it writes nothing.
    pub fn write_all(&self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            match self.write(bytes) {
                Ok(0) => return Err(Errno::IO),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(Errno::AGAIN) => sleep_milliseconds(FULL_PAUSE),
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// fstat(2).
    pub fn status(&self) -> Result<Status, Errno> {
        Status::of_file(self.0)
    }

    /// fdatasync(2): puts what was written on the disk.
    pub fn sync(&self) -> Result<(), Errno> {
        // SAFETY: no preconditions.
        uninterrupted(|| Errno::check(unsafe { libc::syscall(libc::SYS_fdatasync, self.0) })).map(drop)
    }

    /// close(2). Gives back the lock.
    // Not inlined: many places close a file.
    #[inline(never)]
    pub fn close(self) {
        // SAFETY: the descriptor has no other owner, so nothing uses it from here on.
        let _ = unsafe { libc::syscall(libc::SYS_close, self.0) };
    }

    /// ftruncate(2): takes away what stands behind the first `size` bytes.
    pub fn truncate(&self, size: u64) -> Result<(), Errno> {
        let size = file_offset(size)?;
        // SAFETY: no preconditions.
        uninterrupted(|| Errno::check(unsafe { libc::ftruncate(self.0, size) })).map(drop)
    }

    /// flock(2), exclusive, without waiting. The end of the program gives it back.
    ///
    /// # Errors
    /// [`Errno::AGAIN`] if another has it, and those of flock(2).
    pub fn try_lock(&self) -> Result<(), Errno> {
        // SAFETY: no preconditions.
        let lock = || unsafe { libc::syscall(libc::SYS_flock, self.0, libc::LOCK_EX | libc::LOCK_NB) };
        uninterrupted(|| Errno::check(lock())).map(drop)
    }
}

/// Reads with `read`, which is told what was read before, until it gives no more or `room` is full; the number of
/// bytes.
pub fn fill(room: &mut [u8], read: impl Fn(usize, &mut [u8]) -> Result<usize, Errno>) -> Result<usize, Errno> {
    let mut length = 0_usize;
    while let Some(rest) = room.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match read(length, rest)? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

fn file_offset(offset: u64) -> Result<libc::off_t, Errno> {
    libc::off_t::try_from(offset).map_err(|_| Errno(libc::EOVERFLOW))
}
