//! Each machine in `fixtures/` gives the records beside it.

use std::fs;
use std::process::Command;

use procline::clock::Moment;

use crate::common::{INSTANT, at_instant, compose, compose_at, done, fixture, fixtures, has_tool, json, procline};

/// The modes: the file with the expected record, the option, the option of the second reading.
const MODES: [(&str, Option<&str>, Option<&str>); 2] =
    [("record.log", None, Some("--kernel")), ("pymonitor.log", Some("--pymonitor"), None)];

#[test]
fn the_library_makes_the_expected_records() {
    for folder in fixtures() {
        for (file, option, _) in MODES {
            let expected = fs::read_to_string(folder.join(file)).unwrap();
            assert_eq!(compose(&folder, option.is_some()).as_ref(), Ok(&expected), "{}", folder.display());
        }
    }
}

#[test]
fn pymonitor_has_no_fraction_of_no_microseconds() {
    let folder = fixture("vm");
    let at_0 = Moment { microseconds: 0, ..INSTANT };
    for (pymonitor, time) in [(false, "\"2024-12-15T22:38:52.000000\""), (true, "\"2024-12-15T22:38:52\"")] {
        let line = compose_at(at_0, &folder, pymonitor).unwrap();
        assert_eq!(json(&line)["time"].to_string(), time);
    }
}

#[test]
fn the_program_makes_the_expected_records() {
    for folder in fixtures() {
        for (file, option, _) in MODES {
            let output = procline().args(["--stdout", "--procfs"]).arg(&folder).args(option).output().unwrap();
            let (line, _) = at_instant(&done(output));
            assert_eq!(line, fs::read_to_string(folder.join(file)).unwrap(), "{}", folder.display());
        }
    }
}

#[test]
fn the_second_reading_gives_the_expected_records() {
    if !has_tool("python3") {
        return;
    }
    let reading = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pymonitor.py");
    for folder in fixtures() {
        for (file, _, option) in MODES {
            let mut python = Command::new("python3");
            python.arg(reading).args(["--at", "1734302332.725903", "--procfs"]).arg(&folder).args(option);
            let line = done(python.env("TZ", "UTC0").output().unwrap());
            assert_eq!(line, fs::read_to_string(folder.join(file)).unwrap(), "{}", folder.display());
        }
    }
}
