//! Places: 注册地、税务征管关系均在徐汇区, 在本市注册并依法纳税, 本区小微企业.

use zhaoren_cancel::poll;
use zhaoren_policy::code::{Code, CodeSystem, names};
use zhaoren_policy::criterion::{Criterion, Test, When};

use super::{Parser, current, leaf};
use crate::class::Class;
use crate::lexicon::{Level, Meaning};
use crate::token::Kind;

impl Parser<'_> {
    pub(super) fn place(&mut self) -> Option<Vec<Criterion>> {
        let before = self.at;
        if let Some(read) = self.nouns_in_place() {
            return Some(read);
        }
        self.at = before;
        if let Some(read) = self.in_place_verbs() {
            return Some(read);
        }
        self.at = before;
        self.verbs_in_place()
    }

    /// 注册地和税务登记地均在本区.
    fn nouns_in_place(&mut self) -> Option<Vec<Criterion>> {
        let nouns = self.list(|parser| {
            parser.skip(&[Class::Filler]);
            parser.take_meaning(|meaning| match meaning {
                Meaning::PlaceNoun(fact) => Some(fact.clone()),
                _ => None,
            })
        })?;
        if nouns.has_or {
            return None;
        }
        while !self.is(0, Class::In) && self.take_any(&[Class::Both, Class::Must, Class::Filler]) {
            poll();
        }
        if !(self.take(Class::In) || self.take(Class::Have)) {
            return None;
        }
        let code = self.place_name()?;
        Some(located(&nouns.of, &code))
    }

    /// 在本市依法注册、纳税, 本区注册.
    fn in_place_verbs(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::Filler]);
        self.take(Class::In);
        let code = self.place_name()?;
        self.skip(&[Class::Filler, Class::Must]);
        let facts = self.verbs()?;
        self.not_measured()?;
        let mut read = located(&facts, &code);
        if let Some(fact) = self.verb_behind()
            && let Some(tests) = self.age()
        {
            read.push(leaf(&fact, When::Current, tests));
        }
        Some(read)
    }

    /// 注册在本市, 登记注册于本区.
    fn verbs_in_place(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::Filler]);
        let facts = self.verbs()?;
        if !self.take(Class::In) {
            return None;
        }
        let code = self.place_name()?;
        Some(located(&facts, &code))
    }

    fn verbs(&mut self) -> Option<Vec<String>> {
        let verbs = self.list(|parser| {
            parser.skip(&[Class::Filler, Class::Must]);
            let mut facts = parser.place_verb()?;
            // 注册登记 and its like are one verb in two words.
            while let Some(more) = parser.place_verb() {
                poll();
                facts.extend(more);
            }
            Some(facts)
        })?;
        if verbs.has_or {
            return None;
        }
        Some(verbs.of.into_iter().flatten().collect())
    }

    fn place_verb(&mut self) -> Option<Vec<String>> {
        self.take_meaning(|meaning| match meaning {
            Meaning::PlaceVerb(facts) => Some(facts.clone()),
            _ => None,
        })
    }

    /// `None` if a bound or a number follows: 在本区纳税50万元 is about the tax.
    fn not_measured(&self) -> Option<()> {
        let bound = [Class::AtLeast, Class::AtMost, Class::MoreThan, Class::LessThan];
        let measured = matches!(self.kind(0), Some(Kind::Amount(_)))
            || (bound.iter().any(|class| self.is(0, *class))
                && matches!(self.kind(1), Some(Kind::Amount(_))));
        (!measured).then_some(())
    }

    /// Name of a place, from the larger to the smaller: 上海市徐汇区.
    pub(super) fn place_name(&mut self) -> Option<Code> {
        let mut found: Option<Code> = None;
        loop {
            poll();
            let here = self.meanings(0).iter().find_map(|meaning| match meaning {
                Meaning::Here(level) => Some(Err(*level)),
                Meaning::Place(codes) => Some(Ok(codes.clone())),
                _ => None,
            });
            let code = match here {
                None => {
                    if found.is_none()
                        && let Some((code, length)) = self.short_name()
                    {
                        self.at += length;
                        found = Some(code);
                    }
                    break;
                }
                Some(Err(level)) => self.here(level)?,
                Some(Ok(codes)) => {
                    let inside = |code: &&Code| match (&found, self.setting.region) {
                        (Some(larger), _) => code.is_within(larger),
                        (None, Some(region)) => codes.len() == 1 || province(code) == province(region),
                        (None, None) => codes.len() == 1,
                    };
                    let mut fitting = codes.iter().filter(inside);
                    let first = fitting.next()?;
                    // Two districts of one name in the same larger place cannot be told apart.
                    if fitting.next().is_some() {
                        return None;
                    }
                    first.clone()
                }
            };
            if found.as_ref().is_some_and(|larger| !code.is_within(larger)) {
                return None;
            }
            found = Some(code);
            self.at += 1;
        }
        self.skip(&[Class::Area]);
        found
    }

    /// Region of the text by its name without 区, 县 or 市, with its length in tokens: 南沙. Not the beginning of a longer name: 南沙新区.
    fn short_name(&self) -> Option<(Code, usize)> {
        let other = |ahead: usize| match self.kind(ahead) {
            Some(Kind::Other(c)) => Some(*c),
            _ => None,
        };
        other(0)?;
        let key = self.setting.region?.key();
        for length in [6, 4, 2] {
            let code = Code::parse(&format!("{:0<6}", key.get(..length)?), CodeSystem::Region)?;
            let Some(name) = names(CodeSystem::Region).name(&code) else { continue };
            let short = name.trim_end_matches(['区', '县', '市', '省']);
            let count = short.chars().count();
            let is_named = count >= 2 && short.chars().enumerate().all(|(at, c)| other(at) == Some(c));
            let ends = match self.kind(count) {
                None | Some(Kind::Word(_)) => true,
                Some(Kind::Mark(mark)) => matches!(mark, '，' | '、' | '；' | '。'),
                _ => false,
            };
            if is_named && ends {
                return Some((code, count));
            }
        }
        None
    }

    /// Region that 本省, 本市 or 本区 means.
    fn here(&self, level: Level) -> Option<Code> {
        let region = self.setting.region?;
        let key = region.key();
        let municipality = ["11", "12", "31", "50"].iter().any(|head| key.starts_with(head));
        let length = match level {
            Level::Province => 2,
            Level::City if municipality => 2,
            Level::City => 4,
            Level::District => 6,
        };
        let head = key.get(..length)?;
        Code::parse(&format!("{head:0<6}"), CodeSystem::Region)
    }

    /// 本市中小微企业, 本区有效期内的高新技术企业: a place before what the enterprise is.
    pub(super) fn bare_place(&mut self) -> Option<Vec<Criterion>> {
        let behind = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map(|token| &token.kind);
        if matches!(behind, Some(Kind::Other(_) | Kind::Amount(_) | Kind::Length(_))) {
            return None;
        }
        // 企业为本市…企业 says of what place the enterprise is; 拥有本市… does not.
        let is_one = self.is_word(&["为", "是", "系", "应为", "须为", "应是"]);
        self.at += usize::from(is_one);
        let inside = !is_one && self.take(Class::In);
        let code = self.place_name()?;
        let before = self.at;
        // 在本市行政区域内具有独立法人资格: where a legal person has its seat, there it is registered.
        self.skip(&[Class::Have]);
        let is_seat = self.at > before
            && self.meanings(0).iter().any(
                |meaning| matches!(meaning, Meaning::Flag { leaf, .. } if leaf.fact == "is_legal_person"),
            );
        self.at = before;
        if inside && is_seat {
            return Some(located(&["registered_region".to_owned()], &code));
        }
        if inside {
            return None;
        }
        self.skip(&[Class::De, Class::Valid, Class::Filler, Class::New]);
        let names_enterprise = self.meanings(0).iter().any(|meaning| {
            matches!(
                meaning,
                Meaning::Title(_)
                    | Meaning::Size(_)
                    | Meaning::SizePrefix(_)
                    | Meaning::Function(Class::Subject)
                    | Meaning::Industry(_)
            ) || matches!(meaning, Meaning::Flag { leaf, .. } if leaf.fact == "in_statistics")
        });
        self.at = before;
        // 的 counts as a word of the subject, but alone it names nothing.
        (names_enterprise && !(self.is(0, Class::De) && self.tokens.len() == self.at + 1))
            .then(|| located(&["registered_region".to_owned()], &code))
    }
}

fn province(code: &Code) -> Option<&str> {
    code.key().get(..2)
}

fn located(facts: &[String], code: &Code) -> Vec<Criterion> {
    let mut read: Vec<Criterion> = Vec::new();
    for fact in facts {
        let one = current(fact, Test::Within(vec![code.clone()]));
        if !read.contains(&one) {
            read.push(one);
        }
    }
    read
}
