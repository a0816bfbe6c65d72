//! Ledger (台账): pushes and their outcomes, and opt-outs.

use serde::Serialize;
use serde_json::json;

use crate::digest::digest;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Registry, WriteContext};
use crate::statement::{IDS_PER_QUERY, placeholders};
use crate::store::{Row, Value, values};
use crate::verify::OUTCOME;
use crate::work::Work;

/// A nightly run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PushRun {
    /// The evaluation date.
    pub as_of: String,
    /// Digest of the rules.
    pub rules: String,
    /// Digest of the inputs.
    pub inputs: String,
    /// Digest of the list.
    pub result: String,
    /// Number of rows of the list.
    pub listed: i64,
    /// Number of enterprises left out because of an opt-out.
    pub held_back: i64,
}

/// An event in the life of a push: pushed, viewed, confirmed, applied, decided, paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Enterprise.
    pub enterprise: String,
    /// Item.
    pub item: String,
    /// Digest of its revision; empty if unknown.
    pub item_digest: String,
    /// Event type.
    pub event: String,
    /// Time of the event, in milliseconds since 1970, UTC.
    pub at: i64,
    /// Further details, as JSON; part of the identity of the event.
    pub detail: String,
}

/// Opt-out of an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptOut {
    /// Enterprise.
    pub enterprise: String,
    /// Item; empty for all.
    pub item: String,
    /// Reason, in the enterprise's words.
    pub reason: String,
    /// Time of recording, in milliseconds since 1970, UTC.
    pub recorded_at: i64,
}

/// The event types, in order.
pub const EVENTS: [&str; 6] = ["pushed", "viewed", "confirmed", "applied", "decided", "paid"];

