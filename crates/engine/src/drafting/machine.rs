//! Proposals of a language model (模型提出) for passages of which the reader made nothing that facts decide: the question, and the checks
//! that an answer has to pass before a person sees it.
//!
//! An answer is canonical Chinese with the words that it was read from. It is refused, and counted by its reason, unless it parses, its
//! quote stands verbatim in the passage and each of its numbers stands in the quote. Nothing here decides: what passes is a proposal.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use zhaoren_cancel::{poll, steps};
use zhaoren_conditions::criteria_json;
use zhaoren_policy::criterion::{Node, write_canonical};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::number::Number;
use zhaoren_text::numeral;

use super::decide::parse;
use super::parts::strip_evidence;
use super::sheet::{PartKind, ReadingPart, ReviewSheet};

/// Most passages that a model is asked about at once.
const MOST_ASKED: usize = 60;
/// Longest passage that a model is asked about, in bytes.
const LONGEST_PASSAGE: usize = 3_000;
/// Longest list of the names of facts in a question, in bytes.
const LONGEST_NAMES: usize = 12_000;

/// Criteria that a model proposed for a part. They count for nothing until the author of the draft adopts them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MachineProposal {
    /// Criteria in canonical Chinese.
    pub canonical: String,
    /// The same as JSON.
    pub criteria: Json,
    /// Words of the passage that they were read from, verbatim.
    pub quote: String,
    /// Name of the model.
    pub model: String,
    /// Person who adopted them; empty if none did.
    #[serde(default)]
    pub adopted_by: String,
}

/// Reason why an answer is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It is no JSON of the required form.
    Form,
    /// Its criteria are no canonical Chinese.
    Unparseable,
    /// Its criteria decide nothing: only a person could.
    NothingDecided,
    /// Its quote does not stand in the passage.
    QuoteNotFound,
    /// A number of its criteria does not stand in its quote.
    InventedNumber,
}

impl Refusal {
    /// Reason in Chinese.
    pub fn text(self) -> &'static str {
        match self {
            Self::Form => "答复不是所要的格式",
            Self::Unparseable => "条件不是规范文本",
            Self::NothingDecided => "没有可判的条件",
            Self::QuoteNotFound => "引文不在原文中",
            Self::InventedNumber => "条件中的数字不在引文中",
        }
    }
}

/// Failure of the connection to the model: no more passages are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskFailure(
    /// Reason in Chinese.
    pub String,
);

/// Function that asks the model: instructions and passage to answer.
pub type Ask<'a> = dyn FnMut(&str, &str) -> Result<String, AskFailure> + 'a;

/// Counts of one round of questions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MachineReport {
    /// Passages that the model was asked about.
    pub asked: usize,
    /// Proposals that passed all checks.
    pub proposed: usize,
    /// Passages that hold no condition, as the model says.
    pub none: usize,
    /// Refused answers by reason.
    pub refused: BTreeMap<String, usize>,
    /// Open passages that were not asked about: too long, too many, or after a failure.
    pub left: usize,
    /// Failure of the connection, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl MachineReport {
    /// The counts in a sentence.
    pub fn text(&self) -> String {
        let mut text = format!("问了 {} 处，得 {} 条建议", self.asked, self.proposed);
        if self.none > 0 {
            text.push_str(&format!("，{} 处没有条件", self.none));
        }
        for (reason, count) in &self.refused {
            text.push_str(&format!("，{count} 处未采信（{reason}）"));
        }
        if self.left > 0 {
            text.push_str(&format!("，{} 处没有问", self.left));
        }
        if let Some(failure) = &self.failure {
            text.push_str(&format!("；模型服务：{failure}"));
        }
        text
    }
}

impl ReviewSheet {
    /// Asks a model about the parts of all items that were not read, or only as judged; a passage that several items share is asked about once.
    pub fn ask_model(
        &mut self,
        model: &str,
        dictionary: &FactDictionary,
        ask: &mut Ask<'_>,
    ) -> MachineReport {
        let parts = self.items.iter_mut().flat_map(|item| item.parts.iter_mut());
        ask_about(parts, model, dictionary, ask)
    }
}

/// Asks a model about those of `parts` that were not read, or only as judged.
pub(super) fn ask_about<'p>(
    parts: impl Iterator<Item = &'p mut ReadingPart>,
    model: &str,
    dictionary: &FactDictionary,
    ask: &mut Ask<'_>,
) -> MachineReport {
    let instructions = instructions(dictionary);
    let mut report = MachineReport::default();
    let mut answers: BTreeMap<String, Option<MachineProposal>> = BTreeMap::new();
    for part in parts {
        poll();
        if !matches!(part.kind, PartKind::Unread | PartKind::Judged) || part.machine.is_some() {
            continue;
        }
        if let Some(known) = answers.get(&part.text) {
            part.machine.clone_from(known);
            continue;
        }
        if report.failure.is_some() || report.asked >= MOST_ASKED || part.text.len() > LONGEST_PASSAGE {
            report.left += 1;
            continue;
        }
        report.asked += 1;
        let checked = match ask(&instructions, &part.text) {
            Ok(answer) => checked(&answer, &part.text, model, dictionary),
            Err(AskFailure(why)) => {
                report.failure = Some(why);
                continue;
            }
        };
        match &checked {
            Ok(Some(_)) => report.proposed += 1,
            Ok(None) => report.none += 1,
            Err(refusal) => *report.refused.entry(refusal.text().to_owned()).or_default() += 1,
        }
        part.machine = checked.unwrap_or_default();
        answers.insert(part.text.clone(), part.machine.clone());
    }
    report
}

