//! `/proc/uptime`: both times are those of the second reading.

#![no_main]

use libfuzzer_sys::fuzz_target;
use procline::source::Uptime;
use procline_fuzz::{both, reading};

fuzz_target!(|bytes: &[u8]| {
    let ascii = reading::ascii(bytes);
    let Some((found, read)) = both::<Uptime<'_>, reading::Uptime<'_>>(bytes, &ascii) else { return };
    assert_eq!([found.total, found.idle].map(|time| time.digits()), [read.total, read.idle].map(str::as_bytes));
});
