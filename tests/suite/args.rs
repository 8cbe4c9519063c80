//! Command line and environment → options.

use std::ffi::CStr;

use procline::args::{Command, UsageError, parse};
use procline::config::Options;

fn parse_words<'a>(words: &[&'a CStr], variables: &[(&CStr, &'a CStr)]) -> Result<Command<'a>, UsageError<'a>> {
    let lookup = |name: &CStr| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    parse(words.iter().copied(), lookup)
}

fn options<'a>(words: &[&'a CStr], variables: &[(&CStr, &'a CStr)]) -> Options<'a> {
    match parse_words(words, variables) {
        Ok(Command::Record(options)) => options,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_arguments_all_is_as_built_in() {
    assert_eq!(options(&[], &[]), Options::default());
}

#[test]
fn a_value_follows_or_is_attached() {
    let expected =
        Options { log_path: c"/a=b", log_prefix: c"", log_suffix: c"-x", procfs: c"p", ..Options::default() };
    let words = [c"--log-path", c"/a=b", c"--log-prefix", c"", c"--log-suffix", c"-x", c"--procfs", c"p"];
    assert_eq!(options(&words, &[]), expected);
    let words = [c"--log-path=/a=b", c"--log-prefix=", c"--log-suffix=-x", c"--procfs=p"];
    assert_eq!(options(&words, &[]), expected);
}

#[test]
fn switches_switch() {
    let expected = Options { stdout: true, pymonitor: true, intr_counters: false, ..Options::default() };
    assert_eq!(options(&[c"--stdout", c"--pymonitor", c"--no-intr-counters"], &[]), expected);
}

#[test]
fn an_option_comes_before_the_environment_and_the_last_one_counts() {
    let variables = [(c"PROCLINE_LOG_PATH", c"/e"), (c"PROCLINE_LOG_PREFIX", c"a/b"), (c"PROCLINE_LOG_SUFFIX", c"-e")];
    let found = options(&[c"--log-prefix=1", c"--log-prefix=2"], &variables);
    assert_eq!((found.log_path, found.log_prefix, found.log_suffix), (c"/e", c"2", c"-e"));
}

#[test]
fn help_and_version_come_before_what_follows_them() {
    assert_eq!(parse_words(&[c"--help", c"--bogus"], &[(c"PROCLINE_LOG_PATH", c"")]), Ok(Command::Help));
    assert_eq!(parse_words(&[c"--stdout", c"--version"], &[]), Ok(Command::Version));
}

#[test]
fn what_is_wrong_names_itself() {
    for (words, message) in [
        (&[c"--bogus"] as &[&CStr], "--bogus: no such option"),
        (&[c"--bogus=1"], "--bogus=1: no such option"),
        (&[c"-h"], "-h: no such option"),
        (&[c"--"], "--: no such option"),
        (&[c"stray"], "stray: not an option"),
        (&[c"-"], "-: not an option"),
        (&[c""], ": not an option"),
        (&[c"--procfs"], "--procfs: needs a value"),
        (&[c"--procfs", c"--stdout"], "--procfs: needs a value"),
        (&[c"--stdout=yes"], "--stdout=yes: takes no value"),
        (&[c"--log-path="], "--log-path=: needs the name of a folder"),
        (&[c"--log-suffix", c"a/b"], "--log-suffix: part of a file's name, so without a '/'"),
        (&[c"--log-\xff"], "--log-\u{fffd}: no such option"),
    ] {
        assert_eq!(parse_words(words, &[]).map_err(|error| error.to_string()), Err(message.to_string()));
    }
    let error = parse_words(&[], &[(c"PROCLINE_LOG_PREFIX", c"/")]);
    assert_eq!(error, Err(UsageError::Slash(c"PROCLINE_LOG_PREFIX")));
}
