//! One record each interval, at its multiples on the wall clock: `--interval 60` records on the minute, as cron would.
//!
//! Between two records the process sleeps. The kernel measures the time to the next multiple (timerfd_create(2)) and
//! tells when the clock is set or a suspend ends; then the next multiple is looked for again. What the clock leapt over
//! is not made up for, and what it went back over is not waited for; nor does it make two records less than half an
//! interval apart.

use crate::clock::Moment;
use crate::message::Message;
use crate::run::{Error, Recorder};
use crate::sys::{self, Alarm, Errno, Event};

/// What tells the time and waits for it: the machine's clock, and in tests another.
#[expect(clippy::missing_errors_doc, reason = "each fails as what it is named after")]
pub trait Clock {
    /// [`Moment::now`].
    fn now(&mut self) -> Result<Moment, Errno>;

    /// [`sys::since_boot`]: microseconds, whatever happens to the clock.
    fn since_boot(&mut self) -> Result<i64, Errno>;

    /// [`Alarm::set`]: to ring in so many microseconds, and each `interval` seconds from then on.
    fn set(&mut self, microseconds: i64, interval: i64) -> Result<(), Errno>;

    /// [`Alarm::wait`].
    fn wait(&mut self) -> Result<Event, Errno>;
}

impl Clock for Alarm {
    fn now(&mut self) -> Result<Moment, Errno> {
        Moment::now()
    }

    fn since_boot(&mut self) -> Result<i64, Errno> {
        sys::since_boot()
    }

    fn set(&mut self, microseconds: i64, interval: i64) -> Result<(), Errno> {
        Self::set(self, microseconds, interval)
    }

    fn wait(&mut self) -> Result<Event, Errno> {
        Self::wait(self)
    }
}

/// Records each `interval` seconds until SIGTERM or SIGINT. `say` gets a message when records begin to fail, when they
/// fail for another reason, and when they go on.
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
    schedule.begin().map_err(Error::Clock)?;
    while let Some(moment) = schedule.wait().map_err(Error::Clock)? {
        match recorder.record(moment) {
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

/// A time that the clock does not reach: it ends in 2262.
const NEVER: i64 = i64::MAX / 2;

/// When the next record is due.
struct Schedule<'c, C> {
    clock: &'c mut C,
    /// Seconds.
    interval: i64,
    /// When it is due by the clock: seconds since 1970-01-01 00:00 UTC.
    next: i64,
    /// The same, if the clock is not set before, in microseconds since the boot.
    due: i64,
    /// Before this no record is due, half an interval after the last one: microseconds since the boot.
    earliest: i64,
}

impl<C: Clock> Schedule<'_, C> {
    /// Sets the alarm for the first record.
    fn begin(&mut self) -> Result<(), Errno> {
        let now = self.clock.now()?;
        self.set(now, Event::ClockSet).map(drop)
    }

    /// Waits until the next record is due: its moment, or nothing when the run shall end instead.
    fn wait(&mut self) -> Result<Option<Moment>, Errno> {
        loop {
            let event = self.clock.wait()?;
            if event == Event::Ended {
                return Ok(None);
            }
            let now = self.clock.now()?;
            if event == Event::Rang && now.seconds == self.next && now.microseconds < ON_TIME {
                self.next += self.interval;
                self.earliest = self.due + self.interval * (SECOND / 2);
                self.due += self.interval * SECOND;
                return Ok(Some(now));
            }
            // The clock was set, the process stood still, or the last record took longer than the interval.
            if self.set(now, event)? {
                return Ok(Some(now));
            }
        }
    }

    /// Sets the alarm to the next multiple of the interval. True if a record is due now: the alarm rang, and one record
    /// stands for all that were due meanwhile; or the clock has just passed a multiple, be it that the alarm was about
    /// to ring or that it made a small step.
    fn set(&mut self, now: Moment, event: Event) -> Result<bool, Errno> {
        let since_boot = self.clock.since_boot()?;
        let has_passed = (0..2).contains(&(now.seconds - self.next)) && since_boot >= self.earliest;
        let is_due = event == Event::Rang || has_passed;
        if is_due {
            self.earliest = since_boot + self.interval * (SECOND / 2);
        }
        let wait = self.interval - now.seconds.checked_rem_euclid(self.interval).unwrap_or(0);
        self.next = now.seconds + wait;
        let mut wait = wait * SECOND - i64::from(now.microseconds);
        if since_boot + wait < self.earliest {
            self.next += self.interval;
            wait += self.interval * SECOND;
        }
        self.due = since_boot + wait;
        self.clock.set(wait, self.interval)?;
        Ok(is_due)
    }
}

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;
/// Microseconds by which an alarm may be late, and not be set again.
const ON_TIME: u32 = 10_000;
