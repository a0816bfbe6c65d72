//! Tables beside the list, to be joined with it by item: `items.parquet` and `clauses.parquet`.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Date32Builder, Float64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use jiff::civil::{Date, date};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use zhaoren_cancel::poll;
use zhaoren_matcher::Library;
use zhaoren_policy::criterion::{Criterion, Node, describe};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;

use crate::digest::{FileDigest, Hashing};
use crate::error::{PushError, at};
use crate::output::{RunMetadata, parquet_at};
use crate::words::ItemWords;

/// Items of the run: those of its library, and those that only the compared run had.
pub(crate) const ITEMS: &str = "items.parquet";
/// Conditions of these items.
pub(crate) const CLAUSES: &str = "clauses.parquet";

/// Writes both tables into `folder`. An item of `previous` that `library` lacks is included: rows of the list that are gone name it.
pub(crate) fn write_companions(
    folder: &Path,
    library: &Library,
    previous: Option<&Library>,
    about: &RunMetadata,
) -> Result<[FileDigest; 2], PushError> {
    let mut all: Vec<ListedItem<'_>> = ListedItem::all(library, true, about.as_of).collect();
    if let Some(previous) = previous {
        let gone = ListedItem::all(previous, false, about.as_of);
        all.extend(gone.filter(|one| library.ids().binary_search(&one.item.id).is_err()));
    }
    all.sort_by(|a, b| a.item.id.cmp(&b.item.id));
    let (mut lines, mut clauses) = (ItemTable::default(), ClauseTable::default());
    for one in &all {
        poll();
        lines.add(one, library.dictionary(), about.as_of);
        clauses.add(one.item, &one.item.criteria, library.dictionary(), "", None);
    }
    Ok([
        write(&folder.join(ITEMS), lines.columns(), about)?,
        write(&folder.join(CLAUSES), clauses.columns(), about)?,
    ])
}

