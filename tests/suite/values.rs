//! How single values are written, and how a line is spaced out.

use procline::clock::{Date, LocalTime, Moment};
use procline::json::{Json, ToJson};
use procline::pymonitor::rewrite;
use procline::scan::{Cursor, Text};
use procline::sys::fill;

const LOCAL: LocalTime = LocalTime { date: Date { year: 2024, month: 12, day: 15 }, hour: 22, minute: 38, second: 52 };

#[test]
fn time_is_iso_with_six_digits() {
    let moment = Moment { seconds: 1_734_302_332, microseconds: 725_903, local: LOCAL };
    assert_eq!(moment.time(), "2024-12-15T22:38:52.725903");
    assert_eq!(moment.date().iso(), "2024-12-15");
}

#[test]
fn every_field_keeps_its_width() {
    let local = LocalTime { date: Date { year: 7, month: 1, day: 2 }, hour: 3, minute: 4, second: 5 };
    assert_eq!(Moment { seconds: 0, microseconds: 6, local }.time(), "0007-01-02T03:04:05.000006");
}

#[test]
fn the_largest_year_has_room() {
    let time = |year| {
        Moment { seconds: 0, microseconds: 0, local: LocalTime { date: Date { year, ..LOCAL.date }, ..LOCAL } }.time()
    };
    assert_eq!(time(i32::MAX), "2147483647-12-15T22:38:52.000000");
    assert_eq!(time(i32::MIN), "-2147483648-12-15T22:38:52.000000");
}

fn json(value: &impl ToJson) -> String {
    let mut room = [0; 256];
    let mut json = Json::new(&mut room);
    value.write(&mut json);
    let length = json.finish().unwrap();
    String::from_utf8(room[..length].to_vec()).unwrap()
}

#[test]
fn a_decimal_is_trimmed_as_python_prints_it() {
    for (kernel, python) in [("0.10", "0.1"), ("0.00", "0.0"), ("2.00", "2.0"), ("10.01", "10.01"), ("0.0", "0.0")] {
        let mut cursor = Cursor::new(kernel.as_bytes());
        let decimal = cursor.decimal();
        assert_eq!(cursor.finish(decimal).map(|decimal| decimal.trimmed().digits()), Ok(python.as_bytes()));
    }
}

fn counted(text: &str) -> String {
    let mut cursor = Cursor::new(text.as_bytes());
    let counts = cursor.counts(0);
    json(&cursor.finish(counts).unwrap())
}

#[test]
fn counts_are_a_list() {
    for (text, list) in [
        (" 1  0\t23 \n4", "[1,0,23]"),
        ("", "[]"),
        ("0", "[0]"),
        ("0 0 0", "[0,0,0]"),
        ("0 10 0 0 205 0 ", "[0,10,0,0,205,0]"),
        ("0  0 0\t0 7\r\n", "[0,0,0,0,7]"),
    ] {
        assert_eq!(counted(text), list);
    }
    for zeros in 1..100 {
        let text = vec!["0"; zeros].join(" ");
        let list = format!("[{}]", vec!["0"; zeros].join(","));
        assert_eq!(counted(&text), list);
    }
}

#[test]
fn text_ends_before_what_json_would_escape() {
    assert_eq!(json(&Text::start_of(b"Active(file)")), "\"Active(file)\"");
    for text in ["a\"b", "a\\b", "a b", "a\nb", "a\x7f", "a\u{e4}"] {
        assert_eq!(Text::start_of(text.as_bytes()).as_str(), "a", "{text}");
    }
}

fn rewritten(line: &str, room: usize) -> Option<String> {
    let mut bytes = vec![b'#'; room];
    bytes[..line.len()].copy_from_slice(line.as_bytes());
    let length = rewrite(&mut bytes, line.len())?;
    bytes.truncate(length);
    Some(String::from_utf8(bytes).unwrap())
}

#[test]
fn separators_outside_of_strings_get_a_blank_and_ticks_two_zeros() {
    let line = r#"17 - {"time":"12:34,5","cpu_total":{"name":"cpu7","user":10,"nice":0},"intr":[0,7,18446744073709551615],"ctxt":5,"a":[1,2]}"#;
    let expected = r#"17 - {"time": "12:34,5", "cpu_total": {"name": "cpu7", "user": 1000, "nice": 0}, "intr": [0, 700, 1844674407370955161500], "ctxt": 5, "a": [1, 2]}"#;
    for room in expected.len()..expected.len() + 100 {
        assert_eq!(rewritten(line, room).as_deref(), Some(expected));
    }
    for room in line.len()..expected.len() {
        assert_eq!(rewritten(line, room), None);
    }
    assert_eq!(rewrite(&mut [], 1), None);
}

#[test]
fn reads_of_one_byte_give_the_whole_text() {
    let text = b"cpu 1 2 3 4";
    let one_byte = |place: usize, room: &mut [u8]| {
        let next = text.get(place..).unwrap_or_default().iter().take(1);
        Ok(room.iter_mut().zip(next).map(|(to, from)| *to = *from).count())
    };
    let mut room = [0; 20];
    assert_eq!((fill(&mut room, one_byte), &room[..11]), (Ok(11), &text[..]));
    assert_eq!(fill(&mut room[..5], one_byte), Ok(5));
}
