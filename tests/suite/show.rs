//! procline-show: what it writes, beside a second reading in Python, `tests/show.py`.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use procline::show::args::HELP;
use tempfile::{TempDir, tempdir};

use crate::common::{
    complaint, done, fixture, fixtures, has_tool, procline, procline_show, record_at, runs_natively,
    skip_unless_native, skipped,
};
use crate::dist::unpacked;

/// Python's second reading.
fn reading(words: &[&OsStr], input: &[u8]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/show.py");
    let mut command = Command::new("python3");
    command.arg("-B").arg(script).args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // qemu's LoongArch has pages of 16 KiB.
    if env::var("PROCLINE_TEST_RUNNER").is_ok_and(|runner| runner.ends_with("loongarch64")) {
        command.env("PAGE_BYTES", "16384");
    }
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn words<'w>(words: &'w [&'w str]) -> Vec<&'w OsStr> {
    words.iter().map(OsStr::new).collect()
}

/// A log in which all happens that can.
fn made() -> String {
    reading(&words(&["made"]), b"")
}

/// What is shown of a file.
fn shown(options: &[&str], file: &Path) -> String {
    done(procline_show().args(options).arg(file).output().unwrap())
}

/// What is shown of standard input.
fn shown_of(options: &[&str], input: &[u8]) -> std::process::Output {
    let mut command = procline_show();
    command.args(options).arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    output
}

/// The time of the day of each row of a table.
fn times(table: &str) -> Vec<&str> {
    table.lines().map(|line| &line[..8]).filter(|time| time.as_bytes()[2] == b':').collect()
}

/// 2026-11-20 00:00 UTC.
const MIDNIGHT: i64 = 1_795_132_800;

/// The record of so many minutes after midnight.
fn record_of(minute: i64) -> String {
    record_at(MIDNIGHT + minute * 60)
}

/// A file with this text, and its folder.
fn file_of(text: &str) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let file = folder.path().join("a.log");
    fs::write(&file, text).unwrap();
    (folder, file)
}

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A folder of logs: the files of these names, with this text.
fn logs(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(format!("awesome_monitoring_{name}")), text).unwrap();
    }
    folder
}

/// procline-show of the logs in a folder, where it is now this second.
fn of_logs(folder: &Path) -> Command {
    let mut command = procline_show();
    command.arg("--log-path").arg(folder);
    command
}

