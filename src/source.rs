//! The files of /proc, one module each. A new source is a new file here and a field in the record, for each of which a
//! run that stays keeps a descriptor.

pub mod loadavg;
pub mod meminfo;
pub mod stat;
pub mod uptime;

use crate::scan::{Cursor, ParseError};

pub use loadavg::Loadavg;
pub use meminfo::Meminfo;
pub use stat::Stat;
pub use uptime::Uptime;

/// One file of proc(5), checked.
pub trait Source<'a>: Sized {
    /// The file below the procfs mount: "loadavg".
    const PATH: &'static str;

    /// Finds what a record needs, checks it and keeps views of it. What is wrong is noted in `cursor`; if something is,
    /// the views hold nothing ([`Cursor::finish`]).
    fn take(cursor: &mut Cursor<'a>) -> Self;

    /// Finds in `text` what a record needs.
    ///
    /// # Errors
    /// What is expected, and where, if the text is not what proc(5) says.
    fn parse(text: &'a [u8]) -> Result<Self, ParseError> {
        let mut cursor = Cursor::of_file(text);
        let source = Self::take(&mut cursor);
        cursor.finish(source)
    }
}
