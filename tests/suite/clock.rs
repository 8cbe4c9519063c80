//! Local time, at instants of the test's choice: in 2040, on both sides of a daylight-saving change, in every form of
//! `TZ`.
//!
//! `PROCLINE_TEST_CLOCK` names a command that runs a program with a clock that stands: `at SECONDS PROGRAM ARGUMENT…`.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::tempdir;

use crate::common::{done, fixture, has_tool, json, not_here, only_file, procline_binary, skipped};

/// 2040-02-29 12:34:56 UTC, which a time_t of 32 bits takes for a day in 1904.
const IN_2040: i64 = 2_214_131_696;
/// Seconds of 2024 in UTC: the last before a change in Central Europe, and the first after it.
const SPRING: [i64; 2] = [1_711_846_799, 1_711_846_800];
const AUTUMN: [i64; 2] = [1_729_990_799, 1_729_990_800];
/// Central Europe, as a POSIX string.
const POSIX: &str = "CET-1CEST,M3.5.0/02:00:00,M10.5.0/03:00:00";

/// procline with a clock that stands at `seconds`, or nothing where there is no such clock.
fn at(seconds: i64) -> Option<Command> {
    let Some(clock) = env::var_os("PROCLINE_TEST_CLOCK") else {
        not_here("PROCLINE_TEST_CLOCK names no command (.ci/targets has one)");
        return None;
    };
    let mut command = Command::new(clock);
    command.arg(seconds.to_string()).arg(procline_binary()).env_clear();
    command.arg("--procfs").arg(fixture("mt7621-router"));
    Some(command)
}

/// The `time` of a record taken at `seconds`, with the environment that `set` makes.
fn time_at(seconds: i64, set: impl Fn(&mut Command) -> &mut Command) -> Option<String> {
    let mut command = at(seconds)?;
    let record = json(&done(set(command.arg("--stdout")).output().unwrap()));
    assert_eq!(record["timestamp"], seconds);
    Some(record["time"].as_str().unwrap()[..19].to_string())
}

/// The same times in Central Europe, whichever way the program is told.
fn is_central_europe(set: impl Fn(&mut Command) -> &mut Command) {
    for (seconds, expected) in [
        (SPRING[0], "2024-03-31T01:59:59"),
        (SPRING[1], "2024-03-31T03:00:00"),
        (AUTUMN[0], "2024-10-27T02:59:59"),
        (AUTUMN[1], "2024-10-27T02:00:00"),
        (IN_2040, "2040-02-29T13:34:56"),
    ] {
        let Some(time) = time_at(seconds, &set) else { return };
        assert_eq!(time, expected);
    }
}

#[test]
fn a_clock_in_2040_gives_the_right_date_name_and_timestamp() {
    let folder = tempdir().unwrap();
    let Some(mut command) = at(IN_2040) else { return };
    done(command.env("TZ", "UTC0").arg("--log-path").arg(folder.path()).output().unwrap());
    let log = only_file(folder.path());
    assert_eq!(log.file_name().unwrap().to_str(), Some("awesome_monitoring_2040-02-29.log"));
    let line = fs::read_to_string(log).unwrap();
    assert!(line.starts_with("2214131696 - {\"time\":\"2040-02-29T12:34:56."), "{line}");
    assert_eq!(json(&line)["timestamp"], IN_2040);
}

#[test]
fn tz_as_a_posix_string() {
    is_central_europe(|command| command.env("TZ", POSIX));
}

#[test]
fn tz_as_a_name() {
    if !Path::new("/usr/share/zoneinfo/Europe/Berlin").exists() {
        skipped("there is no /usr/share/zoneinfo/Europe/Berlin");
        return;
    }
    is_central_europe(|command| command.env("TZ", "Europe/Berlin"));
}

#[test]
fn tz_that_is_no_zone_is_utc() {
    let Some(time) = time_at(IN_2040, |command| command.env("TZ", "Nowhere/Never")) else { return };
    assert_eq!(time, "2040-02-29T12:34:56");
}

#[test]
fn without_tz_it_is_that_of_etc_localtime_or_of_etc_tz_and_without_both_utc() {
    if at(SPRING[0]).is_none() || !has_tool("unshare") {
        return;
    }
    // A /etc of its own, for the program alone. It is empty but for what `fill` puts there.
    let time = |seconds: i64, fill: &str| {
        let command = at(seconds).unwrap();
        let script = format!("mount -t tmpfs none /etc && {fill} && exec \"$@\"");
        let mut shell = Command::new("unshare");
        shell.args(["-m", "sh", "-c", &script, "sh"]).arg(command.get_program()).args(command.get_args());
        let output = shell.env_remove("TZ").arg("--stdout").output().unwrap();
        let refused = String::from_utf8_lossy(&output.stderr).contains("Operation not permitted");
        if refused { None } else { Some(json(&done(output))["time"].as_str().unwrap()[..19].to_string()) }
    };
    let Some(utc) = time(SPRING[1], "true") else {
        skipped("this user may not mount");
        return;
    };
    assert_eq!(utc, "2024-03-31T01:00:00");
    let berlin = "cp /usr/share/zoneinfo/Europe/Berlin /etc/localtime";
    assert_eq!(time(SPRING[0], berlin).as_deref(), Some("2024-03-31T01:59:59"));
    assert_eq!(time(SPRING[1], berlin).as_deref(), Some("2024-03-31T03:00:00"));
    // A rule, a name, and one that comes first, if it tells anything.
    let rule = format!("echo '{POSIX}' > /etc/TZ");
    assert_eq!(time(SPRING[0], &rule).as_deref(), Some("2024-03-31T01:59:59"));
    assert_eq!(time(SPRING[1], &rule).as_deref(), Some("2024-03-31T03:00:00"));
    assert_eq!(time(SPRING[1], "echo Asia/Tokyo > /etc/TZ").as_deref(), Some("2024-03-31T10:00:00"));
    assert_eq!(time(SPRING[1], &format!("{berlin} && echo JST-9 > /etc/TZ")).as_deref(), Some("2024-03-31T10:00:00"));
    assert_eq!(time(SPRING[1], &format!("{berlin} && echo > /etc/TZ")).as_deref(), Some("2024-03-31T03:00:00"));
    // It decides, be it that nothing else knows the name, and that UTC needs no file.
    let no_zones = "mount -t tmpfs none /usr/share/zoneinfo";
    for no_zone in ["UTC", "Nowhere/Never"] {
        let fill = format!("{berlin} && echo {no_zone} > /etc/TZ && {no_zones}");
        assert_eq!(time(SPRING[1], &fill).as_deref(), Some("2024-03-31T01:00:00"), "{no_zone}");
    }
    assert_eq!(time(SPRING[1], "printf 'JST-9 \\r\\n' > /etc/TZ").as_deref(), Some("2024-03-31T10:00:00"));
    for no_zone in [
        "echo > /etc/TZ",
        "echo Nowhere/Never > /etc/TZ",
        "mkdir /etc/TZ",
        "echo TZif > /etc/localtime",
        "mkfifo /etc/TZ",
    ] {
        assert_eq!(time(SPRING[1], no_zone).as_deref(), Some("2024-03-31T01:00:00"), "{no_zone}");
    }
}

#[test]
fn pymonitor_has_no_fraction_when_the_clock_has_none() {
    let Some(mut command) = at(IN_2040) else { return };
    let line = done(command.env("TZ", "UTC0").args(["--stdout", "--pymonitor"]).output().unwrap());
    assert!(line.starts_with("2214131696 - {\"time\": \"2040-02-29T12:34:56\", "), "{line}");
}
