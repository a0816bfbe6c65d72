//! RTF as a stream of tokens: braces, control words and symbols, bytes of text.

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// A control word and its number.
    Word(&'a str, Option<i32>),
    /// A control symbol, such as `\~` or `\*`.
    Symbol(u8),
    /// A byte as `\'xx`.
    Hex(u8),
    /// Bytes of text without line ends.
    Text(&'a [u8]),
}

/// The tokens of a file, each with the place of its first byte.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Letters of the longest control word.
const WORD: usize = 32;
/// Digits of the longest number.
const NUMBER: usize = 10;

impl<'a> Tokens<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The place of the next token.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// How many bytes from `ahead` on, at most `limit`, fulfil a condition.
    fn run(&self, ahead: usize, limit: usize, is: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(self.at + ahead..).unwrap_or_default();
        rest.iter().take(limit).take_while(|byte| is(**byte)).count()
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let first = self.peek(1)?;
        if first == b'\'' {
            let digit = |ahead: usize| self.peek(ahead).and_then(|byte| char::from(byte).to_digit(16));
            if let (Some(high), Some(low)) = (digit(2), digit(3)) {
                self.at += 4;
                return u8::try_from(high * 16 + low).ok().map(Token::Hex);
            }
            self.at += 2;
            return Some(Token::Symbol(b'\''));
        }
        if !first.is_ascii_alphabetic() {
            self.at += 2;
            return Some(Token::Symbol(first));
        }
        let letters = self.run(1, WORD, |byte| byte.is_ascii_alphabetic());
        let start = self.at + 1;
        let word = self.bytes.get(start..start + letters).and_then(|word| std::str::from_utf8(word).ok())?;
        let sign = usize::from(self.peek(1 + letters) == Some(b'-'));
        let digits = self.run(1 + letters + sign, NUMBER, |byte| byte.is_ascii_digit());
        let mut end = start + letters;
        let mut number = None;
        if digits > 0 {
            let text =
                self.bytes.get(end..end + sign + digits).and_then(|text| std::str::from_utf8(text).ok());
            // A number that is too large for its type is as large as can be.
            let value = text.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
            let value = value.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
            number = i32::try_from(value).ok();
            end += sign + digits;
        }
        // One blank ends a control word and belongs to it.
        self.at = end + usize::from(self.bytes.get(end) == Some(&b' '));
        if word == "bin" {
            self.at = self
                .at
                .saturating_add(usize::try_from(number.unwrap_or(0)).unwrap_or(0))
                .min(self.bytes.len());
        }
        Some(Token::Word(word, number))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            match self.peek(0)? {
                b'{' => {
                    self.at += 1;
                    return Some(Token::Open);
                }
                b'}' => {
                    self.at += 1;
                    return Some(Token::Close);
                }
                b'\\' => return self.control(),
                b'\r' | b'\n' | b'\0' => self.at += 1,
                _ => {
                    let special = |byte: u8| matches!(byte, b'{' | b'}' | b'\\' | b'\r' | b'\n' | b'\0');
                    let length = self.run(0, usize::MAX, |byte| !special(byte));
                    let text = self.bytes.get(self.at..self.at + length).unwrap_or_default();
                    self.at += length;
                    return Some(Token::Text(text));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_words_symbols_and_bytes_are_distinguished() {
        let tokens: Vec<Token<'_>> =
            Tokens::new(b"{\\u-3913?\\'b5\\'da\\~x\r\ny\\bin3 a}b\\v0 \\f99999999999 }", 0).collect();
        let expected = [
            Token::Open,
            Token::Word("u", Some(-3913)),
            Token::Text(b"?"),
            Token::Hex(0xB5),
            Token::Hex(0xDA),
            Token::Symbol(b'~'),
            Token::Text(b"x"),
            Token::Text(b"y"),
            Token::Word("bin", Some(3)),
            Token::Word("v", Some(0)),
            Token::Word("f", Some(i32::MAX)),
            Token::Text(b"9 "),
            Token::Close,
        ];
        assert_eq!(tokens, expected);
    }

    #[test]
    fn incomplete_input_ends_the_tokens() {
        for text in [&b"\\"[..], b"\\'", b"\\'b", b"{\\pard", b"\\bin99 a"] {
            assert!(Tokens::new(text, 0).count() <= 3);
        }
    }
}
