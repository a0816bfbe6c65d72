//! A synthetic world: 48 facts, a vocabulary of predicates with Zipf popularity, items made of them, and
//! profiles of which some are nearly full and some nearly empty. No data from outside; the same seed gives the
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

/// What can be turned.
#[derive(Clone, Copy, Debug)]
pub struct Knobs {
    /// How many items.
    pub items: usize,
    /// How many profiles.
    pub profiles: usize,
    /// The share of facts unknown, on average over profiles: 0 to 1.
    pub unknown: f64,
    /// How many distinct predicates there are, about.
    pub vocabulary: usize,
    /// Of how many items the region is a condition: 0 to 1.
    pub local: f64,
    /// Other seeds are other worlds of the same kind.
    pub seed: u64,
}

impl Default for Knobs {
    fn default() -> Self {
        Self { items: 1000, profiles: 1000, unknown: 0.29, vocabulary: 2604, local: 0.9, seed: 20_260_630 }
    }
}

/// Items and profiles, with the dictionary and the day that go with them.
#[derive(Debug)]
pub struct World {
    /// The facts there are.
    pub dictionary: FactDictionary,
    /// The items.
    pub items: Vec<Item>,
    /// The profiles.
    pub profiles: Vec<Profile>,
    /// The evaluation date.
    pub as_of: Date,
    /// How many distinct predicates the items can draw from.
    pub vocabulary: usize,
}

impl World {
    /// The world that the knobs describe. A larger world of the same seed begins with the smaller one.
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
