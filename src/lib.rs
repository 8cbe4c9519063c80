//! procline turns one snapshot of /proc into one log line with one write(2).
//!
//! # One record, from bytes to line
//!
//! [`run::record`] reads the clock once and takes one array from the stack. Into it go, one after the other,
//! the texts of `/proc/stat`, `/proc/uptime`, `/proc/loadavg` and `/proc/meminfo`, as the kernel wrote them:
//!
//! ```text
//! cpu  635 0 1673 34768 2148 0 14 0 0 0␊cpu0 542 0 1405 …        ← read(2)
//! ```
//!
//! Each text becomes a [`Source`](source::Source): a struct of views, which are slices of that
//! array with a proof that they hold what they should ([`scan::Count`]: digits, [`scan::Text`]: a JSON string that
//! needs no escape). Numbers are never converted: the kernel's digits are JSON's digits. The four
//! sources and the time make a [`Record`](record::Record), and serde-json-core writes that piece by piece
//! behind the texts, into the rest of the same array:
//!
//! ```text
//! 1734302332 - {"time":"2024-12-15T22:38:52.725903",…"cpu_total":{"name":"cpu","user":635,…␊    ← write(2)
//! ```
//!
//! What `--with` asks for comes last: [`more::write`] makes JSON of each file's text at once, where the line ends.
//!
//! [`log::append`] opens the file of the day, makes its end whole where it was torn, and puts the line there. A record
//! that does not fit the array is read again into one that is four times as large; there are five sizes.
//!
//! # The modules: a file imports only from those above it
//!
//! | module | what it is |
//! | --- | --- |
//! | [`digits`] | decimal digits ↔ numbers |
//! | [`bgzf`] | text → a member of a gzip file |
//! | [`words`] | lines and words of a text |
//! | [`with`] | what `--with` can ask for, one row each |
//! | [`config`] | capacities, defaults, the options of a run |
//! | [`message`] | what a run that fails says |
//! | [`options`] | rows of options → the help, and a table of them |
//! | [`args`] | command line and environment → options |
//! | [`sys`] | every call of libc, and the only `unsafe` beside the entry point |
//! | [`json`] | JSON that grows in an array |
//! | [`scan`] | a cursor over the kernel's text, and checked views of it |
//! | [`clock`] | an instant → local date and time |
//! | [`source`] | the files of /proc, one module each |
//! | [`kept`] | a file of /proc or /sys, read whole, and kept open |
//! | [`more`] | what is asked for beyond the four files: text → JSON |
//! | [`record`] | the record: one struct, in the order of the JSON |
//! | [`pymonitor`] | what `--pymonitor` changes |
//! | [`log`] | the file's name, the append, what is compressed, and how much is kept |
//! | [`run`] | one record |
//! | [`interval`] | one record each interval |
//! | `show` | procline-show: lines of the log → a table, CSV, JSON, Prometheus |

#![no_std]

pub mod digits;
pub mod bgzf;
pub mod words;
pub mod with;
pub mod config;
pub mod message;
pub mod options;
pub mod args;
pub mod sys;
pub mod json;
pub mod scan;
pub mod clock;
pub mod source;
pub mod kept;
pub mod more;
pub mod record;
pub mod pymonitor;
pub mod log;
pub mod run;
pub mod interval;
#[cfg(feature = "show")]
pub mod show;
