//! What another does to a log while a run waits, and what a last line tells of itself.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::common::{done, fixture, has_tool, json, procline, recorded, skip_unless_native, to_log, under_strace};

#[test]
fn a_foreign_last_line_loses_the_nul_bytes_before_it_and_gets_its_newline() {
    let (folder, log, record) = recorded();
    for nuls in [1, 3, 509, 512, 4096, 10_000] {
        for foreign in ["hello", "17 apples", "error: no space", "x", "\u{e4}\u{f6}"] {
            fs::write(&log, format!("{record}{}{foreign}", "\0".repeat(nuls))).unwrap();
            done(to_log(folder.path()).output().unwrap());
            let text = fs::read_to_string(&log).unwrap();
            let lines: Vec<_> = text.lines().collect();
            assert_eq!((lines.len(), lines[0], lines[1]), (3, record.trim_end(), foreign), "{nuls}");
            json(lines[2]);
        }
    }
    // One that is longer than what is looked at in one go keeps them, and loses nothing.
    let long = "hello ".repeat(2000);
    fs::write(&log, format!("{record}\0\0{long}")).unwrap();
    done(to_log(folder.path()).output().unwrap());
    assert!(fs::read_to_string(&log).unwrap().starts_with(&format!("{record}\0\0{long}\n")));
}

#[test]
fn the_end_of_a_record_is_known_by_its_braces() {
    let (folder, log, record) = recorded();
    let begin = "1734302332 - {\"time\":\"2024-12-15T22:38:52.000000\",";
    for (torn, end) in [
        (true, "\"a\":{\"b\":{\"c\":{}}}"),
        (true, "\"a\":{\"b\":{\"c\":{\"d\":1}}}"),
        (true, "\"netdev\":{\"}}}\":{}}"),
        (true, "\"netdev\":{\"\\\"}}}"),
        (false, "\"a\":1}"),
        (false, "\"a\":1}\r"),
        (false, "\"a\":[1,2]}"),
        (false, "\"a\":{\"b\":{\"c\":{\"d\":{}}}}}"),
        (false, "\"netdev\":{\"{\\\"{\":{}}}"),
        (false, "\"netdev\":{\"\\\\\":{}}}"),
    ] {
        fs::write(&log, format!("{record}{begin}{end}")).unwrap();
        done(to_log(folder.path()).output().unwrap());
        let text = fs::read_to_string(&log).unwrap();
        assert_eq!(text.lines().count(), if torn { 2 } else { 3 }, "{end}");
        assert_eq!(text.contains(end), !torn);
        text.lines().for_each(|line| drop(json(line)));
    }
}

#[test]
fn a_whole_record_with_another_text_behind_it_is_kept() {
    let (folder, log, record) = recorded();
    for behind in ["hello", "1734302332 - {\"ti", "}"] {
        let line = record.trim_end().to_string() + behind;
        fs::write(&log, record.clone() + &line).unwrap();
        done(to_log(folder.path()).output().unwrap());
        let text = fs::read_to_string(&log).unwrap();
        assert_eq!((text.lines().count(), text.lines().nth(1)), (3, Some(line.as_str())));
    }
}

/// A torn log, on which a slow run works while `meanwhile` happens; what is in it then.
fn torn_log_while(delay: &str, meanwhile: impl FnOnce(&File)) -> String {
    let (folder, log, record) = recorded();
    fs::write(&log, record.repeat(3) + &record[..500]).unwrap();
    let inject = format!("inject=ftruncate:{delay}:when=1");
    let mut slow = under_strace(&["-o", "/dev/null", "-e", &inject], &to_log(folder.path())).spawn().unwrap();
    thread::sleep(Duration::from_millis(600));
    meanwhile(&OpenOptions::new().write(true).open(&log).unwrap());
    assert!(slow.wait().unwrap().success());
    fs::read_to_string(&log).unwrap()
}

#[test]
fn a_log_that_another_truncates_meanwhile_gains_no_nul_bytes() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    for length in [0, 100, 3000] {
        let text = torn_log_while("delay_enter=1500000", |log| log.set_len(length).unwrap());
        assert!(!text.contains('\0'), "{length}: {} bytes", text.len());
        json(text.lines().last().unwrap());
    }
}

