//! How much log is kept: `--keep-files`, `--max-bytes`; and what `--sync` puts on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use procline::clock::Date;
use procline::config::Options;
use procline::log::{Logs, append};
use tempfile::{TempDir, tempdir};

use crate::common::{
    complaint, done, has_tool, json, names, only_file, recorded, runs_natively, skip_unless_native, skipped, to_log,
    under_strace, unprivileged,
};

/// A record that is like others but for its timestamp.
pub(crate) fn line(timestamp: i64) -> String {
    format!("\n{timestamp} - {{\"time\":\"x\",\"filler\":\"{}\",\"meminfo\":{{}}}}\n", "x".repeat(3000))
}

/// Appends a record on a day, as a run with these options would.
pub(crate) fn append_on(options: &Options<'_>, [year, month, day]: [i32; 3], timestamp: i64) -> Result<(), String> {
    let (month, day) = (u8::try_from(month).unwrap(), u8::try_from(day).unwrap());
    append(&Logs::new(options, Date { year, month, day }), line(timestamp).as_bytes()).map_err(|error| {
        let mut message = procline::message::Message::default();
        message.explain(&error);
        String::from_utf8_lossy(message.as_bytes()).into_owned()
    })
}

/// Options of a run that goes on, which gives back the lock after each record.
pub(crate) fn options(folder: &TempDir) -> Options<'_> {
    Options { log_path: folder.path().as_os_str().as_bytes(), log_prefix: b"", interval: Some(1), ..Options::default() }
}

/// The files in a folder, and the folder itself: bytes of disk of each inode.
fn disk(folder: &Path) -> BTreeMap<(PathBuf, u64), u64> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).chain([folder.to_path_buf()]);
    let status = files.filter_map(|path| fs::symlink_metadata(&path).ok().map(|status| (path, status)));
    status.map(|(path, status)| ((path, status.ino()), status.blocks() * 512)).collect()
}

/// What du(1) says that a folder takes.
pub(crate) fn du(folder: &Path) -> u64 {
    disk(folder).values().sum()
}

/// The timestamps of all records in a folder, in the order of its logs: by date, and of a day the parts by number
/// first.
pub(crate) fn timestamps(folder: &Path) -> Vec<i64> {
    let mut files: Vec<_> = names(folder)
        .into_iter()
        .map(|name| {
            let (date, part) = name.split_once(".log").unwrap();
            (date.to_string(), part.strip_prefix('.').map_or(u32::MAX, |part| part.parse().unwrap()), name.clone())
        })
        .collect();
    files.sort();
    let text = |(_, _, name): &(String, u32, String)| fs::read_to_string(folder.join(name)).unwrap();
    let lines: Vec<_> =
        files.iter().flat_map(|file| text(file).lines().map(str::to_string).collect::<Vec<_>>()).collect();
    lines.iter().map(|line| line.split_once(" - ").unwrap().0.parse().unwrap()).collect()
}

#[test]
fn ten_days_of_logs_with_keep_files_3_leave_three() {
    let (folder, log, record) = recorded();
    let today = log.file_name().unwrap().to_str().unwrap().to_string();
    for day in 1..10 {
        fs::write(folder.path().join(format!("awesome_monitoring_2020-01-{day:02}.log")), &record).unwrap();
    }
    done(to_log(folder.path()).args(["--keep-files", "3"]).output().unwrap());
    let kept = ["awesome_monitoring_2020-01-08.log", "awesome_monitoring_2020-01-09.log", today.as_str()];
    assert_eq!(names(folder.path()), kept);
    assert_eq!(fs::read_to_string(log).unwrap().lines().count(), 2);
}

#[test]
fn order_is_by_the_date_in_the_name_and_not_by_the_age_of_the_file() {
    let folder = tempdir().unwrap();
    let options = Options { keep_files: Some(2), ..options(&folder) };
    for (number, day) in [5, 3, 4, 2].into_iter().enumerate() {
        let file = File::create(folder.path().join(format!("2024-01-0{day}.log"))).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + 1000 * number as u64)).unwrap();
    }
    append_on(&options, [2024, 1, 6], 1).unwrap();
    assert_eq!(names(folder.path()), ["2024-01-05.log", "2024-01-06.log"]);
}

