//! A file of /proc or /sys, read whole. In a run that goes on it stays open.

use crate::config::Options;
use crate::sys::{Access, Errno, Fd, Path};

/// Reads the file to its end, or until `room` is full; the number of bytes. `parts` are its path. Where it may stay
/// open, `kept` is its place.
///
/// # Errors
/// Those of open(2) and read(2), and ENXIO of what is no file.
#[inline(never)]
pub fn read(options: &Options<'_>, kept: &mut Option<Fd>, parts: &[&[u8]], room: &mut [u8]) -> Result<usize, Errno> {
    if let Some(fd) = kept.take() {
        // A procfs that is gone may give nothing, and no error.
        if let Ok(length @ 1..) = fd.read_at(0, room) {
            *kept = Some(fd);
            return Ok(length);
        }
        fd.close();
    }
    let fd = Fd::open(Path::new(&mut Path::room(), parts), Access::ReadNow)?;
    let mut length = fd.read_all(room);
    let has_text = matches!(length, Ok(1..));
    // A plain run that finds text pays no system call for this.
    if !has_text || options.interval.is_some() {
        let status = fd.status().unwrap_or_default();
        if !has_text && !status.is_regular {
            // What open(2) says of a socket; a FIFO gives nothing, or EAGAIN.
            length = Err(Errno::NXIO);
        }
        // What has a size is a copy, in the place of which there may be another one later.
        if has_text && status.is_regular && status.size == 0 {
            *kept = Some(fd);
        } else {
            fd.close();
        }
    }
    length
}

/// Reads the file to its end, or until `room` is full, and closes it; the number of bytes.
///
/// # Errors
/// Those of open(2) and read(2).
pub fn read_once(path: Path<'_>, room: &mut [u8]) -> Result<usize, Errno> {
    let fd = Fd::open(path, Access::ReadNow)?;
    let length = fd.read_all(room);
    fd.close();
    length
}
