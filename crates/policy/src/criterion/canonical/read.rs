//! Criteria from an outline.

use super::leaf_read::read_leaf;
use super::marks::{
    ALL, ANY, ARTICLE, CASE, COUNT, DATA, ELSE, JUDGED, NOT, NOTHING, POINTS, QUOTE, SCORE, TEXT, THEN, WHEN,
};
use super::outline::{Entry, MOST_DEPTH, outline};
use super::quantity::{count, plain_number};
use super::source::unquote;
use crate::criterion::{Arm, Criterion, Node, Score, read_criterion};
use crate::fact::FactDictionary;
use crate::number::Number;
use crate::problem::{Fault, Report, nearest};
use crate::syntax;

/// Reads the canonical Chinese form; several lines side by side at the top must all hold.
///
/// Everything that cannot be read is in the report, with its line; then there are no criteria.
pub fn read_canonical(text: &str, file: &str, dictionary: &FactDictionary) -> (Option<Criterion>, Report) {
    let mut reader = Reader { dictionary, report: Report::new(file) };
    let (entries, too_deep) = outline(text);
    if let Some(line) = too_deep {
        reader.refuse(line, "", &format!("不超过{MOST_DEPTH}层的条件"));
    }
    let read = match entries.as_slice() {
        [] => {
            reader.refuse(0, "", "至少一条条件");
            None
        }
        [only] => reader.node(only, &only.head),
        several => {
            let of: Vec<Option<Criterion>> =
                several.iter().map(|entry| reader.node(entry, &entry.head)).collect();
            of.into_iter().collect::<Option<Vec<_>>>().map(|of| Criterion::bare(Node::All(of)))
        }
    };
    let sound = reader.report.errors() == 0;
    (read.filter(|_| sound), reader.report)
}

struct Reader<'a> {
    dictionary: &'a FactDictionary,
    report: Report,
}

/// The text after one of `words`, without a colon.
fn after<'t>(head: &'t str, words: &[&str]) -> Option<&'t str> {
    let rest = words.iter().find_map(|word| head.strip_prefix(word))?;
    Some(rest.strip_prefix(['：', ':']).unwrap_or(rest).trim_start())
}

/// Whether the line is one of `words` and nothing more.
fn is(head: &str, words: &[&str]) -> bool {
    after(head, words) == Some("")
}

