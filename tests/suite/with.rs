//! What `--with` asks for beyond the four files.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::Command;

use procline::args::parse;
use procline::with;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::common::{
    compose_with, done, fixture, fixtures, has_tool, json, procline, procline_binary, skip_unless_native, under_strace,
};

/// The names of the sources, in their order.
fn names() -> Vec<String> {
    let names: Vec<_> = str::from_utf8(with::NAMES).unwrap().split(',').map(String::from).collect();
    assert_eq!(names[0], "all");
    names[1..].to_vec()
}

/// A copy of a machine.
fn copy(machine: &str) -> TempDir {
    let folder = tempdir().unwrap();
    let from = fixture(machine);
    assert!(Command::new("cp").arg("-a").arg(from.join(".")).arg(folder.path()).status().unwrap().success());
    folder
}

/// The record of a copy, its sources left as they are where nothing is said of them.
fn record(folder: &Path, list: &str) -> Value {
    json(&compose_with(folder, &["--with", list]).unwrap())
}

#[test]
fn a_list_names_sources_and_the_message_about_another_lists_them() {
    let bits = |list: &str| {
        let words = [b"--with", list.as_bytes()];
        parse(words.into_iter(), |_| None).map(|options| options.with).map_err(|error| error.to_string())
    };
    let names = names();
    let rows = str::from_utf8(with::ROWS).unwrap();
    assert_eq!(rows.lines().count(), with::COUNT);
    // A row that ends with `&` and the next one are of the same source.
    assert_eq!(rows.lines().filter(|row| !row.ends_with(" &")).count(), names.len());
    assert_eq!(bits("all"), Ok(with::ALL));
    let mut set = with::ALL;
    for name in &names {
        set <<= 1;
        assert_eq!(bits(name), Ok(set), "each has its own bit");
    }
    assert_eq!(bits(&names.join(",")), Ok(2 * set - 2));
    assert_eq!(bits("snmp,netdev,snmp"), Ok(bits("netdev").unwrap() | bits("snmp").unwrap()));
    assert_eq!(bits(""), Ok(0));
    for list in ["bogus", "netdev,bogus", ",netdev", "netdev,,snmp", " netdev", "net", "netdevs", "a\n"] {
        let message = format!("{list}: needs names of: all,{}", names.join(",")).replace('\n', "\\x0a");
        let found = parse([format!("--with={list}").as_bytes()].into_iter(), |_| None).unwrap_err().to_string();
        assert_eq!(found, format!("--with={message}"));
    }
    let both = [&b"--pymonitor"[..], b"--with", b"netdev"];
    let message = "--pymonitor: not together with --with or PROCLINE_WITH";
    assert_eq!(parse(both.into_iter(), |_| None).unwrap_err().to_string(), message);
    let variable = |name: &[u8]| (name == b"PROCLINE_WITH").then_some(&b"all"[..]);
    assert_eq!(parse([&b"--pymonitor"[..]].into_iter(), variable).unwrap_err().to_string(), message);
}

#[test]
fn each_source_has_a_fixture_and_a_row_of_the_readme_and_is_in_its_order() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let mut found = BTreeSet::new();
    for folder in fixtures() {
        let record = record(&folder, "all");
        let keys: Vec<_> = record.as_object().unwrap().keys().skip(6).cloned().collect();
        let order: Vec<_> = names().into_iter().filter(|name| keys.contains(name)).collect();
        assert_eq!(keys, order, "{}", folder.display());
        found.extend(keys);
    }
    for name in names() {
        assert!(found.contains(&name), "no fixture has {name}");
        assert!(readme.contains(&format!("\n| `{name}` |")), "the README has no row of {name}");
    }
}

