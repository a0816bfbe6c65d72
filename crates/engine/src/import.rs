//! Import: paths into the registry and the index.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;
use zhaoren_disk::failpoint::reach;
use zhaoren_indexer::{Index, Pointer};
use zhaoren_matcher::compiled::BuildSteps;
use zhaoren_policy::problem::{Fault, Problem, Report, Subject};
use zhaoren_registry::{ContentVersion, DocumentRecord, Moment, RefusedItem, WriteCounts};
use zhaoren_text::Repair;

use crate::access::Principal;
use crate::clock::{now, today};
use crate::error::EngineError;
use crate::file::{files, read_file};
use crate::indexing::update_or_rebuild;
use crate::item_ids::taken_id_errors;
use crate::lock::WriteLock;
use crate::open::{Engine, records};
use crate::policies::findings;
use crate::progress::{Progress, Stage};
use crate::read_documents::ReadDocument;
use crate::rules::Rules;
use crate::source::ImportBatch;

/// Report of an import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportReport {
    /// Number of files found.
    pub files: usize,
    /// Counts of the documents.
    pub documents: WriteCounts,
    /// Counts of the items.
    pub items: WriteCounts,
    /// Number of repairs of the texts.
    pub repairs: usize,
    /// Number of places that could not be restored and are kept as received.
    pub unrestored: usize,
    /// The items not written because a wider catalogue has their ids. Each is also among the problems.
    pub refused: Vec<RefusedItem>,
    /// Read errors, and warnings.
    pub problems: Vec<Problem>,
}

impl ImportReport {
    /// Adds the counts and problems of another import.
    pub fn add(&mut self, other: Self) {
        self.files += other.files;
        for (sum, more) in [(&mut self.documents, other.documents), (&mut self.items, other.items)] {
            sum.new += more.new;
            sum.changed += more.changed;
            sum.kept += more.kept;
        }
        self.repairs += other.repairs;
        self.unrestored += other.unrestored;
        self.refused.extend(other.refused);
        self.problems.extend(other.problems);
    }

