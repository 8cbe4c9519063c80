//! How fast a simulated day of a router is compressed, beside the crate `miniz_oxide`.
//!
//! ```text
//! cargo bench --bench bgzf
//! ```
//!
//! Both compress each block of 64 KiB alone; their speed is in bytes of text. `crc` is the part of a member that
//! `miniz_oxide` does not make. What `record.rs` says of the profile holds here, too.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark of texts that are right")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use miniz_oxide::deflate::compress_to_vec;
use procline::bgzf::{ROOM, crc, member};

#[path = "../suite/day.rs"]
mod day;

fn main() {
    let lines = day::lines(240);
    let blocks = day::blocks(&lines);
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(4))
        .nresamples(20_000)
        .without_plots()
        .configure_from_args();
    let mut group = criterion.benchmark_group("bgzf");
    group.throughput(Throughput::Bytes(blocks.iter().map(|block| block.len() as u64).sum()));
    group.bench_function("procline", |bencher| {
        let mut room = vec![0; ROOM];
        bencher.iter(|| blocks.iter().map(|block| member(black_box(block), &mut room).len()).sum::<usize>());
    });
    group.bench_function("crc", |bencher| {
        bencher.iter(|| blocks.iter().map(|block| crc(black_box(block))).fold(0, u32::wrapping_add));
    });
    for level in [1, 6] {
        group.bench_function(format!("miniz_oxide-{level}"), |bencher| {
            bencher.iter(|| blocks.iter().map(|block| compress_to_vec(black_box(block), level).len()).sum::<usize>());
        });
    }
    group.finish();
    criterion.final_summary();
}
