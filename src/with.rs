//! What `--with` can ask for: one row each.
//!
//! `netdev : net/dev receive_bytes receive_packets …` reads `eth0: 4046 5 …` as
//! `"netdev":{"eth0":{"receive_bytes":4046,"receive_packets":5,…}}`
//!
//! A row is words: the name, which is the key of the record and that of node_exporter's collector of the same file; a
//! letter, which tells what the file is like; its path below the mount of procfs or sysfs; and the names of its
//! columns. A `.` is a column that is not taken. A row with a `&` for its name goes on with the object of the row
//! above.
//!
//! | letter | what a line of the file is, or what the path is |
//! | --- | --- |
//! | `:` | a name up to the last colon, and its columns |
//! | `3` | two words, a name and its columns |
//! | `1` | a name and its columns; the file's own name is a key above |
//! | `-` | the columns of the whole |
//! | `x` | the columns of a CPU, in hexadecimal digits |
//! | `#` | folders of that name and a number, which is the key; each column is a file |
//! | `/` | the same, and the folder's name is the key |
//! | `h` | folders of hwmon |
//! | `m` | mounts |
//!
//! Where `=` stands for the columns, each has its name before it; names behind that are those to be taken. Where `^`
//! does, the line above has the names. Of a folder, a column with a `"` is a string, and one with a `?` too, which is
//! not taken alone.

use crate::words::{self, word};

/// The rows, in the order of the record.
pub const ROWS: &[u8] = b"\
netdev : net/dev receive_bytes receive_packets receive_errs receive_drop receive_fifo receive_frame \
receive_compressed receive_multicast transmit_bytes transmit_packets transmit_errs transmit_drop transmit_fifo \
transmit_colls transmit_carrier transmit_compressed
diskstats 3 diskstats reads reads_merged sectors_read ms_reading writes writes_merged sectors_written ms_writing \
in_flight ms_io ms_weighted discards discards_merged sectors_discarded ms_discarding flushes ms_flushing
filesystem m self/mounts
thermal_zone # class/thermal thermal_zone ?type temp
hwmon h class/hwmon hwmon ?name *temp *fan
conntrack - sys/net/netfilter/nf_conntrack_count count
& - sys/net/netfilter/nf_conntrack_max max
filefd - sys/fs/file-nr allocated . maximum
pressure 1 pressure/cpu =
& 1 pressure/io =
& 1 pressure/memory =
& 1 pressure/irq =
vmstat - vmstat = pgpgin pgpgout pswpin pswpout pgfault pgmajfault oom_kill
sockstat : net/sockstat =
softnet x net/softnet_stat processed dropped time_squeeze
flash / class/ubi ubi max_ec bad_peb_count reserved_for_bad
& / block mmcblk \"device/life_time \"device/pre_eol_info
netstat : net/netstat ^
snmp : net/snmp ^";

/// The name of a row that goes on with the object of the row above.
pub const SAME: &[u8] = b"&";

/// How many rows there are.
pub const COUNT: usize = 19;

/// One of the rows.
#[derive(Debug)]
pub struct Row<'t> {
    /// The key of the record.
    pub name: &'t [u8],
    /// The letter.
    pub kind: u8,
    /// The path.
    pub path: &'t [u8],
    /// The names of the columns, as they stand there.
    pub columns: &'t [u8],
}

impl<'t> Row<'t> {
    /// Takes the next row.
    #[inline(never)]
    pub fn take(rows: &mut &'t [u8]) -> Self {
        let mut columns = words::line(rows);
        let (name, kind, path) = (word(&mut columns), word(&mut columns), word(&mut columns));
        Self { name, kind: kind.first().copied().unwrap_or_default(), path, columns }
    }

    /// Whether it tells of folders.
    pub const fn is_folder(&self) -> bool {
        matches!(self.kind, b'#' | b'/' | b'h')
    }
}

/// The bits of the rows that a list names, separated by commas; `all` names all, and an empty list none. Nothing where
/// a name is unknown.
#[inline(never)]
pub fn named(mut list: &[u8]) -> Option<u32> {
    let mut set = 0;
    if list.ends_with(b",") {
        return None;
    }
    while !list.is_empty() {
        let name = words::take(&mut list, b',');
        let (mut rows, mut named, mut bit, mut is_named) = (ROWS, 0, 1, false);
        while !rows.is_empty() {
            let row = Row::take(&mut rows);
            if row.name != SAME {
                is_named = name == row.name || name == b"all";
            }
            if is_named {
                named |= bit;
            }
            bit <<= 1;
        }
        if named == 0 {
            return None;
        }
        set |= named;
    }
    Some(set)
}
