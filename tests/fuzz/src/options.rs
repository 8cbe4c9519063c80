//! What the README says of the command line, in plain std Rust, with nothing of procline in it.

use std::collections::BTreeMap;

/// What a command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// The values given for options and by the environment, and the switches given.
    Record(BTreeMap<&'static str, &'a [u8]>),
    /// The text of `--help`.
    Help,
    /// The text of `--version`.
    Version,
}

const FOLDERS: [&str; 2] = ["--log-path", "--procfs"];
const NAME_PARTS: [&str; 2] = ["--log-prefix", "--log-suffix"];
const SWITCHES: [&str; 5] = ["--stdout", "--pymonitor", "--no-intr-counters", "--help", "--version"];

/// The variables, and the options that they stand for.
pub const VARIABLES: [(&str, &str); 3] = [
    ("PROCLINE_LOG_PATH", "--log-path"),
    ("PROCLINE_LOG_PREFIX", "--log-prefix"),
    ("PROCLINE_LOG_SUFFIX", "--log-suffix"),
];

/// What the words ask for, or the message.
///
/// # Errors
/// The message about the first word, or else the first variable, that is wrong.
pub fn asked<'a>(words: &[&'a [u8]], variables: &BTreeMap<&str, &'a [u8]>) -> Result<Asked<'a>, String> {
    let mut given = BTreeMap::new();
    let mut words = words.iter().copied().peekable();
    while let Some(word) = words.next() {
        let mut halves = word.splitn(2, |byte| *byte == b'=');
        let (name, attached) = (halves.next().unwrap_or_default(), halves.next());
        let known = |names: &[&'static str]| names.iter().copied().find(|known| known.as_bytes() == name);
        if let Some(option) = known(&[FOLDERS, NAME_PARTS].concat()) {
            let value = attached.or_else(|| words.next_if(|next| !next.starts_with(b"--")));
            given.insert(option, good(word, option, value.ok_or(message(word, "needs a value"))?)?);
        } else if let Some(switch) = known(&SWITCHES) {
            match switch {
                _ if attached.is_some() => return Err(message(word, "takes no value")),
                "--help" => return Ok(Asked::Help),
                "--version" => return Ok(Asked::Version),
                _ => given.insert(switch, &[]),
            };
        } else if name.starts_with(b"-") && name != b"-" {
            return Err(message(word, "no such option"));
        } else {
            return Err(message(word, "not an option"));
        }
    }
    for (variable, option) in VARIABLES {
        if let (Some(value), false) = (variables.get(variable), given.contains_key(option)) {
            given.insert(option, good(variable.as_bytes(), option, value)?);
        }
    }
    Ok(Asked::Record(given))
}

/// The value, if this option can have it.
fn good<'a>(whose: &[u8], option: &str, value: &'a [u8]) -> Result<&'a [u8], String> {
    if FOLDERS.contains(&option) && value.is_empty() {
        return Err(message(whose, "needs the name of a folder"));
    }
    if NAME_PARTS.contains(&option) && value.contains(&b'/') {
        return Err(message(whose, "part of a file's name, so without a '/'"));
    }
    Ok(value)
}

/// The word as far as it is no longer than a path, and what is wrong with it.
fn message(whose: &[u8], what: &str) -> String {
    let shown = &whose[..whose.len().min(1024)];
    let cut = if shown.len() < whose.len() { "\u{fffd}" } else { "" };
    format!("{}{cut}: {what}", String::from_utf8_lossy(shown))
}
