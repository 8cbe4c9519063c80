//! `--compress`: each record once and in order, whatever is cut when, in the day's log and what of it is compressed.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, thread};

use miniz_oxide::inflate::decompress_to_vec;
use procline::bgzf::{TEXT, member, member_size};
use procline::clock::Date;
use procline::config::Options;
use procline::log::{Logs, append};
use tempfile::{NamedTempFile, TempDir, tempdir};

use crate::common::{
    complaint, done, fixture, has_tool, json, names, procline, runs_natively, skip_unless_native, to_log, under_strace,
};
use crate::day;
use crate::retention::du;

/// The program under test, told to compress.
fn compressing(folder: &Path) -> Command {
    let mut command = to_log(folder);
    command.args(["--compress", "--log-prefix="]);
    command
}

/// The log of today in a folder, and what of it is compressed.
fn today(folder: &Path) -> (PathBuf, PathBuf) {
    let line = done(procline().arg("--stdout").arg("--procfs").arg(fixture("mt7621-router")).output().unwrap());
    let date = json(&line)["time"].as_str().unwrap()[..10].to_string();
    (folder.join(format!("{date}.log")), folder.join(format!("{date}.log.gz")))
}

/// The text of each member of a compressed file, which is whole.
fn members(file: &Path) -> Vec<String> {
    texts(&fs::read(file).unwrap_or_default(), &file.display().to_string())
}

fn texts(bytes: &[u8], name: &str) -> Vec<String> {
    let mut rest = bytes;
    let mut texts = Vec::new();
    while !rest.is_empty() {
        let size = member_size(rest).unwrap_or_else(|| panic!("{name} is torn"));
        let (member, behind) = rest.split_at(size);
        let text = decompress_to_vec(&member[18..size - 8]).unwrap();
        assert_eq!(member[size - 4..], u32::try_from(text.len()).unwrap().to_le_bytes());
        texts.push(String::from_utf8(text).unwrap());
        rest = behind;
    }
    texts
}

/// The text of a file, be it compressed; none where it is not there.
fn text(file: &Path) -> String {
    if file.extension().is_some_and(|end| end == "gz") {
        members(file).concat()
    } else {
        fs::read_to_string(file).unwrap_or_default()
    }
}

fn is_compressed(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "gz")
}

/// All lines of a folder's logs, in their order: by day, of a day what is compressed first, then what moves there, then
/// text; older parts by number. Where a text moves, what is compressed ends where that begins.
fn lines(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = names(folder)
        .into_iter()
        .map(|name| {
            let (day, end) = name.split_once(".log").unwrap();
            let (kind, number) = match (end.strip_prefix(".gz@"), end.strip_suffix(".gz")) {
                (Some(number), _) => (1, number),
                (_, Some(number)) => (0, number.trim_start_matches('.')),
                _ => (2, end.trim_start_matches('.')),
            };
            (day.to_string(), kind, number.parse().unwrap_or(usize::MAX), name.clone())
        })
        .collect();
    files.sort();
    let mut lines = Vec::new();
    for (day, kind, _, name) in &files {
        let moving = files.iter().find(|(other, kind, ..)| other == day && *kind == 1);
        let text = match moving {
            Some((_, _, start, _)) if *kind == 0 && name.ends_with(".log.gz") => {
                let bytes = fs::read(folder.join(name)).unwrap();
                texts(&bytes[..bytes.len().min(*start)], name).concat()
            }
            _ => text(&folder.join(name)),
        };
        lines.extend(text.lines().map(str::to_string));
    }
    lines
}

/// Holds that a folder has so many records, each once, in order and whole.
fn holds(folder: &Path, count: usize, context: &str) {
    let lines = lines(folder);
    let times: Vec<_> = lines.iter().map(|line| json(line)["time"].as_str().unwrap().to_string()).collect();
    let all: BTreeSet<_> = times.iter().collect();
    assert_eq!((times.len(), all.len(), times.is_sorted()), (count, count, true), "{context}");
}

/// The lines that `zcat -f` makes of these files.
fn zcat(files: &[&Path]) -> Vec<String> {
    let files = files.iter().filter(|file| file.exists());
    let output = done(Command::new("zcat").arg("-f").args(files).output().unwrap());
    output.lines().map(str::to_string).collect()
}

/// Records that a day may have before now, each of 3 KB, that do not compress well.
fn records(count: usize) -> Vec<String> {
    let mut random = 1_u64;
    let mut digits = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:012}", random >> 33)
    };
    let mut line = |number| {
        let filler = (0..250).map(|_| digits()).collect::<String>();
        format!("{number} - {{\"time\":\"2020-01-01T00:{number:04}\",\"filler\":\"{filler}\"}}\n")
    };
    (0..count).map(&mut line).collect()
}

/// A folder with today's logs: blocks that are compressed, and lines that are not.
fn folder_of(compressed: &[String], text: &[String]) -> (TempDir, PathBuf, PathBuf) {
    let folder = tempdir().unwrap();
    let (log, gz) = today(folder.path());
    let mut room = vec![0; procline::bgzf::ROOM];
    let blocks = compressed.chunks(20).map(|lines| member(lines.concat().as_bytes(), &mut room).to_vec());
    let blocks = blocks.collect::<Vec<_>>().concat();
    if !blocks.is_empty() {
        fs::write(&gz, blocks).unwrap();
    }
    if !text.is_empty() {
        fs::write(&log, text.concat()).unwrap();
    }
    (folder, log, gz)
}

