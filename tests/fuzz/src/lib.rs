//! Holds procline's parsers to a second reading of the same bytes.

pub mod json;
pub mod machine;
pub mod options;
pub mod reading;

use json::{Json, PLAIN};
use procline::json::ToJson;
use procline::source::Source;
use reading::Reading;
use serde_json::Value;

/// What procline and the second reading make of a text, if both take it; they agree on what is wrong with any other,
/// and on the JSON of this one.
#[must_use]
pub fn both<'a, S, R>(bytes: &'a [u8], ascii: &'a str) -> Option<(S, R)>
where
    S: Source<'a> + ToJson,
    R: Reading<'a> + Json,
{
    match (S::parse(bytes), R::read(ascii)) {
        (Ok(found), Ok(read)) => {
            let expected = read.json(PLAIN);
            let mut room = vec![0; expected.len()];
            let mut written = procline::json::Json::new(&mut room);
            found.write(&mut written);
            let length = written.finish().expect("it is no longer than expected");
            assert_eq!(String::from_utf8_lossy(&room[..length]), expected);
            assert_is_json(&expected);
            Some((found, read))
        }
        (Err(found), Err(read)) => {
            assert_eq!((found.offset, found.expected.to_string().as_str()), (read.offset, read.expected));
            assert!(found.offset <= bytes.len(), "{found:?}");
            None
        }
        (Ok(_), Err(read)) => panic!("procline takes what is wrong: {read:?}"),
        (Err(found), Ok(_)) => panic!("procline does not take what is right: {found:?}"),
    }
}

/// Checks that a third party takes it.
pub fn assert_is_json(text: &str) {
    assert!(serde_json::from_str::<Value>(text).is_ok(), "{text}");
}