#[test]
fn a_log_that_is_removed_while_its_lock_is_awaited_costs_no_record() {
    for options in [&[] as &[&str], &["--sync"], &["--max-bytes", "1M"]] {
        let (folder, log, _) = recorded();
        let held = File::open(&log).unwrap();
        held.lock().unwrap();
        let run = to_log(folder.path()).args(options).spawn().unwrap();
        thread::sleep(Duration::from_millis(300));
        fs::remove_file(&log).unwrap();
        drop(held);
        done(run.wait_with_output().unwrap());
        assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 1, "{options:?}");
    }
}

#[test]
fn a_log_that_another_replaces_while_its_lock_is_awaited_gets_the_record() {
    let (folder, log, record) = recorded();
    let held = File::open(&log).unwrap();
    held.lock().unwrap();
    let run = to_log(folder.path()).spawn().unwrap();
    thread::sleep(Duration::from_millis(300));
    fs::rename(&log, folder.path().join("rotated")).unwrap();
    fs::write(&log, "").unwrap();
    drop(held);
    done(run.wait_with_output().unwrap());
    assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 1);
    assert_eq!(fs::read_to_string(folder.path().join("rotated")).unwrap(), record);
}

#[test]
fn a_folder_that_is_removed_while_a_lock_is_awaited_is_made_again() {
    let root = tempdir().unwrap();
    let folder = root.path().join("logs");
    done(to_log(&folder).output().unwrap());
    let log = crate::common::only_file(&folder);
    let held = File::open(&log).unwrap();
    held.lock().unwrap();
    let run = to_log(&folder).arg("--sync").spawn().unwrap();
    thread::sleep(Duration::from_millis(300));
    fs::remove_dir_all(&folder).unwrap();
    drop(held);
    done(run.wait_with_output().unwrap());
    assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 1);
}

#[test]
fn a_log_that_another_truncates_at_random_moments_has_whole_lines() {
    let (folder, log, record) = recorded();
    let end = Instant::now() + Duration::from_secs(4);
    let truncates = {
        let log = log.clone();
        thread::spawn(move || {
            let file = OpenOptions::new().append(true).open(&log).unwrap();
            let mut times = 0_u32;
            while Instant::now() < end {
                // A torn piece, which the next run takes away; and, as logrotate's copytruncate does, no look at the
                // lock.
                file.lock().unwrap();
                (&file).write_all(&record.as_bytes()[..500]).unwrap();
                file.unlock().unwrap();
                // The time from the look at the end to the cut is a run's pause of 10 ms.
                thread::sleep(Duration::from_micros(u64::from(times.wrapping_mul(7919) % 16_000)));
                file.set_len(0).unwrap();
                times += 1;
            }
            times
        })
    };
    let mut runs = 0;
    while Instant::now() < end {
        done(to_log(folder.path()).output().unwrap());
        runs += 1;
        let text = fs::read_to_string(&log).unwrap();
        assert!(!text.contains('\0'), "{} bytes", text.len());
    }
    let times = truncates.join().unwrap();
    assert!(runs > 20 && times > 20, "{runs} runs, {times} truncations");
    done(to_log(folder.path()).output().unwrap());
    fs::read_to_string(&log).unwrap().lines().for_each(|line| drop(json(line)));
}

/// The text with its lost sectors: NUL bytes from `start` up to the end of a sector, `sectors` of them.
fn with_hole(text: &str, start: usize, sectors: usize) -> String {
    let end = start.next_multiple_of(512) + 512 * sectors.saturating_sub(1);
    let hole = "\0".repeat(end.max(start + 1) - start);
    format!("{}{hole}{}", &text[..start], &text[start + hole.len()..])
}

#[test]
fn a_last_line_with_a_lost_sector_is_torn_though_it_ends() {
    for machine in ["mt7621-router", "arm64-256cpu"] {
        let folder = tempdir().unwrap();
        let run = || procline().arg("--procfs").arg(fixture(machine)).arg("--log-path").arg(folder.path()).output();
        done(run().unwrap());
        let log = crate::common::only_file(folder.path());
        let record = fs::read_to_string(&log).unwrap();
        let last = record.len();
        for (place, (start, sectors)) in
            [(last, 1), (last + 10, 1), (last + 700, 1), (2 * last - 1200, 2), (last, last / 512 - 1)]
                .into_iter()
                .enumerate()
        {
            // Sectors begin anywhere in a line.
            let before = format!("{}\n{record}", "note".repeat(place * 31));
            let start = before.len() - last + start;
            let text = with_hole(&(before.clone() + &record), start, sectors);
            assert!(text.ends_with("}}\n") && text.len() == before.len() + last);
            fs::write(&log, text).unwrap();
            done(run().unwrap());
            let text = fs::read_to_string(&log).unwrap();
            let behind = text.strip_prefix(&before).unwrap();
            assert_eq!(behind.lines().map(json).count(), 1, "{machine}: {sectors} from {start}");
        }
    }
}