#[test]
fn a_full_block_becomes_a_member_and_every_tool_reads_the_day() {
    let folder = tempdir().unwrap();
    let (log, gz) = today(folder.path());
    for _ in 0..60 {
        done(compressing(folder.path()).output().unwrap());
        assert!(fs::metadata(&log).unwrap().len() <= TEXT as u64);
    }
    holds(folder.path(), 60, "");
    let members = members(&gz);
    assert_eq!(members.len(), 2);
    // The next record would not have fit, so a block has the room of less than one left.
    assert!(members.iter().all(|text| text.ends_with('\n') && (TEXT - 2900..=TEXT).contains(&text.len())));
    let whole = text(&gz) + &text(&log);
    for tool in
        [&["zcat", "-f"] as &[&str], &["gzip", "-dcf"], &["busybox", "zcat"], &["bgzip", "-dc"], &["7z", "e", "-so"]]
    {
        let has_log = tool.contains(&"-f") || tool.contains(&"-dcf");
        let there = Command::new(tool[0]).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        if there {
            let mut command = Command::new(tool[0]);
            command.args(&tool[1..]).arg(&gz).args(has_log.then_some(&log));
            let output = command.output().unwrap();
            let expected = if has_log { whole.clone() } else { text(&gz) };
            assert!(String::from_utf8_lossy(&output.stdout) == expected, "{tool:?}");
        }
    }
    if has_tool("python3") {
        let program = "import gzip,sys; sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())";
        assert!(done(Command::new("python3").args(["-c", program]).arg(&gz).output().unwrap()) == text(&gz));
    }
}

#[test]
fn a_run_that_compresses_nothing_makes_no_file_and_one_without_the_option_leaves_all_as_it_is() {
    let (folder, log, gz) = folder_of(&[], &records(22));
    done(to_log(folder.path()).arg("--log-prefix=").output().unwrap());
    assert!(!gz.exists());
    done(compressing(folder.path()).output().unwrap());
    assert!(gz.exists() && fs::metadata(&log).unwrap().len() < 4000);
    let before = fs::read(&gz).unwrap();
    done(to_log(folder.path()).arg("--log-prefix=").output().unwrap());
    done(compressing(folder.path()).arg("--stdout").output().unwrap());
    assert_eq!(fs::read(&gz).unwrap(), before);
}

#[test]
fn a_log_of_many_blocks_is_compressed_whole_and_so_is_a_line_of_more_than_a_block() {
    let text = records(100);
    let (folder, log, gz) = folder_of(&records(40)[..0], &text);
    done(compressing(folder.path()).output().unwrap());
    assert_eq!((members(&gz).len(), self::text(&gz) == text.concat()), (5, true));
    let long = format!("1 - {{\"time\":\"x\",\"y\":\"{}\"}}\n", "0123456789".repeat(20_000));
    fs::write(&log, &long).unwrap();
    done(compressing(folder.path()).output().unwrap());
    assert!(self::text(&gz).ends_with(&long) && members(&gz).len() == 9);
}

