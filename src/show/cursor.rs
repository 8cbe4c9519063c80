//! A cursor over the JSON of a record.
//!
//! `{"user":14898,"nice":0}` → `user`, `14898`, `nice`, `0`, end
//!
//! Each method gives nothing where the text is no JSON that a record has: objects, lists, strings and numbers. It reads
//! each byte once and calls no other value's reader, so no text can make it run long or deep.

/// A place in a text of JSON.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'t> {
    rest: &'t [u8],
    /// Whether an object or a list has just begun, so that no comma stands before what follows.
    is_first: bool,
}

/// A value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'t> {
    /// The beginning of an object: its entries follow by [`Cursor::key`].
    Object,
    /// The beginning of a list: its elements follow by [`Cursor::element`].
    List,
    /// A string as it stands between its quotes, with its escapes.
    String(&'t [u8]),
    /// A number as it stands there.
    Number(&'t [u8]),
}

impl<'t> Cursor<'t> {
    /// A cursor at the beginning of a text.
    pub const fn new(text: &'t [u8]) -> Self {
        Self { rest: text, is_first: true }
    }

    /// What is not read yet.
    pub const fn rest(&self) -> &'t [u8] {
        self.rest
    }

    /// Whether nothing but blanks follows. Other white space is in no record.
    pub fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        while let [b' ', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Takes this byte, if it is the next one.
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.rest = self.rest.get(1..).unwrap_or_default())
    }

    /// Whether another entry or element follows. Where none does, takes the end of the object or list.
    fn follows(&mut self, end: u8) -> Option<bool> {
        let was_first = core::mem::replace(&mut self.is_first, false);
        if self.peek()? == end {
            self.take(end)?;
            return Some(false);
        }
        if !was_first {
            self.take(b',')?;
        }
        Some(true)
    }

    /// Takes the key of the next entry; an empty inner option behind the last one.
    #[inline(never)]
    pub fn key(&mut self) -> Option<Option<&'t [u8]>> {
        if !self.follows(b'}')? {
            return Some(None);
        }
        let key = self.string()?;
        self.take(b':')?;
        Some(Some(key))
    }

    /// Goes to the value of this key, past the entries before it; nothing where there is none.
    #[inline(never)]
    pub fn find(&mut self, key: &[u8]) -> Option<()> {
        while self.key()?? != key {
            self.skip()?;
        }
        Some(())
    }

    /// Whether another element of a list follows.
    pub fn element(&mut self) -> Option<bool> {
        self.follows(b']')
    }

    /// Takes a value: a string or a number whole, of an object or a list the beginning.
    #[inline(never)]
    pub fn value(&mut self) -> Option<Value<'t>> {
        let first = self.peek()?;
        self.is_first = matches!(first, b'{' | b'[');
        match first {
            b'{' => self.take(b'{').map(|()| Value::Object),
            b'[' => self.take(b'[').map(|()| Value::List),
            b'"' => self.string().map(Value::String),
            _ => self.number().map(Value::Number),
        }
    }

    /// Takes a value whole, and gives nothing of it; nothing where objects and lists are more than 63 deep. Blanks may
    /// stand where pymonitor has them.
    #[inline(never)]
    pub fn skip(&mut self) -> Option<()> {
        self.is_first = false;
        if !matches!(self.peek()?, b'{' | b'[') {
            return self.value().map(|_| ());
        }
        let mut bytes = self.rest.iter();
        let mut byte = *bytes.next()?;
        // The objects and lists around the place: a list is a 1, the innermost one the lowest bit, and above the
        // outermost one stands a 1, as if all were in a list.
        let mut around = 1_u64;
        let mut is_key = false;
        loop {
            match byte {
                b'"' => {
                    skip_string(&mut bytes)?;
                    byte = *bytes.next()?;
                    if is_key {
                        (byte == b':').then_some(())?;
                        is_key = false;
                        byte = next(&mut bytes)?;
                        continue;
                    }
                }
                _ if is_key => return None,
                b'{' | b'[' => {
                    around = around.checked_mul(2)? | u64::from(byte == b'[');
                    is_key = byte == b'{';
                    byte = next(&mut bytes)?;
                    if !matches!(byte, b'}' | b']') {
                        continue;
                    }
                }
                b'0'..=b'9' | b'-' => {
                    while matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
                        byte = *bytes.next()?;
                    }
                }
                _ => return None,
            }
            while byte == if around & 1 == 0 { b'}' } else { b']' } {
                around >>= 1;
                if around == 1 {
                    self.rest = bytes.as_slice();
                    return Some(());
                }
                byte = *bytes.next()?;
            }
            (byte == b',').then_some(())?;
            is_key = around & 1 == 0;
            byte = next(&mut bytes)?;
        }
    }

    #[inline(never)]
    fn string(&mut self) -> Option<&'t [u8]> {
        self.take(b'"')?;
        let mut bytes = self.rest.iter();
        skip_string(&mut bytes)?;
        let string = self.rest.get(..self.rest.len().checked_sub(bytes.len() + 1)?);
        self.rest = bytes.as_slice();
        string
    }

    #[inline(never)]
    fn number(&mut self) -> Option<&'t [u8]> {
        let belongs = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.rest.iter().position(|byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        // Nothing reads a number as one that does not begin with a digit, or a minus sign and that.
        matches!(number, [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..]).then_some(number)
    }
}

/// The next byte that is no blank.
#[inline]
fn next(bytes: &mut core::slice::Iter<'_, u8>) -> Option<u8> {
    bytes.find(|byte| **byte != b' ').copied()
}

/// Goes behind the quote that ends a string. A control character is none of JSON's.
#[inline]
fn skip_string(bytes: &mut core::slice::Iter<'_, u8>) -> Option<()> {
    loop {
        let byte = bytes.next()?;
        // Most are these: small letters.
        if *byte > b'\\' {
            continue;
        }
        match byte {
            b'"' => return Some(()),
            b'\\' => _ = bytes.next().filter(|byte| **byte >= b' ')?,
            ..b' ' => return None,
            _ => {}
        }
    }
}
