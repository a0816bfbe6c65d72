//! Sentences and their parts: what is denied, exempted or granted, and the phrases in between.

use std::ops::Range;

use zhaoren_policy::criterion::{Arm, Criterion, Node};

use super::among::of_those;
use super::exempt::lowest;
use super::{Reader, quoted};
use crate::class::Class;
use crate::draft;
use crate::grammar::{Context, Setting, phrase};
use crate::lexicon::Meaning;
use crate::outline::{find, find_any, split, trimmed};
use crate::segment::SegmentKind;
use crate::token::{Kind, Token, tokens};

/// Phrase of a sentence as it was read.
pub(super) enum Phrase {
    /// Criteria that must all hold.
    Read(Vec<Criterion>),
    /// Text that is not understood.
    Open(Range<usize>),
    /// Another alternative begins.
    Or,
}

/// First open phrase of a sentence that names what is no enterprise. Each phrase is looked at once, however many follow.
#[derive(Default)]
struct OtherOwner {
    first: Option<usize>,
    seen: usize,
}

impl OtherOwner {
    /// True if such a phrase is in `found`, of which only the last may have been replaced since the call before.
    fn is_in(&mut self, reader: &Reader<'_>, found: &[Phrase]) -> bool {
        self.first = self.first.filter(|at| matches!(found.get(*at), Some(Phrase::Open(_))));
        self.seen = self.seen.min(found.len());
        while self.first.is_none() && self.seen < found.len() {
            if let Some(Phrase::Open(range)) = found.get(self.seen)
                && (reader.names_another(range.clone()) || reader.begins_with_another(range.clone()))
            {
                self.first = Some(self.seen);
            }
            self.seen += 1;
        }
        self.first.is_some()
    }
}

