//! Delimiter of a text table: commas, tabs, semicolons, bars and the wide comma, detected from the first lines.

use std::io::Read;

/// Separator of the cells of a text table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    /// A character of one byte.
    Byte(u8),
    /// A wide sign, which is written as [`SUBSTITUTE`] before the text is split.
    Wide(char),
}

/// Byte that replaces a wide delimiter while a text is split: the unit separator, which no table uses.
pub(crate) const SUBSTITUTE: u8 = 0x1f;

/// Signs that are tried, in order of preference.
const SIGNS: [char; 6] = [',', '\t', ';', '|', '，', '；'];

impl Delimiter {
    fn of(sign: char) -> Self {
        u8::try_from(sign).ok().filter(u8::is_ascii).map_or(Self::Wide(sign), Self::Byte)
    }

    /// Byte at which records are split.
    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Byte(byte) => byte,
            Self::Wide(_) => SUBSTITUTE,
        }
    }
}

/// Delimiter that a first line `sep=;` declares, as spreadsheets understand it.
pub(crate) fn declared(text: &str) -> Option<Delimiter> {
    let line = text.lines().next()?.trim_matches(['"', '\u{feff}']);
    let (word, sign) = line.split_at_checked(4)?;
    let mut signs = sign.chars();
    let sign = signs.next().filter(|_| word.eq_ignore_ascii_case("sep="))?;
    // `sep=,` is often padded with commas of its own.
    signs.all(|more| matches!(more, ',' | ';' | '"')).then(|| Delimiter::of(sign))
}

/// Delimiter of a table that begins with `text`: of the signs in its first line the one most frequent there, weighed by how many
/// of the lines below have as many. A first line without any is a title, and the lines below decide.
pub(crate) fn detected(text: &str) -> Delimiter {
    const LINES: usize = 20;
    let lines = counts(text.trim_start(), LINES);
    let Some((first, below)) = lines.split_first() else { return Delimiter::Byte(b',') };
    let score = |sign: usize| {
        let at = |line: &[usize; SIGNS.len()]| line.get(sign).copied().unwrap_or(0);
        let own = at(first);
        if first.iter().any(|count| *count > 0) {
            let same = below.iter().filter(|line| at(line) == own).count();
            return own * (1 + same);
        }
        // The most frequent count of the lines below a title.
        let most =
            below.iter().map(|line| below.iter().filter(|other| at(other) == at(line)).count() * at(line));
        most.max().unwrap_or(0)
    };
    // Of equal scores the first sign, the comma, counts.
    let best = (0..SIGNS.len()).rev().max_by_key(|sign| score(*sign)).unwrap_or(0);
    SIGNS.get(best).copied().map_or(Delimiter::Byte(b','), Delimiter::of)
}

/// Number of occurrences of each sign outside quotes, by line.
fn counts(text: &str, lines: usize) -> Vec<[usize; SIGNS.len()]> {
    let mut all = Vec::new();
    let mut line = [0; SIGNS.len()];
    let (mut quoted, mut empty) = (false, true);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '\n' | '\r' if !quoted => {
                if !empty {
                    all.push(line);
                }
                if all.len() == lines {
                    return all;
                }
                (line, empty) = ([0; SIGNS.len()], true);
                continue;
            }
            c if !quoted => {
                if let Some(count) =
                    SIGNS.iter().position(|sign| *sign == c).and_then(|sign| line.get_mut(sign))
                {
                    *count += 1;
                }
            }
            _ => {}
        }
        empty = false;
    }
    if !empty {
        all.push(line);
    }
    all
}

/// UTF-8 text with a wide sign written as [`SUBSTITUTE`].
pub(crate) struct Narrowed<R> {
    inner: R,
    sign: Vec<u8>,
    /// Bytes that may begin the sign and wait for the next part.
    waiting: Vec<u8>,
    /// Bytes to hand out, and how many have been.
    ready: Vec<u8>,
    given: usize,
}

impl<R: Read> Narrowed<R> {
    pub(crate) fn new(inner: R, sign: char) -> Self {
        let sign = sign.to_string().into_bytes();
        Self { inner, sign, waiting: Vec::new(), ready: Vec::new(), given: 0 }
    }

    fn fill(&mut self) -> std::io::Result<()> {
        let mut part = vec![0; 1 << 16];
        let read = self.inner.read(&mut part)?;
        self.ready.clear();
        self.given = 0;
        let mut bytes = std::mem::take(&mut self.waiting);
        bytes.extend_from_slice(part.get(..read).unwrap_or_default());
        let mut rest = bytes.as_slice();
        while let Some((byte, following)) = rest.split_first() {
            if let Some(following) = rest.strip_prefix(self.sign.as_slice()) {
                self.ready.push(SUBSTITUTE);
                rest = following;
            } else if read > 0 && self.sign.starts_with(rest) {
                self.waiting = rest.to_vec();
                break;
            } else {
                self.ready.push(*byte);
                rest = following;
            }
        }
        // A part that is all waiting gives nothing yet, which is not the end.
        if self.ready.is_empty() && read > 0 { self.fill() } else { Ok(()) }
    }
}

impl<R: Read> Read for Narrowed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.given == self.ready.len() {
            self.fill()?;
        }
        let left = self.ready.get(self.given..).unwrap_or_default();
        let count = left.len().min(buffer.len());
        let (Some(to), Some(from)) = (buffer.get_mut(..count), left.get(..count)) else { return Ok(0) };
        to.copy_from_slice(from);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiter_is_detected() {
        for (text, sign) in [
            ("id,name\n1;2;3;4", ','),
            ("id\tname,x\tb", '\t'),
            ("id;\"a,b,c,d\";x", ';'),
            ("id", ','),
            ("\"a\nb;c\";d", ';'),
            ("id|name|employees\nA|甲|12", '|'),
            ("id，name，employees\nA，甲，12", '，'),
            ("id；name\nA；甲", '；'),
            ("id,营业收入（万元，2025），x\nA,1", ','),
            ("某市企业名单\nid|name\nA|甲\n", '|'),
            ("id,name\nA,甲|乙|丙|丁\n", ','),
        ] {
            assert_eq!(detected(text), Delimiter::of(sign), "{text}");
        }
    }

    #[test]
    fn first_line_may_declare_the_delimiter() {
        assert_eq!(declared("sep=;\nid;name"), Some(Delimiter::Byte(b';')));
        assert_eq!(declared("\"sep=|\"\r\nid|name"), Some(Delimiter::Byte(b'|')));
        assert_eq!(declared("SEP=,,,\nid,name"), Some(Delimiter::Byte(b',')));
        assert_eq!(declared("sep=，\nid"), Some(Delimiter::Wide('，')));
        for text in ["", "sep", "separator\nx", "sep=a b\nx", "id,name"] {
            assert_eq!(declared(text), None, "{text}");
        }
    }

    #[test]
    fn a_wide_sign_is_substituted_across_parts() {
        struct Small<'a>(&'a [u8]);
        impl Read for Small<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let count = self.0.len().min(1).min(buffer.len());
                buffer[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let mut out = Vec::new();
        Narrowed::new(Small("甲，乙，，丙\u{ff0d}".as_bytes()), '，').read_to_end(&mut out).unwrap();
        assert_eq!(out, "甲\u{1f}乙\u{1f}\u{1f}丙\u{ff0d}".as_bytes());
        let mut cut = Vec::new();
        Narrowed::new(&"，".as_bytes()[..2], '，').read_to_end(&mut cut).unwrap();
        assert_eq!(cut, &"，".as_bytes()[..2]);
    }
}