#[test]
fn a_move_that_was_cut_anywhere_is_done_again() {
    let all = records(61);
    let (folder, log, gz) = folder_of(&all[..40], &[]);
    let before = fs::read(&gz).unwrap();
    let mut room = vec![0; procline::bgzf::ROOM];
    let last = member(all[40..].concat().as_bytes(), &mut room).to_vec();
    let moving = gz.with_extension(format!("gz@{}", before.len()));
    let mut count = 0;
    for length in (0..=30).chain((31..last.len()).step_by(397)).chain(last.len() - 12..=last.len()) {
        // What a power cut can leave: NUL bytes, up to the end of a sector.
        for end in [0, 512 - (before.len() + length) % 512] {
            fs::write(&gz, [&before[..], &last[..length], &vec![0; end]].concat()).unwrap();
            fs::write(&moving, all[40..].concat()).unwrap();
            let _ = fs::remove_file(&log);
            holds(folder.path(), 61, "for all who know the name");
            done(compressing(folder.path()).output().unwrap());
            assert_eq!(names(folder.path()).len(), 2);
            holds(folder.path(), 62, &format!("{length} and {end} bytes"));
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn lines_that_were_compressed_when_a_run_was_cut_are_not_there_twice() {
    let all = records(100);
    // As many members were made before the run was cut; then the text grew, or what is compressed went.
    for (made, grown, is_gone) in [(0, 0, false), (20, 0, false), (60, 0, false), (60, 5, false), (60, 0, true)] {
        let (folder, log, gz) = folder_of(&all[..made], &[]);
        fs::write(gz.with_extension("gz@0"), all[..60 + grown].concat()).unwrap();
        if is_gone {
            // For --max-bytes; and another tool's file is there now.
            fs::remove_file(&gz).unwrap();
            fs::rename(gz.with_extension("gz@0"), gz.with_extension("gz@70000")).unwrap();
        }
        done(compressing(folder.path()).output().unwrap());
        assert_eq!((names(folder.path()).len(), text(&log).lines().count()), (2, 1));
        holds(folder.path(), 61 + grown, &format!("{made} {grown} {is_gone}"));
    }
}

#[test]
fn the_log_of_a_day_before_is_compressed_with_the_first_record_of_the_next() {
    let (all, others) = (records(20), records(40).split_off(20));
    for options in [&[] as &[&str], &["--max-bytes", "1M"], &["--sync", "--keep-files", "9"]] {
        let folder = tempdir().unwrap();
        for day in ["2019-12-31", "2020-01-01"] {
            fs::write(folder.path().join(format!("{day}.log")), all.concat()).unwrap();
        }
        fs::write(folder.path().join("2019-12-31.log.1"), others.concat()).unwrap();
        fs::write(folder.path().join("2999-01-01.log"), all.concat()).unwrap();
        for _ in 0..2 {
            done(compressing(folder.path()).args(options).output().unwrap());
            fs::remove_file(today(folder.path()).0).unwrap();
            let compressed = names(folder.path()).into_iter().filter(|name| is_compressed(name)).collect::<Vec<_>>();
            assert_eq!(compressed.len(), 2, "{compressed:?}");
            assert!(text(&folder.path().join("2019-12-31.log.gz")) == others.concat() + &all.concat());
            assert!(text(&folder.path().join("2020-01-01.log.gz")) == all.concat());
        }
        let left: Vec<_> = names(folder.path());
        assert_eq!(left, ["2019-12-31.log.gz", "2020-01-01.log.gz", "2999-01-01.log"]);
    }
}

#[test]
fn both_limits_count_what_is_compressed_and_delete_it() {
    let all = records(20);
    let folder = tempdir().unwrap();
    let mut room = vec![0; procline::bgzf::ROOM];
    let block = member(all.concat().as_bytes(), &mut room).to_vec();
    for day in 1..10 {
        for end in [".gz", ".1.gz", ".2"] {
            fs::write(folder.path().join(format!("2020-01-{day:02}.log{end}")), &block).unwrap();
        }
    }
    // What only looks like one of ours.
    for name in [
        "2020-01-01.log.0.gz",
        "2020-01-01.log.gz@01",
        "2020-01-01.log.gz.1",
        "2020-01-01.log.01.gz",
        "2020-01-01.log.gz.gz",
        "2020-01-01.gz",
    ] {
        fs::write(folder.path().join(name), &block).unwrap();
    }
    done(compressing(folder.path()).args(["--keep-files", "3"]).output().unwrap());
    assert_eq!(names(folder.path()).len(), 6 + 2 * 2 + 1);
    let most = 64 * 1024;
    done(compressing(folder.path()).args(["--max-bytes", &most.to_string()]).output().unwrap());
    let ours = names(folder.path()).into_iter().filter(|name| !name.starts_with("2020-01-01")).collect::<Vec<_>>();
    assert_eq!(ours, ["2020-01-09.log.gz".to_string(), today(Path::new("")).0.display().to_string()]);
}

#[test]
fn a_long_day_goes_on_in_the_next_part_and_stays_within_max_bytes() {
    for most in [12 * 1024, 30 * 1024, 64 * 1024, 200 * 1024] {
        let folder = tempdir().unwrap();
        let mut kept = 0;
        for record in 1..=200_usize {
            done(compressing(folder.path()).args(["--max-bytes", &most.to_string()]).output().unwrap());
            assert!(du(folder.path()) <= most, "{} of {most}: {:?}", du(folder.path()), names(folder.path()));
            let lines = lines(folder.path());
            kept = lines.len();
            let times: Vec<_> = lines.iter().map(|line| json(line)["time"].as_str().unwrap().to_string()).collect();
            assert!(times.is_sorted() && times.iter().collect::<BTreeSet<_>>().len() == kept, "{record}");
        }
        let names = names(folder.path());
        assert!(
            !(20..100).contains(&(most / 1024))
                || names.iter().any(|name| name.contains(".log.") && is_compressed(name)),
            "{names:?}"
        );
        // 22 records of 2,822 bytes are in 64 KiB.
        assert!(most < 64 * 1024 || kept as u64 > most / 2822 * 3 / 2, "{kept} within {most}");
    }
}

#[test]
fn turned_on_and_off_within_a_day_it_loses_nothing_and_keeps_the_order() {
    let folder = tempdir().unwrap();
    for record in 1..=240_usize {
        let mut command = if record / 40 % 2 == 0 { compressing(folder.path()) } else { to_log(folder.path()) };
        command.args(["--log-prefix=", "--max-bytes", "256k"]);
        done(command.output().unwrap());
        if record == 100 {
            holds(folder.path(), 100, "");
        }
    }
    let times: Vec<_> = lines(folder.path()).iter().map(|line| json(line)["time"].to_string()).collect();
    assert!(times.is_sorted() && times.len() > 100, "{}", times.len());
}

#[test]
fn what_another_tool_compressed_is_never_written() {
    let all = records(22);
    // A gzip file without a field BC.
    let mut foreign = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    foreign.extend([0; 30]);
    let (folder, log, gz) = folder_of(&[], &all);
    fs::write(&gz, &foreign).unwrap();
    // logrotate of `*` makes such a name, and it is none of ours.
    fs::write(gz.with_extension("gz.1"), &foreign).unwrap();
    done(compressing(folder.path()).output().unwrap());
    assert_eq!(fs::read(gz.with_extension("2.gz")).unwrap(), foreign);
    assert_eq!(fs::read(gz.with_extension("gz.1")).unwrap(), foreign);
    assert!(text(&gz) == all.concat() && text(&log).lines().count() == 1);
    assert_eq!(names(folder.path()).len(), 4);
}

#[test]
fn what_is_no_regular_file_stays_and_is_told() {
    for is_folder in [false, true] {
        let (folder, log, gz) = folder_of(&[], &records(22));
        if is_folder {
            fs::create_dir(&gz).unwrap();
        } else {
            assert!(Command::new("mkfifo").arg(&gz).status().unwrap().success());
        }
        let mut command = compressing(folder.path());
        let message = complaint(command.args(["--max-bytes", "200k"]).output().unwrap(), 1);
        let what = if is_folder { "is a directory" } else { "no such device or address" };
        assert!(message.contains(&format!(".log.gz: {what}; the record was written, but")), "{message}");
        assert!(gz.exists() && names(folder.path()).len() == 3);
        let part = gz.with_extension("1");
        assert!(text(&part) == records(22).concat() && text(&log).lines().count() == 1);
    }
}

#[test]
fn a_day_with_the_last_number_of_a_part_loses_nothing() {
    let all = records(22);
    let (folder, log, gz) = folder_of(&[], &all);
    fs::write(gz.with_extension("999999999.gz"), "another's").unwrap();
    let message = complaint(compressing(folder.path()).output().unwrap(), 1);
    assert!(message.contains(".log: no space left on device; the record was written, but older ones"), "{message}");
    assert!(text(&log).starts_with(&all.concat()) && text(&log).lines().count() == 23);
}

#[test]
fn an_empty_log_leaves_no_empty_gzip_file() {
    let (folder, log, _) = folder_of(&[], &[]);
    fs::write(folder.path().join("2020-01-01.log"), "").unwrap();
    done(compressing(folder.path()).output().unwrap());
    assert_eq!(names(folder.path()), [log.file_name().unwrap().to_str().unwrap()]);
}

#[test]
fn one_run_at_a_time_moves_text() {
    let all = records(22);
    let (folder, log, gz) = folder_of(&[], &all);
    let held = File::open(folder.path()).unwrap();
    held.lock().unwrap();
    done(compressing(folder.path()).output().unwrap());
    assert!(text(&gz.with_extension("1")) == all.concat() && text(&log).lines().count() == 1 && !gz.exists());
    drop(held);
    fs::remove_file(&log).unwrap();
    done(compressing(folder.path()).output().unwrap());
    assert!(text(&gz) == all.concat() && names(folder.path()).len() == 2);
}

#[test]
fn a_file_that_another_cuts_off_or_removes_while_text_moves_ends_the_move() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    for removes in [false, true] {
        let all = records(60);
        let (folder, log, gz) = folder_of(&[], &all);
        let text_file = OpenOptions::new().write(true).open(&log).unwrap();
        let slow = if removes {
            "inject=fdatasync:delay_enter=1000000:when=1"
        } else {
            "inject=write:delay_exit=1000000:when=1"
        };
        let mut run = under_strace(&["-o", "/dev/null", "-e", slow], &compressing(folder.path())).spawn().unwrap();
        while !fs::metadata(&gz).is_ok_and(|there| there.len() > 0) {
            thread::sleep(Duration::from_millis(10));
        }
        thread::sleep(Duration::from_millis(200));
        if removes {
            fs::remove_file(&gz).unwrap();
        } else {
            text_file.set_len(0).unwrap();
        }
        assert!(run.wait().unwrap().success());
        let moving = text(&gz.with_extension("gz@0"));
        assert!(moving == if removes { all.concat() } else { String::new() });
        assert!(text(&log).lines().count() == 1 && !gz.exists());
    }
}

/// A run of the program in which a call of this name on this file, or any, has something done to it; what it says.
fn traced(injection: &str, file: Option<&Path>, command: &Command) -> Option<std::process::Output> {
    let trace = NamedTempFile::new().unwrap();
    let (trace_path, inject) = (trace.path().to_str().unwrap(), format!("inject={injection}"));
    let mut options = vec!["-o", trace_path, "-e", &inject];
    if let Some(file) = file {
        options.extend(["-P", file.to_str().unwrap()]);
    }
    let output = under_strace(&options, command).output().unwrap();
    let trace = fs::read_to_string(trace).unwrap();
    (trace.contains("INJECTED") || trace.contains("killed by")).then_some(output)
}

/// What puts a folder's two logs back as they are now, and removes all others.
fn restores(folder: &Path, log: &Path, gz: &Path) -> impl Fn() {
    let folder = folder.to_path_buf();
    let files = [log, gz].map(|file| (file.to_path_buf(), fs::read(file)));
    move || {
        for name in names(&folder) {
            fs::remove_file(folder.join(name)).unwrap();
        }
        for (file, bytes) in &files {
            if let Ok(bytes) = bytes {
                fs::write(file, bytes).unwrap();
            }
        }
    }
}

/// The states of a day in which a run compresses: what of the records is compressed, and what is not.
fn states() -> Vec<(TempDir, PathBuf, PathBuf, usize)> {
    let all = records(100);
    let ranges = [(0, 22), (20, 42), (40, 100)];
    ranges
        .into_iter()
        .map(|(compressed, end)| {
            let (folder, log, gz) = folder_of(&all[..compressed], &all[compressed..end]);
            (folder, log, gz, end)
        })
        .collect()
}

#[test]
fn a_run_that_is_cut_at_any_system_call_loses_nothing_and_repeats_nothing() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let mut cuts = 0;
    for options in [&[] as &[&str], &["--max-bytes", "1M"]] {
        for (folder, log, gz, count) in states() {
            let restore = restores(folder.path(), &log, &gz);
            let mut command = compressing(folder.path());
            command.args(options);
            for call in [
                "openat",
                "flock",
                "newfstatat",
                "fstat",
                "preadv",
                "write",
                "fdatasync",
                "fsync",
                "ftruncate",
                "unlinkat",
                "renameat",
                "madvise",
                "close",
                "getdents64",
                "lseek",
            ] {
                for when in 1.. {
                    restore();
                    if traced(&format!("{call}:signal=KILL:when={when}"), None, &command).is_none() {
                        break;
                    }
                    let context = format!("{options:?} {call} {when}");
                    done(command.output().unwrap());
                    let found = lines(folder.path()).len();
                    // The run that was cut had written its record, or not.
                    assert!((count + 1..=count + 2).contains(&found), "{context}: {found}");
                    holds(folder.path(), found, &context);
                    // Not even a name tells that a run was cut, and zcat has the day.
                    assert!(names(folder.path()).iter().all(|name| !name.contains('@')), "{context}");
                    assert_eq!(zcat(&[&gz, &log]), lines(folder.path()), "{context}");
                    cuts += 1;
                }
            }
        }
    }
    let _ = writeln!(std::io::stderr(), "{cuts} runs were cut at a system call");
    assert!(cuts > 300, "{cuts}");
}

/// Kills runs at random moments; `PROCLINE_KILLS` says how many.
#[test]
fn runs_that_are_killed_at_random_lose_nothing_and_repeat_nothing() {
    if !runs_natively() {
        return;
    }
    let kills = env::var("PROCLINE_KILLS").map_or(60, |kills| kills.parse().unwrap());
    let (mut random, mut at_most, mut killed) = (1_u64, 0, 0);
    let folder = tempdir().unwrap();
    // Blocks of four records, so that each fourth run compresses.
    let options = ["--max-bytes", "64k", "--keep-files", "9"];
    let mut before: Vec<String> = Vec::new();
    for _ in 0..kills {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut run = compressing(folder.path()).args(options).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_micros((random >> 33) % 1500));
        killed += usize::from(run.try_wait().unwrap().is_none());
        let _ = run.kill();
        run.wait().unwrap();
        done(compressing(folder.path()).args(options).output().unwrap());
        let lines = lines(folder.path());
        at_most = at_most.max(lines.len());
        holds(folder.path(), lines.len(), "killed");
        // Of what was there only the oldest may have gone, for --max-bytes.
        let kept = before.iter().position(|line| *line == lines[0]).map_or(0, |first| before.len() - first);
        assert!(before.is_empty() || kept > 0 && lines[..kept] == before[before.len() - kept..]);
        assert!((kept + 1..=kept + 2).contains(&lines.len()), "{kept} {}", lines.len());
        before = lines;
    }
    let _ = writeln!(std::io::stderr(), "{killed} of {kills} runs were killed, {at_most} records kept at the most");
    assert!(killed > kills / 10, "{killed}");
}

