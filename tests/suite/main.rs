//! The tests of the whole: the library from outside, and the program itself.
//!
//! `PROCLINE_TEST_BINARY` names another build of the program to test, and `PROCLINE_TEST_RUNNER` a command that runs it
//! (`qemu-arm-static`), `PROCLINE_TEST_CLOCK` one that sets its clock, and `PROCLINE_TEST_STATIC=1` says that it is a
//! static one. With `PROCLINE_TEST_ALL=1` a test that misses a tool fails; without, it says so and is skipped.
//! `PROCLINE_KILLS=2000` kills as many runs with `--compress`, in place of 60.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod args;
mod bgzf;
mod check;
mod clock;
mod command;
mod common;
mod compress;
mod day;
mod dist;
mod faults;
mod golden;
mod healing;
mod injection;
mod interval;
mod mutations;
mod no_heap;
mod options;
mod page;
mod properties;
mod release;
mod retention;
mod room;
mod running;
mod server;
mod show;
mod sources;
mod values;
mod with;
mod words;
mod zone;
