//! Closed vocabularies: what a word of a table or a profile means among the values of its fact.
//!
//! A word is taken as it is, in another spelling (width, blanks, brackets), through the table of aliases
//! (`seeds/facts/words.tsv`), or not at all. A word that is not understood is never a certain no: the caller leaves its fact open.
//! Answers of 是 and 否 mean something only under a heading that asks for it (`seeds/facts/answers.tsv`).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::{Fact, FactType};
use crate::limits;

/// Meaning of a word among the values of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordMeaning {
    /// The fact has no closed vocabulary: the word is its own value.
    Free,
    /// One of the values; the text is its listed spelling.
    Listed(String),
    /// Alias of one value, or of several of which one applies.
    Alias(Vec<String>),
    /// Not a word of the vocabulary.
    Unknown,
}

/// Meaning of 是 or 否 under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerMeaning {
    /// The value is one of these.
    OneOf(Vec<String>),
    /// These tags are not held.
    Lacks(BTreeSet<String>),
}

/// Meanings of answers by heading and fact.
type Answers = HashMap<(String, String), BTreeMap<bool, AnswerMeaning>>;

/// Aliases of the values of one fact.
#[derive(Debug, Default)]
struct Aliases {
    /// Values by folded word.
    whole: HashMap<String, Vec<String>>,
    /// Beginnings of words, folded, with their values.
    begins: Vec<(String, Vec<String>)>,
}

static ALIASES: LazyLock<HashMap<String, Aliases>> = LazyLock::new(|| {
    let mut all: HashMap<String, Aliases> = HashMap::new();
    for line in include_str!("../../../../seeds/facts/words.tsv").lines().skip(1) {
        let mut columns = line.split('\t');
        let (Some(facts), Some(word), Some(values)) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        let values: Vec<String> = values.split('|').map(str::to_owned).collect();
        for fact in facts.split(',') {
            let aliases = all.entry(fact.to_owned()).or_default();
            match word.strip_suffix('*') {
                Some(begin) => aliases.begins.push((folded(begin), values.clone())),
                None => {
                    aliases.whole.insert(folded(word), values.clone());
                }
            }
        }
    }
    all
});

static ANSWERS: LazyLock<Answers> = LazyLock::new(|| {
    let mut all = Answers::new();
    for line in include_str!("../../../../seeds/facts/answers.tsv").lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [heading, fact, answer @ ("yes" | "no"), form, values, ..] = columns.as_slice() else { continue };
        let values = values.split('|').map(str::to_owned);
        let meaning = match *form {
            "lacks" => AnswerMeaning::Lacks(values.collect()),
            _ => AnswerMeaning::OneOf(values.collect()),
        };
        let of = all.entry((folded(heading), (*fact).to_owned())).or_default();
        of.insert(*answer == "yes", meaning);
    }
    all
});

/// Headings, each with the fact that it asks for as a whole.
static WHOLE: LazyLock<HashSet<(String, String)>> = LazyLock::new(|| {
    let lines = include_str!("../../../../seeds/facts/answers.tsv").lines().skip(1);
    let whole = |line: &str| match line.split('\t').collect::<Vec<_>>().as_slice() {
        [heading, fact, "none", ..] => Some((folded(heading), (*fact).to_owned())),
        _ => None,
    };
    lines.filter_map(whole).collect()
});

impl Fact {
    /// True if the fact has a closed vocabulary.
    pub fn is_closed(&self) -> bool {
        !self.values.is_empty()
    }

    /// Meaning of a word among the values of this fact.
    pub fn meaning(&self, word: &str) -> WordMeaning {
        if !self.is_closed() {
            return WordMeaning::Free;
        }
        if self.values.iter().any(|value| value == word) {
            return WordMeaning::Listed(word.to_owned());
        }
        // A text far longer than any word is none; folding it would cost as much as it is long.
        if word.len() > 4 * limits::MAX_ID_LENGTH {
            return WordMeaning::Unknown;
        }
        let folded = folded(word);
        let mut spellings = self.values.iter().zip(&self.folded_values);
        if let Some((value, _)) = spellings.find(|(_, spelling)| **spelling == folded) {
            return WordMeaning::Listed(value.clone());
        }
        let Some(aliases) = ALIASES.get(&self.key) else { return WordMeaning::Unknown };
        let found = aliases.whole.get(&folded).or_else(|| {
            aliases.begins.iter().find(|(begin, _)| folded.starts_with(begin)).map(|(_, values)| values)
        });
        // A dictionary of the user may have other values under the same key.
        match found {
            Some(values) if values.iter().all(|value| self.values.contains(value)) => {
                WordMeaning::Alias(values.clone())
            }
            _ => WordMeaning::Unknown,
        }
    }