#[test]
fn a_week_leaves_the_last_days_and_all_of_their_records() {
    let folder = tempdir().unwrap();
    let options = Options { keep_files: Some(3), ..options(&folder) };
    for hour in 0..7 * 24 {
        append_on(&options, [2024, 12, 22 + hour / 24], hour.into()).unwrap();
        assert!(names(folder.path()).len() <= 3);
    }
    assert_eq!(timestamps(folder.path()), (4 * 24..7 * 24).collect::<Vec<i64>>());
}

#[test]
fn a_boot_in_1970_deletes_no_day_and_is_the_first_to_go() {
    let folder = tempdir().unwrap();
    let options = Options { keep_files: Some(3), ..options(&folder) };
    for day in 21..=23 {
        append_on(&options, [2026, 11, day], day.into()).unwrap();
    }
    append_on(&options, [1970, 1, 1], 5).unwrap();
    let year = ["2026-11-21.log", "2026-11-22.log", "2026-11-23.log"];
    assert_eq!(names(folder.path()), [&["1970-01-01.log"], &year[..]].concat());
    append_on(&options, [2026, 11, 23], 24).unwrap();
    assert_eq!(names(folder.path()), year);
}

#[test]
fn a_boot_in_2033_and_back_keeps_the_history() {
    let folder = tempdir().unwrap();
    let options = Options { keep_files: Some(10), ..options(&folder) };
    for day in 11..=20 {
        append_on(&options, [2026, 11, day], day.into()).unwrap();
    }
    append_on(&options, [2033, 5, 6], 30).unwrap();
    append_on(&options, [2026, 11, 20], 31).unwrap();
    let found = names(folder.path());
    // One day made room for the one in 2033, and nothing was lost by the way back.
    assert_eq!((found.len(), found[0].as_str(), found[9].as_str()), (10, "2026-11-12.log", "2033-05-06.log"));
    append_on(&options, [2026, 11, 21], 32).unwrap();
    let found = names(folder.path());
    assert_eq!((found.len(), found[0].as_str(), found[8].as_str()), (10, "2026-11-13.log", "2026-11-21.log"));
}

#[test]
fn a_day_that_has_only_parts_counts() {
    let folder = tempdir().unwrap();
    let options = Options { keep_files: Some(3), ..options(&folder) };
    for name in ["2024-01-01.log.1", "2024-01-01.log.2", "2024-01-02.log.7", "2024-01-03.log", "2024-01-03.log.1"] {
        fs::write(folder.path().join(name), &line(1)[1..]).unwrap();
    }
    append_on(&options, [2024, 1, 4], 1).unwrap();
    assert_eq!(names(folder.path()), ["2024-01-02.log.7", "2024-01-03.log", "2024-01-03.log.1", "2024-01-04.log"]);
}

#[test]
fn days_further_away_than_a_lifetime_delete_nothing_that_would_be_kept() {
    let folder = tempdir().unwrap();
    let options = Options { keep_files: Some(3), ..options(&folder) };
    let all =
        ["0007-03-01.log", "1969-12-31.log", "1970-01-01.log", "2026-11-20.log", "9998-12-31.log", "9999-01-01.log"];
    for name in all {
        fs::write(folder.path().join(name), &line(1)[1..]).unwrap();
    }
    append_on(&options, [2026, 11, 27], 1).unwrap();
    // The last two share a bit, and with two more days they are the last three.
    let kept = ["2026-11-20.log", "2026-11-27.log", "9998-12-31.log", "9999-01-01.log"];
    assert_eq!(names(folder.path()), kept);
}

