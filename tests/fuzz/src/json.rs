//! The line of the log, put together from the second reading with `format!`. Nothing of procline is in it either.

use crate::reading::{Cpu, Loadavg, Meminfo, SINGLE, Stat, Uptime};

const TIMES: [&str; 9] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"];

/// Whose line, and what is in it.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether it is pymonitor's line.
    pub pymonitor: bool,
    /// Whether it has the interrupt counters.
    pub intr_counters: bool,
    /// The microseconds of its time.
    pub microseconds: u32,
}

/// What procline writes unless told otherwise.
pub const PLAIN: Style = Style { pymonitor: false, intr_counters: true, microseconds: 725_903 };

/// The line at 2024-12-15T22:38:52, 1734302332 s.
#[must_use]
pub fn line(
    style: Style,
    stat: &Stat<'_>,
    uptime: &Uptime<'_>,
    loadavg: &Loadavg<'_>,
    meminfo: &Meminfo<'_>,
) -> String {
    let fraction = match style {
        Style { pymonitor: true, microseconds: 0, .. } => String::new(),
        Style { microseconds, .. } => format!(".{microseconds:06}"),
    };
    let record = style.object(&[
        ("time", string(&format!("2024-12-15T22:38:52{fraction}"))),
        ("timestamp", "1734302332".to_string()),
        ("cpu_data", stat.json(style)),
        ("uptime", uptime.json(style)),
        ("loadavg", loadavg.json(style)),
        ("meminfo", meminfo.json(style)),
    ]);
    format!("1734302332 - {record}\n")
}

/// What has a place in the record.
pub trait Json {
    /// The JSON of it.
    fn json(&self, style: Style) -> String;
}

impl Json for Stat<'_> {
    fn json(&self, style: Style) -> String {
        let ticks = |counts: &[u64]| style.list(counts.iter().map(|count| style.ticks(*count)));
        let counters = if style.intr_counters { &self.intr[1..] } else { &[] };
        let intr = [("total", style.ticks(self.intr[0])), ("counters", ticks(counters))];
        let mut single = self.single;
        if style.pymonitor {
            single[2] = single[1];
        }
        let mut members = vec![
            ("cpu_total", self.cpu_total.json(style)),
            ("cpus", style.list(self.cpus.iter().map(|cpu| cpu.json(style)))),
            ("intr", style.object(&intr)),
        ];
        members.extend(SINGLE.into_iter().zip(single.map(|count| count.to_string())));
        members.push(("softirq", style.list(self.softirq.iter().map(u64::to_string))));
        style.object(&members)
    }
}

impl Json for Cpu<'_> {
    fn json(&self, style: Style) -> String {
        let times = self.times.iter().copied().chain(std::iter::repeat(0)).map(|time| style.ticks(time));
        let members: Vec<_> = [("name", string(self.name))].into_iter().chain(TIMES.into_iter().zip(times)).collect();
        style.object(&members)
    }
}

impl Json for Uptime<'_> {
    fn json(&self, style: Style) -> String {
        style.object(&[("total", style.decimal(self.total)), ("idle", style.decimal(self.idle))])
    }
}

impl Json for Loadavg<'_> {
    fn json(&self, style: Style) -> String {
        let [one, five, fifteen] = self.loads.map(|load| style.decimal(load));
        style.object(&[
            ("loadavg_1m", one),
            ("loadavg_5m", five),
            ("loadavg_15m", fifteen),
            ("current_procs", string(self.current_procs)),
            ("total_procs", string(self.total_procs)),
            ("last_pid", self.last_pid.to_string()),
        ])
    }
}

impl Json for Meminfo<'_> {
    fn json(&self, style: Style) -> String {
        let amount = |value, unit| style.object(&[("value", string(value)), ("unit", string(unit))]);
        let amounts = if style.pymonitor { &self.pymonitors } else { &self.amounts };
        let members: Vec<_> = amounts.iter().map(|(name, value, unit)| (*name, amount(value, unit))).collect();
        style.object(&members)
    }
}

/// Nothing in a record needs an escape.
fn string(text: &str) -> String {
    format!("\"{text}\"")
}

impl Style {
    fn space(self) -> &'static str {
        if self.pymonitor { " " } else { "" }
    }

    fn list(self, items: impl Iterator<Item = String>) -> String {
        format!("[{}]", items.collect::<Vec<_>>().join(&format!(",{}", self.space())))
    }

    fn object(self, members: &[(&str, String)]) -> String {
        let members = members.iter().map(|(name, value)| format!("\"{name}\":{}{value}", self.space()));
        format!("{{{}}}", members.collect::<Vec<_>>().join(&format!(",{}", self.space())))
    }

    fn ticks(self, count: u64) -> String {
        (u128::from(count) * if self.pymonitor { 100 } else { 1 }).to_string()
    }

    /// Rust's `Debug` prints an `f64` as Python's `repr` does, up to where the two begin to write exponents. Of more
    /// than 15 digits procline keeps all.
    fn decimal(self, digits: &str) -> String {
        let fraction = digits.find('.').map_or(0, |point| digits.len() - point - 1);
        match digits.parse::<f64>() {
            _ if !self.pymonitor => digits.to_string(),
            Ok(number) if digits.len() <= 16 && fraction <= 4 => format!("{number:?}"),
            _ => {
                let short = digits.trim_end_matches('0');
                if short.ends_with('.') { format!("{short}0") } else { short.to_string() }
            }
        }
    }
}
