//! Import: paths into the registry and the index.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;
use zhaoren_indexer::{Index, Pointer};
use zhaoren_policy::problem::{Fault, Problem, Report, Subject};
use zhaoren_registry::{DocumentRecord, Moment, Written};
use zhaoren_text::{Repair, restore};

use crate::access::Principal;
use crate::clock::{now, today};
use crate::error::EngineError;
use crate::indexing::bring_up;
use crate::lock::WriteLock;
use crate::open::{Engine, records};
use crate::policies::findings;
use crate::progress::{Progress, Stage};
use crate::rules::Rules;
use crate::source::{Given, files, read_file};

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportReport {
    /// How many files were found.
    pub files: usize,
    /// What became of the documents.
    pub documents: Written,
    /// What became of the items.
    pub items: Written,
    /// How many repairs the texts needed.
    pub repairs: usize,
    /// How many of those places could not be restored and are kept as received.
    pub unrestored: usize,
    /// What could not be read, and what is odd.
    pub problems: Vec<Problem>,
}

impl ImportReport {
    /// The report as JSON.
    pub fn summary(&self) -> serde_json::Value {
        let written = |w: &Written| json!({"new": w.new, "changed": w.changed, "kept": w.kept});
        json!({
            "files": self.files,
            "documents": written(&self.documents),
            "items": written(&self.items),
            "repairs": {"total": self.repairs, "unrestored": self.unrestored},
            "problems": self.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

impl Engine {
    /// Reads all files below `paths`, and the texts that items in them name, writes what they hold into the registry,
    /// and publishes a new index. What cannot be read, and an item with a quote that its document does not hold, is
    /// named in the report; the rest is taken. So are items of the registry whose document was changed under them.
    ///
    /// # Errors
    /// When the registry or the index cannot be written; what was there before then stays.
    pub fn import(&self, paths: &[PathBuf], progress: &dyn Progress) -> Result<ImportReport, EngineError> {
        self.import_by(&Principal::local(), paths, progress)
    }

    /// The same as done by somebody; items become additions of the tenant for whom they act. Documents are shared by all.
    ///
    /// # Errors
    /// As [`Engine::import`]; and where an item belongs to another tenant.
    pub fn import_by(
        &self,
        by: &Principal,
        paths: &[PathBuf],
        progress: &dyn Progress,
    ) -> Result<ImportReport, EngineError> {
        let (files, problems) = files(paths);
        let mut report = ImportReport { files: files.len(), problems, ..ImportReport::default() };
        let rules = self.rules();
        let mut given = Given::default();
        for (done, file) in (1..).zip(&files) {
            match read_file(file) {
                Ok(bytes) => given.read(&file.display().to_string(), &bytes, rules.dictionary()),
                Err(problem) => report.problems.push(problem),
            }
            progress.at(Stage::Read, done, files.len());
        }
        given.refuse_repeats();
        given.take_named_texts(|id| self.stored(id))?;
        self.record(given, report, by, progress)
    }

    /// Writes what was given into the registry, as `by` does it, and publishes a new index. Items are the tenant's own where
    /// `by` has one.
    pub(crate) fn record(
        &self,
        mut given: Given,
        mut report: ImportReport,
        by: &Principal,
        progress: &dyn Progress,
    ) -> Result<ImportReport, EngineError> {
        let rules = self.rules();
        self.verify(&mut given, &by.tenant)?;
        report.problems.append(&mut given.problems);
        let (documents, items) = records(&given, &by.tenant);
        for record in &documents {
            let restored = restore(&record.body);
            report.repairs += restored.repairs.len() + restored.repairs_left_out;
            let first = restored.repairs.iter().find(|repair| !repair.restored);
            let named = restored.repairs.iter().filter(|repair| !repair.restored).count();
            let lost = named + restored.unrestored_left_out;
            report.unrestored += lost;
            report.problems.extend(unrestored(record, lost, first));
        }
        let _lock = WriteLock::take(&self.data, "import", progress)?;
        let act = by.act(now());
        (report.documents, report.items) = self.runtime.on(self.registry.write(&act, &documents, &items))?;
        // An index chosen by hand is behind the registry; an import ends that, even one that brings nothing new.
        let behind = Pointer::usable(&self.data)?.is_some_and(|now| now.pinned);
        // What a tenant adds is in no index that others search.
        let shared = !report.items.is_nothing() && by.tenant.is_empty();
        if behind || shared || !report.documents.is_nothing() {
            report.problems.extend(self.publish(&rules, &given, progress)?);
        } else {
            self.take_up_additions()?;
        }
        Ok(report)
    }

    /// Brings the index up to the registry and takes both up. The caller holds the lock. Gives what is wrong with items
    /// that were sound before or are `given`.
    pub(crate) fn publish(
        &self,
        before: &Rules,
        given: &Given,
        progress: &dyn Progress,
    ) -> Result<Vec<Problem>, EngineError> {
        let state = self.state();
        let index = bring_up(&self.data, &self.runtime, &self.registry, &state.index, progress)?;
        self.reload(index, before, given)
    }

    /// Checks what a tenant gives before it is written: quotes, criteria.
    pub(crate) fn verify(&self, given: &mut Given, tenant: &str) -> Result<(), EngineError> {
        let (state, rules) = (self.state(), self.rules_for(tenant)?);
        given.refuse_false_quotes(state.index.documents(), |id| self.stored(id))?;
        let known = |id: &str| rules.item(id).is_some();
        let found = findings(given, rules.dictionary(), today(), known);
        given.problems.extend(found);
        Ok(())
    }

    pub(crate) fn stored(&self, id: &str) -> Result<Option<DocumentRecord>, EngineError> {
        Ok(self.runtime.on(self.registry.document(id, Moment::NOW))?)
    }

    /// Reads the items again after a change. Gives what is wrong with those that were sound before or are `given`:
    /// a document that is changed may no longer hold what items quote.
    fn reload(&self, index: Index, before: &Rules, given: &Given) -> Result<Vec<Problem>, EngineError> {
        let given: BTreeSet<&str> = given.items.iter().map(|given| given.item.id.as_str()).collect();
        let mut problems = self.take_up(index)?;
        problems.retain(|problem| match &problem.subject {
            Some(Subject::Item(id)) => before.item(id).is_some() || given.contains(id.as_str()),
            _ => false,
        });
        Ok(problems)
    }
}

/// One warning a document for the places that could not be restored: how many, and the first of them.
fn unrestored(record: &DocumentRecord, lost: usize, first: Option<&Repair>) -> Option<Problem> {
    let first = first?;
    let mut report = Report::new(&record.source);
    let text = format!(
        "document `{}`: {} places kept as received, the first {} `{}` at bytes {} to {}",
        record.id,
        lost,
        first.kind.name(),
        first.before,
        first.source.start,
        first.source.end
    );
    report.warn(0, "", Fault::Other(text));
    report.problems.pop()
}
