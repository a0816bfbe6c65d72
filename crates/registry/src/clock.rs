//! Recovery from a wrong clock.
//!
//! A clock that once jumped ahead leaves records with timestamps later than now. Moments only grow, so all later records
//! would get later timestamps still. Instead, once the operator confirms that the clock is right now, these timestamps are
//! moved back: all of one run of work by the same shift, so that their order and intervals stay, and none before the
//! records written while the clock was right. Audit lines and other append-only data are never changed; the table
//! `clock_correction` says how moments that were issued (in receipts, in cursors) are to be read since.

use serde::Serialize;
use serde_json::json;

use crate::coverage::CoveredTable;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Registry, WriteContext};
use crate::store::{Unit, values};
use crate::work::{TimePolicy, Work};

/// The columns with moments of units of work, except those of append-only tables.
const MOMENTS: [(&str, &[&str]); 12] = [
    ("document_revision", &["recorded_at", "superseded_at"]),
    ("item_revision", &["recorded_at", "superseded_at"]),
    ("tenant", &["recorded_at"]),
    ("api_key", &["created_at", "revoked_at"]),
    ("draft", &["created_at"]),
    ("tenant_fact", &["accepted_at"]),
    ("enterprise_fact", &["recorded_at", "superseded_at"]),
    ("push_run", &["recorded_at"]),
    ("opt_out", &["recorded_at", "withdrawn_at"]),
    ("receipt", &["issued_at"]),
    ("message", &["made_at", "queued_at", "sent_at"]),
    ("message_run", &["made_at"]),
];

const HOUR: i64 = 3_600 * 1_000;
const DAY: i64 = 24 * HOUR;

/// Records whose timestamps were moved back by the same shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// The number of the audit line that records it: it applies to the lines before it.
    pub seq: i64,
    /// The first moment, as it was recorded.
    pub from: i64,
    /// The last moment, as it was recorded.
    pub until: i64,
    /// Shift in milliseconds.
    pub shift: i64,
}

/// All corrections, in order of creation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Corrections(Vec<Correction>);

impl Corrections {
    pub(crate) async fn read(unit: &mut dyn Unit) -> Result<Self, RegistryError> {
        let query = "SELECT seq, from_at, until_at, shift FROM clock_correction ORDER BY seq, from_at";
        let mut all = Vec::new();
        for row in unit.read(query.into(), Vec::new()).await? {
            let (seq, from, until) = (row.integer(0)?, row.integer(1)?, row.integer(2)?);
            all.push(Correction { seq, from, until, shift: row.integer(3)? });
        }
        Ok(Self(all))
    }

    /// The corrected moment of the records written with this line; `at` is the moment in the line.
    pub(crate) fn correct_line(&self, seq: i64, at: Moment) -> Moment {
        let (mut moment, mut done) = (at.0, 0);
        for one in &self.0 {
            // A correction has several runs; only the first run that contains a moment applies to it.
            if one.seq > seq && one.seq != done && (one.from..=one.until).contains(&moment) {
                moment = moment.saturating_sub(one.shift);
                done = one.seq;
            }
        }
        Moment(moment)
    }

    /// True if a moment may have been moved back.
    fn affects(&self, moment: Moment) -> bool {
        self.0.iter().any(|one| (one.from..=one.until).contains(&moment.0))
    }
}

impl Registry {
    /// The corrected value of an issued moment, such as that of a receipt: if the records of that very moment were moved
    /// back since, their new moment.
    pub(crate) async fn correct(&self, moment: Moment) -> Result<Moment, RegistryError> {
        if moment == Moment::NOW {
            return Ok(moment);
        }
        let mut unit = self.store.begin_read().await?;
        let corrections = Corrections::read(unit.as_mut()).await?;
        if !corrections.affects(moment) {
            return Ok(moment);
        }
        let query = "SELECT MIN(seq) FROM audit WHERE at = $1";
        let seq = unit
            .read(query.into(), values![moment])
            .await?
            .first()
            .map_or(Ok(None), |row| row.optional(0))?;
        Ok(seq.map_or(moment, |seq| corrections.correct_line(seq, moment)))
    }

