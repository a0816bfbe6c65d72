//! What a run takes over from the one before (增量): verdicts that nothing can have changed.
//!
//! An enterprise whose facts are the same, and whom the day did not move ([`Motion`]), has the same verdict on every
//! item that is the same and was in force then as it is now. So such enterprises are decided on new and changed items
//! only, and all others on everything: changed enterprises × all items + all enterprises × changed items + what the day
//! moved. The list is byte for byte that of a run which takes nothing over.

use jiff::civil::Date;
use zhaoren_matcher::Library;
use zhaoren_matcher::batch::{Motion, Scratch};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::view::View;

use crate::decide::{Decider, Part, moment};
use crate::error::PushError;
use crate::frames::{Entry, Hit};
use crate::merge::Merged;
use crate::options::Listing;
use crate::state::Previous;
use crate::table::facts_digest;

/// What can be taken over.
pub(crate) struct Carry {
    was_day: Date,
    /// For each place of an item in the library of then, its place now, where its verdicts can be taken over.
    places: Vec<Option<u32>>,
    /// The items in force whose verdicts cannot.
    fresh: Part,
    motion: Motion,
}

/// Enterprises of a range, by what was done for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    /// Whose verdicts were taken over.
    pub(crate) kept: u64,
    /// Who were decided anew, although their facts are the same, because of the day.
    pub(crate) moved: u64,
}

impl Carry {
    /// What a run can take over from `previous`; `None` where nothing can be: other facts, another version of the
    /// program, another fiscal year, a list that was cut or held less, or no item that stayed the same.
    pub(crate) fn between(
        previous: &Previous,
        library: &Library,
        as_of: Date,
        listing: &Listing,
    ) -> Option<Self> {
        let then = &previous.rules;
        let was_cut = then.listing.top.is_some() || then.listing.floor.is_some();
        let held_less = listing.undetermined && !then.listing.undetermined;
        let same_rules =
            then.version == env!("CARGO_PKG_VERSION") && then.facts == facts_digest(library.dictionary());
        if was_cut || held_less || !same_rules {
            return None;
        }
        let was = &previous.library;
        let mut fresh: Vec<usize> = Vec::new();
        let mut stays: Vec<usize> = Vec::new();
        let mut places: Vec<Option<u32>> = vec![None; was.len()];
        for (place, id) in library.ids().iter().enumerate() {
            let Some(item) = library.get(place).filter(|item| item.in_force_on(as_of)) else { continue };
            let before = was.ids().binary_search(id).ok().filter(|before| {
                let same = was.body(*before).is_some() && was.body(*before) == library.body(place);
                same && item.in_force_on(then.as_of)
            });
            match before.and_then(|before| places.get_mut(before)) {
                Some(to) => {
                    *to = u32::try_from(place).ok();
                    stays.push(place);
                }
                None => fresh.push(place),
            }
        }
        if stays.is_empty() {
            return None;
        }
        let criteria = stays.iter().filter_map(|place| library.get(*place)).map(|item| &item.criteria);
        let motion = Motion::between(criteria, library.dictionary(), moment(then.as_of), moment(as_of))?;
        // What cannot be compiled is named by the plan of all items.
        let (fresh, _) = Part::compile(library, &fresh, as_of);
        Some(Self { was_day: then.as_of, places, fresh, motion })
    }

    /// Gives every enterprise of a range its list.
    pub(crate) fn decide(
        &self,
        merged: &mut Merged,
        decider: &Decider,
        listing: &Listing,
    ) -> Result<Carried, PushError> {
        let dictionary = decider.scorer.library().dictionary();
        let profiles = merged.entries.iter().map(profile).collect::<Result<Vec<Profile>, PushError>>()?;
        let same =
            |entry: &Entry| merged.before.get(&entry.id).filter(|before| before.profile == entry.profile);
        let before: Vec<Option<&Entry>> = merged.entries.iter().map(same).collect();
        let (still, mut anew): (Vec<usize>, Vec<usize>) =
            (0..profiles.len()).partition(|row| before.get(*row).is_some_and(Option::is_some));
        let of =
            |rows: &[usize]| -> Vec<&Profile> { rows.iter().filter_map(|row| profiles.get(*row)).collect() };
        let mut by_day = self.motion.moved(&of(&still), dictionary).into_iter();
        let (by_day, stays): (Vec<usize>, Vec<usize>) =
            still.into_iter().partition(|_| by_day.next().unwrap_or(true));
        let moved = by_day.len() as u64;
        anew.extend(by_day);
        let mut scratch = Scratch::default();
        let mut lists: Vec<(usize, Vec<Hit>)> = Vec::with_capacity(profiles.len());
        let decided = decider.hits(of(&anew), listing, &mut scratch);
        lists.extend(anew.into_iter().zip(decided));
        let mut fresh = if self.fresh.is_empty() {
            Vec::new()
        } else {
            // Cut once the others are there too.
            let whole = Listing { top: None, floor: None, ..*listing };
            decider.hits_of(&self.fresh, of(&stays), &whole, &mut scratch)
        }
        .into_iter();
        let kept = stays.len() as u64;
        for row in stays {
            let mut hits = fresh.next().unwrap_or_default();
            if let (Some(Some(before)), Some(profile)) = (before.get(row), profiles.get(row)) {
                let view = View::new(profile, dictionary, decider.as_of);
                hits.extend(
                    before.hits.iter().filter_map(|hit| self.take_over(*hit, listing, decider, &view)),
                );
            }
            listing.cut(&mut hits);
            lists.push((row, hits));
        }
        for (row, hits) in lists {
            if let Some(entry) = merged.entries.get_mut(row) {
                entry.hits = hits;
            }
        }
        Ok(Carried { kept, moved })
    }

    /// A hit of then as it is now, where its item stayed the same.
    fn take_over(&self, hit: Hit, listing: &Listing, decider: &Decider, view: &View<'_>) -> Option<Hit> {
        let place = self.places.get(hit.place as usize).copied().flatten()?;
        if !hit.eligible && !listing.undetermined {
            return None;
        }
        let mut hit = Hit { place, ..hit };
        if !decider.scorer.stands_since(place as usize, self.was_day) {
            decider.score(&mut hit, view);
        }
        Some(hit)
    }
}

fn profile(entry: &Entry) -> Result<Profile, PushError> {
    postcard::from_bytes(&entry.profile)
        .map_err(|error| PushError::Internal(format!("{}：{error}", entry.id)))
}