impl Reader<'_> {
    /// Criteria of one sentence.
    pub(super) fn sentence(&mut self, range: Range<usize>, listed: bool) -> Vec<Criterion> {
        let mut range = self.without_label(range);
        if let Some(begin) = self.definition(range.clone()) {
            self.leave(begin..range.end);
            range = trimmed(&self.signs, range.start..begin);
        }
        if range.is_empty() {
            return Vec::new();
        }
        let parts = split(&self.signs, range.clone(), |c| c == '；');
        if let Some(case) = self.tiers(range.clone(), &parts) {
            return vec![case];
        }
        let halves =
            if parts.len() == 1 { split(&self.signs, range.clone(), |c| c == '，') } else { parts.clone() };
        if let Some(case) = self.exception(range.clone(), &halves) {
            return vec![case];
        }
        let granting = parts.iter().filter(|part| self.grant((*part).clone()).is_some()).count();
        let mut read: Vec<Vec<Criterion>> = Vec::new();
        let mut granted = false;
        for part in parts {
            let grants = self.grant(part.clone()).is_some();
            if granted && !grants && self.is_amount(part.clone()) {
                self.leave(part);
                continue;
            }
            granted |= grants;
            read.push(self.part(part, listed));
        }
        read.retain(|part| !part.is_empty());
        if granting > 1 {
            self.steps(&mut read);
        }
        if granting > 1 && read.len() > 1 && !listed {
            // A的，奖励…；B的，奖励…: there is something to be had for either.
            return vec![lowest(read)];
        }
        if read.len() > 1 && read.iter().all(|part| super::tier::has_kind_and_bound(part)) {
            return vec![draft::any(read.into_iter().map(draft::all).collect())];
        }
        let mut read: Vec<Criterion> = read.into_iter().flatten().collect();
        self.defined(&mut read);
        read
    }

    fn part(&mut self, range: Range<usize>, listed: bool) -> Vec<Criterion> {
        let range = self.without_label(range);
        let opens = self.cues("opening").iter().any(|cue| {
            // 支持对象 names the enterprise.
            let behind = range.start + cue.chars().count();
            find(&self.signs, range.clone(), cue) == Some(range.start)
                && find(&self.signs, behind..range.end, "对象") != Some(behind)
        });
        if opens || self.is_never(range.clone()) {
            self.leave(range);
            return Vec::new();
        }
        match self.labelled(range.clone(), listed) {
            Some(read) => read,
            None => self.unlabelled(range, listed),
        }
    }

    /// True if `range` defines, punishes or tells of a procedure. A fault that bars from support is a condition: 被责令改正的，不得申报.
    fn is_never(&self, range: Range<usize>) -> bool {
        let Some(cue) = find_any(&self.signs, range.clone(), self.cues("never")) else { return false };
        let is_fault =
            ["责令", "没收"].iter().any(|word| find(&self.signs, cue.clone(), word) == Some(cue.start));
        !(is_fault && self.has(cue.end..range.end, "deny"))
    }

    /// Criteria of a part behind its label.
    pub(super) fn unlabelled(&mut self, range: Range<usize>, listed: bool) -> Vec<Criterion> {
        if let Some((except, rest)) = self.leading_exception(range.clone()) {
            let mut read = self.denied(except.start..rest.start, except.end..rest.start);
            read.extend(self.phrases(rest, listed));
            return read;
        }
        if let Some(denial) = find_any(&self.signs, range.clone(), self.cues("deny")) {
            if self.is_of_something_else(&denial, &range) {
                self.leave(range);
                return Vec::new();
            }
            return self.denied(range, denial);
        }
        if let Some(except) = find_any(&self.signs, range.clone(), self.cues("except")) {
            let behind = trimmed(&self.signs, except.end..range.end);
            let in_bracket = self.signs.get(except.end).is_some_and(|sign| sign.c == '）');
            if !in_bracket {
                let behind = self.without_particle(behind);
                let mut read = self.denied(range.start..except.end, except);
                read.extend(self.phrases(behind, listed));
                return read;
            }
        }
        self.phrases(range, listed)
    }

    /// 除个体工商户外，…: what is excepted, and what follows.
    fn leading_exception(&self, range: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
        if self.signs.get(range.start)?.c != '除' {
            return None;
        }
        let end = ["以外，", "之外，", "外，", "以外的", "之外的"].iter().find_map(|word| {
            find(&self.signs, range.clone(), word).map(|at| (at, at + word.chars().count()))
        })?;
        (end.0 > range.start + 1).then_some((range.start + 1..end.0, end.1..range.end))
    }

    /// `range` without a leading 的.
    fn without_particle(&self, range: Range<usize>) -> Range<usize> {
        match self.signs.get(range.start) {
            Some(sign) if sign.c == '的' && !range.is_empty() => range.start + 1..range.end,
            _ => range,
        }
    }

    /// 不适用简易程序: what does not apply is not the item.
    fn is_of_something_else(&self, denial: &Range<usize>, range: &Range<usize>) -> bool {
        let is_bare = find(&self.signs, denial.clone(), "不适用") == Some(denial.start) && denial.len() == 3;
        let next = self.signs.get(denial.end).map_or('\0', |sign| sign.c);
        is_bare
            && denial.end < range.end
            && !matches!(next, '本' | '该' | '此' | '上' | '以' | '前' | '于' | '，' | '。' | '（')
    }

    /// X不予支持: what the enterprise must not be.
    fn denied(&mut self, range: Range<usize>, denial: Range<usize>) -> Vec<Criterion> {
        let mut body = trimmed(&self.signs, range.start..denial.start);
        self.leave(denial.end..range.end);
        self.note(denial, SegmentKind::Connective);
        let other_than = self
            .cues("other_than")
            .iter()
            .filter_map(|cue| {
                let begin = body.end.checked_sub(cue.chars().count())?;
                (begin > body.start && find(&self.signs, begin..body.end, cue) == Some(begin))
                    .then_some(begin)
            })
            .min();
        if let Some(end) = other_than {
            self.note(end..body.end, SegmentKind::Connective);
            body.end = end;
        }
        if body.is_empty() {
            return Vec::new();
        }
        let bare = std::mem::replace(&mut self.setting.bare, true);
        let read = self.phrases(body, true);
        self.setting.bare = bare;
        match other_than {
            Some(_) => read,
            None if read.is_empty() => Vec::new(),
            None => draft::deny(read, self.setting.dictionary),
        }
    }

    /// `range` without 对 or 凡 at its start.
    fn without_addressee(&mut self, mut range: Range<usize>) -> Range<usize> {
        let addressee = self
            .cues("addressee")
            .iter()
            .filter(|cue| find(&self.signs, range.clone(), cue) == Some(range.start));
        let begin = range.start;
        range.start += addressee.map(|cue| cue.chars().count()).max().unwrap_or(0);
        self.note(begin..range.start, SegmentKind::Connective);
        range
    }

    /// Phrases between commas.
    fn phrases(&mut self, range: Range<usize>, listed: bool) -> Vec<Criterion> {
        let mut range = trimmed(&self.signs, range);
        range = self.without_addressee(range);
        let setting =
            Setting { ladder: find(&self.signs, range.clone(), "分别").is_some(), ..self.setting };
        let parts = split(&self.signs, range.clone(), |c| c == '，');
        let mut found: Vec<Phrase> = Vec::new();
        let mut context: Context = None;
        let mut another = OtherOwner::default();
        let mut at = 0;
        while let Some(part) = parts.get(at) {
            at += 1;
            let part = self.without_addressee(trimmed(&self.signs, part.clone()));
            if self.exemption(part.clone(), &mut found, setting) {
                continue;
            }
            if let Some(grant) = self.grant(part.clone()) {
                let before = trimmed(&self.signs, part.start..grant);
                if !before.is_empty() {
                    found.extend(self.addressee(before, setting, &mut context));
                }
                if found.len() + 1 >= at && found.len() <= at {
                    self.of_its_noun(&mut found, &parts);
                }
                self.leave(grant..range.end);
                break;
            }
            let list = tokens(&self.signs, part.start, part.end, setting.lexicon);
            let begins_with_or = list.first().is_some_and(|token| is(token, Class::Or, setting));
            if begins_with_or {
                found.push(Phrase::Or);
            }
            let list = list.get(usize::from(begins_with_or)..).unwrap_or_default();
            if is_in_force(list, &found, setting) {
                self.note(part, SegmentKind::Criterion);
                continue;
            }
            let names_applicant = list.first().is_some_and(|token| is(token, Class::Subject, setting));
            let is_among = self.is_among(part.clone(), &parts, at);
            let is_of_another = !names_applicant && another.is_in(self, &found);
            if is_of_another {
                found.push(Phrase::Open(part));
            } else if let Some(read) = self.exempting_bracket(part.clone(), setting) {
                self.note(part, SegmentKind::Criterion);
                found.push(Phrase::Read(read));
            } else if let Some(read) = phrase(list, setting, &mut context).or_else(|| {
                let short = self.without_explanation(list)?;
                phrase(&short, setting, &mut context)
            }) {
                found.push(self.quoting(if is_among { of_those(read) } else { read }, part));
            } else if let Some(both) = self.among_bracket(part.clone(), setting, &mut context) {
                found.extend(both);
            } else if let Some(next) = parts.get(at).filter(|next| self.grant((*next).clone()).is_none())
                && let Some(read) =
                    phrase(&tokens(&self.signs, part.start, next.end, setting.lexicon), setting, &mut context)
            {
                at += 1;
                found.push(self.quoting(read, part.start..next.end));
            } else {
                found.extend(self.pieces(part, setting, &mut context));
            }
        }
        if let Some(case) = self.conditional(&parts, &mut found) {
            return vec![case];
        }
        if self.are_of_kinds(&found) {
            let of = found.into_iter().map(|phrase| match phrase {
                Phrase::Read(read) => draft::all(read),
                Phrase::Open(open) => self.judge(open),
                Phrase::Or => Criterion::without_evidence(Node::All(Vec::new())),
            });
            return vec![draft::any(of.collect())];
        }
        self.joined(found, range, listed)
    }

    /// X的，Y: who is X has to be Y; others need not.
    fn conditional(&self, parts: &[Range<usize>], found: &mut Vec<Phrase>) -> Option<Criterion> {
        let [first, second] = parts else { return None };
        let ends = self.signs.get(first.end.checked_sub(1)?)?.c == '的';
        let joined = ["且", "并", "同时", "或", "还"]
            .iter()
            .any(|word| find(&self.signs, second.clone(), word) == Some(second.start));
        let both =
            matches!(found.as_slice(), [Phrase::Read(x), Phrase::Read(y)] if !x.is_empty() && !y.is_empty());
        if !ends || joined || !both || self.grant(second.clone()).is_some() {
            return None;
        }
        let (Some(Phrase::Read(then)), Some(Phrase::Read(when))) = (found.pop(), found.pop()) else {
            return None;
        };
        let arm = Arm { when: draft::all(when), then: draft::all(then) };
        let otherwise = Some(Box::new(Criterion::without_evidence(Node::All(Vec::new()))));
        Some(Criterion::without_evidence(Node::Case { arms: vec![arm], otherwise }))
    }

    pub(super) fn quoting(&mut self, mut read: Vec<Criterion>, range: Range<usize>) -> Phrase {
        let kind = if read.is_empty() { SegmentKind::Connective } else { SegmentKind::Criterion };
        self.note(range.clone(), kind);
        quoted(&mut read, self.verbatim(range));
        Phrase::Read(read)
    }

    /// Place where a grant or a duty begins: everything from there on is no condition.
    pub(super) fn grant(&self, part: Range<usize>) -> Option<usize> {
        if let Some(cut) = find_any(&self.signs, part.clone(), self.cues("cut")) {
            return Some(cut.start);
        }
        let cue = self.grant_cue(part.clone())?;
        // 未获得过补贴 is a condition about grants, not a grant.
        let denied = ["未", "无", "不得", "没有", "已享受", "已获得"]
            .iter()
            .any(|word| find(&self.signs, part.start..cue.start, word).is_some());
        (!denied).then_some(cue.start)
    }

    /// First word of a grant in `part` that is no part of a longer word: not the 奖励 of 科技奖励.
    fn grant_cue(&self, part: Range<usize>) -> Option<Range<usize>> {
        let mut from = part.start;
        loop {
            zhaoren_cancel::poll();
            let cue = find_any(&self.signs, from..part.end, self.cues("from"))?;
            let lexicon = self.setting.lexicon;
            let list = tokens(&self.signs, part.start, part.end, lexicon);
            let within = list.iter().find(|token| token.from < cue.start && cue.start < token.to);
            let Some(within) = within else { return Some(cue) };
            let is_name = match within.kind {
                Kind::Word(entry) => lexicon.meanings(entry).iter().any(|meaning| {
                    matches!(meaning, Meaning::Tagged { .. } | Meaning::Flag { .. } | Meaning::Title(_))
                }),
                _ => false,
            };
            if !is_name {
                return Some(cue);
            }
            from = within.to.max(from + 1);
        }
    }

    /// Words before a grant: its addressee is a condition if it says what it must be.
    fn addressee(&mut self, range: Range<usize>, setting: Setting<'_>, context: &mut Context) -> Vec<Phrase> {
        let list = tokens(&self.signs, range.start, range.end, setting.lexicon);
        match phrase(&list, setting, context) {
            Some(read) => vec![self.quoting(read, range)],
            None if self.is_condition(range.clone())
                && self.signs.get(range.start).is_none_or(|sign| sign.c != '按') =>
            {
                self.pieces(range, setting, context)
            }
            None => {
                self.leave(range);
                Vec::new()
            }
        }
    }
}

pub(super) fn is(token: &Token, class: Class, setting: Setting<'_>) -> bool {
    match token.kind {
        Kind::Word(entry) => setting.lexicon.meanings(entry).contains(&Meaning::Function(class)),
        _ => false,
    }
}

/// True if `list` says no more than that the title read before it is in force: 且在有效期内.
fn is_in_force(list: &[Token], found: &[Phrase], setting: Setting<'_>) -> bool {
    let Some(Phrase::Read(before)) = found.last() else { return false };
    let is_title = |one: &Criterion| matches!(&one.node, Node::Leaf(leaf) if leaf.fact == "qualifications");
    let says = |token: &Token, classes: &[Class]| classes.iter().any(|class| is(token, *class, setting));
    before.last().is_some_and(is_title)
        && list.iter().any(|token| says(token, &[Class::Valid]))
        && list.iter().all(|token| says(token, &[Class::Valid, Class::And, Class::Must, Class::Filler]))
}
