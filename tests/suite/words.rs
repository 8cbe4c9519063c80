//! The words of errors.

use std::io;

use procline::clock::Date;
use procline::config::Options;
use procline::log::{Error, File, Logs, Reason};
use procline::message::Message;
use procline::sys::Errno;

#[test]
fn each_reason_has_its_words() {
    let log = "/var/log/pymonitor/awesome_monitoring_1970-01-01.log: ";
    let folder = "/var/log/pymonitor: ";
    let denied = Errno(libc::EACCES);
    let options = Options::default();
    let logs = Logs::new(&options, Date { year: 1970, month: 1, day: 1 });
    let file = File::last(0);
    for (reason, beginning, end) in [
        (Reason::Folder(denied), folder, "permission denied; choose another folder with --log-path"),
        (Reason::List(denied), folder, "permission denied; cannot measure the logs (--max-bytes)"),
        (Reason::File(denied), log, "permission denied"),
        (Reason::NotRegular, log, "not a regular file; remove it, or choose another --log-path"),
        (Reason::NoRoom(8192), log, "a record and the folder take 8192 bytes of disk, more than --max-bytes allows"),
        (
            Reason::InTheWay(file, denied),
            log,
            "permission denied; cannot be removed to make room for the record (--max-bytes)",
        ),
        (
            Reason::Newer(file),
            log,
            "newer than the record, and leaves it no room; remove it, set the clock, or raise --max-bytes",
        ),
        (Reason::Torn(denied), log, "permission denied; a part of the record was written"),
        (Reason::NotSynced(denied), log, "permission denied; the record was written, but may not be on the disk"),
        (
            Reason::NotCompressed(file, denied),
            log,
            "permission denied; the record was written, but older ones were not compressed (--compress)",
        ),
        (
            Reason::NotCounted(denied),
            folder,
            "permission denied; the record was written, but the days cannot be counted (--keep-files)",
        ),
        (
            Reason::Extra(file, denied),
            log,
            "permission denied; the record was written, but this log cannot be removed (--keep-files)",
        ),
    ] {
        let mut message = Message::default();
        message.explain(&Error { logs, reason });
        assert_eq!(String::from_utf8_lossy(message.as_bytes()), String::from(beginning) + end);
    }
}

#[test]
fn the_words_of_an_errno_are_those_of_strerror() {
    let mut known = 0;
    for number in 1..134 {
        let theirs = io::Error::from_raw_os_error(number).to_string().to_lowercase();
        let ours = Errno(number).to_string();
        if ours != format!("error {number} of errno(3)") {
            assert_eq!(Some(ours.as_str()), theirs.split(" (os error").next());
            known += 1;
        }
    }
    assert!(known > 20, "{known}");
}
