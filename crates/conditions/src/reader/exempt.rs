//! Exemptions and steps: who is excepted from a rule, and the lowest step of a ladder of grants.

use std::ops::Range;

use zhaoren_policy::criterion::{Compare, Criterion, Leaf, Node, Test, When};
use zhaoren_policy::number::Number;

use super::clause::Phrase;
use super::{Reader, quoted};
use crate::draft;
use crate::grammar::{Setting, phrase};
use crate::lexicon::Meaning;
use crate::outline::{find, find_any};
use crate::segment::SegmentKind;
use crate::token::{Kind, Token, tokens};

impl Reader<'_> {
    /// A（B除外）: A, or B. A（B可为C）: A, or B with C.
    pub(super) fn exempting_bracket(
        &mut self,
        part: Range<usize>,
        setting: Setting<'_>,
    ) -> Option<Vec<Criterion>> {
        let cues = ["except", "instead"].map(|class| find_any(&self.signs, part.clone(), self.cues(class)));
        let (except, instead) = match cues {
            [Some(except), _] => (except, None),
            [None, Some(cue)] => (cue.start..part.end - 1, Some(cue.end)),
            [None, None] => return None,
        };
        let ends_with_bracket = self.signs.get(part.end.checked_sub(1)?)?.c == '）';
        if !ends_with_bracket || except.end + 1 != part.end {
            return None;
        }
        let open = (part.start..except.start)
            .rev()
            .find(|at| self.signs.get(*at).is_some_and(|sign| sign.c == '（'))?;
        let read = |from: usize, to: usize| {
            phrase(&tokens(&self.signs, from, to, setting.lexicon), setting, &mut None)
                .filter(|read| !read.is_empty())
        };
        let (rule, mut exempt) = (read(part.start, open)?, read(open + 1, except.start)?);
        if let Some(instead) = instead {
            exempt.extend(read(instead, part.end - 1)?);
        }
        let mut both = vec![draft::any(vec![draft::all(rule), draft::all(exempt)])];
        quoted(&mut both, self.verbatim(part));
        Some(both)
    }

    /// 但B不受成立时间限制, B可不受…不低于2000万元条件限制: true if it was understood and is in `found`.
    pub(super) fn exemption(
        &mut self,
        part: Range<usize>,
        found: &mut Vec<Phrase>,
        setting: Setting<'_>,
    ) -> bool {
        let Some(verb) = find(&self.signs, part.clone(), "不受") else { return false };
        let Some(limit) = find(&self.signs, verb..part.end, "限") else { return false };
        let skip = |at: usize, words: [&str; 4]| {
            words
                .iter()
                .find(|word| find(&self.signs, at..part.end, word) == Some(at))
                .map_or(at, |word| at + word.chars().count())
        };
        let begin = skip(part.start, ["但是", "但", "其中", "对"]);
        let end = if verb > begin && self.signs.get(verb - 1).is_some_and(|sign| sign.c == '可') {
            verb - 1
        } else {
            verb
        };
        let rule = skip(verb + 2, ["上述", "前述", "此", "该"]);
        let rule_end = find(&self.signs, rule..limit, "条件").unwrap_or(limit);
        let names_itself = end > begin;
        if !names_itself && found.is_empty() {
            return false;
        }
        // The exempt may be the phrase before; the rule is then none of its words.
        let before = found.len() - usize::from(!names_itself);
        let is_last = rule == rule_end || find(&self.signs, rule..rule_end, "规定") == Some(rule);
        let list = tokens(&self.signs, rule, rule_end, setting.lexicon);
        let bound = phrase(&list, setting, &mut None).filter(|read| !read.is_empty()).map(draft::all);
        let rule = match is_last {
            // 不受此限: the rule is what was said last.
            true => take_last(found.get_mut(..before).unwrap_or_default()),
            false => bound.or_else(|| take_rule(found.get_mut(..before).unwrap_or_default(), &list, setting)),
        };
        let Some(rule) = rule else { return false };
        self.note(part.clone(), SegmentKind::Criterion);
        let exempt = if names_itself {
            let list = tokens(&self.signs, begin, end, setting.lexicon);
            match phrase(&list, setting, &mut None).filter(|read| !read.is_empty()) {
                Some(read) => draft::all(read),
                None => self.judge(begin..end),
            }
        } else {
            match found.pop() {
                Some(Phrase::Open(range)) => self.judge(range),
                Some(Phrase::Read(read)) => draft::all(read),
                Some(Phrase::Or) | None => return false,
            }
        };
        let mut both = vec![draft::any(vec![rule, exempt])];
        quoted(&mut both, self.verbatim(part));
        found.push(Phrase::Read(both));
        true
    }
}

/// All that the last phrase read says, taken out of `found`.
fn take_last(found: &mut [Phrase]) -> Option<Criterion> {
    match found.last_mut()? {
        Phrase::Read(read) if !read.is_empty() => Some(draft::all(std::mem::take(read))),
        _ => None,
    }
}

/// Criterion read before that the words of an exemption name, taken out of `found`.
fn take_rule(found: &mut [Phrase], words: &[Token], setting: Setting<'_>) -> Option<Criterion> {
    let facts: Vec<&String> = words
        .iter()
        .filter_map(|token| match token.kind {
            Kind::Word(entry) => Some(setting.lexicon.meanings(entry)),
            _ => None,
        })
        .flatten()
        .filter_map(|meaning| match meaning {
            Meaning::Quantity(fact) | Meaning::SinceNoun(fact) | Meaning::PlaceNoun(fact) => Some(fact),
            _ => None,
        })
        .collect();
    for phrase in found.iter_mut() {
        let Phrase::Read(read) = phrase else { continue };
        let place = read
            .iter()
            .position(|one| matches!(&one.node, Node::Leaf(Leaf { fact, .. }) if facts.contains(&fact)));
        if let Some(place) = place {
            return Some(read.remove(place));
        }
    }
    None
}

/// Alternatives; of steps of one quantity only the lowest.
pub(super) fn lowest(parts: Vec<Vec<Criterion>>) -> Criterion {
    let step = |part: &[Criterion]| match part {
        [Criterion { node: Node::Leaf(leaf), .. }] => match leaf.tests.as_slice() {
            [Test::Number(Compare::AtLeast, bound)] => Some((leaf.fact.clone(), leaf.when, bound.clone())),
            _ => None,
        },
        _ => None,
    };
    let steps: Option<Vec<(String, When, Number)>> = parts.iter().map(|part| step(part)).collect();
    let lowest = steps.and_then(|steps| {
        let (fact, when, _) = steps.first()?.clone();
        let same = steps.iter().all(|step| step.0 == fact && step.1 == when);
        let least = steps.iter().enumerate().min_by(|one, other| one.1.2.cmp(&other.1.2));
        least.filter(|_| same).map(|(place, _)| place)
    });
    match lowest.and_then(|place| parts.get(place)) {
        Some(part) => draft::all(part.clone()),
        None => draft::any(parts.into_iter().map(draft::all).collect()),
    }
}
