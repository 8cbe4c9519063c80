//! The options, in all places that list them: one that is missing anywhere fails here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use procline::args::{HELP, parse};
use procline::config::{Command, Options};
use procline::show::{self, columns};
use procline::with::NAMES;

type Names = BTreeSet<String>;

/// A file of this project.
fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// An option, as the help has it: its name, what stands for its value, what it does.
type Row = (String, Option<String>, String);

/// The options of procline.
fn help() -> Vec<Row> {
    help_of(&HELP)
}

/// The lines of a help that have an option.
fn help_of(help: &[u8]) -> Vec<Row> {
    let lines = str::from_utf8(help).unwrap().lines().filter_map(|line| line.strip_prefix("  "));
    let rows = lines.map(|line| {
        let (option, what) = line.split_at(20);
        let (name, value) = option.trim_end().split_once(' ').unwrap_or((option.trim_end(), ""));
        (name.to_string(), Some(value.to_string()).filter(|value| !value.is_empty()), what.to_string())
    });
    rows.collect()
}

fn names() -> Names {
    names_of(help())
}

fn names_of(help: Vec<Row>) -> Names {
    help.into_iter().map(|(name, ..)| name).collect()
}

/// A manual must have what a help has: each option with its value and no other, and each variable of the environment.
/// What it has beside them, the names of a list.
fn names_in_manual(manual: &str, help: &[u8]) -> Vec<String> {
    let manual = file(&format!("dist/man/{manual}"));
    let items = |kind: &str| {
        let items = manual.lines().filter_map(|line| line.strip_prefix(".It ")?.strip_prefix(kind));
        items.map(str::to_string).collect::<Vec<_>>()
    };
    let mut options: Vec<_> = items("Fl -").iter().map(|item| format!("--{}", item.replace(" Ar ", " "))).collect();
    options.sort();
    let mut lines: Vec<_> = help_of(help).into_iter().map(|(name, value, _)| [Some(name), value]).collect();
    lines.sort();
    let lines: Vec<_> = lines.into_iter().map(|row| row.into_iter().flatten().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(options, lines);
    let variables = str::from_utf8(help).unwrap().split(|byte: char| byte != '_' && !byte.is_ascii_uppercase());
    for variable in variables.filter(|word| word.starts_with("PROCLINE_")) {
        assert!(items("Ev ").iter().any(|item| item.contains(variable)), "{variable}");
    }
    items("Cm ")
}

/// The words in a text that are spelled as options are.
fn spelled(text: &str) -> Names {
    let words = text.split(|byte: char| !byte.is_ascii_alphanumeric() && byte != '-');
    let options =
        words.filter(|word| word.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic)));
    options.map(str::to_string).collect()
}

fn set(names: &[&str]) -> Names {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn each_option_changes_its_own_field_and_no_other() {
    let default = Options::default();
    let alone = [
        (&["--log-path", "/x"] as &[&str], Options { log_path: b"/x", ..default }),
        (&["--log-prefix", "x"], Options { log_prefix: b"x", ..default }),
        (&["--log-suffix", "x"], Options { log_suffix: b"x", ..default }),
        (&["--with", "all"], Options { with: 1, ..default }),
        (&["--procfs", "/x"], Options { procfs: b"/x", ..default }),
        (&["--sysfs", "/x"], Options { sysfs: b"/x", ..default }),
        (&["--rootfs", "/x"], Options { rootfs: b"/x", ..default }),
        (&["--interval", "7"], Options { interval: Some(7), ..default }),
        (&["--keep-files", "7"], Options { keep_files: Some(7), ..default }),
        (&["--max-bytes", "7k"], Options { max_bytes: Some(7 << 10), ..default }),
        (&["--compress"], Options { compress: true, ..default }),
        (&["--stdout"], Options { stdout: true, ..default }),
        (&["--sync"], Options { sync: true, ..default }),
        (&["--pymonitor"], Options { pymonitor: true, ..default }),
        (&["--no-intr-counters"], Options { intr_counters: false, ..default }),
        (&["--check"], Options { command: Command::Check, ..default }),
        (&["--help"], Options { command: Command::Help, ..default }),
        (&["--version"], Options { command: Command::Version, ..default }),
    ];
    for (words, expected) in &alone {
        assert_ne!(*expected, default, "{words:?}");
        assert_eq!(parse(words.iter().map(|word| word.as_bytes()), |_| None), Ok(*expected), "{words:?}");
    }
    assert_eq!(alone.iter().map(|(words, _)| words[0].to_string()).collect::<Names>(), names());
    for (name, value, _) in help() {
        let (words, _) = alone.iter().find(|(words, _)| words[0] == name).unwrap();
        assert_eq!(value.is_some(), words.len() == 2, "the help tells whether {name} takes a value");
    }
}

#[test]
fn the_help_has_a_line_for_each_option() {
    let help = help();
    assert_eq!(help.len(), names().len());
    for (name, _, what) in help {
        assert!(!what.starts_with(' ') && what.len() > 5, "{name}: {what}");
    }
    // What is beside the lines names no other option.
    assert!(spelled(str::from_utf8(&HELP).unwrap()).is_subset(&names()));
}

#[test]
fn the_readme_has_a_row_for_each_option() {
    let readme = file("README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `--")?.split('`').next());
    let mut rows: Vec<_> = rows.map(|row| format!("--{row}")).collect();
    let lines =
        help().into_iter().map(|(name, value, _)| value.map_or(name.clone(), |value| format!("{name} {value}")));
    let mut lines: Vec<_> = lines.collect();
    rows.sort();
    lines.sort();
    assert_eq!(rows, lines);
}