    /// Moves back the timestamps later than now that a wrong clock left. Returns the corrections.
    ///
    /// # Errors
    /// When the database fails, no timestamp is later than now, or the interval between the last record of the right clock
    /// and now is too short; nothing was changed then.
    pub async fn accept_clock(&self, act: &WriteContext<'_>) -> Result<Vec<Correction>, RegistryError> {
        let now = act.at;
        now.check_after(Moment(0))?;
        let mut work = self.begin_work_with(act, TimePolicy::Unchecked).await?;
        let rows = work.read("SELECT at FROM audit WHERE at >= $1 ORDER BY seq", values![now]).await?;
        let late = rows.iter().map(|row| row.integer(0)).collect::<Result<Vec<_>, _>>()?;
        let query = "SELECT COALESCE(MAX(at), 0) FROM audit WHERE at < $1";
        let floor = work.read(query, values![now]).await?.first().map_or(Ok(0), |row| row.integer(0))?;
        let refuse =
            |why: &str| RegistryError::InvalidState {
                what: "时钟", id: now.in_china(), why: why.to_owned()
            };
        if late.is_empty() {
            return Err(refuse("没有晚于现在的记录，无须更正"));
        }
        let seq = work.next_line();
        let fit = [i64::MAX, HOUR, HOUR / 60].into_iter().find_map(|gap| runs(&late, gap, floor, now.0));
        let Some(mut corrections) = fit else {
            return Err(refuse("与以前的记录之间容不下要更正的记录，时钟可能仍慢"));
        };
        for one in &mut corrections {
            one.seq = seq;
            work.shift_back(one).await?;
        }
        if let Some(last) = corrections.last() {
            work.release(now, last.shift).await?;
        }
        work.commit("audit.clock", "", &json!({"corrections": corrections})).await?;
        Ok(corrections)
    }
}

impl Work<'_> {
    async fn shift_back(&mut self, by: &Correction) -> Result<(), RegistryError> {
        for (table, columns) in MOMENTS {
            for column in columns {
                let sql = format!(
                    "UPDATE {table} SET {column} = {column} - $1 WHERE {column} >= $2 AND {column} <= $3"
                );
                self.write(sql, values![by.shift, by.from, by.until]).await?;
            }
        }
        let columns = ["seq", "from_at", "until_at", "shift"];
        let row = values![by.seq, by.from, by.until, by.shift];
        let table = CoveredTable::find("clock_correction").map_or("", |covered| covered.name);
        self.insert(table, &columns, vec![row]).await
    }

    /// Releases messages whose due time or lease was computed by the wrong clock. The shift is a multiple of whole days, so
    /// that quiet hours stay quiet.
    async fn release(&mut self, now: Moment, shift: i64) -> Result<(), RegistryError> {
        let days = shift / DAY * DAY;
        let sql = "UPDATE message SET next_at = next_at - $1 WHERE next_at > $2";
        if days > 0 {
            self.write(sql, values![days, now.0.saturating_add(7 * DAY)]).await?;
        }
        let sql = "UPDATE message SET leased_until = $1 WHERE leased_until > $2";
        self.write(sql, values![now, now.0.saturating_add(DAY)]).await?;
        Ok(())
    }
}

/// Splits ascending moments into runs at gaps longer than `gap`, and places the runs one after the other so that the last
/// one ends right before `now`; `None` unless all of them stay later than `floor`.
fn runs(late: &[i64], gap: i64, floor: i64, now: i64) -> Option<Vec<Correction>> {
    let mut runs: Vec<Correction> = Vec::new();
    for at in late {
        match runs.last_mut() {
            Some(last) if at.saturating_sub(last.until) <= gap => last.until = *at,
            _ => runs.push(Correction { seq: 0, from: *at, until: *at, shift: 0 }),
        }
    }
    let mut end = now.saturating_sub(1);
    for run in runs.iter_mut().rev() {
        run.shift = run.until.saturating_sub(end);
        end = run.from.saturating_sub(run.shift).saturating_sub(1);
    }
    (end >= floor).then_some(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrected_runs_keep_their_order_and_fit_before_now() {
        let shifts = |late: &[i64], gap, floor, now| {
            let found = runs(late, gap, floor, now)?;
            Some(found.iter().map(|run| (run.from - run.shift, run.until - run.shift)).collect::<Vec<_>>())
        };
        assert_eq!(shifts(&[1_000, 1_010], i64::MAX, 50, 100), Some(vec![(89, 99)]));
        // Two jumps: the second run is not decades before the first.
        assert_eq!(shifts(&[1_000, 9_000], i64::MAX, 50, 100), None);
        assert_eq!(shifts(&[1_000, 9_000], 10, 50, 100), Some(vec![(98, 98), (99, 99)]));
        assert_eq!(shifts(&[1_000, 1_001, 1_002], 10, 98, 100), None);
    }
}
