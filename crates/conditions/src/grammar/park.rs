//! Parks and buildings: 入驻区级特色产业园区, 在区重点楼宇内租赁办公用房.

use zhaoren_policy::criterion::{Criterion, Test};

use super::{Parser, current};
use crate::class::Class;
use crate::lexicon::Meaning;
use crate::token::Amount;

impl Parser<'_> {
    pub(super) fn park(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::Filler]);
        let entered = self.take(Class::Enter);
        let inside = self.take(Class::In);
        if !(entered || inside) {
            return None;
        }
        let listing = self.list(|parser| {
            parser.take_meaning(|meaning| match meaning {
                Meaning::Park(tag) => Some(tag.clone()),
                _ => None,
            })
        })?;
        self.skip(&[Class::Area]);
        self.skip(&[Class::Filler]);
        let used = self.premises();
        // 在区重点楼宇内 alone says where something is, but not what.
        (entered || used).then(|| vec![current("parks", Test::HasAny(listing.of))])
    }

    /// Verb of using premises; true also before a verb that is measured: 租赁办公用房300平方米以上.
    fn premises(&mut self) -> bool {
        let before = self.at;
        let is_verb = self.take(Class::Premises)
            || self.take(Class::Enter)
            || self.take_meaning(|meaning| matches!(meaning, Meaning::PlaceVerb(_)).then_some(())).is_some();
        if is_verb {
            let behind = self.at;
            if self.bounds::<Amount>().is_some() {
                self.at = before;
            } else {
                self.at = behind;
            }
        }
        is_verb
    }
}
