//! Items given for a match in place of the registry's, and the static checks of items.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::civil::Date;
use zhaoren_matcher::check::{FindingKind, check_within};
use zhaoren_matcher::compiled::BuildSteps;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, check_catalogue};
use zhaoren_policy::problem::{Fault, Problem, Report, Subject};

use crate::body::Body;
use crate::error::EngineError;
use crate::evidence::Evidence;
use crate::file::{files, read_file};
use crate::open::is_built_in;
use crate::rules::steps_of_request;
use crate::source::ImportBatch;
use crate::wording::report_differences;

/// Items, each with its JSON; the positions of their quotes; and all problems.
pub type LoadedItems = (Vec<(Item, String)>, Evidence, Vec<Problem>);

/// Reads the items of `paths`, for matching on `as_of` against these only, and verifies their quotes in the texts that they
/// name and the documents among `paths`. Items are in order of id, each with its JSON; items with an error are left out.
///
/// Findings of the static check of the criteria as of `as_of` are warnings, as in an import.
///
/// # Errors
/// Never for the content of the files.
pub fn load_items(
    paths: &[PathBuf],
    dictionary: &FactDictionary,
    as_of: Date,
) -> Result<LoadedItems, EngineError> {
    let (files, mut problems) = files(paths);
    let mut batch = ImportBatch::default();
    for file in files {
        let name = file.display().to_string();
        match read_file(&file) {
            Ok(bytes) => batch.read(&name, &bytes, dictionary),
            Err(problem) => problems.push(*problem),
        }
    }
    batch.reject_duplicates();
    batch.take_named_texts(|_| Ok(None))?;
    loaded(batch, problems, dictionary, as_of, BuildSteps::per_item())
}

/// Reads the items and documents in the list under `key` of a JSON object received; `None` without that key. No file is
/// read, whatever the content.
///
/// # Errors
/// Never for the content received.
pub fn load_items_in(
    body: &Body<'_>,
    key: &str,
    name: &str,
    dictionary: &FactDictionary,
    as_of: Date,
) -> Result<Option<LoadedItems>, EngineError> {
    let mut batch = ImportBatch::default();
    if !batch.read_in(body, key, name, dictionary) {
        return Ok(None);
    }
    batch.reject_duplicates();
    let steps = steps_of_request(batch.items.len());
    loaded(batch, Vec::new(), dictionary, as_of, steps).map(Some)
}

fn loaded(
    mut batch: ImportBatch,
    mut problems: Vec<Problem>,
    dictionary: &FactDictionary,
    as_of: Date,
    steps: BuildSteps,
) -> Result<LoadedItems, EngineError> {
    let evidence = batch.refuse_false_quotes(std::iter::empty(), |_| Ok(None))?;
    problems.append(&mut batch.problems);
    problems.extend(findings(&batch, dictionary, as_of, steps, is_built_in).problems);
    let items = batch.items.into_iter().map(|item| (item.item, item.body));
    let mut items: Vec<(Item, String)> = items.collect();
    items.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    Ok((items, evidence, problems))
}

/// Findings on items.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Errors and warnings.
    pub(crate) problems: Vec<Problem>,
    /// Ids of the items that cannot be compiled, and so never have a verdict.
    pub(crate) uncompiled: BTreeSet<String>,
    /// Ids of the items whose words contradict a rule: never taken in.
    pub(crate) contradicted: BTreeSet<String>,
}

/// Findings of the static check of items, each compiled within `steps`: an error if it cannot be compiled, otherwise
/// warnings; and references to items that are neither in the batch nor `known`.
pub(crate) fn findings(
    batch: &ImportBatch,
    dictionary: &FactDictionary,
    as_of: Date,
    mut steps: BuildSteps,
    known: impl Fn(&str) -> bool,
) -> Findings {
    let mut found = Findings::default();
    let sources: BTreeMap<&str, &str> =
        batch.items.iter().map(|item| (item.item.id.as_str(), item.source.as_str())).collect();
    let known = |id: &str| known(id) || sources.contains_key(id);
    for item in &batch.items {
        let mut report = Report::new(&item.source);
        report.set_subject(Some(Subject::Item(item.item.id.clone())));
        for finding in check_within(&item.item.criteria, dictionary, as_of, &mut steps) {
            let fault = Fault::Other(finding.to_string());
            match finding.kind {
                FindingKind::TooEntangled => {
                    report.error(0, "", fault);
                    found.uncompiled.insert(item.item.id.clone());
                }
                FindingKind::NeverHolds | FindingKind::NeverFails => report.warn(0, "", fault),
            }
        }
        if report_differences(item, dictionary, &mut report) {
            found.contradicted.insert(item.item.id.clone());
        }
        for other in item.item.excludes.iter().filter(|id| !known(id)) {
            report.warn(0, "excludes", Fault::Dangling { what: "item", id: other.clone() });
        }
        for relation in item.item.relations.iter().filter(|relation| !known(&relation.item)) {
            report.warn(0, "relations", Fault::Dangling { what: "item", id: relation.item.clone() });
        }
        found.problems.extend(report.problems);
    }
    // Relations between the items of the batch; references to other items were checked above.
    let together = check_catalogue(batch.items.iter().map(|item| &item.item), "");
    for mut problem in together {
        let Some(Subject::Item(id)) = &problem.subject else { continue };
        let (Some(source), false) =
            (sources.get(id.as_str()), matches!(problem.fault, Fault::Dangling { .. }))
        else {
            continue;
        };
        problem.file = (*source).to_owned();
        found.problems.push(problem);
    }
    found
}