#[test]
fn lines_with_nul_bytes_that_are_no_pieces_of_a_record_stay() {
    let (folder, log, record) = recorded();
    let nuls = "\0".repeat(1500);
    for text in [
        // Another's line, a record behind one, a record with NUL bytes behind its end.
        format!("{record}hello{nuls}world\n"),
        format!("hello{nuls}world\n{record}"),
        format!("{record}{}{nuls}\n", record.trim_end()),
        // What another wrote, or a whole record, on the line of a lost one or of the beginning of one.
        format!("{record}{nuls}hello\n"),
        format!("{record}{nuls}hello{nuls}world\n"),
        format!("{record}{nuls}{record}"),
        format!("{record}{}{nuls}hello\n", &record[..700]),
        format!("{record}{}{nuls}{record}", &record[..700]),
        // Digits are no record.
        format!("{record}1234{nuls}hello\n"),
    ] {
        fs::write(&log, &text).unwrap();
        done(to_log(folder.path()).output().unwrap());
        let now = fs::read_to_string(&log).unwrap();
        json(now.strip_prefix(&text).unwrap());
    }
    // The same without a newline.
    for text in ["1234\0comm\0arg one two", "1234\0hello", &format!("{}{nuls}hello", &record[..700])] {
        fs::write(&log, record.clone() + text).unwrap();
        done(to_log(folder.path()).output().unwrap());
        let now = fs::read_to_string(&log).unwrap();
        json(now.strip_prefix(&format!("{record}{text}\n")).unwrap());
    }
    // NUL bytes before a whole record without its newline go, and it gets one.
    fs::write(&log, format!("{record}{nuls}{}", record.trim_end())).unwrap();
    done(to_log(folder.path()).output().unwrap());
    assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 3);
}

#[test]
fn torn_ends_of_other_days_are_taken_away_when_a_log_is_begun() {
    for options in [&[] as &[&str], &["--sync"], &["--max-bytes", "1M"], &["--keep-files", "99"]] {
        let (folder, log, record) = recorded();
        let prefix = log.file_name().unwrap().to_str().unwrap().split_once('2').unwrap().0.to_string();
        let other = |name: &str| folder.path().join(format!("{prefix}{name}"));
        let torn = record.clone() + &record[..700];
        let held = other("2024-03-01.log");
        for (name, text) in [
            ("2024-01-01.log", torn.as_str()),
            ("2024-01-01.log.1", &torn),
            ("2024-01-02.log", &(record.clone() + "\0\0")),
            ("2199-01-01.log", &torn),
            ("2024-01-03.log", &(record.clone() + "hello")),
            ("2024-01-04.log", &record),
            ("2024-01-05.log", ""),
            ("2024-01-07.log", &format!("{record}{}hello", "\0".repeat(700))),
            ("2024-01-08.log", &with_hole(&record.repeat(2), record.len() + 40, 2)),
            ("2024-03-01.log", &torn),
            ("2024-01-04.log.gz", &torn),
            ("2024-1-5.log", &torn),
        ] {
            fs::write(other(name), text).unwrap();
        }
        std::os::unix::fs::symlink(other("2024-1-5.log"), other("2024-01-06.log")).unwrap();
        let read = |name: &str| fs::read_to_string(other(name)).unwrap();
        // A log that is there already: nobody looks at the others.
        done(to_log(folder.path()).args(options).output().unwrap());
        assert_eq!(read("2024-01-01.log"), torn);
        fs::remove_file(&log).unwrap();
        let lock = File::open(&held).unwrap();
        lock.lock().unwrap();
        done(to_log(folder.path()).args(options).output().unwrap());
        for name in [
            "2024-01-01.log",
            "2024-01-01.log.1",
            "2024-01-02.log",
            "2024-01-04.log",
            "2024-01-08.log",
            "2199-01-01.log",
        ] {
            assert_eq!(read(name), record, "{name}");
        }
        // What would have to be written again stays as it is.
        assert!(read("2024-01-07.log").ends_with("\0hello"));
        assert_eq!(read("2024-01-03.log"), record.clone() + "hello");
        assert_eq!(read("2024-01-05.log"), "");
        for name in ["2024-03-01.log", "2024-01-04.log.gz", "2024-1-5.log"] {
            assert_eq!(read(name), torn, "{name}");
        }
        assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 1);
    }
}

