//! Why there is nothing more to see, in words.

use super::args::Options;
use super::place::Place;
use crate::args::UsageError;
use crate::message::Message;
use crate::sys::Errno;

/// Why there is nothing more to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The command line is wrong.
    Usage(UsageError<'static>),
    /// The stack limit does not allow the array.
    StackLimit,
    /// The logs cannot be listed.
    Folder(Errno),
    /// A file cannot be opened or read.
    File(Place, Errno),
    /// There is no record.
    NoRecord,
    /// None of the columns that are asked for is in the records, or none fits the terminal.
    NoColumn,
    /// Nothing can be written.
    Stdout(Errno),
}

impl Error {
    /// The words, for standard error.
    #[cold]
    #[inline(never)]
    pub fn tell(&self, options: &Options, message: &mut Message) {
        message.add("procline-show: ");
        match self {
            Self::Usage(error) => _ = message.explain(error).add("; see procline-show --help"),
            Self::StackLimit => _ = message.add("needs more stack than its limit (ulimit -s) allows"),
            Self::NoColumn => {
                _ = message.add("no columns to show: none is recorded, or none fits the terminal");
            }
            Self::Stdout(errno) => _ = message.add("standard output: ").explain(errno),
            Self::Folder(errno) => {
                message.quote(options.logs.log_path).add(": ").explain(errno);
                message.add("; record with procline first, or name the logs' folder with --log-path");
            }
            Self::File(place, errno) => {
                place.tell(options, message);
                message.add(": ").explain(errno);
            }
            Self::NoRecord if options.files.is_empty() => {
                message.quote(options.logs.log_path).add(": no records of this time; see --from, --to and --log-path");
            }
            Self::NoRecord => _ = message.add("no records in the files, or none of this time"),
        }
        message.add("\n");
    }
}
