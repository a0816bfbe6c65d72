//! HTML to text, with an offset map to the page's source.

use std::collections::HashMap;
use std::ops::Range;

use zhaoren_cancel::poll;

use crate::markup::{Visitor, visit};
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
    let mut state = State::new(source);
    visit(source, &mut state);
    state.finish()
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

struct State {
    /// Bytes of the source.
    length: usize,
    out: String,
    map: OffsetMap,
    /// Number of source bytes covered by the map.
    mapped: usize,
    /// Open elements whose content is no part of the text, the innermost last, and how many there are of each name.
    hidden: Vec<String>,
    open: HashMap<String, usize>,
    /// True if a line break is due before the next character.
    break_due: bool,
    /// True if a space is due before the next character.
    space_due: bool,
}

impl Visitor for State {
    fn start(&mut self, name: &str, _attributes: &[(String, String)], closes: bool) {
        if name == "body" {
            // The end tag of the head may be left out.
            self.hidden.clear();
            self.open.clear();
        }
        self.tag(name, !closes);
    }

    fn end(&mut self, name: &str) {
        self.tag(name, false);
    }

    fn character(&mut self, c: char, place: Range<usize>) {
        if self.hidden.is_empty() {
            self.emit(c, place.start, place.end);
        }
    }
}

impl State {
    fn new(source: &str) -> Self {
        Self {
            length: source.len(),
            out: String::new(),
            map: OffsetMap::default(),
            mapped: 0,
            hidden: Vec::new(),
            open: HashMap::new(),
            break_due: false,
            space_due: false,
        }
    }

    fn tag(&mut self, name: &str, opens: bool) {
        if HIDDEN.contains(&name) {
            self.hide(name, opens);
        }
        self.break_due |= BLOCKS.contains(&name);
        self.space_due |= name == "td" || name == "th";
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
        self.map.push(0, self.length.saturating_sub(self.mapped), None);
        (self.out, self.map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!DOCTYPE html><html><head><title>标题</title><style>p{color:red}</style></head><body>\
        <nav>首页</nav><p title=\"a>b\">第一条&nbsp;为支持<b>企业</b>发展，</p>\n<p>第二条 &ldquo;免申即享&rdquo;</p>\
        <script>var x = '<p>不是正文</p>';</script><table><tr><td>甲</td><td>乙</td></tr></table></body></html>";

    #[test]
    fn text_is_kept_and_markup_dropped() {
        let (text, _) = html_to_text(PAGE);
        assert_eq!(text, "第一条 为支持企业发展，\n第二条 “免申即享”\n甲 乙");
        assert!(looks_like_html(PAGE));
        assert!(!looks_like_html("专项整治。</p>\n 10.办理破产"));
    }

    #[test]
    fn offsets_refer_to_the_source() {
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
    fn references_of_every_kind_keep_the_following_text() {
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
    fn malformed_html_is_handled() {
        for text in
            ["", "<", "<p", "<<<>>>", "&;&&#x;&#99999999;", "<script>never closed", "<!-- never closed"]
        {
            let (out, map) = html_to_text(text);
            assert!(map.to_source(0..out.len()).end <= text.len());
        }
    }
}
