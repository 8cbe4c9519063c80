//! procline-show: what procline recorded, as a table, as CSV, as JSON, for Prometheus.
//!
//! ```text
//! files ─> lines ─> records ─┬─> columns ─> table, CSV
//!  (gzip: inflated)          └─> families ─> Prometheus
//! ```
//!
//! The records come one after the other, in one array of the stack; none is kept but as the numbers of a row. Nothing
//! of a record is trusted: it is read as JSON that anybody wrote.
//!
//! The modules, of which each imports from those above it:
//!
//! | module | what it is |
//! | --- | --- |
//! | [`time`] | a point in time on the command line → seconds |
//! | [`cursor`] | a cursor over JSON |
//! | [`record`] | a line of the log → the record in it |
//! | [`columns`] | what a row shows |
//! | [`args`] | command line and environment → options |
//! | [`place`] | the files of the command line, and the logs |
//! | [`error`] | why there is nothing more to see |
//! | [`inflate`] | a gzip file → its bytes |
//! | [`lines`] | bytes → lines |
//! | [`reader`] | files → records |
//! | [`chosen`] | which records have a row |
//! | [`out`] | standard output |
//! | [`table`] | rows for a terminal |
//! | [`csv`] | comma-separated values |
//! | [`families`] | what Prometheus gets |
//! | [`prometheus`] | its format |

pub mod time;
pub mod cursor;
pub mod record;
pub mod columns;
pub mod args;
pub mod place;
pub mod error;
pub mod inflate;
pub mod lines;
pub mod reader;
pub mod chosen;
pub mod out;
pub mod table;
pub mod csv;
pub mod families;
pub mod prometheus;

pub use error::Error;

use crate::message::Message;
use crate::sys::{self, Fd};
use args::{Form, Options};
use chosen::Chosen;
use columns::Columns;
use out::Out;
use reader::{LeftOut, Reader};
use record::Record;
use table::Table;

/// Bytes of the array, in the order in which they are tried. Of a large one no more is used than what the longest line
/// takes.
const ROOMS: [usize; 3] = [crate::config::LAST_STEP, crate::config::LAST_STEP >> 2, crate::config::LAST_STEP >> 4];
/// Bytes for the names of devices.
const NAMES: usize = 4096;
/// Bytes of stack for all else.
const OTHER_STACK: usize = 48 * 1024;

/// Shows what is asked for. `say` gets what was left out, in a message.
///
/// # Errors
/// Why there is nothing to see, or no more.
pub fn run(options: &Options, say: fn(&Message)) -> Result<(), Error> {
    let is_held = |bytes: &usize| sys::stack_holds(bytes + OTHER_STACK);
    let bytes = ROOMS.into_iter().find(is_held).ok_or(Error::StackLimit)?;
    let mut result = Ok(());
    sys::with_array(bytes, |room| result = show(options, room, say));
    result
}

/// The same in this array, which has at least 128 KiB.
///
/// # Errors
/// Those of [`run`].
#[inline(never)] // its frame lies behind the array
pub fn show(options: &Options, room: &mut [u8], say: fn(&Message)) -> Result<(), Error> {
    let mut out = Out::new();
    // The last record of all is kept in the other half; else the names of devices are, in a part of it.
    let keeps = options.form == Form::Prometheus && !options.timestamps;
    let (room, kept) =
        room.split_at_mut_checked(room.len() - if keeps { room.len() / 2 } else { NAMES }).unwrap_or_default();
    let mut reader = Reader::new(options, room);
    let count = match options.form {
        Form::Prometheus if keeps => last(options, &mut reader, kept, &mut out),
        Form::Prometheus => count(options, &mut reader)
            .and_then(|skipped| prometheus::write(options, None, &mut reader, skipped, &mut out)),
        _ => rows(options, &mut reader, kept, &mut out),
    };
    // What came before an error is written, too, and up to the end of its line.
    out.flush();
    tell_left_out(&reader, say);
    let count = count?;
    match out.result {
        Ok(()) if count > 0 => Ok(()),
        Ok(()) => Err(Error::NoRecord),
        Err(errno) => Err(Error::Stdout(errno)),
    }
}