#[test]
fn four_thousand_old_logs_go_with_two_looks_at_the_folder() {
    let folder = tempdir().unwrap();
    let options = Options { keep_files: Some(30), ..options(&folder) };
    for day in 0..4000 {
        let date = Date::of_day(day).iso();
        fs::write(folder.path().join(format!("{date}.log")), "").unwrap();
    }
    let start = Instant::now();
    append_on(&options, [2024, 1, 1], 1).unwrap();
    assert_eq!(names(folder.path()).len(), 30);
    // A look at the folder for each log that goes took 15 s and more.
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn a_log_that_cannot_be_removed_does_not_save_the_others() {
    let folder = tempdir().unwrap();
    let options = Options { keep_files: Some(1), ..options(&folder) };
    for day in 1..=9 {
        append_on(&Options { keep_files: None, ..options }, [2024, 12, day], day.into()).unwrap();
    }
    let stuck = folder.path().join("2024-12-03.log");
    if !Command::new("chattr").arg("+i").arg(&stuck).status().is_ok_and(|status| status.success()) {
        skipped("chattr +i needs root and a file system that has it");
        return;
    }
    let result = append_on(&options, [2024, 12, 10], 10);
    assert!(Command::new("chattr").arg("-i").arg(&stuck).status().unwrap().success());
    let reason = "operation not permitted; the record was written, but this log cannot be removed (--keep-files)";
    assert_eq!(result, Err(format!("{}: {reason}", stuck.display())));
    assert_eq!(names(folder.path()), ["2024-12-03.log", "2024-12-10.log"]);
}

#[test]
fn a_clock_set_back_by_20_years_deletes_nothing() {
    let folder = tempdir().unwrap();
    let keep = Options { keep_files: Some(5), max_bytes: Some(64 << 10), ..options(&folder) };
    for day in 1..=5 {
        append_on(&keep, [2026, 11, day], day.into()).unwrap();
    }
    append_on(&keep, [2006, 11, 5], 6).unwrap();
    append_on(&keep, [2006, 11, 6], 7).unwrap();
    // The second day in 2006 takes the place of the first: five days of 2026 are kept all the time.
    let kept: Vec<_> = (1..=5).map(|day| format!("2026-11-0{day}.log")).collect();
    assert_eq!(names(folder.path()), [vec!["2006-11-06.log".to_string()], kept].concat());
}

#[test]
fn a_thousand_records_never_take_more_than_max_bytes() {
    let folder = tempdir().unwrap();
    let (limit, done_with) = (64 << 10, AtomicBool::new(false));
    let runs = if runs_natively() { 1000 } else { 100 };
    let (most, looks) = thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut most, mut looks) = (0, 0);
            while !done_with.load(Ordering::Relaxed) {
                // Files are looked at one after the other. Two looks that are alike show what there is at one moment.
                let seen = disk(folder.path());
                if seen == disk(folder.path()) {
                    (most, looks) = (most.max(seen.values().sum()), looks + 1);
                }
            }
            (most, looks)
        });
        for _ in 0..runs {
            done(to_log(folder.path()).args(["--max-bytes", "64k", "--log-prefix", ""]).output().unwrap());
            let taken = du(folder.path());
            assert!(taken <= limit, "{taken} bytes: {:?}", names(folder.path()));
        }
        done_with.store(true, Ordering::Relaxed);
        watcher.join().unwrap()
    });
    assert!(most <= limit && most > limit / 2 && looks > runs, "{most} bytes at most, in {looks} looks");
    // What is kept are the last records, without a gap, and at least half of the bytes that are allowed.
    let text: String =
        names(folder.path()).iter().map(|name| fs::read_to_string(folder.path().join(name)).unwrap()).collect();
    assert!(text.len() as u64 > limit / 2, "{} bytes are kept", text.len());
    text.lines().for_each(|line| drop(json(line)));
}

#[test]
fn a_day_goes_on_in_a_fresh_file_and_its_oldest_part_goes_first() {
    let folder = tempdir().unwrap();
    let options = Options { max_bytes: Some(64 << 10), ..options(&folder) };
    let mut seen = BTreeSet::new();
    for number in 0..100 {
        append_on(&options, [2024, 12, 15], number).unwrap();
        let kept = timestamps(folder.path());
        let first = kept[0];
        assert_eq!(kept, (first..=number).collect::<Vec<_>>(), "{:?}", names(folder.path()));
        assert!(kept.len() >= 11 || first == 0, "{} records are kept", kept.len());
        assert!(du(folder.path()) <= 64 << 10);
        assert!(folder.path().join("2024-12-15.log").exists());
        seen.extend(names(folder.path()));
    }
    let part = |number: u32| seen.contains(&format!("2024-12-15.log.{number}"));
    assert!(part(1) && part(2) && part(15) && !part(0) && !part(30), "{seen:?}");
    // Another day goes on where the space of the first ends.
    append_on(&options, [2024, 12, 16], 100).unwrap();
    assert_eq!(timestamps(folder.path()).last(), Some(&100));
}

