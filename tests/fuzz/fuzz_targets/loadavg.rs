//! `/proc/loadavg`: loads, tasks and the last PID are those of the second reading.

#![no_main]

use libfuzzer_sys::fuzz_target;
use procline::source::Loadavg;
use procline_fuzz::{both, reading};

fuzz_target!(|bytes: &[u8]| {
    let ascii = reading::ascii(bytes);
    let Some((found, read)) = both::<Loadavg<'_>, reading::Loadavg<'_>>(bytes, &ascii) else { return };
    assert_eq!([found.loadavg_1m, found.loadavg_5m, found.loadavg_15m].map(|load| load.digits()), read.loads.map(str::as_bytes));
    let tasks = [found.current_procs, found.total_procs].map(|tasks| tasks.as_str());
    assert_eq!(tasks, [read.current_procs, read.total_procs]);
    assert_eq!(found.last_pid.value(), read.last_pid);
});
