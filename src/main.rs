//! The program: C's entry point, the messages and the exit status.

#![no_std]
#![no_main]
#![expect(unsafe_code, reason = "C's entry point, and what the linker asks of a program without std")]

mod without_std;

use core::ffi::{c_char, c_int};

use procline::args::{self, HELP};
use procline::clock::zone;
use procline::config::{Command, Options, PATH_BYTES, VERSION};
use procline::interval;
use procline::message::{Explain, Message};
use procline::run::{self, Error, Recorder};
use procline::sys::{self, Alarm, Arguments, Fd};

const DONE: c_int = 0;
const FAILED: c_int = 1;
const WRONG_COMMAND_LINE: c_int = 2;

/// Bytes of stack that it takes to read the command line and the time zone, and to say what is wrong: a message quotes
/// two paths.
const SAYING: usize = 16 * 1024 + 4 * PATH_BYTES;

/// C's `main`.
#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, argv: *const *const c_char) -> c_int {
    if !sys::stack_holds(SAYING) {
        let _ = Fd::STDERR.write_all(b"procline: the environment fills the stack (ulimit -s)\n");
        return FAILED;
    }
    sys::block_write_signals();
    // SAFETY: this is the `argv` of `main`.
    let mut arguments = unsafe { Arguments::new(argv) };
    // The name of the program.
    arguments.next();
    let options = args::parse(arguments, sys::environment);
    let result = match &options {
        Err(error) => return fail(WRONG_COMMAND_LINE, error, "; see procline --help"),
        Ok(Options { command: Command::Help, .. }) => Fd::STDOUT.write_all(&HELP).map_err(Error::Stdout),
        Ok(Options { command: Command::Version, .. }) => {
            Fd::STDOUT.write_all(VERSION.as_bytes()).map_err(Error::Stdout)
        }
        Ok(options @ Options { command: Command::Record, interval: Some(seconds), .. }) => go_on(options, *seconds),
        Ok(options @ Options { command: Command::Check, .. }) => run::record(options).and_then(|()| check_zone()),
        Ok(options) => run::record(options),
    };
    result.map_or_else(|error| fail(FAILED, &error, ""), |()| DONE)
}

fn check_zone<'a>() -> Result<(), Error<'a>> {
    zone::check().map_err(Error::Zone)
}

// Not inlined: keeps the messages off the stack of a run of one record.
/// Records until a signal ends it.
#[inline(never)]
fn go_on<'a>(options: &'a Options<'a>, seconds: u32) -> Result<(), Error<'a>> {
    if let Err(error) = check_zone() {
        fail(DONE, &error, "");
    }
    let mut clock = Alarm::new().map_err(Error::Clock)?;
    interval::run(Recorder::new(options, sys::stack_holds), seconds, &mut clock, sys::say)
}

// Not inlined: keeps the message buffer off the stack of a run that succeeds.
#[cold]
#[inline(never)]
fn fail(status: c_int, what: &impl Explain, advice: &str) -> c_int {
    sys::say(Message::default().complain(what, advice));
    status
}