#[test]
fn a_torn_record_is_taken_away_before_its_file_becomes_an_older_part() {
    let (folder, log, record) = recorded();
    fs::write(&log, record.repeat(6) + &record[..500]).unwrap();
    done(to_log(folder.path()).args(["--max-bytes", "64k"]).output().unwrap());
    assert_eq!(fs::read_to_string(log.with_extension("log.1")).unwrap(), record.repeat(6));
    assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 1);
}

#[test]
fn with_max_bytes_a_day_in_1970_costs_one_file_of_the_year() {
    let folder = tempdir().unwrap();
    let options = Options { max_bytes: Some(64 << 10), ..options(&folder) };
    let mut number = 0;
    let mut append_many = |date: [i32; 3], count| {
        for _ in 0..count {
            append_on(&options, date, number).unwrap();
            number += 1;
            assert!(du(folder.path()) <= 64 << 10);
        }
    };
    for day in 1..=12 {
        append_many([2026, 1, day], 3);
    }
    let year = names(folder.path());
    append_many([1970, 1, 1], 200);
    let found = names(folder.path());
    assert!(year.len() >= 4 && year[1..].iter().all(|name| found.contains(name)), "{year:?} {found:?}");
    append_many([2026, 1, 13], 1);
    assert!(names(folder.path()).contains(year.last().unwrap()));
    assert_eq!(timestamps(folder.path()).last(), Some(&(number - 1)));
}

#[test]
fn files_of_other_names_are_never_touched() {
    let folder = tempdir().unwrap();
    let root = folder.path();
    let strange = [
        "2024-01-01.log.0",
        "2024-01-01.log.01",
        "2024-01-01.log.gz@01",
        "2024-01-01.log.gz.1",
        "2024-01-01.log.01.gz",
        "2024-01-01.log.1.GZ",
        "2024-01-01.log.gz.gz",
        "2024-01-01.gz",
        "2024-01-01.log.",
        "2024-01-01.log.-1",
        "2024-01-01.log.+1",
        "2024-01-01.log1",
        "2024-01-01.logs",
        "2024-01-01.log.4294967295",
        "2024-01-01.log.4294967297",
        "2024-13-01.log",
        "2024-00-01.log",
        "2024-01-00.log",
        "2024-01-32.log",
        "2024-1-01.log",
        // No calendar has these days.
        "2024-02-30.log",
        "2023-02-29.log",
        "1900-02-29.log",
        "2024-04-31.log",
        "0000-01-01.log",
        "0000-12-31.log",
        "02024-01-01.log",
        "2024-01-1 .log",
        "2024-01-01-b.log",
        "x2024-01-01.log",
        "2024-01-01",
        ".log",
        "2024/01/01.log",
        "+024-01-01.log",
        "2024-01-01.LOG",
        "2024-01-01.log\n",
    ];
    fs::create_dir_all(root.join("2024/01")).unwrap();
    for name in strange {
        fs::write(root.join(name), "x".repeat(5000)).unwrap();
    }
    symlink("x2024-01-01.log", root.join("2024-01-02.log")).unwrap();
    fs::create_dir(root.join("2024-01-03.log")).unwrap();
    let before = names(root);
    let keep = Options { keep_files: Some(1), max_bytes: Some(1 << 20), ..options(&folder) };
    for day in 5..10 {
        append_on(&keep, [2024, 1, day], 0).unwrap();
    }
    let after = names(root);
    assert_eq!(
        after.iter().filter(|name| *name != "2024-01-09.log").collect::<Vec<_>>(),
        before.iter().collect::<Vec<_>>()
    );
    // Those of another prefix or suffix are others' logs too.
    let keep = Options { log_prefix: b"x", log_suffix: b"-b", ..keep };
    append_on(&keep, [2025, 1, 1], 0).unwrap();
    assert_eq!(names(root).len(), after.len() + 1);
}

