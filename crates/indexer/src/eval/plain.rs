//! Baseline: tantivy with jieba's words in one field, BM25, with default settings.

use std::collections::BTreeSet;
use std::sync::Arc;

use jieba_rs::Jieba;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{Index, IndexReader, TantivyDocument, Term};

use super::read::Article;
use crate::error::IndexError;

/// In-memory index of articles.
pub(crate) struct Plain {
    jieba: Arc<Jieba>,
    reader: IndexReader,
    text: Field,
}

impl Plain {
    pub(crate) fn build(articles: &[Article]) -> Result<Self, IndexError> {
        let jieba = Arc::new(Jieba::new());
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::WithFreqs);
        let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
        let place = schema.add_u64_field("place", FAST);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 128 << 20)?;
        for (number, article) in articles.iter().enumerate() {
            let whole = format!("{}\n{}", article.name, article.content);
            let mut document = TantivyDocument::new();
            document.add_u64(place, number as u64);
            document.add_pre_tokenized_text(text, tokens(&jieba, whole));
            writer.add_document(document)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        Ok(Self { jieba, reader: index.reader()?, text })
    }

    /// Positions of the best articles, best first.
    pub(crate) fn search(&self, query: &str, limit: usize) -> Result<Vec<usize>, IndexError> {
        let words: BTreeSet<String> =
            tokens(&self.jieba, query.to_owned()).tokens.into_iter().map(|token| token.text).collect();
        let terms = words.iter().map(|word| {
            let term = Term::from_field_text(self.text, word);
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)) as Box<dyn Query>)
        });
        let query = BooleanQuery::new(terms.collect());
        let searcher = self.reader.searcher();
        let found = searcher.search(&query, &TopDocs::with_limit(limit.max(1)).order_by_score())?;
        let columns: Result<Vec<_>, _> =
            searcher.segment_readers().iter().map(|segment| segment.fast_fields().u64("place")).collect();
        let columns = columns?;
        let place = |segment: u32, document: u32| {
            let place = columns.get(segment as usize)?.first(document)?;
            usize::try_from(place).ok()
        };
        Ok(found.iter().filter_map(|(_, at)| place(at.segment_ord, at.doc_id)).collect())
    }
}

fn tokens(jieba: &Jieba, text: String) -> PreTokenizedString {
    let mut tokens = Vec::new();
    let mut at = 0;
    for token in jieba.cut(&text, false) {
        let from = at;
        at += token.word.len();
        if token.word.chars().any(char::is_alphanumeric) {
            tokens.push(Token {
                offset_from: from,
                offset_to: at,
                position: tokens.len(),
                text: token.word.to_lowercase(),
                position_length: 1,
            });
        }
    }
    PreTokenizedString { text, tokens }
}