    /// Words of a text that lists several, such as a cell: 高新技术企业、软件企业.
    ///
    /// The signs `|`, `；`, `、`, `，` and line breaks part words. A blank and `/` part words only of a closed vocabulary, and only
    /// where one of the parts is a word of it: names of parks contain both. Brackets keep what they enclose together.
    pub fn words_in<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut words = Vec::new();
        for part in
            parted(text, |sign| matches!(sign, '|' | '｜' | ';' | '；' | '、' | ',' | '，' | '\n' | '\r'))
        {
            if !self.is_closed() || !matches!(self.meaning(part), WordMeaning::Unknown) {
                words.push(part);
                continue;
            }
            let smaller = parted(part, |sign| sign.is_whitespace() || matches!(sign, '/' | '／'));
            let known = |word: &&str| !matches!(self.meaning(word), WordMeaning::Unknown);
            if smaller.len() > 1 && smaller.iter().any(known) {
                words.extend(smaller)
            } else {
                words.push(part)
            }
        }
        words
    }

    /// Meaning of an answer of 是 (true) or 否 (false) under `heading`; `None` if the heading does not ask for it.
    pub fn answer(&self, heading: &str, answer: bool) -> Option<AnswerMeaning> {
        let heading = asked(heading);
        let meaning = ANSWERS.get(&(heading, self.key.clone()))?.get(&answer)?.clone();
        let listed = |value: &String| self.values.contains(value);
        let sound = match &meaning {
            AnswerMeaning::OneOf(values) => self.kind == FactType::Text && values.iter().all(listed),
            AnswerMeaning::Lacks(values) => self.kind == FactType::Tags && values.iter().all(listed),
        };
        sound.then_some(meaning)
    }

    /// True if 无 under `heading` says that no tag at all is held: the heading names the fact as a whole, and not a part of it
    /// as 上市公司 does of 上市/挂牌板块.
    pub fn asks_for_all(&self, heading: &str) -> bool {
        let heading = asked(heading);
        heading == self.key || heading == folded(&self.name) || WHOLE.contains(&(heading, self.key.clone()))
    }
}

/// Answer of a text: true for 是, false for 否; `None` for anything else.
pub fn yes_or_no(text: &str) -> Option<bool> {
    match folded(text).as_str() {
        "是" | "有" | "对" | "√" | "✓" | "✔" | "y" | "yes" | "true" | "1" | "t" => Some(true),
        "否" | "不是" | "×" | "✗" | "✘" | "x" | "n" | "no" | "false" | "0" | "f" => Some(false),
        _ => None,
    }
}

/// True for a text that says that there is nothing: 无, 没有, 暂无.
pub fn says_none(text: &str) -> bool {
    matches!(folded(text).as_str(), "无" | "没有" | "暂无" | "均无" | "none" | "无资质" | "无称号")
}

/// True for a text that says nothing, neither that there is something nor that there is nothing: —, 不详.
pub fn says_nothing(text: &str) -> bool {
    matches!(
        folded(text).as_str(),
        "-" | "--"
            | "—"
            | "——"
            | "–"
            | "/"
            | "\\"
            | "不详"
            | "未知"
            | "待定"
            | "待核"
            | "待补"
            | "待填"
            | "未填"
            | "n/a"
            | "na"
            | "null"
            | "nil"
            | "?"
            | "…"
            | "……"
            | "#n/a"
            | "*"
            | "不适用"
            | "不清楚"
            | "保密"
    )
}

/// Heading without 是否 before it, a question mark or （是/否） behind it.
fn asked(heading: &str) -> String {
    let mut heading = folded(heading);
    for end in ["(是/否)", "(是否)", "?", "(y/n)", "情况"] {
        if let Some(head) = heading.strip_suffix(end) {
            heading = head.to_owned();
        }
    }
    for begin in ["是否为", "是否是", "是否属于", "是否", "是不是", "为"] {
        if let Some(rest) = heading.strip_prefix(begin) {
            return rest.to_owned();
        }
    }
    heading
}

