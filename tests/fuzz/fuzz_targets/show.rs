//! procline-show: whatever a log says, be it a gzip file, nothing that is written harms a terminal or Prometheus.
//!
//! An input is the file.

#![no_main]

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::sync::LazyLock;
use std::{env, process};

use libfuzzer_sys::fuzz_target;
use procline::clock::{Date, LocalTime, Moment};
use procline::show::args::{Form, Options};
use procline::show::{Error, show};

const NOW: Moment = Moment {
    seconds: 1_734_302_332,
    microseconds: 725_903,
    local: LocalTime { date: Date { year: 2024, month: 12, day: 15 }, hour: 22, minute: 38, second: 52 },
};

/// The name of the file that is read, and the file that standard output is.
static FILES: LazyLock<(&'static str, File)> = LazyLock::new(|| {
    let folder = env::temp_dir().join(format!("procline-fuzz-show-{}", process::id()));
    fs::create_dir_all(&folder).expect("the folder can be made");
    let name = folder.join("log").into_os_string().into_string().expect("the folder's name is UTF-8");
    let mut options = OpenOptions::new();
    let out = options.read(true).write(true).create(true).truncate(true).open(folder.join("out"));
    let out = out.expect("the file can be made");
    // SAFETY: both are open.
    assert_eq!(unsafe { libc::dup2(out.as_raw_fd(), 1) }, 1);
    (name.leak(), out)
});

/// What is written.
fn shown(form: Form, timestamps: bool, columns: Option<&'static [u8]>, last: Option<u64>) -> Vec<u8> {
    let (name, mut out) = (FILES.0, &FILES.1);
    let mut options = Options::new(NOW);
    options.files.push(name.as_bytes()).expect("one file fits");
    (options.form, options.timestamps, options.columns, options.last) = (form, timestamps, columns, last);
    let mut room = vec![0; 1 << 17];
    let result = show(&options, &mut room, |_| ());
    assert!(matches!(result, Ok(()) | Err(Error::NoRecord | Error::NoColumn)), "{result:?}");
    let text = fs::read(format!("{}/out", name.strip_suffix("/log").expect("it is so named"))).expect("it is there");
    out.set_len(0).expect("it can be emptied");
    out.seek(SeekFrom::Start(0)).expect("it is a file");
    assert!(text.iter().all(|byte| *byte >= b' ' || *byte == b'\n'), "a control character");
    text
}

fuzz_target!(|data: &[u8]| {
    fs::write(FILES.0, data).expect("the file can be written");
    let table = shown(Form::Table, false, None, None);
    assert!(table.is_ascii());
    shown(Form::Table, false, Some(b"cpu,net,disk,fs,temp,hwmon,mem,swap,tasks,load"), Some(2));
    shown(Form::Csv, false, None, None);
    let json = shown(Form::Json, false, None, None);
    for metrics in [shown(Form::Prometheus, false, None, None), shown(Form::Prometheus, true, None, None)] {
        let metrics = String::from_utf8(metrics).expect("it is UTF-8");
        for line in metrics.lines().filter(|line| !line.starts_with("# ")) {
            let rest =
                line.rsplit_once('}').map_or_else(|| line.split_once(' ').expect(line).1, |(_, rest)| &rest[1..]);
            let number = rest.split(' ').next().expect(line);
            assert!(line.starts_with("node_") && number.parse::<f64>().is_ok(), "{line}");
        }
    }
    // As many rows as records, unless the first one has nothing for a column.
    let rows = table.split(|byte| *byte == b'\n').filter(|line| line.get(2) == Some(&b':')).count();
    assert!(table.is_empty() || rows == json.split(|byte| *byte == b'\n').count() - 1);
});
