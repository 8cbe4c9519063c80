//! `/proc/stat`: CPUs, counters and single counts are those of the second reading.

#![no_main]

use libfuzzer_sys::fuzz_target;
use procline::scan::Counts;
use procline::source::{Stat, stat::Cpu};
use procline_fuzz::{both, reading};

fn values(counts: Counts<'_>) -> Vec<u64> {
    counts.iter().map(|count| count.value()).collect()
}

fn same_cpu(found: &Cpu<'_>, read: &reading::Cpu<'_>) {
    assert_eq!(found.name.as_str(), read.name);
    assert!(found.times().map(|(_, time)| time.value()).eq(read.times.iter().copied().chain([0; 5]).take(9)), "{found:?} {read:?}");
}

fuzz_target!(|bytes: &[u8]| {
    let ascii = reading::ascii(bytes);
    let Some((found, read)) = both::<Stat<'_>, reading::Stat<'_>>(bytes, &ascii) else { return };
    same_cpu(&found.cpu_total, &read.cpu_total);
    assert_eq!(found.cpus.iter().count(), read.cpus.len());
    found.cpus.iter().zip(&read.cpus).for_each(|(found, read)| same_cpu(&found, read));
    assert_eq!(found.intr.total.value(), read.intr[0]);
    assert_eq!(values(found.intr.counters), read.intr[1..]);
    let single = [found.ctxt, found.btime, found.processes, found.procs_running, found.procs_blocked];
    assert_eq!(single.map(|count| count.value()), read.single);
    assert_eq!(values(found.softirq), read.softirq);
});