#[test]
fn what_a_machine_does_not_have_is_absent_and_costs_no_record() {
    for machine in ["android-adb-crlf", "linux-2.4.37"] {
        let folder = fixture(machine);
        let expected = fs::read_to_string(folder.join("record.log")).unwrap();
        assert_eq!(compose_with(&folder, &["--with", "all"]), Ok(expected), "{machine}");
    }
    // Each file in turn is a folder, which cannot be read.
    let folder = copy("mt7621-router");
    let whole = record(folder.path(), "all");
    for (file, name) in [
        ("net/dev", "netdev"),
        ("diskstats", "diskstats"),
        ("self/mounts", "filesystem"),
        ("sysfs/class/hwmon", "hwmon"),
        ("sysfs/class/ubi", "flash"),
        ("sys/fs/file-nr", "filefd"),
        ("net/sockstat", "sockstat"),
        ("net/softnet_stat", "softnet"),
        ("net/snmp", "snmp"),
        ("net/netstat", "netstat"),
    ] {
        let path = folder.path().join(file);
        let aside = folder.path().join("aside");
        fs::rename(&path, &aside).unwrap();
        fs::create_dir(&path).unwrap();
        let mut expected = whole.as_object().unwrap().clone();
        let mut found = record(folder.path(), "all");
        for record in [found.as_object_mut().unwrap(), &mut expected] {
            record.remove("filesystem");
        }
        expected.remove(name);
        assert_eq!(found, Value::Object(expected), "{file}");
        fs::remove_dir(&path).unwrap();
        fs::rename(&aside, &path).unwrap();
    }
}

