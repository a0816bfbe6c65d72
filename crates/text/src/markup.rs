//! HTML as tags and characters, each with its place in the source.
//!
//! html5ever reads the page; it does not say where in the source a piece of text stood. The places are found
//! again by walking the source beside the tokens: a tag passes the tag, a character the same character or the
//! reference (`&nbsp;`) that represents it. A character that cannot be found keeps an empty place; it is
//! never dropped.

use std::cell::RefCell;
use std::ops::Range;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use zhaoren_cancel::{poll, steps};

/// Visitor of a page from start to end.
pub trait Visitor {
    /// A start tag, with its attributes, and whether it closes itself. Names are in lower case.
    fn start(&mut self, name: &str, attributes: &[(String, String)], closes: bool);

    /// An end tag.
    fn end(&mut self, name: &str);

    /// A character of text, and the bytes of the source that it was read from.
    fn character(&mut self, c: char, place: Range<usize>);
}

/// Goes through a page.
pub fn visit(source: &str, visitor: &mut dyn Visitor) {
    let sink = Sink { walk: RefCell::new(Walk::new(source)), visitor: RefCell::new(visitor) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(source));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
}

/// Maximum number of characters of unknown references that are skipped in search of the next known one.
const NEAR: usize = 40;

/// Maximum number of times that the whole page is searched for markup that the tokenizer saw and the walk does not find: a tag
/// with a broken name. After that, markup is only looked for at the position of the walk.
const SEARCHED: usize = 8;

struct Sink<'a> {
    walk: RefCell<Walk<'a>>,
    visitor: RefCell<&'a mut dyn Visitor>,
}

/// A walk through the source beside the tokens.
struct Walk<'a> {
    source: &'a str,
    /// Offset in the source that the walk has reached.
    cursor: usize,
    /// Number of bytes that may still be searched for markup that is not at the position of the walk.
    budget: usize,
}

/// Elements whose content is no markup, and how it is read.
fn raw(name: &str) -> Option<RawKind> {
    match name {
        "script" => Some(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(RawKind::Rawtext),
        "title" | "textarea" => Some(RawKind::Rcdata),
        _ => None,
    }
}

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut walk = self.walk.borrow_mut();
        let mut visitor = self.visitor.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                walk.pass(&format!("<{}", tag.name));
                let attributes: Vec<(String, String)> = tag
                    .attrs
                    .iter()
                    .map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()))
                    .collect();
                visitor.start(&tag.name, &attributes, tag.self_closing);
                if let Some(kind) = raw(&tag.name).filter(|_| !tag.self_closing) {
                    return TokenSinkResult::RawData(kind);
                }
            }
            Token::TagToken(tag) => {
                walk.pass(&format!("</{}", tag.name));
                visitor.end(&tag.name);
            }
            Token::CharacterTokens(text) => {
                for c in text.chars() {
                    poll();
                    let (start, end) = walk.locate(c);
                    walk.cursor = end;
                    visitor.character(c, start..end);
                }
            }
            Token::NullCharacterToken => {
                let (start, end) = walk.locate('\u{fffd}');
                walk.cursor = end;
                visitor.character('\u{fffd}', start..end);
            }
            Token::CommentToken(_) => walk.pass("<!"),
            Token::DoctypeToken(_) => walk.pass("<!doctype"),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl<'a> Walk<'a> {
    fn new(source: &'a str) -> Self {
        Self { source, cursor: 0, budget: source.len().saturating_mul(SEARCHED) }
    }

    /// Moves past the next markup that begins with `opening`, in any case of letters.
    fn pass(&mut self, opening: &str) {
        let rest = self.source.get(self.cursor..).unwrap_or_default();
        let is_here = |at: usize| {
            rest.get(at..at + opening.len()).is_some_and(|head| head.eq_ignore_ascii_case(opening))
        };
        let most = self.budget;
        let found = if is_here(0) {
            Some(0)
        } else {
            rest.match_indices('<').map(|(at, _)| at).take_while(|at| *at < most).find(|at| is_here(*at))
        };
        let looked = found.unwrap_or(rest.len().min(most));
        self.budget -= looked;
        steps(1 + looked as u64);
        if let Some(at) = found {
            let (length, looked) = tag_length(rest.get(at..).unwrap_or_default(), self.budget);
            // A tag that ends is passed over once; one that does not is looked through again at the next.
            self.budget = self.budget.saturating_sub(looked);
            steps(looked as u64);
            self.cursor += at + length;
        }
    }

    /// Span of the source text that reads `c`; empty if it is not near.
    fn locate(&self, c: char) -> (usize, usize) {
        let at = self.cursor;
        let rest = self.source.get(at..).unwrap_or_default();
        let next = rest.chars().next();
        if next == Some('&')
            && let Some((decoded, length)) = reference(rest)
            && decoded.is_none_or(|decoded| decoded == c)
        {
            return (at, at + length);
        }
        match next {
            Some(same) if same == c => (at, at + c.len_utf8()),
            Some('\r') if c == '\n' => (at, at + if rest.starts_with("\r\n") { 2 } else { 1 }),
            Some('\0') if c == '\u{fffd}' => (at, at + 1),
            _ => {
                let near = rest.char_indices().take(NEAR).find(|(_, other)| *other == c);
                near.map_or((at, at), |(skip, _)| (at + skip, at + skip + c.len_utf8()))
            }
        }
    }
}

/// The length of the tag or comment at the start of `text`, looked for in its first `limit` bytes, and how many of these were
/// looked at. The length is 1 when it is none.
fn tag_length(text: &str, limit: usize) -> (usize, usize) {
    if text.starts_with("<!--") {
        let length = text.find("-->").map_or(text.len(), |at| at + 3);
        return (length, length);
    }
    let mut quote = None;
    let mut before = '<';
    for (at, c) in text.char_indices().skip(1).take_while(|(at, _)| *at < limit.max(NEAR)) {
        match (quote, c) {
            (None, '>') => return (at + 1, at + 1),
            (None, '"' | '\'') if before == '=' => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        before = c;
    }
    (1, text.len().min(limit))
}

/// The character that a reference at the start of `text` represents, and the length of the reference. The named
/// ones are those that Chinese pages use; for others, which the tokenizer decodes, only the length is returned.
fn reference(text: &str) -> Option<(Option<char>, usize)> {
    // The longest name has 31 letters; without a semicolon there it is none, however far the next one is.
    let end = text.bytes().take(33).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "nbsp" => '\u{a0}',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "middot" => '·',
        "emsp" => '\u{2003}',
        "ensp" => '\u{2002}',
        "times" => '×',
        _ if !name.starts_with('#') => {
            let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
            return named.then_some((None, end + 1));
        }
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((Some(c), end + 1))
}
