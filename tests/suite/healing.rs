//! What another does to a log while a run waits, and what a last line tells of itself.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::common::{done, has_tool, json, recorded, skip_unless_native, to_log, under_strace};

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
