//! The peer: one field of name and content, cut by jieba with its own dictionary, in plain tantivy.

use std::sync::Arc;

use jieba_rs::Jieba;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{Index, IndexReader, TantivyDocument, Term};

use super::input::Article;
use crate::error::IndexError;

/// An index in memory.
pub(super) struct Plain {
    jieba: Arc<Jieba>,
    text: Field,
    reader: IndexReader,
    ids: Vec<String>,
}

impl Plain {
    pub(super) fn build(articles: &[Article]) -> Result<Self, IndexError> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::WithFreqs);
        let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
        let place = schema.add_u64_field("place", FAST);
        let index = Index::create_in_ram(schema.build());
        let jieba = Arc::new(Jieba::new());
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 256 << 20)?;
        for (number, article) in (0_u64..).zip(articles) {
            let mut document = TantivyDocument::new();
            let whole = format!("{}，{}", article.name, article.content);
            let words = cut(&jieba, &whole);
            document.add_pre_tokenized_text(text, listed(words, whole.clone()));
            document.add_u64(place, number);
            writer.add_document(document)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        let ids = articles.iter().map(|article| article.id.clone()).collect();
        Ok(Self { jieba, text, reader: index.reader()?, ids })
    }

    /// The best so many, by BM25 over any of the words.
    pub(super) fn search(&self, query: &str, limit: usize) -> Result<Vec<String>, IndexError> {
        let mut words = cut(&self.jieba, query);
        words.sort_unstable();
        words.dedup();
        let term = |word: &String| -> (Occur, Box<dyn Query>) {
            let term = Term::from_field_text(self.text, word);
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)))
        };
        let query = BooleanQuery::new(words.iter().map(term).collect());
        let searcher = self.reader.searcher();
        let best = searcher.search(&query, &TopDocs::with_limit(limit).order_by_score())?;
        let mut found = Vec::with_capacity(best.len());
        for (_, address) in best {
            let fast = searcher.segment_reader(address.segment_ord).fast_fields().u64("place")?;
            let place = fast.first(address.doc_id).and_then(|place| usize::try_from(place).ok());
            found.extend(place.and_then(|place| self.ids.get(place)).cloned());
        }
        Ok(found)
    }
}

fn cut(jieba: &Jieba, text: &str) -> Vec<String> {
    let words = jieba.cut(text, false).into_iter().map(|token| token.word);
    words.filter(|word| word.chars().any(char::is_alphanumeric)).map(str::to_lowercase).collect()
}

fn listed(words: Vec<String>, text: String) -> PreTokenizedString {
    let token = |(position, text)| Token { position, text, ..Token::default() };
    PreTokenizedString { text, tokens: words.into_iter().enumerate().map(token).collect() }
}
