//! The page of `dist/www`, in a real browser, as `tests/page` tries it; and the script beside it.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::tempdir;

use crate::common::{done, has_tool, names, show_binary, skipped};

#[test]
fn the_page_shows_the_logs_in_a_browser() {
    if !["node", "npm", "python3", "busybox", "chromium", "/usr/sbin/lighttpd"].into_iter().all(has_tool) {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/page");
    // A published crate has no `.ci`, and a machine may not reach the npm registry.
    let Ok(built) = Command::new(root.join(".ci/page")).arg(&folder).output() else {
        skipped("there is no .ci/page");
        return;
    };
    if !root.join("dist/www/node_modules/uplot").exists() {
        skipped("the npm packages of dist/www cannot be installed");
        return;
    }
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    // One after the other: some measure time.
    for file in names(&root.join("tests/page")).iter().filter(|name| name.ends_with(".test.mjs")) {
        let mut test = Command::new("node");
        test.arg("--test").arg(Path::new("tests/page").join(file)).env("PAGE", folder.join("index.html"));
        test.env("SHOW", show_binary());
        let test = test.current_dir(root).output().unwrap();
        assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stdout));
    }
}

/// What the script says to a query, its header first.
fn answer(folder: &Path, query: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/www/lines.cgi");
    let mut sh = Command::new("sh");
    sh.arg(script).env("QUERY_STRING", query).env("PROCLINE_LOG_PATH", folder);
    done(sh.env("PROCLINE_LOG_PREFIX", "a b_").env("PROCLINE_LOG_SUFFIX", "").output().unwrap())
}

#[test]
fn the_script_answers_with_the_names_and_the_lines_since_a_time() {
    let folder = tempdir().unwrap();
    let head = "Content-Type: text/plain\r\nCache-Control: no-store\r\n\r\n";
    assert_eq!(answer(folder.path(), "since=5"), head);
    assert_eq!(answer(folder.path(), "names"), head);
    for (name, lines) in [
        ("a b_2026-11-24.log", "1 - {}\n9 - {}\n"),
        ("a b_2026-11-25.log", "2 - {}\n3 - {}\n"),
        ("a b_2026-11-26.log.9", "9 - {}\n"),
        ("a b_2026-11-26.log.10", "4 - {}\n5 - {}\n"),
        ("a b_2026-11-26.log.gz", "9 - {}\n"),
        ("a b_2026-11-26.log.2.gz", "9 - {}\n"),
        ("a b_2026-11-26.log", "6 - {}\n10 - {\"a\": 7}\n"),
        ("other_2026-11-27.log", "9 - {}\n"),
    ] {
        fs::write(folder.path().join(name), lines).unwrap();
    }
    assert_eq!(
        answer(folder.path(), "since=3"),
        format!("{head}3 - {{}}\n4 - {{}}\n5 - {{}}\n6 - {{}}\n10 - {{\"a\": 7}}\n")
    );
    assert_eq!(answer(folder.path(), "since=10"), format!("{head}10 - {{\"a\": 7}}\n"));
    assert_eq!(
        answer(folder.path(), "names"),
        format!(
            "{head}a b_2026-11-24.log\na b_2026-11-25.log\na b_2026-11-26.log\na b_2026-11-26.log.10\n\
             a b_2026-11-26.log.2.gz\na b_2026-11-26.log.9\na b_2026-11-26.log.gz\n"
        )
    );
    for wrong in ["", "name", "names=1", "since=", "since=-1", "since=1;reboot", "from=3"] {
        assert!(answer(folder.path(), wrong).starts_with("Status: 400 Bad Request\r\n"), "{wrong}");
    }
    if has_tool("shellcheck") {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/dist/www/lines.cgi");
        done(Command::new("shellcheck").args(["-s", "sh", script]).output().unwrap());
    }
}
