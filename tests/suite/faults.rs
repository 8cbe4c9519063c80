//! What can go wrong with a log, and what it holds afterwards.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::common::{
    complaint, done, fixture, full_pipe, has_tool, json, only_file, procline, recorded, runs_natively,
    skip_unless_native, skipped, to_log,
};

/// The lines of a log, each of which is a record.
fn records(log: &Path) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    text.lines().inspect(|line| assert!(json(line)["meminfo"].is_object())).map(str::to_string).collect()
}

/// The same command, run by a shell: `"$@"` stands for it in `script`.
fn through(script: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    shell.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("TZ", "UTC0");
    shell
}

/// Holds the lock of a log until dropped.
struct Lock(File);

impl Lock {
    fn new(log: &Path) -> Self {
        let file = File::open(log).unwrap();
        file.lock().unwrap();
        Self(file)
    }
}

#[test]
fn a_log_cut_anywhere_in_its_last_record_heals() {
    let (folder, log, first) = recorded();
    let step = if runs_natively() { 1 } else { 97 };
    for cut in (1..40).chain((40..first.len()).step_by(step)).chain([first.len() - 1]) {
        fs::write(&log, first.clone() + &first[..cut]).unwrap();
        done(to_log(folder.path()).output().unwrap());
        let found = records(&log);
        // A record that lacks nothing but its newline is kept.
        let whole = if cut == first.len() - 1 { 3 } else { 2 };
        assert_eq!((found.len(), found[0].as_str()), (whole, first.trim_end()), "cut at {cut}");
    }
}

#[test]
fn a_log_that_is_nothing_but_a_torn_piece_heals() {
    let (folder, log, record) = recorded();
    for cut in [1, 10, 13, 25, record.len() - 2] {
        fs::write(&log, &record[..cut]).unwrap();
        done(to_log(folder.path()).output().unwrap());
        assert_eq!(records(&log).len(), 1, "cut at {cut}");
    }
}

#[test]
fn a_torn_record_of_pymonitor_heals() {
    let (folder, log, record) = recorded();
    fs::write(&log, record.clone() + "1734302332 - {\"time\": \"2024-12-15T22").unwrap();
    done(to_log(folder.path()).output().unwrap());
    assert_eq!(records(&log).len(), 2);
}

#[test]
fn nul_bytes_of_a_flash_file_system_are_taken_away() {
    let (folder, log, record) = recorded();
    for (text, kept) in [(String::new(), 2), (record[..100].to_string(), 2), ("17343".to_string(), 2)] {
        for nuls in [1, 511, 512, 513, 5000] {
            fs::write(&log, record.clone() + &text + &"\0".repeat(nuls)).unwrap();
            done(to_log(folder.path()).output().unwrap());
            assert_eq!(records(&log).len(), kept, "{nuls} behind {text}");
        }
    }
}

#[test]
fn nul_bytes_before_a_piece_are_taken_away_with_it() {
    let (folder, log, record) = recorded();
    for nuls in [1, 10, 63, 64, 65, 5000] {
        for piece in [&record[..100], &record[500..600], "}}}"] {
            fs::write(&log, record.clone() + &"\0".repeat(nuls) + piece).unwrap();
            done(to_log(folder.path()).output().unwrap());
            assert_eq!(records(&log).len(), 2, "{nuls} before {piece}");
        }
    }
}

#[test]
fn a_record_that_lacks_nothing_but_its_newline_is_kept() {
    let (folder, log, record) = recorded();
    let no_meminfo = record.split_once("\"meminfo\":").unwrap().0.to_string() + "\"meminfo\":{}}";
    for line in [record.trim_end(), &no_meminfo] {
        for end in ["", "\0\0"] {
            fs::write(&log, format!("{record}{line}{end}")).unwrap();
            done(to_log(folder.path()).output().unwrap());
            let text = fs::read_to_string(&log).unwrap();
            let lines: Vec<_> = text.lines().collect();
            assert_eq!((lines.len(), lines[1]), (3, line), "{end:?}");
        }
    }
}

