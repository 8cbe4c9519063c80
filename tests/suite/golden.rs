//! Each machine in `fixtures/` gives the records beside it.

use std::fs;
use std::process::Command;

use procline::clock::Moment;
use tempfile::tempdir;

use crate::common::{INSTANT, at_instant, compose_at, compose_with, done, fixture, fixtures, has_tool, json, procline};

/// What `with.log` has: all but the file systems, whose numbers are of the disk.
const WITH: &str =
    "netdev,diskstats,thermal_zone,hwmon,conntrack,filefd,pressure,vmstat,sockstat,softnet,flash,netstat,snmp";

/// The modes: the file with the expected record, the options, the options of the second reading.
const MODES: [(&str, &[&str], &[&str]); 3] = [
    ("record.log", &[], &["--kernel"]),
    ("pymonitor.log", &["--pymonitor"], &[]),
    ("with.log", &["--with", WITH], &["--kernel", "--with", WITH]),
];

#[test]
fn the_library_makes_the_expected_records() {
    for folder in fixtures() {
        for (file, options, _) in MODES {
            let expected = fs::read_to_string(folder.join(file)).unwrap();
            assert!(compose_with(&folder, options).as_ref() == Ok(&expected), "{} of {}", file, folder.display());
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
        for (file, options, _) in MODES {
            let mut program = procline();
            program.args(["--stdout", "--procfs"]).arg(&folder).arg("--sysfs").arg(folder.join("sysfs")).args(options);
            let output = program.output().unwrap();
            let (line, _) = at_instant(&done(output));
            assert!(line == fs::read_to_string(folder.join(file)).unwrap(), "{} of {}", file, folder.display());
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
        for (file, _, options) in MODES {
            let mut python = Command::new("python3");
            python.arg(reading).args(["--at", "1734302332.725903", "--procfs"]).arg(&folder).args(options);
            python.arg("--sysfs").arg(folder.join("sysfs"));
            let line = done(python.env("TZ", "UTC0").output().unwrap());
            assert!(line == fs::read_to_string(folder.join(file)).unwrap(), "{} of {}", file, folder.display());
        }
    }
}

/// A line of `meminfo`, put together of parts that `choose` chooses. No two have the same name.
fn odd_line(number: usize, mut choose: impl FnMut(usize) -> usize) -> String {
    let mut part = |parts: &[&'static str]| parts[choose(parts.len())];
    let indent = part(&["", "", "", "", " ", "\t"]);
    let name = part(&["Name", "Active(anon)_", "(", "_", "4k", "a-b", "a b", "\"", "\\", "\u{e4}", ""]);
    let colon = part(&[":", ":", ":", ":", "", "::", " :"]);
    let gap = part(&[" ", "        ", "\t ", ""]);
    let value = part(&["5", "18014398503714728", "0", "007", "", "-1", "1.5", "5_000", "x"]);
    let unit = part(&[" kB", " kB", "", "kB", " 5", "\t\t136073216 124506112", " k_2B!", " %", " kB extra", "\u{e4}"]);
    let end = part(&["", "", "\r", " "]);
    format!("{indent}{name}{number}{colon}{gap}{value}{unit}{end}\n")
}

#[test]
fn odd_lines_of_meminfo_are_read_as_the_second_reading_does() {
    if !has_tool("python3") {
        return;
    }
    let folder = tempdir().unwrap();
    for file in ["stat", "uptime", "loadavg"] {
        fs::copy(fixture("vm").join(file), folder.path().join(file)).unwrap();
    }
    // A linear congruential generator, the same each time.
    let mut state = 1_u64;
    let mut choose = move |ways: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % ways
    };
    let lines: String = (0..5000).map(|number| odd_line(number, &mut choose)).collect();
    fs::write(folder.path().join("meminfo"), format!("MemTotal: 5 kB\n{lines}")).unwrap();
    for (_, options, other) in &MODES[..2] {
        let mut python = Command::new("python3");
        python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pymonitor.py")).args(["--at", "1734302332.725903"]);
        python.arg("--procfs").arg(folder.path()).args(*other);
        let expected = done(python.env("TZ", "UTC0").output().unwrap());
        let found = compose_with(folder.path(), options).unwrap();
        assert!(found == expected, "{}", first_difference(&found, &expected));
        let names = json(&found)["meminfo"].as_object().unwrap().len();
        assert!((100..4900).contains(&names), "{names} of the lines were taken");
    }
}

/// Where two texts begin to differ.
fn first_difference(found: &str, expected: &str) -> String {
    let same = found.bytes().zip(expected.bytes()).take_while(|(found, expected)| found == expected).count();
    let around =
        |text: &str| String::from_utf8_lossy(&text.as_bytes()[same.saturating_sub(60)..]).chars().take(120).collect();
    let [found, expected]: [String; 2] = [found, expected].map(around);
    format!("{found}\ninstead of\n{expected}")
}
