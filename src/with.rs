//! What `--with` can ask for.
//!
//! `eth0: 4046 5 …` of the row `:/net/dev receive_bytes receive_packets …` becomes
//! `"netdev":{"eth0":{"receive_bytes":4046,"receive_packets":5,…}}`
//!
//! A row is a letter, which tells what the file is like; its path below the mount of procfs or sysfs; and words: the
//! names of its columns. A `.` is a column that is not taken, and a `+` stands where each column has its name before
//! it. There is a row for each name, in the order of the names. Where a row ends with `&`, the next one is of the same
//! name.
//!
//! | letter | what a line of the file is, or what the path is |
//! | --- | --- |
//! | `:` | a name with a colon behind it, and its columns |
//! | `^` | the same, and the line above has the names of the columns |
//! | `0` | the columns of the whole |
//! | `1` | a name, and columns with their names: `avg10=0.00`; the file's own name is a key above |
//! | `3` | two words, a name and its columns: the first four where there are no more, else those behind |
//! | `v` | a name and a number; the columns are the names that are taken, in the order of the lines |
//! | `x` | the columns of a CPU, in hexadecimal digits |
//! | `m` | mounts |
//! | `#` | a folder; in it, folders of the name that comes first and a number, which is the key |
//! | `/` | the same, and the folder's name is the key |
//! | `*` | the same, of hwmon |
//!
//! The columns of a folder are files with a mark: `#` a number, `"` a string, `?` a string that is not taken alone, `*`
//! sensors.

use crate::words::take;

/// What is said of an unknown name.
pub const UNKNOWN: &str = "needs names of: all,netdev,diskstats,filesystem,thermal_zone,hwmon,conntrack,filefd,\
pressure,vmstat,sockstat,softnet,flash,netstat,snmp";

/// The names, in the order of the record: the key of the record is that of node_exporter's collector of the same file.
/// The first one stands for all others.
pub const NAMES: &[u8] = UNKNOWN.as_bytes().split_at("needs names of: ".len()).1;

/// The bit of the name that stands for all.
pub const ALL: u32 = 1;

/// The rows, in the order of the names.
pub const ROWS: &[u8] = b"\
:/net/dev receive_bytes receive_packets receive_errs receive_drop receive_fifo receive_frame receive_compressed \
receive_multicast transmit_bytes transmit_packets transmit_errs transmit_drop transmit_fifo transmit_colls \
transmit_carrier transmit_compressed
3/diskstats reads sectors_read writes sectors_written reads reads_merged sectors_read ms_reading writes \
writes_merged sectors_written ms_writing in_flight ms_io ms_weighted discards discards_merged sectors_discarded \
ms_discarding flushes ms_flushing
m/self/mounts &
m/mounts
#/class/thermal/ thermal_zone #/temp ?/type
*/class/hwmon/ hwmon *temp *fan ?/name
0/sys/net/netfilter/nf_conntrack_count count &
0/sys/net/netfilter/nf_conntrack_max max
0/sys/fs/file-nr allocated . maximum
1/pressure/cpu &
1/pressure/io &
1/pressure/memory &
1/pressure/irq
v/vmstat pgpgin pgpgout pswpin pswpout pgfault pgmajfault oom_kill
:/net/sockstat +
x/net/softnet_stat processed dropped time_squeeze
//class/ubi/ ubi #/max_ec #/bad_peb_count #/reserved_for_bad &
//block/ mmcblk \"/device/life_time \"/device/pre_eol_info
^/net/netstat
^/net/snmp";

/// How many files and folders these are.
pub const COUNT: usize = 20;

/// The bits of the names that a list has, separated by commas: none of an empty list. Nothing where a name is unknown.
pub fn named(mut list: &[u8]) -> Option<u32> {
    let mut set = 0;
    while !list.is_empty() {
        let name = take(&mut list, b',');
        let (mut names, mut bit) = (NAMES, 1);
        while take(&mut names, b',') != name {
            bit <<= 1;
            if names.is_empty() {
                return None;
            }
        }
        set |= bit;
    }
    Some(set)
}
