//! Words that say that something is not asked for: 注册地不限, 行业不作限制.

use zhaoren_policy::criterion::Criterion;

use super::Parser;
use crate::class::Class;
use crate::lexicon::Meaning;

impl Parser<'_> {
    /// No criterion, if a place, a date, a quantity or a size is said to be unlimited.
    pub(super) fn unlimited(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::Filler, Class::Subject]);
        self.list(|parser| {
            if parser.take(Class::SizeNoun) || parser.take(Class::Engage) {
                return Some(());
            }
            parser.take_meaning(|meaning| {
                let names =
                    matches!(meaning, Meaning::PlaceNoun(_) | Meaning::SinceNoun(_) | Meaning::Quantity(_));
                names.then_some(())
            })
        })?;
        self.skip(&[Class::Both, Class::Must]);
        self.take(Class::Unlimited).then(Vec::new)
    }
}