/// The bytes in gzip members of so many bytes of lines each, the last one empty, as BGZF has them.
fn gzip(text: &[u8], most: usize) -> Vec<u8> {
    let script = "import sys, zlib, struct\n\
        def member(block):\n\
        \x20   c = zlib.compressobj(6, zlib.DEFLATED, -15)\n\
        \x20   d = c.compress(block) + c.flush()\n\
        \x20   return (b'\\x1f\\x8b\\x08\\x04\\0\\0\\0\\0\\0\\xff\\x06\\0BC\\x02\\0'\n\
        \x20           + struct.pack('<H', min(len(d) + 25, 65535)) + d + struct.pack('<II', zlib.crc32(block), len(block)))\n\
        block, out = b'', b''\n\
        for line in sys.stdin.buffer:\n\
        \x20   if block and len(block) + len(line) > int(sys.argv[1]):\n\
        \x20       out, block = out + member(block), b''\n\
        \x20   block += line\n\
        sys.stdout.buffer.write(out + member(block) + member(b''))\n";
    let mut command = Command::new("python3");
    command.args(["-c", script, &most.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_vec();
    let writer = thread::spawn(move || stdin.write_all(&text));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// The second reading, and what is written, of the same file.
fn agree(file: &Path, width: &str, asked: &str) {
    let path = file.as_os_str();
    let mut command = procline_show();
    command.env("COLUMNS", width).arg(file);
    let options: &[&str] = if asked == "-" { &[] } else { &["--columns", asked] };
    let table = done(command.args(options).output().unwrap());
    let [table_word, csv, width, asked] = ["table", "csv", width, asked].map(OsStr::new);
    assert_eq!(table, reading(&[table_word, width, asked, path], b""), "{}", file.display());
    let options = [&["--csv"], options].concat();
    assert_eq!(shown(&options, file), reading(&[csv, OsStr::new("-"), asked, path], b""), "{}", file.display());
}

/// All machines, or under an emulator, which takes long, two of them.
fn machines() -> Vec<PathBuf> {
    let is_tried = |folder: &PathBuf| runs_natively() || folder.ends_with("vm") || folder.ends_with("mt7621-router");
    fixtures().into_iter().filter(is_tried).collect()
}

fn metrics_agree(file: &Path) {
    for (which, options) in [("last", &["--prometheus"] as &[&str]), ("all", &["--prometheus", "--timestamps"])] {
        let written = reading(&words(&["samples"]), shown(options, file).as_bytes());
        let expected = reading(&[&words(&["prometheus", which, "-"])[..], &[file.as_os_str()]].concat(), b"");
        assert!(written.lines().count() > 30);
        assert_eq!(written, expected, "{}", file.display());
    }
}

#[test]
fn tables_and_csv_of_all_machines_are_what_a_second_reading_gives() {
    if !has_tool("python3") {
        return;
    }
    for folder in machines() {
        agree(&folder.join("with.log"), "80", "-");
        agree(&folder.join("with.log"), "200", "cpu,net,disk,load");
        agree(&folder.join("pymonitor.log"), "120", "-");
    }
}

#[test]
fn metrics_of_all_machines_are_what_a_second_reading_gives() {
    if !has_tool("python3") {
        return;
    }
    for folder in machines() {
        metrics_agree(&folder.join("with.log"));
        metrics_agree(&folder.join("pymonitor.log"));
    }
}

#[test]
fn all_that_can_happen_is_shown_as_a_second_reading_shows_it() {
    if !has_tool("python3") {
        return;
    }
    let (_folder, file) = file_of(&made());
    for width in ["80", "100", "160", "1000"] {
        agree(&file, width, "-");
    }
    for asked in ["cpu", "net:eth0,fs", "mem,swap,load,tasks", "temp,disk:vda"] {
        agree(&file, "40", asked);
    }
    metrics_agree(&file);
    let table = shown(&[], &file);
    // The restart, and nothing else of it.
    assert_eq!(table.matches("restart").count(), 1, "{table}");
    // The hour that comes twice.
    assert!(times(&table).windows(2).any(|pair| pair == ["02:59:00", "02:00:00"]));
    let net = shown(&["--columns", "net:eth0"], &file);
    assert_eq!(net.matches("restart").count(), 2, "{net}");
    assert_eq!(shown(&["--columns", "load"], &file).matches("  restart\n").count(), 1);
}

#[test]
fn a_line_fits_the_terminal() {
    for folder in fixtures() {
        for width in [60, 80, 100, 131] {
            let table =
                done(procline_show().env("COLUMNS", width.to_string()).arg(folder.join("with.log")).output().unwrap());
            assert!(table.lines().all(|line| line.chars().count() <= width), "{width}: {table}");
        }
    }
    assert!(!shown(&[], &fixture("vm").join("with.log")).contains('\x1b'));
}

#[test]
fn json_is_what_stands_in_the_log() {
    let log = fixture("vm").join("with.log");
    let text = fs::read_to_string(&log).unwrap();
    assert_eq!(shown(&["--json"], &log), text.split_once(" - ").unwrap().1);
}

#[test]
fn the_help_is_a_screen() {
    let help = done(procline_show().arg("--help").output().unwrap());
    assert_eq!(help.as_bytes(), &HELP[..]);
    assert!(help.lines().count() <= 24 && help.lines().all(|line| line.len() <= 80), "{help}");
    assert!(done(procline_show().arg("--version").output().unwrap()).starts_with("procline-show "));
}

#[test]
fn what_is_wrong_names_itself() {
    for (words, message) in [
        (&["--bogus"] as &[&str], "--bogus: no such option"),
        (
            &["--from=25:00"],
            "--from=25:00: needs a time, as 13:00, 2026-11-24, 2026-11-24T13:00, -2h or seconds since 1970",
        ),
        (
            &["--to", "2026-02-29"],
            "2026-02-29: needs a time, as 13:00, 2026-11-24, 2026-11-24T13:00, -2h or seconds since 1970",
        ),
        (&["--every=0"], "--every=0: needs a duration, as 90s, 15m, 1h or 1d"),
        (&["--last=x"], "--last=x: needs a number of records"),
        (&["--last", "x"], "x: needs a number of records"),
        (&["--csv", "--json"], "--json: not with another of --csv, --json and --prometheus"),
        (&["--csv=1"], "--csv=1: takes no value"),
        (&["--columns"], "--columns: needs a value"),
        (&["--timestamps"], "--timestamps: needs --prometheus"),
        (&["--from=13:00", "--to=12:00"], "--from: is later than --to"),
        (&["--columns=cpu", "--json"], "--columns: not with --json or --prometheus"),
        (&["--columns=cpu", "--prometheus"], "--columns: not with --json or --prometheus"),
        (&["--prometheus", "--every=1h"], "--prometheus: needs --timestamps, beside --every or --last"),
        (&["--prometheus", "--last=3"], "--prometheus: needs --timestamps, beside --every or --last"),
        (&["--follow", "--prometheus"], "--follow: not with --last or --prometheus"),
        (&["--last", "3", "-"], "-: not with --last or --timestamps, which read twice"),
    ] {
        let found = complaint(procline_show().args(words).output().unwrap(), 2);
        assert_eq!(found, format!("procline-show: {message}; see procline-show --help\n"));
    }
    for time in ["13", "20261102", "00000000", "13:00:00.x", "2026-11-24T13:00:00.5x"] {
        let found = complaint(procline_show().args(["--from", time]).output().unwrap(), 2);
        assert!(found.contains(": needs a time, as 13:00"), "{time}: {found}");
    }
    for time in ["0", "100000000", "13:00:00.5"] {
        let log = fixture("vm").join("record.log");
        assert_ne!(procline_show().args(["--from", time]).arg(log).output().unwrap().status.code(), Some(2), "{time}");
    }
    for list in ["net:", "cpu,disk:", "", "cpu,", "bogus", "cpu:x", "net:eth0,swap:x", "boot"] {
        let found = complaint(procline_show().args(["--columns", list]).output().unwrap(), 2);
        assert!(found.contains("needs names of: cpu,tasks,"), "{list}: {found}");
    }
}

#[test]
fn a_missing_log_is_an_error_that_says_what_to_do() {
    let folder = tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let found = complaint(of_logs(&nowhere).output().unwrap(), 1);
    assert!(found.contains("nowhere: no such file or directory; record with procline first"), "{found}");
    let found = complaint(of_logs(folder.path()).output().unwrap(), 1);
    assert!(found.contains("no records of this time; see --from, --to and --log-path"), "{found}");
    assert_eq!(complaint(shown_of(&[], b""), 1), "procline-show: no records in the files, or none of this time\n");
    let found = complaint(procline_show().arg(&nowhere).output().unwrap(), 1);
    assert!(found.ends_with("nowhere: no such file or directory\n"), "{found}");
    let found = complaint(procline_show().arg(folder.path()).output().unwrap(), 1);
    assert!(found.ends_with(": is a directory\n"), "{found}");
}

#[test]
fn what_procline_has_just_recorded_is_shown() {
    let folder = tempdir().unwrap();
    for _ in 0..2 {
        let mut command = procline();
        done(command.args(["--procfs"]).arg(fixture("vm")).arg("--log-path").arg(folder.path()).output().unwrap());
    }
    let table = done(of_logs(folder.path()).output().unwrap());
    assert_eq!(times(&table).len(), 2, "{table}");
    let metrics = done(of_logs(folder.path()).arg("--prometheus").output().unwrap());
    assert!(metrics.contains("\nnode_cpu_seconds_total{cpu=\"1\",mode=\"idle\"} 2023.84\n"), "{metrics}");
    assert!(metrics.contains("\nnode_uname_info{sysname=\"Linux\",nodename=\""), "{metrics}");
    // The environment names the folder, too.
    let mut command = procline_show();
    assert_eq!(done(command.env("PROCLINE_LOG_PATH", folder.path()).output().unwrap()), table);
}

/// Lines of the made log, and those of a gzip file, older parts and the log: the same rows.
#[test]
fn the_parts_of_a_day_are_read_in_their_order() {
    if !has_tool("python3") {
        return;
    }
    let made = made();
    let lines: Vec<_> = made.split_inclusive('\n').collect();
    let part = |range: std::ops::Range<usize>| lines[range].concat().into_bytes();
    let whole = logs(&[("2026-10-25.log", made.as_bytes())]);
    let options = ["--from", "2026-10-25", "--to", "2026-10-25"];
    let table = done(of_logs(whole.path()).args(options).output().unwrap());
    assert_eq!(times(&table).len(), lines.len());
    let (old, second, third, last) = (gzip(&part(0..30), 9000), part(30..50), part(50..80), part(80..lines.len()));
    let parts = logs(&[
        ("2026-10-25.log", &last),
        ("2026-10-25.log.10", &third),
        ("2026-10-25.log.9", &second),
        ("2026-10-25.log.gz", &old),
        ("2026-10-25.log.bak", &second),
        ("2026-10-25.log.gz.7", &second),
        ("2026-10-23.log", b"another day\n"),
        ("2026-10-27.log", b"another day\n"),
    ]);
    assert_eq!(done(of_logs(parts.path()).args(options).output().unwrap()), table);
    // `--compress`: what stands behind byte N of `….log.gz`, be it torn, is a copy in the making of `….log.gz@N`.
    let (older, old, copy) = (gzip(&part(0..30), 9000), gzip(&part(30..45), 9000), gzip(&part(45..60), 9000));
    let moves = [
        ("2026-10-25.log.3.gz", older),
        ("2026-10-25.log.gz", [&old[..], &copy[..copy.len() / 2]].concat()),
        (&format!("2026-10-25.log.gz@{}", old.len()), part(45..60)),
        ("2026-10-25.log.4", part(60..80)),
        ("2026-10-25.log", part(80..lines.len())),
    ];
    let moves = logs(&moves.each_ref().map(|(name, text)| (*name, &text[..])));
    let output = of_logs(moves.path()).args(options).output().unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    assert_eq!(done(output), table);
}

/// What `procline --compress` does again and again, while the log is read again and again.
#[test]
fn a_reader_sees_each_record_once_while_the_log_moves() {
    if !has_tool("python3") {
        return;
    }
    let made = made();
    let lines: Vec<_> = made.split_inclusive('\n').collect();
    let blocks: Vec<_> = lines.chunks(4).map(<[_]>::concat).collect();
    let members: Vec<_> = blocks.iter().map(|block| gzip(block.as_bytes(), 65_280)).collect();
    let folder = tempdir().unwrap();
    let path = |end: &str| folder.path().join(format!("awesome_monitoring_2026-10-25.log{end}"));
    fs::write(path(""), &blocks[0]).unwrap();
    let (is_over, path) = (std::sync::atomic::AtomicBool::new(false), &path);
    thread::scope(|scope| {
        scope.spawn(|| {
            for (member, next) in members.iter().zip(&blocks[1..]) {
                fs::rename(path(""), path(".1")).unwrap();
                let size = fs::metadata(path(".gz")).map_or(0, |status| status.len());
                let moving = path(&format!(".gz@{size}"));
                fs::rename(path(".1"), &moving).unwrap();
                let mut gz = OpenOptions::new().append(true).create(true).open(path(".gz")).unwrap();
                for part in member.chunks(member.len() / 3 + 1) {
                    gz.write_all(part).unwrap();
                    thread::sleep(Duration::from_millis(2));
                }
                fs::remove_file(moving).unwrap();
                fs::write(path(".new"), next).unwrap();
                fs::rename(path(".new"), path("")).unwrap();
                thread::sleep(Duration::from_millis(2));
            }
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let json: Vec<_> = lines.iter().map(|line| line.split_once(" - ").unwrap().1).collect();
        loop {
            let is_last = is_over.load(std::sync::atomic::Ordering::Relaxed);
            let mut command = of_logs(folder.path());
            let output = command.args(["--from", "2026-10-25", "--to", "2026-10-25", "--json"]).output().unwrap();
            let seen = done(output);
            let count = seen.lines().count();
            // Each in its order, and none twice.
            let numbers: Vec<_> =
                seen.split_inclusive('\n').map(|seen| json.iter().position(|json| *json == seen)).collect();
            let wrong = numbers.iter().enumerate().find(|(place, number)| **number != Some(*place));
            assert!(wrong.is_none(), "{wrong:?} of {count}: {numbers:?}");
            if is_last {
                assert_eq!(count, lines.len());
                break;
            }
        }
    });
}

#[test]
fn what_procline_compresses_is_shown_once() {
    let folder = tempdir().unwrap();
    for number in 1..=60 {
        let mut command = procline();
        command.arg("--procfs").arg(fixture("vm")).arg("--log-path").arg(folder.path()).arg("--compress");
        done(command.output().unwrap());
        if number % 6 == 0 {
            let output = of_logs(folder.path()).arg("--json").output().unwrap();
            assert!(output.stderr.is_empty(), "{output:?}");
            assert_eq!(done(output).lines().count(), number);
        }
    }
    let is_compressed = |entry: fs::DirEntry| entry.path().extension().is_some_and(|end| end == "gz");
    assert!(fs::read_dir(folder.path()).unwrap().any(|entry| is_compressed(entry.unwrap())));
}

#[test]
fn gzip_files_of_all_forms_are_read() {
    if !has_tool("python3") || !has_tool("gzip") {
        return;
    }
    let made = made();
    let (folder, plain) = file_of(&made);
    let table = shown(&[], &plain);
    for (number, most) in [5000, 65_280, 10_000_000].into_iter().enumerate() {
        let file = folder.path().join(format!("{number}.gz"));
        fs::write(&file, gzip(made.as_bytes(), most)).unwrap();
        assert_eq!(shown(&[], &file), table);
        assert_eq!(done(shown_of(&[], &fs::read(&file).unwrap())), table);
    }
    for level in ["-1", "-9"] {
        let output = Command::new("gzip").args([level, "-c"]).arg(&plain).output().unwrap();
        let file = folder.path().join("whole");
        fs::write(&file, output.stdout).unwrap();
        assert_eq!(shown(&[], &file), table);
    }
    // Stored blocks and fixed codes.
    let script = "import sys, zlib, gzip\nt = open(sys.argv[1], 'rb').read()\no = open(sys.argv[2], 'wb')\n\
        o.write(gzip.compress(t[:100000], 0))\n\
        c = zlib.compressobj(9, zlib.DEFLATED, 31, 9, zlib.Z_FIXED)\no.write(c.compress(t[100000:]) + c.flush())\n";
    let file = folder.path().join("forms");
    assert!(Command::new("python3").args(["-c", script]).arg(&plain).arg(&file).status().unwrap().success());
    assert_eq!(shown(&[], &file), table);
}

#[test]
fn a_torn_gzip_file_gives_what_is_whole_and_says_so() {
    if !has_tool("python3") {
        return;
    }
    let text = gzip(made().as_bytes(), 30_000);
    let folder = tempdir().unwrap();
    let file = folder.path().join("torn.gz");
    let mut rows = 0;
    for length in (40..text.len()).step_by(text.len() / 40) {
        fs::write(&file, &text[..length]).unwrap();
        let output = procline_show().arg(&file).output().unwrap();
        let (table, complaint) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        let count = times(&table).len();
        assert_eq!(output.status.code(), Some(i32::from(count == 0)), "{complaint}");
        assert!(complaint.contains("damaged gzip files: 1"), "{complaint}");
        assert!(count >= rows);
        rows = count;
    }
    assert!(rows > 80, "{rows}");
}

#[test]
fn what_is_no_record_is_left_out_and_counted() {
    let record = fs::read_to_string(fixture("vm").join("record.log")).unwrap();
    let line = record.trim_end();
    let mut text = String::new();
    let deep = format!("1 - {}{}", "{\"a\":".repeat(3000), "[".repeat(3000));
    let bad = [
        "another's line",
        "1734302332 - {",
        "1734302332 - {}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\"",
        "1734302332 - {\"time\":\"yesterday\"}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\",}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:521\"}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52.1.2\"}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\"} {}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\u{1b}[31m\"}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\"}\r\r",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\",\"a\":[1,\t2]}",
        "99999999999999999999 - {\"time\":\"2024-12-15T22:38:52\"}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\",\"a\":\"\0\"}",
        &line.replacen("\"nice\":", "\"nice\",", 1),
        &line.replacen("\"nice\":0,", "\"nice\":0", 1),
        &line.replacen("\"cpus\":[", "\"cpus\":{", 1),
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\",\"a\":{\"b\":[1}]}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\",\"a\":[1,]}",
        "1734302332 - {\"time\":\"2024-12-15T22:38:52\",\"a\":[,1]}",
        &deep,
        &line[..line.len() - 1],
        &line[..line.len() / 2],
    ];
    for bad in bad {
        writeln!(text, "{line}\n{bad}\n").unwrap();
    }
    let output = shown_of(&["--json"], text.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!("procline-show: left out: lines that are no records: {}\n", bad.len())
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), bad.len());
}

#[test]
fn a_carriage_return_at_the_end_of_a_line_is_dropped() {
    let text = [0, 1].map(record_of).concat();
    let copy = shown_of(&["--json"], text.replace('\n', "\r\n").as_bytes());
    assert!(copy.stderr.is_empty(), "{copy:?}");
    assert_eq!(done(copy), done(shown_of(&["--json"], text.as_bytes())));
}

#[test]
fn a_line_that_is_too_long_stops_nothing() {
    let record = fs::read_to_string(fixture("vm").join("record.log")).unwrap();
    // Longer than the largest record.
    let long = format!("1734302332 - {{\"time\":\"2024-12-15T22:38:52\",\"a\":\"{}\"}}\n", "x".repeat(3_000_000));
    let output = shown_of(&["--json"], [record.as_str(), &long, &record].concat().as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "procline-show: left out: lines that are too long: 1\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    // A record of many CPUs is not.
    let large = fixture("arm64-256cpu").join("with.log");
    assert_eq!(times(&shown(&[], &large)).len(), 1);
}

#[test]
fn each_prefix_and_each_changed_byte_of_a_record_is_shown_or_left_out() {
    let record = fs::read(fixture("mt7621-router").join("with.log")).unwrap();
    let mut text = Vec::new();
    for length in (0..record.len()).step_by(7) {
        text.extend_from_slice(&record[..length]);
        text.push(b'\n');
    }
    for place in (0..record.len()).step_by(5) {
        let mut bent = record.clone();
        bent[place] = bent[place].wrapping_add(1 + u8::try_from(place % 200).unwrap());
        text.extend_from_slice(&bent);
    }
    for options in [&[] as &[&str], &["--csv"], &["--json"], &["--prometheus"]] {
        let output = shown_of(options, &text);
        assert_eq!(output.status.code(), Some(0), "{options:?}");
        assert!(!output.stdout.contains(&0x1b), "a control character");
    }
}

#[test]
fn times_choose_the_rows() {
    if !has_tool("python3") {
        return;
    }
    let made = made();
    let logs = logs(&[("2026-10-25.log", made.as_bytes())]);
    let rows = |options: &[&str]| {
        let mut command = of_logs(logs.path());
        command.env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3").args(options);
        let table = done(command.output().unwrap());
        times(&table).into_iter().map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        rows(&["--from", "2026-10-25T02:55", "--to", "1792890060"]),
        ["02:55:00", "02:56:00", "02:57:00", "02:58:00", "02:59:00", "02:00:00", "02:01:00"]
    );
    // Of the hour that comes twice the first one.
    assert_eq!(rows(&["--from", "2026-10-25", "--to", "2026-10-25T02:32:00"]), ["02:31:00", "02:32:00"]);
    assert_eq!(rows(&["--from=1792888260", "--to=1792888260"]), ["02:31:00"]);
    let all = rows(&["--from", "2026-10-25", "--to", "2026-10-25"]);
    assert_eq!(all.len(), 100);
    // One row for each quarter of an hour: the first record of it.
    let every = rows(&["--from", "2026-10-25", "--to", "2026-10-25", "--every", "15m"]);
    assert_eq!(every[..5], ["02:31:00", "02:45:00", "02:00:00", "02:15:00", "02:30:00"]);
    // Each of the two hours has one, and the day of 25 hours.
    assert_eq!(rows(&["--from", "2026-10-25", "--to", "2026-10-25", "--every", "1h"])[..2], ["02:31:00", "02:00:00"]);
    assert_eq!(rows(&["--from", "2026-10-25", "--to", "2026-10-25", "--every", "1d"]), ["02:31:00"]);
    assert_eq!(rows(&["--from", "2026-10-25", "--last", "3"]), all[97..]);
    assert_eq!(rows(&["--from", "2026-10-25", "--last", "2", "--every", "15m"]), every[every.len() - 2..]);
    // The same rates as in the whole table.
    let file = logs.path().join("awesome_monitoring_2026-10-25.log");
    let whole = shown(&["--every", "15m"], &file);
    let last = shown(&["--every", "15m", "--last", "2"], &file);
    let row = |table: &str, number: usize| table.lines().rev().nth(number).unwrap().to_string();
    assert_eq!([row(&last, 3), row(&last, 4)], [row(&whole, 3), row(&whole, 4)]);
    // Metrics, too.
    let count = |options: &[&str]| {
        let metrics = shown(&[&["--prometheus", "--timestamps"], options].concat(), &file);
        metrics.lines().filter(|line| line.starts_with("node_load1 ")).count()
    };
    assert_eq!([count(&[]), count(&["--last", "7"]), count(&["--every", "15m"])], [100, 7, every.len()]);
    // Of an hour that is left out: as far behind the gap.
    let lines: String = (0..12).map(|part| record_at(1_772_949_600 + part * 600)).collect();
    let file = logs.path().join("spring");
    fs::write(&file, lines).unwrap();
    let mut command = procline_show();
    command.env("TZ", "EST5EDT,M3.2.0,M11.1.0").args(["--from", "2026-03-08T02:30"]).arg(&file);
    assert_eq!(times(&done(command.output().unwrap())), ["07:30:00", "07:40:00", "07:50:00"]);
    // The last hour has none.
    let found = complaint(of_logs(logs.path()).output().unwrap(), 1);
    assert!(found.contains("no records"), "{found}");
}

#[test]
fn the_log_of_another_time_zone_is_found() {
    // At 11:00 UTC it is 23:00 of the day before, or 1:00 of the next day. From west to east.
    let zones = [("19", "UTC+12"), ("20", "UTC0"), ("21", "UTC-14")];
    let record = record_of(11 * 60);
    for (place, (day, zone)) in zones.iter().enumerate() {
        let logs = logs(&[(&format!("2026-11-{day}.log"), record.as_bytes())]);
        let second = MIDNIGHT + 11 * 3600;
        for (_, reader) in &zones[place.saturating_sub(1)..=place] {
            let mut command = of_logs(logs.path());
            command.env("TZ", reader).args(["--json", &format!("--from={second}"), &format!("--to={second}")]);
            assert_eq!(done(command.output().unwrap()).lines().count(), 1, "{zone} read in {reader}");
        }
    }
}

/// Bytes that were read from files, by strace.
fn bytes_read(command: &Command, trace: &Path) -> u64 {
    let mut strace = crate::common::under_strace(&["-e", "trace=read,pread64", "-o", trace.to_str().unwrap()], command);
    assert!(strace.output().unwrap().status.success());
    let trace = fs::read_to_string(trace).unwrap();
    trace.lines().filter_map(|line| line.rsplit_once("= ")?.1.parse::<u64>().ok()).sum()
}

#[test]
fn from_is_found_without_reading_all_and_a_clock_that_was_set_back_loses_nothing() {
    let mut lines: Vec<_> = (0..1440).map(record_of).collect();
    // For an hour the clock was two hours ahead.
    for (minute, line) in (600..660).zip(&mut lines[600..660]) {
        *line = record_of(minute + 120);
    }
    let text = lines.concat();
    assert!(text.len() > 5_000_000);
    let logs = logs(&[("2026-11-20.log", text.as_bytes())]);
    for (from, expected) in [(0, 1440), (1380, 60), (720, 720 + 60), (661, 1440 - 661 + 60), (100, 1340)] {
        let second = (MIDNIGHT + from * 60).to_string();
        let mut command = of_logs(logs.path());
        command.args(["--from", &second, "--to", "2026-11-20"]);
        let table = done(command.output().unwrap());
        assert_eq!(times(&table).len(), expected, "{from}");
    }
    if runs_natively() && has_tool("strace") {
        let second = (MIDNIGHT + 1380 * 60).to_string();
        let mut command = of_logs(logs.path());
        command.args(["--from", &second, "--to", "2026-11-20"]);
        let read = bytes_read(&command, &logs.path().join("trace"));
        assert!(read < text.len() as u64 / 5, "{read} bytes of {}", text.len());
    }
}

#[test]
fn a_pipe_that_nobody_reads_is_no_failure() {
    let (_folder, file) = file_of(&(0..3000).map(record_of).collect::<String>());
    for option in ["--json", "--csv", "--prometheus"] {
        let mut child =
            procline_show().arg(option).arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{option}");
    }
    for option in ["--help", "--version"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = procline_show().arg(option).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{option}");
    }
    if Path::new("/dev/full").exists() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = procline_show().arg(&file).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), message.as_str()),
            (Some(1), "procline-show: standard output: no space left on device\n")
        );
    }
}

/// Waits until a file has so many lines.
fn wait_for_lines(file: &Path, count: usize) -> String {
    let start = Instant::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if text.lines().count() >= count {
            return text;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{count} lines are not there: {text}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn follow_goes_on_as_the_log_grows_and_as_the_day_changes() {
    let second = procline::clock::Moment::now().unwrap().seconds;
    let folder = tempdir().unwrap();
    let name = |second: i64| {
        let date = procline::clock::LocalTime::new(second, 0).date.iso();
        folder.path().join(format!("awesome_monitoring_{date}.log"))
    };
    fs::write(name(second), record_at(second)).unwrap();
    let out = folder.path().join("out");
    let mut child =
        of_logs(folder.path()).args(["--follow", "--csv"]).stdout(File::create(&out).unwrap()).spawn().unwrap();
    wait_for_lines(&out, 2);
    let append = |file: &PathBuf, text: &str| {
        OpenOptions::new().append(true).create(true).open(file).unwrap().write_all(text.as_bytes()).unwrap();
    };
    // A line that is not whole yet is waited for.
    let line = record_at(second + 1);
    append(&name(second), &line[..100]);
    thread::sleep(Duration::from_millis(1500));
    append(&name(second), &line[100..]);
    wait_for_lines(&out, 3);
    // The log is renamed, and goes on in a fresh one.
    fs::rename(name(second), name(second).with_extension("log.1")).unwrap();
    append(&name(second), &record_at(second + 2));
    wait_for_lines(&out, 4);
    // What is no file stands where the log of the next day is to be.
    make_fifo(&name(second + 86_400));
    thread::sleep(Duration::from_millis(1500));
    append(&name(second), &record_at(second + 3));
    wait_for_lines(&out, 5);
    // The day behind that.
    append(&name(second + 2 * 86_400), &record_at(second + 2 * 86_400));
    let text = wait_for_lines(&out, 6);
    child.kill().unwrap();
    child.wait().unwrap();
    let seconds: Vec<_> =
        text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse::<i64>().unwrap()).collect();
    assert_eq!(seconds, [second, second + 1, second + 2, second + 3, second + 2 * 86_400]);
}

/// Waits until a program ends, which is to be soon.
fn ended(mut child: std::process::Child) -> std::process::Output {
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn follow_of_a_pipe_shows_what_has_come_and_ends_with_it() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("out");
    let mut command = procline_show();
    command.args(["--follow", "--csv", "-"]).stdin(Stdio::piped()).stdout(File::create(&out).unwrap());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    for number in 1..4 {
        pipe.write_all(record_of(i64::try_from(number).unwrap()).as_bytes()).unwrap();
        wait_for_lines(&out, 1 + number);
    }
    drop(pipe);
    assert!(ended(child).status.success());
}

#[test]
fn follow_ends_when_the_last_second_that_is_asked_for_is_over() {
    let second = procline::clock::Moment::now().unwrap().seconds;
    let (_folder, file) = file_of(&record_at(second));
    let mut command = procline_show();
    command.args(["--follow", "--json", "--to", &(second + 2).to_string()]).arg(&file);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(1200));
    OpenOptions::new().append(true).open(&file).unwrap().write_all(record_at(second + 1).as_bytes()).unwrap();
    assert_eq!(done(ended(child)).lines().count(), 2);
}

#[test]
fn a_pipe_in_place_of_a_log_is_left_out() {
    let [first, last] = [0, 2 * 1440].map(record_of);
    let folder = logs(&[("2026-11-20.log.1", first.as_bytes()), ("2026-11-22.log", last.as_bytes())]);
    for date in ["2026-11-20", "2026-11-21"] {
        let fifo = folder.path().join(format!("awesome_monitoring_{date}.log"));
        make_fifo(&fifo);
    }
    // It has a writer, which writes nothing.
    let fifo = folder.path().join("awesome_monitoring_2026-11-20.log");
    let writer = OpenOptions::new().read(true).write(true).open(&fifo).unwrap();
    let mut command = of_logs(folder.path());
    command.args(["--from", "2026-11-20", "--to", "2026-11-22"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = ended(command.spawn().unwrap());
    assert_eq!(times(&String::from_utf8(output.stdout).unwrap()).len(), 2);
    let told = "procline-show: left out: logs that are no regular files: 2\n";
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), told));
    drop(writer);
}

