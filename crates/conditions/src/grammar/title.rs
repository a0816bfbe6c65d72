//! Titles, size classes, listing, founders and credit grades: what an enterprise is or is called.

use zhaoren_policy::criterion::{Criterion, Leaf, Node, Test, When};
use zhaoren_policy::fact::Value;

use super::{Parser, current};
use crate::class::Class;
use crate::draft;
use crate::lexicon::Meaning;
use crate::token::Kind;

impl Parser<'_> {
    /// 具有高新技术企业资格, 上年度新认定的专精特新中小企业, 未获得过市级企业技术中心认定.
    pub(super) fn titles(&mut self) -> Option<Vec<Criterion>> {
        let (mut last, mut have, mut new, mut never, mut both) = (false, false, false, false, false);
        loop {
            // A word of having is also one of never having: the longer word has only one meaning.
            if self.is(0, Class::By) && self.kind(1) == Some(&Kind::Reference) {
                // 按照《…》认定的: what makes it a title.
                self.at += 2;
            } else if self.take(Class::Never) {
                never = true;
            } else if self.take(Class::New) {
                new = true;
            } else if self.is(0, Class::Both) && !self.is(0, Class::Each) {
                self.at += 1;
                both = true;
            } else if self.take(Class::Have) {
                have = true;
            } else if self.take(Class::LastYear) {
                last = true;
            } else if !self.take_any(&[Class::Valid, Class::Filler, Class::De, Class::Listed]) {
                break;
            }
        }
        let listing = self.list(|parser| {
            parser.skip(&[Class::Valid, Class::Have, Class::Filler, Class::New]);
            parser.take_meaning(|meaning| match meaning {
                Meaning::Title(tags) => Some(tags.clone()),
                _ => None,
            })
        })?;
        self.skip(&[Class::Valid]);
        let mut process = false;
        while self.is(0, Class::TitleEnd) || self.is(0, Class::Valid) {
            process |= self.is(0, Class::TitleProcess);
            self.at += 1;
        }
        // 高新技术企业认定 is the name of a procedure, 通过高新技术企业认定 a condition.
        if process && !(have || new || never || last || both) {
            return None;
        }
        if never && (last || new) {
            return None;
        }
        let plain_list = listing.of.len() > 1;
        // 具有A和B: both, or one of them? 同时 says it.
        if plain_list && listing.has_and && !listing.has_or && have && !both && !never {
            return None;
        }
        let fact = if new || (last && have) { "titles_granted_last_year" } else { "qualifications" };
        if last && fact == "qualifications" {
            return None;
        }
        if both && !never && plain_list {
            return Some(listing.of.into_iter().map(|tags| current(fact, Test::HasAny(tags))).collect());
        }
        let tags = unique(listing.of);
        let test = if never { Test::HasNone(tags) } else { Test::HasAny(tags) };
        Some(vec![current(fact, test)])
    }

    /// 在科创板或创业板上市.
    pub(super) fn boards(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::In, Class::Filler]);
        let listing = self.list(|parser| {
            parser.take_meaning(|meaning| match meaning {
                Meaning::Board(values) => Some(values.clone()),
                _ => None,
            })
        })?;
        self.skip(&[Class::Filler]);
        if !self.take(Class::Listing) {
            return None;
        }
        Some(vec![current("listing_boards", Test::HasAny(unique(listing.of)))])
    }

    /// 符合中小企业划型标准, 小型、微型企业.
    pub(super) fn size(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::Have, Class::Must, Class::Filler]);
        if self.kind(0) == Some(&Kind::Reference) {
            self.at += 1;
            self.skip(&[Class::SizeEnd, Class::De]);
        }
        let listing = self.list(|parser| {
            parser.take_meaning(|meaning| match meaning {
                Meaning::Size(values) => Some(values.clone()),
                _ => None,
            })
        })?;
        self.skip(&[Class::De, Class::SizeEnd]);
        let values = unique(listing.of).into_iter().map(Value::Text).collect();
        Some(vec![current("enterprise_size", Test::OneOf(values))])
    }

    /// 企业规模为中型以上, 规模为小型或微型.
    pub(super) fn size_name(&mut self) -> Option<Vec<Criterion>> {
        // From the largest to the smallest.
        const CLASSES: [&str; 4] = ["大型", "中型", "小型", "微型"];
        if !self.take(Class::SizeNoun) {
            return None;
        }
        self.skip(&[Class::Have, Class::Must, Class::Filler]);
        let listing = self.list(|parser| {
            parser.take_meaning(|meaning| match meaning {
                Meaning::SizeName(name) => Some(name.clone()),
                _ => None,
            })
        })?;
        let mut names = listing.of;
        let bounded =
            if self.take(Class::OrMore) { Some(true) } else { self.take(Class::OrLess).then_some(false) };
        if let Some(up) = bounded {
            let [name] = names.as_slice() else { return None };
            let place = CLASSES.iter().position(|class| class == name)?;
            let of = if up { CLASSES.get(..=place) } else { CLASSES.get(place..) }?;
            names = of.iter().map(|class| (*class).to_owned()).collect();
        }
        self.skip(&[Class::SizeEnd]);
        let values = names.into_iter().map(Value::Text).collect();
        Some(vec![current("enterprise_size", Test::OneOf(values))])
    }

    /// 法定代表人为高校毕业生或者退役军人.
    pub(super) fn founder(&mut self) -> Option<Vec<Criterion>> {
        self.take_meaning(|meaning| (*meaning == Meaning::FounderNoun).then_some(()))?;
        self.skip(&[Class::Must, Class::Filler]);
        if !self.take(Class::Have) {
            return None;
        }
        let listing = self.list(|parser| {
            parser.take_meaning(|meaning| match meaning {
                Meaning::Founder(values) => Some(values.clone()),
                _ => None,
            })
        })?;
        Some(vec![current("founder_types", Test::HasAny(unique(listing.of)))])
    }

    /// 纳税信用等级为A级或B级, 纳税信用等级B级以上, 纳税信用级别不为D级.
    pub(super) fn grade(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::LastYear]);
        self.take_meaning(|meaning| (*meaning == Meaning::GradeNoun).then_some(()))?;
        let (mut at_least, mut denied) = (false, false);
        loop {
            if self.take(Class::Never) || self.take(Class::Not) {
                denied = true;
            } else if self.take(Class::AtLeast) {
                at_least = true;
            } else if !self.take_any(&[Class::Have, Class::Must, Class::In, Class::Filler]) {
                break;
            }
        }
        let listing = self.list(|parser| {
            parser.skip(&[Class::Have]);
            let Some(Kind::Grade(letter)) = parser.kind(0) else { return None };
            let letter = letter.to_string();
            parser.at += 1;
            parser.setting.lexicon.grades.contains(&letter).then_some(letter)
        })?;
        let bracket = self.skip(&[Class::Inclusive]);
        let above = self.take(Class::OrMore);
        self.skip(&[Class::Inclusive]);
        let mut grades = listing.of;
        if above || at_least {
            let [lowest] = grades.as_slice() else { return None };
            let place = self.setting.lexicon.grades.iter().position(|grade| grade == lowest)?;
            grades = self.setting.lexicon.grades.get(..=place)?.to_vec();
        } else if bracket {
            return None;
        }
        let values: Vec<Value> = grades.into_iter().map(Value::Text).collect();
        let leaf = Leaf {
            fact: "tax_credit_grade".to_owned(),
            when: When::Current,
            tests: vec![Test::OneOf(values)],
        };
        let read = vec![Criterion::without_evidence(Node::Leaf(leaf))];
        Some(if denied { draft::deny(read, self.setting.dictionary) } else { read })
    }
}

/// Values of all lists in order, each once.
fn unique(lists: Vec<Vec<String>>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for value in lists.into_iter().flatten() {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}
