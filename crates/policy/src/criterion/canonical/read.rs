//! Reads criteria from an outline: the text becomes the syntax tree of the loaders, and passes the same checks.

use zhaoren_cancel::steps;

use super::leaf_read::{read_leaf, read_misfit};
use super::marks::{
    ALL, ANY, ARTICLE, CASE, COUNT, DATA, ELSE, HAS_ALL, JUDGED, LAST_YEAR, NOT, NOTHING, ONE_OF, POINTS,
    QUOTE, SCORE, TEXT, THEN, WHEN,
};
use super::outline::{Entry, MOST_DEPTH, outline};
use super::quantity::{count, plain_number};
use super::records::{Head, read_head};
use super::source::{Entries, leaf_entries, list, map, number, record_entries, text, unquote};
use crate::criterion::{Criterion, Leaf, read_criterion};
use crate::fact::FactDictionary;
use crate::limits;
use crate::number::Number;
use crate::problem::{Fault, Report, nearest};
use crate::syntax::{self, Node};

/// Reads the canonical Chinese form; several lines at the top level must all hold.
///
/// Everything that cannot be read is in the report, with its line; then the result is `None`. The tree is checked against the
/// dictionary and its lists by [`read_criterion`], like criteria from YAML or JSON.
pub fn read_canonical(text: &str, file: &str, dictionary: &FactDictionary) -> (Option<Criterion>, Report) {
    let mut report = Report::new(file);
    let read = read_canonical_at(text, 1, "", dictionary, &mut report);
    (read, report)
}

/// Like [`read_canonical`], for a text that begins on line `first` of the file of `report`, at `path`.
pub(crate) fn read_canonical_at(
    text: &str,
    first: u32,
    path: &str,
    dictionary: &FactDictionary,
    report: &mut Report,
) -> Option<Criterion> {
    let (before, sound) = (report.mark(), report.errors());
    let mut reader = Reader { dictionary, path, report };
    let outline = outline(text.strip_prefix('\u{feff}').unwrap_or(text), first);
    if let Some(line) = outline.too_deep {
        reader.refuse(line, "", &format!("不超过{MOST_DEPTH}层的条件"));
    }
    for line in outline.uneven {
        reader.refuse(line, "与上文不同的空白", "同一种缩进，不把制表符与空格混用");
    }
    let tree = match outline.entries.as_slice() {
        [] => {
            reader.refuse(first, "", "至少一条条件（不设条件写“无条件”）");
            nothing(first)
        }
        [only] => reader.node(only, &only.head),
        several @ [top, ..] => {
            let of = several.iter().map(|entry| reader.node(entry, &entry.head)).collect();
            map(top.line, vec![("all", list(top.line, of))])
        }
    };
    let read = read_criterion(&tree, path, dictionary, report);
    report.since(before).sort_by_key(|problem| problem.line);
    read.filter(|_| report.errors() == sound)
}

struct Reader<'a> {
    dictionary: &'a FactDictionary,
    path: &'a str,
    report: &'a mut Report,
}

/// Placeholder for a condition that could not be read, so that the others are still checked.
fn nothing(line: u32) -> Node {
    map(line, vec![("all", list(line, Vec::new()))])
}

/// Text after one of `words` and a colon.
fn labelled<'t>(head: &'t str, words: &[&str]) -> Option<&'t str> {
    let rest = words.iter().find_map(|word| head.strip_prefix(word))?;
    Some(rest.strip_prefix(['：', ':'])?.trim_start())
}

/// True if the line is one of `words` alone, with an optional colon.
fn is(head: &str, words: &[&str]) -> bool {
    let rest = words.iter().find_map(|word| head.strip_prefix(word));
    rest.is_some_and(|rest| matches!(rest.trim_end(), "" | "：" | ":"))
}

/// `text` without enclosing quotation marks.
fn unquoted(text: &str) -> String {
    match unquote(text) {
        Some((inner, "")) => inner,
        _ => text.to_owned(),
    }
}

