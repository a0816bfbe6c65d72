//! Fields of the index. One tantivy document per entry (`part` 0) and one per clause (`part` n+1).

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};

use crate::analyze::{PAIRS, WORDS};

/// Version of the schema; incremented when older indexes can no longer be read.
pub(crate) const SCHEMA_VERSION: u32 = 7;

/// The fields by name.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    /// Key of the entry.
    pub(crate) entry: Field,
    /// 0 for the entry, n+1 for its clause n.
    pub(crate) part: Field,
    pub(crate) title: Field,
    /// Tags and issuer, or a clause's heading, separate from the title so that they do not add to its length.
    pub(crate) tags: Field,
    pub(crate) text: Field,
    /// Character pairs of title and text: matches words that were cut differently, and single characters.
    pub(crate) pairs: Field,
    /// Keys of the 文号 that the text mentions.
    pub(crate) mentions: Field,
    /// Names of documents that the text cites.
    pub(crate) cites: Field,
    /// Characters of title and text in order, packed, for the second phase of a question.
    pub(crate) letters: Field,
    /// Clean text of an entry, for snippets.
    pub(crate) stored: Field,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        let with = |tokenizer: &str| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions);
            TextOptions::default().set_indexing_options(indexing)
        };
        let entry = builder.add_u64_field("entry", FAST | INDEXED);
        let part = builder.add_u64_field("part", FAST | INDEXED);
        let title = builder.add_text_field("title", with(WORDS));
        let tags = builder.add_text_field("tags", with(WORDS));
        let text = builder.add_text_field("text", with(WORDS));
        let pairs = builder.add_text_field("pairs", with(PAIRS));
        let mentions = builder.add_text_field("mentions", STRING);
        let cites = builder.add_text_field("cites", STRING);
        let letters = builder.add_u64_field("letters", FAST);
        let stored = builder.add_text_field("stored", STORED);
        Self {
            schema: builder.build(),
            entry,
            part,
            title,
            tags,
            text,
            pairs,
            mentions,
            cites,
            letters,
            stored,
        }
    }
}
