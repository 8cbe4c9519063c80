//! `/proc/self/mounts`: what room the local file systems have.
//!
//! `/dev/root /rom squashfs ro,relatime 0 0` → `"/rom":{"device":"/dev/root","fstype":"squashfs","size":2883584,…}`
//!
//! statfs(2) asks those on local disks and in memory alone: of a server that is gone it never returns.

use super::push;
use crate::json::Json;
use crate::sys::{self, Path, PathRoom};
use crate::words::take;

/// What the types begin with that are asked: `ext` is ext2, ext3 and ext4.
const LOCAL: &[u8] =
    b"tmp ext overlay devtmp squash ubi jff vfat xfs btr f2 ram rootfs yaff ero cram rom msdos exfat ntfs hfs \
iso udf jfs nilf reiser bcache zfs";

/// The names of what [`sys::space`] tells.
const NUMBERS: &[u8] = b"size free avail files files_free";

/// Appends an object for each mount point. What is mounted over another hides it.
#[inline(never)]
pub(super) fn write(rootfs: &[u8], mut mounts: &[u8], json: &mut Json<'_>) {
    while !mounts.is_empty() {
        let line = take(&mut mounts, b'\n');
        write_one(rootfs, line, mounts, json);
    }
}

/// Appends the object of a mount point that can be asked. `below` is the lines below its line.
#[inline(never)]
fn write_one(rootfs: &[u8], mut line: &[u8], below: &[u8], json: &mut Json<'_>) {
    let (device, point, kind) = (cell(&mut line), cell(&mut line), cell(&mut line));
    if !is_local(kind) || is_covered(point, below) {
        return;
    }
    let mut path = Path::room();
    push(&mut path, rootfs);
    unescape(point, &mut path);
    let mut numbers = [0; 5];
    if path.len() < rootfs.len() || sys::space(Path::ended(&mut path), &mut numbers).is_err() {
        return;
    }
    path.pop();
    let start = json.open(path.get(rootfs.len()..).unwrap_or_default());
    path.clear();
    unescape(device, &mut path);
    json.string(b"device", &path);
    json.string(b"fstype", kind);
    let mut names = NUMBERS;
    for number in &numbers {
        json.count(cell(&mut names), *number);
    }
    json.count(b"readonly", matches!(line, [b'r', b'o', b',' | b' ', ..]).into());
    json.close(start);
}

/// Takes a word. Between them is one blank, and a `=` is no blank here.
#[inline(never)]
fn cell<'t>(line: &mut &'t [u8]) -> &'t [u8] {
    take(line, b' ')
}

/// Whether file systems of this type are asked.
#[inline(never)]
fn is_local(kind: &[u8]) -> bool {
    let mut types = LOCAL;
    while !types.is_empty() {
        if kind.starts_with(cell(&mut types)) {
            return true;
        }
    }
    false
}

/// Whether a line below has this mount point, or a server's that is above it: to look behind that may never end.
#[inline(never)]
fn is_covered(point: &[u8], mut below: &[u8]) -> bool {
    while !below.is_empty() {
        let mut line = take(&mut below, b'\n');
        cell(&mut line);
        // The root is above none here: pivot_root(2) lists it behind others.
        if let Some(rest) = point.strip_prefix(cell(&mut line))
            && (rest.is_empty() || rest.starts_with(b"/") && !is_local(line))
        {
            return true;
        }
    }
    false
}

/// Appends a path without the octal escapes of proc_pid_mounts(5): `my\040disk` → `my disk`. The kernel writes a `\`
/// for nothing else.
#[inline(never)]
fn unescape(mut rest: &[u8], path: &mut PathRoom) {
    while let [byte, behind @ ..] = rest {
        let mut byte = *byte;
        rest = behind;
        if byte == b'\\'
            && let [a, b, c, behind @ ..] = rest
        {
            byte = a << 6 | (b & 7) << 3 | c & 7;
            rest = behind;
        }
        let _ = path.push(byte);
    }
}
