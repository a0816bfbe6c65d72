//! Places of a text where a label may stand, with what speaks for and against each.
//!
//! References (依照第五条规定, 前款第（二）项) are told from labels here as far as the words around them
//! say so; numbers and nesting are for `nest`.

use std::ops::Range;

use crate::label::{self, Label, Style};
use crate::line;

/// How a possible label stands to the words before it, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// At the beginning of a line.
    Line,
    /// At the beginning of a line that goes on with the sentence of the line before.
    Wrapped,
    /// After a full stop, semicolon or colon.
    Stop,
    /// After white space, a bracket or a closing quotation mark.
    Gap,
    /// Right after another word.
    Glued,
}

/// A possible label.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// First byte of the label.
    pub(crate) at: usize,
    /// The label.
    pub(crate) label: Label,
    /// How it stands to the words before it.
    pub(crate) place: Place,
    /// Whether the words behind it read as if it were cited: 第五条规定的.
    pub(crate) cited: bool,
    /// Whether a colon opens the list right before it.
    pub(crate) opened: bool,
}

/// All places of `text` from byte `start` where a label may stand, in order, never overlapping.
pub(crate) fn candidates(text: &str, start: usize) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut lines = line::lines(text).into_iter().peekable();
    let mut previous: Option<Range<usize>> = None;
    while let Some(span) = lines.next() {
        if span.start >= start {
            let next = lines.peek().map(|next| line::words(text, next.clone()));
            let wrapped = previous.as_ref().is_some_and(|before| goes_on(line::words(text, before.clone())));
            in_line(text, &span, wrapped, next, &mut found);
        } else if span.end > start {
            in_line(text, &(start..span.end), false, None, &mut found);
        }
        previous = Some(span);
    }
    found
}

/// Whether a line is long and stops inside a sentence, so that the next one goes on with it.
fn goes_on(before: &str) -> bool {
    !line::finished(before)
        && before.chars().count() >= 12
        && label::read(before).is_none()
        && before.contains(['，', '。', '；', '、'])
}

/// Candidates of one line.
fn in_line(text: &str, span: &Range<usize>, wrapped: bool, next: Option<&str>, found: &mut Vec<Candidate>) {
    let words = line::words(text, span.clone());
    if let Some(label) = unnumbered(words).or_else(|| annex(words, next)) {
        let at = span.start;
        found.push(Candidate { at, label, place: Place::Line, cited: false, opened: false });
    }
    let mut from = found.last().map_or(span.start, |last| (last.at + last.label.length).max(span.start));
    let after_label = from;
    let mut before = Before { last: None, gap: true };
    for (offset, c) in words.char_indices() {
        let at = span.start + offset;
        let place = if at == span.start {
            if wrapped { Place::Wrapped } else { Place::Line }
        } else if line::before(words, offset).get(from.saturating_sub(span.start)..).is_some_and(bare) {
            // Nothing but white space since the label before: 第五条 （一）.
            if from > after_label || from > span.start { Place::Stop } else { Place::Gap }
        } else {
            before.place()
        };
        if at >= from && before.may_begin(c) {
            let rest = line::from(words, offset);
            if let Some(label) = label::read(rest).filter(|label| plausible(label, place, before.last)) {
                let end = offset + label.length;
                let cited = cited(&label, line::from(words, end), place);
                from = span.start + end;
                let opened = before.last.map_or_else(|| ends_open(text, at), |c| matches!(c, '：' | ':'));
                found.push(Candidate { at, label, place, cited, opened });
            }
        }
        before.step(c);
    }
}

fn bare(words: &str) -> bool {
    words.chars().all(line::blank)
}

/// Whether the words before a line end with a colon.
fn ends_open(text: &str, at: usize) -> bool {
    line::before(text, at).trim_end_matches(line::blank).ends_with(['：', ':'])
}

/// What was read of the line so far.
struct Before {
    /// Last character that is no white space.
    last: Option<char>,
    /// Whether white space came after it.
    gap: bool,
}

impl Before {
    fn place(&self) -> Place {
        match self.last {
            Some(c) if line::stop(c) => Place::Stop,
            Some(c) if self.gap || line::closing(c) => Place::Gap,
            _ => Place::Glued,
        }
    }

    /// Whether a label beginning with `c` may begin here and not in the middle of a figure.
    fn may_begin(&self, c: char) -> bool {
        if self.gap || !c.is_ascii_digit() {
            return true;
        }
        !self.last.is_some_and(|last| last.is_ascii_digit() || matches!(last, '.' | '．' | '-' | '/' | '—'))
    }

    fn step(&mut self, c: char) {
        if line::blank(c) {
            self.gap = true;
        } else {
            (self.last, self.gap) = (Some(c), false);
        }
    }
}

