//! What `--with` asks for: whatever a file says, the record is made, it is JSON, and without that file it is the same.
//!
//! An input is a letter, which chooses the file, a newline, and the text.

#![no_main]

use std::sync::LazyLock;
use std::{env, fs, process};

use libfuzzer_sys::fuzz_target;
use procline::clock::{Date, LocalTime, Moment};
use procline::config::Options;
use procline::run;
use procline_fuzz::assert_is_json;

/// The files, from the letter `a` on.
const FILES: [&str; 12] = [
    "net/dev",
    "diskstats",
    "self/mounts",
    "sys/net/netfilter/nf_conntrack_count",
    "sys/fs/file-nr",
    "pressure/cpu",
    "vmstat",
    "net/sockstat",
    "net/softnet_stat",
    "net/netstat",
    "net/snmp",
    "sysfs/class/hwmon/hwmon0/temp1_label",
];

/// The folder that stands for /proc, with /sys in it, in memory if `TMPDIR` is.
static PROCFS: LazyLock<String> = LazyLock::new(|| {
    let folder = env::temp_dir().join(format!("procline-fuzz-with-{}", process::id()));
    let write = |file: &str, text: &str| {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    };
    write("stat", "cpu  1 2 3 4\nbtime 5\n");
    write("uptime", "1.00 2.00\n");
    write("loadavg", "0.01 0.02 0.00 2/339 5328\n");
    write("meminfo", "MemTotal:         280840 kB\n");
    write("sysfs/class/hwmon/hwmon0/name", "chip\n");
    write("sysfs/class/hwmon/hwmon0/temp1_input", "1\n");
    FILES.iter().for_each(|file| write(file, ""));
    folder.into_os_string().into_string().expect("the folder's name is UTF-8")
});

/// The line, with or without what is asked for.
fn compose(with: u32) -> String {
    let sysfs = format!("{}/sysfs", *PROCFS);
    // A run that goes on closes what is a copy.
    let (procfs, sysfs, interval) = (PROCFS.as_bytes(), sysfs.as_bytes(), Some(1));
    let options = Options { procfs, sysfs, rootfs: b"/nowhere", with, interval, ..Options::default() };
    let local = LocalTime { date: Date { year: 2024, month: 12, day: 15 }, hour: 22, minute: 38, second: 52 };
    let moment = Moment { seconds: 1_734_302_332, microseconds: 725_903, local };
    let mut room = vec![0; 1 << 18];
    let line = run::compose(&options, &moment, &mut run::Kept::default(), &mut room).expect("the record is made");
    String::from_utf8(line.strip_prefix(b"\n").expect("a newline comes first").to_vec()).expect("it is UTF-8")
}

fuzz_target!(|input: &[u8]| {
    let Some((chosen, text)) = input.split_first() else { return };
    let Some(file) = FILES.get(usize::from(chosen.wrapping_sub(b'a'))) else { return };
    let path = format!("{}/{file}", *PROCFS);
    fs::write(&path, text.get(1..).unwrap_or_default()).expect("the file can be written");
    let line = compose(u32::MAX);
    let (_, json) = line.split_once(" - ").expect("it is a record");
    assert_is_json(json);
    let plain = compose(0);
    assert!(line.starts_with(plain.trim_end().trim_end_matches('}')), "{line} is not {plain} and more");
    fs::write(&path, "").expect("the file can be written");
});
