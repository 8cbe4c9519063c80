//! Options of a command line: a row each → the text of `--help`, and a table that finds them in that text.
//!
//! `("--keep-files", "N", "keep the logs of …", …)` → `  --keep-files N    keep the logs of …␊`
//!
//! A row is all there is of an option. The compiler makes both of the rows, so that a program has no more than the
//! help, and 16 bytes of each option.

/// An option: its name; what stands for its value in the help, or nothing for a switch; what the help says; and what
/// puts a value in its place, or tells what is wrong with it.
pub type Row<Set> = (&'static str, &'static str, &'static str, Set);

/// An option, as the program knows it.
#[derive(Clone, Copy, Debug)]
pub struct Known<Set> {
    /// Where its name begins in the help, and the length of the name.
    at: u16,
    length: u8,
    takes_value: bool,
    /// A bit of its own, in a set of options.
    pub bit: u32,
    /// Puts its value in its place.
    pub set: Set,
}

/// The width of a name with its value in the help.
const BLANKS: &str = "                    ";

/// The help in the beginning of an array of this size, its length, and as many options as there are rows. The help is
/// the text before the options, their rows, and the texts behind them.
#[expect(clippy::cast_possible_truncation, reason = "the help is a screen, and a name less than a line")]
pub const fn table<Set: Copy, const BYTES: usize, const COUNT: usize>(
    before: &str,
    mut rows: &[Row<Set>],
    mut behind: &[&str],
    no_row: Set,
) -> ([u8; BYTES], usize, [Known<Set>; COUNT]) {
    let mut help = [0; BYTES];
    let mut options = [Known { at: 0, length: 0, takes_value: false, bit: 0, set: no_row }; COUNT];
    let (mut rest, mut places) = (add(&mut help, before), options.as_mut_slice());
    while let ([(name, value, what, set), other_rows @ ..], [place, other_places @ ..]) = (rows, places) {
        rest = add(rest, "  ");
        let (at, takes_value, bit) = (BYTES - rest.len(), !value.is_empty(), 1 << other_rows.len());
        *place = Known { at: at as u16, length: name.len() as u8, takes_value, bit, set: *set };
        rest = add(add(add(rest, name), " "), value);
        let (_, blanks) = BLANKS.split_at(BYTES - rest.len() - at);
        rest = add(add(add(rest, blanks), what), "\n");
        (rows, places) = (other_rows, other_places);
    }
    while let [text, others @ ..] = behind {
        (rest, behind) = (add(rest, text), others);
    }
    let length = BYTES - rest.len();
    (help, length, options)
}

/// Puts a text into the beginning of `room`, and gives what is behind it.
const fn add<'r>(room: &'r mut [u8], text: &str) -> &'r mut [u8] {
    let (place, rest) = room.split_at_mut(text.len());
    place.copy_from_slice(text.as_bytes());
    rest
}

/// The option that an argument names, its value, and whether that is the next argument: `--option value` and
/// `--option=value` are the same.
///
/// # Errors
/// What is wrong with the argument.
pub fn find<'a, Set>(
    help: &[u8],
    options: &'static [Known<Set>],
    argument: &'a [u8],
    others: &mut impl Iterator<Item = &'a [u8]>,
) -> Result<(&'static Known<Set>, &'a [u8], bool), &'static str> {
    let length = argument.iter().position(|byte| *byte == b'=').unwrap_or(argument.len());
    let (name, rest) = argument.split_at_checked(length).unwrap_or_default();
    let attached = rest.get(1..);
    let option = named(help, options, name);
    let option = option.ok_or(if matches!(name, [b'-', _, ..]) { "no such option" } else { "not an option" })?;
    let value = match attached {
        Some(_) if !option.takes_value => return Err("takes no value"),
        None if option.takes_value => others.next().filter(|next| !next.starts_with(b"--")).ok_or("needs a value")?,
        _ => attached.unwrap_or_default(),
    };
    Ok((option, value, option.takes_value && attached.is_none()))
}

/// The option of this name. A function of its own: inlined by hand it makes procline 94 bytes larger.
fn named<Set>(help: &[u8], options: &'static [Known<Set>], name: &[u8]) -> Option<&'static Known<Set>> {
    options.iter().find(|option| {
        let start = usize::from(option.at);
        help.get(start..start + usize::from(option.length)) == Some(name)
    })
}
