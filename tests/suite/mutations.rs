//! Cut and bent: each prefix and each changed byte of each fixture gives a record or an error, never a panic;
//! and a number that was cut is never taken for a whole one.

use std::fs;
use std::path::Path;

use procline::json::{Json, ToJson};
use procline::scan::ParseError;
use procline::source::{Loadavg, Meminfo, Source, Stat, Uptime};
use serde::de::IgnoredAny;

use crate::common::fixtures;

/// What a byte becomes: another digit, what separates, what JSON escapes, what is no text.
const BYTES: [u8; 7] = *b"0 \n\"/:\xff";

/// The JSON of a text, or nothing where it has an error, which is placed within the text.
fn json<'a, S: Source<'a> + ToJson>(text: &'a [u8], room: &mut [u8]) -> Option<Vec<u8>> {
    match S::parse(text) {
        Ok(source) => {
            let mut json = Json::new(room);
            source.write(&mut json);
            let length = json.finish().expect("there is room");
            let json = &room[..length];
            assert!(serde_json::from_slice::<IgnoredAny>(json).is_ok(), "{}", json.escape_ascii());
            Some(json.to_vec())
        }
        Err(ParseError { offset, .. }) => {
            assert!(offset <= text.len(), "{offset} in {}", text.escape_ascii());
            None
        }
    }
}

/// What becomes of a text.
type Read = fn(&[u8], &mut [u8]) -> Option<Vec<u8>>;

/// Checks each prefix of a file, and the file with each of its bytes changed. A prefix that ends in the middle of a
/// line has an error, or gives what the line gives as a whole.
fn cut_and_bend(folder: &Path, file: &str, json: Read) {
    let text = fs::read(folder.join(file)).unwrap();
    let mut room = vec![0; 32 * text.len() + 64];
    let mut whole = json(b"", &mut room);
    for end in 1..=text.len() {
        let found = json(&text[..end], &mut room);
        if text[end - 1] == b'\n' {
            whole = found;
        } else if found.is_some() {
            let line_end = end + text[end..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
            let line = json(&text[..line_end], &mut room);
            assert!(found == line, "{} of {}: {}", end, folder.display(), text[..end].escape_ascii());
        }
    }
    assert!(whole.is_some(), "{file} of {}", folder.display());
    let mut bent = text.clone();
    for (place, original) in text.iter().enumerate() {
        for byte in BYTES {
            bent[place] = byte;
            json(&bent, &mut room);
        }
        bent[place] = *original;
    }
}

#[test]
fn stat_cut_or_bent_gives_what_is_there_or_an_error() {
    for folder in fixtures() {
        cut_and_bend(&folder, "stat", |text, room| json::<Stat<'_>>(text, room));
    }
}

#[test]
fn meminfo_cut_or_bent_gives_what_is_there_or_an_error() {
    for folder in fixtures() {
        cut_and_bend(&folder, "meminfo", |text, room| json::<Meminfo<'_>>(text, room));
    }
}

#[test]
fn uptime_cut_or_bent_gives_what_is_there_or_an_error() {
    for folder in fixtures() {
        cut_and_bend(&folder, "uptime", |text, room| json::<Uptime<'_>>(text, room));
    }
}

#[test]
fn loadavg_cut_or_bent_gives_what_is_there_or_an_error() {
    for folder in fixtures() {
        cut_and_bend(&folder, "loadavg", |text, room| json::<Loadavg<'_>>(text, room));
    }
}
