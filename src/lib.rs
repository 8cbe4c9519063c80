//! procline turns one snapshot of /proc into one log line with one write(2).

#![no_std]

#[cfg(test)]
extern crate std;

pub mod config;
pub mod args;
pub mod scan;
pub mod source;
