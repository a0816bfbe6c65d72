//! HTML to text, with an offset map to the page's source.
//!
//! html5ever parses the page but reports no source positions. They are recovered by scanning the source in parallel
//! with the tokens: a tag matches the tag, a character the same character or the reference (`&nbsp;`) that denotes it.
//! A character that cannot be located gets an empty source range; it is never dropped.

use std::cell::RefCell;
use std::collections::HashMap;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use zhaoren_cancel::{poll, steps};

use crate::offsets::OffsetMap;

/// True if a text is an HTML page or a fragment of one, rather than plain text with a stray tag.
pub fn looks_like_html(text: &str) -> bool {
    let head: String = text.trim_start().chars().take(300).collect::<String>().to_ascii_lowercase();
    if head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || head.contains("<head>")
        || head.contains("<body")
    {
        return true;
    }
    let opened = ["<p>", "<p ", "<div", "<br", "<span", "<table", "<td", "<li"];
    opened.iter().map(|tag| text.matches(tag).count()).sum::<usize>() >= 3 && text.contains("</")
}

/// Text of a page: one line per block, without scripts, styles and navigation.
pub fn html_to_text(source: &str) -> (String, OffsetMap) {
    let sink = Sink { state: RefCell::new(State::new(source)) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(source));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.state.into_inner().finish()
}

/// Elements whose content is not part of the text.
const HIDDEN: [&str; 7] = ["script", "style", "nav", "head", "noscript", "template", "svg"];
/// Block elements: they begin and end a line.
const BLOCKS: [&str; 26] = [
    "p",
    "div",
    "br",
    "li",
    "ul",
    "ol",
    "table",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "header",
    "footer",
    "blockquote",
    "pre",
    "dl",
    "dt",
    "dd",
    "body",
    "form",
    "title",
];

/// Maximum number of characters skipped to find the next character of the text in the source, past unknown references.
const NEAR: usize = 40;

/// Search budget for markup that the tokenizer reports and the scan does not find (a tag with a broken name), as a multiple
/// of the page's length. When it is used up, markup is only looked for at the scan position.
const SEARCHED: usize = 8;

struct Sink<'a> {
    state: RefCell<State<'a>>,
}

struct State<'a> {
    source: &'a str,
    /// Scan position in the source.
    cursor: usize,
    out: String,
    map: OffsetMap,
    /// Number of source bytes covered by the map.
    mapped: usize,
    /// Remaining search budget, in bytes.
    budget: usize,
    /// Open elements whose content is not part of the text, innermost last, and their number by name.
    hidden: Vec<String>,
    open: HashMap<String, usize>,
    /// True if a line break is due before the next character.
    break_due: bool,
    /// True if a space is due before the next character.
    space_due: bool,
}

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let name = tag.name.to_string();
                state.pass(&if tag.kind == TagKind::StartTag {
                    format!("<{name}")
                } else {
                    format!("</{name}")
                });
                if name == "body" && tag.kind == TagKind::StartTag {
                    // The end tag of the head is optional.
                    state.hidden.clear();
                    state.open.clear();
                }
                let opens = tag.kind == TagKind::StartTag && !tag.self_closing;
                if HIDDEN.contains(&name.as_str()) {
                    state.hide(&name, opens);
                    if name == "script" && opens {
                        return TokenSinkResult::RawData(html5ever::tokenizer::states::RawKind::ScriptData);
                    }
                    if name == "style" && opens {
                        return TokenSinkResult::RawData(html5ever::tokenizer::states::RawKind::Rawtext);
                    }
                }
                state.break_due |= BLOCKS.contains(&name.as_str());
                state.space_due |= name == "td" || name == "th";
            }
            Token::CharacterTokens(text) => state.text(&text),
            Token::NullCharacterToken => state.text("\u{fffd}"),
            Token::CommentToken(_) => state.pass("<!"),
            Token::DoctypeToken(_) => state.pass("<!doctype"),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl<'a> State<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            cursor: 0,
            out: String::new(),
            map: OffsetMap::default(),
            mapped: 0,
            budget: source.len().saturating_mul(SEARCHED),
            hidden: Vec::new(),
            open: HashMap::new(),
            break_due: false,
            space_due: false,
        }
    }

    fn hide(&mut self, name: &str, opens: bool) {
        if opens {
            self.hidden.push(name.to_owned());
            *self.open.entry(name.to_owned()).or_default() += 1;
        } else if self.open.get(name).is_some_and(|count| *count > 0) {
            // Only elements closed with it are popped, so that an unmatched end tag costs nothing.
            while let Some(inner) = self.hidden.pop() {
                poll();
                self.open.entry(inner.clone()).and_modify(|count| *count -= 1);
                if inner == name {
                    break;
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            poll();
            let (start, end) = self.locate(c);
            self.cursor = end;
            if self.hidden.is_empty() {
                self.emit(c, start, end);
            }
        }
    }

    /// Moves past the next markup that begins with `opening`, case-insensitively.
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
            // A complete tag is scanned once; an incomplete one is scanned again at the next.
            self.budget = self.budget.saturating_sub(looked);
            steps(looked as u64);
            self.cursor += at + length;
        }
    }

    /// Source range of character `c`; empty if it is not near.
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

    fn emit(&mut self, c: char, start: usize, end: usize) {
        if c.is_whitespace() && c != '\u{3000}' && c != '\u{2003}' {
            if c == '\n' && self.out.ends_with(|last: char| !last.is_ascii()) {
                // A line break in the source between two Han characters is not rendered.
                return;
            }
            self.space_due |= !self.out.is_empty();
            return;
        }
        let due = match (self.break_due, self.space_due) {
            _ if self.out.is_empty() => None,
            (true, _) => Some('\n'),
            (false, true) => Some(' '),
            (false, false) => None,
        };
        (self.break_due, self.space_due) = (false, false);
        // The gap in the source is mapped to the break, or to nothing.
        if let Some(due) = due {
            self.out.push(due);
        }
        self.map.push(usize::from(due.is_some()), start.saturating_sub(self.mapped), None);
        self.out.push(c);
        let even = c.len_utf8() == end - start;
        self.map.push(c.len_utf8(), end - start, even.then_some((1, 1)));
        self.mapped = end;
    }

    fn finish(mut self) -> (String, OffsetMap) {
        self.map.push(0, self.source.len().saturating_sub(self.mapped), None);
        (self.out, self.map)
    }
}

