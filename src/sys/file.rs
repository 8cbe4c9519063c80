//! The system calls on files.
//!
//! An offset has 64 bits. A 32-bit machine takes it as two words: preadv(2) the lower one first, everywhere.

use core::ffi::{c_int, c_long, c_uint};
use core::num::NonZero;
use core::{ptr, slice};

use super::{Errno, Path, Status, call, call_with_5, sleep_milliseconds};

/// An open file, which has one owner: what is closed cannot be used again. The end of the program closes it too, so a
/// run of one record makes no call for that. A run that goes on calls [`Fd::close`].
// Never standard input, so that no file at all is a 0.
#[derive(Debug, PartialEq, Eq)]
pub struct Fd(NonZero<c_uint>);

/// How a log is opened.
const APPEND: c_int = libc::O_RDWR | libc::O_APPEND | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;

/// Bytes of a disk that are written or lost together.
pub const SECTOR: usize = 512;

#[cfg(target_pointer_width = "64")]
const TRUNCATE: c_long = libc::SYS_ftruncate;
#[cfg(target_pointer_width = "32")]
const TRUNCATE: c_long = libc::SYS_ftruncate64;

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
    pub const STDOUT: Self = Self(NonZero::<c_uint>::MIN);
    /// Standard error.
    pub const STDERR: Self = Self(Self::STDOUT.0.saturating_add(1));

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
        let path = path.as_ptr()?;
        loop {
            // SAFETY: `path` is a C string.
            let file = unsafe { call(libc::SYS_openat, libc::AT_FDCWD, path, flags, 0o644) }?;
            // A closed standard descriptor is given out first. It stays taken, by what is opened first to be read.
            if file > 2 {
                return Self::new(file);
            }
        }
    }

    /// The file that a call gives.
    #[expect(clippy::cast_possible_truncation, reason = "a descriptor is an int")]
    pub(super) fn new(file: usize) -> Result<Self, Errno> {
        NonZero::new(file as c_uint).map(Self).ok_or(Errno(libc::EBADF))
    }

    /// Its number.
    pub(super) const fn number(&self) -> c_int {
        self.0.get().cast_signed()
    }

    /// read(2): into the beginning of `room`; the number of bytes, 0 at the end of the file.
    pub fn read(&self, room: &mut [u8]) -> Result<usize, Errno> {
        // SAFETY: `room` is valid for writes of `room.len()` bytes, and the kernel writes no more.
        unsafe { call(libc::SYS_read, self.number(), room.as_mut_ptr(), room.len(), 0) }
    }

    /// read(2) until the end of the file, or until `room` is full; the number of bytes.
    pub fn read_all(&self, room: &mut [u8]) -> Result<usize, Errno> {
        self.fill(None, room)
    }

    /// preadv(2) from `offset` on, until the end of the file, or until `room` is full; the number of bytes.
    pub fn read_at(&self, offset: u64, room: &mut [u8]) -> Result<usize, Errno> {
        self.fill(Some(offset), room)
    }

    #[inline(never)] // both ways to read
    fn fill(&self, offset: Option<u64>, room: &mut [u8]) -> Result<usize, Errno> {
        fill(room, |length, rest| {
            let Some(offset) = offset else { return self.read(rest) };
            let part = libc::iovec { iov_base: rest.as_mut_ptr().cast(), iov_len: rest.len() };
            // SAFETY: `rest` is valid for writes of its length.
            unsafe { self.read_parts(offset + length as u64, slice::from_ref(&part)) }
        })
    }

    /// preadv(2) from `offset` on; the number of bytes.
    ///
    /// # Safety
    /// The parts are valid for writes, and nothing else looks there meanwhile.
    #[expect(clippy::cast_possible_truncation, reason = "an offset in words")]
    unsafe fn read_parts(&self, offset: u64, parts: &[libc::iovec]) -> Result<usize, Errno> {
        let (low, high) = (offset as usize, (offset >> 32) as usize);
        // SAFETY: the caller says so, and the kernel writes no more.
        unsafe { call_with_5(libc::SYS_preadv, self.number(), parts.as_ptr(), parts.len(), low, high) }
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
        // SAFETY: each part is valid for writes of its length, and nothing else looks there meanwhile.
        unsafe { self.read_parts(start, parts.as_flattened()) }?;
        Ok((start, ends))
    }

    /// write(2): the number of bytes written, which can be fewer than there are.
    pub fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        // SAFETY: `bytes` is valid for reads of `bytes.len()` bytes, and the kernel reads no more.
        unsafe { call(libc::SYS_write, self.number(), bytes.as_ptr(), bytes.len(), 0) }
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
        Status::of_file(self.number())
    }

    /// fdatasync(2): puts what was written on the disk.
    pub fn sync(&self) -> Result<(), Errno> {
        // SAFETY: no preconditions.
        unsafe { call(libc::SYS_fdatasync, self.number(), 0, 0, 0) }.map(drop)
    }

    /// close(2). Gives back the lock.
    // Not inlined: many places close a file.
    #[inline(never)]
    pub fn close(self) {
        // SAFETY: the descriptor has no other owner, so nothing uses it from here on.
        let _ = unsafe { call(libc::SYS_close, self.number(), 0, 0, 0) };
    }

    /// ftruncate(2): takes away what stands behind the first `size` bytes.
    #[expect(clippy::cast_possible_truncation, reason = "a size in words")]
    pub fn truncate(&self, size: u64) -> Result<(), Errno> {
        let (low, high) = (size as usize, (size >> 32) as usize);
        // 32-bit ARM, MIPS and PowerPC take the two words as they lie in memory, from an even register on.
        let [a, b, c] = if cfg!(target_pointer_width = "64") {
            [low, 0, 0]
        } else if cfg!(target_arch = "x86") {
            [low, high, 0]
        } else if cfg!(target_endian = "big") {
            [0, high, low]
        } else {
            [0, low, high]
        };
        // SAFETY: no preconditions.
        unsafe { call(TRUNCATE, self.number(), a, b, c) }.map(drop)
    }

    /// flock(2), exclusive, without waiting. The end of the program gives it back.
    ///
    /// # Errors
    /// [`Errno::AGAIN`] if another has it, and those of flock(2).
    pub fn try_lock(&self) -> Result<(), Errno> {
        // SAFETY: no preconditions.
        unsafe { call(libc::SYS_flock, self.number(), libc::LOCK_EX | libc::LOCK_NB, 0, 0) }.map(drop)
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
