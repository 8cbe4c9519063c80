//! A static binary asks the kernel for no memory beside what it is started with.

use std::env;
use std::fs;
use std::process::Command;

use tempfile::tempdir;

use crate::common::{done, fixture, has_tool, procline_binary, runs_natively};

/// The calls of a run that may give it memory.
fn memory_calls(arguments: &[&str], time_zone: &str) -> Vec<String> {
    let folder = tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-e", "trace=execve,brk,mmap,mremap", "-o"]).arg(&trace).arg(procline_binary()).args(arguments);
    strace.arg("--log-path").arg(folder.path().join("log"));
    done(strace.env_clear().env("TZ", time_zone).output().unwrap());
    let calls = fs::read_to_string(trace).unwrap();
    let calls: Vec<_> = calls.lines().filter(|line| line.contains('(')).map(str::to_string).collect();
    assert!(calls[0].starts_with("execve("), "{calls:?}");
    calls[1..].to_vec()
}

#[test]
fn a_run_maps_nothing_and_asks_for_nothing() {
    if env::var_os("PROCLINE_TEST_STATIC").is_none() || !runs_natively() || !has_tool("strace") {
        return;
    }
    let (small, large) = (fixture("mt7621-router"), fixture("arm64-256cpu"));
    for machine in [&small, &large] {
        for mode in
            [&["--procfs", machine.to_str().unwrap()][..], &["--pymonitor", "--procfs", machine.to_str().unwrap()]]
        {
            for zone in ["CET-1CEST,M3.5.0/02:00:00,M10.5.0/03:00:00", "Europe/Berlin"] {
                assert_eq!(memory_calls(mode, zone), Vec::<String>::new());
            }
        }
    }
}
