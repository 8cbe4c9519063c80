//! What procline-show asks of the kernel beyond the calls of a record: lseek(2), ioctl(2), fcntl(2), uname(2).

use core::mem::MaybeUninit;

use super::{Errno, Fd, call};

impl Fd {
    /// Standard input, as a descriptor of its own: fcntl(2), F_DUPFD_CLOEXEC.
    pub fn stdin() -> Result<Self, Errno> {
        // SAFETY: no preconditions.
        Self::new(unsafe { call(libc::SYS_fcntl, libc::STDIN_FILENO, libc::F_DUPFD_CLOEXEC, 3, 0) }?)
    }

    /// lseek(2): goes to a place in a file.
    #[expect(clippy::cast_possible_truncation, reason = "an offset in words")]
    pub fn seek(&self, offset: u64) -> Result<(), Errno> {
        let low = offset as usize;
        // SAFETY: no preconditions.
        #[cfg(target_pointer_width = "64")]
        return unsafe { call(libc::SYS_lseek, self.number(), low, libc::SEEK_SET, 0) }.map(drop);
        #[cfg(target_pointer_width = "32")]
        {
            let (high, mut place) = ((offset >> 32) as usize, 0_u64);
            // SAFETY: `place` is valid for the write of a place.
            unsafe { super::call_with_5(libc::SYS__llseek, self.number(), high, low, &raw mut place, libc::SEEK_SET) }
                .map(drop)
        }
    }

    /// ioctl(2), TIOCGWINSZ: the columns of a terminal, 0 where it does not know them; nothing if this is no terminal.
    pub fn terminal_columns(&self) -> Option<u16> {
        let mut size = MaybeUninit::<libc::winsize>::uninit();
        #[allow(clippy::unnecessary_cast, clippy::cast_possible_truncation, reason = "an int or a long")]
        let request = libc::TIOCGWINSZ as usize;
        // SAFETY: `size` is valid for the write of a winsize.
        unsafe { call(libc::SYS_ioctl, self.number(), request, size.as_mut_ptr(), 0) }.ok()?;
        // SAFETY: the call wrote it.
        Some(unsafe { size.assume_init_ref() }.ws_col)
    }
}

/// uname(2): what the kernel tells of itself and of the machine's name, each with a NUL at its end.
#[derive(Debug)]
pub struct Uname([u8; Self::FIELDS * Self::BYTES]);

impl Uname {
    /// sysname, nodename, release, version, machine, domainname.
    pub const FIELDS: usize = 6;
    /// Bytes of each.
    const BYTES: usize = 65;

    /// uname(2).
    pub fn now() -> Self {
        let mut names = Self([0; Self::FIELDS * Self::BYTES]);
        // SAFETY: the kernel's new_utsname is six arrays of 65 bytes, and the call writes no more.
        let _ = unsafe { call(libc::SYS_uname, names.0.as_mut_ptr(), 0, 0, 0) };
        names
    }

    /// The field of this number.
    pub fn field(&self, number: usize) -> &[u8] {
        let field = self.0.chunks_exact(Self::BYTES).nth(number).unwrap_or_default();
        field.split(|byte| *byte == 0).next().unwrap_or_default()
    }
}

/// Bytes of a page.
#[allow(clippy::useless_conversion, reason = "32 bits wide where the machine is")]
pub fn page_size() -> u64 {
    // SAFETY: no preconditions.
    u64::from(unsafe { libc::getauxval(libc::AT_PAGESZ) })
}
