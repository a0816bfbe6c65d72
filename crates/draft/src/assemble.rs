//! Items: a grant with its amount, its conditions, and what the document says of all of them.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::json;
use zhaoren_cancel::poll;
use zhaoren_policy::document::Document;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Applicant, Delivery, Grant as GrantedTitle};

use crate::amount;
use crate::criteria::{Conditions, counts};
use crate::doubt::DoubtFacts;
use crate::general::General;
use crate::grant;
use crate::model::{
    AmountReading, Applicability, DraftItem, NamedSpan, Quoted, RelatedDocument, RelatedKind,
    StackingReading, WindowReading,
};
use crate::plain::{Plain, first, has};
use crate::relation;
use crate::section::Sentence;
use crate::shared::Shared;
use crate::split::{Grant, Splitter};
use crate::tags::{self, Taxonomy};
use crate::vocabulary::{ENCOURAGING, Section};

/// Most bytes of inherited conditions of an item.
const MOST_INHERITED: usize = 40_000;

/// Builder of items.
pub(crate) struct Assembler<'a> {
    pub(crate) text: &'a str,
    pub(crate) splitter: &'a Splitter<'a>,
    pub(crate) general: &'a [General],
    pub(crate) shared: &'a Shared,
    pub(crate) dictionary: &'a FactDictionary,
    /// Name of the document in ids.
    pub(crate) name: String,
    pub(crate) title: &'a str,
    /// Applicant of supports that do not say it.
    pub(crate) usual: Applicant,
    /// True if the document is of a kind that normally grants nothing.
    pub(crate) is_unlikely: bool,
    /// True if a heading of the conditions is that of a support too.
    pub(crate) has_twins: bool,
}

/// True if one of `general` has a heading that agrees with one outside the conditions.
pub(crate) fn has_twins(splitter: &Splitter<'_>, general: &[General]) -> bool {
    let agrees = |twin: &str| {
        splitter.clauses.iter().zip(splitter.provisions).any(|(clause, provision)| {
            poll();
            let heading =
                clause.heading.as_deref().filter(|_| provision.section != Some(Section::Conditions));
            heading.is_some_and(|heading| heading.contains(twin) || twin.contains(heading))
        })
    };
    general.iter().any(|one| one.twin.as_deref().is_some_and(agrees))
}

