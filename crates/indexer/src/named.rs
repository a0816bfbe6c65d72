//! Entities named in a query: a document by its 文号, an organ by its 代字, a region.
//!
//! They are looked up in sorted tables made when a generation is opened, so that the cost does not grow with the index.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use zhaoren_cancel::poll;

use zhaoren_policy::code::{Code, CodeSystem, names};
use zhaoren_text::{docno, numeral, search_form};

use crate::entry::EntryKind;
use crate::entry_meta::{EntryMeta, places};
use crate::lexicon::Lexicon;
use crate::query::Understood;

/// Bonus of an entry whose own 文号 was typed.
const EXACT_NUMBER: f32 = 10_000.0;
/// Bonus of an entry whose 文号 has the typed year and serial and a similar organ's code, if no entry has the typed one.
const NEAR_NUMBER: f32 = 1_000.0;
/// Bonus of an entry whose 文号 begins with the organ's code, if only the code was typed.
const ORGAN: f32 = 100.0;
/// Bonus of an entry that the organ issued without such a 文号.
const ISSUER: f32 = 50.0;
/// Bonus of an entry of an organ typed among other words.
const ORGAN_BESIDE: f32 = 6.0;
/// Bonus of an entry of the typed region; half of it for a region below.
const REGION: f32 = 6.0;

/// Reason shown for a bonus.
pub(crate) fn reason(bonus: f32) -> &'static str {
    if bonus >= EXACT_NUMBER {
        "文号就是所查的"
    } else if bonus >= NEAR_NUMBER {
        "文号的年份与序号就是所查的，机关代字相近"
    } else if bonus >= ORGAN {
        "文号以所查的机关代字开头，或公告、令的号数相同"
    } else if bonus >= ISSUER {
        "由所查的机关发布"
    } else if bonus > REGION {
        "以往同样的问题由它回答"
    } else if bonus >= REGION {
        "属于所提的机关或地区"
    } else {
        "属于所提地区的下级"
    }
}

/// Positions of entries by 文号, organ, announcement, issuer and region.
#[derive(Debug, Default)]
pub(crate) struct Names {
    by_number: BTreeMap<String, Vec<usize>>,
    by_organ: BTreeMap<String, Vec<usize>>,
    /// By year and number of an announcement: 公告2023年第12号.
    by_announcement: BTreeMap<(String, String), Vec<usize>>,
    /// By number of an order (令), whatever its organ.
    by_order: BTreeMap<u32, Vec<usize>>,
    by_issuer: BTreeMap<String, Vec<usize>>,
    by_region: BTreeMap<String, Vec<usize>>,
    /// Items by title, by title without a bracket at its end, and by former name; letters and digits alone.
    by_name: HashMap<String, Vec<usize>>,
    /// Documents by year and serial of their 文号, with the organ's code.
    by_serial: BTreeMap<(u16, u32), Vec<(String, usize)>>,
}

/// Length of a name that is looked for in a question, in characters, and of the question that it is looked for in.
const SHORTEST_NAME: usize = 2;
const LONGEST_NAME: usize = 40;
const LONGEST_QUESTION: usize = 100;

/// Entries named by a query.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Hits even if no word matches, with their bonus.
    pub(crate) outright: Vec<(usize, f32)>,
    /// Bonus of entries if they match anyway.
    pub(crate) beside: Vec<(usize, f32)>,
}

impl Names {
    pub(crate) fn of(cards: &[Arc<EntryMeta>]) -> Self {
        let mut names = Self::default();
        for (position, card) in cards.iter().enumerate() {
            let document = &card.document;
            names.add_names(position, card);
            if let Some(number) = document.number.as_deref().and_then(docno::parse) {
                if let Some(year) = number.year {
                    let of_year = names.by_serial.entry((year, number.serial)).or_default();
                    of_year.push((number.organ.clone(), position));
                }
                names.by_number.entry(number.key()).or_default().push(position);
                if number.form == docno::Form::Ordered {
                    names.by_order.entry(number.serial).or_default().push(position);
                }
                names.by_organ.entry(number.organ).or_default().push(position);
            }
            if let Some(announced) = document.number.as_deref().and_then(announcement) {
                names.by_announcement.entry(announced).or_default().push(position);
            }
            if let Some(issuer) = &document.issuer {
                names.by_issuer.entry(issuer.clone()).or_default().push(position);
            }
            if let Some(region) = document.region.as_deref().and_then(region) {
                names.by_region.entry(region.key().to_owned()).or_default().push(position);
            }
        }
        names
    }