/// Length of the tag or comment at the start of `text`, searched in its first `most` bytes, and the number of bytes
/// examined. The length is 1 if there is no tag.
fn tag_length(text: &str, most: usize) -> (usize, usize) {
    if text.starts_with("<!--") {
        let length = text.find("-->").map_or(text.len(), |at| at + 3);
        return (length, length);
    }
    let mut quote = None;
    let mut before = '<';
    for (at, c) in text.char_indices().skip(1).take_while(|(at, _)| *at < most.max(NEAR)) {
        match (quote, c) {
            (None, '>') => return (at + 1, at + 1),
            (None, '"' | '\'') if before == '=' => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        before = c;
    }
    (1, text.len().min(most))
}

/// Character denoted by a reference at the start of `text`, and the length of the reference. Named references are those
/// used in Chinese pages; for others, which the tokenizer decodes, only the length is returned.
fn reference(text: &str) -> Option<(Option<char>, usize)> {
    // The longest name has 31 letters; without a semicolon within that length there is no reference.
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

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!DOCTYPE html><html><head><title>标题</title><style>p{color:red}</style></head><body>\
        <nav>首页</nav><p title=\"a>b\">第一条&nbsp;为支持<b>企业</b>发展，</p>\n<p>第二条 &ldquo;免申即享&rdquo;</p>\
        <script>var x = '<p>不是正文</p>';</script><table><tr><td>甲</td><td>乙</td></tr></table></body></html>";

    #[test]
    fn keeps_the_text_and_drops_the_rest() {
        let (text, _) = html_to_text(PAGE);
        assert_eq!(text, "第一条 为支持企业发展，\n第二条 “免申即享”\n甲 乙");
        assert!(looks_like_html(PAGE));
        assert!(!looks_like_html("专项整治。</p>\n 10.办理破产"));
    }

    #[test]
    fn places_are_those_of_the_source() {
        let (text, map) = html_to_text(PAGE);
        for word in ["支持", "免申即享", "乙", "第二条"] {
            let at = text.find(word).unwrap();
            assert_eq!(PAGE.get(map.to_source(at..at + word.len())), Some(word));
        }
        let quote = text.find('“').unwrap();
        assert_eq!(PAGE.get(map.to_source(quote..quote + 3)), Some("&ldquo;"));
        let across = text.find("持企").unwrap();
        assert_eq!(PAGE.get(map.to_source(across..across + 6)), Some("持<b>企"));
    }

    #[test]
    fn references_of_every_kind_keep_what_follows() {
        for (page, want) in [
            ("<p>甲&bull;乙•丙</p>", "甲•乙•丙"),
            ("<p>面积&ge;100㎡&copy 甲</p>", "面积≥100㎡© 甲"),
            ("<b>若</b>&lt;b&gt;甲", "若<b>甲"),
            ("<head><title>题</title><body><p>甲</p>", "甲"),
            ("<!-- <p>不是</p> --><P CLASS='x'>甲</P>", "甲"),
        ] {
            let (text, map) = html_to_text(page);
            assert_eq!(text, want);
            let at = text.rfind('甲').unwrap();
            let place = map.to_source(at..at + 3);
            assert_eq!(
                (page.get(place.clone()), place.start),
                (Some("甲"), page.rfind('甲').unwrap()),
                "{page}"
            );
        }
    }

    #[test]
    fn rubbish_is_no_trouble() {
        for text in
            ["", "<", "<p", "<<<>>>", "&;&&#x;&#99999999;", "<script>never closed", "<!-- never closed"]
        {
            let (out, map) = html_to_text(text);
            assert!(map.to_source(0..out.len()).end <= text.len());
        }
    }
}