impl Assembler<'_> {
    /// Items of `grants`.
    pub(crate) fn items(&self, grants: &[Grant], conditions: &mut Conditions<'_>) -> Vec<DraftItem> {
        let mut used: BTreeMap<String, usize> = BTreeMap::new();
        let mut per_provision: BTreeMap<usize, usize> = BTreeMap::new();
        for grant in grants {
            *per_provision.entry(grant.provision).or_default() += 1;
        }
        grants
            .iter()
            .map(|grant| {
                poll();
                let alone = per_provision.get(&grant.provision) == Some(&1);
                self.item(grant, alone, conditions, &mut used)
            })
            .collect()
    }

    fn sentences(&self, grant: &Grant) -> Vec<&Sentence> {
        grant
            .sentences
            .iter()
            .filter_map(|(index, at)| self.splitter.provisions.get(*index)?.sentences.get(*at))
            .collect()
    }

    fn item(
        &self,
        grant: &Grant,
        alone: bool,
        conditions: &mut Conditions<'_>,
        used: &mut BTreeMap<String, usize>,
    ) -> DraftItem {
        let sentences = self.sentences(grant);
        let plains: Vec<&Plain> = sentences.iter().map(|sentence| &sentence.plain).collect();
        let empty = Plain::default();
        let main = plains.first().copied().unwrap_or(&empty);
        let clause = self.splitter.clauses.get(grant.provision);
        let article = clause.map(|clause| clause.article.clone());
        let own_text: String = plains.iter().map(|plain| plain.text.as_str()).collect();
        let amount = amount::read(&plains, self.dictionary);
        let passages = self.passages(grant, &sentences);
        let spans: Vec<Range<usize>> = passages.iter().map(|one| one.span.clone()).collect();
        let read = conditions.of(&spans, &amount.spans);
        let unread = self.left_over(read.unread, &amount.spans, &sentences);
        let addressee = grant::addressee(main);
        let said = addressee.is_some();
        let here = main.span(0..main.text.len());
        let addressee = addressee.unwrap_or(Quoted { value: self.usual, span: here.start..here.start });
        let mut kinds = grant::kinds(&plains);
        if grant.sentences.is_empty() {
            let place = clause.map_or(0..0, |clause| clause.span.start..clause.span.start);
            kinds.push(Quoted { value: "title", span: place });
        }
        let window = self.window(grant, &plains);
        let delivery = self.delivery(&plains);
        let competitive =
            plains.iter().find_map(|plain| competitive(plain)).or_else(|| self.shared.competitive.clone());
        let mut stacking: Vec<StackingReading> = plains
            .iter()
            .filter_map(|plain| relation::stacking(plain, self.verbatim(plain), &self.name))
            .collect();
        stacking.extend(self.shared.stacking_for(grant, self.splitter));
        let mut relations: Vec<RelatedDocument> =
            plains.iter().filter_map(|plain| relation::top_up(plain)).collect();
        for one in &passages {
            relations.extend(self.shared.conditions_of(&one.span));
        }
        let title = match (grant.sentences.is_empty(), alone) {
            (true, true) => self.title.to_owned(),
            _ => self.item_title(grant, alone, main),
        };
        let id = self.id(article.as_deref(), used);
        let (leaves, judged) = counts(&read.criteria);
        let facts = DoubtFacts {
            is_unlikely: self.is_unlikely,
            is_stated: amount.is_stated || grant.sentences.is_empty(),
            is_incomplete: amount.is_incomplete,
            leaves,
            judged,
            has_unread: !unread.is_empty(),
            has_proposals: !read.proposed.is_empty(),
            is_said: said,
            has_window: window.is_some()
                || delivery.as_ref().is_some_and(|one| one.value == Delivery::Automatic),
            is_optional: competitive.is_some()
                || has(&own_text, &["可给予", "可按", "优先给予", "酌情", "可视情", "视情"]),
            is_elsewhere: relations.iter().any(|one| one.kind == RelatedKind::Conditions),
            is_cut: !plains.last().is_none_or(|last| last.text.ends_with(['。', '；', '：', '！']))
                && self.is_cut(&here),
        };
        let own = passages.iter().filter(|one| !one.is_inherited).map(|one| one.span.clone());
        let grants: Vec<Range<usize>> = sentences.iter().map(|sentence| sentence.span.clone()).collect();
        let places = tags::passages(self.text, &title, self.title, &grants, own);
        DraftItem {
            tags: Taxonomy::built_in().read(self.text, &places),
            id,
            title,
            article,
            grant: grants,
            kinds,
            addressee,
            amount: self.amount_json(amount, &plains),
            stacking,
            grants: self.titles(main),
            window,
            office: self.shared.office.clone(),
            materials: self.shared.materials_for(grant, self.splitter),
            entry: self.shared.entry.clone(),
            delivery,
            competitive,
            conditions: passages,
            criteria: read.criteria,
            evidence: read.evidence,
            unread,
            proposed: read.proposed,
            relations,
            doubts: facts.doubts(),
        }
    }

    fn verbatim(&self, plain: &Plain) -> &str {
        self.text.get(plain.span(0..plain.text.len())).unwrap_or_default()
    }

    /// Passages of the conditions of a grant: the general ones, the leads above it, its own.
    fn passages(&self, grant: &Grant, sentences: &[&Sentence]) -> Vec<Applicability> {
        let article = |index: usize| self.splitter.clauses.get(index).map(|clause| clause.article.clone());
        let mut found: Vec<Applicability> = Vec::new();
        let begin = sentences.first().map(|sentence| sentence.span.start);
        let mut inherited = 0;
        // A recognition has no sentence of its own, and names its conditions itself.
        for (one, begin) in self.general.iter().filter_map(|one| Some((one, begin?))) {
            poll();
            let is_twin = one.twin.as_deref().is_none_or(|twin| self.is_below(grant.provision, twin));
            inherited += one.span.len();
            if one.scope.contains(&begin) && is_twin && inherited <= MOST_INHERITED {
                found.push(Applicability {
                    span: one.span.clone(),
                    article: article(one.provision),
                    is_inherited: true,
                });
            }
        }
        let own = article(grant.provision);
        let more = grant.leads.iter().map(|span| (span, true));
        let behind = grant.conditions.iter().map(|span| (span, false));
        let granting: Vec<Range<usize>> = sentences
            .iter()
            .filter(|one| asks(&one.plain))
            .map(|one| self.without_encouragement(one))
            .collect();
        let granting = granting.iter().map(|span| (span, false));
        for (span, is_inherited) in more.chain(granting).chain(behind) {
            if !found.iter().any(|one| one.span == *span) {
                found.push(Applicability { span: span.clone(), article: own.clone(), is_inherited });
            }
        }
        found
    }

    /// Passage of a sentence behind its encouragement: 支持…，对新认定的企业给予….
    fn without_encouragement(&self, sentence: &Sentence) -> Range<usize> {
        let text = sentence.plain.text.as_str();
        let encourages = ENCOURAGING.iter().any(|word| text.starts_with(word));
        let at = text.find("，对").filter(|_| encourages).map(|at| at + '，'.len_utf8());
        match at {
            Some(at) => sentence.plain.span(at..text.len()).start..sentence.span.end,
            None => sentence.span.clone(),
        }
    }

    /// True if a provision or one above it has a heading that agrees with `twin`; or none at all has one.
    fn is_below(&self, provision: usize, twin: &str) -> bool {
        let same = |heading: &str| heading.contains(twin) || twin.contains(heading);
        let mut above = Some(provision);
        let mut headed = false;
        while let Some(index) = above {
            poll();
            let Some(clause) = self.splitter.clauses.get(index) else { break };
            if let Some(heading) = clause.heading.as_deref()
                && self.splitter.provisions.get(index).is_none_or(|one| !one.is_section)
            {
                headed = true;
                if same(heading) {
                    return true;
                }
            }
            above = clause.parent;
        }
        // Where no heading of the conditions agrees, none can be told apart.
        !headed || !self.has_twins
    }

    /// Unread passages that are no part of the amount, of the grant's words or of a sentence with a role of its own.
    fn left_over(
        &self,
        unread: Vec<NamedSpan>,
        amounts: &[Range<usize>],
        sentences: &[&Sentence],
    ) -> Vec<NamedSpan> {
        let paid = |span: &Range<usize>| {
            amounts.iter().any(|amount| amount.start < span.end && span.start < amount.end)
                || sentences
                    .iter()
                    .any(|sentence| sentence.span.start <= span.start && span.end <= sentence.span.end)
        };
        unread.into_iter().filter(|one| !paid(&one.span) && has_words(&one.text)).collect()
    }

    fn amount_json(&self, amount: amount::Amount, plains: &[&Plain]) -> AmountReading {
        let mut value = amount.value;
        let words: Vec<String> = plains
            .iter()
            .filter_map(|plain| {
                let whole = plain.span(0..plain.text.len());
                let inside: Vec<&Range<usize>> = amount
                    .spans
                    .iter()
                    .filter(|span| whole.start <= span.start && span.end <= whole.end)
                    .collect();
                let (first, last) = (inside.first()?, inside.last()?);
                let words = self.text.get(first.start..last.end)?;
                Some(words.split_whitespace().collect::<Vec<_>>().join(" "))
            })
            .collect();
        let text = match words.is_empty() {
            false => words.join("；"),
            true => plains
                .first()
                .map(|plain| self.verbatim(plain))
                .unwrap_or_default()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
        };
        let text: String = text.chars().take(400).collect();
        if let Some(entries) = value.as_object_mut()
            && !text.is_empty()
        {
            entries.insert("text".to_owned(), json!(text));
        } else if !text.is_empty() {
            value = json!({"text": text});
        }
        AmountReading { value, spans: amount.spans }
    }

    fn window(&self, grant: &Grant, plains: &[&Plain]) -> Option<Quoted<WindowReading>> {
        let own = plains.iter().find_map(|plain| {
            let (value, range) = crate::window::read(&plain.text, false)?;
            Some(Quoted { value, span: plain.span(range) })
        });
        own.or_else(|| self.shared.window_for(grant, self.splitter))
    }

    fn delivery(&self, plains: &[&Plain]) -> Option<Quoted<Delivery>> {
        let own = plains.iter().find_map(|plain| {
            let range = first(&plain.text, AUTOMATIC)?;
            Some(Quoted { value: Delivery::Automatic, span: plain.span(range) })
        });
        own.or_else(|| self.shared.delivery.clone())
    }

    /// Titles of the dictionary that a grant gives.
    fn titles(&self, main: &Plain) -> Vec<GrantedTitle> {
        let named = ["认定为", "授予", "评定为"].iter().find_map(|verb| main.text.split_once(verb));
        let Some((_, behind)) = named else { return Vec::new() };
        let near: String = behind.chars().take(30).collect();
        let values =
            self.dictionary.get("qualifications").map(|fact| fact.values.as_slice()).unwrap_or_default();
        let mut held: Vec<&String> = values.iter().filter(|value| near.starts_with(value.as_str())).collect();
        held.sort_by_key(|value| std::cmp::Reverse(value.len()));
        held.first()
            .map(|tag| GrantedTitle { fact: "qualifications".to_owned(), tag: (*tag).clone() })
            .into_iter()
            .collect()
    }

    /// Name of an item: the heading of its provision, and its own words where several share the heading.
    fn item_title(&self, grant: &Grant, alone: bool, main: &Plain) -> String {
        let mut above = Some(grant.provision);
        let mut heading = None;
        let mut is_own = true;
        while let Some(index) = above {
            poll();
            let Some(clause) = self.splitter.clauses.get(index) else { break };
            let names_section = self.splitter.provisions.get(index).is_some_and(|one| one.is_section);
            if let Some(words) = clause.heading.as_deref().filter(|words| !words.trim().is_empty())
                && !names_section
            {
                heading = Some(words.trim().to_owned());
                break;
            }
            is_own = false;
            above = clause.parent;
        }
        let words = short(&main.text);
        let title = match heading {
            Some(heading) if is_own && alone => heading,
            Some(heading) => format!("{heading}：{words}"),
            None if alone && words.is_empty() => self.title.to_owned(),
            None => words,
        };
        if title.trim().is_empty() { "未命名事项".to_owned() } else { title }
    }

    fn id(&self, article: Option<&str>, used: &mut BTreeMap<String, usize>) -> String {
        let article: String =
            article.unwrap_or("正文").chars().filter(|c| !c.is_whitespace()).take(40).collect();
        let id = format!("{}-{article}", self.name);
        let count = used.entry(id.clone()).or_default();
        *count += 1;
        if *count > 1 { format!("{id}-{count}") } else { id }
    }

    /// True if nothing follows a passage: the text ends there.
    fn is_cut(&self, span: &Range<usize>) -> bool {
        self.text.get(span.end..).is_none_or(|rest| rest.trim().is_empty())
    }
}