/// Form in which spellings of one word are equal: width, case, blanks, kinds of quotes and brackets do not count.
pub(crate) fn folded(text: &str) -> String {
    text.nfkc()
        .filter(|sign| !sign.is_whitespace() && !crate::id::invisible(*sign))
        .filter(|sign| !matches!(sign, '“' | '”' | '"' | '‘' | '’' | '\'' | '「' | '」' | '《' | '》'))
        .map(|sign| match sign {
            '【' | '〔' | '[' => '(',
            '】' | '〕' | ']' => ')',
            '，' => ',',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// Parts of a text between the signs of `parts` outside brackets, trimmed, without empty ones.
fn parted(text: &str, parts: impl Fn(char) -> bool) -> Vec<&str> {
    let mut depth = 0_usize;
    let pieces = text.split(|sign: char| {
        match sign {
            '(' | '（' | '〔' | '【' => depth += 1,
            ')' | '）' | '〕' | '】' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && parts(sign)
    });
    pieces.map(str::trim).filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::FactDictionary;

    fn fact(key: &str) -> &'static Fact {
        FactDictionary::built_in().get(key).unwrap()
    }

    fn listed(word: &str) -> WordMeaning {
        WordMeaning::Listed(word.to_owned())
    }

    fn alias(words: &[&str]) -> WordMeaning {
        WordMeaning::Alias(words.iter().map(|word| (*word).to_owned()).collect())
    }

    /// Every alias and answer leads to values of its fact, and no alias is a value itself.
    #[test]
    fn tables_fit_the_dictionary() {
        for line in include_str!("../../../../seeds/facts/words.tsv").lines().skip(1) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [facts, word, values, source, review] = columns[..] else { panic!("{line}") };
            for key in facts.split(',') {
                let fact = fact(key);
                assert!(values.split('|').all(|value| fact.values.iter().any(|own| own == value)), "{line}");
                assert!(!fact.values.iter().any(|own| own == word), "{line}");
                let begin = word.strip_suffix('*').unwrap_or(word);
                assert!(!matches!(fact.meaning(begin), WordMeaning::Unknown) || begin != word, "{line}");
            }
            assert!(source.is_empty() || review.is_empty(), "{line}");
        }
        for line in include_str!("../../../../seeds/facts/answers.tsv").lines().skip(1) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [heading, key, answer, ..] = columns[..] else { panic!("{line}") };
            match answer {
                "none" => assert!(fact(key).asks_for_all(heading), "{line}"),
                _ => assert!(fact(key).answer(heading, answer == "yes").is_some(), "{line}"),
            }
        }
    }

    #[test]
    fn words_are_read_in_every_spelling() {
        let status = fact("registration_status");
        for word in ["存续（在营）", "存续 (在营)", "存续(在营)"] {
            assert_eq!(status.meaning(word), listed("存续(在营)"), "{word}");
        }
        for word in ["存续（在营、开业、在册）", "存续(在营,开业,在册)", "在业", "开业"]
        {
            assert_eq!(status.meaning(word), alias(&["存续(在营)"]), "{word}");
        }
        assert_eq!(status.meaning("其他状态"), WordMeaning::Unknown);
        let titles = fact("qualifications");
        assert_eq!(titles.meaning("高企"), alias(&["高新技术企业"]));
        assert_eq!(titles.meaning("ＡＥＯ高级认证"), listed("AEO高级认证"));
        assert_eq!(titles.meaning("专精特新“小巨人”企业"), alias(&["专精特新小巨人"]));
        assert_eq!(
            titles.meaning("专精特新"),
            WordMeaning::Unknown,
            "which of three kinds is meant is not known"
        );
        let form = fact("legal_form");
        assert_eq!(form.meaning("有限责任公司（自然人投资或控股）"), alias(&["有限责任公司"]));
        assert_eq!(form.meaning("有限责任公司分公司(国内合资)"), alias(&["分公司"]));
        assert_eq!(fact("enterprise_size").meaning("小微企业"), alias(&["微型", "小型"]));
        assert_eq!(fact("parks").meaning("张江"), WordMeaning::Free);
        assert_eq!(titles.meaning(&"高".repeat(10_000)), WordMeaning::Unknown);
    }

    #[test]
    fn lists_in_one_cell_are_split() {
        let titles = fact("qualifications");
        for text in [
            "高新技术企业、软件企业",
            "高新技术企业；软件企业",
            "高新技术企业 软件企业",
            "高新技术企业,软件企业",
            "高新技术企业|软件企业|",
            "高新技术企业/软件企业",
            "高新技术企业\n软件企业",
            " 高新技术企业　软件企业 ",
        ] {
            assert_eq!(titles.words_in(text), ["高新技术企业", "软件企业"], "{text}");
        }
        assert_eq!(
            titles.words_in("专精特新中小企业（2022年、2023年）"),
            ["专精特新中小企业（2022年、2023年）"]
        );
        assert_eq!(titles.words_in("未知 称号"), ["未知 称号"]);
        assert_eq!(titles.words_in("国家级 高新技术企业"), ["国家级 高新技术企业"]);
        assert_eq!(fact("parks").words_in("张江 AI/岛、漕河泾"), ["张江 AI/岛", "漕河泾"]);
        assert_eq!(titles.words_in("、"), Vec::<&str>::new());
    }

    #[test]
    fn answers_apply_only_under_their_heading() {
        let boards = fact("listing_boards");
        assert!(
            matches!(boards.answer("是否上市", false), Some(AnswerMeaning::Lacks(tags)) if tags.len() == 7)
        );
        assert!(matches!(boards.answer("上市公司（是/否）", false), Some(AnswerMeaning::Lacks(_))));
        assert_eq!(boards.answer("上市公司", true), None);
        assert_eq!(boards.answer("上市/挂牌板块", false), None);
        let ownership = fact("ownership");
        assert_eq!(ownership.answer("国企", true), Some(AnswerMeaning::OneOf(vec!["国有控股".to_owned()])));
        assert_eq!(ownership.answer("控股类型", true), None);
        assert!(fact("qualifications").asks_for_all("资质称号（有效期内）"));
        assert!(!boards.asks_for_all("上市公司"));
    }
}
