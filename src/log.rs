//! The log of a day: its name, and the append.

use core::ffi::CStr;
use core::fmt;

use crate::clock::Moment;
use crate::config::{Lossy, Options};
use crate::sys::{self, Access, Errno, Fd, Path};

/// `LOG_PATH/LOG_PREFIX<yyyy-mm-dd>LOG_SUFFIX.log`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    options: &'a Options<'a>,
    moment: Moment,
}

impl<'a> Name<'a> {
    /// The name of the log of the day of `moment`.
    #[must_use]
    pub const fn new(options: &'a Options<'a>, moment: Moment) -> Self {
        Self { options, moment }
    }

    fn path(&self) -> Result<Path, Errno> {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        let date = self.moment.date();
        let parts = [log_path.to_bytes(), b"/", log_prefix.to_bytes(), date.as_bytes(), log_suffix.to_bytes(), b".log"];
        sys::path(&parts)
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { log_path, log_prefix, log_suffix, .. } = self.options;
        let date = self.moment.date();
        write!(f, "{}/{}{date}{}.log", Lossy(log_path), Lossy(log_prefix), Lossy(log_suffix))
    }
}

/// Why nothing was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<'a> {
    /// The folder cannot be made, or no file in it.
    Folder(&'a CStr, Errno),
    /// The file cannot be opened or written.
    File(Name<'a>, Errno),
    /// Only a part of the line was written.
    Short(Name<'a>),
}

impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder, errno) => {
                write!(f, "{}: {errno}; choose another folder with --log-path", Lossy(folder))
            }
            Self::File(name, errno) => write!(f, "{name}: {errno}"),
            Self::Short(name) => write!(f, "{name}: only a part of the record was written; is there space left?"),
        }
    }
}

impl core::error::Error for Error<'_> {}

/// Appends `line` with one write(2). Folder and file are made where they are missing.
///
/// # Errors
/// Folder or file, and the reason.
pub fn append<'a>(name: Name<'a>, line: &[u8]) -> Result<(), Error<'a>> {
    let fd = open(name)?;
    let written = fd.write(line).map_err(|errno| Error::File(name, errno))?;
    if written == line.len() { Ok(()) } else { Err(Error::Short(name)) }
}

fn open(name: Name<'_>) -> Result<Fd, Error<'_>> {
    let path = name.path().map_err(|errno| Error::File(name, errno))?;
    let folder = name.options.log_path;
    let opened = match Fd::open(&path, Access::Append) {
        Err(Errno::NO_ENTRY) => {
            make_folders(folder).map_err(|errno| Error::Folder(folder, errno))?;
            Fd::open(&path, Access::Append)
        }
        opened => opened,
    };
    // A file that is not there could not be made, which is a matter of its folder.
    opened.map_err(|errno| if sys::exists(&path) { Error::File(name, errno) } else { Error::Folder(folder, errno) })
}

/// Makes a folder and those above it.
fn make_folders(folder: &CStr) -> Result<(), Errno> {
    let bytes = folder.to_bytes();
    let parents = bytes.iter().enumerate().skip(1).filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
    for end in parents.chain([bytes.len()]) {
        match sys::make_directory(&sys::path(&[bytes.get(..end).unwrap_or(bytes)])?) {
            Ok(()) | Err(Errno::EXISTS) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}
