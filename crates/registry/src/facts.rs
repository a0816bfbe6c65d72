//! Facts of enterprises: each with its source, its period of validity, and its time of recording.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Registry, WriteContext};
use crate::statement::{IDS_PER_QUERY, placeholders};
use crate::store::{Row, Value, values};
use crate::work::Work;

/// One fact of an enterprise, as stated by one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FactRecord {
    /// `facts`, `judged` or `about`.
    pub section: String,
    /// The key of the fact, the judged text, or another key of the profile.
    pub key: String,
    /// The fiscal year; 0 for none.
    pub year: i64,
    /// The source.
    pub source: String,
    /// The value as JSON; `null` if the source retracts it.
    pub value: String,
    /// First day of validity; empty if open.
    pub valid_from: String,
    /// Last day of validity; empty if open.
    pub valid_until: String,
    /// Time of recording, in milliseconds since 1970, UTC. Ignored on writing.
    pub recorded_at: i64,
}

/// Counts of a deletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeletionCounts {
    /// Facts, counted by revision.
    pub facts: u64,
    /// Receipts.
    pub receipts: u64,
    /// Unsent messages, and sent ones of which the body was deleted.
    pub messages: u64,
}

impl Registry {
    /// Writes statements of sources on an enterprise of the tenant. An earlier statement of a source under the same key is
    /// superseded, not lost; a repeated one is skipped. Returns the number of new or changed ones.
    ///
    /// # Errors
    /// When the database fails; nothing was written then.
    pub async fn put_facts(
        &self,
        act: &WriteContext<'_>,
        enterprise: &str,
        facts: &[FactRecord],
    ) -> Result<usize, RegistryError> {
        let mut work = self.begin_work(act).await?;
        let last = work.last_facts(enterprise).await?;
        let at = work.at;
        let mut rows = Vec::new();
        let supersede = "UPDATE enterprise_fact SET superseded_at = $1 WHERE tenant = $2 AND enterprise = $3 \
                         AND section = $4 AND key = $5 AND year = $6 AND source = $7 AND superseded_at IS NULL";
        for fact in facts {
            let before = last.get(&(fact.section.clone(), fact.key.clone(), fact.year, fact.source.clone()));
            let revision = before.map_or(1, |(revision, ..)| revision + 1);
            if let Some((_, value, from, until)) = before {
                if (value, from, until) == (&fact.value, &fact.valid_from, &fact.valid_until) {
                    continue;
                }
                let of =
                    values![at, act.tenant, enterprise, &fact.section, &fact.key, fact.year, &fact.source];
                work.write(supersede, of).await?;
            }
            rows.push(values![
                act.tenant,
                enterprise,
                &fact.section,
                &fact.key,
                fact.year,
                &fact.source,
                revision,
                &fact.value,
                &fact.valid_from,
                &fact.valid_until,
                at
            ]);
        }
        let changed = rows.len();
        if changed == 0 {
            work.abandon().await?;
            return Ok(0);
        }
        let columns = [
            "tenant",
            "enterprise",
            "section",
            "key",
            "year",
            "source",
            "revision",
            "value",
            "valid_from",
            "valid_until",
            "recorded_at",
        ];
        work.insert("enterprise_fact", &columns, rows).await?;
        // Keys only, no values: the audit outlives the facts.
        let mut keys: Vec<&str> = facts.iter().map(|fact| fact.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        work.commit("facts.put", enterprise, &json!({"keys": keys, "changed": changed})).await?;
        Ok(changed)
    }

    /// All statements of sources on an enterprise of the tenant, as of a moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts_of(
        &self,
        tenant: &str,
        enterprise: &str,
        believed: Moment,
    ) -> Result<Vec<FactRecord>, RegistryError> {
        let query = "SELECT section, key, year, source, value, valid_from, valid_until, recorded_at \
                     FROM enterprise_fact WHERE tenant = $1 AND enterprise = $2 AND recorded_at <= $3 \
                     AND (superseded_at IS NULL OR superseded_at > $3)";
        let believed = self.correct(believed).await?;
        let rows = self.read(query, values![tenant, enterprise, believed]).await?;
        let mut facts = rows.into_iter().map(fact).collect::<Result<Vec<_>, _>>()?;
        facts.sort_unstable_by(|a, b| {
            (&a.section, &a.key, a.year, &a.source).cmp(&(&b.section, &b.key, b.year, &b.source))
        });
        Ok(facts)
    }