#[test]
fn a_record_that_can_never_fit_is_told_and_nothing_is_deleted() {
    let (folder, log, record) = recorded();
    fs::write(folder.path().join("awesome_monitoring_2020-01-01.log"), &record).unwrap();
    let before = names(folder.path());
    let message = complaint(to_log(folder.path()).args(["--max-bytes", "4k"]).output().unwrap(), 1);
    assert!(message.starts_with(&format!("procline: {}: a record and the folder take ", log.display())), "{message}");
    assert!(message.ends_with(" bytes of disk, more than --max-bytes allows\n"), "{message}");
    assert_eq!((names(folder.path()), fs::read_to_string(&log).unwrap()), (before, record));
}

#[test]
fn a_log_that_cannot_be_removed_is_told() {
    if skip_unless_native() {
        return;
    }
    let (folder, log, record) = recorded();
    let old = folder.path().join("awesome_monitoring_2020-01-01.log");
    fs::write(&old, &record).unwrap();
    fs::set_permissions(&log, fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let run = |options: &[&str]| {
        let fixture = tempdir().unwrap();
        fs::set_permissions(fixture.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for file in ["stat", "uptime", "loadavg", "meminfo"] {
            fs::copy(crate::common::fixture("mt7621-router").join(file), fixture.path().join(file)).unwrap();
        }
        let (_program, mut command) =
            unprivileged(to_log(folder.path()).args(options).arg("--procfs").arg(fixture.path()));
        let message = complaint(command.output().unwrap(), 1);
        (message, fs::read_to_string(&log).unwrap().lines().count())
    };
    let (message, records) = run(&["--keep-files", "1"]);
    let reason = "permission denied; the record was written, but this log cannot be removed (--keep-files)";
    assert_eq!((message, records), (format!("procline: {}: {reason}\n", old.display()), 2));
    let limit = (du(folder.path()) + 1000).to_string();
    let (message, records) = run(&["--max-bytes", &limit]);
    let reason = "permission denied; cannot be removed to make room for the record (--max-bytes)";
    assert!(message.starts_with(&format!("procline: {}", folder.path().display())), "{message}");
    assert!(message.ends_with(&format!(".log: {reason}\n")) && records == 2, "{message}");
    // Only who may list a folder can count what is in it.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o311)).unwrap();
    let (message, records) = run(&["--max-bytes", "1M"]);
    let reason = "permission denied; cannot measure the logs (--max-bytes)";
    assert_eq!((message, records), (format!("procline: {}: {reason}\n", folder.path().display()), 2));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn many_at_once_stay_within_max_bytes_and_lose_no_line() {
    let folder = tempdir().unwrap();
    let count = if runs_natively() { 100 } else { 20 };
    let mut command = to_log(folder.path());
    command.args(["--max-bytes", "64k"]);
    let runs: Vec<_> = (0..count).map(|_| command.spawn().unwrap()).collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    assert!(du(folder.path()) <= 64 << 10, "{:?}", names(folder.path()));
    for name in names(folder.path()) {
        fs::read_to_string(folder.path().join(name)).unwrap().lines().for_each(|line| drop(json(line)));
    }
}

#[test]
fn who_waits_for_the_lock_of_a_file_that_is_renamed_meanwhile_writes_into_the_fresh_one() {
    let (folder, log, record) = recorded();
    let held = File::open(&log).unwrap();
    held.lock().unwrap();
    let mut run = to_log(folder.path()).args(["--max-bytes", "1M"]).spawn().unwrap();
    thread::sleep(Duration::from_millis(200));
    let part = log.with_extension("log.1");
    fs::rename(&log, &part).unwrap();
    drop(held);
    assert!(run.wait().unwrap().success());
    assert_eq!(fs::read_to_string(&part).unwrap(), record);
    assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 1);
}

#[test]
fn without_its_lock_a_day_is_neither_renamed_nor_deleted() {
    let (folder, log, record) = recorded();
    fs::write(&log, record.repeat(6)).unwrap();
    let held = File::open(&log).unwrap();
    held.lock().unwrap();
    done(to_log(folder.path()).args(["--max-bytes", "64k"]).output().unwrap());
    assert_eq!((names(folder.path()).len(), fs::read_to_string(&log).unwrap().lines().count()), (1, 7));
    let message = complaint(to_log(folder.path()).args(["--max-bytes", "24k"]).output().unwrap(), 1);
    assert!(
        message.ends_with("temporarily unavailable; cannot be removed to make room for the record (--max-bytes)\n"),
        "{message}"
    );
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 7);
    drop(held);
}

#[test]
fn two_at_once_never_rename_over_a_part() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let (folder, log, record) = recorded();
    fs::write(&log, record.repeat(6)).unwrap();
    let delay = ["-o", "/dev/null", "-e", "inject=renameat:delay_enter=2500000"];
    let mut slow = under_strace(&delay, to_log(folder.path()).args(["--max-bytes", "64k"])).spawn().unwrap();
    thread::sleep(Duration::from_millis(400));
    done(to_log(folder.path()).args(["--max-bytes", "64k"]).output().unwrap());
    assert!(slow.wait().unwrap().success());
    let all: String =
        names(folder.path()).iter().map(|name| fs::read_to_string(folder.path().join(name)).unwrap()).collect();
    assert_eq!(all.lines().map(json).count(), 8);
}

