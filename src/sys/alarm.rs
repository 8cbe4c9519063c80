//! The system calls that wait: for a time of the wall clock, and for the signals that end a run.

use core::ffi::c_int;
use core::{mem, ptr};

use super::{Access, Errno, Fd, Path, uninterrupted};

/// A timer on `CLOCK_REALTIME`, and SIGTERM and SIGINT, which from now on are only looked for while it is waited for.
///
/// The timer is told when the clock is set, or a suspend ends: it neither sleeps for hours where the clock goes back by
/// hours, nor rings once for each interval that the clock leaps over.
#[derive(Debug)]
pub struct Alarm {
    timer: Fd,
    signals: Fd,
}

/// What there was to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The alarm rang, so many times since it was waited for.
    Rang(u64),
    /// The clock was set, or a suspend ended. The alarm has to be set anew.
    ClockSet,
    /// SIGTERM or SIGINT came.
    Ended,
}

impl Alarm {
    /// timerfd_create(2), sigprocmask(2) and signalfd(2).
    ///
    /// # Errors
    /// Those of these calls: EMFILE, ENOSYS on a kernel without them.
    pub fn new() -> Result<Self, Errno> {
        // A closed standard output must not become the timer: a write to that is an "invalid argument". `open` fills
        // the places of closed standard descriptors with what can only be read: a "bad file descriptor" for a write.
        let _ = Fd::open(Path(b"/\0"), Access::Folder).map(Fd::close);
        let signals = super::block([libc::SIGTERM, libc::SIGINT]);
        let (new, size, close) = (-1, size_of_val(&signals), libc::SFD_CLOEXEC);
        // SAFETY: `signals` is a valid set.
        let signals =
            Errno::check(unsafe { libc::syscall(libc::SYS_signalfd4, new, &raw const signals, size, close) })?;
        let signals = c_int::try_from(signals).unwrap_or(c_int::MAX);
        let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
        // SAFETY: it has no conditions.
        let timer = Errno::check(unsafe { libc::timerfd_create(libc::CLOCK_REALTIME, flags) })?;
        let mut alarm = Self { timer: Fd(timer), signals: Fd(signals) };
        // The kernel tells of each time the clock is set after this, be it between a look at the clock and the next call.
        alarm.set(0, 0)?;
        Ok(alarm)
    }

    /// timerfd_settime(2): the alarm rings when the clock reaches `first`, in seconds since 1970-01-01 00:00 UTC, and from
    /// then on each `interval` seconds. Tells whether the clock was set since the last time this was called, or an event told
    /// of it; if so, look at the clock again.
    ///
    /// # Errors
    /// Those of timerfd_settime(2).
    pub fn set(&mut self, first: i64, interval: i64) -> Result<bool, Errno> {
        // SAFETY: an itimerspec of zeros is valid.
        let mut times: libc::itimerspec = unsafe { mem::zeroed() };
        times.it_value.tv_sec = first;
        times.it_interval.tv_sec = interval;
        let flags = libc::TFD_TIMER_ABSTIME | libc::TFD_TIMER_CANCEL_ON_SET;
        // SAFETY: `times` is valid, and nothing is to be told of the times before.
        match Errno::check(unsafe { libc::timerfd_settime(self.timer.0, flags, &raw const times, ptr::null_mut()) }) {
            Err(Errno::CANCELED) => Ok(true),
            result => result.map(|_| false),
        }
    }

    /// poll(2), and read(2) of the timer: waits for the next event. A signal comes before an alarm.
    ///
    /// # Errors
    /// Those of poll(2).
    pub fn wait(&mut self) -> Result<Event, Errno> {
        let entry = |fd: &Fd| libc::pollfd { fd: fd.0, events: libc::POLLIN, revents: 0 };
        loop {
            let mut entries = [entry(&self.signals), entry(&self.timer)];
            // SAFETY: `entries` is valid, and has two entries.
            uninterrupted(|| Errno::check(unsafe { libc::poll(entries.as_mut_ptr(), 2, -1) }))?;
            if entries[0].revents != 0 {
                return Ok(Event::Ended);
            }
            let mut times = [0; 8];
            match self.timer.read(&mut times) {
                Ok(_) => return Ok(Event::Rang(u64::from_ne_bytes(times))),
                Err(Errno::CANCELED) => return Ok(Event::ClockSet),
                // The clock was set back between the two calls.
                Err(Errno::AGAIN) => {}
                Err(errno) => return Err(errno),
            }
        }
    }
}
