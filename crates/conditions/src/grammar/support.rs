//! Support had before: 此前未享受过区级装修补贴, 已享受市级同类扶持资金.

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Criterion, Test};

use super::{Parser, current};
use crate::class::Class;
use crate::lexicon::Meaning;
use crate::token::Kind;

/// Most tokens of the name of a support.
const LONGEST: usize = 12;

impl Parser<'_> {
    /// The tag is the name of the support as the text has it; a window of time, which the fact does not have, is not read.
    pub(super) fn support(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::Filler, Class::Must]);
        let had = if self.take(Class::SupportHad) {
            true
        } else if self.take(Class::SupportNotHad) {
            false
        } else {
            return None;
        };
        self.skip(&[Class::De]);
        let begin = self.at;
        let mut end = None;
        for ahead in 0..LONGEST {
            poll();
            let ends = self.is(ahead, Class::SupportEnd);
            let is_name = match self.kind(ahead) {
                Some(Kind::Word(_) | Kind::Other(_)) => !self.ends_name(ahead) || ends,
                _ => false,
            };
            if !is_name {
                break;
            }
            if ends {
                end = Some(begin + ahead + 1);
            }
        }
        let end = end.filter(|end| *end > begin + 1)?;
        let tag: String =
            self.tokens.get(begin..end)?.iter().map(|token| self.spelled(&token.kind)).collect();
        self.at = end;
        let test = if had { Test::HasAny(vec![tag]) } else { Test::HasNone(vec![tag]) };
        Some(vec![current("support_received", test)])
    }

    /// True for words that a name of a support does not have within it.
    fn ends_name(&self, ahead: usize) -> bool {
        let joints = [Class::Or, Class::And, Class::De, Class::In, Class::AtLeast, Class::OrMore];
        joints.iter().any(|class| self.is(ahead, *class))
            || self.meanings(ahead).iter().any(|meaning| matches!(meaning, Meaning::Title(_)))
    }

    fn spelled(&self, kind: &Kind) -> String {
        match kind {
            Kind::Word(entry) => self.setting.lexicon.word(*entry).to_owned(),
            Kind::Other(c) => c.to_string(),
            _ => String::new(),
        }
    }
}