#[test]
fn a_sensor_that_cannot_be_read_is_absent_and_never_0() {
    let folder = tempdir().unwrap();
    for file in ["stat", "uptime", "loadavg", "meminfo"] {
        fs::copy(fixture("vm").join(file), folder.path().join(file)).unwrap();
    }
    let write = |file: &str, text: &str| {
        let path = folder.path().join("sysfs/class").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("thermal/thermal_zone10/type", "x86_pkg_temp\n");
    write("thermal/thermal_zone10/temp", "-5000\n");
    write("thermal/thermal_zone2/type", "dead\n");
    fs::create_dir(folder.path().join("sysfs/class/thermal/thermal_zone2/temp")).unwrap();
    write("thermal/thermal_zone3/type", "odd\n");
    write("thermal/thermal_zone3/temp", "N/A\n");
    write("thermal/thermal_zone4/temp", "0\n");
    write("thermal/cooling_device0/type", "Fan\n");
    write("hwmon/hwmon0/name", "mt7915_phy0\n");
    fs::create_dir(folder.path().join("sysfs/class/hwmon/hwmon0/temp1_input")).unwrap();
    write("hwmon/hwmon3/name", "chip\"\n");
    write("hwmon/hwmon3/temp10_input", "41000");
    write("hwmon/hwmon3/temp2_input", "-1\n");
    write("hwmon/hwmon3/temp2_label", "Kern \u{e4}\n");
    write("hwmon/hwmon3/fan1_input", "1200\n");
    let found = compose_with(folder.path(), &["--with", "thermal_zone,hwmon"]).unwrap();
    let (_, found) = found.split_once(",\"thermal_zone\":").unwrap();
    assert_eq!(
        found,
        "{\"4\":{\"temp\":0},\"10\":{\"temp\":-5000,\"type\":\"x86_pkg_temp\"}},\"hwmon\":{\"chip\\u0022\":\
         {\"Kern \u{e4}\":-1,\"temp10_input\":41000,\"fan1_input\":1200,\"name\":\"chip\\u0022\"}}}\n"
    );
}

#[test]
fn file_systems_are_read_as_the_second_reading_does_and_servers_are_never_asked() {
    if skip_unless_native() || !has_tool("python3") || !has_tool("strace") {
        return;
    }
    let folder = copy("vm");
    let root = folder.path().join("root");
    let mounts = "\
rootfs / rootfs rw 0 0
/dev/root / squashfs ro,relatime 0 0
overlayfs:/overlay / overlay rw,noatime,lowerdir=/ 0 0
tmp=fs /tmp tmpfs rwx 0 0
/dev/sda\\0401 /mnt/my\\040disk ext4 ro 0 0
/dev/sdb1 /mnt/b\\134\\011c\\303\\244 vfat ro,x 0 0
/dev/sdc1 /gone ext4 rw 0 0
/dev/sdd1 /mnt/covered ext4 rw 0 0
server:/x /mnt/covered nfs4 rw 0 0
server:/y /mnt/nfs nfs rw 0 0
//server/z /mnt/cifs cifs rw 0 0
/dev/sde1 /mnt/late/local ext4 rw 0 0
server:/w /mnt/late nfs rw 0 0
u@server: /mnt/sshfs fuse.sshfs rw 0 0
host /mnt/9p 9p rw 0 0
proc /proc proc rw 0 0
/dev/short /mnt/short
";
    fs::create_dir_all(folder.path().join("self")).unwrap();
    fs::write(folder.path().join("self/mounts"), mounts).unwrap();
    let odd = std::ffi::OsString::from_vec(b"mnt/b\\\tc\xc3\xa4".to_vec());
    for point in [
        "tmp",
        "mnt/my disk",
        "mnt/covered",
        "mnt/nfs",
        "mnt/cifs",
        "mnt/late/local",
        "mnt/sshfs",
        "mnt/9p",
        "proc",
        "mnt/short",
    ] {
        fs::create_dir_all(root.join(point)).unwrap();
    }
    fs::create_dir_all(root.join(odd)).unwrap();
    let mut program = procline();
    program.args(["--stdout", "--with", "filesystem", "--procfs"]).arg(folder.path()).arg("--rootfs").arg(&root);
    let trace = folder.path().join("trace");
    let mut strace = under_strace(&["-e", "trace=statfs", "-o", trace.to_str().unwrap()], &program);
    let mut found = json(&done(strace.output().unwrap()))["filesystem"].clone();
    let asked = fs::read_to_string(trace).unwrap();
    assert_eq!(asked.matches("statfs").count(), 5, "{asked}");
    for server in ["nfs", "cifs", "sshfs", "9p", "covered", "proc", "local"] {
        assert!(!asked.contains(&format!("/{server}\"")), "{asked}");
    }
    let mut python = Command::new("python3");
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pymonitor.py")).args(["--kernel", "--with", "filesystem"]);
    python.arg("--procfs").arg(folder.path()).arg("--rootfs").arg(&root);
    let mut expected = json(&done(python.output().unwrap()))["filesystem"].clone();
    let keys = ["/", "/tmp", "/mnt/my disk", "/mnt/b\\\tc\u{e4}"];
    assert_eq!(found.as_object().unwrap().keys().collect::<Vec<_>>(), keys);
    // What others do on the disk meanwhile.
    for (_, disk) in found.as_object_mut().unwrap().iter_mut().chain(expected.as_object_mut().unwrap()) {
        for key in ["free", "avail", "files_free"] {
            assert!(disk.as_object_mut().unwrap().remove(key).unwrap().is_number());
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn a_machine_with_thousands_of_interfaces_is_recorded_whole() {
    let folder = copy("vm");
    let interfaces = |count: u32| {
        let numbers = "18446744073709551615 ".repeat(16);
        let rows: Vec<_> = (0..count).map(|number| format!("veth{number}: {numbers}\n")).collect();
        fs::write(folder.path().join("net/dev"), rows.concat()).unwrap();
        let mut program = procline();
        json(&done(
            program.args(["--stdout", "--with", "netdev,conntrack", "--procfs"]).arg(folder.path()).output().unwrap(),
        ))
    };
    for count in [1, 60, 500] {
        assert_eq!(interfaces(count)["netdev"].as_object().unwrap().len(), count as usize);
    }
    // That is more than the last array: it is left out, and no other source with it.
    let found = interfaces(20_000);
    assert_eq!((found.get("netdev"), found.get("conntrack").is_some()), (None, true));
}

#[test]
fn a_small_stack_costs_no_record() {
    if skip_unless_native() {
        return;
    }
    for machine in ["vm", "mt7621-router", "x86-64cpu-gaps"] {
        for kibibytes in [64, 96, 128, 256] {
            let run = |list: &str| {
                let mut shell = Command::new("sh");
                let script = format!("ulimit -s {kibibytes}; exec \"$@\"");
                shell.args(["-c", &script, "sh"]).arg(procline_binary()).args(["--stdout", "--with", list, "--procfs"]);
                shell.arg(fixture(machine)).arg("--sysfs").arg(fixture(machine).join("sysfs")).env_clear();
                shell.output().unwrap()
            };
            let (plain, with) = (run(""), run("all"));
            assert_eq!((plain.status.code(), plain.stderr), (with.status.code(), with.stderr), "{machine} {kibibytes}");
        }
    }
}

#[test]
fn a_chip_with_many_sensors_and_a_dead_one_is_recorded() {
    let folder = copy("vm");
    let chip = folder.path().join("sysfs/class/hwmon/hwmon0");
    fs::create_dir_all(&chip).unwrap();
    fs::write(chip.join("name"), "chip\r\n").unwrap();
    for number in 1..=39 {
        fs::write(chip.join(format!("temp{number}_input")), if number == 37 { "N/A\n" } else { "41000\r\n" }).unwrap();
    }
    let found = record(folder.path(), "hwmon");
    assert_eq!(found["hwmon"]["chip"].as_object().unwrap().len(), 39);
}

#[test]
fn what_does_not_fit_beside_a_large_record_is_left_out() {
    let folder = copy("vm");
    let stat = fs::read_to_string(folder.path().join("stat")).unwrap();
    fs::write(folder.path().join("stat"), format!("{stat}intr 5{}\n", " 1234567".repeat(60_000))).unwrap();
    // Each of these fits into the last array, and the line that has both does not.
    let rows: Vec<_> =
        (0..1050).map(|number| format!("veth{number}: {}\n", "18446744073709551615 ".repeat(16))).collect();
    fs::write(folder.path().join("net/dev"), rows.concat()).unwrap();
    let found = record(folder.path(), "netdev");
    assert_eq!(found["cpu_data"]["intr"]["counters"].as_array().unwrap().len(), 60_000);
    assert_eq!(found.get("netdev"), None);
    fs::write(folder.path().join("net/dev"), rows[..100].concat()).unwrap();
    assert_eq!(record(folder.path(), "netdev")["netdev"].as_object().unwrap().len(), 100);
}

/// A file of a source, and its name.
const FILES: [(&str, &str); 9] = [
    ("netdev", "net/dev"),
    ("diskstats", "diskstats"),
    ("filefd", "sys/fs/file-nr"),
    ("pressure", "pressure/cpu"),
    ("vmstat", "vmstat"),
    ("sockstat", "net/sockstat"),
    ("softnet", "net/softnet_stat"),
    ("netstat", "net/netstat"),
    ("snmp", "net/snmp"),
];

#[test]
fn cut_and_bent_files_give_json_and_cost_no_record() {
    let folder = copy("x86-64cpu-gaps");
    for file in ["stat", "uptime", "loadavg", "meminfo"] {
        fs::copy(fixture("mt7621-router").join(file), folder.path().join(file)).unwrap();
    }
    for (name, file) in FILES {
        let path = folder.path().join(file);
        let text = fs::read(&path).unwrap();
        let step = 1 + text.len() / 400;
        let check = |bent: &[u8]| {
            fs::write(&path, bent).unwrap();
            // What stays closes what is a copy: the library closes nothing else, and this is done thousands of times.
            let line = compose_with(folder.path(), &["--interval", "1", "--with", name]).unwrap();
            let record: Value = serde_json::from_str(line.split_once(" - ").unwrap().1).unwrap();
            assert!((6..=7).contains(&record.as_object().unwrap().len()), "{line}");
        };
        for place in (0..text.len()).step_by(step) {
            check(&text[..place]);
            for byte in *b"0 \n\"/:\xff=." {
                let mut bent = text.clone();
                bent[place] = byte;
                check(&bent);
            }
        }
        fs::write(&path, text).unwrap();
    }
}

/// One of some parts.
fn one(parts: &[&'static [u8]], choose: &mut impl FnMut(usize) -> usize) -> &'static [u8] {
    parts[choose(parts.len())]
}

/// A line of a file, put together of parts that `choose` chooses. No two have the same name.
fn odd_line(name: &str, number: usize, choose: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    const NAMES: [&[u8]; 9] =
        [b"eth", b"q\"", b"\\", b"\xff", b"\xe2\x82", b"\xf0\x9f\x93\xb6", b"\xed\xa0\x80", b"\x01", b"\x7f"];
    const CELLS: [&[u8]; 17] = [
        b"0",
        b"1",
        b"-1",
        b"1.50",
        b".5",
        b"5.",
        b"007",
        b"-",
        b"--1",
        b"18446744073709551615",
        b"18446744073709551616",
        b"0f",
        b"00000f1A",
        b"1e5",
        b"+1",
        b"x",
        b"4046496815",
    ];
    let (begins, ends): (&[&[u8]], &[&[u8]]) = match name {
        "diskstats" => (&[b"   7       0 ", b"8 1 ", b"259\t0\t"], &[b" ", b"\t", b"  "]),
        "pressure" => (&[b"", b" ", b"\t"], &[b" ", b"\t", b"  "]),
        "softnet" => return softnet_line(choose),
        _ => (&[b"", b"", b" ", b"\t"], &[b":", b":", b": ", b" ", b"  ", b"\t"]),
    };
    let mut line = one(begins, choose).to_vec();
    line.extend(one(&NAMES, choose));
    line.extend(number.to_string().bytes());
    line.extend(one(ends, choose));
    for cell in 0..choose(19) {
        if name == "sockstat" || name == "pressure" {
            line.extend(one(&[b"inuse", b"avg10", b"x\"", b"total", b"mem"], choose));
            line.extend(cell.to_string().bytes());
            line.push(if name == "pressure" { b'=' } else { b' ' });
        }
        line.extend(one(&CELLS, choose));
        line.extend(one(&[b" ", b" ", b"  ", b"\t"], choose));
    }
    line.extend(one(&[b"\n", b"\n", b"\n", b"\r\n"], choose));
    line
}

/// A line for a CPU: 9 to 13 numbers, the first of which has any digits.
fn softnet_line(choose: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let mut line = Vec::new();
    for _ in 0..9 + choose(4) {
        line.extend(format!("{:08x} ", choose(1 << 30)).bytes());
    }
    line.extend(one(&[b"\n", b"g\n", b"\t\n"], choose));
    line
}

#[test]
fn odd_lines_are_read_as_the_second_reading_does() {
    if !has_tool("python3") {
        return;
    }
    let folder = copy("vm");
    // A linear congruential generator, the same each time.
    let mut state = 1_u64;
    let mut choose = move |ways: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % ways
    };
    for (name, file) in FILES.iter().filter(|(name, _)| !["filefd", "vmstat", "netstat", "snmp"].contains(name)) {
        let lines: Vec<u8> = (0..1500).flat_map(|number| odd_line(name, number, &mut choose)).collect();
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, lines).unwrap();
        let mut python = Command::new("python3");
        python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pymonitor.py")).args(["--at", "1734302332.725903"]);
        python.args(["--kernel", "--with", name, "--procfs"]).arg(folder.path()).env("TZ", "UTC0");
        let expected = done(python.output().unwrap());
        let found = compose_with(folder.path(), &["--with", name]).unwrap();
        let same = found.bytes().zip(expected.bytes()).take_while(|(found, expected)| found == expected).count();
        let around = |text: &str| {
            String::from_utf8_lossy(&text.as_bytes()[same.saturating_sub(200)..]).chars().take(300).collect::<String>()
        };
        assert!(found == expected, "{name}: {}\ninstead of\n{}", around(&found), around(&expected));
        assert!(found.len() > 20_000, "{name} has {} bytes", found.len());
    }
}
