//! How single values are written, and how a line is spaced out.

use procline::clock::Moment;
use procline::pymonitor::space_out;
use procline::scan::{Count, Counts, Cursor, Text};
use procline::sys::LocalTime;
use serde::Serialize;

const LOCAL: LocalTime = LocalTime { year: 2024, month: 12, day: 15, hour: 22, minute: 38, second: 52 };

#[test]
fn time_is_iso_with_six_digits() {
    let moment = Moment { seconds: 1_734_302_332, microseconds: 725_903, local: LOCAL };
    assert_eq!(moment.time(), "2024-12-15T22:38:52.725903");
    assert_eq!(moment.date(), "2024-12-15");
}

#[test]
fn every_field_keeps_its_width() {
    let local = LocalTime { year: 7, month: 1, day: 2, hour: 3, minute: 4, second: 5 };
    assert_eq!(Moment { seconds: 0, microseconds: 6, local }.time(), "0007-01-02T03:04:05.000006");
}

#[test]
fn the_largest_year_has_room() {
    let time = |year| Moment { seconds: 0, microseconds: 0, local: LocalTime { year, ..LOCAL } }.time();
    assert_eq!(time(i32::MAX), "2147483647-12-15T22:38:52.000000");
    assert_eq!(time(i32::MIN), "-2147483648-12-15T22:38:52.000000");
}

fn json(value: &impl Serialize) -> String {
    let mut room = [0; 64];
    let length = serde_json_core::to_slice(value, &mut room).unwrap_or_default();
    String::from_utf8_lossy(&room[..length]).into_owned()
}

#[test]
fn a_hundredfold_is_exact_beyond_64_bits() {
    let count = |text| Cursor::new(text).count().unwrap_or(Count::ZERO);
    assert_eq!(json(&count(b"18446744073709551615").times_100()), "1844674407370955161500");
    assert_eq!(json(&count(b"7").times_100()), "700");
    assert_eq!(json(&count(b"0").times_100()), "0");
    assert_eq!(json(&count(b"18446744073709551615")), "18446744073709551615");
}

#[test]
fn a_decimal_is_trimmed_as_python_prints_it() {
    for (kernel, python) in [("0.10", "0.1"), ("0.00", "0.0"), ("2.00", "2.0"), ("10.01", "10.01"), ("0.0", "0.0")] {
        let decimal = Cursor::new(kernel.as_bytes()).decimal();
        assert_eq!(decimal.map(|decimal| decimal.trimmed().digits()), Ok(python));
    }
}

#[test]
fn counts_are_a_list() {
    let counts = Cursor::new(b" 1  0\t23 \n4").counts().unwrap_or_default();
    assert_eq!((json(&counts), json(&counts.times_100())), ("[1,0,23]".into(), "[100,0,2300]".into()));
    assert_eq!(json(&Counts::default()), "[]");
}

#[test]
fn text_that_json_would_escape_is_refused() {
    assert_eq!(Text::new(b"Active(file)").map(|text| json(&text)), Some("\"Active(file)\"".into()));
    for bytes in [&b"a\"b"[..], b"a\\b", b"a b", b"a\nb", b"\x7f", b"\xc3\xa4"] {
        assert_eq!(Text::new(bytes), None);
    }
}

fn spaced(json: &str, room: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![b'#'; room];
    bytes[..json.len()].copy_from_slice(json.as_bytes());
    let length = space_out(&mut bytes, json.len())?;
    assert!(bytes[length..].iter().all(|byte| *byte == b'#'), "wrote behind the JSON");
    bytes.truncate(length);
    Some(bytes)
}

#[test]
fn separators_outside_of_strings_get_a_blank() {
    let json = r#"{"a:b,c":[1,2],"d":"12:34,5"}"#;
    let expected = r#"{"a:b,c": [1, 2], "d": "12:34,5"}"#;
    assert_eq!(spaced(json, 64).as_deref(), Some(expected.as_bytes()));
    assert_eq!(spaced(json, expected.len()).as_deref(), Some(expected.as_bytes()));
}

#[test]
fn too_small_a_room_is_told() {
    let json = r#"{"a":[1,2]}"#;
    assert_eq!(spaced(json, json.len() + 1), None);
    assert_eq!(space_out(&mut [], 1), None);
}