impl Registry {
    /// Records a nightly run; returns its number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_push(&self, act: &WriteContext<'_>, run: &PushRun) -> Result<i64, RegistryError> {
        let mut work = self.begin_work(act).await?;
        let (id, at) = (work.next_id("push_run").await?, work.at);
        let columns =
            ["id", "tenant", "as_of", "rules", "inputs", "result", "listed", "held_back", "recorded_at"];
        let row = values![
            id,
            act.tenant,
            &run.as_of,
            &run.rules,
            &run.inputs,
            &run.result,
            run.listed,
            run.held_back,
            at
        ];
        work.insert("push_run", &columns, vec![row]).await?;
        work.commit("push", &id.to_string(), &json!(run)).await?;
        Ok(id)
    }

    /// Appends events, in one unit of work. A repeated event counts once; returns the number of new ones.
    ///
    /// # Errors
    /// When the database fails, or an event type is unknown; nothing was written then.
    pub async fn record_outcomes(
        &self,
        act: &WriteContext<'_>,
        outcomes: &[Outcome],
    ) -> Result<usize, RegistryError> {
        if let Some(other) = outcomes.iter().find(|one| !EVENTS.contains(&one.event.as_str())) {
            return Err(RegistryError::NotFound { what: "推送结果类型", id: other.event.clone() });
        }
        let mut work = self.begin_work(act).await?;
        let new = work.write_outcomes(outcomes).await?;
        if new == 0 {
            work.abandon().await?;
            return Ok(0);
        }
        work.commit("outcomes", "", &json!({"new": new})).await?;
        Ok(new)
    }

    /// Outcomes of pushes to an enterprise of a tenant, in order of recording.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outcomes_of(&self, tenant: &str, enterprise: &str) -> Result<Vec<Outcome>, RegistryError> {
        let query = "SELECT enterprise, item, item_digest, event, at, detail FROM outcome \
                     WHERE tenant = $1 AND enterprise = $2 ORDER BY id";
        let outcome = |mut row: Row| {
            Ok(Outcome {
                enterprise: row.text(0)?,
                item: row.text(1)?,
                item_digest: row.text(2)?,
                event: row.text(3)?,
                at: row.integer(4)?,
                detail: row.text(5)?,
            })
        };
        self.read(query, values![tenant, enterprise]).await?.into_iter().map(outcome).collect()
    }

    /// Payments of items by any tenant up to a moment: enterprise, item and the time of the last one, in milliseconds since 1970,
    /// UTC; in order of enterprise and item.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn payments_of(
        &self,
        items: &[String],
        until: Moment,
    ) -> Result<Vec<(String, String, i64)>, RegistryError> {
        let mut found = Vec::new();
        for items in items.chunks(IDS_PER_QUERY) {
            let query = format!(
                "SELECT enterprise, item, MAX(at) FROM outcome WHERE event = 'paid' AND at <= $1 AND item IN ({}) \
                 GROUP BY enterprise, item",
                placeholders(2, items.len())
            );
            let given = std::iter::once(Value::from(until.0)).chain(items.iter().map(Value::from)).collect();
            let rows = self.read(query, given).await?;
            for mut row in rows {
                found.push((row.text(0)?, row.text(1)?, row.integer(2)?));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Records an opt-out of an enterprise: from one item, or from all if `item` is empty. A repetition counts once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn opt_out(
        &self,
        act: &WriteContext<'_>,
        enterprise: &str,
        item: &str,
        reason: &str,
    ) -> Result<(), RegistryError> {
        let mut work = self.begin_work(act).await?;
        let query = "SELECT 1 FROM opt_out WHERE tenant = $1 AND enterprise = $2 AND item = $3 AND withdrawn_at IS NULL";
        if !work.read(query, values![act.tenant, enterprise, item]).await?.is_empty() {
            return work.abandon().await;
        }
        let (id, at) = (work.next_id("opt_out").await?, work.at);
        let columns = ["id", "tenant", "enterprise", "item", "reason", "recorded_at"];
        work.insert("opt_out", &columns, vec![values![id, act.tenant, enterprise, item, reason, at]]).await?;
        work.commit("opt_out", enterprise, &json!({"item": item})).await
    }

    /// Lifts an opt-out of an enterprise.
    ///
    /// # Errors
    /// When the database fails, or the enterprise had not opted out.
    pub async fn opt_in(
        &self,
        act: &WriteContext<'_>,
        enterprise: &str,
        item: &str,
    ) -> Result<(), RegistryError> {
        let mut work = self.begin_work(act).await?;
        let sql = "UPDATE opt_out SET withdrawn_at = $1 WHERE tenant = $2 AND enterprise = $3 AND item = $4 \
                   AND withdrawn_at IS NULL";
        let at = work.at;
        if work.write(sql, values![at, act.tenant, enterprise, item]).await? == 0 {
            work.abandon().await?;
            return Err(RegistryError::NotFound { what: "拒绝推送的记录", id: enterprise.to_owned() });
        }
        work.commit("opt_in", enterprise, &json!({"item": item})).await
    }

    /// Current opt-outs recorded by any of `tenants` or by the operator; in order of enterprise, item and moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn opt_outs(&self, tenants: &[String]) -> Result<Vec<OptOut>, RegistryError> {
        let query =
            "SELECT tenant, enterprise, item, reason, recorded_at FROM opt_out WHERE withdrawn_at IS NULL";
        let mut found = Vec::new();
        for mut row in self.read(query, Vec::new()).await? {
            let tenant = row.text(0)?;
            if tenant.is_empty() || tenants.contains(&tenant) {
                found.push(OptOut {
                    enterprise: row.text(1)?,
                    item: row.text(2)?,
                    reason: row.text(3)?,
                    recorded_at: row.integer(4)?,
                });
            }
        }
        let order = |one: &OptOut| (one.enterprise.clone(), one.item.clone(), one.recorded_at);
        found.sort_by_cached_key(order);
        Ok(found)
    }
}

impl Work<'_> {
    /// Appends events already checked; returns the number of new ones.
    pub(crate) async fn write_outcomes(&mut self, outcomes: &[Outcome]) -> Result<usize, RegistryError> {
        let (mut next, mut new) = (self.next_id("outcome").await?, 0);
        let recorded_at = self.at;
        let sql = "INSERT INTO outcome (id, key, tenant, enterprise, item, item_digest, event, at, actor, detail, \
                   recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (key) DO NOTHING";
        for one in outcomes {
            let at = one.at.to_string();
            let key = digest(&[
                self.act.tenant.as_bytes(),
                one.enterprise.as_bytes(),
                one.item.as_bytes(),
                one.item_digest.as_bytes(),
                one.event.as_bytes(),
                one.detail.as_bytes(),
            ]);
            let (tenant, actor) = (self.act.tenant, self.act.actor);
            let row = values![
                next,
                &key,
                tenant,
                &one.enterprise,
                &one.item,
                &one.item_digest,
                &one.event,
                one.at,
                actor,
                &one.detail,
                recorded_at
            ];
            if self.write(sql, row).await? == 0 {
                continue;
            }
            let parts = [
                &*key,
                tenant,
                &one.enterprise,
                &one.item,
                &one.item_digest,
                &one.event,
                &at,
                actor,
                &one.detail,
            ];
            let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
            self.cover_record(OUTCOME, format!("outcome/{next}"), digest(&parts));
            next += 1;
            new += 1;
        }
        Ok(new)
    }
}