/// Whether a label of this style may stand at such a place at all.
fn plausible(label: &Label, place: Place, last: Option<char>) -> bool {
    match place {
        Place::Line | Place::Wrapped => true,
        Place::Glued => {
            // 第一章总则第一条 without any break: only 条, and never after a word that cites.
            label.style == Style::Article && !last.is_some_and(|c| "本照据反合按及和或与、，至到由除以《".contains(c))
        }
        // A list inside a line: 1）is too near to a bracket's end, 一、to a list of nouns.
        Place::Stop | Place::Gap => label.style != Style::ArabicHalf,
    }
}

/// Whether the words behind a label read as if it were cited in a sentence.
fn cited(label: &Label, after: &str, place: Place) -> bool {
    let spaced = after.starts_with(line::blank);
    let after = after.trim_start_matches(line::blank);
    let strong = matches!(place, Place::Line);
    match label.style {
        Style::Article | Style::Chapter | Style::Section | Style::Part => {
            if spaced && strong {
                return false;
            }
            let always = ["规定的", "规定，", "规定处", "所列", "所称", "所述", "的规定", "之规定", "第", "、第", "和第"];
            let cites = ["至第", "到第", "或者第", "或第", "及第", "以及第", "与第", "，第", "中的", "的", "规定", "执行", "要求"];
            always.iter().any(|word| after.starts_with(word))
                && !(strong && after.starts_with('第') && label::read(after).is_some())
                || cites.iter().any(|word| after.starts_with(word))
                || after.starts_with(['、', '，', '》', '）', ')'])
        }
        Style::HanBracket | Style::ArabicBracket | Style::Circled => {
            let item = after.starts_with('项') && !after.starts_with("项目");
            let clause = after.starts_with('款') && !after.starts_with("款项");
            item || clause
                || after.starts_with(['、', '，', '》'])
                || ["至（", "至(", "和（", "到（", "或（", "或者（"].iter().any(|word| after.starts_with(word))
        }
        _ => false,
    }
}

/// A heading without a number on a line of its own: 附则, 总则, 【条件要求】.
fn unnumbered(words: &str) -> Option<Label> {
    let plain = line::squeezed(words);
    if matches!(plain.as_str(), "附则" | "总则") {
        return Some(Label { style: Style::Titled, number: 0, text: plain, length: words.len() });
    }
    let inner = plain.strip_prefix('【')?.strip_suffix('】')?;
    let short = (1..=16).contains(&inner.chars().count()) && !inner.contains(['【', '】', '：', ':']);
    let screen = ["字体", "打印", "关闭", "大中小", "字号", "收藏", "分享"];
    (short && !screen.iter().any(|word| inner.contains(word)))
        .then(|| Label { style: Style::Titled, number: 0, text: plain.clone(), length: words.len() })
}

/// 附件, 附件1：, 附： at the beginning of a line; `next` is the line after it.
fn annex(words: &str, next: Option<&str>) -> Option<Label> {
    let rest = words.strip_prefix('附')?.trim_start_matches(line::space);
    let (rest, full) = match rest.strip_prefix('件') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let tail = rest.trim_start_matches(line::space);
    let figures: String = tail.chars().take_while(|&c| c.is_ascii_digit() || "一二三四五六七八九十".contains(c)).collect();
    let after = line::from(tail, figures.len());
    let number = zhaoren_text::numeral::parse(&figures).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    if number > 99 || (!full && !figures.is_empty()) {
        return None;
    }
    let marked = after.starts_with(['：', ':']);
    let spaced = after.starts_with(line::space);
    // 附件1-5下载, 附件16) and 附件中的表格 are mentions.
    let alone = after.is_empty() && next.is_some();
    if !(marked || alone || (full && !figures.is_empty() && spaced)) {
        return None;
    }
    let body = if marked { after.trim_start_matches(['：', ':']) } else { after };
    let text = if figures.is_empty() { "附件".to_owned() } else { format!("附件{figures}") };
    Some(Label { style: Style::Annex, number, text, length: words.len() - body.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, Place, bool)> {
        candidates(text, 0).into_iter().map(|c| (c.label.text, c.place, c.cited)).collect()
    }

    #[test]
    fn places() {
        assert_eq!(
            found("第一条 （一）甲；（二）乙。\n附件1：表\n附  则"),
            [
                ("第一条".into(), Place::Line, false),
                ("（一）".into(), Place::Stop, false),
                ("（二）".into(), Place::Stop, false),
                ("附件1".into(), Place::Line, false),
                ("附则".into(), Place::Line, false),
            ]
        );
    }

    #[test]
    fn references_are_marked() {
        assert_eq!(found("依照第五条规定，按（一）项办理"), []);
        assert_eq!(found("第五条规定的除外"), [("第五条".into(), Place::Line, true)]);
        assert_eq!(found("第五条 规定下列事项"), [("第五条".into(), Place::Line, false)]);
        assert_eq!(found("见附件2：（一）项目"), [("（一）".into(), Place::Stop, false)]);
        assert_eq!(found("附件1-5下载"), []);
    }
}
