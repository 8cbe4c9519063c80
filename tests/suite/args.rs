//! Command line and environment → options.

use procline::args::{UsageError, parse};
use procline::config::{Command, Options};

fn parse_words<'a>(words: &[&'a str], variables: &[(&str, &'a str)]) -> Result<Options<'a>, UsageError<'a>> {
    let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_bytes());
    parse(words.iter().map(|word| word.as_bytes()), |name| value(str::from_utf8(name).unwrap()))
}

fn options<'a>(words: &[&'a str], variables: &[(&str, &'a str)]) -> Options<'a> {
    parse_words(words, variables).unwrap()
}

#[test]
fn without_arguments_all_is_as_built_in() {
    assert_eq!(options(&[], &[]), Options::default());
}

#[test]
fn a_value_follows_or_is_attached() {
    let expected =
        Options { log_path: b"/a=b", log_prefix: b"", log_suffix: b"-x", procfs: b"p", ..Options::default() };
    let words = ["--log-path", "/a=b", "--log-prefix", "", "--log-suffix", "-x", "--procfs", "p"];
    assert_eq!(options(&words, &[]), expected);
    let words = ["--log-path=/a=b", "--log-prefix=", "--log-suffix=-x", "--procfs=p"];
    assert_eq!(options(&words, &[]), expected);
}

#[test]
fn switches_switch() {
    let expected = Options { stdout: true, pymonitor: true, intr_counters: false, sync: true, ..Options::default() };
    assert_eq!(options(&["--stdout", "--pymonitor", "--no-intr-counters", "--sync"], &[]), expected);
}

#[test]
fn numbers_are_taken() {
    let expected =
        Options { interval: Some(60), keep_files: Some(7), max_bytes: Some(512 << 10), ..Options::default() };
    assert_eq!(options(&["--interval", "60", "--keep-files=7", "--max-bytes", "512k"], &[]), expected);
    for (text, seconds) in [("1", 1), ("86400", 86_400), ("007", 7)] {
        assert_eq!(options(&["--interval", text], &[]).interval, Some(seconds));
    }
    let sizes = [("1", 1), ("65536", 65_536), ("64K", 65_536), ("4m", 4 << 20), ("4M", 4 << 20), ("2G", 2 << 30)];
    for (text, bytes) in sizes.into_iter().chain([("18446744073709551615", u64::MAX), ("17179869183g", u64::MAX << 30)])
    {
        assert_eq!(options(&["--max-bytes", text], &[]).max_bytes, Some(bytes));
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    for (option, reason, values) in [
        ("--interval", "needs a number of seconds, 1 to 86400", &["0", "86401", "1.5", "4294967297", "1m"] as &[_]),
        ("--keep-files", "needs a number of days, 1 to 9999", &["0", "10000", "all"]),
        (
            "--max-bytes",
            "needs a number of bytes, as 65536, 512k, 4M or 1G",
            &["0", "0k", "k", "4MB", "17179869184g", "1T"],
        ),
    ] {
        for value in values.iter().chain(&["", "-1", "+1", " 1", "1 ", "0x10", "1e3", "18446744073709551616"]) {
            let word = format!("{option}={value}");
            let found = parse_words(&[&word], &[]).map_err(|error| error.to_string());
            assert_eq!(found, Err(format!("{word}: {reason}")));
        }
    }
}

#[test]
fn an_option_comes_before_the_environment_and_the_last_one_counts() {
    let variables = [("PROCLINE_LOG_PATH", "/e"), ("PROCLINE_LOG_PREFIX", "a/b"), ("PROCLINE_LOG_SUFFIX", "-e")];
    let found = options(&["--log-prefix=1", "--log-prefix=2"], &variables);
    assert_eq!((found.log_path, found.log_prefix, found.log_suffix), (&b"/e"[..], &b"2"[..], &b"-e"[..]));
    // A variable that an option replaces may hold anything.
    assert_eq!(options(&["--interval=6", "--procfs=q", "--interval=5", "--procfs=p"], &[]).interval, Some(5));
    let default = [Options::default().log_path, b""];
    let words = [b"--log-path", default[0]].into_iter().chain([&b"--log-suffix="[..]]);
    let other = |name: &[u8]| Some(if name == b"PROCLINE_WITH" { &b"snmp"[..] } else { b"other" });
    assert_eq!(parse(words, other).map(|options| [options.log_path, options.log_suffix]), Ok(default));
}

#[test]
fn help_and_version_come_before_what_follows_them() {
    let command = |words: &[&str]| options(words, &[("PROCLINE_LOG_PATH", "")]).command;
    assert_eq!(command(&["--help", "--bogus"]), Command::Help);
    assert_eq!(command(&["--stdout", "--version", "--interval=x"]), Command::Version);
    assert_eq!(command(&["--check", "--help"]), Command::Help);
}

#[test]
fn what_is_wrong_first_is_told() {
    for (words, message) in [
        (&["--interval=x", "--help"] as &[&str], "--interval=x: needs a number of seconds, 1 to 86400"),
        (&["--max-bytes", "4X", "--version"], "--max-bytes: needs a number of bytes, as 65536, 512k, 4M or 1G"),
        (&["--keep-files=0", "--log-path="], "--keep-files=0: needs a number of days, 1 to 9999"),
        (&["--log-path=", "--bogus"], "--log-path=: needs the name of a folder"),
        (&["--procfs=", "--procfs=/proc"], "--procfs=: needs the name of a folder"),
        (&["--check", "--stdout=1"], "--stdout=1: takes no value"),
        (&["--check"], "PROCLINE_LOG_PATH: needs the name of a folder"),
    ] {
        let found = parse_words(words, &[("PROCLINE_LOG_PATH", ""), ("PROCLINE_LOG_PREFIX", "/")]);
        assert_eq!(found.map_err(|error| error.to_string()), Err(message.to_string()));
    }
}

#[test]
fn max_bytes_needs_names_that_leave_room_for_the_number_of_a_part() {
    let (most, more) = ("p".repeat(200), "s".repeat(29));
    let variables = [("PROCLINE_LOG_PREFIX", most.as_str())];
    let words = |suffix| vec!["--log-suffix", suffix, "--max-bytes=1M"];
    assert_eq!(options(&words(&more[1..]), &variables).log_suffix.len(), 28);
    let message = "--max-bytes: needs a --log-prefix and a --log-suffix of at most 228 bytes together";
    let found = parse_words(&words(&more), &variables).map_err(|error| error.to_string());
    assert_eq!(found, Err(message.to_string()));
    assert_eq!(options(&words(&more)[..2], &variables).log_suffix.len(), 29);
    let found =
        parse_words(&[&words(&more)[..2], &["--compress"]].concat(), &variables).map_err(|error| error.to_string());
    assert_eq!(found, Err(message.replace("max-bytes", "compress")));
    // The default counts, too.
    assert!(parse_words(&words(&"s".repeat(210)), &[]).is_err());
}

#[test]
fn what_is_wrong_names_itself() {
    for (words, message) in [
        (&["--bogus"] as &[&str], "--bogus: no such option"),
        (&["--bogus=1"], "--bogus=1: no such option"),
        (&["-h"], "-h: no such option"),
        (&["--"], "--: no such option"),
        (&["stray"], "stray: not an option"),
        (&["-"], "-: not an option"),
        (&[""], ": not an option"),
        (&["--procfs"], "--procfs: needs a value"),
        (&["--procfs", "--stdout"], "--procfs: needs a value"),
        (&["--stdout=yes"], "--stdout=yes: takes no value"),
        (&["--log-path="], "--log-path=: needs the name of a folder"),
        (&["--log-suffix", "a/b"], "--log-suffix: part of a file's name, so without a '/'"),
    ] {
        assert_eq!(parse_words(words, &[]).map_err(|error| error.to_string()), Err(message.to_string()));
    }
    let error = parse([&b"--log-\xff"[..]].into_iter(), |_| None);
    assert_eq!(error.map_err(|error| error.to_string()), Err("--log-\u{fffd}: no such option".to_string()));
    let error = parse_words(&[], &[("PROCLINE_LOG_PREFIX", "/")]);
    assert_eq!(
        error,
        Err(UsageError { argument: b"PROCLINE_LOG_PREFIX", reason: "part of a file's name, so without a '/'" })
    );
}
