//! Our matcher behind the common interface.

use zhaoren_matcher::compiled::{CompiledItems, EncodedProfile, EvaluationDay, Verdicts};
use zhaoren_policy::calendar::last_fiscal_year;
use zhaoren_policy::view::View;

use crate::rival::{Answer, Prepared, Rival};

/// The compiled catalogue: exact over all completions.
#[derive(Debug)]
pub struct Ours {
    catalogue: CompiledItems,
    profiles: Vec<EncodedProfile>,
    verdicts: Verdicts,
}

impl Rival for Ours {
    fn name(&self) -> &'static str {
        "zhaoren"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let world = prepared.world;
        let moment = EvaluationDay { as_of: world.as_of, last_year: last_fiscal_year(world.as_of) };
        let criteria = world.items.iter().map(|item| &item.criteria);
        let (catalogue, problems) = CompiledItems::compile(criteria, &world.dictionary, moment);
        assert!(problems.is_empty(), "{problems:?}");
        let profiles = world
            .profiles
            .iter()
            .map(|profile| catalogue.encode(&View::new(profile, &world.dictionary, world.as_of)))
            .collect();
        Self { catalogue, profiles, verdicts: Verdicts::default() }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        self.catalogue.verdicts(&self.profiles[profile], &mut self.verdicts);
        answer.clear();
        answer.eligible.extend(self.verdicts.eligible().map(|place| place as u32));
        answer.undetermined.extend(self.verdicts.undetermined().map(|place| place as u32));
    }

    fn bytes(&self) -> Option<usize> {
        Some(self.catalogue.sieve_bytes())
    }

    fn is_exact(&self) -> bool {
        true
    }
}
