//! The files of /proc, one module each. A new source is a new file here and a field in the record.

pub mod loadavg;
pub mod meminfo;
pub mod stat;
pub mod uptime;

use core::str;

use crate::scan::{Expected, ParseError};

pub use loadavg::Loadavg;
pub use meminfo::Meminfo;
pub use stat::Stat;
pub use uptime::Uptime;

/// One file of proc(5), checked.
pub trait Source<'a>: Sized {
    /// The file below the procfs mount: "loadavg".
    const PATH: &'static str;

    /// Finds in `text` what a record needs, and keeps checked views of it.
    ///
    /// # Errors
    /// What is expected, and where, if the text is not what proc(5) says.
    fn parse(text: &'a str) -> Result<Self, ParseError>;

    /// The same for what was read and not looked at.
    ///
    /// # Errors
    /// Those of `parse`, and [`Expected::Utf8`].
    fn from_bytes(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let not_text = |error: str::Utf8Error| ParseError { offset: error.valid_up_to(), expected: Expected::Utf8 };
        Self::parse(str::from_utf8(bytes).map_err(not_text)?)
    }
}