#[test]
fn the_manuals_have_what_the_helps_have_each_source_of_with_and_each_kind_of_columns() {
    let sources = str::from_utf8(NAMES).unwrap().trim_start_matches("all,").split(',');
    assert_eq!(names_in_manual("procline.8", &HELP), sources.collect::<Vec<_>>());
    let columns = columns::HELP.split(',').map(|name| name.split(':').next().unwrap());
    assert_eq!(names_in_manual("procline-show.1", &show::args::HELP), columns.collect::<Vec<_>>());
}

#[test]
fn what_the_readme_and_the_manual_name_of_procline_show_there_is() {
    let readme = file("README.md");
    let section = readme.split_once("\n## Looking at it\n").unwrap().1.split("\n## ").next().unwrap();
    let known = names_of(help_of(&show::args::HELP));
    assert!(spelled(section).is_subset(&known), "{:?}", spelled(section).difference(&known));
    let manual = file("dist/man/procline-show.1").replace("Fl -", "--");
    // `--option` stands for each.
    let named = &spelled(&manual) - &set(&["--option"]);
    assert_eq!(named, known);
}

#[test]
fn the_second_reading_has_each_option_and_each_variable() {
    let reading = file("tests/fuzz/src/options.rs");
    let list = |name: &str| {
        let (_, behind) = reading.split_once(&format!("const {name}: ")).unwrap();
        spelled(behind.split_once(';').unwrap().1.split_once(';').unwrap().0)
    };
    let with_value = help().into_iter().filter(|(_, value, _)| value.is_some()).map(|(name, ..)| name);
    assert_eq!(list("WITH_VALUE"), with_value.collect());
    assert_eq!(&list("WITH_VALUE") | &list("SWITCHES"), names());
    for option in list("VARIABLES") {
        let variable = format!("PROCLINE_{}", option[2..].to_uppercase().replace('-', "_"));
        assert!(reading.contains(&variable) && String::from_utf8_lossy(&HELP).contains(&variable), "{variable}");
        let value: &[u8] = if option == "--with" { b"snmp" } else { b"x" };
        let found = parse([].into_iter(), |name| (str::from_utf8(name) == Ok(&variable)).then_some(value));
        let words = [option.as_bytes(), value];
        assert_eq!(found, parse(words.into_iter(), |_| None), "{variable} does what {option} does");
    }
}

#[test]
fn what_starts_procline_names_only_options_that_there_are() {
    for name in [
        "busybox/S90procline",
        "busybox/inittab",
        "cron/busybox.crontab",
        "cron/procline",
        "openrc/procline",
        "openrc/procline.confd",
        "procd/procline.init",
        "systemd/procline-record.service",
        "systemd/procline.service",
        "README.md",
    ] {
        let mut found = spelled(&file(&format!("dist/{name}")));
        // systemctl's, useradd's, the installer's, and those of apk, apt and dpkg.
        let installer = ["--now", "--system", "--uninstall", "--prefix", "--no-start", "--dry-run"];
        let packages = ["--allow-untrusted", "--print-architecture", "--purge"];
        for other in installer.iter().chain(&packages) {
            found.remove(*other);
        }
        assert!(found.is_subset(&names()), "{name}: {:?}", found.difference(&names()));
    }
}

#[test]
fn openwrts_configuration_has_each_option_of_a_record() {
    let options = &names() - &set(&["--stdout", "--check", "--help", "--version"]);
    let named = |name: &str| format!("--{}", name.replace('_', "-"));

    let config = file("dist/procd/procline.config");
    let lines = config.lines().filter_map(|line| line.trim_start_matches(['\t', '#']).strip_prefix("option "));
    let of_procd = ["--enabled", "--jail"];
    let configured = lines.map(|line| named(line.split(' ').next().unwrap()));
    assert_eq!(configured.filter(|name| !of_procd.contains(&name.as_str())).collect::<Names>(), options);

    let script = file("dist/procd/procline.init");
    let list = |start: &str| {
        let words = script.lines().find_map(|line| line.strip_prefix(start)).unwrap().trim_matches(['\'', '"']);
        words.split(' ').map(|word| named(word.split(':').next().unwrap())).collect::<Names>()
    };
    let handed = &list("VALUES=") | &list("SWITCHES=");
    assert_eq!(handed, options);
}
