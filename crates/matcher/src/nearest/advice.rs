//! Advice (改进建议): the sensible set of changes of least effort that makes an ineligible enterprise eligible, or the reason
//! why the gap can hardly be closed.

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_policy::fact::MAX_EFFORT;
use zhaoren_policy::view::View;

use super::Change;
use super::realise::FoundChange;
use super::search::Cost;

/// Maximum number of steps that are all shown.
const MAX_SHOWN: usize = 5;
/// Number of steps shown if there are more than `MAX_SHOWN`.
const SHOWN_OF_MANY: usize = 3;
/// Maximum number of obstacles named in one text.
const MAX_NAMED: usize = 3;

/// Kind of an advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdviceOutcome {
    /// The steps make the enterprise eligible.
    Steps,
    /// Only time has to pass.
    Wait,
    /// No sensible changes do: 差距在现实中难以改变.
    OutOfReach,
}

/// Advice on one item for an enterprise that is ineligible.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advice {
    /// Kind.
    pub outcome: AdviceOutcome,
    /// Steps, the hardest first; with obstacles, those that would be necessary besides.
    pub steps: Vec<AdviceStep>,
    /// Changes that would be necessary and may not be advised; empty unless out of reach.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
    /// Longest lead time of a step, in months.
    pub lead_months: u32,
    /// Summary in Chinese.
    pub text: String,
}

/// Step of an advice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdviceStep {
    /// Change; its text says what to do, by which procedure and in what time.
    #[serde(flatten)]
    pub change: Change,
    /// True if an unknown value only has to be verified (待核实).
    pub verify: bool,
    /// Procedure: 认定, 信用修复.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// Lead time in months.
    pub lead_months: u32,
    /// Effort, from 1 to 5.
    pub effort: u32,
}

/// Change that would be necessary and may not be advised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// Key of the fact; `None` for a judged text.
    pub fact: Option<String>,
    /// Tag, for a tags fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Reason in Chinese.
    pub text: String,
}

/// Effort of waiting: 1 for less than a year, one more for each year.
pub(super) fn waiting_effort(from: Date, to: Date) -> u32 {
    (1 + months(from, to) / 12).min(MAX_EFFORT)
}

/// Months from one day to a later one, rounded up.
fn months(from: Date, to: Date) -> u32 {
    let days = from.until(to).map_or(0, |span| span.get_days()).unsigned_abs();
    days.saturating_mul(12).div_ceil(365)
}

impl Advice {
    /// Advice from the cheapest set of changes, in which those that may not be advised have no effort.
    pub(super) fn of(found: Option<(Cost, Vec<FoundChange>)>, view: &View<'_>) -> Self {
        let found = found.map(|(_, changes)| changes).unwrap_or_default();
        let (mut steps, mut obstacles) = (Vec::new(), Vec::new());
        let none = found.is_empty();
        for FoundChange { change, effort, verify, advice } in found {
            let Some(effort) = effort else {
                obstacles.push(Obstacle { fact: change.fact, tag: change.tag, text: advice });
                continue;
            };
            let rule = change
                .fact
                .as_deref()
                .and_then(|key| view.dictionary.get(key))
                .map(|fact| fact.advice_rule());
            let rule = rule.filter(|_| !verify && change.on.is_none());
            let lead_months = match (change.on, &rule) {
                (Some(day), _) => months(view.as_of, day),
                (None, Some(rule)) => rule.lead_months,
                (None, None) => 0,
            };
            let procedure = rule.and_then(|rule| rule.procedure);
            steps.push(AdviceStep {
                change: Change { text: advice, ..change },
                verify,
                procedure,
                lead_months,
                effort,
            });
        }
        // The sort is stable: steps of equal effort stay in the order of the criteria.
        steps.sort_by_key(|step| std::cmp::Reverse(step.effort));
        let outcome = match steps.as_slice() {
            _ if none || !obstacles.is_empty() => AdviceOutcome::OutOfReach,
            [only] if only.change.on.is_some() => AdviceOutcome::Wait,
            _ => AdviceOutcome::Steps,
        };
        let lead_months = steps.iter().map(|step| step.lead_months).max().unwrap_or(0);
        let text = summary(outcome, &steps, &obstacles);
        Self { outcome, steps, obstacles, lead_months, text }
    }

    /// True if a single sensible step makes the enterprise eligible.
    pub fn is_one_step(&self) -> bool {
        self.outcome != AdviceOutcome::OutOfReach && self.steps.len() == 1
    }

    /// Steps to show: none if out of reach, all of up to five, or else the three hardest; and the number of the others.
    pub fn shown_steps(&self) -> (&[AdviceStep], usize) {
        let count = match self.steps.len() {
            _ if self.outcome == AdviceOutcome::OutOfReach => return (&[], 0),
            count if count > MAX_SHOWN => SHOWN_OF_MANY,
            count => count,
        };
        self.steps.split_at_checked(count).map_or((&[], 0), |(shown, rest)| (shown, rest.len()))
    }
}

fn summary(outcome: AdviceOutcome, steps: &[AdviceStep], obstacles: &[Obstacle]) -> String {
    match outcome {
        AdviceOutcome::Wait => "只差时间".to_owned(),
        AdviceOutcome::Steps if steps.iter().all(|step| step.verify) => {
            format!("核实以下{}项后即符合", steps.len())
        }
        AdviceOutcome::Steps => format!("做到以下{}项后即符合", steps.len()),
        AdviceOutcome::OutOfReach if obstacles.is_empty() => {
            "差距在现实中难以改变：没有可以建议的改变".to_owned()
        }
        AdviceOutcome::OutOfReach => {
            let named: Vec<&str> = obstacles.iter().take(MAX_NAMED).map(|one| one.text.as_str()).collect();
            let more = match obstacles.len().saturating_sub(MAX_NAMED) {
                0 => String::new(),
                more => format!("；另有{more}项"),
            };
            format!("差距在现实中难以改变：{}{more}", named.join("；"))
        }
    }
}
