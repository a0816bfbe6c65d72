//! Our own matcher behind the same face.
//!
//! <!-- SWAP HERE: `Ours` answers by the reference now. With the compiled engine, `prepare` is
//! `Catalogue::compile(&items, &dictionary, as_of)` and `catalogue.encode(&View::new(…))` per profile, `verdicts` is
//! `catalogue.verdicts(&facts, &mut verdicts)` and reads `eligible()` and `undetermined()`. Nothing else in this
//! workspace needs to change. -->

use zhaoren_matcher::reference::decide;
use zhaoren_policy::item::Item;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::rival::{Answer, Prepared, Rival};
use crate::world::World;

/// The reference matcher: exact, and slow.
#[derive(Debug)]
pub struct Ours {
    dictionary: zhaoren_policy::fact::FactDictionary,
    as_of: jiff::civil::Date,
    items: Vec<Item>,
    profiles: Vec<Profile>,
}

impl Rival for Ours {
    fn name(&self) -> &'static str {
        "zhaoren (reference)"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let World { dictionary, items, profiles, as_of, .. } = prepared.world;
        Self {
            dictionary: dictionary.clone(),
            as_of: *as_of,
            items: items.clone(),
            profiles: profiles.clone(),
        }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        answer.clear();
        let view = View::new(&self.profiles[profile], &self.dictionary, self.as_of);
        for (position, item) in (0..).zip(&self.items) {
            match decide(&item.criteria, &view).unwrap() {
                Verdict::Eligible => answer.eligible.push(position),
                Verdict::Undetermined => answer.undetermined.push(position),
                Verdict::Ineligible => {}
            }
        }
    }

    fn is_exact(&self) -> bool {
        true
    }
}