#[test]
fn each_call_on_both_files_fails_in_turn_and_costs_neither_the_record_nor_another() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let mut count = 0;
    for (folder, log, gz, records) in states() {
        let restore = restores(folder.path(), &log, &gz);
        let size = fs::metadata(&gz).map_or(0, |gz| gz.len());
        let command = compressing(folder.path());
        for (call, errors) in [
            ("openat", &["EACCES", "EMFILE", "ENOSPC", "EROFS", "EINTR"] as &[&str]),
            ("flock", &["ENOLCK", "EAGAIN", "EINTR"]),
            ("fstat", &["EIO"]),
            ("newfstatat", &["EIO"]),
            ("preadv", &["EIO", "EINTR"]),
            ("write", &["ENOSPC", "EDQUOT", "EIO", "EFBIG", "EINTR"]),
            ("fdatasync", &["EIO", "EROFS", "EINTR"]),
            ("ftruncate", &["EIO", "EPERM", "EINTR"]),
            ("unlinkat", &["EACCES", "EROFS", "EBUSY"]),
            ("renameat", &["EACCES", "EROFS", "ENOSPC"]),
            ("fsync", &["EIO"]),
            ("getdents64", &["EIO"]),
        ] {
            let part = log.with_extension("log.1");
            let moving = gz.with_extension(format!("gz@{size}"));
            let files = [&gz, &log, &part, &moving, &folder.path().to_path_buf()];
            for (error, file) in errors.iter().flat_map(|error| files.map(|file| (error, file))) {
                for when in 1.. {
                    restore();
                    let context = format!("{call} {error} {when} {}", file.display());
                    let inject = format!("{call}:error={error}:when={when}");
                    let Some(output) = traced(&inject, Some(file), &command) else { break };
                    let message = String::from_utf8(output.stderr).unwrap();
                    let told =
                        message.contains("the record was written, but older ones were not compressed (--compress)");
                    if file != &log {
                        assert!(output.status.success() && message.is_empty() || told, "{context}: {message}");
                    }
                    assert!(lines(folder.path()).len() >= records, "{context}");
                    let written = usize::from(told || output.status.success());
                    // A run that failed leaves an older part to the next new log.
                    let _ = fs::rename(&log, log.with_extension("log.9"));
                    done(compressing(folder.path()).output().unwrap());
                    holds(folder.path(), records + 1 + written, &context);
                    count += 1;
                }
            }
        }
    }
    let _ = writeln!(std::io::stderr(), "{count} faults of --compress were injected");
    assert!(count > 200, "{count}");
}

