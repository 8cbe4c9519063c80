//! Comma-separated values: a line for each record, in the kernel's digits.
//!
//! `time,timestamp,cpu_data.cpu_total.user,…` and `2024-12-15T22:38:52.725903,1734302332,14898,…`

use super::columns::Columns;
use super::out::Out;
use super::record::Record;

/// Writes the names of the columns.
pub fn head(columns: &Columns<'_>, out: &mut Out) {
    out.add("time,timestamp");
    for path in &columns.wants {
        out.add(",");
        // A name with a comma or a quote.
        let is_quoted = path.iter().any(|key| key.iter().any(|byte| matches!(byte, b',' | b'"')));
        let quote = if is_quoted { "\"" } else { "" };
        out.add(quote);
        for (number, key) in path.iter().filter(|key| !key.is_empty() && **key != b"value").enumerate() {
            if number > 0 {
                out.add(".");
            }
            for byte in *key {
                out.add(if *byte == b'"' { &b"\"\""[..] } else { core::slice::from_ref(byte) });
            }
        }
        out.add(quote);
    }
    out.add("\n");
}

/// Writes a record.
pub fn row(columns: &Columns<'_>, record: &Record<'_>, out: &mut Out) {
    out.add(record.time).add(",");
    out.number(record.seconds());
    let texts = columns.pick(record);
    for text in texts.iter().take(columns.wants.len()) {
        out.add(",").add(text);
    }
    out.add("\n");
}