/// Writes the metrics of the last record; how many records there are.
fn last(options: &Options, reader: &mut Reader<'_>, kept: &mut [u8], out: &mut Out) -> Result<u64, Error> {
    let mut found = None;
    let mut count = 0;
    while let Some(record) = reader.take()? {
        if let Some(place) = kept.get_mut(..record.json.len()) {
            place.copy_from_slice(record.json);
            found = Some((record.timestamp, record.json.len()));
            count += 1;
        }
    }
    let record = found.and_then(|(timestamp, length)| Record::head(timestamp, kept.get(..length)?));
    if record.is_some() {
        prometheus::write(options, record.as_ref(), reader, 0, out)?;
    }
    Ok(count)
}

/// Writes a row for each record; how many there are.
fn rows(options: &Options, reader: &mut Reader<'_>, names: &mut [u8], out: &mut Out) -> Result<u64, Error> {
    let mut chosen = Chosen::new(options, count(options, reader)?);
    // The columns are those of the first record.
    let mut is_there = advance(options, reader, out)?;
    let Some(first) = reader.record().filter(|_| is_there) else { return Ok(0) };
    let (width, has_colour) = terminal();
    let mut columns = Columns::default();
    let free = (options.form == Form::Table).then_some(width.saturating_sub(table::TIME));
    if options.form != Form::Json {
        columns.choose(options.columns, &first, names, free);
        reader.left_out.columns = columns.left_out;
        if !columns.has_any() {
            return Err(Error::NoColumn);
        }
    }
    if options.form == Form::Csv {
        csv::head(&columns, out);
    }
    let mut table = Table::new(&columns, has_colour);
    let mut written = 0;
    while is_there
        && out.result.is_ok()
        && let Some(record) = reader.record()
    {
        if chosen.takes(&record) {
            written += 1;
            match options.form {
                Form::Json => _ = out.add(record.json).add("\n"),
                Form::Csv => csv::row(&columns, &record, out),
                _ => table.row(&record, out),
            }
        } else if chosen.is_base {
            table.begin(&record);
        }
        is_there = advance(options, reader, out)?;
    }
    if options.form == Form::Table {
        table.end(out);
    }
    Ok(written)
}

/// How many rows there are before the last ones that are asked for.
fn count(options: &Options, reader: &mut Reader<'_>) -> Result<u64, Error> {
    let Some(last) = options.last else { return Ok(0) };
    let (mut chosen, mut count) = (Chosen::new(options, 0), 0_u64);
    while let Some(record) = reader.take()? {
        count += u64::from(chosen.takes(&record));
    }
    reader.rewind();
    Ok(count.saturating_sub(last))
}

/// Finds the next record; whether there is one. Waits for it where the log is to be followed.
fn advance(options: &Options, reader: &mut Reader<'_>, out: &mut Out) -> Result<bool, Error> {
    loop {
        if options.follow && reader.is_stream() {
            // The next read(2) can wait for long.
            out.flush();
        }
        if reader.advance()? {
            return Ok(true);
        }
        if options.follow {
            out.flush();
        }
        // Where a pipe ends nothing follows, nor when the last second that is asked for is over.
        let is_over = reader.is_stream() || sys::real_time().is_ok_and(|(now, _)| now - 1 > reader.to);
        if !options.follow || is_over || out.result.is_err() {
            return Ok(false);
        }
        reader.wait()?;
    }
}

/// The columns of the terminal, 80 where it is none, and whether it has colours.
fn terminal() -> (usize, bool) {
    let terminal = Fd::STDOUT.terminal_columns();
    let has_colour = terminal.is_some() && sys::environment(b"NO_COLOR").is_none_or(<[u8]>::is_empty);
    let set = sys::environment(b"COLUMNS").and_then(crate::digits::parse).and_then(|set| usize::try_from(set).ok());
    let columns = set.or(terminal.map(usize::from)).filter(|columns| *columns > 0).unwrap_or(80);
    (columns, has_colour)
}

/// Says in one line what was left out.
fn tell_left_out(reader: &Reader<'_>, say: fn(&Message)) {
    let LeftOut { lines, columns, damaged, .. } = reader.left_out;
    let mut message = Message::default();
    let mut before = "procline-show: left out: ";
    for (number, count) in [lines, reader.too_long(), columns, damaged, reader.files()].into_iter().enumerate() {
        if count > 0 {
            message.add(before).line(LEFT_OUT, number).add(": ").number(usize::try_from(count).unwrap_or(usize::MAX));
            before = ", ";
        }
    }
    if !message.as_bytes().is_empty() {
        say(message.add("\n"));
    }
}

/// What each number is of.
const LEFT_OUT: &[u8] = b"\
lines that are no records
lines that are too long
columns more than a row has
damaged gzip files
logs that are no regular files";