#[test]
fn a_disk_that_is_full_in_the_middle_of_a_member_keeps_the_lines_where_they_are() {
    if skip_unless_native() || !has_tool("prlimit") {
        return;
    }
    let all = records(1000);
    let (folder, log, gz) = folder_of(&all[..978], &all[978..]);
    let (before, size) = (text(&gz), fs::metadata(&gz).unwrap().len());
    assert!(size > fs::metadata(&log).unwrap().len() + 5000, "{size}");
    let inner = compressing(folder.path());
    let mut command = Command::new("prlimit");
    command.arg(format!("--fsize={}", size + 100)).arg(inner.get_program()).args(inner.get_args()).env("TZ", "UTC0");
    let message = complaint(command.output().unwrap(), 1);
    assert!(
        message.ends_with(
            ".gz: file too large; the record was written, but older ones were not compressed (--compress)\n"
        ),
        "{message}"
    );
    assert!(text(&gz) == before && text(&log).lines().count() == 1);
    assert_eq!(text(&gz.with_extension(format!("gz@{size}"))).lines().count(), 22);
    // The next new log tries it again.
    fs::remove_file(&log).unwrap();
    done(compressing(folder.path()).output().unwrap());
    assert_eq!(text(&gz).lines().count(), 1000);
}

#[test]
fn a_record_without_the_lock_survives_the_log_that_goes() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    for call in ["unlinkat", "fdatasync", "write", "ftruncate"] {
        let (folder, log, _) = folder_of(&[], &records(22));
        let inject = format!("inject={call}:delay_enter=2500000:when=1");
        let mut slow = under_strace(&["-o", "/dev/null", "-e", &inject], &compressing(folder.path())).spawn().unwrap();
        thread::sleep(Duration::from_millis(600));
        // Another program's line; and a run that waits for its second and appends without the lock.
        let mut file = OpenOptions::new().append(true).open(&log).unwrap();
        writeln!(file, "22 - {{\"time\":\"2020-01-01T00:0022\"}}").unwrap();
        done(to_log(folder.path()).arg("--log-prefix=").output().unwrap());
        assert!(slow.wait().unwrap().success());
        let found = lines(folder.path());
        let times: BTreeSet<_> =
            found.iter().filter(|line| !line.is_empty()).map(|line| json(line)["time"].to_string()).collect();
        assert_eq!(times.len(), 25, "{call}");
        assert_eq!(found.iter().filter(|line| !line.is_empty()).count(), 25, "{call}");
    }
}

