//! A static binary asks the kernel for no memory beside what it is started with.

use std::env;
use std::fs;
use std::path::Path;
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
fn a_run_maps_the_time_zone_and_nothing_else() {
    if env::var_os("PROCLINE_TEST_STATIC").is_none() || !runs_natively() || !has_tool("strace") {
        return;
    }
    let (small, large) = (fixture("mt7621-router"), fixture("arm64-256cpu"));
    let is_file = |call: &String| call.starts_with("mmap(NULL, ") && !call.contains("MAP_ANONYMOUS");
    for machine in [&small, &large] {
        for mode in
            [&["--procfs", machine.to_str().unwrap()][..], &["--pymonitor", "--procfs", machine.to_str().unwrap()]]
        {
            assert_eq!(memory_calls(mode, "UTC0"), Vec::<String>::new());
            // Longer than the 32 bytes for which musl has room of its own.
            assert_eq!(memory_calls(mode, "CET-1CEST,M3.5.0/02:00:00,M10.5.0/03:00:00"), Vec::<String>::new());
            if Path::new("/usr/share/zoneinfo/Europe/Berlin").exists() {
                let calls = memory_calls(mode, "Europe/Berlin");
                assert!(calls.len() == 1 && calls.iter().all(is_file), "{calls:?}");
            }
        }
    }
}
