//! Parts of a draft item: its conditions cut into passages that a person decides on one by one, and its figures with their quotes.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value as Json;
use zhaoren_cancel::{poll, steps};
use zhaoren_conditions::criteria_json;
use zhaoren_draft::{DraftItem, RelatedKind, TagReading, WindowReading};
use zhaoren_policy::criterion::{Criterion, Node, write_canonical};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Benefit, Delivery};

use super::sheet::{FigureKind, PartKind, ReadingFigure, ReadingPart};

/// Conditions of an item in parts, in the order of the text. Each conjunct of its criteria is in one part, conjuncts that were read
/// from overlapping passages are in the same one, and every other passage of the conditions is a part without criteria.
pub(super) fn parts(item: &DraftItem, text: &str, dictionary: &FactDictionary) -> Vec<ReadingPart> {
    let mut groups: Vec<(Range<usize>, Vec<&Criterion>)> = Vec::new();
    let mut unplaced = Vec::new();
    for (path, criterion) in conjuncts(&item.criteria) {
        match span_below(item, &path) {
            Some(span) => groups.push((span, vec![criterion])),
            None => unplaced.push(criterion),
        }
    }
    groups.sort_by_key(|(span, _)| (span.start, span.end));
    let mut merged: Vec<(Range<usize>, Vec<&Criterion>)> = Vec::new();
    for (span, criteria) in groups {
        match merged.last_mut().filter(|(last, _)| span.start < last.end) {
            Some((last, before)) => {
                last.end = last.end.max(span.end);
                before.extend(criteria);
            }
            None => merged.push((span, criteria)),
        }
    }
    let mut covered: Vec<Range<usize>> = merged.iter().map(|(span, _)| span.clone()).collect();
    let mut parts: Vec<ReadingPart> =
        merged.iter().map(|(span, criteria)| part(item, text, span.clone(), criteria, dictionary)).collect();
    // A criterion without a place would be lost: it is shown with its quote, at the beginning.
    parts.extend(unplaced.iter().map(|one| {
        let quote = one.quote.clone().unwrap_or_default();
        ReadingPart { text: quote, ..part(item, text, 0..0, &[one], dictionary) }
    }));
    // Amounts, windows and the like are shown as figures.
    covered.extend(figure_spans(item));
    covered.sort_by_key(|span| (span.start, span.end));
    let open = item.unread.iter().map(|one| &one.span).chain(item.conditions.iter().map(|one| &one.span));
    let mut open: Vec<Range<usize>> = open.flat_map(|span| gaps(span, &covered)).collect();
    open.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut last = 0;
    for gap in open {
        let gap = gap.start.max(last)..gap.end;
        last = last.max(gap.end);
        for sentence in sentences(text, gap) {
            let kind = if cites(item, text, &sentence) { PartKind::Reference } else { PartKind::Unread };
            parts.push(rest(item, text, sentence, kind));
        }
    }
    parts.sort_by_key(|part| (part.from, part.to));
    parts
}

/// Criteria that must all hold, each with its path; the whole if it is no plain conjunction.
fn conjuncts(criteria: &Criterion) -> Vec<(String, &Criterion)> {
    match &criteria.node {
        Node::All(of) if criteria.quote.is_none() || of.is_empty() => {
            of.iter().enumerate().map(|(index, one)| (format!("all[{index}]"), one)).collect()
        }
        _ => vec![(String::new(), criteria)],
    }
}

/// Passage of the criteria at `path` and below it.
fn span_below(item: &DraftItem, path: &str) -> Option<Range<usize>> {
    let below = item.evidence.iter().filter(|one| {
        poll();
        one.path
            .strip_prefix(path)
            .is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('.'))
    });
    below.map(|one| one.span.clone()).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
}

fn part(
    item: &DraftItem,
    text: &str,
    span: Range<usize>,
    criteria: &[&Criterion],
    dictionary: &FactDictionary,
) -> ReadingPart {
    let whole = match criteria {
        [only] => (*only).clone(),
        several => Criterion::without_evidence(Node::All(several.iter().map(|one| (*one).clone()).collect())),
    };
    let mut facts = Vec::new();
    let mut has_judged = false;
    whole.walk(&mut |_, one| match &one.node {
        Node::Leaf(leaf) => facts.push(leaf.fact.clone()),
        Node::Judged(_) => has_judged = true,
        _ => {}
    });
    let mut plain = whole.clone();
    strip_evidence(&mut plain);
    let canonical = write_canonical(&plain, dictionary).trim_end().to_owned();
    let words = text.get(span.clone()).unwrap_or_default();
    let kind = if facts.is_empty() { PartKind::Judged } else { PartKind::Criterion };
    let mut doubts = Vec::new();
    let proposal =
        item.proposed.iter().find(|one| !one.quote.is_empty() && words.contains(one.quote.as_str()));
    if let Some(proposal) = proposal {
        doubts.push(format!("需要指标“{}”，指标字典里没有", proposal.name));
    }
    let lost = numbers_left_out(words, &canonical);
    if kind == PartKind::Criterion && !lost.is_empty() {
        doubts.push(format!("句中的数字没有读进条件：{}", lost.join("、")));
    }
    if kind == PartKind::Criterion && has_judged {
        doubts.push("部分由人工认定".to_owned());
    }
    if whole.size() > criteria.len() + usize::from(criteria.len() > 1) {
        doubts.push("含有“或”“除外”等结构，请核对".to_owned());
    }
    ReadingPart {
        from: span.start,
        to: span.end,
        text: words.to_owned(),
        kind,
        criteria: criteria_json(&whole),
        canonical,
        construction: facts.first().cloned().unwrap_or_else(|| kind.name().to_owned()),
        is_inherited: is_inherited(item, &span),
        doubts,
        machine: None,
    }
}