/// Instructions that stand before each passage: the form of the answer, the forms of canonical Chinese, and the names of the facts.
fn instructions(dictionary: &FactDictionary) -> String {
    let mut names = String::new();
    for fact in dictionary.iter() {
        if names.len() + fact.name.len() > LONGEST_NAMES {
            break;
        }
        names.push_str(&fact.name);
        if let Some(unit) = &fact.unit {
            names.push_str(&format!("（{unit}）"));
        }
        names.push('、');
    }
    format!(
        "你把惠企政策中的一段话写成规范的申报条件。只输出一个 JSON 对象：{{\"criteria\": 规范文本, \"quote\": 所据的原文}}。\n\
         规范文本一个条件一行，形式如：\n从业人数不少于20人\n上年度营业收入不低于2000万元\n资质称号(有效期内)含“高新技术企业”\n\
         几个条件须同时满足的，第一行写“同时符合下列条件：”，其后各行缩进四格，以“一、”“二、”编号；有一个即可的，第一行写“符合下列条件之一：”。\n\
         quote 须逐字摘自这段话，条件中的数字都须在 quote 中。这段话没有申报条件，或写不成的，criteria 为空文本。不要补充、推测。\n\
         可用的指标：{names}"
    )
}

/// Answer of a model in its required form.
#[derive(Deserialize)]
struct Answer {
    criteria: String,
    #[serde(default)]
    quote: String,
}

/// The proposal of an answer; `None` if the passage holds no condition, as the model says.
///
/// # Errors
/// The reason for which the answer is refused.
pub fn checked(
    answer: &str,
    passage: &str,
    model: &str,
    dictionary: &FactDictionary,
) -> Result<Option<MachineProposal>, Refusal> {
    let answer: Answer = serde_json::from_str(within_braces(answer)).map_err(|_| Refusal::Form)?;
    if answer.criteria.trim().is_empty() {
        return Ok(None);
    }
    let mut criteria = parse(&answer.criteria, dictionary).map_err(|_| Refusal::Unparseable)?;
    strip_evidence(&mut criteria);
    let mut decides = false;
    criteria.walk_all(&mut |_, one| decides |= matches!(one.node, Node::Leaf(_) | Node::Records(_)));
    if !decides {
        return Err(Refusal::NothingDecided);
    }
    let quote = answer.quote.trim();
    if quote.is_empty() || !passage.contains(quote) {
        return Err(Refusal::QuoteNotFound);
    }
    let value = criteria_json(&criteria);
    let mut used = BTreeSet::new();
    collect_numbers(&value, "", &mut used);
    let stated = numbers_of(quote);
    if !used.is_subset(&stated) {
        return Err(Refusal::InventedNumber);
    }
    Ok(Some(MachineProposal {
        canonical: write_canonical(&criteria, dictionary).trim_end().to_owned(),
        criteria: value,
        quote: quote.to_owned(),
        model: model.to_owned(),
        adopted_by: String::new(),
    }))
}

/// The JSON object in an answer: models like to put words or a fence around it.
fn within_braces(answer: &str) -> &str {
    match (answer.find('{'), answer.rfind('}')) {
        (Some(from), Some(to)) if from < to => answer.get(from..=to).unwrap_or(answer),
        _ => answer,
    }
}

/// Numbers of criteria as JSON: of thresholds, counts, years and lengths of time, and those within texts. Keys of facts and codes of
/// places and industries are none.
fn collect_numbers(value: &Json, key: &str, found: &mut BTreeSet<Number>) {
    poll();
    match value {
        Json::Number(number) => found.extend(Number::parse(&number.to_string())),
        Json::String(text)
            if !["fact", "records", "total", "some", "of", "within", "outside"].contains(&key) =>
        {
            found.extend(numbers_of(text));
        }
        Json::Array(list) => list.iter().for_each(|one| collect_numbers(one, key, found)),
        Json::Object(map) => map.iter().for_each(|(key, one)| collect_numbers(one, key, found)),
        _ => {}
    }
}

