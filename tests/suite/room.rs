//! `--max-bytes`: what is settled before anything goes, and what is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use procline::clock::Date;
use procline::config::Options;
use proptest::collection::btree_map;
use proptest::prelude::*;
use tempfile::tempdir;

use crate::common::{complaint, done, json, names, recorded, skip_unless_native, skipped, to_log};
use crate::retention::{append_on, du, line, options};

/// The files of a folder and what is in them.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

#[test]
fn a_run_that_finds_no_room_deletes_nothing() {
    let folder = tempdir().unwrap();
    let options = Options { max_bytes: Some(36 << 10), ..options(&folder) };
    for (name, bytes) in [("2026-11-20.log", 4_000), ("2033-01-01.log", 20_000), ("2033-01-02.log", 9_000)] {
        fs::write(folder.path().join(name), "x".repeat(bytes - 1) + "\n").unwrap();
    }
    let before = contents(folder.path());
    let reason = "newer than the record, and leaves it no room; remove it, set the clock, or raise --max-bytes";
    assert_eq!(
        append_on(&options, [2026, 11, 27], 1),
        Err(format!("{}/2033-01-01.log: {reason}", folder.path().display()))
    );
    // The log of the day was made, and is not left behind empty.
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_record_that_can_never_fit_leaves_no_empty_log() {
    let folder = tempdir().unwrap();
    let message = complaint(to_log(folder.path()).args(["--max-bytes", "2k"]).output().unwrap(), 1);
    assert!(message.ends_with(" bytes of disk, more than --max-bytes allows\n"), "{message}");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn an_empty_log_that_was_there_outlives_a_run_that_fails() {
    let folder = tempdir().unwrap();
    let options = Options { max_bytes: Some(36 << 10), ..options(&folder) };
    fs::write(folder.path().join("2026-11-27.log"), "").unwrap();
    fs::write(folder.path().join("2027-01-01.log"), "x".repeat(60_000)).unwrap();
    let before = contents(folder.path());
    append_on(&options, [2026, 11, 27], 1).unwrap_err();
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn what_has_the_name_of_today_and_is_no_file_costs_no_log() {
    let (folder, log, record) = recorded();
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    for day in 1..=9 {
        fs::write(folder.path().join(format!("awesome_monitoring_2020-01-0{day}.log")), &record).unwrap();
    }
    let before = names(folder.path());
    complaint(to_log(folder.path()).args(["--max-bytes", "16k"]).output().unwrap(), 1);
    assert_eq!(names(folder.path()), before);
}

/// Logs of some days, as they may be found: their bytes.
fn layout() -> impl Strategy<Value = BTreeMap<(i32, u32), usize>> {
    let bytes = prop_oneof![8 => 1..16_000_usize, 1 => 16_000..80_000_usize];
    btree_map((1..=28_i32, 0..3_u32), bytes, 0..14)
}

fn write_layout(folder: &Path, layout: &BTreeMap<(i32, u32), usize>) {
    for ((day, part), bytes) in layout {
        let part = if *part == 0 { String::new() } else { format!(".{part}") };
        fs::write(folder.join(format!("2024-01-{day:02}.log{part}")), "x".repeat(bytes - 1) + "\n").unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_deleted_by_a_run_that_records_nothing(layout in layout(), day in 1..=28_i32, kib in 8..128_u64) {
        let folder = tempdir()?;
        write_layout(folder.path(), &layout);
        let before = contents(folder.path());
        let options = Options { max_bytes: Some(kib << 10), ..options(&folder) };
        let result = append_on(&options, [2024, 1, day], 77);
        let after = contents(folder.path());
        if result.is_err() {
            prop_assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
            prop_assert!(before == after);
        } else {
            prop_assert!(du(folder.path()) <= kib << 10);
            let log = &after[&format!("2024-01-{day:02}.log")];
            prop_assert!(log.ends_with(&line(77).as_bytes()[1..]));
        }
    }

    #[test]
    fn random_clocks_keep_both_limits_and_each_new_record(
        days in proptest::collection::vec(prop_oneof![4 => 0..40_i64, 1 => -8000..0_i64, 1 => 40..8000_i64], 1..60),
        most in 1..6_u64,
    ) {
        let folder = tempdir()?;
        let options = Options { max_bytes: Some(64 << 10), keep_files: Some(most), ..options(&folder) };
        for (number, day) in (0..).zip(days) {
            let Date { year, month, day } = Date::of_day(20_400 + day);
            append_on(&options, [year, month.into(), day.into()], number).map_err(TestCaseError::fail)?;
            prop_assert!(du(folder.path()) <= 64 << 10);
            let files = contents(folder.path());
            let days: BTreeSet<_> = files.keys().map(|name| &name[..10]).collect();
            // The day of the record may be beside the last ones.
            prop_assert!(days.len() as u64 <= most + 1, "{days:?}");
            let log = &files[&format!("{year:04}-{month:02}-{day:02}.log")];
            prop_assert!(log.ends_with(&line(number).as_bytes()[1..]));
        }
    }

    #[test]
    fn seventy_percent_are_kept_wherever_there_was_more(
        layout in btree_map((1..=20_i32, 0..3_u32), 1..64_000_usize, 1..40),
        records in 1..40_i64,
    ) {
        // No log has more than a quarter, as with all that procline wrote itself, and each is older than the records.
        let folder = tempdir()?;
        write_layout(folder.path(), &layout);
        let options = Options { max_bytes: Some(256 << 10), ..options(&folder) };
        for number in 0..records {
            let before = du(folder.path());
            append_on(&options, [2024, 1, 21 + i32::from(number >= 20)], number).map_err(TestCaseError::fail)?;
            let after = du(folder.path());
            prop_assert!(after <= 256 << 10);
            prop_assert!(after >= before.min((256 << 10) * 7 / 10), "{before} -> {after}");
        }
    }
}

#[test]
fn what_a_file_system_allocates_ahead_is_given_back() {
    let (folder, log, record) = recorded();
    let allocated = Command::new("fallocate").args(["--keep-size", "--length", "1M"]).arg(&log).status();
    if !allocated.is_ok_and(|status| status.success()) || du(folder.path()) < 1 << 20 {
        skipped("this file system allocates nothing ahead");
        return;
    }
    done(to_log(folder.path()).args(["--max-bytes", "8M"]).output().unwrap());
    assert!(du(folder.path()) < 32 << 10, "{}", du(folder.path()));
    assert_eq!(fs::read_to_string(&log).unwrap(), record.clone() + &fs::read_to_string(&log).unwrap()[record.len()..]);
    assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 2);
}

#[test]
fn a_file_system_without_a_free_inode_still_gets_each_record() {
    if skip_unless_native() {
        return;
    }
    // An inode for the folder, and three for logs. The day goes on in a fresh file with each record but the first.
    let folder = tempdir().unwrap();
    let script = "mount -t tmpfs -o nr_inodes=4 none \"$0\" || exit 77
        for number in 1 2 3 4 5 6 7 8; do \"$@\" || exit 1; done
        ls \"$0\"; cat \"$0\"/*.log";
    let mut command = to_log(folder.path());
    command.args(["--max-bytes", "24k"]);
    let mut unshare = Command::new("unshare");
    unshare.args(["-m", "sh", "-c", script]).arg(folder.path()).arg(command.get_program()).args(command.get_args());
    let output = unshare.output();
    if output.as_ref().is_ok_and(|output| output.status.code() == Some(77) || output.stderr.starts_with(b"unshare: ")) {
        skipped("a tmpfs cannot be mounted");
        return;
    }
    let text = done(output.unwrap());
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.contains(".log")).count(), 3, "{text}");
    json(lines.last().unwrap());
}