#[test]
fn a_log_that_another_truncates_meanwhile_loses_no_later_record() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let (folder, log, gz) = folder_of(&[], &records(22));
    let inject = "inject=unlinkat:delay_enter=1000000:when=1";
    let mut slow = under_strace(&["-o", "/dev/null", "-e", inject], &compressing(folder.path())).spawn().unwrap();
    while !gz.exists() {
        thread::sleep(Duration::from_millis(10));
    }
    thread::sleep(Duration::from_millis(300));
    // As copytruncate of logrotate does.
    let mut file = OpenOptions::new().append(true).open(&log).unwrap();
    file.set_len(0).unwrap();
    writeln!(file, "22 - {{\"time\":\"2020-01-01T00:0022\"}}").unwrap();
    assert!(slow.wait().unwrap().success());
    assert_eq!((text(&gz).lines().count(), text(&log).lines().count()), (22, 2));
    holds(folder.path(), 24, "");
}

#[test]
fn without_the_lock_nothing_is_compressed_and_the_record_is_written() {
    let (folder, log, gz) = folder_of(&[], &records(22));
    let held = File::open(&log).unwrap();
    held.lock().unwrap();
    done(compressing(folder.path()).output().unwrap());
    assert!(!gz.exists());
    drop(held);
    done(compressing(folder.path()).output().unwrap());
    assert_eq!(text(&gz).lines().count(), 23);
}

#[test]
fn two_hundred_at_once_lose_no_record() {
    for options in [&[] as &[&str], &["--max-bytes", "3M"]] {
        let (folder, ..) = folder_of(&[], &records(22));
        let runs: Vec<_> = (0..200).map(|_| compressing(folder.path()).args(options).spawn().unwrap()).collect();
        for run in runs {
            done(run.wait_with_output().unwrap());
        }
        let lines = lines(folder.path());
        let found: Vec<_> = lines.iter().filter(|line| !line.is_empty()).map(|line| json(line)).collect();
        assert_eq!(found.len(), 222, "{options:?}");
    }
}

