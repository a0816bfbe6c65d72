//! A look at a table (`zhaoren map`): what each column would be read as, what of it would not be understood, and the mapping file to
//! start from.
//!
//! The proposal is made of headings and contents; then the table is read with the proposed mapping, so that what is reported as
//! not understood is what a run will not understand.

mod content;
mod guess;
mod write;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::warning::WarningKind;

use self::content::Content;
use super::layout::Layout;
use super::rows::{Cells, shortened};
use super::{Enterprises, Mapping, TableError, TableOptions};

/// Rows whose contents are looked at; the others are counted.
const LOOKED_AT: u64 = 20_000;
/// Values of a column that are reported as not understood; the others are counted.
const MOST_DOUBTS: usize = 5;
/// Values of a column that are counted separately.
const MOST_VALUES: usize = 1_000;

/// A look at a table.
#[derive(Clone, Debug, Serialize)]
pub struct Survey {
    /// File as given.
    pub file: String,
    /// Number of rows below the header.
    pub rows: u64,
    /// Number of rows that were looked at.
    pub looked_at: u64,
    /// Rows of them that would not be read as enterprises: totals, remarks, rows without a usable id.
    pub rejected: u64,
    /// Remarks about the table as a whole, in Chinese.
    pub notes: Vec<String>,
    /// Columns in order.
    pub columns: Vec<ColumnSurvey>,
    /// Mapping file that `--map` accepts.
    pub mapping: String,
    /// True if the table can be read with the mapping as it is.
    pub usable: bool,
}

/// Column of a surveyed table.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnSurvey {
    /// Number of the column, from 1.
    pub number: usize,
    /// Heading; for a header of several rows the joined heading.
    pub heading: String,
    /// Proposed meaning of the column.
    pub proposal: Proposal,
    /// Why, in Chinese; empty if the heading says it.
    pub why: String,
    /// Number of filled cells among the rows looked at.
    pub filled: u64,
    /// First different values.
    pub examples: Vec<String>,
    /// Number of cells that would not be understood.
    pub doubtful: u64,
    /// Most frequent of them.
    pub doubts: Vec<Doubt>,
    /// Facts that the column may mean, if it is not surely one; at most three.
    pub candidates: Vec<Candidate>,
}

/// Meaning of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Proposal {
    /// Id of the enterprise.
    Id,
    /// Name of the enterprise.
    Name,
    /// A fact, or one year of it.
    Fact {
        /// Key of the fact.
        key: String,
        /// Name of the fact.
        name: String,
        /// Year of a yearly fact.
        year: Option<i16>,
        /// Unit of the numbers, if it is not the fact's own.
        unit: Option<String>,
        /// Separator of tags.
        separator: Option<String>,
    },
    /// Possession of one tag: a column of 是 and 否.
    Tag {
        /// Key of the tags fact.
        key: String,
        /// Name of the fact.
        name: String,
        /// The tag.
        tag: String,
    },
    /// Not read.
    Ignore,
}

/// Value that would not be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// Value as written.
    pub value: String,
    /// Number of cells with it.
    pub count: u64,
    /// Expected content, in Chinese.
    pub reason: String,
}

/// Fact that a column may mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Key of the fact.
    pub key: String,
    /// Name of the fact.
    pub name: String,
    /// Evidence for or against it, in Chinese; may be empty.
    pub why: String,
}

impl Survey {
    /// Looks at one table.
    ///
    /// # Errors
    /// The file cannot be read as a table, or is one of profiles in JSON, which need no mapping.
    pub fn of(path: &Path, dictionary: &Arc<FactDictionary>) -> Result<Self, TableError> {
        if !path.is_file() {
            return Err(TableError(format!("{}：没有这个文件", path.display())));
        }
        let table = Enterprises::raw(path, Arc::clone(dictionary))?;
        let (headings, notes) = table.headings();
        if headings.is_empty() {
            return Err(TableError(format!("{}：没有表头，也没有数据", path.display())));
        }
        let mut contents: Vec<Content> = headings.iter().map(|_| Content::default()).collect();
        let (mut rows, mut looked_at) = (0, 0);
        for chunk in table.chunks() {
            let chunk = chunk?;
            rows += chunk.len() as u64;
            if looked_at < LOOKED_AT {
                table.visit(&chunk, |layout, cells| {
                    if looked_at < LOOKED_AT {
                        looked_at += 1;
                        see(&headings, layout, cells, &mut contents);
                    }
                });
            }
        }
        let mut survey = Self {
            file: path.display().to_string(),
            rows,
            looked_at,
            rejected: 0,
            notes,
            columns: guess::columns(&headings, &contents, dictionary),
            mapping: String::new(),
            usable: false,
        };
        survey.add_notes();
        survey.mapping = write::mapping(&survey, dictionary);
        survey.check(path, dictionary);
        Ok(survey)
    }

