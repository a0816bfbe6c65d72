//! Facts that tenants added to the fact dictionary, and the drafts that a new fact changes.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::corrections::ReadingCorrection;
use crate::digest::digest;
use crate::error::RegistryError;
use crate::registry::{Registry, WriteContext};
use crate::store::{Row, values};
use crate::visibility::{visible_to, with_lineage};
use crate::work::Work;

/// Fact that a person added to the dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TenantFact {
    /// Owning tenant; empty for a fact of all tenants.
    pub tenant: String,
    /// Key of the fact.
    pub key: String,
    /// Its entry in the dictionary as JSON.
    pub body: String,
    /// Person who accepted it.
    pub author: String,
    /// Time of acceptance, in milliseconds since 1970, UTC.
    pub accepted_at: i64,
}

/// New content of an open draft: the same item and the same reading with the conditions that a new fact makes decidable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftUpdate {
    /// Number of the draft.
    pub draft: i64,
    /// The item that the update was made of; it is refused where the draft has another one by now.
    pub before: String,
    /// The item as JSON.
    pub body: String,
    /// The reading as JSON.
    pub reading: String,
}

impl Registry {
    /// Adds a fact to the dictionary of the writer's tenant, or replaces the entry of that key, and updates the open drafts that
    /// need it, in one unit of work.
    ///
    /// # Errors
    /// When the database fails, or a draft was decided or changed meanwhile; nothing was written then.
    pub async fn accept_fact(
        &self,
        act: &WriteContext<'_>,
        key: &str,
        body: &str,
        drafts: &[DraftUpdate],
    ) -> Result<TenantFact, RegistryError> {
        let mut work = self.begin_work(act).await?;
        let at = work.at;
        let sql = "INSERT INTO tenant_fact (tenant, key, body, author, accepted_at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (tenant, key) DO UPDATE SET body = excluded.body, author = excluded.author, \
                   accepted_at = excluded.accepted_at";
        work.write(sql, values![act.tenant, key, body, act.actor, at]).await?;
        for one in drafts {
            if !work.rewrite_draft(one).await? {
                work.abandon().await?;
                return Err(moved(one));
            }
        }
        let changed: Vec<i64> = drafts.iter().map(|one| one.draft).collect();
        let detail = json!({"digest": digest(&[body.as_bytes()]), "drafts": changed});
        work.commit("fact.accept", key, &detail).await?;
        Ok(TenantFact {
            tenant: act.tenant.to_owned(),
            key: key.to_owned(),
            body: body.to_owned(),
            author: act.actor.to_owned(),
            accepted_at: at.0,
        })
    }

    /// Updates an open draft, with further decisions on its parts, in one unit of work under the name `action`.
    ///
    /// # Errors
    /// When the database fails, or the draft was decided or changed meanwhile; nothing was written then.
    pub async fn update_draft(
        &self,
        act: &WriteContext<'_>,
        update: &DraftUpdate,
        corrections: &[ReadingCorrection],
        action: &str,
        detail: &Json,
    ) -> Result<(), RegistryError> {
        let mut work = self.begin_work(act).await?;
        if !work.rewrite_draft(update).await? {
            work.abandon().await?;
            return Err(moved(update));
        }
        work.keep_corrections(update.draft, corrections).await?;
        work.commit(action, &update.draft.to_string(), detail).await
    }

    /// Facts that were added for all tenants and for those of `lineage`, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_facts(&self, lineage: &[String]) -> Result<Vec<TenantFact>, RegistryError> {
        let query = format!(
            "SELECT tenant, key, body, author, accepted_at FROM tenant_fact WHERE {} ORDER BY accepted_at, tenant, key",
            visible_to(1, lineage)
        );
        let fact = |mut row: Row| {
            Ok(TenantFact {
                tenant: row.text(0)?,
                key: row.text(1)?,
                body: row.text(2)?,
                author: row.text(3)?,
                accepted_at: row.integer(4)?,
            })
        };
        self.read(query, with_lineage(values![], lineage)).await?.into_iter().map(fact).collect()
    }
}

fn moved(update: &DraftUpdate) -> RegistryError {
    RegistryError::InvalidState {
        what: "草稿",
        id: update.draft.to_string(),
        why: "在这期间已有审核结论或变动，请重试".to_owned(),
    }
}

impl Work<'_> {
    /// Gives an open draft of the writer's tenant another content; false if it was decided or changed.
    async fn rewrite_draft(&mut self, update: &DraftUpdate) -> Result<bool, RegistryError> {
        let sql = "UPDATE draft SET body = $1, digest = $2, reading = $3 WHERE id = $4 AND state = 'open' \
                   AND body = $5 AND ($6 = '' OR tenant = $6)";
        let DraftUpdate { draft, before, body, reading } = update;
        let tenant = self.act.tenant;
        let of = values![body, &digest(&[body.as_bytes()]), reading, *draft, before, tenant];
        Ok(self.write(sql, of).await? == 1)
    }
}