#[test]
fn what_comes_before_an_error_is_shown() {
    let log = fixture("vm").join("record.log");
    for form in ["--csv", "--json"] {
        let output = procline_show().arg(form).arg(&log).arg("/nowhere").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "procline-show: /nowhere: no such file or directory\n");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), shown(&[form], &log), "{form}");
    }
}

#[test]
fn json_needs_no_columns() {
    let line = "1734302332 - {\"time\":\"2024-12-15T22:38:52\",\"a\":1}\n";
    assert_eq!(done(shown_of(&["--json"], line.as_bytes())), line.split_once(" - ").unwrap().1);
    let found = complaint(shown_of(&[], line.as_bytes()), 1);
    assert!(found.contains("no columns to show: "), "{found}");
}

#[test]
fn a_device_that_is_asked_for_can_come_later() {
    let [first, second] = [0, 1].map(record_of);
    let second = second.replacen("\"load", "\"netdev\":{\"ppp0\":{\"receive_bytes\":7}},\"load", 1);
    let text = [first, second].concat();
    let csv = done(shown_of(&["--csv", "--columns=net:ppp0,net:ppp0"], text.as_bytes()));
    let rows: Vec<_> = csv.lines().map(|line| line.splitn(3, ',').nth(2).unwrap()).collect();
    assert_eq!(rows, ["netdev.ppp0.receive_bytes,netdev.ppp0.transmit_bytes", ",", "7,"]);
    let table = done(shown_of(&["--columns=net:ppp0"], text.as_bytes()));
    assert_eq!(table.lines().nth(2).unwrap().split_whitespace().collect::<Vec<_>>(), ["00:00:00", "-", "-"]);
}

