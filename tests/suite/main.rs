//! The tests of the whole: the library from outside, and the program itself.
//!
//! `PROCLINE_TEST_BINARY` names another build of the program to test, and `PROCLINE_TEST_RUNNER` a command that runs it
//! (`qemu-arm-static`). With `PROCLINE_TEST_ALL=1` a test that misses a tool fails; without, it says so and is skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod args;
mod command;
mod common;
mod faults;
mod golden;
mod mutations;
mod properties;
mod values;