#[test]
fn what_has_the_name_of_a_part_and_is_no_file_stays() {
    let (folder, log, record) = recorded();
    fs::write(&log, record.repeat(6)).unwrap();
    symlink("nowhere", log.with_extension("log.1")).unwrap();
    fs::create_dir(log.with_extension("log.2")).unwrap();
    done(to_log(folder.path()).args(["--max-bytes", "64k"]).output().unwrap());
    assert!(fs::symlink_metadata(log.with_extension("log.1")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(log.with_extension("log.3")).unwrap(), record.repeat(6));
}

#[test]
fn the_largest_number_of_a_part_does_not_end_the_records() {
    let (folder, log, record) = recorded();
    fs::write(&log, record.repeat(6)).unwrap();
    for number in ["999999999", "4294967294"] {
        fs::write(log.with_extension(format!("log.{number}")), &record).unwrap();
    }
    done(to_log(folder.path()).args(["--max-bytes", "64k"]).output().unwrap());
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 7);
}

#[test]
fn a_large_log_of_a_later_day_does_not_go_for_an_earlier_one() {
    let folder = tempdir().unwrap();
    let options = Options { max_bytes: Some(256 << 10), ..options(&folder) };
    fs::write(folder.path().join("2026-11-23.log"), "x".repeat(250 << 10)).unwrap();
    let message = append_on(&options, [1970, 1, 1], 1).unwrap_err();
    let reason = "newer than the record, and leaves it no room; remove it, set the clock, or raise --max-bytes";
    assert_eq!(message, format!("{}/2026-11-23.log: {reason}", folder.path().display()));
    assert!(folder.path().join("2026-11-23.log").exists());
    append_on(&options, [2026, 11, 24], 2).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("2026-11-24.log")).unwrap().lines().count(), 1);
}

#[test]
fn a_log_that_is_too_large_by_itself_goes_before_older_ones() {
    let folder = tempdir().unwrap();
    let options = Options { max_bytes: Some(64 << 10), ..options(&folder) };
    for day in 1..=3 {
        append_on(&options, [2024, 12, day], day.into()).unwrap();
    }
    fs::write(folder.path().join("2024-12-04.log"), line(4)[1..].repeat(100)).unwrap();
    append_on(&options, [2024, 12, 4], 5).unwrap();
    assert_eq!(timestamps(folder.path()), [1, 2, 3, 5]);
}

#[test]
fn two_days_at_once_have_one_limit() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    for before in [7, 9, 11, 12, 13] {
        let folder = tempdir().unwrap();
        let days = ["XXX-14", "XXX+12"];
        for number in 0..before {
            done(to_log(folder.path()).args(["--max-bytes", "64k"]).env("TZ", days[number % 2]).output().unwrap());
        }
        let delay = ["-o", "/dev/null", "-e", "inject=write:delay_enter=300000"];
        let mut command = to_log(folder.path());
        let mut slow = under_strace(&delay, command.args(["--max-bytes", "64k"]).env("TZ", days[0])).spawn().unwrap();
        thread::sleep(Duration::from_millis(150));
        done(to_log(folder.path()).args(["--max-bytes", "64k"]).env("TZ", days[1]).output().unwrap());
        assert!(slow.wait().unwrap().success());
        assert!(du(folder.path()) <= 64 << 10, "{before}: {:?}", names(folder.path()));
    }
}

