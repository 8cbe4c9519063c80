//! Command line and environment: options and messages are those that the README tells.
//!
//! An input has a word on each line; a line `PROCLINE_LOG_PATH=/tmp` and the like is a variable instead.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use procline::args;
use procline::config::{Command, Options};
use procline_fuzz::options::{Asked, VARIABLES, asked, bits, number};

/// What a record is to be made of: the default, but for what is given.
fn options<'a>(given: &BTreeMap<&'a str, &'a [u8]>) -> Options<'a> {
    let default = Options::default();
    let value = |option, default| given.get(option).copied().unwrap_or(default);
    Options {
        command: if given.contains_key("--check") { Command::Check } else { Command::Record },
        log_path: value("--log-path", default.log_path),
        log_prefix: value("--log-prefix", default.log_prefix),
        log_suffix: value("--log-suffix", default.log_suffix),
        with: given.get("--with").map_or(0, |list| bits(list)),
        procfs: value("--procfs", default.procfs),
        sysfs: value("--sysfs", default.sysfs),
        rootfs: value("--rootfs", default.rootfs),
        stdout: given.contains_key("--stdout"),
        pymonitor: given.contains_key("--pymonitor"),
        intr_counters: !given.contains_key("--no-intr-counters"),
        interval: given.get("--interval").and_then(|value| number(value)?.try_into().ok()),
        keep_files: given.get("--keep-files").and_then(|value| number(value)),
        max_bytes: given.get("--max-bytes").and_then(|value| number(value)),
        compress: given.contains_key("--compress"),
        sync: given.contains_key("--sync"),
    }
}

fuzz_target!(|input: &[u8]| {
    let mut words = Vec::new();
    let mut variables = BTreeMap::new();
    // A word ends at its first NUL, as C has it.
    let lines = input.split(|byte| *byte == b'\n').filter_map(|line| line.split(|byte| *byte == 0).next());
    for line in lines {
        let value = |name: &str| line.strip_prefix(name.as_bytes())?.strip_prefix(b"=");
        match VARIABLES.iter().find_map(|(name, _)| Some((*name, value(name)?))) {
            Some((name, value)) => drop(variables.insert(name, value)),
            None => words.push(line),
        }
    }
    let environment = |name: &[u8]| variables.get(str::from_utf8(name).ok()?).copied();
    let found = args::parse(words.iter().copied(), environment).map_err(|error| error.to_string());
    let expected = asked(&words, &variables);
    match &expected {
        Ok(Asked::Record(given)) => assert_eq!(found, Ok(options(given))),
        Ok(Asked::Help) => assert_eq!(found.map(|found| found.command), Ok(Command::Help)),
        Ok(Asked::Version) => assert_eq!(found.map(|found| found.command), Ok(Command::Version)),
        Err(message) => assert_eq!(found.as_ref(), Err(message)),
    }
});
