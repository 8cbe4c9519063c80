//! What the README says of the command line, in plain std Rust, with nothing of procline in it.

use std::collections::BTreeMap;

/// What a command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// The values given for options and by the environment, and the switches given: a record, or a check.
    Record(BTreeMap<&'static str, &'a [u8]>),
    /// The text of `--help`.
    Help,
    /// The text of `--version`.
    Version,
}

const FOLDERS: [&str; 4] = ["--log-path", "--procfs", "--sysfs", "--rootfs"];
const NAME_PARTS: [&str; 2] = ["--log-prefix", "--log-suffix"];

/// The options that have a value.
const WITH_VALUE: [&str; 10] = [
    "--log-path",
    "--log-prefix",
    "--log-suffix",
    "--with",
    "--procfs",
    "--sysfs",
    "--rootfs",
    "--interval",
    "--keep-files",
    "--max-bytes",
];
const SWITCHES: [&str; 8] =
    ["--stdout", "--pymonitor", "--no-intr-counters", "--sync", "--compress", "--check", "--help", "--version"];

/// What `--with` can ask for.
const SOURCES: &str = "netdev,diskstats,filesystem,thermal_zone,hwmon,conntrack,filefd,pressure,vmstat,sockstat,softnet,\
                       flash,netstat,snmp";

/// The bits of a list: the lowest one for all, then one for each source.
#[must_use]
pub fn bits(list: &[u8]) -> u32 {
    let names = (0..).zip(["all"].into_iter().chain(SOURCES.split(',')));
    let is_asked = |name: &str| list.split(|byte| *byte == b',').any(|asked| asked == name.as_bytes());
    names.filter(|(_, name)| is_asked(name)).fold(0, |bits, (place, _)| bits | 1 << place)
}

/// What a log's name begins with where nothing else is given.
const PREFIX: &[u8] = b"awesome_monitoring_";

/// The variables, and the options that they stand for.
pub const VARIABLES: [(&str, &str); 4] = [
    ("PROCLINE_LOG_PATH", "--log-path"),
    ("PROCLINE_LOG_PREFIX", "--log-prefix"),
    ("PROCLINE_LOG_SUFFIX", "--log-suffix"),
    ("PROCLINE_WITH", "--with"),
];

/// What the words ask for, or the message.
///
/// # Errors
/// The message about what is wrong first, in the words and then in the variables.
pub fn asked<'a>(words: &[&'a [u8]], variables: &BTreeMap<&str, &'a [u8]>) -> Result<Asked<'a>, String> {
    let mut given = BTreeMap::<&str, &'a [u8]>::new();
    let mut words = words.iter().copied().peekable();
    while let Some(word) = words.next() {
        let mut halves = word.splitn(2, |byte| *byte == b'=');
        let (name, attached) = (halves.next().unwrap_or_default(), halves.next());
        let known = |names: &[&'static str]| names.iter().copied().find(|known| known.as_bytes() == name);
        if let Some(option) = known(&WITH_VALUE) {
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
        if let Some(value) = variables.get(variable)
            && !given.contains_key(option)
        {
            given.insert(option, good(variable.as_bytes(), option, value)?);
        }
    }
    if given.contains_key("--pymonitor") && given.get("--with").is_some_and(|names| !names.is_empty()) {
        return Err(message(b"--pymonitor", "not together with --with or PROCLINE_WITH"));
    }
    // A name has 255 bytes. `2024-12-15.log.999999999.gz` are 27 of them.
    let part = |option, default: &[u8]| given.get(option).map_or(default.len(), |value| value.len());
    let option = ["--compress", "--max-bytes"].into_iter().find(|option| given.contains_key(option));
    if let Some(option) = option.filter(|_| part("--log-prefix", PREFIX) + part("--log-suffix", b"") + 27 > 255) {
        let what = "needs a --log-prefix and a --log-suffix of at most 228 bytes together";
        return Err(message(option.as_bytes(), what));
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
    match option {
        "--with" => {
            let is_known = |name: &[u8]| SOURCES.split(',').chain(["all"]).any(|known| known.as_bytes() == name);
            // A comma may stand at the end.
            let names = value.strip_suffix(b",").unwrap_or(value);
            let are_known = value.is_empty() || names.split(|byte| *byte == b',').all(is_known);
            return if are_known {
                Ok(value)
            } else {
                Err(message(whose, &format!("needs names of: all,{SOURCES}")))
            };
        }
        "--interval" => {
            plain(value).filter(|seconds| *seconds <= 86_400).ok_or("needs a number of seconds, 1 to 86400")
        }
        "--keep-files" => plain(value).filter(|files| *files <= 9999).ok_or("needs a number of days, 1 to 9999"),
        "--max-bytes" => number(value).ok_or("needs a number of bytes, as 65536, 512k, 4M or 1G"),
        _ => Ok(0),
    }
    .map(|_| value)
    .map_err(|reason| message(whose, reason))
}

/// The same of one without a unit.
fn plain(value: &[u8]) -> Option<u64> {
    number(value).filter(|_| value.last().is_some_and(u8::is_ascii_digit))
}

/// What a value that is a number stands for. None of them can be 0, and only a number of bytes can have a unit.
#[must_use]
pub fn number(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    let (digits, unit) = match text.to_ascii_lowercase().chars().last()? {
        'k' => (&text[..text.len() - 1], 1_u128 << 10),
        'm' => (&text[..text.len() - 1], 1 << 20),
        'g' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // So many digits that u128 ends are more than 64 bits, unless they are zeros.
    let digits = digits.trim_start_matches('0');
    let number = if is_number && digits.len() < 25 { digits.parse::<u128>().ok()? * unit } else { 0 };
    u64::try_from(number).ok().filter(|number| *number > 0)
}

/// The word as far as it is no longer than a path, with its control characters in hexadecimal, and what is wrong with
/// it.
fn message(whose: &[u8], what: &str) -> String {
    let mut shown = Vec::new();
    for byte in whose {
        if shown.len() >= 1024 {
            shown.extend("\u{fffd}".bytes());
            break;
        }
        match byte {
            0..32 | 127 => shown.extend(format!("\\x{byte:02x}").bytes()),
            _ => shown.push(*byte),
        }
    }
    format!("{}: {what}", String::from_utf8_lossy(&shown))
}
