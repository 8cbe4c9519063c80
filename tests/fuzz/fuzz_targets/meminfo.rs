//! `/proc/meminfo`: names, values and units are those of the second reading.

#![no_main]

use libfuzzer_sys::fuzz_target;
use procline::source::Meminfo;
use procline_fuzz::{both, reading};

fuzz_target!(|bytes: &[u8]| {
    let ascii = reading::ascii(bytes);
    let Some((found, read)) = both::<Meminfo<'_>, reading::Meminfo<'_>>(bytes, &ascii) else { return };
    let entries = found.iter().map(|(name, amount)| (name.as_str(), amount.value.as_str(), amount.unit.as_str()));
    assert_eq!(entries.collect::<Vec<_>>(), read.amounts);
});