    fn add_names(&mut self, position: usize, card: &EntryMeta) {
        if card.kind != EntryKind::Item {
            return;
        }
        let short = card.title.split(['（', '(']).next().unwrap_or_default();
        for name in card.aka.iter().map(String::as_str).chain([card.title.as_str(), short]) {
            let key = plain(name);
            let length = key.chars().count();
            if (SHORTEST_NAME..=LONGEST_NAME).contains(&length) {
                let positions = self.by_name.entry(key).or_default();
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
        }
    }

    /// True if there are items.
    pub(crate) fn has_items(&self) -> bool {
        !self.by_name.is_empty()
    }

    /// Items with this title or former name.
    pub(crate) fn with_name(&self, name: &str) -> &[usize] {
        self.by_name.get(&plain(name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Names of items in a question that do not overlap, the longest first from each place, with their items.
    pub(crate) fn in_question(&self, text: &str) -> Vec<(String, &[usize])> {
        let chars: Vec<char> = plain(text).chars().take(LONGEST_QUESTION).collect();
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some(rest) = chars.get(at..).filter(|rest| rest.len() >= SHORTEST_NAME) {
            poll();
            let named = (SHORTEST_NAME..=rest.len().min(LONGEST_NAME)).rev().find_map(|length| {
                let name: String = rest.get(..length)?.iter().collect();
                self.by_name.get(&name).map(|positions| (name, positions.as_slice()))
            });
            at += named.as_ref().map_or(1, |(name, _)| name.chars().count());
            found.extend(named);
        }
        found
    }

    /// Documents with the year and serial of a 文号 whose organ's code begins like it: 沪经信规〔2022〕8号 for
    /// 沪经信规范〔2022〕8号.
    fn near_number(&self, number: &docno::DocumentNumber) -> impl Iterator<Item = usize> {
        let same = number.year.and_then(|year| self.by_serial.get(&(year, number.serial)));
        let organ = number.organ.clone();
        let near = move |own: &str| {
            let shared = own.chars().zip(organ.chars()).take_while(|(a, b)| a == b).count();
            shared >= 2 && shared + 2 >= own.chars().count().max(organ.chars().count())
        };
        same.into_iter().flatten().filter(move |(own, _)| near(own)).map(|(_, position)| *position)
    }

    /// Entries named by `understood`.
    pub(crate) fn named(&self, understood: &Understood, lexicon: &Lexicon) -> Named {
        let mut named = Named::default();
        for key in &understood.numbers {
            let positions = self.by_number.get(key).into_iter().flatten();
            named.outright.extend(positions.map(|position| (*position, EXACT_NUMBER)));
        }
        if let Some(number) = understood.number.as_ref().filter(|_| named.outright.is_empty()) {
            named.outright.extend(self.near_number(number).map(|position| (position, NEAR_NUMBER)));
        }
        if let Some(positions) =
            announcement(&understood.plain).and_then(|announced| self.by_announcement.get(&announced))
        {
            named.outright.extend(positions.iter().map(|position| (*position, ORGAN)));
        }
        if let Some(positions) = order(&understood.plain).and_then(|serial| self.by_order.get(&serial)) {
            named.outright.extend(positions.iter().map(|position| (*position, ORGAN)));
        }
        for organ in &understood.organs {
            let numbered = below(&self.by_organ, organ).map(|(_, position)| position);
            if understood.is_organ() {
                named.outright.extend(numbered.map(|position| (position, ORGAN)));
                named.outright.extend(self.issued(organ, lexicon).map(|position| (position, ISSUER)));
            } else {
                named.beside.extend(numbered.map(|position| (position, ORGAN_BESIDE)));
            }
        }
        self.add_regions(understood, &mut named);
        named
    }

    /// True if an entry's own 文号 begins with this code. Codes of two characters are excluded, being words too: 财税.
    pub(crate) fn is_organ(&self, word: &str) -> bool {
        word.chars().count() > 2 && self.by_organ.contains_key(word)
    }

    /// Entries issued by the organ that uses this code.
    fn issued(&self, organ: &str, lexicon: &Lexicon) -> impl Iterator<Item = usize> {
        let issuer = lexicon.organs.iter().find(|(code, _)| code == organ).map(|(_, issuer)| issuer.clone());
        let issued = self
            .by_issuer
            .iter()
            .filter(move |(long, _)| issuer.as_ref().is_some_and(|short| long.contains(short.as_str())));
        issued.flat_map(|(_, places)| places.iter().copied())
    }

    /// Regions denoted by a word, by the full name or without its ending, if the index has entries of them.
    /// 朝阳 denotes several regions; all of them count. 合作 is a region only if there are entries of 合作市.
    pub(crate) fn places(&self, word: &str) -> Vec<Code> {
        let mut codes = places(word);
        codes.retain(|code| !code.key().is_empty() && below(&self.by_region, code.key()).next().is_some());
        codes
    }

    /// Adds the regions in the query. A full region name typed alone is a query for its entries; otherwise it adds a bonus.
    fn add_regions(&self, understood: &Understood, named: &mut Named) {
        let alone = understood.words.len() == 1;
        for term in &understood.words {
            let full = !names(CodeSystem::Region).codes(&term.word).is_empty();
            let into = if alone && full { &mut named.outright } else { &mut named.beside };
            for code in self.places(&term.word) {
                into.extend(below(&self.by_region, code.key()).map(|(key, position)| {
                    (position, if key == code.key() { REGION } else { REGION / 2.0 })
                }));
            }
        }
    }
}

/// Year and number of the first announcement named, with or without its organ: 2023年第12号.
fn announcement(text: &str) -> Option<(String, String)> {
    let (before, after) = text.split_once("年第")?;
    let year = before.get(before.len().checked_sub(4)?..)?;
    let (number, _) = after.split_once('号')?;
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    (digits(year) && digits(number)).then(|| (year.to_owned(), number.to_owned()))
}

/// Number of an order named without its organ, if the text is nothing else: 令第707号, 令707号, 第707号令.
fn order(text: &str) -> Option<u32> {
    let text = text.trim();
    let (rest, before) = text.strip_prefix('令').map_or((text, false), |rest| (rest, true));
    let rest = rest.trim_start_matches(['（', '(', ' ']).trim_end_matches(['）', ')', ' ']);
    let (rest, is_suffixed) = rest.strip_suffix('令').map_or((rest, false), |rest| (rest, true));
    let serial = rest.strip_prefix('第').unwrap_or(rest).strip_suffix('号')?;
    let serial = numeral::parse(serial).filter(|_| before != is_suffixed)?;
    u32::try_from(serial).ok()
}

/// All values whose key begins with a prefix.
fn below<'a>(
    table: &'a BTreeMap<String, Vec<usize>>,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a str, usize)> + 'a {
    let from = table.range(prefix.to_owned()..).take_while(move |(key, _)| key.starts_with(prefix));
    from.flat_map(|(key, positions)| positions.iter().map(|position| (key.as_str(), *position)))
}

/// Letters and digits of a name in lower case, in their search form.
fn plain(text: &str) -> String {
    search_form(text).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A printed region code.
pub(crate) fn region(code: &str) -> Option<Code> {
    Code::parse(code, CodeSystem::Region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decrees_are_identified_by_number_alone() {
        for text in ["令第707号", "令707号", "第707号令", "707号令", "令（第707号）", " 令第七百零七号 "]
        {
            assert_eq!(order(text), Some(707), "{text}");
        }
        for text in ["707号", "令", "令号", "令第707号的条例", "第707号令第1号", "令第707号令", "", "号令"]
        {
            assert_eq!(order(text), None, "{text}");
        }
    }
}