    /// The report as JSON.
    pub fn summary(&self) -> serde_json::Value {
        let written = |w: &WriteCounts| json!({"new": w.new, "changed": w.changed, "kept": w.kept});
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
    /// Reads all files below `paths`, and the texts that items in them name, writes their content into the registry, and
    /// publishes a new index. Unreadable input, and an item with a quote that its document does not contain, is named in
    /// the report; the rest is imported. Items of the registry whose document changed are verified in the same way.
    ///
    /// # Errors
    /// When the registry cannot be written: nothing was imported then. When the index cannot be, which is
    /// [`EngineError::NotIndexed`]: everything was imported, and becomes searchable once the index can be written.
    pub fn import(&self, paths: &[PathBuf], progress: &dyn Progress) -> Result<ImportReport, EngineError> {
        self.import_as(&Principal::local(), paths, progress)
    }

    /// Import on behalf of a caller; items become additions of the caller's tenant. Documents are shared by all.
    ///
    /// # Errors
    /// As [`Engine::import`].
    pub fn import_as(
        &self,
        by: &Principal,
        paths: &[PathBuf],
        progress: &dyn Progress,
    ) -> Result<ImportReport, EngineError> {
        let (files, problems) = files(paths);
        let mut report = ImportReport { files: files.len(), problems, ..ImportReport::default() };
        let rules = self.rules();
        let mut batch = ImportBatch::default();
        for (done, file) in (1..).zip(&files) {
            match read_file(file) {
                Ok(bytes) => batch.read(&file.display().to_string(), &bytes, rules.dictionary()),
                Err(problem) => report.problems.push(*problem),
            }
            progress.at(Stage::Read, done, files.len());
        }
        batch.reject_duplicates();
        batch.take_named_texts(|id| self.stored(id))?;
        self.record(batch, report, by, None, progress)
    }

    /// Writes a batch into the registry on behalf of `by`, and publishes a new index. Items are added to the tenant of `by`
    /// if it has one. With `seen`, only if the content under its id is unchanged.
    pub(crate) fn record(
        &self,
        mut batch: ImportBatch,
        mut report: ImportReport,
        by: &Principal,
        seen: Option<&ContentVersion>,
        progress: &dyn Progress,
    ) -> Result<ImportReport, EngineError> {
        let rules = self.rules();
        self.verify(&mut batch, &by.tenant)?;
        self.reject_taken_ids(&mut batch, &by.tenant)?;
        report.problems.append(&mut batch.problems);
        let (documents, items) = records(&batch, &by.tenant);
        for record in &documents {
            let read = ReadDocument::of(record);
            let restored = &read.restored;
            report.repairs += restored.repairs.len() + restored.repairs_left_out;
            let first = restored.repairs.iter().find(|repair| !repair.restored);
            let named = restored.repairs.iter().filter(|repair| !repair.restored).count();
            let lost = named + restored.unrestored_left_out;
            report.unrestored += lost;
            report.problems.extend(unrestored(record, lost, first));
        }
        let _lock = WriteLock::acquire(&self.data, "import", progress)?;
        let act = by.write_context(now());
        reach("import-checked");
        let written = self.runtime.block_on(self.registry.write_partial(&act, &documents, &items, seen))?;
        reach("import-recorded");
        (report.documents, report.items) = (written.documents, written.items);
        report.problems.extend(taken_id_errors(&batch, &written.refused));
        report.refused = written.refused;
        report.problems.extend(self.hidden_item_warnings(&by.tenant)?);
        // An index chosen by hand is behind the registry; an import ends that, even without new content.
        let is_pinned = Pointer::read_valid(&self.data)?.is_some_and(|now| now.pinned);
        // The shared index never contains additions of a tenant.
        let shared = !report.items.is_unchanged() && by.tenant.is_empty();
        if is_pinned || shared || !report.documents.is_unchanged() {
            report.problems.extend(self.publish(&rules, &batch, progress)?);
        } else {
            self.refresh_tenants()?;
        }
        Ok(report)
    }

    /// Updates the index to the registry and activates both. The caller holds the lock. Returns the problems of items that
    /// were valid before or are in `batch`.
    pub(crate) fn publish(
        &self,
        before: &Rules,
        batch: &ImportBatch,
        progress: &dyn Progress,
    ) -> Result<Vec<Problem>, EngineError> {
        let state = self.state();
        match update_or_rebuild(&self.data, &self.runtime, &self.registry, &state.index, progress) {
            Ok(index) => self.reload(index, before, batch),
            Err(cause) => {
                let stored = format!("文件 {} 份、事项 {} 项", batch.documents.len(), batch.items.len());
                Err(self.not_indexed(stored, cause))
            }
        }
    }

    /// The error of a change that is in the records and not in the index. Its items are matched from now on.
    pub(crate) fn not_indexed(&self, stored: String, cause: EngineError) -> EngineError {
        match self.keep_stale_index() {
            Ok(_) => EngineError::NotIndexed { taken: stored, cause: Box::new(cause) },
            Err(error) => error,
        }
    }

    /// Checks a tenant's batch before it is written: quotes, criteria. Items that cannot be compiled are removed and named:
    /// in the registry they would cost every opening the same effort, and never have a verdict. So are those whose words
    /// contradict a rule.
    pub(crate) fn verify(&self, batch: &mut ImportBatch, tenant: &str) -> Result<(), EngineError> {
        let (state, rules) = (self.state(), self.rules_for(tenant)?);
        batch.refuse_false_quotes(state.index.documents(), |id| self.stored(id))?;
        let known = |id: &str| rules.item(id).is_some();
        let found = findings(batch, rules.dictionary(), today(), BuildSteps::per_item(), known);
        let refused = |id: &str| found.uncompiled.contains(id) || found.contradicted.contains(id);
        batch.items.retain(|item| !refused(&item.item.id));
        batch.problems.extend(found.problems);
        Ok(())
    }

    pub(crate) fn stored(&self, id: &str) -> Result<Option<DocumentRecord>, EngineError> {
        Ok(self.runtime.block_on(self.registry.document(id, Moment::NOW))?)
    }

    /// Reads the items again after a change. Returns the problems of those that were valid before or are in `batch`: a
    /// changed document may lack the quotes of items.
    fn reload(&self, index: Index, before: &Rules, batch: &ImportBatch) -> Result<Vec<Problem>, EngineError> {
        let ids: BTreeSet<&str> = batch.items.iter().map(|item| item.item.id.as_str()).collect();
        let mut problems = self.activate(index)?;
        problems.retain(|problem| match &problem.subject {
            Some(Subject::Item(id)) => before.item(id).is_some() || ids.contains(id.as_str()),
            _ => false,
        });
        Ok(problems)
    }
}

/// One warning per document for the places that could not be restored: their number, and the first of them.
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use zhaoren_policy::verdict::Verdict;

    use super::*;
    use crate::open::records;
    use crate::progress::Silent;
    use crate::read_documents::restorations;
    use crate::{MatchOptions, SearchRequest, read_profiles};

    /// A case in the `when` of a case, nested `depth` times.
    fn nested_cases(depth: usize) -> String {
        let leaf = |count: usize| format!("{{fact: employees, at_least: {count}}}");
        (0..depth).fold(leaf(1), |inner, count| {
            format!("{{case: [{{when: {inner}, then: {}}}], else: {}}}", leaf(2), leaf(1000 + count))
        })
    }

    /// An item with more tags than allowed.
    fn too_wide() -> String {
        let tags: Vec<String> = (0..1_001).map(|tag| format!("\"标签{tag}\"")).collect();
        format!(
            "{{\"id\": \"wide\", \"title\": \"太宽\", \"criteria\": {{\"fact\": \"parks\", \"has_any\": [{}]}}}}",
            tags.join(", ")
        )
    }