    /// The enterprises of a tenant with current facts and an id after `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enterprises(
        &self,
        tenant: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<String>, RegistryError> {
        let query = "SELECT DISTINCT enterprise FROM enterprise_fact WHERE tenant = $1 AND superseded_at IS NULL \
                     AND enterprise > $2 ORDER BY enterprise LIMIT $3";
        let id = |mut row: Row| row.text(0);
        self.read(query, values![tenant, after, limit]).await?.into_iter().map(id).collect()
    }

    /// The enterprises of a tenant whose id or name contains `part`, whatever the case of Latin letters, after an id, in order, at most
    /// `limit`: each with its name, which is empty if none is stored. An empty `part` finds all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_enterprises(
        &self,
        tenant: &str,
        part: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(String, String)>, RegistryError> {
        let ids = if part.is_empty() {
            self.enterprises(tenant, after, limit).await?
        } else {
            let query = "SELECT DISTINCT enterprise FROM enterprise_fact WHERE tenant = $1 AND superseded_at IS NULL \
                         AND enterprise > $2 AND (LOWER(enterprise) LIKE $3 ESCAPE '!' OR \
                         (section = 'about' AND key = 'name' AND LOWER(value) LIKE $3 ESCAPE '!')) \
                         ORDER BY enterprise LIMIT $4";
            let mut pattern = String::from("%");
            for one in part.to_lowercase().chars() {
                if "%_!".contains(one) {
                    pattern.push('!');
                }
                pattern.push(one);
            }
            pattern.push('%');
            let id = |mut row: Row| row.text(0);
            self.read(query, values![tenant, after, &pattern, limit])
                .await?
                .into_iter()
                .map(id)
                .collect::<Result<Vec<_>, _>>()?
        };
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for ids in ids.chunks(IDS_PER_QUERY) {
            let query = format!(
                "SELECT enterprise, value FROM enterprise_fact WHERE tenant = $1 AND superseded_at IS NULL \
                 AND section = 'about' AND key = 'name' AND enterprise IN ({}) ORDER BY recorded_at",
                placeholders(2, ids.len())
            );
            let given = std::iter::once(Value::from(tenant)).chain(ids.iter().map(Value::from)).collect();
            let rows = self.read(query, given).await?;
            for mut row in rows {
                let (id, value) = (row.text(0)?, row.text(1)?);
                // A value that is no text is no name.
                if let Ok(name) = serde_json::from_str::<String>(&value) {
                    names.insert(id, name);
                }
            }
        }
        let named = |id: String| {
            let name = names.remove(&id).unwrap_or_default();
            (id, name)
        };
        Ok(ids.into_iter().map(named).collect())
    }

