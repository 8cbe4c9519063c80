//! A second reading of the four files, in plain std Rust, with nothing of procline in it.
//!
//! Texts are split into lines, lines into words, words become numbers; `json.rs` puts the line together from these.

/// What is wrong with a text: the bytes before the place, and what the message says.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Bytes before the place.
    pub offset: usize,
    /// What the message says.
    pub expected: &'static str,
}

/// One of the four files, read.
pub trait Reading<'a>: Sized {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(text: &'a str) -> Result<Self, Wrong>;
}

/// The text with a byte that belongs to nothing in place of each that is not ASCII, which is the same for a reader.
#[must_use]
pub fn ascii(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\x7f' }).collect()
}

/// `cpu` or `cpu<number>` of `stat`: the name and all columns there are.
#[derive(Debug)]
pub struct Cpu<'a> {
    pub name: &'a str,
    pub times: Vec<u64>,
}

/// `/proc/stat`.
#[derive(Debug)]
pub struct Stat<'a> {
    pub cpu_total: Cpu<'a>,
    pub cpus: Vec<Cpu<'a>>,
    /// The total, then the counters.
    pub intr: Vec<u64>,
    /// The lines of [`SINGLE`].
    pub single: [u64; 5],
    pub softirq: Vec<u64>,
}

/// The lines of `stat` that have one count.
pub const SINGLE: [&str; 5] = ["ctxt", "btime", "processes", "procs_running", "procs_blocked"];

/// `/proc/uptime`: the digits.
#[derive(Debug)]
pub struct Uptime<'a> {
    pub total: &'a str,
    pub idle: &'a str,
}

/// `/proc/loadavg`.
#[derive(Debug)]
pub struct Loadavg<'a> {
    pub loads: [&'a str; 3],
    pub current_procs: &'a str,
    pub total_procs: &'a str,
    pub last_pid: u64,
}

/// `/proc/meminfo`: names, values and units.
#[derive(Debug)]
pub struct Meminfo<'a> {
    pub amounts: Vec<(&'a str, &'a str, &'a str)>,
    /// The same as pymonitor reads them.
    pub pymonitors: Vec<(&'a str, &'a str, &'a str)>,
}

impl<'a> Reading<'a> for Stat<'a> {
    fn read(text: &'a str) -> Result<Self, Wrong> {
        not_cut(text)?;
        let (mut cpu_total, mut has_btime) = (None, false);
        let (mut cpus, mut intr, mut single, mut softirq) = (Vec::new(), vec![0], [0; 5], Vec::new());
        for (start, line) in lines(text) {
            let words = words(start, line);
            let name = words[0].1;
            match name {
                "cpu" => cpu_total = Some(Cpu { name, times: counts(&words, 4)? }),
                "intr" => intr = counts(&words, 1)?,
                "softirq" => softirq = counts(&words, 0)?,
                _ if name.trim_end_matches(is_digit) == "cpu" => cpus.push(Cpu { name, times: counts(&words, 4)? }),
                _ => {
                    if let Some(place) = SINGLE.iter().position(|known| *known == name) {
                        single[place] = count(words[1])?;
                        no_more(words.get(2))?;
                        has_btime |= name == "btime";
                    }
                }
            }
        }
        let cpu_total = cpu_total.ok_or(Wrong { offset: text.len(), expected: "expected a line \"cpu\"" })?;
        if !has_btime {
            return Err(Wrong { offset: text.len(), expected: "expected a line \"btime\"" });
        }
        Ok(Self { cpu_total, cpus, intr, single, softirq })
    }
}

impl<'a> Reading<'a> for Uptime<'a> {
    fn read(text: &'a str) -> Result<Self, Wrong> {
        not_cut(text)?;
        let mut words = first_line(text);
        let uptime = Self { total: decimal(words())?, idle: decimal(words())? };
        no_more(Some(&words()))?;
        Ok(uptime)
    }
}

impl<'a> Reading<'a> for Loadavg<'a> {
    fn read(text: &'a str) -> Result<Self, Wrong> {
        not_cut(text)?;
        let mut words = first_line(text);
        let loads = [decimal(words())?, decimal(words())?, decimal(words())?];
        let (start, tasks) = words();
        let current_procs = integer((start, tasks))?;
        let slash = start + current_procs.len();
        let behind = tasks[current_procs.len()..].strip_prefix('/');
        let total = (slash + 1, behind.ok_or(Wrong { offset: slash, expected: "expected a '/'" })?);
        let total_procs = integer(total)?;
        ends_behind(total, total_procs)?;
        let last_pid = count(words())?;
        no_more(Some(&words()))?;
        Ok(Self { loads, current_procs, total_procs, last_pid })
    }
}

impl<'a> Reading<'a> for Meminfo<'a> {
    fn read(text: &'a str) -> Result<Self, Wrong> {
        not_cut(text)?;
        let mut lines_of_words = lines(text).map(|(start, line)| words(start, line));
        let total = lines_of_words.find(|words| words[0].1 == "MemTotal:");
        count(total.ok_or(Wrong { offset: text.len(), expected: "expected a line \"MemTotal\"" })?[1])?;
        let lines = || lines(text).map(|(_, line)| line);
        Ok(Self {
            amounts: lines().filter_map(amount).collect(),
            pymonitors: lines().filter_map(pymonitors_amount).collect(),
        })
    }
}

/// A line of `meminfo`, if it is `name: value [unit]`.
fn amount(line: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = line.trim_start_matches(BLANKS).split_once(':')?;
    let plain = |char: char| char.is_ascii_graphic() && char != '"' && char != '\\';
    let words: Vec<_> = rest.split(BLANKS).filter(|word| !word.is_empty()).collect();
    let (value, unit) = match words[..] {
        [value] => (value, ""),
        [value, unit] => (value, unit),
        _ => return None,
    };
    let good = !name.is_empty()
        && name.chars().all(plain)
        && value.chars().all(is_digit)
        && unit.chars().all(|char| char.is_ascii_alphabetic());
    good.then_some((name, value, unit))
}