    /// An item of thirty nested cases is imported, opened again, and matched.
    #[test]
    fn nested_cases_are_imported() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let file = folder.path().join("items.yaml");
        std::fs::write(&file, format!("- {{id: deep, title: 深, criteria: {}}}", nested_cases(30))).unwrap();
        let (engine, _) = Engine::open(&data, &Silent).unwrap();
        let report = engine.import(&[file], &Silent).unwrap();
        assert_eq!(report.items.new, 1, "{:?}", report.problems);
        drop(engine);
        let (engine, _) = Engine::open(&data, &Silent).unwrap();
        let rules = engine.rules();
        let profile = r#"{"id": "e", "facts": {"employees": 5}}"#;
        let profile =
            read_profiles(profile.as_bytes(), "p.json", rules.dictionary(), true).profiles.remove(0);
        let options = MatchOptions { as_of: today(), all: true, limit: usize::MAX, bundle: false };
        let (found, _) = rules.match_profile(&profile, options);
        let deep = found.matches.iter().find(|one| one.policy == "deep").unwrap();
        assert_eq!(deep.verdict, Verdict::Eligible);
    }

    /// An item that cannot be compiled is a problem of that item, on every import path; the others are imported.
    #[test]
    fn uncompilable_items_are_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
        let items = format!("[{}, {{\"id\": \"plain\", \"title\": \"平\"}}]", too_wide());
        let sent = ("items.json".to_owned(), items.clone().into_bytes());
        let report = engine.receive(&[sent], &Principal::local()).unwrap();
        let is_named = |problems: &[Problem]| {
            problems.iter().any(|one| one.subject == Some(Subject::Item("wide".to_owned())))
        };
        assert!(is_named(&report.problems), "{:?}", report.problems);
        assert_eq!(report.items.new, 1);
        assert!(engine.rules().item("wide").is_none() && engine.rules().item("plain").is_some());
        let proposal = engine
            .propose(&Principal::local().write_context(now()), "wide.json", too_wide().as_bytes(), "")
            .unwrap();
        assert!(proposal.drafts.is_empty() && is_named(&proposal.problems));
        let checked = engine.check("items.json", items.as_bytes(), today(), "").unwrap();
        assert!(is_named(&checked.problems));
        assert_eq!(checked.items.len(), 1);
    }

    /// A data directory with such an item of an earlier version still opens, and names it.
    #[test]
    fn a_registry_with_an_item_that_cannot_be_compiled_opens() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let (engine, _) = Engine::open(&data, &Silent).unwrap();
        let mut given = ImportBatch::default();
        given.read("wide.json", too_wide().as_bytes(), engine.rules().dictionary());
        let (_, items) = records(&given, "");
        let local = Principal::local();
        let act = local.write_context(now());
        engine.runtime.block_on(engine.registry.write(&act, &[], &items)).unwrap();
        drop(engine);
        let (engine, _) = Engine::open(&data, &Silent).unwrap();
        let snapshot = engine.rules().snapshot_on(today());
        let refused: Vec<&str> = snapshot.not_compiled().map(|(item, _)| item.id.as_str()).collect();
        assert_eq!(refused, ["wide"]);
    }

    /// An import with a quoted document, a search with a traced highlight and another opening restore the document once.
    #[test]
    fn a_document_is_restored_once_on_its_way() {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        std::fs::create_dir_all(&files).unwrap();
        let id = "restored-once";
        std::fs::write(
            files.join(format!("{id}.txt")),
            "关于仪表校准的办法\n第一条 企业送检仪表的，给予校准补贴。\n",
        )
        .unwrap();
        let item = format!(
            "id: calibration\ntitle: 校准补贴\ndocument: {{text: {id}.txt, title: 关于仪表校准的办法}}\n\
             criteria: {{fact: employees, at_least: 1, quote: 企业送检仪表的，给予校准补贴}}\n"
        );
        std::fs::write(files.join("item.yaml"), item).unwrap();
        let data = folder.path().join("data");
        let (engine, _) = Engine::open(data.as_path(), &Silent).unwrap();
        let report = engine.import(&[files], &Silent).unwrap();
        assert_eq!((report.documents.new, report.items.new), (1, 1), "{:?}", report.problems);
        assert_eq!(restorations::of(id), 1, "verified, counted, indexed and loaded");
        let request =
            SearchRequest { query: "送检仪表".to_owned(), limit: 5, ..SearchRequest::default() };
        let found = engine.search(&request).unwrap();
        let hit = found.hits.iter().find(|hit| hit.id == id).unwrap();
        assert!(hit.highlights.iter().any(|highlight| highlight.original.is_some()));
        assert_eq!(restorations::of(id), 1, "traced");
        drop(engine);
        let _ = Engine::open(data.as_path(), &Silent).unwrap();
        assert_eq!(restorations::of(id), 1, "opened again");
    }
}