    /// Sets the trust of a tenant in a source: the source with the greatest number wins.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn trust(&self, act: &WriteContext<'_>, source: &str, trust: i64) -> Result<(), RegistryError> {
        let mut work = self.begin_work(act).await?;
        let sql = "INSERT INTO fact_source (tenant, source, trust) VALUES ($1, $2, $3) \
                   ON CONFLICT (tenant, source) DO UPDATE SET trust = excluded.trust";
        work.write(sql, values![act.tenant, source, trust]).await?;
        work.commit("source.trust", source, &json!({"trust": trust})).await
    }

    /// The trust of a tenant in its sources. An absent source counts as 0.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn source_trust(&self, tenant: &str) -> Result<BTreeMap<String, i64>, RegistryError> {
        let query = "SELECT source, trust FROM fact_source WHERE tenant = $1";
        let pair = |mut row: Row| Ok((row.text(0)?, row.integer(1)?));
        self.read(query, values![tenant]).await?.into_iter().map(pair).collect()
    }

    /// Deletes all data of an enterprise except ledger and audit: facts in all their revisions, receipts, unsent messages,
    /// and the bodies of sent ones. The sent messages themselves stay, as they do in the ledger: otherwise they would be
    /// sent again, and never retracted.
    ///
    /// # Errors
    /// When the database fails; nothing was deleted then.
    pub async fn forget(
        &self,
        act: &WriteContext<'_>,
        enterprise: &str,
    ) -> Result<DeletionCounts, RegistryError> {
        let mut work = self.begin_work(act).await?;
        let mut deleted = DeletionCounts::default();
        let DeletionCounts { facts, receipts, messages } = &mut deleted;
        for (count, sql) in [
            (&mut *facts, "DELETE FROM enterprise_fact WHERE tenant = $1 AND enterprise = $2"),
            (receipts, "DELETE FROM receipt WHERE tenant = $1 AND enterprise = $2"),
            (messages, "DELETE FROM message WHERE tenant = $1 AND enterprise = $2 AND state <> 'sent'"),
        ] {
            *count = work.write(sql, values![act.tenant, enterprise]).await?;
        }
        let clear_bodies =
            "UPDATE message SET body = '' WHERE tenant = $1 AND enterprise = $2 AND body <> ''";
        deleted.messages += work.write(clear_bodies, values![act.tenant, enterprise]).await?;
        work.commit("enterprise.forget", enterprise, &json!(deleted)).await?;
        self.store.purge_logs().await?;
        Ok(deleted)
    }

    /// Deletes history before `before`, of all tenants: facts superseded before it, receipts issued before it, messages
    /// made before it that were never sent and no longer will be, and the bodies of those sent before it. Unless `really`
    /// is set, only counts.
    ///
    /// # Errors
    /// When the database fails; nothing was deleted then.
    pub async fn apply_retention(
        &self,
        act: &WriteContext<'_>,
        before: Moment,
        really: bool,
    ) -> Result<DeletionCounts, RegistryError> {
        const FACTS: &str = "FROM enterprise_fact WHERE superseded_at IS NOT NULL AND superseded_at < $1";
        const RECEIPTS: &str = "FROM receipt WHERE issued_at < $1";
        const UNSENT: &str = "FROM message WHERE state IN ('held', 'withdrawn') AND made_at < $1";
        const SENT: &str = "message WHERE state = 'sent' AND body <> '' AND sent_at < $1";
        let mut counts = [0, 0, 0, 0];
        if really {
            let blanked = SENT.replacen("WHERE", "SET body = '' WHERE", 1);
            let all = [FACTS, RECEIPTS, UNSENT].map(|rest| format!("DELETE {rest}"));
            let all = all.into_iter().chain([format!("UPDATE {blanked}")]);
            let mut work = self.begin_work(act).await?;
            for (count, sql) in counts.iter_mut().zip(all) {
                *count = work.write(sql, values![before]).await?;
            }
            let [facts, receipts, unsent, sent] = counts;
            let deleted = DeletionCounts { facts, receipts, messages: unsent + sent };
            work.commit("retention", "", &json!({"before": before.0, "deleted": deleted})).await?;
            self.store.purge_logs().await?;
            return Ok(deleted);
        }
        let sent = format!("FROM {SENT}");
        for (count, rest) in counts.iter_mut().zip([FACTS, RECEIPTS, UNSENT, &sent]) {
            let rows = self.read(format!("SELECT COUNT(*) {rest}"), values![before]).await?;
            let found = rows.first().map_or(Ok(0), |row| row.integer(0))?;
            *count = u64::try_from(found).unwrap_or(0);
        }
        let [facts, receipts, unsent, sent] = counts;
        Ok(DeletionCounts { facts, receipts, messages: unsent + sent })
    }
}

/// Section, key, year and source.
type FactPosition = (String, String, i64, String);

impl Work<'_> {
    /// The current revisions of an enterprise's facts: number, value, and the period of validity. A fact superseded without
    /// a successor has none, so the numbers of all revisions are read.
    async fn last_facts(
        &mut self,
        enterprise: &str,
    ) -> Result<BTreeMap<FactPosition, (i64, String, String, String)>, RegistryError> {
        let query = "SELECT section, key, year, source, revision, value, valid_from, valid_until \
                     FROM enterprise_fact WHERE tenant = $1 AND enterprise = $2 ORDER BY revision";
        let tenant = self.act.tenant;
        let mut last = BTreeMap::new();
        for mut row in self.read(query, values![tenant, enterprise]).await? {
            let place = (row.text(0)?, row.text(1)?, row.integer(2)?, row.text(3)?);
            last.insert(place, (row.integer(4)?, row.text(5)?, row.text(6)?, row.text(7)?));
        }
        Ok(last)
    }
}

fn fact(mut row: Row) -> Result<FactRecord, RegistryError> {
    Ok(FactRecord {
        section: row.text(0)?,
        key: row.text(1)?,
        year: row.integer(2)?,
        source: row.text(3)?,
        value: row.text(4)?,
        valid_from: row.text(5)?,
        valid_until: row.text(6)?,
        recorded_at: row.integer(7)?,
    })
}
