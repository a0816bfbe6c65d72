//! Sample district (示例区): documents, items and enterprises of a made-up place, taken in only when they are asked for.
//!
//! Its region lies below `98`, which GB/T 2260 does not assign; titles, issuers and notes say that it is a sample.

use rust_embed::RustEmbed;

use crate::access::Principal;
use crate::error::EngineError;
use crate::import::ImportReport;
use crate::open::Engine;
use crate::progress::Progress;
use crate::source::ImportBatch;

/// Items of the sample district.
#[derive(RustEmbed)]
#[folder = "../../seeds/district/policies"]
struct SampleItems;

/// Documents of the sample district.
#[derive(RustEmbed)]
#[folder = "../../seeds/district/documents"]
struct SampleDocuments;

/// Enterprises of the sample district as profiles, one JSON object a line.
pub const SAMPLE_DISTRICT_ENTERPRISES: &str = include_str!("../../../seeds/district/enterprises.jsonl");

/// Sentence shown with every item of the sample district.
pub const SAMPLE_NOTICE: &str = "示例区样例：地方、机关和政策都是虚构的，不能据此申报";

impl Engine {
    /// Takes the sample district into the catalogue, on behalf of a caller. A repeated call changes nothing.
    ///
    /// # Errors
    /// As [`Engine::import`].
    pub fn import_sample_district(
        &self,
        by: &Principal,
        progress: &dyn Progress,
    ) -> Result<ImportReport, EngineError> {
        let rules = self.rules();
        let mut batch = ImportBatch::default();
        let mut names: Vec<String> = Vec::new();
        names.extend(SampleItems::iter().map(|name| format!("policies/{name}")));
        names.extend(SampleDocuments::iter().map(|name| format!("documents/{name}")));
        let report = ImportReport { files: names.len(), ..ImportReport::default() };
        for name in names {
            let (folder, file) = name.split_once('/').unwrap_or_default();
            let file = if folder == "policies" { SampleItems::get(file) } else { SampleDocuments::get(file) };
            if let Some(file) = file {
                batch.read(&format!("seeds/district/{name}"), &file.data, rules.dictionary());
            }
        }
        batch.reject_duplicates();
        self.record(batch, report, by, None, progress)
    }
}