/// The calls of a run with these options that are named in `calls`.
fn traced(calls: &str, folder: &Path, arguments: &[&str]) -> Vec<String> {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let options = ["-y", "-e", &format!("trace={calls}"), "-o", trace.path().to_str().unwrap()];
    done(under_strace(&options, to_log(folder).args(arguments)).output().unwrap());
    let trace = fs::read_to_string(trace).unwrap();
    trace.lines().filter(|line| line.contains(folder.to_str().unwrap())).map(str::to_string).collect()
}

#[test]
fn sync_puts_each_record_on_the_disk_and_the_name_of_a_new_log_too() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let folder = tempdir().unwrap();
    let calls = |arguments: &[&str]| -> Vec<String> {
        let calls = traced("write,fdatasync,fsync", folder.path(), arguments);
        calls.iter().map(|call| call.split('(').next().unwrap().to_string()).collect()
    };
    assert_eq!(calls(&["--sync"]), ["write", "fdatasync", "fsync"]);
    assert_eq!(calls(&["--sync"]), ["write", "fdatasync"]);
    assert_eq!(calls(&[]), ["write"]);
    assert_eq!(fs::read_to_string(only_file(folder.path())).unwrap().lines().count(), 3);
}

#[test]
fn a_record_that_may_not_be_on_the_disk_is_told() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let (folder, log, _) = recorded();
    for (error, reason) in [("EIO", "input/output error"), ("ENOSPC", "no space left on device")] {
        let inject = ["-o", "/dev/null", "-e", &format!("inject=fdatasync:error={error}")];
        let output = under_strace(&inject, to_log(folder.path()).arg("--sync")).output();
        let expected =
            format!("procline: {}: {reason}; the record was written, but may not be on the disk\n", log.display());
        assert_eq!(complaint(output.unwrap(), 1), expected);
    }
    assert_eq!(fs::read_to_string(log).unwrap().lines().map(json).count(), 3);
}

#[test]
fn each_call_of_retention_fails_in_turn_and_costs_no_more_than_its_record() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let mut injected = 0;
    for call in
        ["openat", "getdents64", "lseek", "newfstatat,lstat", "unlinkat", "renameat", "fdatasync", "fsync", "close"]
    {
        for error in ["EIO", "EACCES", "ENOMEM", "EINTR"] {
            for when in 1..60 {
                let (folder, log, record) = recorded();
                // A day that is to go on in a fresh file, and a day that is to go.
                fs::write(&log, record.repeat(12)).unwrap();
                let old = folder.path().join("awesome_monitoring_2020-01-01.log");
                fs::write(&old, record.repeat(12)).unwrap();
                let trace = tempfile::NamedTempFile::new().unwrap();
                let inject = format!("inject={call}:error={error}:when={when}");
                let mut command = to_log(folder.path());
                command.args(["--max-bytes", "52k", "--keep-files", "1", "--sync"]);
                let options = ["-e", &inject, "-o", trace.path().to_str().unwrap()];
                let output = under_strace(&options, &command).output().unwrap();
                if !fs::read_to_string(trace).unwrap().contains("(INJECTED)") {
                    break;
                }
                injected += 1;
                let message = String::from_utf8(output.stderr).unwrap();
                let context = format!("{call} {error} {when}: {message}");
                let text: String = names(folder.path())
                    .iter()
                    .filter(|name| !name.contains("2020"))
                    .map(|name| fs::read_to_string(folder.path().join(name)).unwrap())
                    .collect();
                let records = text.lines().map(json).count();
                match output.status.code() {
                    Some(0) => assert_eq!((records, message.as_str()), (13, ""), "{context}"),
                    Some(1) if message.contains("the record was written") => assert_eq!(records, 13, "{context}"),
                    Some(1) => assert!(records == 12 && message.starts_with("procline: "), "{context}"),
                    // The loader of a dynamic program is not procline.
                    code => assert!(code == Some(127), "{context}"),
                }
            }
        }
    }
    assert!(injected > 50, "{injected} faults were injected");
}