/// A kernel that has no steal, or nothing of what memory is available.
#[test]
fn what_is_absent_is_no_number() {
    let [first, second] = [0, 1].map(record_of);
    let (_, steal) = second.split_once("\"steal\":").unwrap();
    let steal = format!(",\"steal\":{}", steal.split([',', '}']).next().unwrap());
    let table = done(shown_of(&[], format!("{first}{}", second.replacen(&steal, "", 1)).as_bytes()));
    assert_eq!((times(&table).len(), table.matches("restart").count()), (2, 0), "{table}");
    // Without the time of idle CPUs nobody knows the whole.
    for place in 0..2 {
        let mut lines = [first.clone(), second.replacen("\"user\":", "\"user\":9", 1)];
        lines[place] = lines[place].replacen("\"idle\":", "\"other\":", 1);
        let table = done(shown_of(&["--columns=cpu"], lines.concat().as_bytes()));
        let row = table.lines().nth(3).unwrap();
        assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["00:01:00", "-", "-", "-", "-", "-", "-"]);
    }
    let mut without = first.clone();
    for name in ["MemFree", "MemAvailable", "Buffers", "Cached"] {
        without = without.replacen(&format!("\"{name}\":"), &format!("\"No{name}\":"), 1);
    }
    let table = done(shown_of(&["--columns=mem"], without.as_bytes()));
    assert_eq!(table.lines().last().unwrap().split_whitespace().collect::<Vec<_>>(), ["00:00:00", "-", "-"]);
}

