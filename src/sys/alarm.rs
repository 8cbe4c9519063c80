//! The system calls that wait: for a time to pass, for the clock to be set, and for the signals that end a run.

use super::time::set_timer;
use super::{Access, Errno, Fd, Path, call};

/// A timer, news of the clock, and SIGTERM and SIGINT, which from now on are only looked for while it is waited for.
///
/// The timer is on `CLOCK_MONOTONIC`, so it rings when its time has passed, whatever happens to the clock. One on
/// `CLOCK_REALTIME` would ring for a clock that is set forward, too, and on a machine with several CPUs be read before
/// the kernel tells of that.
#[derive(Debug)]
pub struct Alarm {
    timer: Fd,
    /// A timer on `CLOCK_REALTIME` that never rings. The kernel tells it when the clock is set, or a suspend ends.
    clock: Fd,
    signals: Fd,
}

/// What there was to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The alarm rang, be it more than once since it was waited for.
    Rang,
    /// The clock was set, or a suspend ended. The alarm has to be set again.
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
        let signals = unsafe { call(libc::SYS_signalfd4, new, &raw const signals, size, close) }.and_then(Fd::new)?;
        let timer = create(libc::CLOCK_MONOTONIC)?;
        let clock = create(libc::CLOCK_REALTIME)?;
        set_timer(&clock, libc::TFD_TIMER_ABSTIME | libc::TFD_TIMER_CANCEL_ON_SET, 0, 0)?;
        Ok(Self { timer, clock, signals })
    }

    /// timerfd_settime(2): the alarm rings in so many microseconds, at least one, and from then on each `interval`
    /// seconds.
    ///
    /// # Errors
    /// Those of timerfd_settime(2).
    pub fn set(&mut self, microseconds: i64, interval: i64) -> Result<(), Errno> {
        set_timer(&self.timer, 0, microseconds, interval)
    }

    /// ppoll(2), and read(2) of a timer: waits for the next event. A signal comes before an alarm, and that before news
    /// of the clock, which have the alarm set again.
    pub fn wait(&mut self) -> Result<Event, Errno> {
        let entry = |fd: &Fd| libc::pollfd { fd: fd.number(), events: libc::POLLIN, revents: 0 };
        loop {
            let mut entries = [entry(&self.signals), entry(&self.timer), entry(&self.clock)];
            // SAFETY: `entries` is valid, and has three entries.
            unsafe { call(libc::SYS_ppoll, entries.as_mut_ptr(), 3, 0, 0) }?;
            if entries[0].revents != 0 {
                return Ok(Event::Ended);
            }
            let rang = entries[1].revents != 0;
            let (fd, event) = if rang { (&self.timer, Event::Rang) } else { (&self.clock, Event::ClockSet) };
            match fd.read(&mut [0; 8]) {
                Ok(_) | Err(Errno::CANCELED) => return Ok(event),
                Err(Errno::AGAIN) => {}
                Err(errno) => return Err(errno),
            }
        }
    }
}

/// timerfd_create(2).
fn create(clock: libc::clockid_t) -> Result<Fd, Errno> {
    let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
    // SAFETY: no preconditions.
    unsafe { call(libc::SYS_timerfd_create, clock, flags, 0, 0) }.and_then(Fd::new)
}