#[test]
fn a_last_line_that_is_not_ours_is_kept_and_ended() {
    let (folder, log, record) = recorded();
    for foreign in ["hello", "-", "17 apples", "1734302332 - [1]", "{\"time\":1}", " 1734302332 - {\"time\":"] {
        for nuls in ["", "\0\0\0"] {
            fs::write(&log, format!("{record}{foreign}{nuls}")).unwrap();
            done(to_log(folder.path()).output().unwrap());
            let text = fs::read_to_string(&log).unwrap();
            let lines: Vec<_> = text.lines().collect();
            assert_eq!((lines.len(), lines[0], lines[1]), (3, record.trim_end(), foreign));
            json(lines[2]);
        }
    }
}

#[test]
fn a_size_limit_takes_back_what_was_written() {
    if skip_unless_native() {
        return;
    }
    let (folder, log, record) = recorded();
    for more in [0, 1, 100, record.len() - 1] {
        let limit = (record.len() + more) as u64;
        let output = through(&format!("prlimit --fsize={limit} \"$@\""), &to_log(folder.path())).output().unwrap();
        assert_eq!(complaint(output, 1), format!("procline: {}: file too large\n", log.display()));
        assert_eq!(fs::read_to_string(&log).unwrap(), record);
    }
}

#[test]
fn a_full_disk_loses_one_record() {
    if skip_unless_native() || !has_tool("unshare") {
        return;
    }
    let folder = tempdir().unwrap();
    let script = format!(
        "unshare -m sh -c 'mount -t tmpfs -o size=64k none {0} || exit 77
        for i in $(seq 40); do \"$@\" 2> {0}.error || break; done
        cat {0}.error >&2; rm {0}.error; cat {0}/*' sh \"$@\"",
        folder.path().display()
    );
    let output = through(&script, &to_log(folder.path())).output().unwrap();
    if output.status.code() == Some(77) || output.stderr.starts_with(b"unshare: ") {
        skipped("a tmpfs cannot be mounted");
        return;
    }
    assert!(output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.ends_with(".log: no space left on device\n"), "{message}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().count() > 10 && text.ends_with("}}\n"));
    text.lines().for_each(|line| drop(json(line)));
}

#[test]
fn a_held_lock_delays_a_record_and_loses_none() {
    let (folder, log, record) = recorded();
    fs::write(&log, record.clone() + "1734302332 - {\"ti").unwrap();
    let held = Lock::new(&log);
    let start = Instant::now();
    done(to_log(folder.path()).output().unwrap());
    assert!((Duration::from_millis(900)..Duration::from_secs(10)).contains(&start.elapsed()), "{:?}", start.elapsed());
    // Without the lock nothing is cut: the torn piece stays, and the record stands on a line of its own.
    let text = fs::read_to_string(&log).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines.len(), lines[1]), (3, "1734302332 - {\"ti"));
    json(lines[2]);
    drop(held.0);
}

/// Starts many runs at once; how many there were.
fn many_at_once(folder: &Path, machine: &str) -> usize {
    let count = if runs_natively() { 200 } else { 60 };
    let mut command = to_log(folder);
    command.arg("--procfs").arg(fixture(machine));
    let runs: Vec<Child> = (0..count).map(|_| command.spawn().unwrap()).collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    count
}

#[test]
fn many_at_once_never_mix_lines() {
    for machine in ["mt7621-router", "arm64-256cpu"] {
        let (folder, log, _) = recorded();
        let count = many_at_once(folder.path(), machine);
        assert_eq!(records(&log).len(), 1 + count);
    }
}

#[test]
fn many_at_once_without_the_lock_never_mix_lines() {
    let (folder, log, _) = recorded();
    let held = Lock::new(&log);
    let count = many_at_once(folder.path(), "arm64-256cpu");
    drop(held.0);
    // Who saw a line while it was written begins with a newline.
    let text = fs::read_to_string(&log).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 1 + count);
    for line in lines {
        json(line);
    }
}

#[test]
fn kills_at_random_moments_leave_whole_lines_after_one_more_run() {
    if skip_unless_native() {
        return;
    }
    let (mut killed, mut torn) = (0, 0);
    for _ in 0..10 {
        let folder = tempdir().unwrap();
        let mut command = procline();
        command.arg("--procfs").arg(fixture("arm64-256cpu")).arg("--log-path").arg(folder.path());
        let start = Instant::now();
        done(command.output().unwrap());
        let run_time = start.elapsed();
        let log = only_file(folder.path());
        let mut whole = fs::read(&log).unwrap();
        for round in 0..100 {
            let mut run = command.stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(run_time * (round * 37 % 100) / 100);
            let _ = run.kill();
            killed += u32::from(run.wait().unwrap().code().is_none());
            let now = fs::read(&log).unwrap();
            assert!(now.starts_with(&whole), "a record that was whole is missing");
            let end = now.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
            torn += u32::from(end < now.len());
            whole = now[..end].to_vec();
        }
        done(command.output().unwrap());
        assert!(records(&log).len() > whole.split(|byte| *byte == b'\n').count() - 1);
    }
    let _ = writeln!(std::io::stderr(), "{killed} of 1000 runs were killed before their end, {torn} left a torn line");
    assert!(killed > 100, "{killed} of 1000 runs were killed before their end");
}

#[test]
fn a_writer_without_the_lock_loses_nothing() {
    if skip_unless_native() {
        return;
    }
    let (folder, log, record) = recorded();
    let stranger = thread::spawn({
        let log = log.clone();
        move || {
            let line = "stranger ".repeat(8000) + "\n";
            let mut file = OpenOptions::new().append(true).open(log).unwrap();
            (0..100).for_each(|_| file.write_all(line.as_bytes()).unwrap());
        }
    });
    let mut runs = 1;
    while !stranger.is_finished() || runs < 20 {
        done(to_log(folder.path()).output().unwrap());
        runs += 1;
    }
    stranger.join().unwrap();
    let text = fs::read_to_string(&log).unwrap();
    let whole = text.lines().filter(|line| line.len() == 9 * 8000).count();
    let ours = text.lines().filter(|line| line.len() >= record.len() - 1 && line.starts_with('1')).count();
    // The kernel shows a long write page by page: a run that sees no newline at the end writes one, so a line is blank.
    let all = text.lines().filter(|line| !line.is_empty()).count();
    assert_eq!((whole, ours, all), (100, runs, 100 + runs));
}

#[test]
fn what_is_not_a_regular_file_is_refused() {
    let (folder, log, record) = recorded();
    let target = folder.path().join("target");
    let refused = format!("procline: {}: not a regular file; remove it, or choose another --log-path\n", log.display());
    fs::remove_file(&log).unwrap();
    fs::write(&target, &record).unwrap();
    for link_to in [target.as_path(), Path::new("nowhere"), Path::new("/dev/null")] {
        symlink(link_to, &log).unwrap();
        assert_eq!(complaint(to_log(folder.path()).output().unwrap(), 1), refused);
        fs::remove_file(&log).unwrap();
    }
    assert_eq!(fs::read_to_string(&target).unwrap(), record);
    assert!(Command::new("mkfifo").arg(&log).status().unwrap().success());
    assert_eq!(complaint(to_log(folder.path()).output().unwrap(), 1), refused);
    let _reader = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(&log).unwrap();
    assert_eq!(complaint(to_log(folder.path()).output().unwrap(), 1), refused);
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    let message = complaint(to_log(folder.path()).output().unwrap(), 1);
    assert_eq!(message, format!("procline: {}: is a directory\n", log.display()));
}

#[test]
fn modes_are_0644_and_0755_and_less_under_a_stricter_umask() {
    for (mask, file, folder) in [(0o000, 0o644, 0o755), (0o077, 0o600, 0o700)] {
        let root = tempdir().unwrap();
        let logs = root.path().join("logs");
        done(through(&format!("umask {mask:o}; exec \"$@\""), &to_log(&logs)).output().unwrap());
        assert_eq!(fs::metadata(only_file(&logs)).unwrap().permissions().mode() & 0o7777, file);
        assert_eq!(fs::metadata(&logs).unwrap().permissions().mode() & 0o7777, folder);
    }
}

#[test]
fn closed_standard_descriptors_do_not_become_the_log() {
    for closed in ["0<&- 1>&- 2>&-", "2>&-", "1>&- 2>&-", "0<&- 2>&-"] {
        let folder = tempdir().unwrap();
        let script = format!("exec \"$@\" {closed}");
        let mut command = to_log(folder.path());
        assert_eq!(through(&script, &command).status().unwrap().code(), Some(0));
        assert_eq!(records(&only_file(folder.path())).len(), 1);
        command.args(["--procfs", "/nonexistent"]);
        assert_eq!(through(&script, &command).status().unwrap().code(), Some(1));
        assert_eq!(records(&only_file(folder.path())).len(), 1);
    }
}

#[test]
fn a_closed_standard_output_is_told_by_a_run_that_stays() {
    if skip_unless_native() {
        return;
    }
    for closed in ["1>&-", "0<&- 1>&-"] {
        let mut command = procline();
        command.args(["--stdout", "--interval", "1", "--procfs"]).arg(fixture("mt7621-router"));
        let mut shell = through(&format!("exec \"$@\" {closed}"), &command).stderr(Stdio::piped()).spawn().unwrap();
        let mut message = String::new();
        BufReader::new(shell.stderr.take().unwrap()).read_line(&mut message).unwrap();
        shell.kill().unwrap();
        shell.wait().unwrap();
        assert_eq!(message, "procline: standard output: bad file descriptor\n", "{closed}");
    }
}

#[test]
fn a_reader_that_left_is_told() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = procline().arg("--stdout").stdout(writer).output().unwrap();
    assert_eq!(complaint(output, 1), "procline: standard output: broken pipe\n");
}

#[test]
fn a_slow_reader_gets_the_whole_line() {
    let mut run =
        procline().args(["--stdout", "--procfs"]).arg(fixture("arm64-256cpu")).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let pipe = run.stdout.take().unwrap();
    let line = std::io::read_to_string(pipe).unwrap();
    assert!(run.wait().unwrap().success());
    json(&line);
}

#[test]
fn a_full_pipe_that_does_not_wait_gets_the_whole_line() {
    let folder = tempdir().unwrap();
    let (fifo, full, length) = full_pipe(folder.path());
    let mut command = procline();
    command.args(["--stdout", "--procfs"]).arg(fixture("mt7621-router")).stdout(full);
    let mut run = command.spawn().unwrap();
    drop(command);
    thread::sleep(Duration::from_millis(50));
    let text = std::io::read_to_string(File::open(&fifo).unwrap()).unwrap();
    assert!(run.wait().unwrap().success());
    json(&text[length..]);
}

#[test]
fn a_stack_limit_that_does_not_hold_a_step_is_told() {
    if skip_unless_native() {
        return;
    }
    for (kilobytes, machine, fits) in [
        (64, "mt7621-router", true),
        (64, "x86-64cpu-gaps", true),
        (128, "arm64-256cpu", false),
        (256, "arm64-256cpu", true),
    ] {
        let mut command = procline();
        command.args(["--stdout", "--procfs"]).arg(fixture(machine));
        let output = through(&format!("ulimit -s {kilobytes}; exec \"$@\""), &command).output().unwrap();
        if fits {
            json(&done(output));
        } else {
            let message = complaint(output, 1);
            assert!(message.ends_with(" bytes of stack, more than its limit (ulimit -s) allows\n"), "{message}");
        }
    }
    // The environment lies on the stack too, and a dynamic loader would need some of it.
    if std::env::var_os("PROCLINE_TEST_STATIC").is_none() {
        return;
    }
    let mut command = procline();
    command.args(["--stdout", "--procfs"]).arg(fixture("mt7621-router"));
    // Of the last 12 KiB the kernel takes some as it likes; with less than that left, it may start no program at all.
    for kilobytes in [64, 72, 80, 96, 128] {
        for free in (12..kilobytes).step_by(4) {
            let mut limited = through(&format!("ulimit -s {kilobytes}; exec \"$@\""), &command);
            let output = limited.env("BALLAST", "x".repeat((kilobytes - free) * 1024)).output().unwrap();
            if output.status.code() == Some(0) {
                json(&done(output));
            } else {
                assert!(complaint(output, 1).contains("stack"), "{kilobytes} KiB, {free} of it free");
            }
        }
    }
    // A run that goes on has its messages there, and the limits their listings. It ends when it is told to, or says why
    // not.
    let folder = tempdir().unwrap();
    let limits = ["--keep-files", "3", "--max-bytes", "1M", "--sync"];
    let runs: Vec<_> = (12..64)
        .step_by(2)
        .map(|free| {
            let mut command = to_log(&folder.path().join(free.to_string()));
            command.args(["--interval", "1"]).args(limits);
            let mut limited = through("ulimit -s 64; exec \"$@\"", &command);
            limited.env("BALLAST", "x".repeat((64 - free) * 1024)).stdout(Stdio::piped()).stderr(Stdio::piped());
            (free, limited.spawn().unwrap())
        })
        .collect();
    thread::sleep(Duration::from_millis(2500));
    for (_, run) in &runs {
        // It may have ended before.
        Command::new("kill").arg(run.id().to_string()).stderr(Stdio::null()).status().unwrap();
    }
    for (free, run) in runs {
        let output = run.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some(), "{free} KiB free: {}", output.status);
        assert!(output.status.success() || said.contains("the environment fills the stack"), "{free} KiB free: {said}");
    }
}

#[test]
fn a_stack_limit_of_24_kib_holds_a_record_and_one_of_32_a_run_that_stays() {
    // A dynamic loader needs more, and so do other machines' registers.
    if skip_unless_native() || std::env::var_os("PROCLINE_TEST_STATIC").is_none() || !cfg!(target_arch = "x86_64") {
        return;
    }
    let folder = tempdir().unwrap();
    let record = to_log(folder.path());
    let mut goes_on = to_log(folder.path());
    goes_on.args(["--interval", "1", "--keep-files", "3", "--max-bytes", "1M", "--sync"]);
    // Where the kernel puts the stack makes a difference of a page.
    for (command, limit, times) in [(record, 24, 20), (goes_on, 32, 3)] {
        for _ in 0..times {
            let script = format!("ulimit -s {limit}; exec env -i \"$@\"");
            let mut run = through(&script, &command).stderr(Stdio::piped()).spawn().unwrap();
            if limit == 32 {
                thread::sleep(Duration::from_millis(1200));
                Command::new("kill").arg(run.id().to_string()).status().unwrap();
            }
            assert_eq!(run.wait().unwrap().code(), Some(0), "{limit} KiB");
        }
    }
}

#[test]
fn a_locked_log_without_space_is_told_and_heals() {
    if skip_unless_native() {
        return;
    }
    let (folder, log, record) = recorded();
    let held = Lock::new(&log);
    let limit = (record.len() + 100) as u64;
    let output = through(&format!("prlimit --fsize={limit} \"$@\""), &to_log(folder.path())).output().unwrap();
    assert!(complaint(output, 1).ends_with(".log: file too large; a part of the record was written\n"));
    drop(held.0);
    done(to_log(folder.path()).output().unwrap());
    assert_eq!(records(&log).len(), 2);
}
