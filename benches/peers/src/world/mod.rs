//! A synthetic world: 48 facts, a vocabulary of predicates with Zipf popularity, items made of them, and
//! profiles, some of them nearly complete and some nearly empty. No external data; the same seed gives the
//! same world.

mod dice;
mod facts;
mod items;
mod profiles;
mod vocabulary;

use jiff::civil::{Date, date};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;
use zhaoren_policy::profile::Profile;

pub use items::leaves;
pub use profiles::{sample, unknown_share};
pub use vocabulary::{Places, Topic, Vocabulary};

/// The evaluation date (判定日).
pub const AS_OF: Date = date(2026, 6, 30);

/// The last full fiscal year before it.
const LAST_YEAR: &str = "2025";

/// Parameters of a world.
#[derive(Clone, Copy, Debug)]
pub struct Knobs {
    /// Number of items.
    pub items: usize,
    /// Number of profiles.
    pub profiles: usize,
    /// Share of unknown facts, on average over profiles: 0 to 1.
    pub unknown: f64,
    /// Approximate number of distinct predicates.
    pub vocabulary: usize,
    /// Share of items with the region as a condition: 0 to 1.
    pub local: f64,
    /// Random seed; another seed gives another world of the same kind.
    pub seed: u64,
}

impl Default for Knobs {
    fn default() -> Self {
        Self { items: 1000, profiles: 1000, unknown: 0.29, vocabulary: 2604, local: 0.9, seed: 20_260_630 }
    }
}

/// Items and profiles, with their fact dictionary and evaluation date.
#[derive(Debug)]
pub struct World {
    /// The fact dictionary.
    pub dictionary: FactDictionary,
    /// The items.
    pub items: Vec<Item>,
    /// The profiles.
    pub profiles: Vec<Profile>,
    /// The evaluation date.
    pub as_of: Date,
    /// Number of distinct predicates available to the items.
    pub vocabulary: usize,
}

impl World {
    /// Generates a world. A larger world of the same seed begins with the smaller one.
    pub fn new(knobs: Knobs) -> Self {
        let dictionary = facts::dictionary();
        let places = Places::new(knobs.seed);
        let vocabulary = Vocabulary::new(knobs.vocabulary, knobs.seed, &places);
        let items = (0..knobs.items).map(|index| items::item(index, &vocabulary, knobs)).collect();
        let profiles = (0..knobs.profiles)
            .map(|index| profiles::profile(index, knobs.unknown, &places, &dictionary, knobs.seed))
            .collect();
        Self { dictionary, items, profiles, as_of: AS_OF, vocabulary: vocabulary.size() }
    }
}
