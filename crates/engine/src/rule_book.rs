//! The rules of a data directory, opened without its search index.
//!
//! Matching and pushing do not use the index. Opening it compares every file with its manifest, which takes as long as
//! reading all of it; only the list of documents is needed here, to look up quotes, and only if the compiled rules are not
//! stored. A search index that is damaged or behind the registry is found at the next search or import. It never changes a
//! verdict: rules are compiled from the registry.

use std::cell::OnceCell;
use std::sync::Arc;

use zhaoren_indexer::{DocumentList, Entry};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Problem;
use zhaoren_registry::Moment;

use crate::dictionaries::dictionary_of;
use crate::entries::document_entries;
use crate::error::EngineError;
use crate::home::Home;
use crate::item_load::{Documents, RulesRequest, load_rules_at, shared_rules};
use crate::open::open_seeded;
use crate::progress::Progress;
use crate::records::Records;
use crate::rules::Rules;

/// Records of a data directory and the rules in its registry.
pub struct RuleBook<'a> {
    records: Records,
    progress: &'a dyn Progress,
}

/// Source of the registry's documents.
enum DocumentSource {
    /// From the index generation that matches the registry.
    List(DocumentList),
    /// From the registry, because no undamaged generation matches its content.
    Read(Vec<Entry>),
}

impl DocumentSource {
    fn of(records: &Records, progress: &dyn Progress) -> Result<Self, EngineError> {
        let Records { data, runtime, registry } = records;
        let fingerprint = runtime.block_on(registry.fingerprint())?;
        match DocumentList::current(data) {
            Ok(list) if list.source() == fingerprint => Ok(Self::List(list)),
            // An index that is absent, damaged, or chosen by hand may not match the registry.
            _ => Ok(Self::Read(document_entries(
                &runtime.block_on(registry.documents(Moment::NOW))?,
                progress,
            )?)),
        }
    }

    fn documents(&self) -> Documents<'_> {
        match self {
            Self::List(list) => list.documents().collect(),
            Self::Read(entries) => entries.iter().map(|entry| (entry.id.as_str(), &entry.document)).collect(),
        }
    }
}

impl<'a> RuleBook<'a> {
    /// Opens the records of a data directory, creating and filling it if they are empty.
    ///
    /// # Errors
    /// The directory cannot be used, or its registry fails.
    pub fn open(home: impl Into<Home>, progress: &'a dyn Progress) -> Result<Self, EngineError> {
        Ok(Self { records: open_seeded(home, FactDictionary::built_in(), progress)?, progress })
    }

    /// The records: keys, tenants, audit, facts by source.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// The shared rules as of now, read with `dictionary` and the facts that were accepted for all, and the problems of items that do not load.
    ///
    /// # Errors
    /// The registry fails.
    pub fn rules(&self, dictionary: &FactDictionary) -> Result<(Arc<Rules>, Vec<Problem>), EngineError> {
        let Records { data, runtime, registry } = &self.records;
        let held = OnceCell::new();
        let documents = || self.documents(&held);
        let whole = dictionary_of(runtime, registry, &[], dictionary)?;
        if dictionary == FactDictionary::built_in() {
            let shared = shared_rules(data, runtime, registry, whole, documents)?;
            return Ok((shared.rules, shared.problems));
        }
        let request = RulesRequest { tenant: "", lineage: &[], system_time: None, dictionary: &whole };
        load_rules_at(runtime, registry, &request, documents)
    }

    /// The rules of a tenant, or of a past moment, read with `dictionary` and the facts that the tenant accepted, and the problems of items that did not load.
    ///
    /// # Errors
    /// The registry fails, or there is no such tenant.
    pub fn rules_at(
        &self,
        tenant: &str,
        system_time: Option<Moment>,
        dictionary: &FactDictionary,
    ) -> Result<(Arc<Rules>, Vec<Problem>), EngineError> {
        let Records { runtime, registry, .. } = &self.records;
        let lineage = runtime.block_on(registry.lineage(tenant))?;
        let dictionary = &dictionary_of(runtime, registry, &lineage, dictionary)?;
        let request = RulesRequest { tenant, lineage: &lineage, system_time, dictionary };
        let documents = OnceCell::new();
        load_rules_at(runtime, registry, &request, || self.documents(&documents))
    }

    fn documents<'n>(&self, held: &'n OnceCell<DocumentSource>) -> Result<Documents<'n>, EngineError> {
        let read = DocumentSource::of(&self.records, self.progress)?;
        Ok(held.get_or_init(|| read).documents())
    }
}