/// Name of a document in ids: its number, or else its title; without both, a digest of its text.
pub(crate) fn document_name(document: &Document, text: &str) -> String {
    let plain = |words: &str| -> String {
        words.chars().filter(|c| c.is_alphanumeric() || matches!(c, '〔' | '〕' | '-')).take(40).collect()
    };
    let named = document.number.as_deref().map(plain).filter(|name| !name.is_empty());
    let titled = || Some(plain(&document.title)).filter(|name| !name.is_empty());
    named.or_else(titled).unwrap_or_else(|| format!("文件-{:08x}", digest(text)))
}

/// Digest of a text (FNV-1a), the same on every machine.
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        poll();
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Words of 免申即享.
pub(crate) const AUTOMATIC: &[&str] =
    &["免申即享", "免申请", "无需申报", "无需企业申报", "主动兑现", "直接兑现", "即申即享免"];

/// 择优 with its words.
pub(crate) fn competitive(plain: &Plain) -> Option<NamedSpan> {
    let range = first(&plain.text, &["择优", "竞争性", "遴选", "评审择优", "比选"])?;
    if plain.text.get(range.end..).is_some_and(|rest| rest.starts_with("不重复")) {
        return None;
    }
    Some(NamedSpan { text: plain.text.get(range.clone())?.to_owned(), span: plain.span(range) })
}

/// True if a sentence of a grant says who gets it.
fn asks(plain: &Plain) -> bool {
    !grant::continues(plain)
}

/// True if a passage has a word of its own.
fn has_words(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).count() >= 2
}

/// First words of a sentence, up to its verb.
fn short(text: &str) -> String {
    let text = ["对于", "对"].iter().find_map(|lead| text.strip_prefix(lead)).unwrap_or(text);
    let end = first(text, &["，", "：", "；", "。"]).map_or(text.len(), |end| end.start);
    let words = text.get(..end).unwrap_or_default().trim_end_matches('的');
    words.chars().take(30).collect()
}
