//! What is built in, and what a run can choose.
//!
//! The defaults and capacities are settled by `build.rs`, where each can be set by a variable of its name.

/// Bytes of stack for a record, texts and line together, in a first try: `PROCLINE_BUILD_FIRST_STEP`. Each next try has
/// four times as many.
pub const FIRST_STEP: usize = bytes(env!("PROCLINE_BUILD_FIRST_STEP"));
/// Bytes for a record in the last try: the largest there can be.
pub const LAST_STEP: usize = bytes(env!("PROCLINE_LAST_STEP"));
/// Bytes of a path with its NUL: `PROCLINE_BUILD_PATH_BYTES`.
pub const PATH_BYTES: usize = bytes(env!("PROCLINE_BUILD_PATH_BYTES"));

/// Bytes of stack for what a run has there beside its array: paths and a message, the names of a folder and two chunks
/// of a torn log.
pub const OTHER_STACK: usize = 12 * 1024 + 4 * PATH_BYTES;

/// What `--version` prints: `version.txt`, with the numbers in it.
pub const VERSION: &str = include_str!(concat!(env!("OUT_DIR"), "/version.txt"));

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// A record, or with an interval many.
    Record,
    /// Whether there could be one.
    Check,
    /// The text of `--help`.
    Help,
    /// The text of `--version`.
    Version,
}

/// What a run shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Options<'a> {
    /// What is asked for.
    pub command: Command,
    /// The log's folder.
    pub log_path: &'a [u8],
    /// What the log's name begins with.
    pub log_prefix: &'a [u8],
    /// What stands in the log's name between the date and `.log`.
    pub log_suffix: &'a [u8],
    /// Where proc(5) is mounted, or a copy of it lies.
    pub procfs: &'a [u8],
    /// Where sysfs is mounted, or a copy of it lies.
    pub sysfs: &'a [u8],
    /// What is put before each mount point.
    pub rootfs: &'a [u8],
    /// What is asked for beyond the four files: the bits of [`crate::with::named`].
    pub with: u32,
    /// Whether the line goes to standard output instead of the log.
    pub stdout: bool,
    /// Whether the line is to be what pymonitor writes.
    pub pymonitor: bool,
    /// Whether the record has the interrupt counters.
    pub intr_counters: bool,
    /// Seconds from one record to the next; nothing for one record alone.
    pub interval: Option<u32>,
    /// Days whose logs are kept; nothing for all.
    pub keep_files: Option<u64>,
    /// Bytes of disk that all logs together may take; nothing for no limit.
    pub max_bytes: Option<u64>,
    /// Whether what is old of a log is compressed.
    pub compress: bool,
    /// Whether a record is to be on the disk before the run goes on.
    pub sync: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            command: Command::Record,
            log_path: env!("PROCLINE_BUILD_LOG_PATH").as_bytes(),
            log_prefix: env!("PROCLINE_BUILD_LOG_PREFIX").as_bytes(),
            log_suffix: env!("PROCLINE_BUILD_LOG_SUFFIX").as_bytes(),
            procfs: env!("PROCLINE_BUILD_PROCFS").as_bytes(),
            sysfs: b"/sys",
            rootfs: b"",
            with: 0,
            stdout: false,
            pymonitor: false,
            intr_counters: true,
            interval: None,
            keep_files: None,
            max_bytes: None,
            compress: false,
            sync: false,
        }
    }
}

/// The number that digits are, and 0 where they are none.
pub(crate) const fn bytes(digits: &str) -> usize {
    match usize::from_str_radix(digits, 10) {
        Ok(bytes) => bytes,
        Err(_) => 0,
    }
}
