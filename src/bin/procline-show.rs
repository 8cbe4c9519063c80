//! procline-show, the program: C's entry point, the messages and the exit status.

#![no_std]
#![no_main]
#![expect(unsafe_code, reason = "C's entry point, and what the linker asks of a program without std")]

#[path = "../without_std.rs"]
mod without_std;

use core::ffi::{c_char, c_int};

use procline::clock::{Date, LocalTime, Moment};
use procline::message::Message;
use procline::show::args::{self, Command, HELP, Options};
use procline::show::{self, Error};
use procline::sys::{self, Arguments, Errno, Fd};

/// What `--version` prints.
const VERSION: &str = concat!(
    "procline-show ",
    env!("CARGO_PKG_VERSION"),
    "\ncommit   ",
    env!("PROCLINE_BUILD_COMMIT"),
    "\ntarget   ",
    env!("PROCLINE_TARGET"),
    "\n"
);

/// Stands for now where there is no clock: then only --from and --to tell which records are asked for.
const EPOCH: Moment = Moment {
    seconds: 0,
    microseconds: 0,
    local: LocalTime { date: Date { year: 1970, month: 1, day: 1 }, hour: 0, minute: 0, second: 0 },
};

const DONE: c_int = 0;
const FAILED: c_int = 1;
const WRONG_COMMAND_LINE: c_int = 2;

/// C's `main`.
#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, argv: *const *const c_char) -> c_int {
    sys::block_write_signals();
    // SAFETY: this is the `argv` of `main`.
    let mut arguments = unsafe { Arguments::new(argv) };
    // The name of the program.
    arguments.next();
    let mut options = Options::new(Moment::now().unwrap_or(EPOCH));
    let parsed = args::parse(&mut options, arguments).map_err(Error::Usage);
    let result = parsed.and_then(|()| match options.command {
        Command::Help => Fd::STDOUT.write_all(&HELP).map_err(Error::Stdout),
        Command::Version => Fd::STDOUT.write_all(VERSION.as_bytes()).map_err(Error::Stdout),
        Command::Show => show::run(&options, sys::say),
    });
    let error = match result {
        // Nobody reads any more, which is no failure.
        Ok(()) | Err(Error::Stdout(Errno::PIPE)) => return DONE,
        Err(error) => error,
    };
    let mut message = Message::default();
    error.tell(&options, &mut message);
    sys::say(&message);
    if matches!(error, Error::Usage(_)) { WRONG_COMMAND_LINE } else { FAILED }
}