#[test]
fn a_small_stack_costs_no_record() {
    if skip_unless_native() || !has_tool("prlimit") {
        return;
    }
    let (folder, log, _) = folder_of(&[], &records(22));
    let inner = compressing(folder.path());
    let mut command = Command::new("prlimit");
    command.arg("--stack=131072").arg(inner.get_program()).args(inner.get_args()).env_clear().env("TZ", "UTC0");
    let message = complaint(command.output().unwrap(), 1);
    assert!(
        message.contains("cannot allocate memory; the record was written, but older ones were not compressed"),
        "{message}"
    );
    assert_eq!((text(&log).lines().count(), text(&log.with_extension("log.1")).lines().count()), (1, 22));
}

#[test]
fn a_run_that_stays_compresses_and_leaves_no_file_open() {
    if !runs_natively() {
        return;
    }
    let (folder, log, gz) = folder_of(&[], &records(22));
    let mut run = compressing(folder.path()).args(["--interval", "1"]).stdout(Stdio::null()).spawn().unwrap();
    thread::sleep(Duration::from_millis(3300));
    let open: Vec<_> = fs::read_dir(format!("/proc/{}/fd", run.id()))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
        .filter(|file| file.starts_with(folder.path()))
        .collect();
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(text(&gz).lines().count(), 22);
    assert!(text(&log).lines().count() >= 2);
    // The 200 KiB of stack for that are given back.
    let maps = fs::read_to_string(format!("/proc/{}/smaps", run.id())).unwrap();
    let stack = maps.split_once("[stack]").unwrap().1.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kib = stack.unwrap().trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap();
    assert!(kib < 100, "{kib} KiB of stack");
    assert!(Command::new("kill").arg(run.id().to_string()).status().unwrap().success());
    assert!(run.wait().unwrap().success());
}

/// Appends a week of a router in use, a record a minute. In a process of its own, without a limit of the stack: what a
/// run asks of the stack holds for the first thread alone.
#[test]
fn two_megabytes_hold_the_last_three_days_of_a_router_at_any_moment() {
    if env::var_os("PROCLINE_WEEK").is_none() {
        if skip_unless_native() || !has_tool("prlimit") {
            return;
        }
        let mut alone = Command::new("prlimit");
        alone.arg("--stack=unlimited").arg(env::current_exe().unwrap()).args(["--nocapture", "--exact"]);
        let name = thread::current().name().unwrap().to_string();
        let output = alone.arg(name).env("PROCLINE_WEEK", "1").output().unwrap();
        let _ = std::io::stderr().write_all(&output.stderr);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let folder = tempdir().unwrap();
    let most = 2 << 20;
    let log_path = folder.path().as_os_str().as_bytes();
    let options = Options {
        log_path,
        log_prefix: b"",
        interval: Some(60),
        compress: true,
        max_bytes: Some(most),
        ..Options::default()
    };
    let day = 24 * 60;
    let (mut before, mut least) = (Vec::new(), usize::MAX);
    for (minute, line) in day::lines(7 * day).iter().enumerate() {
        let date = Date { year: 2026, month: 11, day: 18 + u8::try_from(minute as u64 / day).unwrap() };
        append(&Logs::new(&options, date), format!("\n{line}").as_bytes()).unwrap();
        let names = names(folder.path());
        // Whatever goes is a file.
        if names != before || minute % 100 == 0 {
            assert!(du(folder.path()) <= most);
            let lines = lines(folder.path());
            let first = minute + 1 - lines.len();
            assert!(
                lines
                    .iter()
                    .enumerate()
                    .all(|(place, line)| line.starts_with(&format!("{} ", 1_794_960_000 + 60 * (first + place))))
            );
            if first > 0 {
                least = least.min(lines.len());
            }
            before = names;
        }
    }
    let _ = writeln!(std::io::stderr(), "2 MB hold {least} minutes at the least, {} days", least as u64 / day);
    assert!(least as u64 >= 3 * day, "{least}");
}

#[test]
fn who_reads_the_log_then_older_parts_then_what_is_compressed_never_misses_a_record() {
    let folder = tempdir().unwrap();
    let (log, gz) = today(folder.path());
    let (is_done, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for record in 1..=150 {
                // Blocks of four records, and no limit that takes any away.
                done(compressing(folder.path()).args(["--max-bytes", "64k"]).output().unwrap());
                written.store(record, Ordering::SeqCst);
                if fs::metadata(&gz).is_ok_and(|gz| gz.len() > 12_000) {
                    break;
                }
            }
            is_done.store(true, Ordering::SeqCst);
        });
        let mut looks = 0;
        'look: while !is_done.load(Ordering::SeqCst) {
            let before = written.load(Ordering::SeqCst);
            // The way of the lines: from the log to an older part, to what moves, and then to what is compressed.
            let mut text = text(&log);
            for name in names(folder.path()) {
                if name.contains(".log.") && !is_compressed(&name) {
                    // It went on its way meanwhile.
                    let Ok(part) = fs::read_to_string(folder.path().join(name)) else { continue 'look };
                    text += &part;
                }
            }
            let bytes = fs::read(&gz).unwrap_or_default();
            let mut found: BTreeSet<_> =
                text.lines().filter(|line| line.ends_with("}}}")).map(str::to_string).collect();
            let mut rest = &bytes[..];
            // A member that is being written has no end yet.
            while let Some(size) = member_size(rest).filter(|size| *size <= rest.len()) {
                let text = String::from_utf8(decompress_to_vec(&rest[18..size - 8]).unwrap()).unwrap();
                found.extend(text.lines().map(str::to_string));
                rest = &rest[size..];
            }
            assert!(found.len() >= before, "{} of {before}", found.len());
            looks += 1;
        }
        assert!(looks > 20, "{looks}");
    });
    assert!(written.load(Ordering::SeqCst) > 40);
}