/// What pymonitor takes of a line: a name, a colon, a blank, digits, and what there is of a word behind them.
fn pymonitors_amount(line: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = line.split_once(':')?;
    let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let good = !name.is_empty() && name.chars().all(|char| is_word(char) || char == '(' || char == ')');
    let rest = rest.strip_prefix(BLANKS)?.trim_start_matches(BLANKS);
    let behind = rest.trim_start_matches(is_digit);
    let value = &rest[..rest.len() - behind.len()];
    let behind = behind.trim_start_matches(BLANKS);
    let unit = &behind[..behind.len() - behind.trim_start_matches(is_word).len()];
    (good && !value.is_empty()).then_some((name, value, unit))
}

const LINE_ENDS: [char; 2] = ['\n', '\r'];
const BLANKS: [char; 2] = [' ', '\t'];

/// A word, and the bytes before it.
type Word<'a> = (usize, &'a str);

fn is_digit(char: char) -> bool {
    char.is_ascii_digit()
}

/// What stands between separators, and the bytes before it.
fn pieces(text: &str, mut offset: usize, separators: [char; 2]) -> impl Iterator<Item = Word<'_>> {
    text.split(separators).map(move |piece| {
        let start = offset;
        offset += piece.len() + 1;
        (start, piece)
    })
}

fn lines(text: &str) -> impl Iterator<Item = Word<'_>> {
    pieces(text, 0, LINE_ENDS)
}

/// The words of a line, and an empty one at its end: whatever is missing is missing there.
fn words(start: usize, line: &str) -> Vec<Word<'_>> {
    let words = pieces(line, start, BLANKS).filter(|(_, word)| !word.is_empty());
    words.chain([(start + line.len(), "")]).collect()
}

/// Hands out the words of the first line.
fn first_line<'a>(text: &'a str) -> impl FnMut() -> Word<'a> {
    let mut words = lines(text).next().map_or(Vec::new(), |(start, line)| words(start, line)).into_iter();
    move || words.next().expect("the empty word at the end is an error to all who take it")
}

/// The digits that a word begins with: a number that JSON takes.
fn integer((start, word): Word<'_>) -> Result<&str, Wrong> {
    let digits = &word[..word.len() - word.trim_start_matches(is_digit).len()];
    let wrong = |expected| Err(Wrong { offset: start, expected });
    match digits {
        "" => wrong("expected a digit"),
        "0" => Ok(digits),
        _ if digits.starts_with('0') => wrong("expected a number without a leading zero"),
        _ => Ok(digits),
    }
}

/// Checks that a word ends behind the digits that it begins with.
fn ends_behind((start, word): Word<'_>, digits: &str) -> Result<(), Wrong> {
    let whole = digits.len() == word.len();
    whole.then_some(()).ok_or(Wrong { offset: start + digits.len(), expected: "expected a digit" })
}

fn count(word: Word<'_>) -> Result<u64, Wrong> {
    let digits = integer(word)?;
    ends_behind(word, digits)?;
    digits.parse().map_err(|_| Wrong { offset: word.0, expected: "expected a number below 2^64" })
}

/// Checks that there is no word but the empty one at the end of a line.
fn no_more(word: Option<&Word<'_>>) -> Result<(), Wrong> {
    match word {
        Some((start, word)) if !word.is_empty() => Err(Wrong { offset: *start, expected: "expected a newline" }),
        _ => Ok(()),
    }
}

/// Checks that the last line has its newline, or ends in `kB`, in a point and two more bytes, or in counts of which the
/// first is the sum of the others, in 32 bits.
fn not_cut(text: &str) -> Result<(), Wrong> {
    let last = text.rsplit(LINE_ENDS).next().unwrap_or_default();
    let numbers = &last[last.trim_end_matches(|char| is_digit(char) || BLANKS.contains(&char)).len()..];
    let value = |digits: &str| {
        digits.bytes().fold(0_u32, |value, digit| value.wrapping_mul(10).wrapping_add((digit - b'0').into()))
    };
    let counts: Vec<_> = numbers.split(BLANKS).skip(1).map(value).collect();
    let adds_up = counts.split_first().is_some_and(|(first, others)| {
        *first != 0 && *first == others.iter().fold(0, |sum: u32, count| sum.wrapping_add(*count))
    });
    if last.is_empty() || last.ends_with("kB") || text.bytes().rev().nth(2) == Some(b'.') || adds_up {
        return Ok(());
    }
    Err(Wrong { offset: text.len(), expected: "expected a newline" })
}

/// The counts behind the name of a line.
fn counts(words: &[Word<'_>], least: usize) -> Result<Vec<u64>, Wrong> {
    let [_, counts @ .., (end, _)] = words else { unreachable!("a name, and the empty word at the end") };
    let counts = counts.iter().copied().map(count).collect::<Result<Vec<_>, _>>()?;
    if counts.len() < least { Err(Wrong { offset: *end, expected: "expected a digit" }) } else { Ok(counts) }
}

fn decimal((start, word): Word<'_>) -> Result<&str, Wrong> {
    let point = integer((start, word))?.len();
    let fraction = word[point..].strip_prefix('.');
    let fraction = fraction.ok_or(Wrong { offset: start + point, expected: "expected a decimal point" })?;
    let behind = fraction.trim_start_matches(is_digit);
    if fraction.is_empty() || !behind.is_empty() {
        return Err(Wrong { offset: start + word.len() - behind.len(), expected: "expected a digit" });
    }
    Ok(word)
}
