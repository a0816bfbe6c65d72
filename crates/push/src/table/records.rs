//! Tables of records (`--records loans=loans.csv`): one row a record, with the id of its enterprise and its fields.
//!
//! Such a table is read like one of enterprises, with the fields in place of facts, so headings, units and faults are the same. It
//! is read as a whole before the enterprises are, and its records are added to them by id: the rows of an enterprise are all its
//! records. An enterprise without a row has no list, so its records are unknown. A row that is rejected leaves the list of its
//! enterprise open.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use zhaoren_cancel::poll;
use zhaoren_policy::fact::{FactDictionary, FactType};
use zhaoren_policy::limits;
use zhaoren_policy::profile::{HeldValue, ProfileKey, RecordList};
use zhaoren_policy::warning::{WarningCounts, WarningKind, add_counts};

use super::{Enterprises, Rows, TableError, TableOptions, Warning};
use crate::digest::FileDigest;

/// Table of the records of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordTable {
    /// Key of the records fact.
    pub fact: String,
    /// File, folder or pattern.
    pub path: PathBuf,
}

impl RecordTable {
    /// Reads `FACT=FILE`.
    ///
    /// # Errors
    /// A message in Chinese if it does not have this form.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=').map(|(fact, path)| (fact.trim(), path.trim())) {
            Some((_, "-")) => Err("记录的表不能来自标准输入，请给出文件".to_owned()),
            Some((fact, path)) if !fact.is_empty() && !path.is_empty() => {
                Ok(Self { fact: fact.to_owned(), path: PathBuf::from(path) })
            }
            _ => Err("应为 记录类指标=文件，如 loans=loans.csv".to_owned()),
        }
    }
}

/// Maximum number of records in all tables of records together: they are in memory while the enterprises are read.
pub(crate) const MAX_RECORDS: usize = 10_000_000;

/// Records by fact and id of the enterprise.
#[derive(Debug, Default)]
pub(super) struct LoadedRecords {
    facts: Vec<(String, HashMap<String, HeldValue>)>,
    /// Faults of the rows of records, to be listed with the first chunk of enterprises.
    warnings: Vec<Warning>,
    warned: WarningCounts,
    /// Files read, with their digests.
    pub(super) inputs: Vec<FileDigest>,
    /// Warnings about the files as a whole.
    pub(super) notes: Vec<String>,
}

impl LoadedRecords {
    /// Reads the tables of records of `options`.
    ///
    /// # Errors
    /// Names a fact that has no records, or the table that cannot be read.
    pub(super) fn read(options: &TableOptions, dictionary: &FactDictionary) -> Result<Self, TableError> {
        let mut loaded = Self::default();
        let mut left = MAX_RECORDS;
        let mut tables: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
        for table in &options.records {
            tables.entry(&table.fact).or_default().push(table.path.clone());
        }
        for (key, paths) in tables {
            loaded.fact(key, &paths, options, dictionary, &mut left)?;
        }
        Ok(loaded)
    }

    fn fact(
        &mut self,
        key: &str,
        paths: &[PathBuf],
        options: &TableOptions,
        dictionary: &FactDictionary,
        left: &mut usize,
    ) -> Result<(), TableError> {
        let Some(fact) = dictionary.get(key).filter(|fact| fact.kind == FactType::Records) else {
            let known = dictionary.iter().filter(|fact| fact.kind == FactType::Records);
            let known: Vec<&str> = known.map(|fact| fact.key.as_str()).collect();
            let known = known.join("、");
            return Err(TableError(format!("--records {key}=…：{key} 不是记录类指标，可用的有：{known}")));
        };
        // The code of an enterprise is its id here, too.
        let fields = fact.fields.with(dictionary.get("uscc"));
        let own = TableOptions { mapping: None, records: Vec::new(), ..options.clone() };
        // Standard input is held by the table of enterprises.
        let table = Enterprises::open_with(paths, own, Arc::new(fields), &mut std::io::empty())?;
        let mut lists: HashMap<String, Vec<zhaoren_policy::profile::Profile>> = HashMap::new();
        let mut open: BTreeSet<String> = BTreeSet::new();
        for chunk in table.chunks() {
            let mut rows = table.read(&chunk?);
            *left = left.checked_sub(rows.accepted.len()).ok_or_else(|| {
                TableError(format!("--records：记录一共超过 {MAX_RECORDS} 条，请分批或按企业拆开"))
            })?;
            for reject in std::mem::take(&mut rows.rejects) {
                open.insert(reject.id.clone());
                rows.warn(WarningKind::Unreadable, || Warning {
                    file: reject.file,
                    row: reject.row,
                    id: reject.id,
                    column: reject.column,
                    value: reject.value,
                    kind: WarningKind::Unreadable,
                    reason: format!("这条记录没有读入：{}", reject.reason),
                });
            }
            self.warnings.append(&mut rows.warnings);
            add_counts(&mut self.warned, &rows.warned);
            for record in rows.profiles() {
                poll();
                let id = record.id.clone();
                lists.entry(id).or_default().push(record.into_record("uscc"));
            }
        }
        // An id that could not be read may be that of any enterprise.
        let any_open = open.contains("");
        let mut values = HashMap::with_capacity(lists.len());
        #[expect(
            clippy::iter_over_hash_type,
            reason = "the order of a map has no effect on a map made from it"
        )]
        for (id, mut records) in lists {
            poll();
            let mut complete = !any_open && !open.contains(&id);
            if records.len() > limits::MAX_RECORDS {
                records.truncate(limits::MAX_RECORDS);
                complete = false;
                let reason = format!("超过 {} 条记录，其余按未列出处理", limits::MAX_RECORDS);
                let warning = Warning {
                    file: String::new(),
                    row: 0,
                    id: id.clone(),
                    column: fact.name.clone(),
                    value: String::new(),
                    kind: WarningKind::Unreadable,
                    reason,
                };
                *self.warned.entry(WarningKind::Unreadable).or_default() += 1;
                self.warnings.push(warning);
            }
            values.insert(id, HeldValue::Records(RecordList::of_checked(records, complete)));
        }
        self.warnings.sort();
        self.facts.push((key.to_owned(), values));
        self.inputs.extend(table.inputs().iter().cloned());
        self.notes.extend(table.warnings().iter().cloned());
        Ok(())
    }

    /// Adds the records of the enterprises of a chunk, in place of records in the table of enterprises itself. With the first chunk
    /// of all, the faults of the rows of records are listed.
    pub(super) fn add_to(&self, rows: &mut Rows, is_first: bool) {
        for (key, values) in &self.facts {
            let key = ProfileKey::Fact(key.clone(), None);
            let mut column = rows.table.columns().get(&key).cloned().unwrap_or_default();
            column.value_ids.resize(rows.accepted.len(), 0);
            let mut found = false;
            for (row, code) in rows.accepted.iter().zip(&mut column.value_ids) {
                poll();
                if let Some(held) = values.get(&row.id) {
                    column.values.push(held.clone());
                    *code = u32::try_from(column.values.len()).unwrap_or(u32::MAX);
                    found = true;
                }
            }
            if found {
                rows.table.insert(key, column);
            }
        }
        if is_first {
            rows.warnings.extend(self.warnings.iter().cloned());
            add_counts(&mut rows.warned, &self.warned);
        }
    }
}