#[test]
fn metrics_have_the_help_of_node_exporter_and_no_number_that_is_none() {
    let log = fixture("vm").join("with.log");
    let text = fs::read_to_string(&log).unwrap();
    let root = r#","filesystem":{"/":{"device":"/dev/root","fstype":"ext4","size":4,"free":3,"avail":2}}}"#;
    let text = format!("{}{root}\n", text.trim_end().strip_suffix('}').unwrap());
    let metrics = done(shown_of(&["--prometheus"], text.as_bytes()));
    for line in [
        "# HELP node_filesystem_avail_bytes Filesystem space available to non-root users in bytes.",
        "# HELP node_memory_MemFree_bytes Memory information field MemFree_bytes.",
        "# HELP node_pressure_cpu_waiting_seconds_total Total time in seconds that processes have waited for CPU time",
    ] {
        assert!(metrics.lines().any(|other| other == line), "{line}");
    }
    let (before, rest) = text.split_once("\"loadavg_1m\":").unwrap();
    let (load, rest) = rest.split_once(',').unwrap();
    for (spelled, is_shown) in [(load, true), ("1.2.3", false), ("\".\"", false), ("1-2", false)] {
        let bent = format!("{before}\"loadavg_1m\":{spelled},{rest}");
        let metrics = done(shown_of(&["--prometheus"], bent.as_bytes()));
        assert_eq!(metrics.contains("\nnode_load1 "), is_shown, "{spelled}");
        assert!(metrics.contains("\nnode_load5 "));
    }
    // A fraction is added to the second, so one that has a point already is none.
    let bent = text.replacen("\"timestamp\":", "\"timestamp\":1.50,\"other\":", 1);
    let metrics = done(shown_of(&["--prometheus"], bent.as_bytes()));
    assert!(bent != text && !metrics.contains("node_time_seconds") && metrics.contains("\nnode_load5 "), "{metrics}");
}

