//! Which unknowns can still change the verdict, and which settles most.

use super::DecideError;
use super::ground::{Ground, Grounded, Kind};
use super::possible::{Budget, Choice, components, kleene, set, shared_unknown};
use crate::slot::Slot;

impl Grounded {
    /// The facts that could still change the outcome of the whole, the one that settles most first (待补指标).
    ///
    /// A fact settles an outcome to the degree that, whichever region its value falls into, nothing else
    /// matters any more. Equal ones keep the order of the criteria. Judged texts are not facts.
    pub(crate) fn missing(&self, budget: &mut Budget) -> Result<Vec<String>, DecideError> {
        let mut ranked: Vec<(String, f64)> = Vec::new();
        for unknown in 0..self.unknowns.len() {
            if matches!(self.unknowns.get(unknown), Some(Slot::Judged(_))) {
                continue;
            }
            if !self.matters(&self.root, unknown, &mut self.free(), budget)? {
                continue;
            }
            let settles = self.settled_share(unknown, budget)?;
            for key in self.asks.get(unknown).into_iter().flatten() {
                match ranked.iter_mut().find(|(seen, _)| seen == key) {
                    Some((_, best)) => *best = best.max(settles),
                    None => ranked.push((key.clone(), settles)),
                }
            }
        }
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(ranked.into_iter().map(|(key, _)| key).collect())
    }

    /// The share of an unknown's regions in which the outcome is settled.
    #[expect(clippy::cast_precision_loss, reason = "region counts are small; the share only orders")]
    fn settled_share(&self, unknown: usize, budget: &mut Budget) -> Result<f64, DecideError> {
        let count = self.region_count(unknown);
        let mut settled = 0_usize;
        for region in 0..count {
            let mut choice = self.free();
            set(&mut choice, unknown, Some(region));
            settled += usize::from(self.possible(&self.root, &mut choice, budget)?.is_settled());
        }
        Ok(settled as f64 / count.max(1) as f64)
    }

    /// Whether some completion of the others makes the outcome of `node` depend on `unknown`.
    fn matters(
        &self,
        node: &Ground,
        unknown: usize,
        choice: &mut Choice,
        budget: &mut Budget,
    ) -> Result<bool, DecideError> {
        budget.spend()?;
        if !node.unknowns.contains(&unknown) || kleene(node, choice).is_settled() {
            return Ok(false);
        }
        if let Kind::Atom { truth, .. } = &node.kind {
            return Ok(truth.contains(&true) && truth.contains(&false));
        }
        if let Kind::Points { scores, at_least } = &node.kind
            && let Some(answer) =
                self.points_matter(&node.children, scores, *at_least, unknown, choice, budget)?
        {
            return Ok(answer);
        }
        if let Some(parts) = components(node, choice) {
            return self.matters_in_part(node, &parts, unknown, choice, budget);
        }
        if shared_unknown(node, choice).is_none()
            && let Some(answer) = self.matters_in_child(node, unknown, choice, budget)?
        {
            return Ok(answer);
        }
        self.matters_by_trial(node, unknown, choice, budget)
    }

    /// For an `all` or `any` in independent groups: the group that depends on `unknown` must, and no other group
    /// may decide the node by itself.
    fn matters_in_part(
        &self,
        node: &Ground,
        parts: &[Ground],
        unknown: usize,
        choice: &mut Choice,
        budget: &mut Budget,
    ) -> Result<bool, DecideError> {
        let Some(own) = parts.iter().position(|part| part.unknowns.contains(&unknown)) else {
            return Ok(false);
        };
        for (index, part) in parts.iter().enumerate() {
            if index != own {
                let reach = self.possible(part, choice, budget)?;
                let lets = if matches!(node.kind, Kind::All) { reach.hold } else { reach.fail };
                if !lets {
                    return Ok(false);
                }
            }
        }
        parts.get(own).map_or(Ok(false), |part| self.matters(part, unknown, choice, budget))
    }

    /// For a node whose children are independent: the one child that depends on `unknown` must, and the
    /// others must be able to let it decide. `None` where that does not say.
    fn matters_in_child(
        &self,
        node: &Ground,
        unknown: usize,
        choice: &mut Choice,
        budget: &mut Budget,
    ) -> Result<Option<bool>, DecideError> {
        let Some(position) = node
            .children
            .iter()
            .position(|child| child.unknowns.contains(&unknown) && !kleene(child, choice).is_settled())
        else {
            return Ok(Some(false));
        };
        let (mut most, mut least) = (0_usize, 0_usize);
        for (index, child) in node.children.iter().enumerate() {
            if index != position {
                let reach = self.possible(child, choice, budget)?;
                most += usize::from(reach.hold);
                least += usize::from(!reach.fail);
            }
        }
        // The others must be able to stand exactly one short of what is asked.
        let decisive = match &node.kind {
            Kind::Not => true,
            Kind::All => most == node.children.len() - 1,
            Kind::Any(count) => least < *count && *count <= most + 1,
            _ => return Ok(None),
        };
        match node.children.get(position) {
            Some(child) if decisive => self.matters(child, unknown, choice, budget).map(Some),
            _ => Ok(Some(false)),
        }
    }

    /// The definition: some choice of the others under which two regions of `unknown` differ.
    fn matters_by_trial(
        &self,
        node: &Ground,
        unknown: usize,
        choice: &mut Choice,
        budget: &mut Budget,
    ) -> Result<bool, DecideError> {
        let mut first = None;
        for region in 0..self.region_count(unknown) {
            set(choice, unknown, Some(region));
            let reach = self.possible(node, choice, budget);
            set(choice, unknown, None);
            let reach = reach?;
            if first.is_some_and(|first| first != reach) {
                return Ok(true);
            }
            first = Some(reach);
        }
        if first.is_none_or(|reach| reach.is_settled()) {
            return Ok(false);
        }
        // Every region leaves both outcomes open: fix another unknown and look again.
        let other = shared_unknown(node, choice).filter(|&other| other != unknown).or_else(|| {
            node.unknowns
                .iter()
                .copied()
                .find(|&u| u != unknown && choice.get(u).copied().flatten().is_none())
        });
        let Some(other) = other else { return Ok(false) };
        for region in 0..self.region_count(other) {
            set(choice, other, Some(region));
            let answer = self.matters(node, unknown, choice, budget);
            set(choice, other, None);
            if answer? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
