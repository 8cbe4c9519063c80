//! Which columns there are: those that are asked for, or those that fit the terminal.

use super::{Column, Columns, Kind, width};
use crate::show::cursor::{Cursor, Value};
use crate::words;

/// Chooses columns.
pub(super) struct Chooser<'n, 'c> {
    /// The list of `--columns`.
    pub(super) asked: Option<&'static [u8]>,
    /// Those that are chosen.
    pub(super) columns: &'n mut Columns<'c>,
    /// Room for names.
    pub(super) names: &'c mut [u8],
    /// Columns of the terminal that are free.
    pub(super) free: usize,
    pub(super) is_table: bool,
}

impl Chooser<'_, '_> {
    /// Chooses the columns of a kind, one for each device that the record has.
    pub(super) fn kind(&mut self, kind: &Kind, mut cursor: Cursor<'_>) -> Option<()> {
        let section = words::take(&mut &*kind.path, b'/');
        // What tells of a restart is not asked for.
        let mut is_asked = self.asked.is_none() || kind.letter == b'b';
        let mut list = self.asked.unwrap_or_default();
        while !list.is_empty() {
            let mut device = words::take(&mut list, b',');
            if words::take(&mut device, b':') != kind.name {
                continue;
            }
            if device.is_empty() {
                is_asked = true;
            } else {
                // It can come later than the first record.
                self.choose(kind, device);
            }
        }
        is_asked.then_some(())?;
        cursor.value()?;
        cursor.find(section)?;
        if !kind.is_of_devices() {
            self.choose(kind, b"");
            return Some(());
        }
        cursor.value()?;
        let mut before = &b""[..];
        while let Some(device) = cursor.key()? {
            let at = cursor;
            cursor.skip()?;
            // Unless it is asked for: no partition of the disk before it, no loop, and nothing that never did anything.
            let is_part = kind.letter == b'd' && is_part(device, before);
            let is_minor = is_part || device == b"lo" || device.starts_with(b"loop") || is_idle(at);
            if !is_minor || self.asked.is_some() || !self.is_table {
                before = device;
                self.choose(kind, device);
            }
        }
        Some(())
    }

    /// Adds the columns of a kind and a device, once. Unless they are asked for, they fit beside the others.
    #[inline(never)]
    fn choose(&mut self, kind: &Kind, device: &[u8]) {
        let width = width(kind.cells);
        let is_chosen = width <= self.free || self.asked.is_some();
        let is_there = |column: &Column<'_>| column.letter == kind.letter && column.title == device;
        if self.is_table && !is_chosen || width == 0 && !self.is_table || self.columns.columns.iter().any(is_there) {
            return;
        }
        self.free = self.free.saturating_sub(width);
        if self.add(kind, device).is_none() {
            self.columns.left_out += 1;
        }
    }

    /// Adds them; nothing where there is no room for what is kept of them.
    fn add(&mut self, kind: &Kind, device: &[u8]) -> Option<()> {
        let (name, rest) = core::mem::take(&mut self.names).split_at_mut_checked(device.len())?;
        self.names = rest;
        name.copy_from_slice(device);
        let (name, first) = (&*name, self.columns.wants.len());
        let mut path = kind.path;
        let (section, mut seconds) = (words::take(&mut path, b'/'), words::take(&mut path, b'/'));
        while !seconds.is_empty() {
            let second = words::take(&mut seconds, b',');
            let mut thirds = path;
            loop {
                let third = words::take(&mut thirds, b',');
                let want = [section, if second == b"@" { name } else { second }, third];
                self.columns.wants.push(want).ok()?;
                if thirds.is_empty() {
                    break;
                }
            }
        }
        let title = if kind.is_of_devices() { name } else { kind.title };
        self.columns.columns.push(Column { letter: kind.letter, title, cells: kind.cells, first }).ok()
    }
}

/// Whether a disk is a part of another: `sda1` of `sda`, `mmcblk0p1` and `mmcblk0boot0` of `mmcblk0`. Behind a letter
/// stands a digit, and behind a digit none: `sdaa` and `dm-10` are disks beside `sda` and `dm-1`.
fn is_part(disk: &[u8], other: &[u8]) -> bool {
    match (other.last(), disk.strip_prefix(other)) {
        (Some(last), Some([next, ..])) => last.is_ascii_digit() != next.is_ascii_digit(),
        _ => false,
    }
}

/// Whether all numbers of an object are 0.
fn is_idle(mut cursor: Cursor<'_>) -> bool {
    let _ = cursor.value();
    while let Some(Some(_)) = cursor.key() {
        if matches!(cursor.value(), Some(Value::Number(number)) if number != b"0") {
            return false;
        }
    }
    true
}