fn rest(item: &DraftItem, text: &str, span: Range<usize>, kind: PartKind) -> ReadingPart {
    let words = text.get(span.clone()).unwrap_or_default();
    let doubts = match kind {
        PartKind::Unread if words.chars().any(|c| c.is_ascii_digit()) => vec!["未读，且含数字".to_owned()],
        _ => Vec::new(),
    };
    ReadingPart {
        from: span.start,
        to: span.end,
        text: words.to_owned(),
        kind,
        criteria: Json::Null,
        canonical: String::new(),
        construction: kind.name().to_owned(),
        is_inherited: is_inherited(item, &span),
        doubts,
        machine: None,
    }
}

fn is_inherited(item: &DraftItem, span: &Range<usize>) -> bool {
    let around = item.conditions.iter().find(|one| one.span.start <= span.start && span.end <= one.span.end);
    around.is_some_and(|one| one.is_inherited)
}

/// Removes quotes and articles: they are of the passage, not of the words in which its criteria are typed.
pub(super) fn strip_evidence(criterion: &mut Criterion) {
    poll();
    (criterion.quote, criterion.article, criterion.text) = (None, None, None);
    match &mut criterion.node {
        Node::All(of) | Node::Any { of, .. } => of.iter_mut().for_each(strip_evidence),
        Node::Not(inner) => strip_evidence(inner),
        Node::Case { arms, otherwise } => {
            for arm in arms {
                strip_evidence(&mut arm.when);
                strip_evidence(&mut arm.then);
            }
            if let Some(otherwise) = otherwise {
                strip_evidence(otherwise);
            }
        }
        Node::Points { scores, .. } => scores.iter_mut().for_each(|score| strip_evidence(&mut score.when)),
        Node::Judged(_) | Node::Leaf(_) | Node::Records(_) => {}
    }
}

/// Numbers in Arabic digits of `words` that `canonical` does not have.
fn numbers_left_out(words: &str, canonical: &str) -> Vec<String> {
    let numbers = |text: &str| -> Vec<String> {
        steps(text.len() as u64);
        let plain: String = text.chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
        let runs = plain.split(|c: char| !c.is_ascii_digit() && c != '.');
        runs.map(|run| run.trim_matches('.').trim_start_matches('0').to_owned())
            .filter(|run| !run.is_empty())
            .collect()
    };
    let known: BTreeSet<String> = numbers(canonical).into_iter().collect();
    let mut left_out: Vec<String> = numbers(words).into_iter().filter(|one| !known.contains(one)).collect();
    left_out.dedup();
    left_out.truncate(5);
    left_out
}

/// Passages that the figures of an item were read from.
fn figure_spans(item: &DraftItem) -> Vec<Range<usize>> {
    let mut spans = item.amount.spans.clone();
    spans.extend(item.kinds.iter().map(|kind| kind.span.clone()));
    spans.extend(item.window.iter().map(|window| window.span.clone()));
    spans.extend(item.delivery.iter().map(|delivery| delivery.span.clone()));
    let named = item.stacking.iter().map(|rule| &rule.words).chain(&item.office).chain(&item.materials);
    spans.extend(named.chain(&item.entry).chain(&item.competitive).map(|one| one.span.clone()));
    spans
}

/// Parts of `span` outside of `covered`, which is in order.
fn gaps(span: &Range<usize>, covered: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut at = span.start;
    for one in covered.iter().filter(|one| one.start < span.end && span.start < one.end) {
        poll();
        if at < one.start {
            gaps.push(at..one.start);
        }
        at = at.max(one.end);
    }
    if at < span.end {
        gaps.push(at..span.end);
    }
    gaps
}

/// Words that join conditions or introduce a list of them: a passage of nothing else needs no decision.
const JOINING: [&str; 24] = [
    "申报", "申请", "企业", "单位", "主体", "应当", "应", "须", "需", "同时", "符合", "满足", "具备", "下列",
    "以下", "各项", "条件", "之一", "并且", "且", "或者", "对", "的", "和",
];

