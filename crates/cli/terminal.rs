//! The only way by which text reaches a terminal or a pipe: no text can control the terminal.
//!
//! Titles, ids, file names and answers of other systems may contain anything. Characters that a terminal or a
//! reader's eye would obey instead of showing (ESC and the other control characters, changes of direction, characters
//! without width) are written as `\\uXXXX`. JSON writes them the same way, so its values do not change. Colours come
//! from [`Ink`] only: it writes marks that contain a random number of this process, so no text from outside can pass
//! for one.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};

/// Writes a line to standard error, with the arguments of `format!`. Write errors are ignored.
macro_rules! tell {
    ($($text:tt)*) => { $crate::terminal::eprint_line(format_args!($($text)*)) };
}

/// Standard output.
pub(crate) fn stdout() -> Clean<anstream::AutoStream<io::Stdout>> {
    Clean::new(anstream::stdout())
}

/// Implementation of [`tell!`].
pub(crate) fn eprint_line(text: fmt::Arguments<'_>) {
    let mut out = Clean::new(anstream::stderr());
    let _ = writeln!(out, "{text}");
}

/// Style of the program's own text; `{ink}` begins it and `{ink:#}` ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Bold,
    Dim,
    Green,
    Red,
    Yellow,
    Cyan,
    BoldGreen,
    BoldRed,
    BoldYellow,
}

impl Ink {
    const ALL: [Self; 9] = [
        Self::Bold,
        Self::Dim,
        Self::Green,
        Self::Red,
        Self::Yellow,
        Self::Cyan,
        Self::BoldGreen,
        Self::BoldRed,
        Self::BoldYellow,
    ];

    fn style(self) -> Style {
        match self {
            Self::Bold => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Green => AnsiColor::Green.on_default(),
            Self::Red => AnsiColor::Red.on_default(),
            Self::Yellow => AnsiColor::Yellow.on_default(),
            Self::Cyan => AnsiColor::Cyan.on_default(),
            Self::BoldGreen => AnsiColor::Green.on_default().bold(),
            Self::BoldRed => AnsiColor::Red.on_default().bold(),
            Self::BoldYellow => AnsiColor::Yellow.on_default().bold(),
        }
    }
}

impl fmt::Display for Ink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = Self::ALL.iter().position(|ink| ink == self).unwrap_or_default();
        let end = if f.alternate() { 1 } else { 0 };
        write!(f, "{OPEN}{}{place}{end}", nonce())
    }
}

/// First character of a mark: a noncharacter, which no valid text contains. The nonce of this process follows, the
/// index of the ink, and whether it ends.
const OPEN: char = '\u{fdd0}';
const NONCE_LENGTH: usize = 16;

/// Random number known to this process only.
fn nonce() -> &'static str {
    static NONCE: OnceLock<String> = OnceLock::new();
    NONCE.get_or_init(|| format!("{:016x}", RandomState::new().build_hasher().finish()))
}

/// Writer that escapes control characters: see the module.
pub(crate) struct Clean<W: Write> {
    inner: W,
    /// Beginning of a character or mark whose end has not been written yet.
    pending: Vec<u8>,
}

impl<W: Write> Clean<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, pending: Vec::new() }
    }

    /// Writes all complete characters; at the `end` everything.
    fn pass(&mut self, end: bool) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.pending);
        let mut clean = String::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (text, behind) = match std::str::from_utf8(rest) {
                Ok(text) => (text, &[][..]),
                Err(error) => {
                    let (sound, behind) = rest.split_at(error.valid_up_to());
                    (std::str::from_utf8(sound).unwrap_or_default(), behind)
                }
            };
            if let Some(begun) = show(text, &mut clean, end || !behind.is_empty()) {
                self.pending = begun.as_bytes().to_vec();
                break;
            }
            match std::str::from_utf8(behind).err().map(|error| error.error_len()) {
                None => break,
                // A character is split; the next call brings its end.
                Some(None) if !end => {
                    self.pending = behind.to_vec();
                    break;
                }
                Some(length) => {
                    clean.push(char::REPLACEMENT_CHARACTER);
                    rest = behind.get(length.unwrap_or(behind.len())..).unwrap_or_default();
                }
            }
        }
        self.inner.write_all(clean.as_bytes())
    }
}

/// Appends a text with its control characters escaped. Returns the beginning of a mark cut off at the end of the
/// text, unless `end` is set.
fn show<'a>(text: &'a str, clean: &mut String, end: bool) -> Option<&'a str> {
    let mut rest = text;
    while let Some(place) = rest.find(needs_escape) {
        let (sound, behind) = rest.split_at(place);
        clean.push_str(sound);
        let mut letters = behind.chars();
        let letter = letters.next()?;
        rest = letters.as_str();
        if letter == OPEN {
            if let Some((style, more)) = mark(rest) {
                clean.push_str(&style);
                rest = more;
                continue;
            }
            if !end
                && rest.len() < NONCE_LENGTH + 2
                && nonce().starts_with(rest.get(..NONCE_LENGTH).unwrap_or(rest))
            {
                return Some(behind);
            }
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            clean.push_str(&format!("\\u{unit:04x}"));
        }
    }
    clean.push_str(rest);
    None
}

/// Style of a mark, and the text after it.
fn mark(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix(nonce())?;
    let mut letters = rest.chars();
    let place = letters.next()?.to_digit(10)?;
    let ends = letters.next()? == '1';
    let style = Ink::ALL.get(usize::try_from(place).ok()?)?.style();
    let written = if ends { format!("{style:#}") } else { format!("{style}") };
    Some((written, letters.as_str()))
}

/// True if a terminal or a reader's eye would obey a character instead of showing it.
fn needs_escape(letter: char) -> bool {
    match letter {
        '\n' | '\t' => false,
        _ if letter.is_control() => true,
        // Arabic letter mark, Mongolian vowel separator, zero widths and marks of direction, separators, embeddings, isolates,
        // invisible operators, byte order mark, annotations, noncharacters, tags.
        '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' => true,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

impl<W: Write> Write for Clean<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        self.pass(false)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> Drop for Clean<W> {
    fn drop(&mut self) {
        // `drop` cannot return an error; the same writer reported it at the last call.
        let _ = self.pass(true).and_then(|()| self.inner.flush());
    }
}

#[cfg(test)]
#[path = "terminal/tests.rs"]
mod tests;
