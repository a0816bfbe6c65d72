//! Content received in requests: imported, read, or only checked. No file is read, whatever the content.

use jiff::civil::Date;
use serde_json::{Value as Json, json};
use zhaoren_matcher::compiled::BuildSteps;
use zhaoren_policy::criterion::{describe, write_canonical};
use zhaoren_policy::problem::{Fault, Problem, Report};
use zhaoren_registry::ContentVersion;

use crate::access::Principal;
use crate::clock::now;
use crate::entries::conditions;
use crate::error::EngineError;
use crate::import::ImportReport;
use crate::indexing::update_or_rebuild;
use crate::lock::WriteLock;
use crate::open::Engine;
use crate::policies::findings;
use crate::policy::document_with_drafts;
use crate::progress::Silent;
use crate::source::ImportBatch;

/// Result of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// The items as an import would store them: `id`, `title`, `conditions` and `criteria_text`.
    pub items: Vec<Json>,
    /// Ids of the documents.
    pub documents: Vec<String>,
    /// Errors and warnings; an item with an error is not among the items.
    pub problems: Vec<Problem>,
}

impl Engine {
    /// Imports received files like [`Engine::import`]: each is a name, whose extension gives the format, and its bytes.
    /// Texts that items name are not looked for on this machine. A caller of a tenant adds items to the tenant's own
    /// catalogue; documents are shared, so the documents of such a caller are left out.
    ///
    /// # Errors
    /// As [`Engine::import`].
    pub fn receive(&self, files: &[(String, Vec<u8>)], by: &Principal) -> Result<ImportReport, EngineError> {
        self.receive_if_unchanged(files, by, None)
    }

    /// Imports like [`Engine::receive`]; with `seen`, only if the content under its id is unchanged.
    ///
    /// # Errors
    /// As [`Engine::receive`], and when the content was changed meanwhile.
    pub fn receive_if_unchanged(
        &self,
        files: &[(String, Vec<u8>)],
        by: &Principal,
        seen: Option<&ContentVersion>,
    ) -> Result<ImportReport, EngineError> {
        let mut batch = ImportBatch::default();
        let dictionary = self.dictionary_for(&by.tenant)?;
        for (name, bytes) in files {
            batch.read(name, bytes, &dictionary);
        }
        batch.reject_duplicates();
        if !by.tenant.is_empty() {
            for document in std::mem::take(&mut batch.documents) {
                let mut report = Report::new(&document.source);
                let fault = format!("document `{}`: a tenant adds items, not documents", document.id);
                report.error(0, "", Fault::Other(fault));
                batch.problems.extend(report.problems);
            }
        }
        self.record(batch, ImportReport { files: files.len(), ..ImportReport::default() }, by, seen, &Silent)
    }

    /// The current content of the catalogue under an id as a tenant sees it, for a conditional write.
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn content_version(&self, id: &str, tenant: &str) -> Result<ContentVersion, EngineError> {
        let lineage = self.runtime.block_on(self.registry.lineage(tenant))?;
        Ok(self.runtime.block_on(self.registry.content_version(id, &lineage))?)
    }

    /// Withdraws an item, or else a document, from the catalogue on behalf of `by`: it is no longer matched or found from
    /// now on. Its revisions stay in the records. With `seen`, only if the content under the id is unchanged.
    ///
    /// # Errors
    /// When the content was changed meanwhile, the tenant of `by` has no such item and there is no such document, or
    /// registry or index cannot be written.
    pub fn withdraw(
        &self,
        id: &str,
        why: &str,
        by: &Principal,
        seen: Option<&ContentVersion>,
    ) -> Result<(), EngineError> {
        {
            let _lock = WriteLock::acquire(&self.data, "withdraw", &Silent)?;
            self.runtime.block_on(self.registry.withdraw(&by.write_context(now()), id, why, seen))?;
            if by.tenant.is_empty() {
                let state = self.state();
                match update_or_rebuild(&self.data, &self.runtime, &self.registry, &state.index, &Silent) {
                    Ok(index) => self.activate(index)?,
                    Err(cause) => return Err(self.not_indexed(format!("撤下 `{id}`"), cause)),
                };
            } else {
                self.refresh_tenants()?;
            }
        }
        Ok(())
    }

    /// The ids in a file received from a tenant, and its problems; nothing is stored.
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn file_ids(
        &self,
        name: &str,
        bytes: &[u8],
        tenant: &str,
    ) -> Result<(Vec<String>, Vec<Problem>), EngineError> {
        let mut batch = ImportBatch::default();
        batch.read(name, bytes, &self.dictionary_for(tenant)?);
        let items = batch.items.iter().map(|item| item.item.id.clone());
        let documents = batch.documents.iter().map(|document| document.id.clone());
        Ok((items.chain(documents).collect(), batch.problems))
    }

    /// The problems that an import of a file by a tenant would report, for items as of `as_of`; nothing is stored.
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn check(
        &self,
        name: &str,
        bytes: &[u8],
        as_of: Date,
        tenant: &str,
    ) -> Result<CheckReport, EngineError> {
        let rules = self.rules_for(tenant)?;
        let dictionary = rules.dictionary();
        let mut batch = ImportBatch::default();
        batch.read(name, bytes, dictionary);
        batch.reject_duplicates();
        let state = self.state();
        batch.refuse_false_quotes(state.index.documents(), |id| self.stored(id))?;
        let steps = BuildSteps::per_item();
        let found = findings(&batch, dictionary, as_of, steps, |id| rules.item(id).is_some());
        batch.items.retain(|item| !found.uncompiled.contains(&item.item.id));
        batch.problems.extend(found.problems);
        self.reject_taken_ids(&mut batch, tenant)?;
        batch.problems.extend(self.hidden_item_warnings(tenant)?);
        let items = batch.items.iter().map(|received| {
            let item = &received.item;
            let words: Vec<String> =
                conditions(&item.criteria).into_iter().map(|one| describe(one, dictionary)).collect();
            json!({
                "id": item.id, "title": item.title, "conditions": words,
                "criteria_text": write_canonical(&item.criteria, dictionary), "in_force": item.in_force_on(as_of),
            })
        });
        let documents = batch.documents.iter().map(|document| document.id.clone());
        Ok(CheckReport { items: items.collect(), documents: documents.collect(), problems: batch.problems })
    }
}

/// A file as an import would store it: repaired, with its metadata, its clauses and their places in the
/// file, and its draft items.
///
/// # Errors
/// The problems of the file: empty, refused with its reason, or no document.
pub fn read_text(name: &str, bytes: &[u8]) -> Result<Json, Vec<Problem>> {
    let mut batch = ImportBatch::default();
    let canonical = batch.read_with_origins(name, bytes, crate::built_in_facts());
    match batch.documents.first() {
        Some(received) => document_with_drafts(&received.record(), canonical.as_ref()).map_err(|error| {
            let mut report = Report::new(name);
            report.error(0, "", Fault::Other(error.to_string()));
            report.problems
        }),
        None => Err(batch.problems),
    }
}
