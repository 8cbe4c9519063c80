//! The whole way, from four files to a line: it is that of the second reading, byte for byte, in both modes.
//!
//! An input has five parts, with `==` and a newline between them: three bytes that choose, then the texts of `stat`,
//! `uptime`, `loadavg` and `meminfo`. The first byte chooses by its bit 0 to leave out the interrupt counters, by its
//! bit 1 to have 0 microseconds. The second is the number of bytes of room beyond those that a record needs. The third
//! is the room for a second try, in 256ths of what the record needs: there it cannot be made.

#![no_main]

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;
use std::{array, env, process};

use libfuzzer_sys::fuzz_target;
use procline::clock::{Date, LocalTime, Moment};
use procline::config::Options;
use procline::run;
use procline_fuzz::assert_is_json;
use procline_fuzz::json::Style;
use procline_fuzz::machine::{FILES, Machine};

/// The folder that stands for /proc, in memory if `TMPDIR` is, and its files.
static PROCFS: LazyLock<(String, [File; 4])> = LazyLock::new(|| {
    let folder = env::temp_dir().join(format!("procline-fuzz-{}", process::id()));
    fs::create_dir_all(&folder).expect("the folder can be made");
    let files = FILES.map(|file| File::create(folder.join(file)).expect("the file can be made"));
    (folder.into_os_string().into_string().expect("the folder's name is UTF-8"), files)
});

/// Has procline make the line, and closes the files that it leaves to the end of the program to close.
fn compose(style: Style, room: usize) -> Result<String, String> {
    let Style { pymonitor, intr_counters, microseconds } = style;
    let options = Options { procfs: PROCFS.0.as_bytes(), pymonitor, intr_counters, ..Options::default() };
    let local = LocalTime { date: Date { year: 2024, month: 12, day: 15 }, hour: 22, minute: 38, second: 52 };
    let moment = Moment { seconds: 1_734_302_332, microseconds, local };
    let first_free = File::open("/dev/null").expect("it can be opened").as_raw_fd().unsigned_abs();
    let mut room = vec![0; room];
    let line = run::compose(&options, &moment, &mut run::Kept::default(), &mut room).map_err(|error| error.to_string());
    // SAFETY: descriptors are given out from the first free one on, and nobody else opens files meanwhile.
    unsafe { libc::close_range(first_free, first_free + 3, 0) };
    let line = line?.strip_prefix(b"\n").expect("a newline comes first").to_vec();
    Ok(String::from_utf8(line).expect("it is UTF-8"))
}

fn check(machine: Machine<'_>, style: Style, more: u8, share: u8) {
    let whole = machine.line(style, usize::MAX);
    let text_bytes = machine.texts.concat().len();
    let needed = text_bytes + 1 + whole.as_ref().map_or(0, String::len);
    assert_eq!(compose(style, needed + usize::from(more)), whole);
    if let Some((_, json)) = whole.iter().find_map(|line| line.split_once(" - ")) {
        assert_is_json(json);
    }
    let small = needed * usize::from(share) / 256;
    match (compose(style, small), machine.line(style, small)) {
        (Err(found), Err(expected)) => assert!(found.starts_with(&expected), "{found}, not {expected}"),
        (found, expected) => panic!("in {small} of {needed} bytes {found:?}, not {expected:?}"),
    }
}

fuzz_target!(|input: &[u8]| {
    let mut rest = input;
    let [chosen, texts @ ..] = array::from_fn::<_, 5, _>(|_| {
        let end = rest.windows(3).position(|window| window == b"==\n");
        let (part, behind) = end.map_or((rest, &[][..]), |end| (&rest[..end], &rest[end + 3..]));
        rest = behind;
        part
    });
    let [bits, more, share] = array::from_fn(|place| chosen.get(place).copied().unwrap_or(b'0'));
    let (folder, files) = &*PROCFS;
    for (text, file) in texts.iter().zip(files) {
        file.set_len(0).and_then(|()| file.write_all_at(text, 0)).expect("the file can be written");
    }
    for pymonitor in [false, true] {
        let microseconds = if bits & 2 == 0 { 725_903 } else { 0 };
        check(Machine { folder, texts }, Style { pymonitor, intr_counters: bits & 1 == 0, microseconds }, more, share);
    }
});
