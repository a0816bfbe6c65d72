//! A look at the cells of a table before its columns have a meaning.

use std::path::Path;
use std::sync::Arc;

use zhaoren_policy::fact::FactDictionary;

use super::form::{Form, Opened, SheetForm, open};
use super::{Enterprises, Input, TableOptions};
use crate::table::TableError;
use crate::table::arrow_cells::{BatchCells, BatchRow};
use crate::table::chunk::{Chunk, ChunkRows};
use crate::table::layout::Layout;
use crate::table::paths::failed;
use crate::table::rows::Cells;
use crate::table::sheet::SheetCells;

impl Enterprises {
    /// Opens one table for a look at its cells: no column has a meaning, and no row is read.
    ///
    /// # Errors
    /// The table cannot be read, or is one of profiles in JSON, whose columns need no look.
    pub(crate) fn raw(path: &Path, dictionary: Arc<FactDictionary>) -> Result<Self, TableError> {
        let options = TableOptions::default();
        let mut enterprises = Self::open(&[], options, Arc::clone(&dictionary))?;
        let name = path.display().to_string();
        let Opened { form, notes, .. } = open(path, &name, &dictionary, None, true)?;
        if matches!(form, Form::Lines(_) | Form::Json(_)) {
            return Err(failed(path)(&"是 JSON，其中的键就是指标，不需要列映射"));
        }
        let bytes = std::fs::metadata(path).map_err(|error| failed(path)(&error))?.len();
        enterprises.files.push(Input { name, path: path.to_owned(), bytes, form, notes, _spooled: None });
        Ok(enterprises)
    }

    /// Headings of a table that was opened for a look, and remarks about how it is read.
    pub(crate) fn headings(&self) -> (Vec<String>, Vec<String>) {
        let Some(input) = self.files.first() else { return <_>::default() };
        let layout = match &input.form {
            Form::Parquet { layout, .. } | Form::Text { layout, .. } => Some(layout),
            Form::Sheets(sheets) => sheets.first().map(|sheet| &sheet.layout),
            Form::Lines(_) | Form::Json(_) | Form::Nothing => None,
        };
        let headings =
            layout.map(|layout| layout.columns.iter().map(|column| column.header.clone()).collect());
        (headings.unwrap_or_default(), input.notes.clone())
    }

    /// Shows the cells of each row of a chunk, with the headings of their columns.
    pub(crate) fn visit(&self, chunk: &Chunk, mut see: impl FnMut(&Layout, &dyn Cells)) {
        let Some(input) = self.files.get(chunk.file) else { return };
        match (&chunk.rows, &input.form) {
            (ChunkRows::Batch { batch, .. }, Form::Parquet { layout, used, instants }) => {
                let cells = BatchCells::new(batch, used, instants);
                (0..batch.num_rows()).for_each(|row| see(layout, &BatchRow(&cells, row)));
            }
            (ChunkRows::Records(records), Form::Text { layout, text }) => {
                records.iter().for_each(|(_, record)| see(layout, &text.cells(record)));
            }
            (ChunkRows::Sheet { page, rows }, Form::Sheets(sheets)) => {
                let Some(SheetForm { layout, .. }) = sheets.get(*page) else { return };
                rows.iter().for_each(|(_, cells)| see(layout, &SheetCells(cells)));
            }
            _ => {}
        }
    }
}