impl Reader<'_> {
    fn refuse(&mut self, line: u32, got: &str, expected: &str) {
        let got = if got.is_empty() { "没有内容".to_owned() } else { format!("`{got}`") };
        self.report.error(line, self.path, Fault::Expected { got, expected: expected.to_owned() });
    }

    /// Refuses entries below `entry`.
    fn alone(&mut self, entry: &Entry, expected: &str) {
        if let Some(spare) = entry.below.first() {
            self.refuse(spare.line, &spare.head, expected);
        }
    }

    /// Condition of an entry whose line, from some position on, is `head`.
    fn node(&mut self, entry: &Entry, head: &str) -> Node {
        steps(head.len() as u64 + 1);
        if let Some(data) = labelled(head, &[DATA]) {
            self.alone(entry, "条件式下面不再有内容，依据、原文、表述写在条件式里面");
            return self.data(entry, data);
        }
        let mut evidence: Entries = Vec::new();
        let mut below = Vec::new();
        for child in &entry.below {
            let slots = [(ARTICLE, "article"), (QUOTE, "quote"), (TEXT, "text")];
            let found =
                slots.into_iter().find_map(|(word, key)| Some((word, key, labelled(&child.head, &[word])?)));
            let Some((word, key, value)) = found else {
                below.push(child);
                continue;
            };
            self.alone(child, &format!("“{word}”下面不再有内容"));
            if evidence.iter().any(|(other, _)| *other == key) {
                self.refuse(child.line, &child.head, &format!("一个条件只有一行“{word}”"));
            }
            if value.is_empty() {
                self.refuse(child.line, &child.head, &format!("“{word}：”后面写明内容"));
            }
            evidence.push((key, text(child.line, unquoted(value))));
        }
        let Some(mut entries) = self.kind(entry, head, &below) else { return nothing(entry.line) };
        entries.extend(evidence);
        map(entry.line, entries)
    }

    fn kind(&mut self, entry: &Entry, head: &str, below: &[&Entry]) -> Option<Entries> {
        if is(head, &ALL) {
            return Some(vec![("all", self.members(entry, head, below)?)]);
        }
        if is(head, &ANY) {
            return Some(vec![("any", self.members(entry, head, below)?)]);
        }
        if let Some((least, rest)) = head.strip_prefix(COUNT.0).and_then(count)
            && is(rest, &[COUNT.1])
        {
            let of = self.members(entry, head, below)?;
            return Some(vec![("any", of), ("count", number(entry.line, &Number::from(i64::from(least))))]);
        }
        if is(head, &NOT) {
            self.filled(entry, head, below)?;
            let inner = match below {
                [only] => self.node(only, &only.head),
                // Negation of several.
                _ => map(entry.line, vec![("any", self.members(entry, head, below)?)]),
            };
            return Some(vec![("not", inner)]);
        }
        if is(head, &CASE) {
            return self.case(entry, head, below);
        }
        if let Some(rest) = head.strip_prefix(POINTS.0) {
            let mark = POINTS.1.iter().find_map(|word| rest.strip_prefix(word)).unwrap_or_default();
            let Some((at_least, "")) = points(mark) else {
                self.refuse(entry.line, head, "合计不低于几分，如：按下列标准评分，合计不低于60分：");
                return None;
            };
            let scores = self.scores(entry, head, below)?;
            return Some(vec![("points", scores), ("at_least", number(entry.line, &at_least))]);
        }
        match read_head(&without_blanks(head.trim_end_matches(END)), self.dictionary).as_slice() {
            [] => {}
            [only] => return self.records(entry, head, only, below),
            several => {
                self.ambiguous(entry, head, several.iter().map(|head| head.leaf.measure.records.as_str()));
                return None;
            }
        }
        if let Some(spare) = below.first() {
            self.refuse(spare.line, &spare.head, "这一条件下面不再有条件，只有依据、原文、表述");
            return None;
        }
        if head.trim_end_matches(END) == NOTHING {
            return Some(vec![("all", list(entry.line, Vec::new()))]);
        }
        if let Some(judged) = labelled(head, &JUDGED) {
            return Some(vec![("judged", text(entry.line, unquoted(judged)))]);
        }
        if labelled(head, &[ARTICLE, QUOTE, TEXT]).is_some() {
            self.refuse(entry.line, head, "写在条件的下一行、比条件多缩进的依据、原文、表述");
            return None;
        }
        self.leaf(entry, head)
    }

    /// Refuses a heading without entries below it: in a text that lost its indentation, the conditions are on its own level.
    fn filled(&mut self, entry: &Entry, head: &str, below: &[&Entry]) -> Option<()> {
        if below.is_empty() {
            let expected = "下面至少一条条件，每条比这一行多缩进（不设条件写“无条件”）";
            self.refuse(entry.line, head, expected);
        }
        (!below.is_empty()).then_some(())
    }

    fn members(&mut self, entry: &Entry, head: &str, below: &[&Entry]) -> Option<Node> {
        self.filled(entry, head, below)?;
        let members = below.iter().map(|entry| self.node(entry, &entry.head)).collect();
        Some(list(entry.line, members))
    }

    fn case(&mut self, entry: &Entry, head: &str, below: &[&Entry]) -> Option<Entries> {
        self.filled(entry, head, below)?;
        let mut arms = Vec::new();
        let mut otherwise = None;
        let mut rest = below.iter();
        while let Some(entry) = rest.next() {
            if let Some(head) = labelled(&entry.head, &ELSE)
                && rest.len() == 0
            {
                otherwise = Some(("else", self.node(entry, head)));
                break;
            }
            let when = labelled(&entry.head, &[WHEN]);
            let then = rest.as_slice().first().and_then(|next| Some((next, labelled(&next.head, &[THEN])?)));
            let (Some(when), Some((next, then))) = (when, then) else {
                self.refuse(
                    entry.line,
                    &entry.head,
                    "一行“情形：…”，下一行“要求：…”，最后可有一行“其他情形：…”",
                );
                return None;
            };
            rest.next();
            let (when, then) = (self.node(entry, when), self.node(next, then));
            arms.push(map(entry.line, vec![("when", when), ("then", then)]));
        }
        let mut entries = vec![("case", list(entry.line, arms))];
        entries.extend(otherwise);
        Some(entries)
    }

    fn scores(&mut self, entry: &Entry, head: &str, below: &[&Entry]) -> Option<Node> {
        self.filled(entry, head, below)?;
        let mut scores = Vec::new();
        for entry in below {
            let Some((score, head)) = entry.head.strip_prefix(SCORE.0).and_then(points) else {
                self.refuse(entry.line, &entry.head, "得几分，如：得20分：从业人数不低于10人");
                continue;
            };
            let when = self.node(entry, head);
            scores.push(map(entry.line, vec![("when", when), ("score", number(entry.line, &score))]));
        }
        Some(list(entry.line, scores))
    }

    fn leaf(&mut self, entry: &Entry, head: &str) -> Option<Entries> {
        let plain = head.trim_end_matches(END);
        let tidy = without_blanks(plain);
        let read = |text: &str| read_leaf(text, self.dictionary);
        let leaves = [head, plain, &tidy].into_iter().map(read).find(|leaves| !leaves.is_empty());
        let leaf = match leaves.unwrap_or_default().as_slice() {
            [leaf] => leaf.clone(),
            // A problem that is only counted needs no text.
            [] if self.report.errors() >= limits::MAX_PROBLEMS => {
                self.refuse(entry.line, head, EXAMPLE);
                return None;
            }
            [] => match self.misfit(&tidy) {
                Some(leaf) => leaf,
                None => {
                    let advice = self.report.suggest(|| Some(advice(&tidy, self.dictionary)));
                    let expected = format!("{EXAMPLE}{}", advice.unwrap_or_default());
                    self.refuse(entry.line, head, &expected);
                    return None;
                }
            },
            several => {
                self.ambiguous(entry, head, several.iter().map(|leaf| leaf.fact.as_str()));
                return None;
            }
        };
        let entries = leaf_entries(&leaf, entry.line);
        self.once(entry, head, &entries);
        Some(entries)
    }

    /// Refuses a line whose names belong to several facts.
    fn ambiguous<'k>(&mut self, entry: &Entry, head: &str, keys: impl Iterator<Item = &'k str>) {
        let named = keys.filter_map(|key| self.dictionary.get(key));
        let named: Vec<String> = named.map(|fact| format!("“{}〔{}〕”", fact.name, fact.key)).collect();
        self.refuse(entry.line, head, &format!("写明是哪个指标：{}", named.join("或")));
    }

    /// Refuses a line that has one comparison twice.
    fn once(&mut self, entry: &Entry, head: &str, entries: &Entries) {
        let mut keys: Vec<&str> = entries.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair.first() == pair.last()) {
            self.refuse(entry.line, head, "同一种比较只写一次，其余另写一条");
        }
    }

    /// Condition on records, with the condition on one of them below its line.
    fn records(&mut self, entry: &Entry, line: &str, head: &Head, below: &[&Entry]) -> Option<Entries> {
        let condition = if head.has_below {
            self.filled(entry, line, below)?;
            let fields = &self.dictionary.get(&head.leaf.measure.records)?.fields;
            let mut reader = Reader { dictionary: fields, path: self.path, report: self.report };
            Some(match below {
                [only] => reader.node(only, &only.head),
                // Several lines must all hold of one record.
                _ => map(entry.line, vec![("all", reader.members(entry, line, below)?)]),
            })
        } else {
            if let Some(spare) = below.first() {
                let expected =
                    "这一条件下面不再有条件，只有依据、原文、表述；对每一条记录的条件写“…满足下列条件：”";
                self.refuse(spare.line, &spare.head, expected);
                return None;
            }
            None
        };
        let entries = record_entries(&head.leaf, condition, entry.line);
        self.once(entry, line, &entries);
        Some(entries)
    }

    /// Leaf for a condition that its fact cannot have; the loader of criteria reports the fault.
    fn misfit(&self, text: &str) -> Option<Leaf> {
        read_misfit(text, self.dictionary).filter(|leaf| {
            let tree = map(0, leaf_entries(leaf, 0));
            read_criterion(&tree, "", self.dictionary, &mut Report::new("")).is_none()
        })
    }

    fn data(&mut self, entry: &Entry, data: &str) -> Node {
        syntax::json_at(data, entry.line).unwrap_or_else(|error| {
            self.report.error(error.line, self.path, Fault::Syntax(error.message));
            nothing(entry.line)
        })
    }
}