/// Numbers that a text states, in Arabic or Chinese numerals, each with its multiplier and its percent sign: 2000万 is 20000000 and
/// not 2000.
pub(super) fn numbers_of(text: &str) -> BTreeSet<Number> {
    steps(text.len() as u64);
    let chars: Vec<char> = text.chars().collect();
    let mut found = BTreeSet::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        poll();
        let from = at;
        if c.is_ascii_digit() {
            let (value, end) = arabic(&chars, at);
            found.extend(value);
            at = end;
        } else if numeral::is_numeral(c) {
            while chars.get(at).copied().is_some_and(numeral::is_numeral) {
                at += 1;
            }
            let run: String = chars.get(from..at).unwrap_or_default().iter().collect();
            let before: String = chars.get(from.saturating_sub(3)..from).unwrap_or_default().iter().collect();
            let share = match before.as_str() {
                "百分之" => Some("0.01"),
                "千分之" => Some("0.001"),
                _ => None,
            };
            let value = numeral::parse(&run).and_then(|value| Number::parse(&value.to_string()));
            found.extend(value.map(|value| match share.and_then(Number::parse) {
                Some(share) => value.times(&share),
                None => value,
            }));
        } else {
            at += 1;
        }
    }
    found
}

/// Number in Arabic digits at `from`, with what is behind it, and the index behind that.
fn arabic(chars: &[char], from: usize) -> (Option<Number>, usize) {
    let mut at = from;
    let mut digits = String::new();
    while let Some(c) = chars.get(at).copied() {
        let next_is_digit = chars.get(at + 1).is_some_and(char::is_ascii_digit);
        match c {
            '0'..='9' => digits.push(c),
            '.' if next_is_digit && !digits.contains('.') => digits.push(c),
            ',' if next_is_digit => {}
            _ => break,
        }
        at += 1;
    }
    let mut value = Number::parse(&digits);
    while let Some(factor) = chars.get(at).copied().and_then(factor) {
        value = value.zip(Number::parse(factor)).map(|(value, factor)| value.times(&factor));
        at += 1;
    }
    (value, at)
}

/// Multiplier or share that a sign behind a number means.
fn factor(c: char) -> Option<&'static str> {
    match c {
        '百' => Some("100"),
        '千' => Some("1000"),
        '万' => Some("10000"),
        '亿' => Some("100000000"),
        '%' | '％' => Some("0.01"),
        '‰' => Some("0.001"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<String> {
        numbers_of(text).iter().filter_map(Number::decimal_text).collect()
    }

    #[test]
    fn a_number_has_the_multiplier_behind_it() {
        assert_eq!(numbers("营业收入2,000万元"), ["20000000"]);
        assert_eq!(numbers("占比5%，增长百分之十二，千分之三"), ["0.003", "0.05", "0.12"]);
        assert_eq!(numbers("三年内1.5亿元、二十人"), ["3", "20", "150000000"]);
        assert_eq!(numbers("2024-01-31"), ["1", "31", "2024"]);
        assert_eq!(numbers("企业。"), [""; 0]);
    }

    fn refusal(answer: &str, passage: &str) -> Refusal {
        checked(answer, passage, "m", FactDictionary::built_in()).unwrap_err()
    }

    #[test]
    fn answers_are_refused_by_reason() {
        let passage = "员工规模在20人上下的，可以参加";
        let good = r#"{"criteria": "从业人数不少于20人", "quote": "员工规模在20人"}"#;
        let found = checked(good, passage, "m", FactDictionary::built_in()).unwrap().unwrap();
        assert_eq!(
            (found.canonical.as_str(), found.quote.as_str()),
            ("从业人数不低于20人", "员工规模在20人")
        );
        let fenced = format!("好的：\n```json\n{good}\n```");
        assert_eq!(checked(&fenced, passage, "m", FactDictionary::built_in()).unwrap(), Some(found));
        assert_eq!(refusal("从业人数不少于20人", passage), Refusal::Form);
        assert_eq!(
            refusal(r#"{"criteria": "员工大约二十来个", "quote": "20人"}"#, passage),
            Refusal::Unparseable
        );
        assert_eq!(
            refusal(r#"{"criteria": "从业人数不少于20人", "quote": "从业20人"}"#, passage),
            Refusal::QuoteNotFound
        );
        assert_eq!(refusal(r#"{"criteria": "从业人数不少于20人"}"#, passage), Refusal::QuoteNotFound);
        assert_eq!(
            refusal(r#"{"criteria": "从业人数不少于30人", "quote": "20人"}"#, passage),
            Refusal::InventedNumber
        );
        assert_eq!(
            refusal(r#"{"criteria": "从业人数不少于20人", "quote": "员工规模"}"#, passage),
            Refusal::InventedNumber
        );
        let judged = r#"{"criteria": "人工认定：“规模合适”", "quote": "员工规模"}"#;
        assert_eq!(refusal(judged, passage), Refusal::NothingDecided);
        assert_eq!(checked(r#"{"criteria": ""}"#, passage, "m", FactDictionary::built_in()), Ok(None));
        // The magnitude counts: 2000万 does not prove 2000.
        let sums = "收入2000万元以上";
        assert_eq!(
            refusal(r#"{"criteria": "上年度营业收入不低于2000元", "quote": "收入2000万元以上"}"#, sums),
            Refusal::InventedNumber
        );
    }
}
