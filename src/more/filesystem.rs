//! `/proc/self/mounts`: what room the local file systems have.
//!
//! `/dev/root /rom squashfs ro,relatime 0 0` → `"/rom":{"device":"/dev/root","fstype":"squashfs","size":2883584,…}`
//!
//! statfs(2) asks those on local disks and in memory alone: of a server that is gone it never returns.

use crate::json::Json;
use crate::sys::{self, Path, PathRoom};
use crate::words::{self, has, take, word};

/// The types that are asked.
const LOCAL: &[u8] = b"ext2 ext3 ext4 xfs btrfs f2fs jffs2 ubifs yaffs yaffs2 squashfs erofs cramfs romfs vfat msdos \
exfat ntfs3 hfsplus iso9660 udf jfs nilfs2 reiserfs bcachefs zfs tmpfs ramfs rootfs devtmpfs overlay";

/// The names of what [`sys::space`] tells.
const NUMBERS: &[u8] = b"size free avail files files_free";

/// Appends an object for each mount point. What is mounted over another hides it.
#[inline(never)]
pub(super) fn write(rootfs: &[u8], mut text: &[u8], json: &mut Json<'_>) {
    while !text.is_empty() {
        let mount = Mount::take(&mut text);
        if has(LOCAL, mount.kind) && !is_covered(mount.point, text) {
            write_one(rootfs, &mount, json);
        }
    }
}

/// The words of a line.
struct Mount<'t> {
    device: &'t [u8],
    point: &'t [u8],
    kind: &'t [u8],
    flags: &'t [u8],
}

impl<'t> Mount<'t> {
    /// Takes a line.
    #[inline(never)]
    fn take(text: &mut &'t [u8]) -> Self {
        let mut line = words::line(text);
        let (device, point) = (word_of(&mut line), word_of(&mut line));
        Self { device, point, kind: word_of(&mut line), flags: word_of(&mut line) }
    }
}

/// Takes a word of a line. Between them is one blank, and a `=` is no blank here.
#[inline(never)]
fn word_of<'t>(line: &mut &'t [u8]) -> &'t [u8] {
    take(line, b' ')
}

/// Whether a line below has this mount point, or a server's that is above it: to look behind that may never end.
#[inline(never)]
fn is_covered(point: &[u8], mut below: &[u8]) -> bool {
    while !below.is_empty() {
        let other = Mount::take(&mut below);
        if other.point == point || is_above(other.point, point) && !has(LOCAL, other.kind) {
            return true;
        }
    }
    false
}

/// Whether a folder is above another, be it not the root, which pivot_root(2) lists behind others.
#[inline(never)]
fn is_above(folder: &[u8], other: &[u8]) -> bool {
    other.strip_prefix(folder).is_some_and(|rest| rest.starts_with(b"/"))
}

/// Appends the object of a mount point that can be asked.
#[inline(never)]
fn write_one(rootfs: &[u8], mount: &Mount<'_>, json: &mut Json<'_>) {
    let (mut room, mut path) = (Path::room(), Path::room());
    unescape(mount.point, &mut room);
    // The kernel writes none, and a path ends there.
    if room.contains(&0) {
        return;
    }
    let mut numbers = [0; 5];
    if sys::space(Path::new(&mut path, &[rootfs, &room]), &mut numbers).is_err() {
        return;
    }
    let start = json.open(&room);
    unescape(mount.device, &mut room);
    json.string(b"device", &room);
    json.string(b"fstype", mount.kind);
    let mut names = NUMBERS;
    for number in numbers {
        json.count(word(&mut names), number);
    }
    json.count(b"readonly", (take(&mut { mount.flags }, b',') == b"ro").into());
    json.close(start, 0);
}

/// Undoes the octal escapes of proc_pid_mounts(5): `my\040disk` → `my disk`
#[inline(never)]
fn unescape(mut rest: &[u8], room: &mut PathRoom) {
    room.clear();
    while let [byte, behind @ ..] = rest {
        let mut byte = *byte;
        rest = behind;
        if byte == b'\\'
            && let [a, b, c, behind @ ..] = rest
            && (a | 3, b | 7, c | 7) == (b'3', b'7', b'7')
        {
            byte = a << 6 | (b & 7) << 3 | c & 7;
            rest = behind;
        }
        let _ = room.push(byte);
    }
}