#[test]
fn the_sum_of_a_gzip_file_is_checked_and_zeros_behind_it_are_not() {
    if !has_tool("gzip") {
        return;
    }
    let folder = tempdir().unwrap();
    let file = folder.path().join("a.gz");
    let packed = Command::new("gzip").arg("-c").arg(fixture("vm").join("record.log")).output().unwrap().stdout;
    let show = |text: &[u8]| {
        fs::write(&file, text).unwrap();
        let output = procline_show().arg("--json").arg(&file).output().unwrap();
        (output.stdout.len(), String::from_utf8(output.stderr).unwrap())
    };
    let (length, _) = show(&packed);
    assert!(length > 1000);
    assert_eq!(show(&[&packed[..], &[0; 700]].concat()), (length, String::new()));
    let damaged = "procline-show: left out: damaged gzip files: 1\n".to_string();
    assert_eq!(show(&[&packed[..], b"\0\0more"].concat()), (length, damaged.clone()));
    let mut bent = packed;
    let place = bent.len() - 5;
    bent[place] ^= 1;
    assert_eq!(show(&bent).1, damaged);
}

#[test]
fn a_terminal_gets_its_width_and_colours() {
    if !runs_natively() || !has_tool("script") {
        return;
    }
    let memory = "\"MemAvailable\":{\"value\":\"24350780\"";
    let high = record_of(1).replacen(memory, "\"MemAvailable\":{\"value\":\"1000\"", 1);
    let (_folder, file) = file_of(&format!("{}{high}", record_of(0)));
    let run = |before: &str| {
        let show = crate::common::show_binary();
        let command = format!("stty cols 80; {before} {} {}", show.to_str().unwrap(), file.display());
        let output =
            Command::new("script").args(["-qec", &command, "/dev/null"]).stdin(Stdio::null()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().replace('\r', "")
    };
    let table = run("");
    assert!(table.contains(" \x1b[33m100.0\x1b[0m"), "{table}");
    assert!(run("COLUMNS= ").lines().all(|line| line.replace("\x1b[33m", "").replace("\x1b[0m", "").len() <= 80));
    assert!(!run("NO_COLOR=1 ").contains('\x1b'));
}

#[test]
fn a_named_pipe_is_read_to_its_end() {
    let folder = tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    make_fifo(&fifo);
    let path = fifo.clone();
    let writer = thread::spawn(move || {
        let mut pipe = OpenOptions::new().write(true).open(path).unwrap();
        pipe.write_all(record_of(0).as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(300));
        pipe.write_all(record_of(1).as_bytes()).unwrap();
    });
    // Opened by a shell first, so that there is a writer.
    let mut command = procline_show();
    let mut cat = Command::new("cat").arg(&fifo).stdout(Stdio::piped()).spawn().unwrap();
    let output = command.arg("-").stdin(cat.stdout.take().unwrap()).output().unwrap();
    cat.wait().unwrap();
    writer.join().unwrap();
    assert_eq!(times(&done(output)).len(), 2);
}

/// `tests/beside-sar.py` can do the same for an hour.
#[test]
fn each_figure_is_what_sar_makes_of_the_same_seconds() {
    let sadc = unpacked("usr/lib/sysstat/sadc");
    if skip_unless_native() || !has_tool("python3") {
        return;
    }
    if !Path::new(&sadc).exists() {
        skipped(&format!("{sadc} is not there: .ci/install unpacks it"));
        return;
    }
    let script = |words: &[&str], folder: &Path| {
        let mut command = Command::new("python3");
        command.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/beside-sar.py"));
        command.arg(words[0]).arg(folder).args(&words[1..]);
        command.env("PROCLINE", crate::common::procline_binary()).env("PROCLINE_SHOW", crate::common::show_binary());
        command.env("LD_LIBRARY_PATH", unpacked("usr/lib/x86_64-linux-gnu")).env("SADC", &sadc);
        command.env("SADF", unpacked("usr/bin/sadf")).output().unwrap()
    };
    // Much that another program writes to a disk just between the two readings is in one of them alone.
    let outputs = (0..3).map(|_| {
        let folder = tempdir().unwrap();
        done(script(&["record", "8", "2"], folder.path()));
        script(&["compare"], folder.path())
    });
    let failed: Vec<_> = outputs.take_while(|output| !output.status.success()).collect();
    assert!(failed.len() < 3, "{failed:?}");
}
