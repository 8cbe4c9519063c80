//! One record each interval, at its multiples on the wall clock: `--interval 60` records on the minute, as cron would.
//!
//! Between two records the process sleeps. The kernel keeps the time (timerfd_create(2)) and tells when the clock is set or a
//! suspend ends; then the next multiple is looked for anew. What the clock leapt over is not made up for, and what it went
//! back over is not waited for; nor does it make two records less than half an interval apart.

use crate::clock::Moment;
use crate::message::Message;
use crate::run::{Error, Recorder};
use crate::sys::{self, Alarm, Errno, Event};

/// What tells the time and waits for it: the machine's clock, and in tests another.
pub trait Clock {
    /// The instant of now.
    ///
    /// # Errors
    /// Those of [`Moment::now`].
    fn now(&mut self) -> Result<Moment, Errno>;

    /// [`sys::since_boot`]: milliseconds, whatever happens to the clock.
    ///
    /// # Errors
    /// Those of that function.
    fn since_boot(&mut self) -> Result<i64, Errno>;

    /// [`Alarm::set`]: to ring at `first` and each `interval` seconds from then on.
    ///
    /// # Errors
    /// Those of that function.
    fn set(&mut self, first: i64, interval: i64) -> Result<bool, Errno>;

    /// [`Alarm::wait`].
    ///
    /// # Errors
    /// Those of that function.
    fn wait(&mut self) -> Result<Event, Errno>;
}

impl Clock for Alarm {
    fn now(&mut self) -> Result<Moment, Errno> {
        Moment::now()
    }

    fn since_boot(&mut self) -> Result<i64, Errno> {
        sys::since_boot()
    }

    fn set(&mut self, first: i64, interval: i64) -> Result<bool, Errno> {
        Self::set(self, first, interval)
    }

    fn wait(&mut self) -> Result<Event, Errno> {
        Self::wait(self)
    }
}

/// Records each `interval` seconds until SIGTERM or SIGINT. `say` gets a message when records begin to fail, when they fail
/// for another reason, and when they go on.
///
/// # Errors
/// What no later record can mend: there is no clock, or nobody reads standard output any more.
pub fn run<'a>(
    mut recorder: Recorder<'a>,
    interval: u32,
    clock: &mut impl Clock,
    mut say: impl FnMut(&Message),
) -> Result<(), Error<'a>> {
    let (mut said, mut message) = (Message::default(), Message::default());
    let mut schedule = Schedule { clock, interval: interval.into(), next: NEVER, due: 0, earliest: i64::MIN };
    schedule.set().map_err(Error::Clock)?;
    while schedule.wait().map_err(Error::Clock)? {
        let moment = schedule.clock.now().map_err(Error::Clock);
        match moment.and_then(|moment| recorder.record(moment)) {
            Ok(()) if said.as_bytes().is_empty() => {}
            Ok(()) => {
                say(message.complain(&"recording again", ""));
                said.clear();
            }
            Err(error @ Error::Stdout(Errno::PIPE)) => return Err(error),
            Err(error) => {
                recorder.forget();
                if *message.complain(&error, "") != said {
                    say(&message);
                    said.complain(&error, "");
                }
            }
        }
    }
    Ok(())
}

/// A time that is not reached: the kernel's clock ends in 2262, and what is added here are days.
const NEVER: i64 = i64::MAX / 2;

/// When the next record is due.
struct Schedule<'c, C> {
    clock: &'c mut C,
    /// Seconds.
    interval: i64,
    /// When the alarm is to ring next, by the clock: seconds since 1970-01-01 00:00 UTC.
    next: i64,
    /// The same, if the clock is not set before, in milliseconds since the boot.
    due: i64,
    /// Before this no record is due, half an interval after the last one: milliseconds since the boot.
    earliest: i64,
}

impl<C: Clock> Schedule<'_, C> {
    /// Waits until the next record is due. False when the run shall end instead.
    fn wait(&mut self) -> Result<bool, Errno> {
        loop {
            match self.clock.wait()? {
                // One record stands for all that were due while the last one was written.
                Event::Rang(times) => {
                    let seconds = self.interval * i64::from(u32::try_from(times).unwrap_or(1));
                    self.next += seconds;
                    self.due += seconds * 1000;
                    self.earliest = self.due - self.interval * 500;
                    return Ok(true);
                }
                Event::ClockSet if self.set()? => return Ok(true),
                Event::ClockSet => {}
                Event::Ended => return Ok(false),
            }
        }
    }

    /// Sets the alarm to the next multiple of the interval. True if the one before has just passed, be it that the alarm was
    /// about to ring or that the clock made a small step over it.
    fn set(&mut self) -> Result<bool, Errno> {
        let mut is_due = false;
        loop {
            let now = self.clock.now()?;
            let since_boot = self.clock.since_boot()?;
            if (0..2).contains(&(now.seconds - self.next)) && since_boot >= self.earliest {
                is_due = true;
                self.earliest = since_boot + self.interval * 500;
            }
            let behind = now.seconds.checked_rem_euclid(self.interval).unwrap_or(0);
            let second = since_boot - i64::from(now.microseconds / 1000);
            let mut wait = self.interval - behind;
            if second + wait * 1000 < self.earliest {
                wait += self.interval;
            }
            self.due = second + wait * 1000;
            self.next = now.seconds + wait;
            if !self.clock.set(self.next, self.interval)? {
                return Ok(is_due);
            }
        }
    }
}
