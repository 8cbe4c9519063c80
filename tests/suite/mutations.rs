//! Cut and bent: each prefix and each changed byte of each fixture gives a record or an error, never a panic.

use std::fs;
use std::path::Path;

use procline::scan::ParseError;
use procline::source::{Loadavg, Meminfo, Source, Stat, Uptime};
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::common::fixtures;

/// What a byte becomes: another digit, what separates, what JSON escapes, what is no text.
const BYTES: [u8; 7] = *b"0 \n\"/:\xff";

/// Parses, and checks that what comes out is JSON, or that the error is placed within the text.
fn check<'a, S: Source<'a> + Serialize>(text: &'a [u8], room: &mut [u8]) {
    match S::parse(text) {
        Ok(source) => {
            let length = serde_json_core::to_slice(&source, room).expect("there is room");
            let json = &room[..length];
            assert!(serde_json::from_slice::<IgnoredAny>(json).is_ok(), "{}", json.escape_ascii());
        }
        Err(ParseError { offset, .. }) => assert!(offset <= text.len(), "{offset} in {}", text.escape_ascii()),
    }
}

/// Checks each prefix of a file, and the file with each of its bytes changed.
fn cut_and_bend(folder: &Path, file: &str, check: fn(&[u8], &mut [u8])) {
    let text = fs::read(folder.join(file)).unwrap();
    let mut room = vec![0; 32 * text.len() + 64];
    for end in 0..text.len() {
        check(&text[..end], &mut room);
    }
    let mut bent = text.clone();
    for (place, original) in text.iter().enumerate() {
        for byte in BYTES {
            bent[place] = byte;
            check(&bent, &mut room);
        }
        bent[place] = *original;
    }
}

#[test]
fn stat_gives_a_value_or_an_error() {
    for folder in fixtures() {
        cut_and_bend(&folder, "stat", |text, room| check::<Stat<'_>>(text, room));
    }
}

#[test]
fn meminfo_gives_a_value_or_an_error() {
    for folder in fixtures() {
        cut_and_bend(&folder, "meminfo", |text, room| check::<Meminfo<'_>>(text, room));
    }
}

#[test]
fn uptime_gives_a_value_or_an_error() {
    for folder in fixtures() {
        cut_and_bend(&folder, "uptime", |text, room| check::<Uptime<'_>>(text, room));
    }
}

#[test]
fn loadavg_gives_a_value_or_an_error() {
    for folder in fixtures() {
        cut_and_bend(&folder, "loadavg", |text, room| check::<Loadavg<'_>>(text, room));
    }
}