fn write(
    path: &Path,
    columns: Vec<(&'static str, ArrayRef)>,
    about: &RunMetadata,
) -> Result<FileDigest, PushError> {
    let internal = |error: arrow_schema::ArrowError| PushError::Internal(error.to_string());
    let field = |(name, column): &(&'static str, ArrayRef)| {
        let nullable = !matches!(*name, "policy_id" | "title" | "clause" | "text");
        Field::new(*name, column.data_type().clone(), nullable)
    };
    let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let arrays = columns.into_iter().map(|(_, column)| column).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(internal)?;
    let file = Hashing::create(path).map_err(at(path))?;
    let options =
        ArrowWriterOptions::new().with_properties(about.properties()?.build()).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(file, schema, options).map_err(parquet_at(path))?;
    writer.write(&batch).map_err(parquet_at(path))?;
    writer.into_inner().map_err(parquet_at(path))?.finish(path).map_err(at(path))
}

fn finish(mut texts: StringBuilder) -> ArrayRef {
    Arc::new(texts.finish())
}

/// The text, unless it is empty.
fn known(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Days since 1970, as Parquet counts them.
fn day_number(day: Date) -> Option<i32> {
    date(1970, 1, 1).until(day).ok().map(|span| span.get_days())
}

#[derive(Default)]
struct ItemTable {
    ids: StringBuilder,
    titles: StringBuilder,
    current: BooleanBuilder,
    in_force: BooleanBuilder,
    levels: StringBuilder,
    issuers: StringBuilder,
    kinds: ListBuilder<StringBuilder>,
    kind_names: StringBuilder,
    deliveries: StringBuilder,
    windows: StringBuilder,
    opens: Date32Builder,
    closes: Date32Builder,
    amounts: StringBuilder,
    ceilings: Float64Builder,
    rules: StringBuilder,
    documents: StringBuilder,
    numbers: StringBuilder,
    regions: StringBuilder,
    competitive: BooleanBuilder,
    notes: StringBuilder,
}

/// Item of the run or of the one before.
struct ListedItem<'a> {
    item: &'a Item,
    /// True if the run has it.
    is_current: bool,
    in_force: bool,
}

impl<'a> ListedItem<'a> {
    fn all(library: &'a Library, is_current: bool, as_of: Date) -> impl Iterator<Item = Self> {
        let one = move |index| {
            Some(Self { item: library.get(index)?, is_current, in_force: library.in_force_on(index, as_of) })
        };
        (0..library.len()).filter_map(one)
    }
}

impl ItemTable {
    fn add(&mut self, one: &ListedItem<'_>, dictionary: &FactDictionary, as_of: Date) {
        let item = one.item;
        let words = ItemWords::of(item, dictionary, as_of);
        let (document, amount) = (&item.document, &item.benefit.amount);
        let window = item.window.on(as_of);
        self.ids.append_value(&item.id);
        self.titles.append_value(&item.title);
        self.current.append_value(one.is_current);
        self.in_force.append_value(one.in_force);
        self.levels.append_option(known(words.level));
        self.issuers.append_option(known(&words.issuer));
        item.benefit.kinds.iter().for_each(|kind| self.kinds.values().append_value(kind));
        self.kinds.append(true);
        self.kind_names.append_option(known(&words.kinds));
        self.deliveries.append_value(item.delivery.name());
        self.windows.append_value(&words.window);
        self.opens.append_option(window.opens.and_then(day_number));
        self.closes.append_option(window.closes.and_then(day_number));
        self.amounts.append_value(&words.amount);
        self.ceilings.append_option(amount.max.as_ref().and_then(|max| max.to_json().as_f64()));
        self.rules.append_option(amount.text.as_deref());
        self.documents.append_option(known(&document.title));
        self.numbers.append_option(document.number.as_deref());
        self.regions.append_option(document.region.as_deref());
        self.competitive.append_value(item.competitive);
        self.notes.append_option(known(&item.notes.join("；")));
    }

    fn columns(mut self) -> Vec<(&'static str, ArrayRef)> {
        vec![
            ("policy_id", finish(self.ids)),
            ("title", finish(self.titles)),
            ("current", Arc::new(self.current.finish())),
            ("in_force", Arc::new(self.in_force.finish())),
            ("level", finish(self.levels)),
            ("issuer", finish(self.issuers)),
            ("kinds", Arc::new(self.kinds.finish())),
            ("kind_names", finish(self.kind_names)),
            ("delivery", finish(self.deliveries)),
            ("window", finish(self.windows)),
            ("window_opens", Arc::new(self.opens.finish())),
            ("window_closes", Arc::new(self.closes.finish())),
            ("amount", finish(self.amounts)),
            ("amount_max_yuan", Arc::new(self.ceilings.finish())),
            ("amount_rule", finish(self.rules)),
            ("document", finish(self.documents)),
            ("document_number", finish(self.numbers)),
            ("region", finish(self.regions)),
            ("competitive", Arc::new(self.competitive.finish())),
            ("notes", finish(self.notes)),
        ]
    }
}

#[derive(Default)]
struct ClauseTable {
    items: StringBuilder,
    paths: StringBuilder,
    texts: StringBuilder,
    groups: StringBuilder,
    facts: StringBuilder,
    names: StringBuilder,
    quotes: StringBuilder,
    articles: StringBuilder,
    documents: StringBuilder,
    numbers: StringBuilder,
}

impl ClauseTable {
    /// Adds a criterion and those inside it. `around` is the criterion that gives the quote to those that have none.
    fn add<'a>(
        &mut self,
        item: &'a Item,
        criterion: &'a Criterion,
        dictionary: &FactDictionary,
        path: &str,
        around: Option<&'a Criterion>,
    ) {
        poll();
        let source =
            if criterion.quote.is_some() || criterion.article.is_some() { Some(criterion) } else { around };
        let (group, fact) = match &criterion.node {
            Node::All(_) => (criterion.text.is_some().then_some("all"), None),
            Node::Any { .. } => (Some("any"), None),
            Node::Not(_) => (Some("not"), None),
            Node::Case { .. } => (Some("case"), None),
            Node::Points { .. } => (Some("points"), None),
            Node::Leaf(leaf) => (None, Some(&leaf.fact)),
            Node::Records(leaf) => (None, Some(&leaf.measure.records)),
            Node::Judged(_) => (None, None),
        };
        // Conditions side by side are no condition of their own, unless the item gives them a heading.
        if group.is_some() || !matches!(criterion.node, Node::All(_)) {
            self.items.append_value(&item.id);
            self.paths.append_value(path);
            self.texts.append_value(describe(criterion, dictionary));
            self.groups.append_option(group);
            self.facts.append_option(fact);
            self.names.append_option(fact.and_then(|key| dictionary.get(key)).map(|fact| &fact.name));
            self.quotes.append_option(source.and_then(|source| source.quote.as_deref()));
            self.articles.append_option(source.and_then(|source| source.article.as_deref()));
            self.documents.append_option(known(&item.document.title));
            self.numbers.append_option(item.document.number.as_deref());
        }
        for (step, child) in criterion.children() {
            let path = if path.is_empty() { step } else { format!("{path}.{step}") };
            self.add(item, child, dictionary, &path, source);
        }
    }

    fn columns(self) -> Vec<(&'static str, ArrayRef)> {
        vec![
            ("policy_id", finish(self.items)),
            ("clause", finish(self.paths)),
            ("text", finish(self.texts)),
            ("kind", finish(self.groups)),
            ("fact", finish(self.facts)),
            ("fact_name", finish(self.names)),
            ("quote", finish(self.quotes)),
            ("article", finish(self.articles)),
            ("document", finish(self.documents)),
            ("document_number", finish(self.numbers)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use arrow_schema::DataType;

    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(day_number(date(1970, 1, 2)), Some(1));
        assert_eq!(day_number(date(2026, 7, 1)), Some(20_635));
        assert_eq!(ItemTable::default().columns().len(), 20);
        let kinds = &ItemTable::default().columns()[6].1;
        assert!(matches!(kinds.data_type(), DataType::List(_)));
    }
}