/// Those of these system calls that a run makes, in their order. rename(2), renameat(2) and renameat2(2) are one here.
fn calls_of(run: &Command, calls: &str) -> Vec<String> {
    let folder = tempdir().unwrap();
    let trace = folder.path().join("trace");
    let options = ["-o", trace.to_str().unwrap(), "-e", &format!("trace={calls}")];
    done(under_strace(&options, run).output().unwrap());
    let trace = fs::read_to_string(&trace).unwrap();
    let names = trace.lines().map(|line| line.split_once('(').unwrap().0.trim_end_matches('2').trim_end_matches("at"));
    names.map(str::to_string).collect()
}

#[test]
fn what_is_taken_away_of_another_days_log_is_synced_where_that_is_asked_for() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let (folder, log, record) = recorded();
    let other = log.with_file_name(log.file_name().unwrap().to_str().unwrap().replace("20", "19"));
    fs::rename(&log, &other).unwrap();
    fs::write(&other, record.clone() + &record[..700]).unwrap();
    let calls = calls_of(to_log(folder.path()).arg("--sync"), "ftruncate,fdatasync,fsync,write");
    assert_eq!(calls, ["ftruncate", "fdatasync", "write", "fdatasync", "fsync"]);
    assert_eq!(fs::read_to_string(&other).unwrap(), record);
}

#[test]
fn logs_of_other_days_that_are_not_torn_delay_no_record() {
    let (folder, log, record) = recorded();
    let name = log.file_name().unwrap().to_str().unwrap();
    let prefix = &name[..name.len() - "2024-12-15.log".len()];
    for day in 0..300 {
        let other = format!("{prefix}19{:02}-{:02}-{:02}.log", day / 144, day / 12 % 12 + 1, day % 12 + 1);
        fs::write(folder.path().join(other), record.clone() + "hello").unwrap();
    }
    fs::remove_file(&log).unwrap();
    let start = Instant::now();
    done(to_log(folder.path()).output().unwrap());
    // A pause of 10 ms for each would be 3 s.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(fs::read_to_string(&log).unwrap().lines().map(json).count(), 1);
}

#[test]
fn a_torn_log_of_another_day_does_not_end_a_run_with_a_small_stack() {
    if skip_unless_native() || !has_tool("prlimit") {
        return;
    }
    let (folder, log, record) = recorded();
    let other = log.with_file_name(log.file_name().unwrap().to_str().unwrap().replace("20", "19"));
    let mut outcomes = [0, 0];
    for kib in (48..260).step_by(4) {
        fs::write(&other, record.clone() + &record[..700]).unwrap();
        let _ = fs::remove_file(&log);
        let run = to_log(folder.path());
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--stack={}", kib << 10)).arg(run.get_program()).args(run.get_args());
        limited.args(["--procfs".as_ref(), fixture("arm64-256cpu").as_os_str()]).env_clear();
        let output = limited.output().unwrap();
        let status = output.status.code().unwrap_or_else(|| panic!("{kib} KiB: {:?}", output.status));
        outcomes[usize::try_from(status).unwrap()] += 1;
    }
    assert!(outcomes.iter().all(|count| *count > 5), "{outcomes:?}");
}

#[test]
fn a_renamed_log_is_on_the_disk_before_a_fresh_one_where_that_is_asked_for() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let (folder, log, record) = recorded();
    fs::write(&log, record.repeat(10)).unwrap();
    let mut run = to_log(folder.path());
    let calls = calls_of(run.args(["--sync", "--max-bytes", "64k"]), "/rename,fdatasync,fsync,write");
    assert_eq!(calls, ["rename", "fsync", "write", "fdatasync", "fsync"]);
    assert_eq!(crate::common::names(folder.path()).len(), 2);
}