impl Reader<'_> {
    fn refuse(&mut self, line: u32, got: &str, expected: &str) {
        let got = if got.is_empty() { "没有内容".to_owned() } else { format!("`{got}`") };
        self.report.error(line, "", Fault::Expected { got, expected: expected.to_owned() });
    }

    /// The condition of an entry whose line, from some place on, is `head`.
    fn node(&mut self, entry: &Entry, head: &str) -> Option<Criterion> {
        if let Some(data) = head.strip_prefix(DATA).and_then(|rest| rest.strip_prefix(['：', ':'])) {
            return self.data(entry, data);
        }
        let mut criterion = Criterion::bare(Node::All(Vec::new()));
        let mut below = Vec::new();
        for child in &entry.below {
            let slots = [
                (ARTICLE, &mut criterion.article),
                (QUOTE, &mut criterion.quote),
                (TEXT, &mut criterion.text),
            ];
            let evidence =
                slots.into_iter().find_map(|(word, slot)| Some((after(&child.head, &[word])?, slot)));
            match evidence {
                Some((value, slot)) => {
                    let text = match unquote(value) {
                        Some((text, "")) => text,
                        _ => value.to_owned(),
                    };
                    *slot = Some(text);
                }
                None => below.push(child),
            }
        }
        criterion.node = self.kind(entry, head, &below)?;
        Some(criterion)
    }

    fn kind(&mut self, entry: &Entry, head: &str, below: &[&Entry]) -> Option<Node> {
        if is(head, &ALL) || head == NOTHING {
            return self.list(below).map(Node::All);
        }
        if is(head, &ANY) {
            return self.list(below).map(|of| Node::Any { of, count: 1 });
        }
        if let Some((number, rest)) = head.strip_prefix(COUNT.0).and_then(count)
            && is(rest, &[COUNT.1])
        {
            return self.list(below).map(|of| Node::Any { of, count: number as usize });
        }
        if is(head, &NOT) {
            let mut of = self.list(below)?;
            return match (of.pop(), of.is_empty()) {
                (Some(only), true) => Some(Node::Not(Box::new(only))),
                // None of several.
                (Some(last), false) => {
                    of.push(last);
                    Some(Node::Not(Box::new(Criterion::bare(Node::Any { of, count: 1 }))))
                }
                (None, _) => {
                    self.refuse(entry.line, head, "下面至少列出一种情形");
                    None
                }
            };
        }
        if is(head, &CASE) {
            return self.case(below);
        }
        if let Some(rest) = head.strip_prefix(POINTS.0) {
            let mark = POINTS.1.iter().find_map(|word| rest.strip_prefix(word)).unwrap_or_default();
            return match points(mark) {
                Some((at_least, "")) => self.scores(below).map(|scores| Node::Points { scores, at_least }),
                _ => {
                    self.refuse(entry.line, head, "合计不低于几分，如：按下列标准评分，合计不低于60分：");
                    None
                }
            };
        }
        if let Some(spare) = below.first() {
            self.refuse(spare.line, &spare.head, "这一条件下面不再有条件，只有依据、原文、表述");
            return None;
        }
        if let Some(text) = after(head, &JUDGED).filter(|text| !text.is_empty()) {
            let text = match unquote(text) {
                Some((text, "")) => text,
                _ => text.to_owned(),
            };
            return Some(Node::Judged(text));
        }
        self.leaf(entry, head)
    }

    fn list(&mut self, below: &[&Entry]) -> Option<Vec<Criterion>> {
        let read: Vec<Option<Criterion>> = below.iter().map(|entry| self.node(entry, &entry.head)).collect();
        read.into_iter().collect()
    }

    fn case(&mut self, below: &[&Entry]) -> Option<Node> {
        let mut arms: Vec<Option<Arm>> = Vec::new();
        let mut otherwise = None;
        let mut rest = below.iter();
        while let Some(entry) = rest.next() {
            if let Some(head) = after(&entry.head, &ELSE)
                && rest.len() == 0
            {
                otherwise = Some(self.node(entry, head));
                break;
            }
            let when = after(&entry.head, &[WHEN]).map(|head| self.node(entry, head));
            let then = rest.as_slice().first().and_then(|next| Some((next, after(&next.head, &[THEN])?)));
            let (Some(when), Some((next, head))) = (when, then) else {
                self.refuse(
                    entry.line,
                    &entry.head,
                    "一行“情形：…”，下一行“要求：…”，最后可有一行“其他情形：…”",
                );
                return None;
            };
            rest.next();
            let then = self.node(next, head);
            arms.push(when.zip(then).map(|(when, then)| Arm { when, then }));
        }
        let otherwise = match otherwise {
            None => None,
            Some(read) => Some(Box::new(read?)),
        };
        Some(Node::Case { arms: arms.into_iter().collect::<Option<Vec<_>>>()?, otherwise })
    }

    fn scores(&mut self, below: &[&Entry]) -> Option<Vec<Score>> {
        let mut scores = Vec::new();
        for entry in below {
            let scored = entry.head.strip_prefix(SCORE.0).and_then(points);
            let Some((score, head)) = scored else {
                self.refuse(entry.line, &entry.head, "得几分，如：得20分：从业人数不低于10人");
                scores.push(None);
                continue;
            };
            scores.push(self.node(entry, head).map(|when| Score { when, score }));
        }
        scores.into_iter().collect()
    }

    fn leaf(&mut self, entry: &Entry, head: &str) -> Option<Node> {
        // Marks at the end are for reading.
        let plain = head.trim_end_matches(['；', '。', ';', '，']);
        let leaf = read_leaf(head, self.dictionary).or_else(|| read_leaf(plain, self.dictionary));
        if leaf.is_none() {
            let names = self.dictionary.iter().map(|fact| fact.name.as_str());
            let begin: String = head.chars().take(12).collect();
            let known = self
                .dictionary
                .iter()
                .find(|fact| head.contains(fact.name.as_str()))
                .map(|fact| fact.name.clone())
                .or_else(|| nearest(&begin, names));
            let hint = known.map(|name| format!("；是否指“{name}”")).unwrap_or_default();
            self.refuse(
                entry.line,
                head,
                &format!(
                    "一条能读懂的条件，如“从业人数不低于10人”“成立满2年”“上年度营业收入不超过2亿元”{hint}"
                ),
            );
        }
        leaf.map(Node::Leaf)
    }

    fn data(&mut self, entry: &Entry, data: &str) -> Option<Criterion> {
        match syntax::json_at(data, entry.line) {
            Ok(node) => read_criterion(&node, "", self.dictionary, &mut self.report),
            Err(error) => {
                self.report.syntax(error);
                None
            }
        }
    }
}

/// Points, and what follows 分 and a colon.
fn points(text: &str) -> Option<(Number, &str)> {
    let (number, rest) = plain_number(text)?;
    let rest = rest.strip_prefix(SCORE.1)?;
    Some((number, rest.strip_prefix(['：', ':']).unwrap_or(rest)))
}
