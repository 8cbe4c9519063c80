//! Files: those of the command line, and the logs.

use super::args::Options;
use crate::log::{File, Logs};
use crate::message::Message;

/// A file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The one of this number on the command line, from 1 on; 0 before the first one.
    Named(usize),
    /// A log.
    Log(File),
}

impl Place {
    /// Appends the name of the file to a message.
    pub fn tell(self, options: &Options, message: &mut Message) {
        match self {
            Self::Named(number) => match options.files.get(number.wrapping_sub(1)) {
                None | Some(&b"-") => _ = message.add("standard input"),
                Some(name) => _ = message.quote(name),
            },
            Self::Log(log) => logs(options).tell(log, message),
        }
    }
}

/// The logs that the options name.
pub fn logs(options: &Options) -> Logs<'_> {
    Logs::new(&options.logs, options.now.date())
}