const EXAMPLE: &str = "一条能读懂的条件，如“从业人数不低于10人”“成立满2年”“上年度营业收入不超过2亿元”";

/// Hint on how to make `text` a condition, if there is one.
fn advice(text: &str, dictionary: &FactDictionary) -> String {
    let would = |text: &str| !read_leaf(text, dictionary).is_empty();
    let last_year = |text: &str| LAST_YEAR.iter().find_map(|word| text.strip_prefix(word).map(str::to_owned));
    if would(&format!("{text}元")) {
        return "；金额写明单位：元、万元、亿元".to_owned();
    }
    if would(&format!("{text}%")) {
        return "；比率写明百分号，如20%、15%".to_owned();
    }
    if would(&format!("{text}{ONE_OF}")) {
        return format!("；几项后面写明“{ONE_OF}”，或写“{HAS_ALL}”");
    }
    if LAST_YEAR.first().is_some_and(|word| would(&format!("{word}{text}"))) {
        return "；写明哪一年，如“上年度”“2024年度”".to_owned();
    }
    if last_year(text).is_some_and(|rest| would(&rest)) {
        return "；这一指标不分年度".to_owned();
    }
    let begin: String = text.chars().take(12).collect();
    let known = dictionary
        .iter()
        .find(|fact| text.contains(fact.name.as_str()))
        .map(|fact| fact.name.clone())
        .or_else(|| nearest(&begin, dictionary.iter().map(|fact| fact.name.as_str())));
    known.map(|name| format!("；是否指“{name}”")).unwrap_or_default()
}

/// Text without blanks outside quotation marks. Blanks between digits are kept: 5 10 is not 510.
fn without_blanks(text: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut is_escaped) = (0_usize, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '“' if !is_escaped => depth += 1,
            // An escaped mark ends a pair inside a quote, but never the quote.
            '”' if is_escaped => depth = depth.saturating_sub(1).max(depth.min(1)),
            '”' => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
        let quoted = depth > 0;
        let between = out.ends_with(char::is_numeric) && letters.peek().is_some_and(|next| next.is_numeric());
        if quoted || !letter.is_whitespace() || between {
            out.push(letter);
        }
    }
    out
}

/// Marks at the end of a line are ignored.
const END: [char; 4] = ['；', '。', ';', '，'];

/// Points, and the text after 分 and a colon.
fn points(text: &str) -> Option<(Number, &str)> {
    let (number, rest) = plain_number(text)?;
    let rest = rest.strip_prefix(SCORE.1)?;
    Some((number, rest.strip_prefix(['：', ':']).unwrap_or(rest)))
}