    fn add_notes(&mut self) {
        if !self.columns.iter().any(|column| column.proposal == Proposal::Id) {
            self.notes.push("没有找到企业标识（统一社会信用代码）列：请在映射中把一列写作 id".to_owned());
        }
        let unnamed: Vec<String> = self
            .columns
            .iter()
            .filter(|column| column.heading.is_empty() && column.filled > 0)
            .map(|column| column.number.to_string())
            .collect();
        if !unnamed.is_empty() {
            self.notes.push(format!("第 {} 列没有列名，不能读取", unnamed.join("、")));
        }
    }

    /// Reads the table with the proposed mapping, and collects the values that are not understood.
    fn check(&mut self, path: &Path, dictionary: &Arc<FactDictionary>) {
        let mapping = match Mapping::read(&self.mapping, "mapping.yaml", dictionary) {
            Ok(mapping) => mapping,
            Err(problems) => {
                let first = problems.first().map(ToString::to_string).unwrap_or_default();
                return self.notes.push(format!("映射文件需要修改后才能使用：{first}"));
            }
        };
        let options = TableOptions { mapping: Some(mapping), ..TableOptions::default() };
        let opened = Enterprises::open(&[path.to_owned()], options, Arc::clone(dictionary));
        let table = match opened {
            Ok(table) => table,
            Err(error) => return self.notes.push(format!("映射文件需要修改后才能使用：{error}")),
        };
        self.usable = true;
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        let mut read = 0;
        for chunk in table.chunks() {
            let Ok(chunk) = chunk else { break };
            if read >= LOOKED_AT {
                break;
            }
            read += chunk.len() as u64;
            let rows = table.read(&chunk);
            self.rejected += rows.rejected;
            let rejects = rows.rejects.iter().map(|one| (&one.column, &one.value, &one.reason));
            let warnings = rows.warnings.iter().filter(|one| one.row > 0 && is_doubt(one.kind));
            let warnings = warnings.map(|one| (&one.column, &one.value, &one.reason));
            for (column, value, reason) in rejects.chain(warnings).filter(|(column, ..)| !column.is_empty()) {
                tallies.entry(column.clone()).or_default().add(value, reason);
            }
        }
        for column in &mut self.columns {
            if let Some(tally) = tallies.remove(&column.heading) {
                (column.doubtful, column.doubts) = tally.most();
            }
        }
    }
}

/// Whether a warning is about a value that is not understood; an alias or a code of the past is.
fn is_doubt(kind: WarningKind) -> bool {
    !matches!(kind, WarningKind::Alias | WarningKind::PastCode | WarningKind::CodeName | WarningKind::Sheet)
}

/// Takes in the cells of a row. Sheets with the same headings may have them in another order.
fn see(headings: &[String], layout: &Layout, cells: &dyn Cells, contents: &mut [Content]) {
    zhaoren_cancel::poll();
    for (at, column) in layout.columns.iter().enumerate() {
        let is_same = headings.get(at) == Some(&column.header);
        let place =
            if is_same { Some(at) } else { headings.iter().position(|heading| *heading == column.header) };
        if let Some(content) = place.and_then(|place| contents.get_mut(place)) {
            content.see(&cells.cell(at));
        }
    }
}

/// Values of one column that are not understood.
#[derive(Default)]
struct Tally {
    count: u64,
    values: BTreeMap<String, (u64, String)>,
}

impl Tally {
    fn add(&mut self, value: &str, reason: &str) {
        self.count += 1;
        if let Some((count, _)) = self.values.get_mut(value) {
            *count += 1;
        } else if self.values.len() < MOST_VALUES {
            self.values.insert(shortened(value), (1, reason.to_owned()));
        }
    }

    /// Number of all, and the most frequent, of equal ones in order of the value.
    fn most(self) -> (u64, Vec<Doubt>) {
        let doubt = |(value, (count, reason))| Doubt { value, count, reason };
        let mut doubts: Vec<Doubt> = self.values.into_iter().map(doubt).collect();
        doubts.sort_by_key(|doubt| std::cmp::Reverse(doubt.count));
        doubts.truncate(MOST_DOUBTS);
        (self.count, doubts)
    }
}
