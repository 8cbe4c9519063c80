//! One record each interval, at its multiples on the wall clock: `--interval 60` records on the minute, as cron would.
//!
//! Between two records the process sleeps. The kernel measures the time to the next multiple (timerfd_create(2)) and
//! tells when the clock is set or a suspend ends; then the next multiple is looked for again. What the clock leapt over
//! is not made up for, and what it went back over is not waited for; nor does it make two records less than half an
//! interval apart.

use core::mem;

use crate::clock::Moment;
use crate::digits::divide;
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
    let (mut said, mut message) = (&mut Message::default(), &mut Message::default());
    // Nothing is said of records that succeed from the first one on.
    said.complain(&RECORDING, "");
    let mut schedule = Schedule { clock, interval, next: NEVER, due: 0, earliest: i64::MIN };
    // As if the clock had just been set: sets the alarm for the first record.
    let mut event = Event::ClockSet;
    while event != Event::Ended {
        let moment = schedule.clock.now().map_err(Error::Clock)?;
        if schedule.is_due(&moment, event).map_err(Error::Clock)? {
            let result = recorder.record(moment);
            match &result {
                Ok(()) => message.complain(&RECORDING, ""),
                Err(Error::Stdout(Errno::PIPE)) => return result,
                Err(error) => {
                    recorder.forget();
                    message.complain(error, "")
                }
            };
            if message != said {
                say(message);
                mem::swap(&mut message, &mut said);
            }
        }
        event = schedule.clock.wait().map_err(Error::Clock)?;
    }
    Ok(())
}

/// What is said when records go on.
const RECORDING: &str = "recording again";

/// A time that the clock does not reach: it ends in 2262.
const NEVER: i64 = i64::MAX / 2;

/// When the next record is due. Times are in microseconds.
struct Schedule<'c, C> {
    clock: &'c mut C,
    /// Seconds.
    interval: u32,
    /// When it is due by the clock: since 1970-01-01 00:00 UTC.
    next: i64,
    /// The same, if the clock is not set before: since the boot.
    due: i64,
    /// Before this no record is due, half an interval after the last one: since the boot.
    earliest: i64,
}

impl<C: Clock> Schedule<'_, C> {
    /// Whether a record is due at this moment. Sets the alarm to the next multiple of the interval, unless it rang on
    /// time.
    // Not inlined: beside messages each variable is a long way up the stack, which takes longer instructions.
    #[inline(never)]
    fn is_due(&mut self, moment: &Moment, event: Event) -> Result<bool, Errno> {
        let interval = i64::from(self.interval) * SECOND;
        let now = moment.seconds * SECOND + i64::from(moment.microseconds);
        let late = now - self.next;
        if event == Event::Rang && (0..ON_TIME).contains(&late) {
            self.earliest = self.due + interval / 2;
            self.next += interval;
            self.due += interval;
            return Ok(true);
        }
        // The clock was set, the process stood still, or the last record took longer than the interval. A record is due
        // if the alarm rang, and stands for all that were due meanwhile; or if the clock has just passed a multiple, be
        // it that the alarm was about to ring or that it made a small step.
        let since_boot = self.clock.since_boot()?;
        let has_passed = (0..2 * SECOND).contains(&late) && since_boot >= self.earliest;
        let is_due = event == Event::Rang || has_passed;
        if is_due {
            self.earliest = since_boot + interval / 2;
        }
        // The clock is not before 1970.
        let (_, since_multiple) = divide(moment.seconds.unsigned_abs(), self.interval);
        let mut wait = interval - i64::from(since_multiple) * SECOND - i64::from(moment.microseconds);
        if since_boot + wait < self.earliest {
            wait += interval;
        }
        self.next = now + wait;
        self.due = since_boot + wait;
        self.clock.set(wait, self.interval.into())?;
        Ok(is_due)
    }
}

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;
/// Microseconds by which an alarm may be late, and not be set again.
const ON_TIME: i64 = 10_000;