/// Sentences of a passage that say anything beside marks, numbers of lists and joining words.
fn sentences(text: &str, span: Range<usize>) -> Vec<Range<usize>> {
    let Some(words) = text.get(span.clone()) else { return Vec::new() };
    let mut sentences = Vec::new();
    let mut begin = 0;
    let ends = words
        .char_indices()
        .filter(|(_, c)| matches!(c, '。' | '；' | '\n'))
        .map(|(at, c)| at + c.len_utf8());
    for end in ends.chain(std::iter::once(words.len())) {
        let sentence = words.get(begin..end).unwrap_or_default();
        let trimmed = sentence.trim_start_matches(|c: char| c.is_whitespace() || "，、。；：,;:".contains(c));
        let from = begin + sentence.len() - trimmed.len();
        let trimmed = trimmed.trim_end_matches(|c: char| c.is_whitespace() || "，、。；：,;:".contains(c));
        begin = end;
        steps(sentence.len() as u64);
        let plain = JOINING.iter().fold(trimmed.to_owned(), |rest, word| rest.replace(word, ""));
        let letters =
            plain.chars().filter(|c| c.is_alphabetic() && !"一二三四五六七八九十".contains(*c)).count();
        if letters >= 2 {
            sentences.push(span.start + from..span.start + from + trimmed.len());
        }
    }
    sentences
}

/// True if the passage has its conditions elsewhere: 按照《…》认定.
fn cites(item: &DraftItem, text: &str, span: &Range<usize>) -> bool {
    let related = item.relations.iter().any(|one| {
        one.kind == RelatedKind::Conditions && one.span.start < span.end && span.start < one.span.end
    });
    related || text.get(span.clone()).is_some_and(|words| words.contains('《'))
}

/// Amount, window and other statements of an item, in the order in which they are reviewed.
pub(super) fn figures(item: &DraftItem, text: &str) -> Vec<ReadingFigure> {
    let quote =
        |span: &Range<usize>| (span.start, text.get(span.clone()).unwrap_or_default().trim().to_owned());
    let mut figures = Vec::new();
    let mut put = |kind, value: String, quotes: Vec<(usize, String)>| {
        figures.push(ReadingFigure { kind, value, quotes })
    };
    let spans = if item.amount.spans.is_empty() { &item.grant } else { &item.amount.spans };
    put(FigureKind::Amount, amount(&item.amount.value), spans.iter().map(quote).collect());
    let (window, quotes) = match &item.window {
        None => (String::new(), Vec::new()),
        Some(found) => (window(&found.value), vec![quote(&found.span)]),
    };
    put(FigureKind::Window, window, quotes);
    let kinds: Vec<&str> = item.kinds.iter().map(|kind| Benefit::kind_name(kind.value)).collect();
    put(FigureKind::Support, kinds.join("、"), item.kinds.iter().map(|kind| quote(&kind.span)).collect());
    for rule in &item.stacking {
        let value = if rule.rule.is_some() { "已读为规则" } else { "只记文字" };
        put(FigureKind::Stacking, value.to_owned(), vec![quote(&rule.words.span)]);
    }
    if let Some(delivery) = &item.delivery {
        let value = if delivery.value == Delivery::Automatic { "免申即享" } else { "申报" };
        put(FigureKind::Delivery, value.to_owned(), vec![quote(&delivery.span)]);
    }
    if let Some(office) = &item.office {
        put(FigureKind::Office, office.text.clone(), vec![quote(&office.span)]);
    }
    if !item.materials.is_empty() {
        let names: Vec<&str> = item.materials.iter().map(|one| one.text.as_str()).collect();
        put(
            FigureKind::Materials,
            names.join("；"),
            item.materials.iter().map(|one| quote(&one.span)).collect(),
        );
    }
    if !item.tags.is_empty() {
        let tag = |tag: &TagReading| format!("{}（{}）", tag.tag, tag.dimension.title());
        let tags: Vec<String> = item.tags.iter().map(tag).collect();
        put(FigureKind::Tags, tags.join("、"), item.tags.iter().map(|tag| quote(&tag.span)).collect());
    }
    figures
}

/// Amount in words: the ceiling and what the formula says.
fn amount(value: &Json) -> String {
    let text = |key: &str| value.get(key).and_then(Json::as_str).map(str::to_owned);
    let max = value.get("max").filter(|max| !max.is_null()).map(|max| format!("最高 {max} 元"));
    let rate = value.get("rate").filter(|rate| !rate.is_null()).map(|rate| match text("base") {
        Some(base) => format!("{base}的 {rate}"),
        None => format!("比例 {rate}"),
    });
    let times =
        text("times").map(|times| if times == "once" { "一次性".to_owned() } else { "按年".to_owned() });
    [rate, text("unit"), max, times].into_iter().flatten().collect::<Vec<_>>().join("，")
}

fn window(window: &WindowReading) -> String {
    match window {
        WindowReading::Always => "常年受理".to_owned(),
        WindowReading::ByNotice(words) => format!("另行通知：{words}"),
        WindowReading::Dates(periods) => {
            let day = |day: &Option<jiff::civil::Date>| {
                day.map_or_else(|| "不限".to_owned(), |day| day.to_string())
            };
            let periods: Vec<String> =
                periods.iter().map(|(opens, closes)| format!("{} 至 {}", day(opens), day(closes))).collect();
            periods.join("；")
        }
    }
}