#[test]
fn tail_with_a_large_f_follows_from_block_to_block() {
    if skip_unless_native() || !has_tool("tail") {
        return;
    }
    let (folder, log, gz) = folder_of(&[], &records(18));
    let output = NamedTempFile::new().unwrap();
    let mut tail = Command::new("tail");
    tail.args(["-n", "+1", "-s", "0.1", "-F"]).arg(&log).stdout(output.reopen().unwrap()).stderr(Stdio::null());
    let mut tail = tail.spawn().unwrap();
    for _ in 0..30 {
        done(compressing(folder.path()).output().unwrap());
        thread::sleep(Duration::from_millis(100));
    }
    let expected = text(&gz) + &text(&log);
    let mut found = String::new();
    for _ in 0..50 {
        found = fs::read_to_string(output.path()).unwrap();
        if found.len() >= expected.len() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    tail.kill().unwrap();
    tail.wait().unwrap();
    assert_eq!((members(&gz).len(), expected.lines().count()), (2, 48));
    assert!(found == expected, "{} of {} lines", found.lines().count(), expected.lines().count());
}

#[test]
fn a_lost_sector_in_the_middle_of_what_is_compressed_costs_nothing_else() {
    let all = records(222);
    let (folder, log, gz) = folder_of(&all[..200], &all[200..]);
    let mut bytes = fs::read(&gz).unwrap();
    let second = member_size(&bytes).unwrap();
    bytes[second..second + 512].fill(0);
    fs::write(&gz, &bytes).unwrap();
    done(compressing(folder.path()).output().unwrap());
    assert!(fs::read(gz.with_extension("2.gz")).unwrap() == bytes && text(&log).lines().count() == 1);
    assert!(text(&gz) == all[200..].concat());
}

#[test]
fn a_last_line_of_another_gets_its_newline() {
    let (folder, log, gz) = folder_of(&[], &records(21));
    OpenOptions::new().append(true).open(&log).unwrap().write_all(b"by hand, no newline").unwrap();
    done(compressing(folder.path()).output().unwrap());
    assert!(text(&gz).ends_with("\nby hand, no newline\n") && text(&log).lines().count() == 1);
}

#[test]
fn where_nothing_can_be_compressed_no_other_log_goes() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    for options in [&[] as &[&str], &["--max-bytes", "1M"]] {
        let (folder, _, gz) = folder_of(&[], &records(22));
        for day in ["2019-01-01", "2999-01-01"] {
            fs::write(folder.path().join(format!("{day}.log.gz")), "x".repeat(5000)).unwrap();
        }
        let mut command = compressing(folder.path());
        command.args(options);
        let output = traced("openat:error=ENOSPC:when=1+", Some(&gz), &command).unwrap();
        let message = complaint(output, 1);
        assert!(message.contains("no space left on device; the record was written, but"), "{message}");
        assert_eq!(names(folder.path()).len(), 4);
        assert_eq!(text(&gz.with_extension("1")).lines().count(), 22);
    }
}

#[test]
fn a_text_that_grows_while_it_moves_is_moved_once() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    for kill in [false, true] {
        let (folder, log, gz) = folder_of(&[], &records(22));
        // Who has the file open, and did not get the lock.
        let mut late = OpenOptions::new().append(true).open(&log).unwrap();
        let mut options = vec!["-o", "/dev/null", "-e", "inject=fdatasync:delay_enter=800000:when=1"];
        if kill {
            options.extend(["-e", "inject=unlinkat:signal=KILL:when=1"]);
        }
        let mut slow = under_strace(&options, &compressing(folder.path())).spawn().unwrap();
        while !gz.exists() {
            thread::sleep(Duration::from_millis(10));
        }
        thread::sleep(Duration::from_millis(200));
        writeln!(late, "22 - {{\"time\":\"2020-01-01T00:0022\"}}").unwrap();
        assert_eq!(slow.wait().unwrap().success(), !kill);
        done(compressing(folder.path()).output().unwrap());
        holds(folder.path(), if kill { 24 } else { 25 }, &format!("{kill}"));
    }
}

#[test]
fn who_writes_without_the_lock_to_a_text_that_has_gone_writes_again() {
    if skip_unless_native() || !has_tool("strace") {
        return;
    }
    let (folder, log, gz) = folder_of(&[], &records(22));
    let held = File::open(&log).unwrap();
    held.lock().unwrap();
    // It gives up the lock after a second, and then stands still before its write.
    let options = ["-o", "/dev/null", "-P", log.to_str().unwrap(), "-e", "inject=write:delay_enter=3000000:when=1"];
    let mut without = to_log(folder.path());
    without.arg("--log-prefix=");
    let mut slow = under_strace(&options, &without).spawn().unwrap();
    thread::sleep(Duration::from_millis(2200));
    drop(held);
    done(compressing(folder.path()).output().unwrap());
    assert_eq!(text(&gz).lines().count(), 22);
    assert!(slow.wait().unwrap().success());
    let found: Vec<_> = lines(folder.path()).into_iter().filter(|line| !line.is_empty()).collect();
    assert_eq!(found.len(), 24);
}
