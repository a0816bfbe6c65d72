//! Expected content of the tables according to the audit, and their actual content.

use std::collections::BTreeMap;

use crate::coverage::CoveredTable;
use crate::digest::digest;
use crate::error::RegistryError;
use crate::store::{Row, Unit, Value};
use crate::total::Total;

/// Number of records read at once.
const AT_ONCE: usize = 2_000;

/// Expected content of a table: the number of records, and the digest of the sum over them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableDigest {
    pub(crate) records: i64,
    pub(crate) digest: String,
}

/// Expected content of all tables, by name. The entry with the empty name holds random bytes that prevent guessing the
/// content from the digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State(pub(crate) BTreeMap<String, TableDigest>);

impl State {
    /// Reads the stored state.
    pub(crate) async fn read(unit: &mut dyn Unit) -> Result<Self, RegistryError> {
        let query = "SELECT name, records, digest FROM audit_state";
        let rows = unit.read(query.into(), Vec::new()).await?;
        let held =
            |mut row: Row| Ok((row.text(0)?, TableDigest { records: row.integer(1)?, digest: row.text(2)? }));
        rows.into_iter().map(held).collect::<Result<_, _>>().map(Self)
    }

    /// The digest of the state in an audit line.
    pub(crate) fn digest(&self) -> String {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for (name, held) in &self.0 {
            parts.push(name.as_bytes().to_vec());
            parts.push(held.records.to_le_bytes().to_vec());
            parts.push(held.digest.as_bytes().to_vec());
        }
        digest(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }
}

/// Reads the records of a covered table that meet a condition, in batches.
pub(crate) async fn for_each_record(
    unit: &mut dyn Unit,
    covered: &CoveredTable,
    condition: &str,
    given: &[Value],
    mut each: impl FnMut(&Row),
) -> Result<(), RegistryError> {
    let (name, list, keys) = (covered.name, covered.column_list(), covered.key.join(", "));
    let mut last: Vec<Value> = Vec::new();
    loop {
        let marks: Vec<String> = (1..=last.len()).map(|at| format!("${}", given.len() + at)).collect();
        let after =
            if last.is_empty() { String::new() } else { format!(" AND ({keys}) > ({})", marks.join(", ")) };
        let query =
            format!("SELECT {list} FROM {name} WHERE ({condition}){after} ORDER BY {keys} LIMIT {AT_ONCE}");
        let values = given.iter().cloned().chain(last).collect();
        let rows = unit.read(query.into(), values).await?;
        rows.iter().for_each(&mut each);
        match rows.last() {
            Some(row) if rows.len() == AT_ONCE => {
                last = row.0.iter().take(covered.key.len()).cloned().collect()
            }
            _ => return Ok(()),
        }
    }
}

/// The sum over all actual records of a covered table.
pub(crate) async fn total(unit: &mut dyn Unit, covered: &CoveredTable) -> Result<Total, RegistryError> {
    let mut total = Total::default();
    for_each_record(unit, covered, "1 = 1", &[], |row| total.add(&covered.record_digest(row))).await?;
    Ok(total)
}
