//! Our own matcher behind the same face.
//!
//! **This file is the one place to change when the compiled engine takes over.** It answers by the reference now.
//! Then `prepare` is `Catalogue::compile(&items, &dictionary, as_of)` and `catalogue.encode(&View::new(…))` for every
//! profile, `verdicts` is `catalogue.verdicts(&facts, &mut verdicts)` read through `eligible()` and
//! `undetermined()`, and [`MOST_ITEMS`] is `usize::MAX`.

use zhaoren_matcher::reference::decide;
use zhaoren_policy::item::Item;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::rival::{Answer, Prepared, Rival};
use crate::world::World;

/// The reference takes milliseconds for a thousand items.
pub const MOST_ITEMS: usize = 2_000;

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
